package deliveries

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// do runs a verb of the engine off the UI goroutine and says what failed.
func (o *outbox) do(verb func(ctx context.Context) error) {
	o.w.Pump.Task(o.w.Ctx, func(ctx context.Context) func() {
		err := verb(ctx)
		return func() { o.w.Fail(err) }
	})
}

func (o *outbox) resend(d *core.Delivery) {
	o.do(func(ctx context.Context) error { return o.w.Engine.Outbox.Resend(ctx, d.ID) })
}

func (o *outbox) cancel(d *core.Delivery) {
	if d.State.Final() {
		o.w.Layers.Toast(control.Toast{Text: fmt.Sprintf("Nothing to cancel: it is %s", d.State)})
		return
	}
	o.do(func(ctx context.Context) error { return o.w.Engine.Outbox.Cancel(ctx, d.ID) })
}

func (o *outbox) menu(row int, at fyne.Position) {
	r := o.rows[row].DeliveryRow
	open := !r.State.Final()
	items := []control.MenuItem{
		{Label: "Resend now", Icon: "rotate-cw", Hint: "r", Off: r.State == core.Sending, Do: func() { o.resend(&r.Delivery) }},
		{Label: "Cancel", Icon: "ban", Hint: "x", Off: !open, Do: func() { o.cancel(&r.Delivery) }},
		{Label: "Edit and send", Icon: "pencil", Hint: "e", Do: func() { o.editRow(r.ID) }},
		{Label: "Copy as cURL", Icon: "terminal", Hint: "c", Do: func() { o.curlRow(r.ID) }},
	}
	if r.ReplayOf != 0 {
		items = append(items, control.MenuItem{Label: fmt.Sprintf("Open capture %d", r.ReplayOf), Icon: "inbox", Divider: true, Do: func() { o.w.Go.OpenCapture(r.ReplayOf) }})
	}
	if r.Batch != "" && r.Batch != o.f.Batch {
		items = append(items, control.MenuItem{Label: "Only its batch", Icon: "funnel", Do: func() { o.narrow(store.DeliveryFilter{Batch: r.Batch}) }})
	}
	if r.Endpoint != 0 {
		items = append(items, control.MenuItem{Label: "Only its endpoint", Icon: "funnel", Do: func() { o.narrow(store.DeliveryFilter{Endpoint: r.Endpoint}) }},
			control.MenuItem{Label: "Open its endpoint", Icon: "webhook", Do: func() { o.page.openEndpoint(r.Endpoint) }})
	}
	o.w.Layers.Menu(at, items...)
}

// withWhole reads a delivery and its attempts for something to be done with them.
func (o *outbox) withWhole(id core.DeliveryID, use func(*core.Delivery, []core.Attempt)) {
	o.w.Pump.Task(o.w.Ctx, func(ctx context.Context) func() {
		d, err := o.w.Engine.Store.Delivery(ctx, id)
		var attempts []core.Attempt
		if err == nil {
			attempts, err = o.w.Engine.Store.Attempts(ctx, id)
		}
		return func() {
			if err != nil {
				o.w.Fail(err)
				return
			}
			use(&d, attempts)
		}
	})
}

func (o *outbox) editRow(id core.DeliveryID) {
	o.withWhole(id, func(d *core.Delivery, as []core.Attempt) { edit(o.w, d, as) })
}

func (o *outbox) curlRow(id core.DeliveryID) {
	o.withWhole(id, func(d *core.Delivery, as []core.Attempt) {
		o.w.Copy("cURL command", exchange.Curl(asCapture(d, as).Request))
	})
}

// edit opens what a delivery sends in Compose. Where a secret of an environment goes out with it, its name stands there still.
func edit(w *frame.Window, d *core.Delivery, attempts []core.Attempt) {
	if len(d.Target.Hidden) == 0 {
		w.Go.Compose(asCapture(d, attempts))
		return
	}
	if d.Target.Filled { // as it was written, and not as it went out
		attempts = nil
	}
	w.Go.Recompose(asCapture(d, attempts), d.Target.Filled)
}

// asCapture is what a delivery sends, or sent last, in the form that Compose takes.
func asCapture(d *core.Delivery, attempts []core.Attempt) *core.Capture {
	c := &core.Capture{ID: d.ReplayOf, Event: d.Event, Request: d.Request}
	for i := range attempts {
		if attempts[i].Request.Method != "" {
			c.Request = attempts[i].Request
		}
	}
	c.Request.Target = d.Target.URL // in absolute form: where it goes, whatever it was captured under
	if c.Request.Method == "" {
		c.Request.Method = d.Target.Method
	}
	return c
}

// bulkItems act on everything that matches the filter.
func (o *outbox) bulkItems() []control.MenuItem {
	waiting := o.counts[core.Waiting] + o.counts[core.Sending]
	if o.f.State != "" && o.f.State != core.Waiting && o.f.State != core.Sending {
		waiting = 0
	}
	failed := o.counts[core.Exhausted]
	if o.f.State != "" && o.f.State != core.Exhausted {
		failed = 0
	}
	pause := control.MenuItem{Label: "Pause all deliveries", Icon: "pause", Divider: true, Do: o.page.pause}
	if o.w.Engine.Outbox.Paused() {
		pause.Label, pause.Icon = "Resume all deliveries", "play"
	}
	return []control.MenuItem{
		{Label: "Cancel " + view.Plural(int(waiting), "delivery that waits", "deliveries that wait"), Icon: "ban", Tone: control.Red, Off: waiting == 0, Do: func() { o.askCancel(o.f, waiting) }},
		{Label: "Resend " + view.Plural(int(failed), "delivery that gave up", "deliveries that gave up"), Icon: "rotate-cw", Off: failed == 0, Do: func() { o.askResend(o.f, failed) }},
		pause,
	}
}

func (o *outbox) askCancel(f store.DeliveryFilter, n int64) {
	what := view.Plural(int(n), "delivery", "deliveries")
	o.w.Layers.Ask(control.Question{Title: "Cancel " + what + "?", Text: "What waits is not sent any more, and attempts under way are broken off. What was delivered stays delivered.",
		Yes: "Cancel " + what, Danger: true, Do: func() {
			o.Labour.Start("Cancelling", func(ctx context.Context, p engine.Progress) (string, error) {
				did, err := o.w.Engine.Outbox.CancelAll(ctx, f, p)
				return view.Plural(did, "delivery", "deliveries") + " cancelled", err
			})
		}})
}

func (o *outbox) askResend(f store.DeliveryFilter, n int64) {
	what := view.Plural(int(n), "delivery", "deliveries")
	o.w.Layers.Ask(control.Question{Title: "Resend " + what + "?", Text: "Each gets one more attempt now. Receivers that had got it may see it twice.",
		Yes: "Resend " + what, Do: func() {
			o.Labour.Start("Resending", func(ctx context.Context, p engine.Progress) (string, error) {
				did, err := o.w.Engine.Outbox.ResendAll(ctx, f, p)
				return view.Plural(did, "delivery", "deliveries") + " due now", err
			})
		}})
}
