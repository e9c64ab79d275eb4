package deliveries

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// endpoints is the section of the receivers: their list, and the settings of one.
type endpoints struct {
	page *Page
	w    *frame.Window
	list *control.List
	add  *control.Button
	side *control.Box
	form *endpointForm
	none fyne.CanvasObject
	root fyne.CanvasObject

	rows   []core.Endpoint
	chosen core.EndpointID
}

func newEndpoints(p *Page) *endpoints {
	e := &endpoints{page: p, w: p.w}
	e.add = control.NewButton("Add", "plus", control.Secondary, e.create)
	e.list = control.NewList(endpointHeight, func() int { return len(e.rows) }, func() fyne.CanvasObject { return newEndpointRow(e.flip) }, func(row int, o fyne.CanvasObject) {
		o.(*endpointRow).set(&e.rows[row], time.Now())
	})
	e.list.Gap = 4
	e.list.OnSelect = func(row int) { e.leave(func() { e.choose(e.rows[row].ID) }) }
	e.list.OnRune = e.key
	e.list.OnMenu = e.menu
	e.list.Empty = control.Pad(control.XY(24, 40), control.Col(14, control.Centre(control.NewIcon("webhook", control.Faint, 32)),
		control.NewParagraph("No endpoints yet. An endpoint is a receiver that events are sent to by themselves, with its own secret and retries.", control.Body.In(control.Muted)).Centred(),
		control.Centre(control.NewButton("Add an endpoint", "plus", control.Primary, e.create))))
	e.form = newEndpointForm(e)
	e.none = control.EmptyState("webhook", "Select an endpoint", "Its settings stand here: where to, how it is signed, when it is tried again.")
	e.side = control.NewBox(control.Surface{Fill: control.SurfaceDetail}, e.none)
	e.root = control.Pad(control.XY(6, 0), e.list)
	return e
}

func (e *endpoints) view() fyne.CanvasObject { return e.root }

func (e *endpoints) key(r rune) bool {
	if r == 'n' {
		e.create()
		return true
	}
	return false
}

func (e *endpoints) load(ctx context.Context) func() {
	rows, err := e.w.Engine.Store.Endpoints(ctx)
	return func() {
		if err != nil {
			e.w.Fail(err)
			return
		}
		e.rows = rows
		e.list.Unselect()
		e.list.Refresh()
		for i := range rows {
			if rows[i].ID == e.chosen {
				e.list.Select(i)
				e.form.refresh(&rows[i])
			}
		}
	}
}

// choose shows the settings of an endpoint; 0 shows none.
func (e *endpoints) choose(id core.EndpointID) {
	e.chosen = id
	e.list.Unselect()
	e.side.SetChild(e.none)
	if id == 0 {
		return
	}
	for i := range e.rows {
		if e.rows[i].ID == id {
			e.list.Select(i)
		}
	}
	e.w.Pump.Task(e.w.Ctx, func(ctx context.Context) func() {
		ep, err := e.w.Engine.Store.Endpoint(ctx, id)
		return func() {
			if err != nil {
				e.w.Fail(err)
				return
			}
			if e.chosen == id {
				e.form.set(ep)
				e.side.SetChild(e.form.root)
			}
		}
	})
}

// create begins a new endpoint.
func (e *endpoints) create() {
	e.leave(func() {
		e.chosen = 0
		e.list.Unselect()
		e.form.set(core.Endpoint{Active: true})
		e.side.SetChild(e.form.root)
		e.form.form.Focus("name")
	})
}

// leave asks before changes that were not saved are given up.
func (e *endpoints) leave(then func()) {
	if !e.form.dirty {
		then()
		return
	}
	e.w.Layers.Ask(control.Question{Title: "Give up your changes?", Text: "The settings of " + cmp.Or(e.form.form.Values.Text("name"), "the new endpoint") + " were changed and not saved.",
		Yes: "Give up changes", Danger: true, Do: func() { e.form.dirty = false; then() }})
}

func (e *endpoints) do(verb func(ctx context.Context) error) {
	e.w.Pump.Task(e.w.Ctx, func(ctx context.Context) func() {
		err := verb(ctx)
		return func() { e.w.Fail(err) }
	})
}

func (e *endpoints) flip(id core.EndpointID, on bool) {
	e.do(func(ctx context.Context) error { return e.w.Engine.Endpoints.Switch(ctx, id, on) })
}

func (e *endpoints) menu(row int, at fyne.Position) {
	ep := e.rows[row]
	pause := control.MenuItem{Label: "Pause", Icon: "pause", Do: func() { e.pause(ep, true) }}
	if ep.Paused {
		pause = control.MenuItem{Label: "Resume", Icon: "play", Do: func() { e.pause(ep, false) }}
	}
	e.w.Layers.Menu(at,
		control.MenuItem{Label: "Send a test event…", Icon: "send", Do: func() { e.test(ep) }},
		control.MenuItem{Label: "Its deliveries", Icon: "funnel", Do: func() { e.deliveries(ep.ID) }},
		pause,
		control.MenuItem{Label: "Delete", Icon: "trash-2", Tone: control.Red, Divider: true, Do: func() { e.askDelete(ep) }})
}

func (e *endpoints) pause(ep core.Endpoint, on bool) {
	e.do(func(ctx context.Context) error { return e.w.Engine.Endpoints.Pause(ctx, ep.ID, on) })
}

func (e *endpoints) deliveries(id core.EndpointID) {
	e.page.turn(showDeliveries)
	e.page.Outbox.narrow(store.DeliveryFilter{Endpoint: id})
}

func (e *endpoints) askDelete(ep core.Endpoint) {
	e.w.Layers.Ask(control.Question{Title: "Delete " + ep.Name + "?", Text: "What waits for it is cancelled and its secret is forgotten. Its past deliveries stay.", Yes: "Delete endpoint", Danger: true,
		Do: func() {
			e.form.dirty = false
			if e.chosen == ep.ID {
				e.choose(0)
			}
			e.do(func(ctx context.Context) error { return e.w.Engine.Endpoints.Delete(ctx, ep.ID) })
		}})
}

// test asks what to send an endpoint, and sends it.
func (e *endpoints) test(ep core.Endpoint) {
	var popup *control.Popup
	event := control.NewField("Event", "agent.message", nil)
	event.SetQuiet(cmp.Or(ep.Trigger, "test.event"))
	data := control.NewTextArea("Data", "Empty: an example", 8, nil).AsCode().WithHelp("JSON. Left empty, an example is sent.")
	send := control.NewButton("Send", "send", control.Primary, nil)
	send.OnTap = func() {
		send.SetDisabled(true)
		e.w.Pump.Task(e.w.Ctx, func(ctx context.Context) func() {
			id, err := e.w.Engine.Outbox.EmitTo(ctx, ep.ID, event.Text(), []byte(data.Text()))
			return func() {
				send.SetDisabled(false)
				if err != nil {
					var invalid *core.Invalid
					errors.As(err, &invalid)
					if (part.Fields{"event": event, "data": data}).Show(invalid) == nil {
						e.w.Fail(err)
					}
					return
				}
				e.w.Layers.Close(popup)
				e.w.Layers.Toast(control.Toast{Text: fmt.Sprintf("%s is on its way to %s", event.Text(), ep.Name), Tone: control.Green, Action: "Show", Do: func() { e.page.OpenDelivery(id) }})
			}
		})
	}
	cancel := control.NewButton("Cancel", "", control.Secondary, func() { e.w.Layers.Close(popup) })
	popup = e.w.Layers.Dialog("Send a test event to "+ep.Name, 520, control.Col(12, event, data), cancel, send)
	event.Focus()
}

func sortedEndpoints(m map[core.EndpointID]core.Endpoint) []core.Endpoint {
	return slices.SortedFunc(maps.Values(m), func(a, b core.Endpoint) int { return cmp.Compare(a.ID, b.ID) })
}
