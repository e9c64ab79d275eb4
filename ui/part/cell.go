package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Cell is a row of a list, which is drawn by what it holds.
type Cell struct {
	widget.BaseWidget
	Body fyne.CanvasObject
}

// CreateRenderer is for Fyne.
func (c *Cell) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.Body) }
