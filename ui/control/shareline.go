package control

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Share is one of many things below each other of which each has a share: a member of a body, and how often it is there.
type Share struct {
	Depth int
	Name  string
	Share float64 // 0 to 1
	Kind  string  // in short
	About string
	Tone  Token // of the bar
	Mark  Token // of a dot before the name; empty: none
}

// ShareLine shows a [Share]: the name by its depth, a bar, what it is. It is a row of a list.
type ShareLine struct {
	widget.BaseWidget
	share Share
}

// NewShareLine returns an empty line.
func NewShareLine() *ShareLine {
	l := &ShareLine{}
	l.ExtendBaseWidget(l)
	return l
}

// Set shows another share.
func (l *ShareLine) Set(s Share) {
	l.share = s
	l.Refresh()
}

// ShareLineHeight is the height of the rows of a list of them.
const ShareLineHeight = 26

const (
	shareBar   = 56
	sharePart  = 42 // per cent, in figures
	shareInner = 16 // a step of depth
)

// CreateRenderer is for Fyne.
func (l *ShareLine) CreateRenderer() fyne.WidgetRenderer {
	return newDrawing(l, func() fyne.Size { return fyne.NewSize(220, ShareLineHeight) }, l.draw)
}

func (l *ShareLine) draw(p *pool, size fyne.Size) {
	s := l.share
	x := float32(12)
	for range s.Depth {
		p.rect(x+4, 0, 1, size.Height, paint(Line), 0)
		x += shareInner
	}
	name := max(size.Width*0.40, 150)
	if s.Mark != "" {
		p.dot(x+3, size.Height/2, 3, vivid(s.Mark))
		x += 11
	}
	y := (size.Height - codeCell().Height) / 2
	p.textFit(oneLine(s.Name), Code, x, y, max(name-x-8, 20))
	x = name
	p.rect(x, size.Height/2-3.5, shareBar, 7, paint(SurfaceRaised), 3.5)
	if s.Share > 0 {
		p.rect(x, size.Height/2-3.5, max(float32(min(s.Share, 1))*shareBar, 4), 7, vivid(s.Tone), 3.5)
	}
	x += shareBar + 8
	p.textFit(percent(s.Share), Small.In(Muted), x, (size.Height-Small.measure("0").Height)/2, sharePart)
	x += sharePart
	x += p.textFit(s.Kind, Code.In(Blue), x, y, max(size.Width-x-12, 10)).Width + 10
	if x < size.Width-40 {
		p.textFit(oneLine(s.About), Code.In(Muted), x, y, size.Width-x-12)
	}
}

// percent is a share in figures: what is not quite always there does not become 100 %, nor what is seldom there nothing.
func percent(share float64) string {
	switch n := int(share*100 + 0.5); {
	case share >= 1:
		return "100 %"
	case n >= 100:
		return "99 %"
	case n == 0 && share > 0:
		return "<1 %"
	default:
		return strconv.Itoa(n) + " %"
	}
}
