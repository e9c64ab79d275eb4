package ui

import "hookglass/ui/control"

func newTimelineTab(w *Window) tab { return &plainTab{title: "Timeline", root: control.Spacer()} }
