package control

import (
	"image/color"
	"sort"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// bodyFace draws the rows in sight with objects that it uses again and again.
type bodyFace struct {
	face
	v     *BodyView
	texts []*canvas.Text
	rects []*canvas.Rectangle
	marks []fyne.CanvasObject // under the texts
	words []fyne.CanvasObject
	spans []bodySpan
	used  struct{ texts, rects int }
}

type bodySpan struct {
	start, end int
	class      string
}

// CreateRenderer is for Fyne.
func (v *BodyView) CreateRenderer() fyne.WidgetRenderer {
	f := &bodyFace{v: v}
	f.face = face{owner: v, paint: v.measure, place: f.place, min: func() fyne.Size { return fyne.NewSize(120, 3*v.cell.Height) }}
	return f
}

func (f *bodyFace) place(size fyne.Size) {
	v := f.v
	v.resized()
	v.off = v.clamp(v.off)
	f.marks, f.words = f.marks[:0], f.words[:0]
	f.used.texts, f.used.rects = 0, 0
	if v.rows != nil && size.Height > 0 && size.Width > 0 {
		first := v.firstRow()
		y := float32(float64(first)*float64(v.cell.Height) - v.off)
		for i := first; i < v.rows.Len() && y < size.Height; i++ {
			f.row(i, y, size.Width)
			y += v.cell.Height
		}
	}
	put(v.bar, size.Width-barWidth, 0, barWidth, size.Height)
	v.bar.set(v.length(), float64(size.Height), v.off)
	f.objects = append(append(append(f.objects[:0], f.marks...), f.words...), v.bar)
}

func (f *bodyFace) row(i int, y, width float32) {
	v := f.v
	text := v.rows.Row(i)
	if class := v.rows.RowClass(i); class != "" {
		f.mark(0, y, width, tint(Class(class), 0x1c))
	}
	f.matchesIn(i, text, y)
	f.selectionIn(i, text, y)
	f.gutter(i, y)
	f.line(i, text, y, width)
}

func (f *bodyFace) gutter(i int, y float32) {
	v := f.v
	g := v.rows.Gutter(i)
	if g == "" {
		return
	}
	ink := Faint
	if class := v.rows.RowClass(i); class != "" {
		ink = Class(class)
	}
	x := v.gutter - 14 - float32(columnOf(g, len(g)))*v.cell.Width
	f.word(g, x, y, ink)
}

// line draws the coloured runs of a row, as far as they are in sight.
func (f *bodyFace) line(i int, text string, y, width float32) {
	v := f.v
	f.spans = f.spans[:0]
	v.rows.Spans(i, func(start, end int, class string) {
		if start < end {
			f.spans = append(f.spans, bodySpan{start, end, class})
		}
	})
	firstCol := int(v.left/v.cell.Width + 0.5)
	lastCol := int((v.left+width-v.gutter)/v.cell.Width) + 1

	var run strings.Builder
	var runCol, runEnd int
	var runInk Token
	var runFlows, runApart bool
	flush := func() {
		if s := strings.TrimRight(run.String(), " "); s != "" {
			t := f.word(s, v.gutter+float32(runCol)*v.cell.Width-v.left, y, runInk)
			if runFlows || runApart {
				squeeze(t, float32(runEnd-runCol)*v.cell.Width)
			}
		}
		run.Reset()
	}
	span := 0
	eachCell(text, func(c cell) bool {
		if c.col > lastCol {
			return false
		}
		if c.col < firstCol { // left is a whole number of columns, so nothing reaches into the gutter
			return true
		}
		for span < len(f.spans) && f.spans[span].end <= c.at {
			span++
		}
		ink := Ink
		if span < len(f.spans) && f.spans[span].start <= c.at {
			ink = Class(f.spans[span].class)
		}
		if c.unseen {
			ink = Amber
		}
		if run.Len() > 0 && (c.show != "" && (ink != runInk || c.flows != runFlows) || c.apart || c.missing != "" || c.show == "" && c.cols > 1) {
			flush()
		}
		switch {
		case c.missing != "":
			f.box(c, v.gutter+float32(c.col)*v.cell.Width-v.left, y)
		case c.show == "" && run.Len() == 0: // space before a run
		case c.show == "":
			run.WriteString(" ")
		default:
			if run.Len() == 0 {
				runCol, runInk, runFlows, runApart = c.col, ink, c.flows, c.apart
			}
			run.WriteString(c.show)
			runEnd = c.col + c.cols
		}
		if c.apart {
			flush()
		}
		return true
	})
	flush()
}

// squeeze makes what is wider than its cells smaller, so that it does not run over its neighbours.
func squeeze(t *canvas.Text, room float32) {
	if w := t.MinSize().Width; w > room && room > 0 {
		t.TextSize *= room / w
	}
}

// box stands for a character that no font has, with its code point in two lines.
func (f *bodyFace) box(c cell, x, y float32) {
	cell := f.v.cell
	f.mark(x+1, y+1, float32(c.cols)*cell.Width-2, color.Transparent)
	r := f.rects[f.used.rects-1]
	r.Resize(fyne.NewSize(r.Size().Width, cell.Height-2))
	outline(r, Faint, 0.75)
	r.CornerRadius = 2
	half := len(c.missing) / 2
	for i, digits := range []string{c.missing[:half], c.missing[half:]} {
		t := f.word(digits, x, y, Muted)
		t.TextSize = cell.Height * 0.38
		m := t.MinSize()
		put(t, x+(float32(c.cols)*cell.Width-m.Width)/2, y+cell.Height/2-1+(float32(i)-1)*m.Height*0.76, m.Width, m.Height)
	}
}

func (f *bodyFace) selectionIn(i int, text string, y float32) {
	v := f.v
	if !v.sel.on {
		return
	}
	a, b := v.sel.ordered()
	if i < a.row || i > b.row {
		return
	}
	start, end := 0, columnOf(text, len(text))+1
	if i == a.row {
		start = columnOf(text, a.at)
	}
	if i == b.row {
		end = columnOf(text, b.at)
	}
	f.markColumns(start, end, y, tint(Accent, 0x4d))
}

// matchesIn marks what was found in row i, also where a match began in a row above.
func (f *bodyFace) matchesIn(i int, text string, y float32) {
	ms := f.v.found.matches
	k := sort.Search(len(ms), func(k int) bool { return ms[k].row >= i })
	for k > 0 && f.v.rows.Continues(i) && f.v.reaches(ms[k-1], i) {
		k--
	}
	for ; k < len(ms) && ms[k].row <= i; k++ {
		start, end := ms[k].at, ms[k].at+ms[k].length
		for r := ms[k].row; r < i; r++ {
			n := len(f.v.rows.Row(r))
			start, end = max(start-n, 0), end-n
		}
		if end <= 0 {
			continue
		}
		fill := tint(Amber, 0x38)
		if k == f.v.found.now {
			fill = tint(Amber, 0x80)
		}
		f.markColumns(columnOf(text, start), columnOf(text, min(end, len(text))), y, fill)
	}
}

// reaches reports whether a match that begins above goes on into row i.
func (v *BodyView) reaches(m match, i int) bool {
	left := m.length + m.at
	for r := m.row; r < i; r++ {
		if left -= len(v.rows.Row(r)); left <= 0 || !v.rows.Continues(r+1) {
			return false
		}
	}
	return true
}

func (f *bodyFace) markColumns(start, end int, y float32, fill color.Color) {
	v := f.v
	x0 := max(v.gutter+float32(start)*v.cell.Width-v.left, v.gutter)
	x1 := v.gutter + float32(end)*v.cell.Width - v.left
	if x1 > x0 {
		f.mark(x0, y, x1-x0, fill)
	}
}

func (f *bodyFace) mark(x, y, w float32, fill color.Color) {
	if f.used.rects == len(f.rects) {
		f.rects = append(f.rects, rect(0))
	}
	r := f.rects[f.used.rects]
	f.used.rects++
	r.FillColor, r.StrokeColor, r.StrokeWidth, r.CornerRadius = fill, color.Transparent, 0, 0
	put(r, x, y, w, f.v.cell.Height)
	f.marks = append(f.marks, r)
}

func (f *bodyFace) word(s string, x, y float32, ink Token) *canvas.Text {
	if f.used.texts == len(f.texts) {
		f.texts = append(f.texts, canvas.NewText("", color.Transparent))
	}
	t := f.texts[f.used.texts]
	f.used.texts++
	Code.At(f.v.size).In(ink).apply(t)
	t.Text = strings.Clone(s) // Fyne keeps strings as keys of its caches: they must not hold the whole body
	put(t, x, y+1, 0, f.v.cell.Height)
	f.words = append(f.words, t)
	return t
}
