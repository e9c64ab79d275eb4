package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Fact is a name with a value.
type Fact struct {
	Key   string
	Value string
	Copy  string // what the copy button takes; "" means Value
	Tone  Token  // of the value; "" means Ink
	Code  bool   // the value in the font of code
	Plain bool   // no copy button
	Badge bool   // the value as a badge of its tone
}

// Facts are names with values in two columns, for tens of rows. Under the pointer a row offers to be copied.
type Facts struct {
	widget.BaseWidget
	OnCopy   func(Fact)
	OnMenu   func(i int, at fyne.Position)
	KeyWidth float32 // 0: as the longest key needs, up to 220

	rows []*factRow
}

// NewFacts returns rows of facts.
func NewFacts(facts ...Fact) *Facts {
	f := &Facts{}
	f.ExtendBaseWidget(f)
	f.Set(facts...)
	return f
}

// Set shows other facts.
func (f *Facts) Set(facts ...Fact) {
	for len(f.rows) < len(facts) {
		f.rows = append(f.rows, newFactRow(f, len(f.rows)))
	}
	f.rows = f.rows[:len(facts)]
	for i, fact := range facts {
		f.rows[i].show(fact)
	}
	f.Refresh()
}

func (f *Facts) keyWidth() float32 {
	if f.KeyWidth > 0 {
		return f.KeyWidth
	}
	w := float32(60)
	for _, r := range f.rows {
		w = max(w, factKey.measure(r.fact.Key).Width+16)
	}
	return min(w, 220)
}

var factKey = Body.In(Muted).At(12.5)

// CreateRenderer is for Fyne.
func (f *Facts) CreateRenderer() fyne.WidgetRenderer {
	r := &face{owner: f}
	r.paint = func() {
		r.objects = r.objects[:0]
		for _, row := range f.rows {
			r.objects = append(r.objects, row)
		}
	}
	r.place = func(size fyne.Size) {
		y := float32(0)
		for _, row := range f.rows {
			row.Resize(fyne.NewSize(size.Width, row.Size().Height))
			h := row.MinSize().Height
			put(row, 0, y, size.Width, h)
			y += h
		}
	}
	r.min = func() fyne.Size {
		h := float32(0)
		for _, row := range f.rows {
			h += row.MinSize().Height
		}
		return fyne.NewSize(160, h)
	}
	r.paint()
	return r
}

type factRow struct {
	widget.BaseWidget
	of      *Facts
	index   int
	fact    Fact
	key     *Text
	value   *Paragraph
	badge   *Badge
	copy    *Button
	hovered bool
}

func newFactRow(of *Facts, index int) *factRow {
	r := &factRow{of: of, index: index, key: NewText("", factKey).Ellipsis(), value: NewParagraph("", Body), badge: NewBadge("", Muted)}
	r.copy = NewTool("copy", "Copy", r.take)
	r.ExtendBaseWidget(r)
	return r
}

func (r *factRow) show(f Fact) {
	if r.fact == f && f != (Fact{}) {
		return
	}
	r.fact = f
	r.key.Set(f.Key)
	style := Body.At(12.5)
	if f.Code {
		style = Code.At(12)
	}
	if f.Tone != "" {
		style = style.In(f.Tone)
	}
	r.value.Put(f.Value, style)
	r.badge.Set(f.Value, f.Tone)
	r.value.Hidden, r.badge.Hidden = f.Badge, !f.Badge
	r.Refresh()
}

func (r *factRow) take() {
	s := r.fact.Copy
	if s == "" {
		s = r.fact.Value
	}
	fyne.CurrentApp().Clipboard().SetContent(s)
	if r.of.OnCopy != nil {
		r.of.OnCopy(r.fact)
	}
}

func (r *factRow) CreateRenderer() fyne.WidgetRenderer {
	over := rect(6)
	return draw(face{
		owner: r, objects: []fyne.CanvasObject{over, r.key, r.value, r.badge, r.copy},
		paint: func() {
			over.FillColor = paint(onlyIf(r.hovered, Hovered))
			r.copy.Hidden = !r.hovered || r.fact.Plain
		},
		place: func(size fyne.Size) {
			w := r.of.keyWidth()
			put(over, -6, 0, size.Width+12, size.Height)
			put(r.key, 0, 5, w-12, r.key.MinSize().Height)
			put(r.value, w, 5, size.Width-w-32, size.Height-10)
			b := r.badge.MinSize()
			put(r.badge, w, 3, min(b.Width, size.Width-w), b.Height)
			put(r.copy, size.Width-28, -1, 28, 28)
		},
		min: func() fyne.Size {
			r.value.Resize(fyne.NewSize(max(r.Size().Width-r.of.keyWidth()-32, 40), r.value.Size().Height))
			h := r.key.MinSize().Height
			if !r.fact.Badge {
				h = max(h, r.value.MinSize().Height)
			}
			return fyne.NewSize(120, max(h+10, 26))
		},
	})
}

func (r *factRow) MouseIn(*desktop.MouseEvent)    { r.hovered = true; r.Refresh() }
func (r *factRow) MouseMoved(*desktop.MouseEvent) {}
func (r *factRow) MouseOut()                      { r.hovered = false; r.Refresh() }

func (r *factRow) TappedSecondary(e *fyne.PointEvent) {
	if r.of.OnMenu != nil {
		r.of.OnMenu(r.index, e.AbsolutePosition)
	}
}
