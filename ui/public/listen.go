package public

import (
	"context"
	"net"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// listenRow says where the sources listen on this computer. It is a button that copies the address of one.
type listenRow struct {
	w     *frame.Window
	words *control.Text
	moved *control.Paragraph // the port is another than the one wanted, or nothing is received
	root  *fyne.Container
}

func newListenRow(w *frame.Window) *listenRow {
	r := &listenRow{w: w, words: control.NewText("", control.CodeSmall).Ellipsis(), moved: control.NewParagraph("", control.Small.In(control.Amber))}
	row := control.Row(7, control.NewIcon("house", control.Faint, 13), control.Grow(r.words), control.NewIcon("copy", control.Faint, 13))
	var press *control.Press
	press = control.NewPress(control.Surface{Radius: 6, Pad: control.XY(3, 3)}, row, func() { copySource(w, press, "Address", w.Engine.LocalURL) })
	press.Tip = "Listening on this computer. Copy the address of a source"
	r.root = control.Col(3, press, r.moved)
	r.show()
	return r
}

// show brings it in line with where the engine listens.
func (r *listenRow) show() {
	now := strings.TrimPrefix(r.w.Engine.URL(), "http://")
	r.words.Set(now)
	text := movedText(r.w.Engine.Address.Taken(), r.w.Engine.Address.Addr())
	if why := r.w.Engine.ReadOnly(); why != "" {
		text = "Read-only: " + why
	}
	r.moved.Set(text)
	r.moved.Hidden = text == ""
}

// movedText says that another port is in use than the one wanted.
func movedText(taken, now string) string {
	_, wanted, err := net.SplitHostPort(taken)
	_, got, _ := net.SplitHostPort(now)
	if err != nil {
		return ""
	}
	return "Port " + wanted + " is taken, so it is " + got + "."
}

// copySource copies the address of the only source, or asks of which: the bare address of the listener answers 404.
func copySource(w *frame.Window, anchor fyne.CanvasObject, what string, url func(core.Source) string) {
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		sources, err := w.Engine.Store.Sources(ctx)
		return func() {
			switch {
			case err != nil:
				w.Fail(err)
			case len(sources) == 0:
				w.Layers.Toast(control.Toast{Text: "There is no source whose address could be copied", Action: "Add one", Do: func() { w.Go.NewSource("", "") }})
			case len(sources) == 1:
				w.Copy(what+" of "+sources[0].Name, url(sources[0]))
			default:
				w.Layers.MenuUnder(anchor, sourceItems(w, sources, what, url)...)
			}
		}
	})
}

func sourceItems(w *frame.Window, sources []core.Source, what string, url func(core.Source) string) []control.MenuItem {
	items := make([]control.MenuItem, len(sources))
	for i, src := range sources {
		items[i] = control.MenuItem{Label: src.Name, Hint: part.SourcePathOf(src), Icon: "copy", Do: func() { w.Copy(what+" of "+src.Name, url(src)) }}
	}
	return items
}
