package sources

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core/contract"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// promise is the contract of a source: the document that its bodies are checked against.
type promise struct {
	e       *sourceEditor
	words   *control.Paragraph
	problem *control.Paragraph
	remove  *control.Button
	show    *control.Button
	root    fyne.CanvasObject
}

func newPromise(e *sourceEditor) *promise {
	p := &promise{e: e, words: control.NewParagraph("", control.Body), problem: control.NewParagraph("", control.Small.In(control.Red))}
	p.problem.Hide()
	load := control.NewButton("Import a file", "download", control.Secondary, func() {
		frame.OpenFile(e.w, func(f fyne.URIReadCloser) { p.read(f.URI().Name(), f) })
	})
	p.remove = control.NewButton("Remove", "trash-2", control.Ghost, func() { p.put(nil) })
	p.show = control.NewButton("Broken captures", "inbox", control.Ghost, func() {
		e.w.Go.FilterInbox("source", e.stored.Name)
		e.w.Go.NarrowInbox("contract", "broken")
	})
	p.root = control.Wide(760, control.Card(control.Col(8, control.NewText("WHAT ITS SENDER PROMISED", control.Caption), p.words, p.problem, control.Row(8, load, p.show, p.remove))))
	p.say()
	return p
}

// read takes a document off the UI goroutine.
func (p *promise) read(name string, f io.ReadCloser) {
	p.e.w.Pump.Task(p.e.w.Ctx, func(context.Context) func() {
		text, err := io.ReadAll(io.LimitReader(f, contract.Largest+1))
		f.Close()
		var doc json.RawMessage
		if err == nil {
			doc, err = contract.JSON(text)
		}
		if err == nil {
			_, err = contract.Compile(doc)
		}
		return func() {
			if err != nil {
				p.fail(view.Visible(name) + ": " + part.Sentence(err))
				return
			}
			p.put(doc)
		}
	})
}

func (p *promise) fail(text string) {
	p.problem.Set(text)
	p.problem.Show()
	part.Relayout(p.root)
}

// put makes it the draft's; it is in force once the source is saved.
func (p *promise) put(doc json.RawMessage) {
	p.e.draft.Contract = doc
	p.problem.Hide()
	p.say()
	p.e.edited()
	part.Relayout(p.root)
}

// say tells what is there.
func (p *promise) say() {
	there := p.e.draft.Contract != nil
	part.Show(p.remove, there)
	part.Show(p.show, there && !p.e.fresh())
	if !there {
		p.words.Set("Nothing yet. Import a JSON Schema, an OpenAPI 3.1 document with webhooks (JSON or YAML) or a catalogue of events: each capture is checked against it, and what it breaks stands on its overview.")
		return
	}
	c, err := contract.Compile(p.e.draft.Contract)
	if err != nil {
		p.words.Set("It cannot be read: " + part.Sentence(err))
		return
	}
	p.words.Set(promiseWords(c))
}

func promiseWords(c *contract.Contract) string {
	text := c.Kind
	if events := c.Events(); len(events) > 0 {
		shown := events[:min(len(events), 8)]
		text += fmt.Sprintf(" with %s: %s", view.Plural(len(events), "event", "events"), view.Visible(strings.Join(shown, ", ")))
		if n := len(events) - len(shown); n > 0 {
			text += fmt.Sprintf(" and %d more", n)
		}
	}
	return text + ". Each capture is checked against it; those that arrived before are too, the newest 2000."
}
