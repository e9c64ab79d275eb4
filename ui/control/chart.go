package control

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Series is one line of a chart.
type Series struct {
	Name   string
	Tone   Token
	Values []float64 // NaN: no value
	Fill   bool      // the area under it is filled
	Dashed bool      // a limit or a plan, not a measurement
}

// ChartKind is how a [Chart] draws its series.
type ChartKind uint8

// The kinds.
const (
	LineChart  ChartKind = iota // lines, each from zero
	StackChart                  // bars on top of one another
)

// Chart draws series over one axis, with names, and the values under the pointer.
type Chart struct {
	widget.BaseWidget
	FormatX func(i int) string     // the place of value i on the axis: a time
	FormatY func(v float64) string // nil: short numbers
	StepX   func(most int) int     // nil, or how many values are between names on the axis if it has room for so many
	TitleX  func(i int) string     // nil: FormatX; the place of value i under the pointer
	Bands   []Band                 // shaded
	Top     float64                // the axis goes up to this at the least
	OnHover func(i int)            // the pointer came to a value; -1: it left

	kind    ChartKind
	series  []Series
	height  float32
	hovered int  // index of a value, -1: none
	pointed bool // by the pointer, and not by Hover
	raster  *canvas.Raster
	plotAt  fyne.Position
	plot    fyne.Size
}

// NewChart returns a chart that is at least height high.
func NewChart(kind ChartKind, height float32) *Chart {
	c := &Chart{kind: kind, height: height, hovered: -1}
	c.raster = canvas.NewRaster(c.paintPlot)
	c.ExtendBaseWidget(c)
	return c
}

// Set shows series of the same length.
func (c *Chart) Set(series ...Series) {
	c.series = series
	c.hovered = -1
	c.Refresh()
}

// Len is the number of values of the longest series.
func (c *Chart) Len() int {
	n := 0
	for _, s := range c.series {
		n = max(n, len(s.Values))
	}
	return n
}

// top is the upper end of the axis, a round number.
func (c *Chart) top() (top, step float64) {
	most := math.Max(c.Top, c.Most())
	if most <= 0 {
		return 1, 1
	}
	step = roundStep(most / 4)
	return math.Ceil(most/step-1e-9) * step, step
}

// Most is the highest place that anything is drawn at.
func (c *Chart) Most() float64 {
	most := 0.0
	for i := range c.Len() {
		sum := 0.0
		for _, s := range c.series {
			if i >= len(s.Values) || math.IsNaN(s.Values[i]) {
				continue
			}
			if c.kind == StackChart && !s.Dashed {
				sum += max(s.Values[i], 0)
			} else {
				most = max(most, s.Values[i])
			}
		}
		most = max(most, sum)
	}
	return most
}

func (c *Chart) formatY(v float64) string {
	if c.FormatY != nil {
		return c.FormatY(v)
	}
	switch {
	case v >= 1e6:
		return trimZero(v/1e6) + "M"
	case v >= 1e4:
		return trimZero(v/1e3) + "k"
	}
	return trimZero(v)
}

// CreateRenderer is for Fyne.
func (c *Chart) CreateRenderer() fyne.WidgetRenderer {
	var under, over pool
	f := &face{owner: c}
	f.place = func(size fyne.Size) {
		under.reset()
		over.reset()
		c.arrange(size)
		c.drawAxes(&under, size)
		put(c.raster, c.plotAt.X, c.plotAt.Y, c.plot.Width, c.plot.Height)
		c.drawLegend(&over)
		c.drawHover(&over, size)
		f.objects = append(append(append(f.objects[:0], under.objects...), c.raster), over.objects...)
	}
	f.paint = func() { c.raster.Refresh() }
	f.min = func() fyne.Size { return fyne.NewSize(200, c.height) }
	return f
}

// arrange leaves room for the names above, the numbers at the left and the times below.
func (c *Chart) arrange(size fyne.Size) {
	top, step := c.top()
	left := float32(0)
	for v := 0.0; v <= top+step/2; v += step {
		left = max(left, axisStyle().measure(c.formatY(v)).Width)
	}
	c.plotAt = fyne.NewPos(left+10, 28)
	c.plot = fyne.NewSize(max(size.Width-left-16, 1), max(size.Height-28-24, 1))
}

func axisStyle() Style { return Small.At(10.5).In(Faint) }

func (c *Chart) drawAxes(p *pool, size fyne.Size) {
	top, step := c.top()
	for v := 0.0; v <= top+step/2; v += step {
		y := c.plotAt.Y + c.plot.Height*(1-float32(v/top))
		p.rect(c.plotAt.X, y, c.plot.Width, 1, paint(Line), 0)
		p.textRight(c.formatY(v), axisStyle(), c.plotAt.X-8, y-7)
	}
	c.drawBands(p)
	c.drawTimes(p, size)
}

// x is the middle of value i.
func (c *Chart) x(i int) float32 {
	n := c.Len()
	if c.kind == StackChart {
		return c.plotAt.X + c.plot.Width*(float32(i)+0.5)/float32(max(n, 1))
	}
	return c.plotAt.X + c.plot.Width*float32(i)/float32(max(n-1, 1))
}

func (c *Chart) drawLegend(p *pool) {
	x := c.plotAt.X
	for _, s := range c.series {
		if s.Dashed {
			p.rect(x, 9, 5, 2, vivid(s.Tone), 1)
			p.rect(x+7, 9, 5, 2, vivid(s.Tone), 1)
		} else {
			p.rect(x+1, 6, 9, 9, vivid(s.Tone), 3)
		}
		x += 17 + p.text(s.Name, Small, x+16, 2).Width + 16
	}
}

func (c *Chart) drawHover(p *pool, size fyne.Size) {
	i := c.hovered
	if i < 0 || i >= c.Len() {
		return
	}
	x := c.x(i)
	p.rect(x-0.5, c.plotAt.Y, 1, c.plot.Height, tint(Muted, 0x99), 0)
	top, _ := c.top()
	lines := make([]string, len(c.series))
	widest := float32(0)
	title := ""
	switch {
	case c.TitleX != nil:
		title = c.TitleX(i)
	case c.FormatX != nil:
		title = c.FormatX(i)
	}
	widest = SmallBold.measure(title).Width
	for k, s := range c.series {
		v := math.NaN()
		if i < len(s.Values) {
			v = s.Values[i]
		}
		lines[k] = s.Name + "  "
		if math.IsNaN(v) {
			lines[k] += "—"
		} else {
			lines[k] += c.formatY(v)
			if c.kind == LineChart {
				p.dot(x, c.plotAt.Y+c.plot.Height*(1-float32(v/top)), 3.5, vivid(s.Tone))
			}
		}
		widest = max(widest, Small.measure(lines[k]).Width+14)
	}
	if !c.pointed {
		return // the pointer stands in another chart
	}
	w, h := widest+20, float32(len(lines))*17+14
	if title != "" {
		h += 18
	}
	bx := x + 12
	if bx+w > size.Width {
		bx = x - w - 12
	}
	by := c.plotAt.Y + 4
	ground := p.rect(max(bx, 0), by, w, h, paint(SurfacePopup), 8)
	ground.StrokeColor, ground.StrokeWidth = paint(FieldLine), 1
	y := by + 7
	if title != "" {
		p.text(title, SmallBold.In(Ink), max(bx, 0)+10, y)
		y += 18
	}
	for k, s := range c.series {
		p.rect(max(bx, 0)+10, y+4, 8, 8, vivid(s.Tone), 3)
		p.text(lines[k], Small.In(Ink), max(bx, 0)+24, y)
		y += 17
	}
}

func (c *Chart) hover(p fyne.Position) {
	n := c.Len()
	i := -1
	if n > 0 && p.X >= c.plotAt.X-4 && p.X <= c.plotAt.X+c.plot.Width+4 {
		share := (p.X - c.plotAt.X) / c.plot.Width
		if c.kind == StackChart {
			i = int(share * float32(n))
		} else {
			i = int(share*float32(n-1) + 0.5)
		}
		i = min(max(i, 0), n-1)
	}
	c.pointed = i >= 0
	if i != c.hovered {
		c.hovered = i
		c.Refresh()
		if c.OnHover != nil {
			c.OnHover(i)
		}
	}
}

// MouseIn is for Fyne, as are the methods below.
func (c *Chart) MouseIn(e *desktop.MouseEvent)    { c.hover(e.Position) }
func (c *Chart) MouseMoved(e *desktop.MouseEvent) { c.hover(e.Position) }
func (c *Chart) MouseOut()                        { c.hover(fyne.NewPos(-1e6, 0)) }
