package ui

import "hookglass/ui/control"

func newDeliveriesPage(w *Window) page {
	return &plain{title: "Deliveries", symbol: "send", root: control.Col(0, pageHead("Deliveries", ""), control.Spacer())}
}
