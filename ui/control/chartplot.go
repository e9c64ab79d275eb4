package control

import (
	"image"
	"image/color"
	imagedraw "image/draw"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/vector"
)

// paintPlot draws the series of a chart into a picture of the size of the screen's pixels. Thousands of values are
// one texture that way, and not thousands of objects.
func (c *Chart) paintPlot(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, max(w, 1), max(h, 1)))
	if w < 2 || h < 2 || c.Len() == 0 {
		return img
	}
	top, _ := c.top()
	pl := plotter{img: img, w: float32(w), h: float32(h), top: top, scale: float32(w) / max(c.plot.Width, 1)}
	if c.kind == StackChart {
		pl.stack(c.series, c.Len())
		return img
	}
	for _, s := range c.series {
		pl.line(s, c.Len())
	}
	return img
}

type plotter struct {
	img   *image.NRGBA
	w, h  float32
	top   float64
	scale float32 // pixels in a unit of the window
}

type point struct{ x, y float32 }

func (p *plotter) y(v float64) float32 {
	room := p.h - 2*p.scale // a line at the very top must not be cut in half
	return p.h - p.scale - float32(min(max(v/p.top, 0), 1))*room
}

// line draws one series; where it has more values than there are pixels, each pixel shows its highest.
func (p *plotter) line(s Series, n int) {
	for _, run := range p.runs(s.Values, n) {
		if s.Fill && len(run) > 1 {
			area := append([]point{{run[0].x, p.h}}, run...)
			area = append(area, point{run[len(run)-1].x, p.h})
			p.fill(area, tint(s.Tone, 0x2b))
		}
		if s.Dashed {
			p.dash(run, vivid(s.Tone), 1.5*p.scale)
		} else {
			p.stroke(run, vivid(s.Tone), 1.75*p.scale)
		}
	}
}

// runs are the points of the values without gaps.
func (p *plotter) runs(values []float64, n int) [][]point {
	var out [][]point
	var run []point
	bucket := max(n/int(max(p.w, 1)), 1)
	for i := 0; i < len(values); i += bucket {
		v := math.NaN()
		for _, x := range values[i:min(i+bucket, len(values))] {
			if !math.IsNaN(x) && (math.IsNaN(v) || x > v) {
				v = x
			}
		}
		if math.IsNaN(v) {
			if len(run) > 0 {
				out = append(out, run)
			}
			run = nil
			continue
		}
		run = append(run, point{p.w * float32(i) / float32(max(n-1, 1)), p.y(v)})
	}
	if len(run) > 0 {
		out = append(out, run)
	}
	return out
}

// stack draws bars on top of one another; dashed series are lines over them. Where there are more values than room
// for bars, a bar is the highest of several.
func (p *plotter) stack(series []Series, n int) {
	bucket := max(int(math.Ceil(float64(float32(n)*3*p.scale/p.w))), 1)
	bars := (n + bucket - 1) / bucket
	pitch := p.w / float32(bars)
	width := max(min(pitch-max(pitch*0.2, min(p.scale, pitch/2)), 56*p.scale), 1)
	base := make([]float64, bars)
	for _, s := range series {
		if s.Dashed {
			continue
		}
		r := p.begin()
		for i := range bars {
			v := 0.0
			for k := i * bucket; k < min((i+1)*bucket, n); k++ {
				v = max(v, valueAt(s.Values, k))
			}
			if v == 0 || math.IsNaN(v) {
				continue
			}
			x := float32(i)*pitch + (pitch-width)/2
			y0, y1 := p.y(base[i]), p.y(base[i]+v)
			polygon(r, point{x, y0}, point{x, y1}, point{x + width, y1}, point{x + width, y0})
			base[i] += v
		}
		p.end(r, vivid(s.Tone))
	}
	for _, s := range series {
		if s.Dashed {
			p.line(s, n)
		}
	}
}

func (p *plotter) begin() *vector.Rasterizer {
	return vector.NewRasterizer(p.img.Rect.Dx(), p.img.Rect.Dy())
}

// end paints all that was drawn since begin in one colour.
func (p *plotter) end(r *vector.Rasterizer, ink color.Color) {
	r.DrawOp = imagedraw.Over
	r.Draw(p.img, p.img.Rect, image.NewUniform(ink), image.Point{})
}

func (p *plotter) fill(outline []point, ink color.Color) {
	r := p.begin()
	polygon(r, outline...)
	p.end(r, ink)
}

// stroke draws a line of a width with round joins.
func (p *plotter) stroke(points []point, ink color.Color, width float32) {
	r := p.begin()
	half := width / 2
	for i, q := range points {
		disc(r, q, half)
		if i > 0 {
			quad(r, points[i-1], q, half)
		}
	}
	p.end(r, ink)
}

// dash draws pieces of six units with gaps of four along a line.
func (p *plotter) dash(points []point, ink color.Color, width float32) {
	r := p.begin()
	on, off := 6*p.scale, 4*p.scale
	walked := float32(0)
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		length := float32(math.Hypot(float64(b.x-a.x), float64(b.y-a.y)))
		for at := float32(0); at < length; {
			phase := float32(math.Mod(float64(walked+at), float64(on+off)))
			rest := on + off - phase
			if phase < on {
				rest = on - phase
				quad(r, between(a, b, at/length), between(a, b, min(at+rest, length)/length), width/2)
			}
			at += max(rest, 0.5)
		}
		walked += length
	}
	p.end(r, ink)
}

func between(a, b point, share float32) point {
	return point{a.x + (b.x-a.x)*share, a.y + (b.y-a.y)*share}
}

// quad adds a straight piece of a line. Like the discs at its joints it goes around clockwise, so that nothing is
// taken away where they overlap.
func quad(r *vector.Rasterizer, a, b point, half float32) {
	dx, dy := b.x-a.x, b.y-a.y
	length := float32(math.Hypot(float64(dx), float64(dy)))
	if length == 0 {
		return
	}
	nx, ny := -dy/length*half, dx/length*half
	polygon(r, point{a.x + nx, a.y + ny}, point{a.x - nx, a.y - ny}, point{b.x - nx, b.y - ny}, point{b.x + nx, b.y + ny})
}

func disc(r *vector.Rasterizer, c point, radius float32) {
	const corners = 8
	var ps [corners]point
	for i := range corners {
		angle := 2 * math.Pi * float64(i) / corners
		ps[i] = point{c.x + radius*float32(math.Cos(angle)), c.y + radius*float32(math.Sin(angle))}
	}
	polygon(r, ps[:]...)
}

func polygon(r *vector.Rasterizer, ps ...point) {
	r.MoveTo(ps[0].x, ps[0].y)
	for _, q := range ps[1:] {
		r.LineTo(q.x, q.y)
	}
	r.ClosePath()
}

func trimZero(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
