package deliveries

import (
	"errors"
	"fmt"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/message"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// deliveryDetail shows one delivery whole: where it stands, its schedule with what happened over it, and one attempt
// with both sides of the wire.
type deliveryDetail struct {
	o *outbox
	w *frame.Window

	state   *control.Badge
	title   *control.Text
	url     *control.Text
	meta    *control.Text
	links   *fyne.Container
	resend  *control.Button
	cancel  *control.Button
	reason  *control.Box
	plan    *control.Text
	next    *control.Text
	ladder  *control.Ladder
	steps   *control.Scroll // around the ladder
	attempt *message.AttemptPanel
	split   *control.Split
	content fyne.CanvasObject
	root    *control.Box

	whole  *wholeDelivery
	rungs  []view.Rung
	picked int // attempt that the user chose; 0: the last one
	marked int // attempt to compare with
}

func newDeliveryDetail(o *outbox) *deliveryDetail {
	d := &deliveryDetail{o: o, w: o.w,
		state: control.NewBadge("", control.Green), title: control.NewText("", control.Heading.At(16)).Ellipsis(),
		url: control.NewText("", control.Code.In(control.Muted)).EllipsisMiddle(), meta: control.NewText("", control.Small).Ellipsis(), links: control.Row(2),
		plan: control.NewText("", control.Small).Ellipsis(), next: control.NewText("", control.SmallBold.In(control.Accent)),
		ladder: control.NewLadder(), attempt: message.NewAttemptPanel(o.w), reason: control.NewBox(control.Surface{Pad: control.Sides(0, 18, 10, 22)}, nil),
	}
	d.resend = control.NewButton("Resend now", "rotate-cw", control.Primary, func() { d.withDelivery(o.resend) })
	d.cancel = control.NewButton("Cancel", "ban", control.Secondary, func() { d.withDelivery(o.cancel) })
	d.attempt.Others.OnTap = func() { d.w.Layers.MenuUnder(d.attempt.Others, d.comparable()...) }
	edit := control.NewButton("Edit and send", "pencil", control.Secondary, d.edit)
	d.ladder.OnSelect = d.pick
	d.steps = control.NewScroll(control.Pad(control.Sides(0, 16, 6, 14), d.ladder))
	fold := part.FoldAll(part.Labelled{B: d.cancel, Label: "Cancel", Icon: "ban"}, part.Labelled{B: edit, Label: "Edit and send", Icon: "pencil"}, part.Labelled{B: d.resend, Label: "Resend now", Icon: "rotate-cw"})
	head := part.HeadLine(fold, control.RowFill(10, part.Leads(d.state, "Show the last attempt", func() { d.picked = 0; d.showAttempt() }), control.Grow(d.title), control.Row(6, d.cancel, edit, d.resend)))
	line := control.RowFill(8, control.Grow(d.url), control.NewTool("copy", "Copy the URL", func() {
		d.withDelivery(func(v *core.Delivery) { d.w.Copy("URL", v.Target.URL) })
	}))
	below := control.RowFill(6, control.Grow(d.meta), d.links)
	schedule := control.Col(6, control.Pad(control.Sides(10, 18, 0, 22), control.RowFill(8, control.NewText("SCHEDULE", control.Caption), control.Grow(d.plan), d.next)),
		control.Grow(d.steps))
	d.split = control.NewSplit(schedule, d.attempt.View(), 178, 84, 180).Down()
	d.content = control.Col(0, control.Pad(control.Sides(16, 18, 4, 22), head), control.Pad(control.Sides(0, 18, 0, 22), line),
		control.Pad(control.Sides(0, 18, 8, 22), below), d.reason, control.Hair(), control.Grow(d.split))
	d.root = control.NewBox(control.Surface{}, control.Gap(0, 0))
	return d
}

func (d *deliveryDetail) view() fyne.CanvasObject { return d.root }

// delivery is what is shown, nil before it was read.
func (d *deliveryDetail) delivery() *core.Delivery {
	if d.whole == nil {
		return nil
	}
	return &d.whole.delivery
}

func (d *deliveryDetail) withDelivery(do func(*core.Delivery)) {
	if v := d.delivery(); v != nil {
		do(v)
	}
}

// clear forgets what was shown, when another delivery is chosen.
func (d *deliveryDetail) clear() {
	d.whole, d.picked, d.marked = nil, 0, 0
}

// put shows a delivery as it was read.
func (d *deliveryDetail) put(v *wholeDelivery) {
	d.whole = v
	d.header(&v.delivery)
	d.showReason(&v.delivery)
	part.Show(d.attempt.Others, len(v.attempts) > 1)
	d.rungs = view.Schedule(&v.delivery, v.attempts, d.w.Engine.Outbox.Pace())
	d.plan.Set(planText(&v.delivery))
	d.count(time.Now())
	d.root.SetChild(d.content)
	d.content.Refresh()
	d.showAttempt()
}

func (d *deliveryDetail) header(v *core.Delivery) {
	icon, tone := part.StateLook(v.State, v.Attempts)
	d.state.SetAll(part.StateWords(v.State), icon, tone)
	title := v.Event.Type
	if title == "" {
		title = v.Target.Method + " " + part.PathOf(v.Target.URL)
	}
	d.title.Set(title)
	d.url.Set(v.Target.URL)
	meta := fmt.Sprintf("Delivery %d  ·  made %s", v.ID, v.Created.Local().Format("2 Jan 2006, 15:04:05.000"))
	if v.Event.ID != "" {
		meta += "  ·  event " + v.Event.ID
	}
	meta += "  ·  " + signingWords(v)
	d.meta.Set(meta)
	d.cancel.SetDisabled(v.State.Final())
	d.resend.SetDisabled(v.State == core.Sending)
	d.showLinks(v)
}

// signingWords says how each attempt is signed.
func signingWords(v *core.Delivery) string {
	switch {
	case v.Target.Raw:
		return "the very bytes"
	case v.Target.Scheme == "" && v.ReplayOf != 0:
		return "as captured"
	case v.Target.Scheme == "":
		return "unsigned"
	case v.Target.Wrong != "":
		return "wrong on purpose: " + v.Target.Wrong
	}
	return "signed " + v.Target.Scheme
}

// showLinks are the ways to where the delivery comes from and belongs.
func (d *deliveryDetail) showLinks(v *core.Delivery) {
	d.links.Objects = nil
	link := func(label, icon, tip string, tap func()) {
		b := control.NewButton(label, icon, control.Ghost, tap)
		b.Tip = tip
		d.links.Add(b)
	}
	if v.ReplayOf != 0 {
		link(fmt.Sprintf("Capture %d", v.ReplayOf), "inbox", "Open the capture that this replays", func() { d.w.Go.OpenCapture(v.ReplayOf) })
	}
	if v.Work != "" {
		link("Work "+v.Work, "workflow", "Open the work item that sends this", func() { d.w.Go.OpenWork(v.Work) })
	}
	if v.Endpoint != 0 {
		name := d.o.names[v.Endpoint].Name
		if name == "" {
			name = "Endpoint"
		}
		link(name, "webhook", "Open the endpoint", func() { d.o.page.openEndpoint(v.Endpoint) })
	}
	if v.Batch != "" {
		link("Batch", batchIcon(v.Batch), "Show all deliveries of its batch", func() { d.o.narrow(store.DeliveryFilter{Batch: v.Batch}); d.o.choose(0) })
	}
	d.links.Refresh()
}

func (d *deliveryDetail) showReason(v *core.Delivery) {
	if v.Reason == "" || v.State == core.Delivered {
		d.reason.SetChild(nil)
		d.reason.Hide()
		return
	}
	tone := control.Red
	if v.State == core.Cancelled {
		tone = control.Amber
	}
	d.reason.SetChild(control.Banner(tone, part.Sentence(errors.New(v.Reason+".")), nil))
	d.reason.Show()
}

func planText(v *core.Delivery) string {
	p := v.Target.Policy
	text := view.LadderText(p)
	if p.Name != "" && p.Name != "none" {
		text = p.Name + ": " + text
	}
	return text
}

// counting reports whether the detail counts down.
func (d *deliveryDetail) counting() bool {
	v := d.delivery()
	return v != nil && !v.State.Final()
}

// count brings the ladder and the countdown up to date.
func (d *deliveryDetail) count(now time.Time) {
	v := d.delivery()
	if v == nil {
		return
	}
	held := d.w.Engine.Outbox.Paused() || d.o.names[v.Endpoint].Paused
	switch {
	case v.State == core.Waiting && held:
		d.next.Put("Paused", control.SmallBold.In(control.Amber))
	case v.State == core.Waiting:
		d.next.Put("Next attempt "+view.Until(v.Due, now), control.SmallBold.In(control.Accent))
	case v.State == core.Sending:
		d.next.Put("Sending…", control.SmallBold.In(control.Accent))
	default:
		d.next.Put("", control.SmallBold)
	}
	at, rungs := ladderOf(d.rungs, v, now)
	d.ladder.Set(at, rungs...)
}

// ladderOf draws the schedule: when each attempt was planned, and how it went.
func ladderOf(schedule []view.Rung, v *core.Delivery, now time.Time) (at time.Duration, rungs []control.Rung) {
	if len(schedule) == 0 {
		return -1, nil
	}
	start := schedule[0].Planned
	if a := schedule[0].Attempt; a != nil {
		start = a.Started
	}
	if at = now.Sub(start); v.State.Final() || at < 0 {
		at = -1
	}
	for i := range schedule {
		rungs = append(rungs, rungOf(&schedule[i], start, v, now))
	}
	return at, rungs
}

func rungOf(s *view.Rung, start time.Time, v *core.Delivery, now time.Time) control.Rung {
	r := control.Rung{Label: fmt.Sprintf("Attempt %d", s.Number), When: "by hand", Tone: control.Faint}
	if !s.Planned.IsZero() {
		r.Planned = s.Planned.Sub(start)
		r.When = "+" + view.Duration(r.Planned)
		if r.Planned <= 0 {
			r.When = "at once"
		}
	}
	switch {
	case s.Attempt != nil:
		a := s.Attempt
		r.Done, r.At, r.Took = true, a.Started.Sub(start), a.Took
		if s.Planned.IsZero() {
			r.Planned = r.At
		}
		if s.Sending() {
			r.Took, r.Outcome, r.Tone = max(now.Sub(a.Started), 0), "sending…", control.Accent
			break
		}
		r.Outcome = view.Answer(a) + "  ·  " + view.Duration(a.Took)
		_, r.Tone = part.AttemptLook(a)
	case s.Expected.IsZero():
		r.Outcome = "not needed"
		if v.State != core.Delivered {
			r.Outcome = "not made"
		}
	default:
		if s.Planned.IsZero() {
			r.Planned = max(s.Expected.Sub(start), 0)
		}
		r.Outcome = view.Until(s.Expected, now)
		if s.Number == v.Attempts+1 {
			r.Tone = control.Accent
		}
	}
	return r
}

// pick shows an attempt that the user chose.
func (d *deliveryDetail) pick(i int) {
	d.picked = d.rungs[i].Number
	d.showAttempt()
}

// showAttempt shows the chosen attempt, or the last one while the user chose none.
func (d *deliveryDetail) showAttempt() {
	d.ladder.Select(-1)
	for i := len(d.rungs) - 1; i >= 0; i-- {
		a := d.rungs[i].Attempt
		if a != nil && (d.picked == 0 || d.picked == a.Number) {
			d.ladder.Select(i)
			d.bringToSight(i)
			d.attempt.Put(&d.whole.delivery, a)
			return
		}
	}
	d.attempt.Put(&d.whole.delivery, nil)
}

// bringToSight shows a rung and the one after it, which says what comes next.
func (d *deliveryDetail) bringToSight(i int) {
	top, height := d.ladder.Place(i)
	d.steps.Reveal(top, 2*height)
}

func (d *deliveryDetail) edit() {
	d.withDelivery(func(v *core.Delivery) { edit(d.w, v, d.whole.attempts) })
}

func (d *deliveryDetail) copyCurl() {
	d.withDelivery(func(v *core.Delivery) {
		d.w.Copy("cURL command", exchange.Curl(asCapture(v, d.whole.attempts).Request))
	})
}

// comparable are the attempts that the one which is shown can be compared with, the last one first.
func (d *deliveryDetail) comparable() []control.MenuItem {
	var items []control.MenuItem
	for i := len(d.whole.attempts) - 1; i >= 0; i-- {
		other := &d.whole.attempts[i]
		if a := d.attempt.Attempt; a != nil && other.Number != a.Number {
			items = append(items, control.MenuItem{Label: fmt.Sprintf("Compare with attempt %d", other.Number), Hint: view.Answer(other),
				Do: func() { message.Compare(d.w, message.AttemptSide(other), message.AttemptSide(a)) }})
		}
	}
	return items
}

// compare marks the attempt that is shown, and with a second one shows the two side by side.
func (d *deliveryDetail) compare() {
	a := d.attempt.Attempt
	switch {
	case a == nil:
		return
	case d.marked == 0 || d.marked == a.Number:
		d.marked = a.Number
		d.w.Layers.Toast(control.Toast{Text: fmt.Sprintf("Attempt %d is marked; choose another and press d to compare the two", a.Number)})
	default:
		for i := range d.whole.attempts {
			if d.whole.attempts[i].Number == d.marked {
				message.Compare(d.w, message.AttemptSide(&d.whole.attempts[i]), message.AttemptSide(a))
			}
		}
		d.marked = 0
	}
}
