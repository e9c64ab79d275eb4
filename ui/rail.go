package ui

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/public"
)

const railWidth = 208

// rail is the left edge: the pages, and at its foot where Hookglass is reached.
type rail struct {
	w       *frame.Window
	pages   []frame.Page
	entries []*railEntry
	tunnel  *public.Card
	filters *railFilters
	content fyne.CanvasObject
}

type railEntry struct {
	press *control.Press
	icon  *control.Icon
	label *control.Text
	count *control.Count
	name  string
}

func newRail(w *frame.Window, pages []frame.Page) *rail {
	r := &rail{w: w, pages: pages, tunnel: public.NewCard(w), filters: newRailFilters(w)}
	var list []fyne.CanvasObject
	for i, p := range pages {
		e := &railEntry{icon: control.NewIcon(p.Icon(), control.Muted, 16), label: control.NewText(p.Name(), control.BodyBold.In(control.Muted)),
			count: control.NewCount("", false), name: p.Icon()}
		e.count.Hide()
		row := control.RowFill(10, e.icon, control.Grow(e.label), e.count)
		e.press = control.NewPress(control.Surface{Radius: 8, Pad: control.XY(11, 9)}, row, func() { w.Open(p.Name()) })
		e.press.Tip = fmt.Sprintf("Ctrl+%d", i+1)
		r.entries = append(r.entries, e)
		list = append(list, e.press)
	}
	logo := control.NewBox(control.Surface{Fill: control.Accent, Radius: 8, Pad: control.All(6)}, control.NewIcon("webhook", control.OnAccent, 16))
	head := control.Pad(control.Sides(16, 12, 18, 14), control.Row(10, logo, control.NewText("Hookglass", control.Title)))
	foot := control.Pad(control.Sides(0, 10, 10, 10), r.tunnel.View())
	column := control.Col(0, head, control.Pad(control.XY(8, 0), control.Col(2, list...)), control.Pad(control.XY(8, 0), r.filters.body), control.Spacer(), foot)
	r.content = control.Fixed(railWidth, control.NewBox(control.Surface{Fill: control.SurfaceRail}, column))
	return r
}

func (r *rail) view() fyne.CanvasObject { return r.content }

// mark marks an entry as the shown page.
func (r *rail) mark(i int) {
	for k, e := range r.entries {
		s := control.Surface{Radius: 8, Pad: control.XY(11, 9)}
		tone, style := control.Muted, control.BodyBold.In(control.Muted)
		if k == i {
			s.Fill = control.Active
			tone, style = control.Accent, control.BodyBold
		}
		e.press.SetSurface(s)
		e.icon.Set(e.name, tone)
		e.label.SetStyle(style)
	}
}

// load counts what the rail shows beside the pages.
func (r *rail) load(ctx context.Context) func() {
	usage, err := r.w.Engine.Store.Usage(ctx)
	if err != nil {
		return func() {}
	}
	tunnel, filters := r.tunnel.Load(ctx), r.filters.load(ctx)
	open, err := r.w.Engine.Store.OpenDeliveries(ctx)
	if err != nil {
		return func() {}
	}
	return func() {
		r.count("Inbox", usage.Captures)
		r.count("Deliveries", open)
		tunnel()
		filters()
	}
}

func (r *rail) count(name string, n int64) {
	for i, p := range r.pages {
		if p.Name() != name {
			continue
		}
		e := r.entries[i]
		if n == 0 {
			e.count.Hide()
			return
		}
		e.count.Set(part.Short(n), r.w.InFront(p))
		e.count.Show()
	}
}
