package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/core"
)

// tab is one view of a capture. All of them are given the capture at once, and build what they show when first seen.
type tab interface {
	label() string
	view() fyne.CanvasObject
	// set shows another capture; nil clears. It runs on the UI goroutine and must be quick.
	set(c *core.Capture)
	// load reads what may change while the capture is shown; nil where nothing does.
	load(ctx context.Context, c *core.Capture) (apply func())
}

// plainTab is a tab that reads nothing later.
type plainTab struct {
	title string
	root  fyne.CanvasObject
}

func (t *plainTab) label() string                              { return t.title }
func (t *plainTab) view() fyne.CanvasObject                    { return t.root }
func (t *plainTab) set(*core.Capture)                          {}
func (t *plainTab) load(context.Context, *core.Capture) func() { return nil }
