package settings

import (
	"context"
	"runtime"

	"fyne.io/fyne/v2"

	"hookglass/assets"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/public"
)

// aboutSection says what this program is, where its data is, and whose work it carries.
type aboutSection struct {
	w       *frame.Window
	root    *settingsForm
	updates *updates
}

// carried is the work of others that stands in the program itself.
var carried = []struct{ name, what, file string }{
	{"Inter", "SIL Open Font License 1.1", "fonts/OFL-Inter.txt"},
	{"JetBrains Mono", "SIL Open Font License 1.1", "fonts/OFL-JetBrainsMono.txt"},
	{"Lucide icons", "ISC", "icons/LICENSE"},
}

func newAboutSection(w *frame.Window) *aboutSection {
	a := &aboutSection{w: w, updates: newUpdates(w)}
	version := w.Version
	if version == "" {
		version = "of the sources"
	}
	facts := control.NewFacts(control.Fact{Key: "Version", Value: version}, control.Fact{Key: "Built with", Value: runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH},
		control.Fact{Key: "Data folder", Value: w.Engine.Home(), Code: true})
	facts.OnCopy = func(f control.Fact) { w.Layers.Toast(control.Toast{Text: f.Key + " copied", Tone: control.Green}) }
	logo := control.NewBox(control.Surface{Fill: control.Accent, Radius: 10, Pad: control.All(9)}, control.NewIcon("webhook", control.OnAccent, 22))
	words := control.Col(2, control.NewText("Hookglass", control.Heading), control.NewText("A workbench for webhooks", control.Body.In(control.Muted)))
	folder := control.NewButton("Open folder", "folder", control.Secondary, func() { public.OpenFolder(w, w.Engine.Home()) })
	rows := []fyne.CanvasObject{}
	for _, c := range carried {
		rows = append(rows, control.Row(10, control.Grow(control.Col(1, control.NewText(c.name, control.BodyBold), control.NewText(c.what, control.Small))),
			control.NewButton("Read", "book-open", control.Ghost, func() { a.read(c.name, c.file) })))
	}
	a.root = newSettingsForm(
		group("This program", "No account, no cloud: everything is on this computer.", control.Row(12, logo, control.Grow(words)), facts, control.Row(0, folder)),
		a.updates.view(),
		group("Licences", "Hookglass stands under the licence that came with it. It carries these:", rows...))
	return a
}

func (a *aboutSection) Title() string                   { return "About" }
func (a *aboutSection) Icon() string                    { return "info" }
func (a *aboutSection) view() fyne.CanvasObject         { return a.root.Scroll }
func (a *aboutSection) load(ctx context.Context) func() { return a.updates.load(ctx) }

// read shows a licence whole.
func (a *aboutSection) read(name, file string) {
	text := control.NewCodeBlock(control.Snippet{Text: assets.Licence(file)})
	text.SetMost(22)
	a.w.Layers.Dialog("Licence of "+name, 640, text)
}
