package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Split shows two panes with a line between them that can be dragged. One pane keeps its width in pixels; the
// other takes what is left when the window grows.
type Split struct {
	widget.BaseWidget
	OnMove func(px float32) // a drag ended: to remember the width

	first, second fyne.CanvasObject
	px            float32
	least, rest   float32 // smallest size of the kept and of the other pane
	down          bool
	keepSecond    bool
	grip          *grip

	turns *Segmented // says which pane is in front where there is room for one; nil: both are always shown
	alone bool       // there is
	on    int        // the pane in front
}

// NewSplit keeps the left pane px wide, never less than least; the right one keeps rest pixels at the least.
func NewSplit(left, right fyne.CanvasObject, px, least, rest float32) *Split {
	s := &Split{first: left, second: right, px: px, least: least, rest: rest}
	s.grip = newGrip(s)
	s.ExtendBaseWidget(s)
	return s
}

// KeepSecond lets the px stand for the right pane instead.
func (s *Split) KeepSecond() *Split { s.keepSecond = true; return s }

// Down puts the panes over each other.
func (s *Split) Down() *Split { s.down = true; return s }

// Named lets the panes take turns where there is no room for both; the words stand on the switch above them.
func (s *Split) Named(first, second string) *Split {
	s.turns = NewSegmented(func(i int) { s.Turn(i == 1) }, first, second)
	return s
}

// Leads lets a click on a row of a list in the first pane, or Enter there, bring the second one to the front.
func (s *Split) Leads(lists ...*List) *Split {
	for _, l := range lists {
		tap := s.after(l.OnTap)
		l.OnTap = func(row int) {
			if l.pressAt >= 0 || !s.alone { // a click that marks rows is no choice of one
				tap(row)
			}
		}
		l.OnOpen = s.after(l.OnOpen)
	}
	return s
}

func (s *Split) after(do func(row int)) func(row int) {
	return func(row int) {
		if do != nil {
			do(row)
		}
		s.Turn(true)
	}
}

// Turn brings a pane to the front where they take turns.
func (s *Split) Turn(second bool) {
	s.on = 0
	if second {
		s.on = 1
	}
	if s.turns != nil {
		s.turns.Select(s.on)
		s.Refresh()
	}
}

// Alone reports which pane is shown without the other.
func (s *Split) Alone() (first, second bool) { return s.alone && s.on == 0, s.alone && s.on == 1 }

// Keys is what takes the keys when a page opens, so that j, k and the arrows move at once: its list, unless that is out of sight.
func (s *Split) Keys(list *List) fyne.Focusable {
	if _, second := s.Alone(); second {
		return nil
	}
	return list
}

// Back goes from the second pane to the first, and reports whether that made a difference.
func (s *Split) Back() bool {
	if _, second := s.Alone(); !second {
		return false
	}
	s.Turn(false)
	return true
}

// Px is the present width of the kept pane.
func (s *Split) Px() float32 { return s.px }

// SetPx changes the width.
func (s *Split) SetPx(px float32) {
	s.px = px
	s.Refresh()
}

// CreateRenderer is for Fyne.
func (s *Split) CreateRenderer() fyne.WidgetRenderer {
	f := &splitFace{s: s, line: Hair()}
	if s.turns != nil {
		f.bar = NewBox(Surface{Fill: SurfacePanel, Pad: XY(12, 6)}, Row(0, s.turns))
	}
	f.face = face{owner: s, place: f.place, min: f.min}
	f.catchUp()
	return f
}

type splitFace struct {
	face
	s    *Split
	line *Box
	bar  *Box // above panes that take turns
}

func (f *splitFace) place(size fyne.Size) {
	s := f.s
	s.alone = s.turns != nil && !s.down && size.Width < s.least+s.rest+1
	if s.alone {
		pane := s.first
		if s.on == 1 {
			pane = s.second
		}
		f.objects = append(f.objects[:0], f.bar, f.line, pane)
		h := f.bar.MinSize().Height
		put(f.bar, 0, 0, size.Width, h)
		put(f.line, 0, h, size.Width, 1)
		put(pane, 0, h+1, size.Width, size.Height-h-1)
		return
	}
	f.objects = append(f.objects[:0], s.first, s.second, f.line, s.grip)
	at := s.at(size)
	if s.down {
		put(s.first, 0, 0, size.Width, at)
		put(f.line, 0, at, size.Width, 1)
		put(s.second, 0, at+1, size.Width, size.Height-at-1)
		put(s.grip, 0, at-3, size.Width, 7)
		return
	}
	put(s.first, 0, 0, at, size.Height)
	put(f.line, at, 0, 1, size.Height)
	put(s.second, at+1, 0, size.Width-at-1, size.Height)
	put(s.grip, at-3, 0, 7, size.Height)
}

func (f *splitFace) min() fyne.Size {
	s := f.s
	a, b := s.first.MinSize(), s.second.MinSize()
	switch {
	case s.down:
		return fyne.NewSize(max(a.Width, b.Width), s.least+s.rest+1)
	case s.turns != nil:
		return fyne.NewSize(max(s.least, s.rest), max(a.Height, b.Height))
	}
	return fyne.NewSize(s.least+s.rest+1, max(a.Height, b.Height))
}

// at is where the line stands.
func (s *Split) at(size fyne.Size) float32 {
	length := size.Width
	if s.down {
		length = size.Height
	}
	kept := s.clamp(s.px, length)
	if s.keepSecond {
		return max(length-kept-1, 0)
	}
	return min(kept, max(length-1, 0))
}

func (s *Split) clamp(px, length float32) float32 {
	return max(min(px, length-s.rest-1), s.least)
}

func (s *Split) drag(by fyne.Delta) {
	d, length := by.DX, s.Size().Width
	if s.down {
		d, length = by.DY, s.Size().Height
	}
	if s.keepSecond {
		d = -d
	}
	s.px = s.clamp(s.clamp(s.px, length)+d, length)
	s.Refresh()
}

// grip is the area around the line that can be dragged.
type grip struct {
	widget.BaseWidget
	s    *Split
	glow *Box
}

func newGrip(s *Split) *grip {
	g := &grip{s: s, glow: NewBox(Surface{}, nil)}
	g.ExtendBaseWidget(g)
	return g
}

func (g *grip) CreateRenderer() fyne.WidgetRenderer {
	return draw(face{
		owner: g, objects: []fyne.CanvasObject{g.glow},
		place: func(size fyne.Size) {
			if g.s.down {
				put(g.glow, 0, 2, size.Width, 3)
			} else {
				put(g.glow, 2, 0, 3, size.Height)
			}
		},
		min: func() fyne.Size { return fyne.Size{} },
	})
}

func (g *grip) Dragged(e *fyne.DragEvent) { g.s.drag(e.Dragged) }
func (g *grip) DragEnd() {
	if g.s.OnMove != nil {
		g.s.OnMove(g.s.px)
	}
}
func (g *grip) MouseIn(*desktop.MouseEvent) {
	g.glow.SetSurface(Surface{Fill: Accent, Alpha: 0x99, Radius: 1.5})
}
func (g *grip) MouseMoved(*desktop.MouseEvent) {}
func (g *grip) MouseOut()                      { g.glow.SetSurface(Surface{}) }
func (g *grip) Cursor() desktop.Cursor {
	if g.s.down {
		return desktop.VResizeCursor
	}
	return desktop.HResizeCursor
}
