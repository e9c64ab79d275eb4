package ui

import (
	"hookglass/core"
	"hookglass/ui/control"
)

func newReplaysTab(w *Window) tab { return &plainTab{title: "Replays", root: control.Spacer()} }

// replayDialog asks where captures are sent again and how; quick sends at once to the last address.
func (w *Window) replayDialog(ids []core.CaptureID, quick bool) {}
