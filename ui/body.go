package ui

import "hookglass/ui/control"

func newBodyTab(w *Window) tab { return &plainTab{title: "Body", root: control.Spacer()} }
