package inbox

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// savedMenu offers the saved filters, and to keep the one in force.
func (p *Page) savedMenu(anchor fyne.CanvasObject) {
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		all, err := p.w.Engine.History.Filters(ctx)
		return func() {
			p.w.Fail(err)
			filter := p.filter.Query()
			items := []control.MenuItem{{Label: "Save this filter…", Icon: "plus", Off: filter == "" || p.filter.Problem() != "", Do: func() { p.askName("", engine.SavedFilter{Filter: filter}) }}}
			for i, f := range all {
				items = append(items, control.MenuItem{Label: f.Name, Hint: cutShort(f.Filter), Icon: "funnel", On: f.Filter == filter, Divider: i == 0, Do: func() { p.UseFilter(f.Filter) }})
			}
			p.w.Layers.MenuUnder(anchor, items...)
		}
	})
}

func cutShort(filter string) string {
	if r := []rune(filter); len(r) > 36 {
		return string(r[:35]) + "…"
	}
	return filter
}

// UseFilter puts a filter in force instead of the one that is.
func (p *Page) UseFilter(filter string) {
	p.w.Open(p.Name())
	p.filter.Set(filter)
	p.apply()
}

// FilterMenu is that of a saved filter in the rail.
func (p *Page) FilterMenu(f engine.SavedFilter, at fyne.Position) {
	p.w.Layers.Menu(at,
		control.MenuItem{Label: "Show", Icon: "funnel", Do: func() { p.UseFilter(f.Filter) }},
		control.MenuItem{Label: "Rename…", Icon: "pencil", Do: func() { p.askName(f.Name, f) }},
		control.MenuItem{Label: "Delete the filter", Icon: "trash-2", Tone: control.Red, Divider: true, Do: func() { p.forgetFilter(f) }})
}

// askName asks what a filter is to be called; was is what it is called now.
func (p *Page) askName(was string, f engine.SavedFilter) {
	title, yes := "Save the filter", "Save"
	if was != "" {
		title, yes = "Rename the filter", "Rename"
	}
	var popup *control.Popup
	name := control.NewField("Name", "Bad signatures of Stripe", nil)
	name.Set(f.Name)
	keep := func() {
		kept := engine.SavedFilter{Name: name.Text(), Filter: f.Filter}
		p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
			err := p.w.Engine.History.SaveFilter(was, kept)
			return func() {
				var invalid *core.Invalid
				if errors.As(err, &invalid) && invalid.Field == "name" {
					name.SetProblem(part.WholeSentence(invalid.Reason))
					return
				}
				p.w.Layers.Close(popup)
				p.w.Fail(err)
				p.w.Pump.Again()
			}
		})
	}
	name.OnSubmit = func(string) { keep() }
	words := control.NewParagraph(f.Filter, control.Code.In(control.Muted))
	popup = p.w.Layers.Dialog(title, 420, control.Col(12, name, words),
		control.NewButton("Cancel", "", control.Secondary, func() { p.w.Layers.Close(popup) }), control.NewButton(yes, "save", control.Primary, keep))
	name.Focus()
}

// forgetFilter deletes a saved filter, and offers to have it back.
func (p *Page) forgetFilter(f engine.SavedFilter) {
	p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
		err := p.w.Engine.History.DeleteFilter(f.Name)
		return func() {
			if p.w.Fail(err); err != nil {
				return
			}
			p.w.Layers.Toast(control.Toast{Text: "The filter " + f.Name + " is deleted", Action: "Undo", Do: func() {
				p.w.Fail(p.w.Engine.History.SaveFilter("", f))
				p.w.Pump.Again()
			}})
			p.w.Pump.Again()
		}
	})
}
