package engine

import (
	"context"
	"fmt"

	"hookglass/core"
	"hookglass/core/store"
)

// Left says in a line what has not gone out yet, and what becomes of it when the program ends; "" where nothing waits.
func (o *Outbox) Left(ctx context.Context) (string, error) {
	n, err := o.store.OpenDeliveries(ctx)
	if n == 0 || err != nil {
		return "", err
	}
	var first store.DeliveryRow
	for _, state := range []core.DeliveryState{core.Sending, core.Waiting} {
		rows, err := o.store.Deliveries(ctx, store.DeliveryFilter{State: state}, 0, 1)
		if err != nil {
			return "", err
		}
		if len(rows) > 0 {
			first = rows[0]
		}
	}
	return leftText(n, first.Delivery), nil
}

// leftText names one of n deliveries. What strangers called it is shown for what it is, and not at any length.
func leftText(n int64, d core.Delivery) string {
	what := shorten(core.Visible(d.Target.URL), 60)
	if d.Event.Type != "" {
		what = shorten(core.Visible(d.Event.Type), 40) + " to " + what
	}
	if n == 1 {
		return fmt.Sprintf("1 delivery waits (%s): it is kept, and goes out at the next start.", what)
	}
	count := fmt.Sprint(n)
	if n >= store.MostCounted {
		count = "Over " + fmt.Sprint(store.MostCounted-1)
	}
	return fmt.Sprintf("%s deliveries wait (the newest: %s): they are kept, and go out at the next start.", count, what)
}

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
