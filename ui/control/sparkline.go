package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Sparkline is a row of small bars over a line of words: how many there were, and which share of each bar went wrong. A bar
// under the pointer says its numbers, and can be pressed.
type Sparkline struct {
	widget.BaseWidget
	From, To string             // where the line begins and ends, in words
	Say      func(i int) string // a bar in words
	OnTap    func(i int)

	all, bad []float64
	hovered  int // -1: none
	focused  bool
}

// NewSparkline returns a line without bars.
func NewSparkline() *Sparkline {
	s := &Sparkline{hovered: -1}
	s.ExtendBaseWidget(s)
	return s
}

// Set shows counts, oldest first: all there were, and how many of them went wrong. bad may be shorter or nil.
func (s *Sparkline) Set(all, bad []float64) {
	s.all, s.bad = all, bad
	s.Refresh()
}

// sparkWords is the height of the line of words.
const sparkWords = 16

// CreateRenderer is for Fyne.
func (s *Sparkline) CreateRenderer() fyne.WidgetRenderer {
	return newDrawing(s, func() fyne.Size { return fyne.NewSize(60, 30+sparkWords) }, s.draw)
}

func (s *Sparkline) draw(p *pool, size fyne.Size) {
	n := len(s.all)
	if n == 0 || size.Width < float32(n) {
		return
	}
	most := 1.0
	for i := range n {
		most = max(most, valueAt(s.all, i))
	}
	pitch, height := size.Width/float32(n), size.Height-sparkWords
	w := max(pitch-2, 1)
	for i := range n {
		x := float32(i) * pitch
		if i == s.hovered {
			p.rect(x-1, 0, pitch, height, paint(Hovered), 1.5)
		}
		all := valueAt(s.all, i)
		bad := min(valueAt(s.bad, i), all)
		if all == 0 {
			p.rect(x, height-1.5, w, 1.5, tint(Faint, 0x40), 0.75)
			continue
		}
		h := max(float32(all/most)*height, 2)
		hBad := h * float32(bad/all)
		if bad > 0 {
			hBad = min(max(hBad, 2), h) // one of thousands is to be seen too
		}
		if hBad < h {
			p.rect(x, height-h, w, h-hBad, tint(Accent, 0x99), 1.5)
		}
		if hBad > 0 {
			p.rect(x, height-hBad, w, hBad, vivid(Red), 1.5)
		}
	}
	s.words(p, size)
	if s.focused {
		outline(p.rect(0, 0, size.Width, size.Height, tint(FocusLine, 0), 4), FocusLine, 1.5)
	}
}

// words stand under the bars: where they begin and end, or what is known of the one under the pointer.
func (s *Sparkline) words(p *pool, size fyne.Size) {
	style := Small.In(Faint).At(10.5)
	y := size.Height - sparkWords + 2
	if s.hovered >= 0 && s.Say != nil {
		p.textFit(s.Say(s.hovered), style.In(Ink), 0, y, size.Width)
		return
	}
	p.textFit(s.From, style, 0, y, size.Width/2)
	p.textRight(s.To, style, size.Width, y)
}

func valueAt(vs []float64, i int) float64 {
	if i < len(vs) {
		return max(vs[i], 0)
	}
	return 0
}

func (s *Sparkline) at(x float32) int {
	n := len(s.all)
	if n == 0 || s.Size().Width <= 0 || x < 0 || x >= s.Size().Width {
		return -1
	}
	return int(x / s.Size().Width * float32(n))
}

func (s *Sparkline) hover(i int) {
	if s.hovered != i {
		s.hovered = i
		s.Refresh()
	}
}

// MouseIn is for Fyne, as are the methods below.
func (s *Sparkline) MouseIn(e *desktop.MouseEvent)    { s.hover(s.at(e.Position.X)) }
func (s *Sparkline) MouseMoved(e *desktop.MouseEvent) { s.hover(s.at(e.Position.X)) }
func (s *Sparkline) MouseOut()                        { s.hover(-1) }
func (s *Sparkline) Cursor() desktop.Cursor           { return desktop.PointerCursor }
func (s *Sparkline) FocusGained() {
	s.focused = true
	s.hover(len(s.all) - 1)
	s.Refresh()
	IntoSight(s)
}
func (s *Sparkline) FocusLost()       { s.focused = false; s.hover(-1); s.Refresh() }
func (s *Sparkline) TypedRune(r rune) { askedHelpBy(s, r) }
func (s *Sparkline) TypedKey(e *fyne.KeyEvent) {
	if askedHelp(s, e.Name) {
		return
	}
	switch {
	case e.Name == fyne.KeyEscape:
		leave(s)
	case e.Name == fyne.KeyLeft && s.hovered > 0:
		s.hover(s.hovered - 1)
	case e.Name == fyne.KeyRight && s.hovered < len(s.all)-1:
		s.hover(s.hovered + 1)
	case pressesKey(e) && s.hovered >= 0 && s.OnTap != nil:
		s.OnTap(s.hovered)
	}
}
func (s *Sparkline) Tapped(e *fyne.PointEvent) {
	if i := s.at(e.Position.X); i >= 0 && s.OnTap != nil {
		s.OnTap(i)
	}
}
