package ui

import "hookglass/ui/control"

func newSignatureTab(w *Window) tab { return &plainTab{title: "Signature", root: control.Spacer()} }
