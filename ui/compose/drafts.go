package compose

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/picture"
)

// saveDraft asks for a name and keeps what is composed, without any secret.
func (p *Page) saveDraft() {
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
		p.w.Layers.Close(popup)
		p.keep(store.Draft{ID: id, Name: name.Text()}, c)
	}
	buttons := []fyne.CanvasObject{control.NewButton("Save", "save", control.Primary, func() { save(p.draft.ID) })}
	if p.draft.ID != 0 {
		buttons = append([]fyne.CanvasObject{control.NewButton("Save as another", "", control.Secondary, func() { save(0) })}, buttons...)
	}
	name.OnSubmit = func(string) { save(p.draft.ID) }
	popup = p.w.Layers.Dialog("Save as a draft", 420, control.Col(10, name, control.NewParagraph(note, control.Small)), buttons...)
	name.Focus()
}

func (p *Page) keep(d store.Draft, c composition) {
	doc, err := json.Marshal(c)
	if err != nil {
		p.w.Fail(err)
		return
	}
	d.Doc, d.Updated = doc, time.Now()
	shown := p.shown
	p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
		err := p.w.Engine.Store.PutDraft(&d)
		return func() {
			p.w.Fail(err)
			if err == nil {
				if shown == p.shown { // else something else was put up, which is no part of it
					p.draft = d
					p.subtitle()
				}
				p.w.Layers.Toast(control.Toast{Text: "Saved as " + d.Name, Tone: control.Green})
			}
		}
	})
}

// openDrafts lists what was saved, to open or delete.
func (p *Page) openDrafts() {
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		drafts, err := p.w.Engine.Store.Drafts(ctx)
		return func() {
			p.w.Fail(err)
			if err == nil {
				p.listDrafts(drafts)
			}
		}
	})
}

func (p *Page) listDrafts(drafts []store.Draft) {
	list := control.Col(2)
	var popup *control.Popup
	for _, d := range drafts {
		row := control.RowFill(10, control.NewIcon("file", control.Muted, 15), control.Grow(control.NewText(d.Name, control.Body).Ellipsis()),
			control.NewText(picture.AgoWords(d.Updated, time.Now()), control.Small))
		open := control.NewPress(control.Surface{Radius: 7, Pad: control.XY(10, 8)}, row, func() { p.w.Layers.Close(popup); p.openDraft(d) })
		list.Add(control.RowFill(4, control.Grow(open), control.NewTool("trash-2", "Delete this draft", func() { p.w.Layers.Close(popup); p.deleteDraft(d) })))
	}
	if len(drafts) == 0 {
		list.Add(control.NewParagraph("No drafts yet. “Save draft” keeps what you compose under a name.", control.Body.In(control.Muted)))
	}
	popup = p.w.Layers.Dialog("Drafts", 460, list)
}

func (p *Page) openDraft(d store.Draft) {
	var c composition
	if err := json.Unmarshal(d.Doc, &c); err != nil {
		p.w.Fail(err)
		return
	}
	p.draft = d
	p.put(c)
}

func (p *Page) deleteDraft(d store.Draft) {
	p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
		err := p.w.Engine.Store.DeleteDraft(d.ID)
		return func() {
			p.w.Fail(err)
			if err != nil {
				return
			}
			if p.draft.ID == d.ID {
				p.draft = store.Draft{}
				p.subtitle()
			}
			p.w.Layers.Toast(control.Toast{Text: d.Name + " deleted", Action: "Undo", Do: func() { d.ID = 0; p.restore(d) }})
		}
	})
}

func (p *Page) restore(d store.Draft) {
	p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
		err := p.w.Engine.Store.PutDraft(&d)
		return func() { p.w.Fail(err) }
	})
}
