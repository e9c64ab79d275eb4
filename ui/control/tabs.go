package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// strip is a row of words of which one is chosen: [Tabs] and [Segmented] differ only in how they draw it.
type strip struct {
	widget.BaseWidget
	OnSelect func(i int)

	labels  []string
	counts  []string
	on      int
	hovered int
	focused bool
	right   []float32 // right edge of each word's area
}

// Selected is the chosen word.
func (s *strip) Selected() int { return s.on }

// Select chooses a word without calling back.
func (s *strip) Select(i int) {
	if i >= 0 && i < len(s.labels) && i != s.on {
		s.on = i
		s.Refresh()
	}
}

// SetLabels changes the words; the choice stays where it can.
func (s *strip) SetLabels(labels ...string) {
	s.labels, s.counts = labels, make([]string, len(labels))
	s.on = max(min(s.on, len(labels)-1), 0)
	s.Refresh()
}

// SetCount puts a number behind a word; "" takes it away.
func (s *strip) SetCount(i int, count string) {
	if i < len(s.counts) && s.counts[i] != count {
		s.counts[i] = count
		s.Refresh()
	}
}

func (s *strip) choose(i int) {
	i = max(min(i, len(s.labels)-1), 0)
	if i == s.on {
		return
	}
	s.Select(i)
	if s.OnSelect != nil {
		s.OnSelect(i)
	}
}

func (s *strip) at(x float32) int {
	for i, r := range s.right {
		if x < r {
			return i
		}
	}
	return -1
}

// Tapped is for Fyne, as are the methods below.
func (s *strip) Tapped(e *fyne.PointEvent) {
	if i := s.at(e.Position.X); i >= 0 {
		s.choose(i)
	}
}

func (s *strip) hover(i int) {
	if s.hovered != i {
		s.hovered = i
		s.Refresh()
	}
}

func (s *strip) MouseIn(e *desktop.MouseEvent)    { s.hover(s.at(e.Position.X)) }
func (s *strip) MouseMoved(e *desktop.MouseEvent) { s.hover(s.at(e.Position.X)) }
func (s *strip) MouseOut()                        { s.hover(-1) }
func (s *strip) Cursor() desktop.Cursor           { return desktop.PointerCursor }
func (s *strip) FocusGained()                     { s.focused = true; s.Refresh(); IntoSight(s) }
func (s *strip) FocusLost()                       { s.focused = false; s.Refresh() }
func (s *strip) TypedRune(r rune)                 { askedHelpBy(s, r) }
func (s *strip) TypedKey(e *fyne.KeyEvent) {
	if askedHelp(s, e.Name) {
		return
	}
	if e.Name == fyne.KeyEscape {
		leave(s)
		return
	}
	switch e.Name {
	case fyne.KeyRight:
		s.choose(s.on + 1)
	case fyne.KeyLeft:
		s.choose(s.on - 1)
	case fyne.KeyHome:
		s.choose(0)
	case fyne.KeyEnd:
		s.choose(len(s.labels) - 1)
	case fyne.KeyReturn, fyne.KeyEnter:
		submit(s)
	}
}

// Tabs are underlined words over a page's parts. The owner shows what belongs to the chosen one.
type Tabs struct{ strip }

// NewTabs returns tabs with the first one chosen.
func NewTabs(selected func(i int), labels ...string) *Tabs {
	t := &Tabs{strip{OnSelect: selected, labels: labels, counts: make([]string, len(labels)), hovered: -1}}
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer is for Fyne.
func (t *Tabs) CreateRenderer() fyne.WidgetRenderer {
	f := &tabsFace{t: t, underline: rect(1), base: canvas.NewRectangle(color.Transparent), ring: rect(6)}
	f.face = face{owner: t, paint: f.paint, place: f.place, min: f.min}
	f.paint()
	return f
}

// The room between two words: they draw closer where it is narrow.
const tabGap, leastTabGap = 22, 8

type tabsFace struct {
	face
	t               *Tabs
	words           []*Text
	counts          []*Count
	underline, base *canvas.Rectangle
	ring            *canvas.Rectangle
}

func (f *tabsFace) paint() {
	for len(f.words) < len(f.t.labels) {
		f.words = append(f.words, NewText("", BodyBold))
		f.counts = append(f.counts, NewCount("", false))
	}
	f.base.FillColor, f.underline.FillColor = paint(Line), paint(Accent)
	outline(f.ring, onlyIf(f.t.focused, FocusLine), 1.5)
	f.objects = append(f.objects[:0], f.base, f.underline, f.ring)
	for i, label := range f.t.labels {
		style := BodyBold
		if i != f.t.on && i != f.t.hovered {
			style = style.In(Muted)
		}
		f.words[i].Put(label, style)
		f.counts[i].Set(f.t.counts[i], false)
		f.objects = append(f.objects, f.words[i], f.counts[i])
	}
}

func (f *tabsFace) width(i int) (word, count float32) {
	word = f.words[i].MinSize().Width
	if f.t.counts[i] != "" {
		count = f.counts[i].MinSize().Width + 6
	}
	return word, count
}

func (f *tabsFace) min() fyne.Size {
	return fyne.NewSize(f.all()+leastTabGap*float32(max(len(f.t.labels)-1, 0))+4, 34)
}

// all is the width of the words without the room between them.
func (f *tabsFace) all() (w float32) {
	for i := range f.t.labels {
		word, count := f.width(i)
		w += word + count
	}
	return w
}

func (f *tabsFace) place(size fyne.Size) {
	put(f.base, 0, size.Height-1, size.Width, 1)
	f.t.right = f.t.right[:0]
	x, gap := float32(2), float32(tabGap)
	if n := len(f.t.labels); n > 1 {
		gap = max(min(tabGap, (size.Width-4-f.all())/float32(n-1)), leastTabGap)
	}
	for i := range f.t.labels {
		word, count := f.width(i)
		h := f.words[i].MinSize().Height
		put(f.words[i], x, (size.Height-h)/2-2, word, h)
		c := f.counts[i].MinSize()
		put(f.counts[i], x+word+6, (size.Height-c.Height)/2-2, c.Width, c.Height)
		if i == f.t.on {
			put(f.underline, x-2, size.Height-2, word+count+4, 2)
			put(f.ring, x-min(7, gap/2), 3, word+count+min(14, gap), size.Height-9)
		}
		x += word + count + gap
		f.t.right = append(f.t.right, x-gap/2)
	}
}

// Segmented are words in one field, for two to five ways of seeing the same thing.
type Segmented struct{ strip }

// NewSegmented returns a control with the first word chosen.
func NewSegmented(selected func(i int), labels ...string) *Segmented {
	s := &Segmented{strip{OnSelect: selected, labels: labels, counts: make([]string, len(labels)), hovered: -1}}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer is for Fyne.
func (s *Segmented) CreateRenderer() fyne.WidgetRenderer {
	f := &segmentedFace{s: s, ground: rect(8), chosen: rect(6), ring: rect(8)}
	f.face = face{owner: s, paint: f.paint, place: f.place, min: f.min}
	f.paint()
	return f
}

type segmentedFace struct {
	face
	s                    *Segmented
	ground, chosen, ring *canvas.Rectangle
	words                []*Text
}

func (f *segmentedFace) paint() {
	f.ground.FillColor = paint(SurfaceRaised)
	f.chosen.FillColor, f.chosen.StrokeColor, f.chosen.StrokeWidth = paint(SurfaceDetail), paint(Line), 1
	outline(f.ring, onlyIf(f.s.focused, FocusLine), 1.5)
	for len(f.words) < len(f.s.labels) {
		f.words = append(f.words, NewText("", BodyBold))
	}
	f.objects = append(f.objects[:0], f.ground, f.chosen)
	for i, label := range f.s.labels {
		style := Body.At(12).As(Medium)
		if i != f.s.on && i != f.s.hovered {
			style = style.In(Muted)
		}
		f.words[i].Put(label, style)
		f.objects = append(f.objects, f.words[i])
	}
	f.objects = append(f.objects, f.ring)
}

func (f *segmentedFace) min() fyne.Size {
	w := float32(4)
	for i := range f.s.labels {
		w += f.words[i].MinSize().Width + 22
	}
	return fyne.NewSize(w, 28)
}

func (f *segmentedFace) place(size fyne.Size) {
	put(f.ground, 0, 0, size.Width, size.Height)
	put(f.ring, 0, 0, size.Width, size.Height)
	f.s.right = f.s.right[:0]
	x := float32(2)
	for i := range f.s.labels {
		w := f.words[i].MinSize().Width + 22
		if i == f.s.on {
			put(f.chosen, x, 2, w, size.Height-4)
		}
		centre(f.words[i], x, 0, w, size.Height)
		x += w
		f.s.right = append(f.s.right, x)
	}
}
