package ui

import "hookglass/core"

// compareCaptures shows two captures side by side.
func (w *Window) compareCaptures(a, b core.CaptureID) {}
