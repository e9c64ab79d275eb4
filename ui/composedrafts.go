package ui

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/store"
	"hookglass/ui/control"
)

// saveDraft asks for a name and keeps what is composed, without any secret.
func (p *composePage) saveDraft() {
	c, secret, _ := p.read()
	name := control.NewField("Name", "What you will know it by", nil)
	name.SetQuiet(cmp.Or(c.Event, c.URL))
	if p.draft.ID != 0 {
		name.SetQuiet(p.draft.Name)
	}
	note := "The secret is not in it, only where it is kept."
	if !secret.Typed.Empty() {
		note = "The secret that you typed is not saved with it: enter it again when you open the draft."
	}
	var popup *control.Popup
	save := func(id int64) {
		if name.Text() == "" {
			name.SetProblem("Give it a name")
			return
		}
		p.w.layers.Close(popup)
		p.keep(store.Draft{ID: id, Name: name.Text()}, c)
	}
	buttons := []fyne.CanvasObject{control.NewButton("Save", "save", control.Primary, func() { save(p.draft.ID) })}
	if p.draft.ID != 0 {
		buttons = append([]fyne.CanvasObject{control.NewButton("Save as another", "", control.Secondary, func() { save(0) })}, buttons...)
	}
	name.OnSubmit = func(string) { save(p.draft.ID) }
	popup = p.w.layers.Dialog("Save as a draft", 420, control.Col(10, name, control.NewParagraph(note, control.Small)), buttons...)
	name.Focus()
}

func (p *composePage) keep(d store.Draft, c composition) {
	doc, err := json.Marshal(c)
	if err != nil {
		p.w.fail(err)
		return
	}
	d.Doc, d.Updated = doc, time.Now()
	p.w.pump.task(p.w.ctx, func(context.Context) func() {
		err := p.w.e.Store.PutDraft(&d)
		return func() {
			p.w.fail(err)
			if err == nil {
				p.draft = d
				p.subtitle()
				p.w.layers.Toast(control.Toast{Text: "Saved as " + d.Name, Tone: control.Green})
			}
		}
	})
}

// openDrafts lists what was saved, to open or delete.
func (p *composePage) openDrafts() {
	p.w.pump.task(p.w.ctx, func(ctx context.Context) func() {
		drafts, err := p.w.e.Store.Drafts(ctx)
		return func() {
			p.w.fail(err)
			if err == nil {
				p.listDrafts(drafts)
			}
		}
	})
}

func (p *composePage) listDrafts(drafts []store.Draft) {
	list := control.Col(2)
	var popup *control.Popup
	for _, d := range drafts {
		row := control.RowFill(10, control.NewIcon("file", control.Muted, 15), control.Grow(control.NewText(d.Name, control.Body).Ellipsis()),
			control.NewText(agoWords(d.Updated, time.Now()), control.Small))
		open := control.NewPress(control.Surface{Radius: 7, Pad: control.XY(10, 8)}, row, func() { p.w.layers.Close(popup); p.openDraft(d) })
		list.Add(control.RowFill(4, control.Grow(open), control.NewTool("trash-2", "Delete this draft", func() { p.w.layers.Close(popup); p.deleteDraft(d) })))
	}
	if len(drafts) == 0 {
		list.Add(control.NewParagraph("No drafts yet. “Save draft” keeps what you compose under a name.", control.Body.In(control.Muted)))
	}
	popup = p.w.layers.Dialog("Drafts", 460, list)
}

func (p *composePage) openDraft(d store.Draft) {
	var c composition
	if err := json.Unmarshal(d.Doc, &c); err != nil {
		p.w.fail(err)
		return
	}
	p.draft = d
	p.put(c)
}

func (p *composePage) deleteDraft(d store.Draft) {
	p.w.pump.task(p.w.ctx, func(context.Context) func() {
		err := p.w.e.Store.DeleteDraft(d.ID)
		return func() {
			p.w.fail(err)
			if err != nil {
				return
			}
			if p.draft.ID == d.ID {
				p.draft = store.Draft{}
				p.subtitle()
			}
			p.w.layers.Toast(control.Toast{Text: d.Name + " deleted", Action: "Undo", Do: func() { d.ID = 0; p.restore(d) }})
		}
	})
}

func (p *composePage) restore(d store.Draft) {
	p.w.pump.task(p.w.ctx, func(context.Context) func() {
		err := p.w.e.Store.PutDraft(&d)
		return func() { p.w.fail(err) }
	})
}
