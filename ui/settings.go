package ui

import "hookglass/ui/control"

func newSettingsPage(w *Window) page {
	return &plain{title: "Settings", symbol: "settings", root: control.Col(0, pageHead("Settings", ""), control.Spacer())}
}
