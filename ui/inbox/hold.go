package inbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// pinned reports whether the capture that a lot is judged by is pinned.
func (p *Page) pinned(l lot) bool {
	id := p.Chosen
	if l.one != 0 {
		id = l.one
	}
	if r, ok := p.shown.rows[id]; ok {
		return r.Pinned
	}
	return p.detail.capture != nil && p.detail.capture.ID == id && p.detail.capture.Pinned
}

func pinLabel(p *Page, l lot) string {
	name := "Pin"
	if p.pinned(l) {
		name = "Unpin"
	}
	return said(name, name+" %s captures")(p, l)
}

// pin keeps captures from being trimmed and deleted, or lets them go.
func (p *Page) pin(l lot, _ fyne.Position) {
	on := !p.pinned(l)
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		n, err := p.w.Engine.History.Pin(ctx, l.query, on)
		return func() {
			if p.w.Fail(err); err == nil && l.n > 1 {
				done := map[bool]string{true: " pinned", false: " let go"}[on]
				p.w.Layers.Toast(control.Toast{Text: view.Plural(int(n), "capture", "captures") + done, Tone: control.Green})
			}
			p.w.Pump.Again()
		}
	})
}

func noteLabel(p *Page, l lot) string {
	if r := p.shown.rows[l.one]; r.Note != "" {
		return "Edit the note…"
	}
	return "Add a note…"
}

// askNote takes the user's words on a capture. Enter keeps them.
func (p *Page) askNote(c *core.Capture) {
	w := p.w
	var popup *control.Popup
	field := control.NewField("", "What you want to remember of it", nil)
	field.SetQuiet(c.Note)
	field.SetCursor(len([]rune(c.Note)))
	keep := func() {
		text := field.Text()
		w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
			_, err := w.Engine.History.Note(ctx, c.ID, text)
			return func() {
				if err != nil {
					field.SetProblem(part.Sentence(err))
					return
				}
				w.Layers.Close(popup)
				w.Pump.Again()
			}
		})
	}
	field.OnChange = func(string) { field.SetProblem("") }
	field.OnSubmit = func(string) { keep() }
	cancel := control.NewButton("Cancel", "", control.Secondary, func() { w.Layers.Close(popup) })
	popup = w.Layers.Dialog(fmt.Sprintf("Note on capture %d", c.ID), 520, field, cancel, control.NewButton("Keep", "check", control.Primary, keep))
	field.Focus()
}

// removal is a deletion that can still be taken back: its captures are out of the list, and not yet out of the history.
type removal struct {
	query    store.Query
	ids      store.IDs
	sentence int
	first    core.CaptureID // the newest of them
	stop     func()         // of its time
	told     func()         // takes away what was said of it
}

// undoFor is how long a deletion can be taken back.
const undoFor = 10 * time.Second

// remove deletes captures. Those that are pinned stay.
func (p *Page) remove(l lot) {
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		pinned, err := p.w.Engine.Store.Find(ctx, l.query.And(store.Pinned()), 0)
		return func() {
			if err != nil {
				p.w.Fail(err)
				return
			}
			p.hide(l, pinned)
		}
	})
}

// hide takes captures out of the list, and has them deleted once nobody has taken it back in time.
func (p *Page) hide(l lot, pinned store.IDs) {
	n, kept := l.n-pinned.Len(), ""
	if pinned.Len() > 0 {
		kept = view.Plural(pinned.Len(), "pinned one stays", "pinned ones stay")
	}
	if n <= 0 {
		p.w.Layers.Toast(control.Toast{Text: "Nothing is deleted: " + kept + "; p lets go of what is pinned", Tone: control.Amber})
		return
	}
	ids := store.NewIDs(l.one)
	if l.n > 1 {
		ids = l.of.ids.In(l.ranges...).Without(pinned)
	}
	spared := pinned.From(0, pinned.Len())
	r := &removal{query: l.query.Within(without(l.ranges, spared)...), ids: ids, first: ids.Newest()}
	r.sentence = p.w.Engine.History.Condemn(r.query)
	p.removed = append(p.removed, r)
	p.hideFrom()
	if l.of == p.shown {
		p.dropped(ids)
	} else {
		p.reread() // the filter changed meanwhile
	}
	r.stop = p.w.Pump.After(undoFor, func() { p.carry(r) })
	text := view.Plural(n, "capture", "captures") + " deleted"
	if kept != "" {
		text += "; " + kept
	}
	r.told = p.w.Layers.Toast(control.Toast{Text: text, Icon: "trash-2", Action: "Undo", Do: func() { p.spare(r) }, For: undoFor})
}

// hideFrom tells the pump what the list does not show although it is there.
func (p *Page) hideFrom() {
	var hidden []store.IDs
	for _, r := range p.removed {
		hidden = append(hidden, r.ids)
	}
	p.sight.mu.Lock()
	p.sight.hidden = hidden
	p.sight.mu.Unlock()
}

// dropped takes captures out of the list. What was shown gives way to what stands at its place then.
func (p *Page) dropped(ids store.IDs) {
	row, gone, at := p.list.Selected(), ids.Has(p.Chosen), p.place()
	stays, next := p.shown.ids.Without(ids), p.shown.id(row)
	if gone && row >= 0 { // the next one that stays, or else the last before
		next = stays.At(stays.Below(next) - 1)
	}
	p.shown.ids = stays
	p.stay(at)
	p.note.Set(p.summary())
	if !gone {
		p.picked.one(p.Chosen)
		p.showPicked()
		return
	}
	if next == 0 && row >= 0 {
		next = p.shown.id(p.shown.len() - 1)
	}
	if row := p.shown.index(next); row >= 0 && next != 0 {
		p.list.Select(row)
		p.choose(next)
		return
	}
	p.forget()
}

// forget shows no capture any more.
func (p *Page) forget() {
	p.Chosen = 0
	p.picked.one(0)
	p.list.Unselect()
	p.detail.clear()
	p.showPicked()
}

// carry does what was not taken back.
func (p *Page) carry(r *removal) {
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		_, err := p.w.Engine.History.Carry(ctx, r.sentence)
		return func() {
			p.release(r)
			if p.w.Fail(err); err != nil {
				p.reread()
			}
		}
	})
}

func (p *Page) release(r *removal) {
	p.removed = slices.DeleteFunc(p.removed, func(have *removal) bool { return have == r })
	p.hideFrom()
}

// spare takes a deletion back.
func (p *Page) spare(r *removal) {
	r.stop()
	r.told()
	if !p.w.Engine.History.Spare(r.sentence) {
		p.w.Layers.Toast(control.Toast{Text: "It is too late: they are deleted", Tone: control.Amber})
		return
	}
	p.release(r)
	p.reread()
	p.choose(r.first)
}

// Undo takes the last deletion back.
func (p *Page) Undo() {
	if n := len(p.removed); n > 0 {
		p.spare(p.removed[n-1])
		return
	}
	p.w.Layers.Toast(control.Toast{Text: "There is nothing to undo"})
}

// gone takes a capture off the page that somebody else deleted.
func (p *Page) gone(id core.CaptureID) {
	if p.Chosen == id {
		p.forget()
	}
}

// noteLine shows the user's words on a capture above its tabs; a press on it edits them.
type noteLine struct {
	text *control.Text
	root *control.Box
}

func newNoteLine(edit func()) *noteLine {
	l := &noteLine{text: control.NewText("", control.Body.At(12.5)).Ellipsis()}
	press := control.NewPress(control.Surface{Fill: control.SurfaceRaised, Radius: 7, Pad: control.XY(10, 6)}, control.RowFill(8, control.NewIcon("message-square", control.Amber, 14), control.Grow(l.text)), edit)
	press.Tip = "Edit the note (n)"
	l.root = control.Pad(control.Sides(0, 18, 12, 22), press)
	l.root.Hide()
	return l
}

// set shows a note, and says whether the line came or went.
func (l *noteLine) set(note string) (changed bool) {
	changed = l.root.Visible() != (note != "")
	l.text.Set(note)
	part.Show(l.root, note != "")
	return changed
}
