package ui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
)

// timelineTab draws what a capture went through and everything that followed from it on one time axis.
type timelineTab struct {
	plainTab
	w     *Window
	fall  *waterfallPane
	links *fyne.Container
	shown core.CaptureID
	tick  func()
}

func newTimelineTab(w *Window) tab {
	t := &timelineTab{w: w, links: control.Wrap(8)}
	t.title = "Timeline"
	t.fall = newWaterfallPane(t.pressed)
	t.root = control.NewScroll(control.Pad(control.Sides(14, 20, 20, 20), control.Col(12, t.links, t.fall.view())))
	return t
}

func (t *timelineTab) set(c *core.Capture) {
	if c != nil && t.shown != c.ID {
		t.shown = c.ID
		t.put(c, nil, nil)
	}
}

// load reads the work and the deliveries that the capture started.
func (t *timelineTab) load(ctx context.Context, c *core.Capture) func() {
	work, err := t.w.e.Store.WorkOfCapture(ctx, c.ID)
	if err != nil {
		return func() { t.w.fail(err) }
	}
	// A forward is made with its capture, so it stands first. Replays come whenever the user wants; they have a tab.
	deliveries := slices.DeleteFunc(readSent(ctx, t.w.e.Store, c.Deliveries[:min(len(c.Deliveries), 2)]), func(s sent) bool { return !isForward(s) })
	for _, item := range work {
		deliveries = append(deliveries, readSent(ctx, t.w.e.Store, item.Deliveries)...)
	}
	return func() {
		if t.shown == c.ID {
			t.put(c, work, deliveries)
		}
	}
}

func (t *timelineTab) put(c *core.Capture, work []core.WorkItem, deliveries []sent) {
	now := time.Now()
	var later []moment
	var links []fyne.CanvasObject
	open := false
	for i := range work {
		item := &work[i]
		links = append(links, control.NewButton(item.ID+"  "+item.State, "workflow", control.Secondary, func() { t.w.to.openWork(item.ID) }))
		for _, m := range workMoments(item, now) {
			m.name = "work: " + m.name
			later = append(later, m)
		}
		open = open || !item.Final
	}
	for _, s := range deliveries {
		links = append(links, control.NewButton(fmt.Sprintf("Delivery #%d to %s, %s", s.ID, hostOfURL(s.Target.URL), s.State), "send", control.Secondary,
			func() { t.w.to.openDelivery(s.ID) }))
		later = append(later, deliveryMoments(s, now)...)
	}
	t.links.Objects = links
	t.links.Hidden = len(links) == 0
	t.links.Refresh()
	t.fall.set(append(captureMoments(c, deliveries), inOrder(later)...))
	t.goOn(open)
}

// goOn looks again soon while something is under way.
func (t *timelineTab) goOn(open bool) {
	if t.tick != nil {
		t.tick()
		t.tick = nil
	}
	if open {
		t.tick = t.w.pump.after(500*time.Millisecond, t.w.pump.again)
	}
}

func (t *timelineTab) pressed(m moment) {
	switch m.leads {
	case "work":
		t.w.to.openWork(m.work)
	case "delivery":
		t.w.to.openDelivery(m.delivery)
	}
}
