// Package deliveries is the page of what is owed to others, with its attempts, and of the endpoints that it goes to.
package deliveries

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// Page shows what is owed to others: the deliveries with their attempts, and the endpoints that they go to.
type Page struct {
	frame.Plain
	w         *frame.Window
	sections  *control.Segmented
	head      *fyne.Container
	stage     *control.Box // the list
	side      *control.Box // what is chosen in it
	Outbox    *outbox
	endpoints *endpoints
	split     *control.Split
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

func New(w *frame.Window) *Page {
	p := &Page{w: w, Plain: frame.Plain{Title: "Deliveries", Symbol: "send"}}
	p.sections = control.NewSegmented(p.turn, "Deliveries", "Endpoints")
	p.pausing = control.NewTool("pause", "Pause all deliveries", p.pause)
	p.stage, p.side = control.NewBox(control.Surface{}, nil), control.NewBox(control.Surface{Fill: control.SurfaceDetail}, nil)
	p.banner = control.NewBox(control.Surface{Pad: control.Sides(0, 12, 8, 12)}, control.Banner(control.Amber, "Everything is paused: what waits stays until you resume.",
		control.NewButton("Resume", "play", control.Secondary, p.pause)))
	p.banner.Hide()
	p.Outbox, p.endpoints = newOutbox(p), newEndpoints(p)
	p.head = control.Row(4)
	top := control.Pad(control.Sides(14, 12, 10, 12), p.head)
	left := control.NewBox(control.Surface{Fill: control.SurfacePanel}, control.Col(0, top, p.banner, control.Grow(p.stage)))
	p.split = control.NewSplit(left, p.side, 400, 300, 360).Named("List", "Details").Leads(p.Outbox.list, p.endpoints.list)
	p.Root = p.split
	p.turn(showDeliveries)
	return p
}

// turn shows a section.
func (p *Page) turn(i int) {
	p.on = i
	p.sections.Select(i)
	objects := []fyne.CanvasObject{p.sections, control.Spacer(), p.pausing}
	if i == showDeliveries {
		p.head.Objects = append(objects, p.Outbox.bulk)
		p.stage.SetChild(p.Outbox.view())
		p.side.SetChild(p.Outbox.side)
	} else {
		p.head.Objects = append(objects, p.endpoints.add)
		p.stage.SetChild(p.endpoints.view())
		p.side.SetChild(p.endpoints.side)
	}
	p.head.Refresh()
	p.w.Pump.Again()
}

func (p *Page) Load(ctx context.Context) func() {
	deliveries, receivers := p.Outbox.load(ctx), p.endpoints.load(ctx)
	return func() {
		deliveries()
		receivers()
		p.showPause()
		p.tick()
	}
}

// tick lets the countdowns run while the page is shown and something waits.
func (p *Page) tick() {
	if p.stopTick != nil || !p.w.InFront(p) || !p.Outbox.counting() {
		return
	}
	p.stopTick = p.w.Pump.After(500*time.Millisecond, func() {
		p.stopTick = nil
		p.Outbox.count(time.Now())
		p.tick()
	})
}

func (p *Page) showPause() {
	if p.w.Engine.Outbox.Paused() {
		p.pausing.Set("", "play")
		p.pausing.Tip = "Resume all deliveries"
		p.banner.Show()
	} else {
		p.pausing.Set("", "pause")
		p.pausing.Tip = "Pause all deliveries"
		p.banner.Hide()
	}
}

func (p *Page) pause() {
	if p.w.Engine.Outbox.Paused() {
		p.w.Engine.Outbox.ResumeAll()
	} else {
		p.w.Engine.Outbox.PauseAll()
	}
	p.showPause()
	p.Outbox.list.Refresh()
}

// Verbs are what can be done from any page.
func (p *Page) Verbs() []control.Command {
	pausing := control.Command{Label: "Pause all deliveries", Hint: "Deliveries", Icon: "pause", Words: "stop hold sending", Do: p.pause}
	if p.w.Engine.Outbox.Paused() {
		pausing = control.Command{Label: "Resume all deliveries", Hint: "Deliveries", Icon: "play", Words: "go on sending", Do: p.pause}
	}
	return []control.Command{pausing,
		{Label: "New endpoint", Hint: "Deliveries", Icon: "plus", Words: "add create subscribe", Do: func() { p.w.Open(p.Title); p.turn(showEndpoints); p.split.Turn(true); p.endpoints.create() }}}
}

// Focus gets the keyboard when the page opens.
func (p *Page) Focus() fyne.Focusable {
	if p.on == showEndpoints {
		return p.split.Keys(p.endpoints.list)
	}
	return p.split.Keys(p.Outbox.list)
}

func (p *Page) Key(r rune) bool {
	if p.on == showDeliveries {
		return p.Outbox.key(r)
	}
	return p.endpoints.key(r)
}

// Save is Ctrl+S.
func (p *Page) Save() {
	if p.on == showEndpoints && p.endpoints.form.dirty {
		p.endpoints.form.store()
	}
}

func (p *Page) Find() {
	p.split.Turn(false)
	p.turn(showDeliveries)
	p.Outbox.filter.Focus()
}

// OpenDelivery shows a delivery.
func (p *Page) OpenDelivery(id core.DeliveryID) {
	p.w.Open(p.Title)
	p.turn(showDeliveries)
	p.split.Turn(true)
	p.Outbox.narrow(store.DeliveryFilter{})
	p.Outbox.choose(id)
}

// OpenBatch shows the deliveries of a batch and how far it has come.
func (p *Page) OpenBatch(batch string) {
	p.w.Open(p.Title)
	p.turn(showDeliveries)
	p.Outbox.narrow(store.DeliveryFilter{Batch: batch})
}

// openEndpoint shows an endpoint's settings.
func (p *Page) openEndpoint(id core.EndpointID) {
	p.w.Open(p.Title)
	p.turn(showEndpoints)
	p.split.Turn(true)
	p.endpoints.choose(id)
}
