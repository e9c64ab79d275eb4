package lab

import (
	"context"
	"image"
	"image/png"
	"io"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"

	"hookglass/core/engine"
	"hookglass/core/lab"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// actions puts the tools of a result into its head.
func (v *whatIfView) actions(keep func(), export func(fyne.CanvasObject), reopen func(fyne.CanvasObject)) {
	var share, open *control.Button
	share = control.NewButton("Export", "download", control.Secondary, func() { export(share) })
	open = control.NewTool("folder", "Kept runs", func() { reopen(open) })
	v.tools.Objects = []fyne.CanvasObject{open, control.NewButton("Keep", "save", control.Secondary, keep), share}
	v.tools.Refresh()
}

// keep asks for a name and keeps the run with its settings.
func (p *whatIf) keep() {
	shown := p.result
	name := control.NewField("Name", "Black Friday with 100 a minute", nil).WithHelp("Its settings and its result are kept. A run of that name is replaced.")
	name.SetQuiet(shown.name)
	var popup *control.Popup
	save := func() {
		p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
			kept := engine.WhatIf{Name: name.Text(), At: time.Now(), Results: shown.results}
			err := p.w.Engine.Lab.KeepWhatIf(kept)
			return func() {
				if err != nil {
					name.SetProblem(part.Sentence(err))
					return
				}
				p.w.Layers.Close(popup)
				if p.result == shown {
					p.put(strings.TrimSpace(kept.Name), shown.results)
				}
				p.w.Layers.Toast(control.Toast{Text: "Kept as " + strings.TrimSpace(kept.Name), Tone: control.Green})
			}
		})
	}
	name.OnSubmit = func(string) { save() }
	popup = p.w.Layers.Dialog("Keep this run", 440, name,
		control.NewButton("Cancel", "", control.Secondary, func() { p.w.Layers.Close(popup) }), control.NewButton("Keep", "save", control.Primary, save))
	name.Focus()
}

// reopenMenu lists the kept runs.
func (p *whatIf) reopenMenu(anchor fyne.CanvasObject) {
	var items []control.MenuItem
	for _, k := range p.kept {
		items = append(items, control.MenuItem{Label: k.Name, Icon: "chart-line", Hint: view.Ago(k.At, time.Now()), Do: func() { p.reopen(k) }})
	}
	if p.result != nil && p.result.name != "" {
		name := p.result.name
		items = append(items, control.MenuItem{Label: "Delete " + name, Icon: "trash-2", Tone: control.Red, Divider: true, Do: func() { p.forget(name) }})
	}
	if len(items) == 0 {
		items = []control.MenuItem{{Label: "No runs are kept yet", Off: true}}
	}
	p.w.Layers.MenuUnder(anchor, items...)
}

// keptRow is a kept run where nothing else is shown.
func (p *whatIf) keptRow(k engine.WhatIf) fyne.CanvasObject {
	row := control.RowFill(10, control.NewIcon("chart-line", control.Muted, 15), control.Grow(control.NewText(k.Name, control.Body).Ellipsis()),
		control.NewText(view.Ago(k.At, time.Now()), control.Small))
	return control.NewPress(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 8, Pad: control.XY(12, 9)}, row, func() { p.reopen(k) })
}

// reopen shows a kept run and fills in its settings.
func (p *whatIf) reopen(k engine.WhatIf) {
	if len(k.Results) == 0 {
		return
	}
	p.set(k.Results[0].Scenario)
	if len(k.Results) > 1 {
		p.policies[1].set(k.Results[1].Scenario.Policy)
	}
	p.put(k.Name, k.Results)
}

func (p *whatIf) forget(name string) {
	p.w.Layers.Ask(control.Question{Title: "Delete " + name + "?", Text: "The run and its settings are gone then.", Yes: "Delete", Danger: true, Do: func() {
		p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
			err := p.w.Engine.Lab.DeleteWhatIf(name)
			return func() {
				if p.w.Fail(err); err == nil {
					p.result = nil
					p.showEmpty()
				}
			}
		})
	}})
}

// export offers the ways to take a result elsewhere.
func (p *whatIf) export(anchor fyne.CanvasObject) {
	v := p.result
	name := fileName(v.name, "what-if")
	p.w.Layers.MenuUnder(anchor,
		control.MenuItem{Label: "Picture, PNG", Icon: "image", Do: func() {
			picture := v.picture() // here, as it is made of what the window is made of
			frame.SaveFile(p.w, name+".png", func(w io.Writer) error { return png.Encode(w, picture) })
		}},
		control.MenuItem{Label: "Series, CSV", Icon: "file", Do: func() {
			frame.SaveFile(p.w, name+".csv", func(w io.Writer) error { return lab.WriteSeries(w, v.results) })
		}},
		control.MenuItem{Label: "Settings and result, JSON", Icon: "file-json", Do: func() {
			frame.SaveFile(p.w, name+".json", func(w io.Writer) error { return lab.WriteResults(w, v.results) })
		}})
}

// fileName makes a name for a file of what the user called it.
func fileName(name, fallback string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if len(words) == 0 {
		return fallback
	}
	return strings.Join(words, "-")
}

// picture draws the whole result, not only what is in sight, in the colours of the window.
func (v *whatIfView) picture() image.Image {
	const width, scale = 1240, 1.5
	copied := newWhatIfView(v.w, v.name, v.results)
	copied.zoom.Select(v.zoom.Selected())
	copied.draw()
	copied.zoom.Hide()
	sheet := control.NewBox(control.Surface{Fill: control.SurfaceDetail, Pad: control.All(28)}, copied.body)
	c := software.NewCanvas()
	c.SetPadded(false)
	c.SetScale(scale)
	c.SetContent(sheet)
	for range 2 { // what wraps knows its height once it has its width
		sheet.Resize(fyne.NewSize(width, sheet.Size().Height))
		c.Resize(fyne.NewSize(width, sheet.MinSize().Height))
	}
	return c.Capture()
}
