package ui

import (
	"hookglass/core"
	"hookglass/ui/control"
)

func newSourcesPage(w *Window) page {
	return &plain{title: "Sources", symbol: "webhook", root: control.Col(0, pageHead("Sources", ""), control.Spacer())}
}

// addSourceAt opens Sources with a new generic source at a capture's path.
func (w *Window) addSourceAt(c *core.Capture) { w.open("Sources") }
