package ui

import "hookglass/ui/control"

func newLabPage(w *Window) page {
	return &plain{title: "Lab", symbol: "flask-conical", root: control.Col(0, pageHead("Lab", ""), control.Spacer())}
}
