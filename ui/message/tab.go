// Package message shows a request, a response or an attempt: body, headers, two side by side, and what followed on a timeline.
package message

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/core"
)

// Tab is one view of a capture. All of them are given the capture at once, and build what they show when first seen.
type Tab interface {
	Label() string
	View() fyne.CanvasObject
	// Set shows another capture; nil clears. It runs on the UI goroutine and must be quick.
	Set(c *core.Capture)
	// Load reads what may change while the capture is shown; nil where nothing does.
	Load(ctx context.Context, c *core.Capture) (apply func())
}

// plainTab is a tab that reads nothing later.
type plainTab struct {
	title string
	root  fyne.CanvasObject
}

func (t *plainTab) Label() string                              { return t.title }
func (t *plainTab) View() fyne.CanvasObject                    { return t.root }
func (t *plainTab) Set(*core.Capture)                          {}
func (t *plainTab) Load(context.Context, *core.Capture) func() { return nil }
