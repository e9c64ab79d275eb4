package control

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Paragraph is text that wraps at words; its height follows from its width. It is for a few sentences, not for
// bodies: those go to a [BodyView].
type Paragraph struct {
	widget.BaseWidget
	text  string
	style Style
	align fyne.TextAlign
	most  int // lines shown; 0 means all

	lines []string
	width float32 // that lines were broken for
}

// NewParagraph returns a wrapping text.
func NewParagraph(s string, style Style) *Paragraph {
	p := &Paragraph{text: s, style: style}
	p.ExtendBaseWidget(p)
	return p
}

// Centred centres every line.
func (p *Paragraph) Centred() *Paragraph { p.align = fyne.TextAlignCenter; return p }

// Lines shows n lines at most, the last one cut.
func (p *Paragraph) Lines(n int) *Paragraph { p.most = n; return p }

// Text returns the text.
func (p *Paragraph) Text() string { return p.text }

// Set changes the text.
func (p *Paragraph) Set(s string) { p.Put(s, p.style) }

// Put changes text and look.
func (p *Paragraph) Put(s string, style Style) {
	if p.text == s && p.style == style {
		return
	}
	p.text, p.style, p.width = s, style, -1
	p.Refresh()
}

// CreateRenderer is for Fyne.
func (p *Paragraph) CreateRenderer() fyne.WidgetRenderer {
	r := &paragraphFace{p: p}
	r.face = face{owner: p, paint: func() { p.width = -1 }, place: r.place, min: r.min}
	return r
}

type paragraphFace struct {
	face
	p *Paragraph
}

func (r *paragraphFace) min() fyne.Size {
	r.p.wrap()
	return fyne.NewSize(40, float32(len(r.p.lines))*r.p.lineHeight())
}

func (r *paragraphFace) place(size fyne.Size) {
	p := r.p
	p.wrap()
	for len(r.objects) < len(p.lines) {
		r.objects = append(r.objects, canvas.NewText("", color.Transparent))
	}
	r.objects = r.objects[:len(p.lines)]
	h := p.lineHeight()
	for i, o := range r.objects {
		t := o.(*canvas.Text)
		p.style.apply(t)
		t.Text, t.Alignment = p.lines[i], p.align
		put(t, 0, float32(i)*h, size.Width, h)
		t.Refresh()
	}
}

func (p *Paragraph) lineHeight() float32 { return p.style.measure("Ag").Height + 2 }

// wrap breaks the text for the present width; before the first layout for a width that is usual.
func (p *Paragraph) wrap() {
	w := p.Size().Width
	if w <= 0 {
		w = 420
	}
	if w == p.width {
		return
	}
	p.width, p.lines = w, nil
	for line := range strings.SplitSeq(p.text, "\n") {
		line = legible(tamed(line))
		p.lines = append(p.lines, p.breakLine(line, w)...)
	}
	if p.most > 0 && len(p.lines) > p.most {
		p.lines = p.lines[:p.most]
		p.lines[p.most-1] = strings.TrimRight(p.lines[p.most-1], " .,") + "…"
	}
}

// breakLine fills lines with words; a word longer than a line is cut.
func (p *Paragraph) breakLine(line string, width float32) []string {
	var lines []string
	cur := ""
	for _, word := range strings.Fields(line) {
		try := word
		if cur != "" {
			try = cur + " " + word
		}
		if p.style.measure(try).Width <= width {
			cur = try
			continue
		}
		if cur != "" {
			lines = append(lines, cur)
		}
		for cur = word; p.style.measure(cur).Width > width; {
			head, tail := p.cutWord(cur, width)
			if tail == "" {
				break
			}
			lines, cur = append(lines, head), tail
		}
	}
	return append(lines, cur)
}

// cutWord splits a word so that its head fills the width; the head has at least one character.
func (p *Paragraph) cutWord(word string, width float32) (head, tail string) {
	runes := []rune(word)
	n := 1
	for n < len(runes) && p.style.measure(string(runes[:n+1])).Width <= width {
		n++
	}
	return string(runes[:n]), string(runes[n:])
}
