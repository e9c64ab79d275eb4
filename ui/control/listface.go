package control

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// listFace draws the rows in sight.
type listFace struct {
	clipped
	l      *List
	over   *canvas.Rectangle // under the pointer
	chosen *canvas.Rectangle // the selected row
	focus  *canvas.Rectangle // the keyboard is here
}

// CreateRenderer is for Fyne.
func (l *List) CreateRenderer() fyne.WidgetRenderer {
	f := &listFace{l: l, over: rect(7), chosen: rect(7), focus: rect(2)}
	f.face = face{owner: l, place: f.place, min: func() fyne.Size { return fyne.NewSize(80, l.RowHeight) }}
	return f
}

func (f *listFace) place(size fyne.Size) {
	l := f.l
	l.offset = math.Min(l.offset, l.most())
	first, last := l.InSight()
	l.reserve(int(math.Ceil(float64(size.Height)/l.pitch())) + 1)
	f.objects = append(f.objects[:0], f.over, f.chosen)
	f.paintStates()

	for row := first; row < last; row++ {
		s := &l.slots[row%len(l.slots)]
		y := float32(float64(row)*l.pitch() - l.offset)
		if s.row != row {
			s.row = row
			l.Bind(row, s.body)
		}
		if l.Marked != nil && l.Marked(row) {
			s.mark.FillColor = tint(Accent, 0x33)
			put(s.mark, 0, y, size.Width, l.RowHeight)
			f.objects = append(f.objects, s.mark)
		}
		put(s.body, 0, y, size.Width, l.RowHeight)
		f.objects = append(f.objects, s.body)
	}
	f.placeState(f.over, l.hovered, first, last, size)
	f.placeState(f.chosen, l.selected, first, last, size)
	f.placeFocus(size, first, last)
	f.placeEmpty(size)

	put(l.bar, size.Width-barWidth, 0, barWidth, size.Height)
	l.bar.set(float64(l.Len())*l.pitch()-float64(l.Gap), float64(size.Height), l.offset)
	f.objects = append(f.objects, l.bar)

	if now := [2]int{first, last}; l.OnScroll != nil && now != l.seen {
		l.seen = now
		l.OnScroll(first, last, l.AtTop())
	}
}

func (l *List) reserve(n int) {
	if n <= len(l.slots) {
		return
	}
	l.forget() // rows change their slots
	for len(l.slots) < n {
		l.slots = append(l.slots, listSlot{row: -1, body: l.Make(), mark: rect(7)})
	}
}

func (f *listFace) paintStates() {
	f.over.FillColor, f.chosen.FillColor = paint(Hovered), paint(Selected)
	f.focus.FillColor = color.Transparent
	if f.l.focused {
		f.focus.FillColor = paint(Accent)
	}
}

func (f *listFace) placeState(r *canvas.Rectangle, row, first, last int, size fyne.Size) {
	if r.Hidden = row < first || row >= last; r.Hidden {
		return
	}
	put(r, 0, float32(float64(row)*f.l.pitch()-f.l.offset), size.Width, f.l.RowHeight)
}

// placeFocus draws the keyboard's bar at the left of the selected row.
func (f *listFace) placeFocus(size fyne.Size, first, last int) {
	row := f.l.selected
	if f.focus.Hidden = row < first || row >= last || !f.l.focused; f.focus.Hidden {
		return
	}
	y := float32(float64(row)*f.l.pitch() - f.l.offset)
	inset := min(f.l.RowHeight/4, 12)
	put(f.focus, 0, y+inset, 2.5, f.l.RowHeight-2*inset)
	f.objects = append(f.objects, f.focus)
}

func (f *listFace) placeEmpty(size fyne.Size) {
	if f.l.Empty == nil || f.l.Len() > 0 {
		return
	}
	put(f.l.Empty, 0, 0, size.Width, size.Height)
	f.objects = append(f.objects, f.l.Empty)
}
