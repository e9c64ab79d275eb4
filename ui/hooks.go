package ui

import (
	"hookglass/core"
)

// detailTabs are the tabs of a capture in their order.
func detailTabs(w *Window) []tab { return []tab{newOverview(w)} }

func (w *Window) palette()                                      {}
func (w *Window) compareCaptures(a, b core.CaptureID)           {}
func (w *Window) replayDialog(ids []core.CaptureID, quick bool) {}
func (w *Window) composeFrom(c *core.Capture)                   {}
func (w *Window) addSourceAt(c *core.Capture)                   {}
