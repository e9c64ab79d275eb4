package ui

import (
	"context"

	"hookglass/core"
	"hookglass/ui/control"
)

// copy puts text on the clipboard and says so.
func (w *Window) copy(what, text string) {
	w.app.Clipboard().SetContent(text)
	w.layers.Toast(control.Toast{Text: what + " copied", Tone: control.Green})
}

// copyCurlOf copies a command that a source accepts, with a fresh signature; its secret may have to come from the keyring
// first.
func copyCurlOf(w *Window, src core.Source) {
	w.pump.task(w.ctx, func(context.Context) func() {
		line := w.e.Curl(src)
		return func() { w.copy("curl line for "+src.Name, line) }
	})
}
