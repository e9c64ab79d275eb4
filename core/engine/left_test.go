package engine

import (
	"strings"
	"testing"
	"time"

	"hookglass/core"
)

func TestWhatIsLeftIsNamed(t *testing.T) {
	e, err := Open(t.Context(), Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	left := func() string {
		line, err := e.Outbox.Left(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	if got := left(); got != "" {
		t.Errorf("nothing waits: %q", got)
	}
	add := func(event string) {
		d := core.Delivery{Target: core.Target{URL: "http://127.0.0.1:1/hook", Policy: core.RetryPolicy{Retries: 1}}, Event: core.Event{Type: event},
			Request: core.Request{Method: "POST"}, Due: time.Now().Add(time.Hour), Created: time.Now()}
		if _, err := e.Store.AddDeliveries(t.Context(), []core.Delivery{d}); err != nil {
			t.Fatal(err)
		}
	}
	add("order.paid")
	if got, want := left(), "1 delivery waits (order.paid to http://127.0.0.1:1/hook): it is kept, and goes out at the next start."; got != want {
		t.Errorf("%q", got)
	}
	add("evil\x1b[31m\n" + strings.Repeat("x", 500))
	got := left()
	if !strings.HasPrefix(got, "2 deliveries wait (the newest: evil") || strings.ContainsAny(got, "\x1b\n") || len([]rune(got)) > 220 {
		t.Errorf("%q", got)
	}
}
