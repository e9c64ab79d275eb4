package message

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// timelineTab draws what a capture went through and everything that followed from it on one time axis.
type timelineTab struct {
	plainTab
	w     *frame.Window
	fall  *WaterfallPane
	links *fyne.Container
	shown core.CaptureID
	tick  func()
}

func NewTimelineTab(w *frame.Window) Tab {
	t := &timelineTab{w: w, links: control.Wrap(8)}
	t.title = "Timeline"
	t.fall = NewWaterfallPane(t.pressed)
	t.root = control.NewScroll(control.Pad(control.Sides(14, 20, 20, 20), control.Col(12, t.links, t.fall.View())))
	return t
}

func (t *timelineTab) Set(c *core.Capture) {
	if c != nil && t.shown != c.ID {
		t.shown = c.ID
		t.put(c, nil, nil)
	}
}

// Load reads the work and the deliveries that the capture started.
func (t *timelineTab) Load(ctx context.Context, c *core.Capture) func() {
	work, err := t.w.Engine.Store.WorkOfCapture(ctx, c.ID)
	if err != nil {
		return func() { t.w.Fail(err) }
	}
	// A forward is made with its capture, so it stands first. Replays come whenever the user wants; they have a tab.
	deliveries := slices.DeleteFunc(ReadSent(ctx, t.w.Engine.Store, c.Deliveries[:min(len(c.Deliveries), 2)]), func(s Sent) bool { return !isForward(s) })
	for _, item := range work {
		deliveries = append(deliveries, ReadSent(ctx, t.w.Engine.Store, item.Deliveries)...)
	}
	return func() {
		if t.shown == c.ID {
			t.put(c, work, deliveries)
		}
	}
}

func (t *timelineTab) put(c *core.Capture, work []core.WorkItem, deliveries []Sent) {
	now := time.Now()
	var later []Moment
	var links []fyne.CanvasObject
	open := false
	for i := range work {
		item := &work[i]
		links = append(links, control.NewButton(item.ID+"  "+item.State, "workflow", control.Secondary, func() { t.w.Go.OpenWork(item.ID) }))
		for _, m := range WorkMoments(item, now) {
			m.Name = "work: " + m.Name
			later = append(later, m)
		}
		open = open || !item.Final
	}
	for _, s := range deliveries {
		links = append(links, control.NewButton(fmt.Sprintf("Delivery #%d to %s, %s", s.ID, HostOfURL(s.Target.URL), s.State), "send", control.Secondary,
			func() { t.w.Go.OpenDelivery(s.ID) }))
		later = append(later, DeliveryMoments(s, now)...)
	}
	t.links.Objects = links
	t.links.Hidden = len(links) == 0
	t.links.Refresh()
	t.fall.Set(append(captureMoments(c, deliveries), InOrder(later)...))
	t.goOn(open)
}

// goOn looks again soon while something is under way.
func (t *timelineTab) goOn(open bool) {
	if t.tick != nil {
		t.tick()
		t.tick = nil
	}
	if open {
		t.tick = t.w.Pump.After(500*time.Millisecond, t.w.Pump.Again)
	}
}

func (t *timelineTab) pressed(m Moment) {
	switch m.Leads {
	case "work":
		t.w.Go.OpenWork(m.work)
	case "delivery":
		t.w.Go.OpenDelivery(m.Delivery)
	}
}
