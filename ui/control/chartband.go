package control

import "fyne.io/fyne/v2"

// Band is a stretch of a chart's axis that is shaded: an outage. From and To count values, with parts of one.
type Band struct {
	From, To float64
	Name     string
	Tone     Token
}

// Hover shows the values of a place, as if the pointer stood there; below zero shows none. It lets charts over the same
// axis show the same moment, so it does not call back.
func (c *Chart) Hover(i int) {
	c.pointed = false
	if i != c.hovered {
		c.hovered = i
		c.Refresh()
	}
}

// along is the place of a value, or of a part of one, on the axis.
func (c *Chart) along(i float64) float32 {
	last := float64(max(c.Len()-1, 1))
	return c.plotAt.X + c.plot.Width*float32(min(max(i, 0), last)/last)
}

func (c *Chart) drawBands(p *pool) {
	for _, b := range c.Bands {
		from, to := c.along(b.From), c.along(b.To)
		if to <= from {
			continue
		}
		p.rect(from, c.plotAt.Y, to-from, c.plot.Height, tint(b.Tone, 0x1c), 0)
		p.rect(from, c.plotAt.Y, 1, c.plot.Height, tint(b.Tone, 0x66), 0)
		p.rect(to-1, c.plotAt.Y, 1, c.plot.Height, tint(b.Tone, 0x66), 0)
		if w := axisStyle().measure(b.Name).Width; w+10 < to-from {
			p.text(b.Name, axisStyle().In(b.Tone), from+6, c.plotAt.Y+3)
		}
	}
}

// drawTimes names places of the axis: round ones where StepX knows them, else as many as there is room for.
func (c *Chart) drawTimes(p *pool, size fyne.Size) {
	n := c.Len()
	if c.FormatX == nil || n == 0 {
		return
	}
	room := max(int(c.plot.Width/72), 1)
	every := max(n/max(int(c.plot.Width/110), 1), 1)
	if c.StepX != nil {
		every = max(c.StepX(room), 1)
	}
	last := float32(-100)
	for i := 0; i < n; i += every {
		label := c.FormatX(i)
		w := axisStyle().measure(label).Width
		x := min(max(c.x(i)-w/2, 0), size.Width-w)
		if x < last+10 {
			continue
		}
		last = x + w
		if c.StepX != nil {
			p.rect(c.x(i)-0.5, c.plotAt.Y+c.plot.Height, 1, 4, paint(FieldLine), 0)
		}
		p.text(label, axisStyle(), x, c.plotAt.Y+c.plot.Height+6)
	}
}
