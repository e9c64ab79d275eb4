package inbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// importDialog shows what is in a file of another tool before anything of it is taken.
type importDialog struct {
	w     *frame.Window
	more  []string // files that were dropped along with this one
	popup *control.Popup

	path  *control.Field
	found *control.Box // what is in the file
	place *control.Segmented
	take  *control.Button
	work  *frame.LongWork
	in    *engine.Import // nil: not read yet
	body  *fyne.Container
}

// importFiles opens the dialog on files, one after the other; without any it asks for one.
func importFiles(w *frame.Window, paths ...string) *importDialog {
	d := &importDialog{w: w, found: control.NewBox(control.Surface{}, nil)}
	choose := control.NewTool("folder", "Choose a file", d.choose)
	d.work = frame.NewLongWork(w, func() { part.Relayout(d.body) })
	d.path = control.NewField("File", "HAR, JSON lines, curl, .http, Postman, Insomnia, Bruno or a workspace", func(string) { d.forget() }).AsCode().WithTrail(choose)
	d.path.OnSubmit = func(string) { d.begin() }
	d.take = control.NewButton("Look into it", "search", control.Primary, d.begin)
	d.place = control.NewSegmented(func(int) {}, "In the keyring", "For this run only")
	d.body = control.Col(12, d.path, d.found, d.work.Root)
	title := "Import a file"
	if len(paths) > 1 {
		title = fmt.Sprintf("Import a file, the first of %d", len(paths))
	}
	cancel := control.NewButton("Cancel", "", control.Secondary, func() { w.Layers.Close(d.popup) })
	d.popup = w.Layers.Dialog(title, 600, d.body, cancel, d.take)
	d.popup.OnClose = d.closed
	d.path.Focus()
	if len(paths) > 0 {
		d.more = paths[1:]
		d.open(paths[0])
	}
	return d
}

// OpenFiles shows what is in files, one after the other, before anything of it is taken. What it shows stands over the inbox.
func OpenFiles(w *frame.Window, paths ...string) {
	w.Open("Inbox")
	importFiles(w, paths...)
}

// Dropped takes what was let go over the window.
func Dropped(w *frame.Window, files []fyne.URI) {
	var paths []string
	for _, f := range files {
		if f.Scheme() == "file" {
			paths = append(paths, f.Path())
		}
	}
	if len(paths) == 0 {
		w.Layers.Toast(control.Toast{Text: "Only files can be imported: save it first, and drop the file"})
		return
	}
	importFiles(w, paths...)
}

func (d *importDialog) choose() {
	frame.OpenFile(d.w, func(f fyne.URIReadCloser) {
		f.Close() // it is read by its path
		d.open(f.URI().Path())
	})
}

// open reads a file.
func (d *importDialog) open(path string) {
	d.path.SetQuiet(path)
	d.forget()
	d.begin()
}

// forget takes away what was found, since another file is meant.
func (d *importDialog) forget() {
	d.in = nil
	d.path.SetProblem("")
	d.found.SetChild(nil)
	d.take.Set("Look into it", "search")
	d.take.SetDisabled(false)
	part.Relayout(d.body)
}

// begin reads the file, or takes what was read.
func (d *importDialog) begin() {
	path := strings.TrimSpace(d.path.Text())
	switch {
	case d.work.Busy() || d.take.Disabled():
	case path == "":
		d.path.SetProblem("Name a file, or drop it on the window")
	case d.in == nil:
		d.work.Run("Reading the file", func(ctx context.Context) func() {
			in, err := d.w.Engine.Exchange.Read(ctx, path)
			return func() { d.show(in, err) }
		})
	case d.in.Workspace != nil:
		d.keep()
	default:
		d.add()
	}
}

// show says what is in the file.
func (d *importDialog) show(in engine.Import, err error) {
	if err != nil {
		d.path.SetProblem(part.Sentence(err))
		part.Relayout(d.body)
		return
	}
	d.in = &in
	what := d.captures()
	if in.Workspace != nil {
		what = d.workspace()
	}
	if n := len(in.Unread); n > 0 {
		what = append(what, control.Banner(control.Amber, view.Plural(n, "entry", "entries")+" cannot be read and will be left out", nil))
		for _, u := range in.Unread[:min(n, mostShown)] {
			what = append(what, control.NewParagraph(fmt.Sprintf("%s: %s", core.Capital(u.Place), u.Why.Error()), control.Small))
		}
		what = append(what, more(n)...)
	}
	if n := len(in.Marks); n > 0 {
		what = append(what, control.Banner(control.Amber, "Not to the byte what was sent; the notes of the captures say it too", nil))
		for _, m := range in.Marks[:min(n, mostShown)] {
			what = append(what, control.NewParagraph(fmt.Sprintf("%s: %s", core.Capital(m.Place), m.Says), control.Small))
		}
		what = append(what, more(n)...)
	}
	d.found.SetChild(control.Col(6, what...))
	part.Relayout(d.body)
	d.w.Win.Canvas().Focus(d.take)
}

// mostShown bounds what is shown of a list of a file's things.
const mostShown = 6

func more(n int) []fyne.CanvasObject {
	if n <= mostShown {
		return nil
	}
	return []fyne.CanvasObject{control.NewText("and "+view.Count(int64(n-mostShown))+" more", control.Small)}
}

func (d *importDialog) captures() (what []fyne.CanvasObject) {
	all := d.in.Captures
	n := view.Plural(len(all)+d.in.More, "capture", "captures")
	d.take.Set("Import "+n, "download")
	d.take.SetDisabled(len(all) == 0)
	what = append(what, control.NewText(n+" from "+formatTitle(d.in.Format), control.Strong))
	if d.in.More > 0 {
		what = append(what, control.NewText("The first "+view.Count(int64(len(all)))+" of them:", control.Small))
	}
	what = append(what, contentsOf(all))
	for i := range all[:min(len(all), mostShown)] {
		c := &all[i]
		line := c.Request.Method + " " + c.Request.URL()
		if c.Request.Host == "" && c.Request.Base == "" {
			line = c.Request.Method + " " + c.Request.Target
		}
		if c.Event.Type != "" {
			line = c.Event.Type + "  " + line
		}
		what = append(what, control.NewText(line, control.CodeSmall).EllipsisMiddle())
	}
	return append(what, more(len(all)+d.in.More)...)
}

// contentsOf says what the captures of a file are.
func contentsOf(all []core.Capture) fyne.CanvasObject {
	var facts []control.Fact
	for _, c := range view.Contents(all) {
		facts = append(facts, control.Fact{Key: c.Name, Value: c.Text, Plain: true})
	}
	return control.NewFacts(facts...)
}

func formatTitle(name string) string {
	for _, k := range exchange.Readable() {
		if k.Name == name {
			return k.Title
		}
	}
	return name
}

func (d *importDialog) workspace() (what []fyne.CanvasObject) {
	w := d.in.Workspace
	parts := view.Plural(len(w.Sources), "source", "sources") + " and " + view.Plural(len(w.Endpoints), "endpoint", "endpoints")
	d.take.Set("Keep "+parts, "download")
	d.take.SetDisabled(len(w.Sources)+len(w.Endpoints)+len(w.Schemes)+len(w.Environments) == 0)
	what = append(what, control.NewText("A workspace with "+parts, control.Strong))
	var lines []string
	for _, s := range w.Schemes {
		lines = append(lines, "scheme "+s.ID)
	}
	for _, e := range w.Environments {
		line := "environment " + e.Name
		for _, name := range slices.Sorted(maps.Keys(e.Secrets)) { // whose secrets it would send is the user's to see
			line += ", " + name + " from the " + part.SecretWords(e.Secrets[name])
		}
		lines = append(lines, line)
	}
	for _, s := range w.Sources {
		line := "source " + s.Name + ", " + s.Platform
		for i, f := range s.Forwards {
			line += [2]string{", forwards to ", " and "}[min(i, 1)] + f.URL
		}
		lines = append(lines, line)
	}
	for _, e := range w.Endpoints {
		lines = append(lines, "endpoint "+e.Name+", "+e.Target.URL)
	}
	for _, line := range lines[:min(len(lines), mostShown)] {
		what = append(what, control.NewText(line, control.CodeSmall).EllipsisMiddle())
	}
	what = append(what, more(len(lines))...)
	if len(d.in.Replaces) > 0 {
		what = append(what, control.Banner(control.Amber, "Takes the place of "+strings.Join(d.in.Replaces, ", "), nil))
	}
	if n := len(w.Plain); n > 0 {
		what = append(what, control.NewParagraph(view.Plural(n, "secret stands", "secrets stand")+" in the file. Where shall it be kept?", control.Body))
		if !d.w.Engine.Vault.HasKeyring() {
			d.place.Select(1)
		}
		what = append(what, control.Row(0, d.place))
	}
	return what
}

// add takes the captures.
func (d *importDialog) add() {
	in, all := d.in, len(d.in.Captures)+d.in.More
	d.take.SetDisabled(true)
	d.work.Run("Importing captures", func(ctx context.Context) func() {
		var ids []core.CaptureID
		var err error
		told := func(done int) { d.work.Progress(done, all) }
		if in.Path != "" {
			ids, err = d.w.Engine.Exchange.TakeLarge(ctx, *in, told)
		} else {
			ids, err = d.w.Engine.Exchange.Take(ctx, in.Name, in.Captures, told)
		}
		return func() { d.added(ids, all, err) }
	})
}

func (d *importDialog) added(ids []core.CaptureID, of int, err error) {
	text := view.Plural(len(ids), "capture", "captures") + " imported"
	if errors.Is(err, context.Canceled) {
		text = fmt.Sprintf("Stopped: %s of %s were imported", view.Count(int64(len(ids))), view.Count(int64(of)))
	} else if err != nil {
		d.w.Fail(err)
	}
	d.w.Layers.Toast(control.Toast{Text: text, Tone: control.Green})
	d.w.Layers.Close(d.popup)
	d.w.Open("Inbox")
}

// keep puts the workspace in force.
func (d *importDialog) keep() {
	w, place := d.in.Workspace, [...]string{"keyring", "run"}[d.place.Selected()]
	if len(w.Plain) == 0 {
		place = "run" // there is nothing to keep
	}
	d.take.SetDisabled(true)
	d.work.Run("Putting the workspace in force", func(ctx context.Context) func() {
		err := d.w.Engine.Exchange.Keep(ctx, w, place)
		return func() {
			if err != nil {
				d.take.SetDisabled(false)
				d.path.SetProblem(part.Sentence(err))
				part.Relayout(d.body)
				return
			}
			d.w.Layers.Toast(control.Toast{Text: "The workspace is in force", Tone: control.Green})
			d.w.Layers.Close(d.popup)
			d.w.Open("Sources")
		}
	})
}

// closed ends what goes on, and passes to the next file.
func (d *importDialog) closed() {
	d.work.End()
	if len(d.more) > 0 {
		importFiles(d.w, d.more...)
	}
}
