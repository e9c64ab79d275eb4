package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
)

// deliveriesPage shows what is owed to others: the deliveries with their attempts, and the endpoints that they go to.
type deliveriesPage struct {
	plain
	w         *Window
	sections  *control.Segmented
	head      *fyne.Container
	stage     *control.Box // the list
	side      *control.Box // what is chosen in it
	outbox    *outbox
	endpoints *endpoints
	pausing   *control.Button
	banner    *control.Box
	on        int // section
	stopTick  func()
}

// The sections of the page.
const (
	showDeliveries = iota
	showEndpoints
)

func newDeliveriesPage(w *Window) *deliveriesPage {
	p := &deliveriesPage{w: w, plain: plain{title: "Deliveries", symbol: "send"}}
	p.sections = control.NewSegmented(p.turn, "Deliveries", "Endpoints")
	p.pausing = control.NewTool("pause", "Pause all deliveries", p.pause)
	p.stage, p.side = control.NewBox(control.Surface{}, nil), control.NewBox(control.Surface{Fill: control.SurfaceDetail}, nil)
	p.banner = control.NewBox(control.Surface{Pad: control.Sides(0, 12, 8, 12)}, control.Banner(control.Amber, "Everything is paused: what waits stays until you resume.",
		control.NewButton("Resume", "play", control.Secondary, p.pause)))
	p.banner.Hide()
	p.outbox, p.endpoints = newOutbox(p), newEndpoints(p)
	p.head = control.Row(4)
	top := control.Pad(control.Sides(14, 12, 10, 12), p.head)
	left := control.NewBox(control.Surface{Fill: control.SurfacePanel}, control.Col(0, top, p.banner, control.Grow(p.stage)))
	p.root = control.NewSplit(left, p.side, 400, 300, 360)
	p.turn(showDeliveries)
	return p
}

// turn shows a section.
func (p *deliveriesPage) turn(i int) {
	p.on = i
	p.sections.Select(i)
	objects := []fyne.CanvasObject{p.sections, control.Spacer(), p.pausing}
	if i == showDeliveries {
		p.head.Objects = append(objects, p.outbox.bulk)
		p.stage.SetChild(p.outbox.view())
		p.side.SetChild(p.outbox.side)
	} else {
		p.head.Objects = append(objects, p.endpoints.add)
		p.stage.SetChild(p.endpoints.view())
		p.side.SetChild(p.endpoints.side)
	}
	p.head.Refresh()
	p.w.pump.again()
}

func (p *deliveriesPage) load(ctx context.Context) func() {
	deliveries, receivers := p.outbox.load(ctx), p.endpoints.load(ctx)
	return func() {
		deliveries()
		receivers()
		p.showPause()
		p.tick()
	}
}

// tick lets the countdowns run while the page is shown and something waits.
func (p *deliveriesPage) tick() {
	if p.stopTick != nil || !p.w.inFront(p) || !p.outbox.counting() {
		return
	}
	p.stopTick = p.w.pump.after(500*time.Millisecond, func() {
		p.stopTick = nil
		p.outbox.count(time.Now())
		p.tick()
	})
}

func (p *deliveriesPage) showPause() {
	if p.w.e.Outbox.Paused() {
		p.pausing.Set("", "play")
		p.pausing.Tip = "Resume all deliveries"
		p.banner.Show()
	} else {
		p.pausing.Set("", "pause")
		p.pausing.Tip = "Pause all deliveries"
		p.banner.Hide()
	}
}

func (p *deliveriesPage) pause() {
	if p.w.e.Outbox.Paused() {
		p.w.e.Outbox.ResumeAll()
	} else {
		p.w.e.Outbox.PauseAll()
	}
	p.showPause()
	p.outbox.list.Refresh()
}

func (p *deliveriesPage) key(r rune) bool {
	if p.on == showDeliveries {
		return p.outbox.key(r)
	}
	return p.endpoints.key(r)
}

func (p *deliveriesPage) find() {
	p.turn(showDeliveries)
	p.outbox.filter.Focus()
}

// openDelivery shows a delivery.
func (p *deliveriesPage) openDelivery(id core.DeliveryID) {
	p.w.open(p.title)
	p.turn(showDeliveries)
	p.outbox.narrow(store.DeliveryFilter{})
	p.outbox.choose(id)
}

// openBatch shows the deliveries of a batch and how far it has come.
func (p *deliveriesPage) openBatch(batch string) {
	p.w.open(p.title)
	p.turn(showDeliveries)
	p.outbox.narrow(store.DeliveryFilter{Batch: batch})
}

// openEndpoint shows an endpoint's settings.
func (p *deliveriesPage) openEndpoint(id core.EndpointID) {
	p.w.open(p.title)
	p.turn(showEndpoints)
	p.endpoints.choose(id)
}
