package ui

import "hookglass/ui/control"

func newWorkPage(w *Window) page {
	return &plain{title: "Work", symbol: "workflow", root: control.Col(0, pageHead("Work", ""), control.Spacer())}
}
