package ui

import "hookglass/ui/control"

func newHeadersTab(w *Window) tab { return &plainTab{title: "Headers", root: control.Spacer()} }
