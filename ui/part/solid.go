package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// solid is a card of a size over the window that keeps clicks from what is behind it.
type solid struct {
	widget.BaseWidget
	child fyne.CanvasObject
	size  fyne.Size
}

func NewSolid(child fyne.CanvasObject, size fyne.Size) *solid {
	s := &solid{child: child, size: size}
	s.ExtendBaseWidget(s)
	return s
}

// Tapped is for Fyne, as are the methods below.
func (s *solid) Tapped(*fyne.PointEvent) {}

func (s *solid) CreateRenderer() fyne.WidgetRenderer { return &solidFace{s} }

type solidFace struct{ s *solid }

func (f *solidFace) Destroy()                     {}
func (f *solidFace) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{f.s.child} }
func (f *solidFace) MinSize() fyne.Size           { return f.s.size }
func (f *solidFace) Layout(size fyne.Size)        { f.s.child.Resize(size) }
func (f *solidFace) Refresh()                     { f.s.child.Refresh(); canvas.Refresh(f.s) }
