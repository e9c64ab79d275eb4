package ui

import "hookglass/core"

type comparedSide struct{}

func attemptSide(a *core.Attempt) comparedSide { return comparedSide{} }

func (w *Window) compare(a, b comparedSide) {}

// compareCaptures shows two captures side by side.
func (w *Window) compareCaptures(a, b core.CaptureID) {}
