package inbox

import (
	"math"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// place is where the list stands, said by what stands there, so that it can be found again among other rows.
type place struct {
	id    core.CaptureID // the first row in sight
	below float64        // pixels from its upper edge
	top   bool
}

func (p *Page) place() place {
	pitch := float64(p.list.RowHeight + p.list.Gap)
	row := int(p.list.Offset() / pitch)
	return place{p.shown.id(row), p.list.Offset() - float64(row)*pitch, p.list.AtTop()}
}

// stay puts the list back to a place after its rows were replaced. The selected row goes with its capture.
func (p *Page) stay(at place) {
	offset, selected := 0.0, -1
	if !at.top {
		offset = float64(p.shown.newer(at.id))*float64(p.list.RowHeight+p.list.Gap) + at.below
	}
	if p.list.Selected() >= 0 {
		selected = p.shown.index(p.Chosen)
	}
	p.list.Replaced(selected, offset)
}

// newer is how many captures of the list have a higher number: the row where one stands, or would.
func (c *captures) newer(id core.CaptureID) int { return c.ids.Len() - c.ids.Below(id+1) }

// reread asks for all that the list shows, at the place where it stands.
func (p *Page) reread() { p.w.Pump.Again() }

// nearby tells the pump which rows are in sight, to be read anew where something in them changed.
func (p *Page) nearby() {
	first, last := p.list.InSight()
	ids := make([]core.CaptureID, 0, last-first)
	for row := first; row < last; row++ {
		ids = append(ids, p.shown.id(row))
	}
	p.sight.mu.Lock()
	p.sight.near = ids
	p.sight.mu.Unlock()
}

// anew puts a list in the place of what is shown, and says how many are new above it.
func (p *Page) anew(ids store.IDs) (added int) {
	old := p.shown.ids
	last := old.Newest()
	added = ids.CountIn(store.IDRange{From: last + 1, To: math.MaxInt64})
	if old.Len()+added == ids.Len() && old.Without(ids).Len() == 0 {
		p.shown.ids = ids
		if added > 0 {
			p.list.Inserted(0, added)
		}
		return added
	}
	at := p.place()
	p.shown.ids = ids
	p.stay(at)
	p.showPicked()
	return added
}

// pickedBar says how many captures are picked, and what can be done with them.
type pickedBar struct {
	p     *Page
	count *control.Text
	tools []*control.Button
	of    []verb
	row   *control.Box
	foot  *control.Box // the row in the middle below the list
}

func newPickedBar(p *Page) *pickedBar {
	b := &pickedBar{p: p, count: control.NewText("", control.BodyBold.At(12.5))}
	line := control.Row(2, b.count, control.Gap(10, 0))
	for _, v := range verbs() {
		if v.bar {
			t := control.NewTool(v.icon, "", func() { p.perform(v) })
			b.tools, b.of = append(b.tools, t), append(b.of, v)
			line.Add(t)
		}
	}
	line.Add(control.NewTool("x", "Select one alone (Esc)", p.unpick))
	b.row = control.NewBox(control.Surface{Fill: control.SurfacePopup, Border: control.FieldLine, Radius: 10, Pad: control.Sides(5, 6, 5, 14), Shadow: true}, line)
	b.foot = control.Pad(control.Sides(6, 10, 10, 10), control.Row(0, control.Spacer(), b.row, control.Spacer()))
	b.foot.Hide()
	return b
}

// showPicked brings the bar up to date.
func (p *Page) showPicked() {
	b, l := p.bar, p.chosenLot()
	if shown := b.foot.Visible(); shown != (l.n > 1) {
		part.Show(b.foot, !shown)
		p.column.Refresh() // the list makes room, or takes it
	}
	if l.n > 1 {
		b.count.Set(view.Count(int64(l.n)) + " selected")
		for i, v := range b.of {
			b.tools[i].SetDisabled(!v.fits(l))
			b.tools[i].Tip = v.label(p, l) + "  " + v.keyHint()
		}
	}
	b.foot.Refresh()
}
