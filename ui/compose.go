package ui

import (
	"hookglass/core"
	"hookglass/ui/control"
)

func newComposePage(w *Window) page {
	return &plain{title: "Compose", symbol: "square-pen", root: control.Col(0, pageHead("Compose", ""), control.Spacer())}
}

// composeFrom opens Compose with a capture's request, to edit and send.
func (w *Window) composeFrom(c *core.Capture) { w.open("Compose") }
