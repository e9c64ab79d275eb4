package inbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// exportDialog writes captures, or the set-up, into a file of another tool's format.
type exportDialog struct {
	w        *frame.Window
	popup    *control.Popup
	one, all lot    // what is chosen, and all that the inbox lists
	filter   string // as it is in force in the inbox
	of       *control.Segmented

	formats          []exchange.Format
	format           *control.Select
	about, scope     *control.Paragraph
	mask, signatures *control.Switch
	bodies, anew     *control.Switch
	masks            *fyne.Container
	path             *control.Field
	named            string // the file name that the format suggests
	replacing        string // the file that the user agreed to replace
	start            *control.Button
	work             *frame.LongWork
	said             *control.Box
	body             *fyne.Container
}

// exportAs opens the dialog on a format, by its name: for what is picked, or else for all that the list shows.
func (p *Page) exportAs(format string) *exportDialog {
	if p.several() {
		return p.export(p.chosenLot(), format)
	}
	return p.export(lot{}, format)
}

// export opens the dialog on a format, for some captures; without any for all that the list shows.
func (p *Page) export(l lot, format string) *exportDialog {
	w := p.w
	d := &exportDialog{w: w, one: l, all: p.allLot(), filter: p.shown.query.String(), formats: exchange.Formats(), said: control.NewBox(control.Surface{}, nil)}
	d.of = control.NewSegmented(func(int) { d.turn() }, scopes(l, d.all, d.filter != "")...)
	if l.n == 0 {
		d.of.Select(1)
	}
	d.work = frame.NewLongWork(w, func() { part.Relayout(d.body) })
	var titles []string
	on := 0
	for i, f := range d.formats {
		if titles = append(titles, f.Title); f.Name == format {
			on = i
		}
	}
	d.format = control.NewSelect("Format", func(int) { d.turn() }, titles...)
	d.about, d.scope = control.NewParagraph("", control.Small), control.NewParagraph("", control.Body)
	d.signatures = control.NewSwitch(false, nil)
	d.bodies, d.anew = control.NewSwitch(false, nil), control.NewSwitch(false, nil)
	d.mask = control.NewSwitch(true, func(on bool) {
		for _, s := range []*control.Switch{d.signatures, d.bodies, d.anew} {
			s.SetDisabled(!on)
		}
	})
	d.masks = control.Col(12, control.Toggle(d.mask, "Mask credentials", "Tokens, cookies, passwords in addresses."),
		control.Toggle(d.bodies, "Mask credentials in bodies", "By their names, in JSON, forms and texts. Their signatures fit no longer."),
		control.Toggle(d.anew, "Sign masked captures anew", "With a key that everybody knows, so that they still verify."),
		control.Toggle(d.signatures, "Mask signatures too", "Then nobody can verify them again."))
	d.path = control.NewField("Into the file", "", func(string) { d.path.SetProblem("") }).AsCode().WithTrail(control.NewTool("folder", "Choose a folder", d.choose))
	d.path.OnSubmit = func(string) { d.begin() }
	d.start = control.NewButton("Export", "upload", control.Primary, d.begin)
	d.body = control.Col(12, d.format, d.about, control.Row(0, d.of), d.scope, d.masks, d.path, d.work.Root, d.said)
	home, _ := os.UserHomeDir()
	d.path.SetQuiet(home + string(filepath.Separator))
	d.format.Choose(on)
	d.turn()
	d.popup = w.Layers.Dialog("Export", 560, d.body, control.NewButton("Close", "", control.Secondary, func() { w.Layers.Close(d.popup) }), d.start)
	d.popup.OnClose = d.work.End
	w.Win.Canvas().Focus(d.start)
	return d
}

func (d *exportDialog) chosen() exchange.Format { return d.formats[d.format.Selected()] }

// lot is what will be written.
func (d *exportDialog) lot() lot {
	if d.of.Selected() == 0 {
		return d.one
	}
	return d.all
}

// turn shows what belongs to a format. The suggested file name follows, unless the user gave another.
func (d *exportDialog) turn() {
	f := d.chosen()
	d.about.Set(f.About)
	d.scope.Set(d.words(f))
	part.Show(d.scope, !f.Setup)
	d.of.Hidden = f.Setup || d.one.n == 0 || d.one.n >= d.all.n
	part.Show(d.masks, !f.Setup)
	if dir, name := filepath.Split(d.path.Text()); name == d.named {
		d.path.SetQuiet(filepath.Join(dir, f.File))
		d.named = f.File
	}
	d.said.SetChild(nil)
	d.start.SetDisabled(!f.Setup && d.lot().n == 0)
	part.Relayout(d.body)
}

// words say what will be written.
func (d *exportDialog) words(f exchange.Format) string {
	l := d.lot()
	switch {
	case f.Setup:
		return ""
	case l.n == 0:
		return "The inbox lists no capture, so there is nothing to write."
	case l.one != 0:
		return fmt.Sprintf("Capture %d.", l.one)
	case d.of.Selected() == 0:
		return l.String() + ": those that are selected."
	case d.filter != "":
		return l.String() + ": what matches the filter " + d.filter
	}
	return l.String() + ": the whole history. A filter in the inbox narrows it."
}

func (d *exportDialog) choose() {
	f := dialog.NewFolderOpen(func(dir fyne.ListableURI, err error) {
		if err != nil || dir == nil {
			d.w.Fail(err)
			return
		}
		d.path.Set(filepath.Join(dir.Path(), filepath.Base(d.path.Text())))
	}, d.w.Win)
	f.Show()
	f.Resize(fyne.NewSize(760, 520))
}

// begin writes, after a question where a file would be lost.
func (d *exportDialog) begin() {
	path := strings.TrimSpace(d.path.Text())
	switch info, err := os.Stat(path); {
	case d.work.Busy() || d.start.Disabled():
	case path == "" || !filepath.IsAbs(path):
		d.path.SetProblem("Name a file with its folder, such as /tmp/" + d.chosen().File)
	case err == nil && info.IsDir():
		d.path.SetProblem("That is a folder; name a file in it")
	case err == nil && d.replacing != path:
		d.w.Layers.Ask(control.Question{Title: "Replace " + filepath.Base(path) + "?", Text: "A file of that name is there already.", Yes: "Replace it", Danger: true,
			Do: func() { d.replacing = path; d.begin() }})
	default:
		d.write(path)
	}
}

func (d *exportDialog) write(path string) {
	f := d.chosen()
	of := d.lot()
	what := engine.Export{Format: f.Name, Match: &of.query, Options: exchange.Options{Reveal: !d.mask.On(), Signatures: d.signatures.On() && d.mask.On(), Bodies: d.bodies.On() && d.mask.On(), Substitute: d.anew.On() && d.mask.On()}}
	d.start.SetDisabled(true)
	d.said.SetChild(nil)
	d.work.Run("Writing captures", func(ctx context.Context) func() {
		done, err := d.w.Engine.Exchange.ExportFile(ctx, path, what, d.work.Progress)
		return func() { d.written(path, done, err) }
	})
}

// written says what came of it: what was masked must be known by whoever passes the file on.
func (d *exportDialog) written(path string, done engine.Exported, err error) {
	d.start.SetDisabled(false)
	var invalid *core.Invalid
	switch {
	case errors.Is(err, context.Canceled):
		d.said.SetChild(control.Banner(control.Amber, "Stopped: nothing was written", nil))
	case errors.As(err, &invalid) && invalid.Field == "file":
		d.path.SetProblem(invalid.Reason)
	case err != nil:
		d.said.SetChild(control.Banner(control.Red, part.Sentence(err), nil))
	default:
		d.replacing = path
		d.said.SetChild(saidOf(path, done))
	}
	part.Relayout(d.body)
}

func saidOf(path string, done engine.Exported) fyne.CanvasObject {
	text := "Written to " + path
	if done.Captures > 0 {
		text = view.Plural(done.Captures, "capture", "captures") + " written to " + path
	}
	lines := []fyne.CanvasObject{control.Banner(control.Green, text, nil)}
	for _, s := range done.Said[:min(len(done.Said), mostShown)] {
		lines = append(lines, control.NewParagraph(core.Capital(s), control.Small))
	}
	return control.Col(6, append(lines, more(len(done.Said))...)...)
}

// FileCommands are what the palette offers: a file in, and each format out.
func (p *Page) FileCommands() []control.Command {
	list := []control.Command{{Label: "Import a file", Icon: "download", Words: "har curl json workspace open drop", Do: func() { importFiles(p.w) }}}
	for _, f := range exchange.Formats() {
		list = append(list, control.Command{Label: "Export as " + f.Title, Icon: "upload", Words: "save captures " + f.Name, Do: func() { p.exportAs(f.Name) }})
	}
	return list
}

// filesMenu is the same under a button of the inbox.
func (p *Page) filesMenu(under fyne.CanvasObject) {
	here := func() fyne.Position {
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(under).AddXY(0, under.Size().Height)
	}
	items := p.verbItems(p.chosenLot(), here)
	for i, c := range p.FileCommands() {
		items = append(items, control.MenuItem{Label: c.Label, Icon: c.Icon, Divider: i < 2 && len(items) > 0, Do: c.Do})
	}
	p.w.Layers.MenuUnder(under, items...)
}
