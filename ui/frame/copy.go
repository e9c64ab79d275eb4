package frame

import (
	"context"

	"hookglass/core"
	"hookglass/ui/control"
)

// Copy puts text on the clipboard and says so.
func (w *Window) Copy(what, text string) {
	w.App.Clipboard().SetContent(text)
	w.Layers.Toast(control.Toast{Text: what + " copied", Tone: control.Green})
}

// CopyCurlOf copies a command that a source accepts, with a fresh signature; its secret may have to come from the keyring
// first.
func CopyCurlOf(w *Window, src core.Source) {
	w.Pump.Task(w.Ctx, func(context.Context) func() {
		line := w.Engine.Curl(src)
		return func() { w.Copy("curl line for "+src.Name, line) }
	})
}
