package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// Row places objects side by side, each as wide as it needs and centred in height. What [Grow] wraps shares
// the rest of the width.
func Row(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &flow{gap: gap}, Objects: objects}
}

// RowFill is Row with every object as high as the row.
func RowFill(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &flow{gap: gap, fill: true}, Objects: objects}
}

// Col stacks objects, each as wide as the column and as high as it needs. What [Grow] wraps shares the rest
// of the height.
func Col(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &flow{gap: gap, down: true}, Objects: objects}
}

// Grow marks an object of a row or column that takes what is left.
func Grow(o fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: grow{}, Objects: []fyne.CanvasObject{o}}
}

// Spacer is empty space that takes what is left.
func Spacer() *fyne.Container { return Grow(canvas.NewRectangle(color.Transparent)) }

// Gap is empty space of a size.
func Gap(w, h float32) *Box { return NewBox(Surface{Min: fyne.NewSize(w, h)}, nil) }

// Stack places objects over each other, the last on top.
func Stack(objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: stack{}, Objects: objects}
}

// Centre places o with its own size in the middle.
func Centre(o fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: middle{}, Objects: []fyne.CanvasObject{o}}
}

// Wide limits how wide o grows and leaves the rest free at the right: lines of a form are hard to read at any width.
func Wide(most float32, o fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: wide{most}, Objects: []fyne.CanvasObject{o}}
}

// Fixed gives o a width, whatever it needs.
func Fixed(width float32, o fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: fixed{width}, Objects: []fyne.CanvasObject{o}}
}

type flow struct {
	gap  float32
	down bool
	fill bool
}

func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var along, across float32
	n := 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		a, c := f.axes(o.MinSize())
		along, across = along+a, max(across, c)
		n++
	}
	along += f.gap * float32(max(n-1, 0))
	if f.down {
		return fyne.NewSize(across, along)
	}
	return fyne.NewSize(along, across)
}

func (f *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	length, depth := f.axes(size)
	rest, growing, shown := length, 0, 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		shown++
		if f.down { // what wraps knows its height only when it has its width
			o.Resize(fyne.NewSize(depth, o.Size().Height))
		}
		if grows(o) {
			growing++
			continue
		}
		a, _ := f.axes(o.MinSize())
		rest -= a
	}
	rest = max(rest-f.gap*float32(max(shown-1, 0)), 0)

	at := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		along, across := f.axes(o.MinSize())
		if grows(o) {
			along = rest / float32(growing)
		}
		switch {
		case f.down:
			put(o, 0, at, depth, along)
		case f.fill:
			put(o, at, 0, along, depth)
		default:
			put(o, at, (depth-across)/2, along, across)
		}
		at += along + f.gap
	}
}

func (f *flow) axes(s fyne.Size) (along, across float32) {
	if f.down {
		return s.Height, s.Width
	}
	return s.Width, s.Height
}

func grows(o fyne.CanvasObject) bool {
	c, ok := o.(*fyne.Container)
	if !ok {
		return false
	}
	_, ok = c.Layout.(grow)
	return ok
}

type grow struct{ stack }

type stack struct{}

func (stack) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		if o.Visible() {
			m = m.Max(o.MinSize())
		}
	}
	return m
}

func (stack) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		put(o, 0, 0, size.Width, size.Height)
	}
}

type middle struct{}

func (middle) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }
func (middle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	centre(objects[0], 0, 0, size.Width, size.Height)
}

type wide struct{ most float32 }

func (wide) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }
func (w wide) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	put(objects[0], 0, 0, min(w.most, size.Width), size.Height)
}

type fixed struct{ width float32 }

func (f fixed) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(f.width, objects[0].MinSize().Height)
}
func (f fixed) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	put(objects[0], 0, 0, size.Width, size.Height)
}
