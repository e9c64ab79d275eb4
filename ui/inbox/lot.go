package inbox

import (
	"context"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// lot is what a verb works on: one capture, or those that are chosen together, or all that the list shows. It holds no numbers
// but those of its ranges, and so does not grow with them.
type lot struct {
	query  store.Query
	n      int
	one    core.CaptureID // where it is a single one
	ranges []store.IDRange
	of     *captures // the list that it is of; nil: none
}

func (l lot) String() string { return view.Plural(l.n, "capture", "captures") }

// chosenLot is what the user means: what is picked, else the capture that is shown.
func (p *Page) chosenLot() lot {
	if n := p.shown.count(p.picked.ranges); n > 1 {
		return lot{query: p.listed().Within(p.picked.ranges...), n: n, ranges: p.picked.ranges, of: p.shown}
	}
	if p.Chosen == 0 {
		return lot{}
	}
	r := store.IDRange{From: p.Chosen, To: p.Chosen}
	return lot{query: engine.One(p.Chosen), n: 1, one: p.Chosen, ranges: []store.IDRange{r}, of: p.shown}
}

// allLot is all that the list shows now: what arrives later is not of it.
func (p *Page) allLot() lot {
	n := p.shown.len()
	if n == 0 {
		return lot{}
	}
	r := store.IDRange{From: p.shown.id(n - 1), To: p.shown.id(0)}
	return lot{query: p.listed().Within(r), n: n, ranges: []store.IDRange{r}, of: p.shown}
}

// listed is the query of what the list shows.
func (p *Page) listed() store.Query {
	q := p.shown.query
	for _, r := range p.removed {
		q = q.Without(r.query)
	}
	return q
}

// mark is what the user does to choose several captures.
func (p *Page) mark(row int, how control.Marking) {
	id := p.shown.id(row)
	switch how {
	case control.MarkOne:
		p.picked.one(id)
	case control.MarkAll:
		if p.shown.len() == 0 {
			return
		}
		p.picked.all(p.shown.id(p.shown.len()-1), p.shown.id(0))
	case control.MarkTo:
		p.picked.stretch(id)
		p.goTo(row, id)
	case control.MarkToo:
		if p.picked.toggle(id) {
			p.goTo(row, id)
		}
	}
	p.showPicked()
}

// goTo shows a capture and leaves what is picked as it is.
func (p *Page) goTo(row int, id core.CaptureID) {
	p.list.Select(row)
	p.look(id)
}

// several reports whether more than one capture is picked.
func (p *Page) several() bool { return p.shown.count(p.picked.ranges) > 1 }

// unpick leaves the capture that is shown alone picked.
func (p *Page) unpick() {
	p.picked.one(p.Chosen)
	p.showPicked()
	p.list.Refresh()
}

// withCapture does something with a capture of the list, which may have to be read first.
func (p *Page) withCapture(id core.CaptureID, do func(*core.Capture)) {
	if c := p.detail.capture; c != nil && c.ID == id {
		do(c)
		return
	}
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		c, err := p.w.Engine.Store.Capture(ctx, id)
		return func() {
			if err != nil {
				p.w.Fail(err)
				return
			}
			do(&c)
		}
	})
}
