package control

import "fyne.io/fyne/v2"

// Grid places objects of the same width side by side, as many as have room for least, and goes on in the next line. The
// objects of a line are of the same height; most is how many a line has at most, 0 for any number.
func Grid(least, gap float32, most int, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &grid{least: least, gap: gap, most: most}, Objects: objects}
}

type grid struct {
	least, gap float32
	most       int
	width      float32
}

func (g *grid) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := g.width
	if width <= 0 {
		width = 1 << 12 // not placed yet: one line
	}
	return fyne.NewSize(min(g.least, width), g.each(objects, width, func(fyne.CanvasObject, fyne.Position, fyne.Size) {}))
}

func (g *grid) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	g.width = size.Width
	g.each(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, s fyne.Size) { put(o, at.X, at.Y, s.Width, s.Height) })
}

// each says where every object goes, and returns the height of it all.
func (g *grid) each(objects []fyne.CanvasObject, width float32, place func(fyne.CanvasObject, fyne.Position, fyne.Size)) float32 {
	var shown []fyne.CanvasObject
	for _, o := range objects {
		if o.Visible() {
			shown = append(shown, o)
		}
	}
	columns := max(int((width+g.gap)/(g.least+g.gap)), 1)
	if g.most > 0 {
		columns = min(columns, g.most)
	}
	columns = max(min(columns, len(shown)), 1)
	if lines := (len(shown) + columns - 1) / columns; lines > 0 {
		columns = (len(shown) + lines - 1) / lines // no line with a single one left over
	}
	w := (width - g.gap*float32(columns-1)) / float32(columns)
	y := float32(0)
	for len(shown) > 0 {
		line := shown[:min(columns, len(shown))]
		h := float32(0)
		for _, o := range line {
			o.Resize(fyne.NewSize(w, o.Size().Height)) // what wraps knows its height only when it has its width
			h = max(h, o.MinSize().Height)
		}
		for i, o := range line {
			place(o, fyne.NewPos(float32(i)*(w+g.gap), y), fyne.NewSize(w, h))
		}
		y += h
		if shown = shown[len(line):]; len(shown) > 0 {
			y += g.gap
		}
	}
	return y
}
