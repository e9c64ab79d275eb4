package ui

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/public"
)

// How wide the rail is: whole, and as icons.
const (
	railWidth = 208
	slimWidth = 56
)

// rail is the left edge: the pages, and at its foot where Hookglass is reached.
type rail struct {
	w       *frame.Window
	pages   []frame.Page
	entries []*railEntry
	tunnel  *public.Card
	filters *railFilters
	spaces  *railSpaces
	values  *railEnvironment
	narrow  bool // the window has no room for more than icons
	slim    bool // it is icons now

	name   *control.Text
	fold   *control.Button
	head   *control.Box
	foot   *control.Box
	reach  *control.Button // opens the tunnel's card where there are icons alone
	saved  *control.Box    // the filters that are kept, where there is room for words
	column fyne.CanvasObject
	root   *control.Box
}

type railEntry struct {
	press *control.Press
	icon  *control.Icon
	label *control.Text
	count *control.Count
	name  string
	n     int64
}

func newRail(w *frame.Window, pages []frame.Page) *rail {
	r := &rail{w: w, pages: pages, tunnel: public.NewCard(w), filters: newRailFilters(w), spaces: newRailSpaces(w), values: newRailEnvironment(w), saved: control.NewBox(control.Surface{}, nil), name: control.NewText("Hookglass", control.Title), head: control.NewBox(control.Surface{}, nil), foot: control.NewBox(control.Surface{}, nil)}
	r.fold = control.NewTool("panel-left", "Icons alone (Ctrl+B)", func() { w.SetFold(!w.State.Fold) })
	r.reach = control.NewTool("globe", "Where Hookglass is reached", r.openCard)
	var list []fyne.CanvasObject
	last := len(pages) - 1
	for i, p := range pages {
		e := &railEntry{icon: control.NewIcon(p.Icon(), control.Muted, 16), label: control.NewText(p.Name(), control.BodyBold.In(control.Muted)),
			count: control.NewCount("", false), name: p.Icon()}
		e.count.Hide()
		row := control.RowFill(10, e.icon, control.Grow(e.label), e.count)
		e.press = control.NewPress(control.Surface{Radius: 8, Pad: control.XY(11, 9)}, row, func() { w.Open(p.Name()) })
		e.press.Tip = fmt.Sprintf("Ctrl+%d", i+1)
		r.entries = append(r.entries, e)
		list = append(list, e.press)
		if p.Name() == "Settings" { // it stands last, and keeps the number that it always had
			last = i
		}
	}
	list = append(slices.Delete(list, last, last+1), r.entries[last].press)
	r.values.changed = r.lay
	r.column = control.Col(0, r.head, control.Pad(control.XY(8, 0), control.Col(2, list...)), r.saved, control.Spacer(), r.foot)
	r.root = control.NewBox(control.Surface{Fill: control.SurfaceRail}, nil)
	r.lay()
	return r
}

// setNarrow says whether the window has room for icons alone.
func (r *rail) setNarrow(narrow bool) {
	r.narrow = narrow
	r.lay()
}

// lay shows the rail whole or as icons: as the user wants it and the window has room.
func (r *rail) lay() {
	r.show(r.narrow || r.w.State.Fold)
}

func (r *rail) show(slim bool) {
	r.slim = slim
	logo := control.NewBox(control.Surface{Fill: control.Accent, Radius: 8, Pad: control.All(6)}, control.NewIcon("webhook", control.OnAccent, 16))
	width := float32(railWidth)
	if slim {
		width = slimWidth
		r.fold.Tip = "Names too (Ctrl+B)"
		r.saved.SetChild(nil)
		top := []fyne.CanvasObject{control.Centre(logo)}
		if !r.narrow {
			top = append(top, control.Centre(r.fold))
		}
		r.head.SetChild(control.Pad(control.Sides(14, 0, 8, 0), control.Col(6, top...)))
		r.foot.SetChild(control.Pad(control.Sides(0, 0, 10, 0), control.Col(6, control.Centre(r.values.slim), control.Centre(r.reach))))
	} else {
		r.fold.Tip = "Icons alone (Ctrl+B)"
		r.saved.SetChild(control.Pad(control.XY(8, 0), control.Col(0, r.values.body, r.spaces.body, r.filters.body)))
		r.head.SetChild(control.Pad(control.Sides(16, 8, 18, 14), control.Row(10, logo, control.Grow(r.name), r.fold)))
		r.foot.SetChild(control.Pad(control.Sides(0, 10, 10, 10), r.tunnel.View()))
	}
	for i, e := range r.entries {
		e.label.Hidden = slim
		r.tell(i)
	}
	r.root.SetChild(control.Fixed(width, r.column))
}

// openCard shows the tunnel's card, for which icons leave no room.
func (r *rail) openCard() {
	card := control.NewBox(control.Surface{Fill: control.SurfacePopup, Border: control.FieldLine, Radius: 10, Pad: control.All(4), Shadow: true}, r.tunnel.View())
	r.w.Layers.Open(&control.Popup{Anchor: r.reach, Content: card, Width: railWidth + 20})
}

func (r *rail) view() fyne.CanvasObject { return r.root }

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
	tunnel, filters, spaces, values := r.tunnel.Load(ctx), r.filters.load(ctx), r.spaces.load(ctx), r.values.load(ctx)
	open, err := r.w.Engine.Store.OpenDeliveries(ctx)
	if err != nil {
		return func() {}
	}
	return func() {
		r.count("Inbox", usage.Captures)
		r.count("Deliveries", open)
		tunnel()
		filters()
		spaces()
		values()
		r.reach.SetTone(r.tunnel.Tone())
	}
}

func (r *rail) count(name string, n int64) {
	for i, p := range r.pages {
		if p.Name() == name {
			r.entries[i].n = n
			r.tell(i)
		}
	}
}

// tell shows the count of an entry, or has its tip say it.
func (r *rail) tell(i int) {
	e, p := r.entries[i], r.pages[i]
	e.press.Tip = fmt.Sprintf("Ctrl+%d", i+1)
	if r.slim {
		e.press.Tip = fmt.Sprintf("%s (Ctrl+%d)", p.Name(), i+1)
	}
	if e.n == 0 || r.slim {
		e.count.Hide()
	} else {
		e.count.Set(part.Short(e.n), r.w.InFront(p))
		e.count.Show()
	}
	if r.slim && e.n > 0 {
		e.press.Tip = fmt.Sprintf("%s: %s (Ctrl+%d)", p.Name(), part.Short(e.n), i+1)
	}
}
