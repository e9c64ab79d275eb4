package inbox

import (
	"context"
	"fmt"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/message"
	"hookglass/ui/part"
)

// replaysTab lists the deliveries of a capture: its replays, and where it was forwarded to.
type replaysTab struct {
	w       *frame.Window
	list    *control.List
	rows    []part.ShownDelivery
	capture *core.Capture
	head    *control.Text
	full    fyne.CanvasObject
	none    fyne.CanvasObject
	root    *control.Box
}

func newReplaysTab(w *frame.Window) message.Tab {
	t := &replaysTab{w: w, head: control.NewText("", control.Small).Ellipsis()}
	t.list = control.NewList(52, func() int { return len(t.rows) }, func() fyne.CanvasObject { return part.NewDeliveryRow() }, func(row int, o fyne.CanvasObject) {
		o.(*part.DeliveryRow).Set(&t.rows[row], w.Engine.Outbox.Paused(), time.Now())
	})
	t.list.Gap = 4
	t.list.OnTap = func(row int) { w.Go.OpenDelivery(t.rows[row].ID) }
	t.list.OnOpen = t.list.OnTap
	again := func() fyne.CanvasObject {
		return control.NewButton("Replay", "rotate-cw", control.Primary, func() {
			if t.capture != nil {
				w.Go.Replay([]core.CaptureID{t.capture.ID}, false)
			}
		})
	}
	t.full = control.Col(0, control.Pad(control.Sides(12, 18, 6, 22), control.RowFill(8, control.Grow(t.head), again())), control.Grow(control.Pad(control.Sides(0, 10, 8, 12), t.list)))
	t.none = control.EmptyState("rotate-cw", "Not sent again yet", "Replay sends this request to a handler of yours: the very bytes, as captured, or signed anew with a fresh timestamp.", control.Centre(again()))
	t.root = control.NewBox(control.Surface{}, t.none)
	return t
}

func (t *replaysTab) Label() string           { return "Replays" }
func (t *replaysTab) View() fyne.CanvasObject { return t.root }

func (t *replaysTab) Set(c *core.Capture) {
	t.capture = c
	t.rows = nil
	t.root.SetChild(t.none)
}

// mostReplays bounds the list; the Deliveries page has them all.
const mostReplays = 500

func (t *replaysTab) Load(ctx context.Context, c *core.Capture) func() {
	if c == nil {
		return nil
	}
	rows, err := t.w.Engine.Store.Deliveries(ctx, store.DeliveryFilter{ReplayOf: c.ID}, 0, mostReplays)
	var names map[core.EndpointID]core.Endpoint
	var planned map[core.DeliveryID]int
	if err == nil {
		names, err = part.EndpointsByID(ctx, t.w.Engine.Store)
	}
	if err == nil {
		planned, err = t.w.Engine.Store.Planned(ctx, idsOf(rows))
	}
	if err != nil {
		return func() { t.w.Fail(err) }
	}
	shown := make([]part.ShownDelivery, len(rows))
	for i := range rows {
		shown[i] = part.ShownDelivery{DeliveryRow: rows[i], Planned: planned[rows[i].ID], Endpoint: names[rows[i].Endpoint].Name}
	}
	return func() {
		if t.capture == nil || t.capture.ID != c.ID {
			return
		}
		t.rows = shown
		t.head.Set(fmt.Sprintf("Sent again %d times, newest first", len(shown)))
		if len(shown) == 1 {
			t.head.Set("Sent again once")
		}
		if len(shown) == 0 {
			t.root.SetChild(t.none)
			return
		}
		t.root.SetChild(t.full)
		t.list.Refresh()
	}
}

func idsOf(rows []store.DeliveryRow) []core.DeliveryID {
	out := make([]core.DeliveryID, len(rows))
	for i := range rows {
		out[i] = rows[i].ID
	}
	return out
}
