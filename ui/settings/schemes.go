package settings

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// schemeSection lists the user's own signature schemes, and the known ones to start from.
type schemeSection struct {
	w      *frame.Window
	own    []sign.Scheme
	ready  bool // own was read once
	rows   *fyne.Container
	search *control.Field
	list   *control.List
	found  []sign.Scheme
	root   *settingsForm
}

// schemeTemplate is what a new scheme starts from: the commonest kind.
const schemeTemplate = `{
  "id": "my-api",
  "provider": "My API",
  "sig": {
    "from": "header:X-Signature", "format": "plain",
    "prefix": "sha256="
  },
  "ts": {
    "from": "header:X-Timestamp", "unit": "s",
    "tolerance": 300, "future": true
  },
  "template": "{ts}.{body}",
  "alg": "hmac-sha256",
  "enc": "hex",
  "key": "utf8"
}`

func newSchemeSection(w *frame.Window) *schemeSection {
	s := &schemeSection{w: w, rows: control.Col(0)}
	add := control.NewButton("New scheme", "plus", control.Primary, func() { s.edit("", schemeTemplate) })
	own := group("Your own", "A scheme says where a signature stands, which bytes are signed, and with what. Sources, endpoints, Compose and the doctor use yours like the known ones.", s.rows, control.Row(0, add))
	s.search = control.NewField("", "Search the known schemes", func(string) { s.filter() }).WithIcon("search")
	s.list = control.NewList(40, func() int { return len(s.found) }, newKnownSchemeRow, func(i int, o fyne.CanvasObject) { o.(*knownSchemeRow).show(s.found[i]) })
	s.list.OnOpen = func(i int) { s.open(s.found[i]) }
	s.list.OnTap = func(i int) { s.open(s.found[i]) }
	s.list.Empty = control.Centre(control.NewText("No scheme is called that", control.Body.In(control.Faint)))
	known := group("Known", "Choose one to see it whole, and to start your own from it.", s.search, control.NewBox(control.Surface{Min: fyne.NewSize(200, 320)}, s.list))
	s.root = newSettingsForm(own, known)
	s.filter()
	return s
}

func (s *schemeSection) Title() string           { return "Schemes" }
func (s *schemeSection) Icon() string            { return "fingerprint-pattern" }
func (s *schemeSection) view() fyne.CanvasObject { return s.root.Scroll }

func (s *schemeSection) load(context.Context) func() {
	own := s.w.Engine.Schemes.Book().Own()
	return func() {
		if s.ready && reflect.DeepEqual(own, s.own) {
			return
		}
		s.own, s.ready = own, true
		s.draw()
	}
}

func (s *schemeSection) draw() {
	s.rows.Objects = nil
	for i, o := range s.own {
		if i > 0 {
			s.rows.Add(control.Hair())
		}
		words := control.Col(1, control.NewText(o.ID, control.Code).EllipsisMiddle(), control.NewText(schemeSummary(o), control.Small).Ellipsis())
		s.rows.Add(control.Pad(control.XY(0, 8), control.Row(8, control.NewIcon("fingerprint-pattern", control.Accent, 16), control.Grow(words),
			control.NewButton("Edit", "pencil", control.Ghost, func() { s.edit(o.ID, schemeText(o)) }),
			control.NewButton("Delete", "trash-2", control.Ghost, func() { s.ask(o) }))))
	}
	if len(s.own) == 0 {
		s.rows.Add(control.NewParagraph("None yet. Write one where a provider is not among the known ones, or does it its own way.", control.Body.In(control.Muted)))
	}
	s.rows.Refresh()
	s.root.again()
}

// schemeSummary says a scheme in a line.
func schemeSummary(s sign.Scheme) string {
	_, place, _ := strings.Cut(s.Sig.From, ":")
	return s.Provider + " · " + place + " · " + s.Alg + " of " + s.Template
}

// schemeText is a scheme as its JSON, to be edited.
func schemeText(s sign.Scheme) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if enc.Encode(s) != nil {
		return schemeTemplate // a scheme always encodes
	}
	return strings.TrimSpace(b.String())
}

func (s *schemeSection) filter() {
	s.found = part.FindSchemes(sign.Known().All(), s.search.Text())
	s.list.ScrollToTop()
	s.list.Refresh()
}

// open shows a known scheme whole.
func (s *schemeSection) open(k sign.Scheme) {
	text := control.NewCodeBlock(control.Snippet{Text: schemeText(k)})
	text.SetMost(20)
	var p *control.Popup
	copyIt := control.NewButton("Start my own from it", "copy", control.Secondary, func() {
		s.w.Layers.Close(p)
		k.ID, k.Confidence, k.Source = "my-"+k.ID, "", ""
		s.edit("", schemeText(k))
	})
	p = s.w.Layers.Dialog(k.Provider, 640, text, copyIt)
}

// openScheme shows a scheme of that id, the user's own to be edited.
func (s *schemeSection) openScheme(id string) {
	if k, ok := sign.Known().Find(id); ok {
		s.open(k)
	} else if o, ok := s.w.Engine.Schemes.Book().Find(id); ok {
		s.edit(id, schemeText(o))
	}
}

// edit opens a scheme's JSON; was is its id, or "" for a new one. What it says is checked as it is typed.
func (s *schemeSection) edit(was, text string) {
	var p *control.Popup
	problem := control.NewParagraph("", control.Small)
	area := control.NewTextArea("", "", 15, nil).AsCode()
	keep := control.NewButton("Keep", "check", control.Primary, nil)
	check := func(text string) {
		parsed, err := sign.Parse([]byte(text))
		if err != nil {
			problem.Put(part.WholeSentence(err.Error()), control.Small.In(control.Red))
		} else {
			problem.Put("It signs "+parsed.Template+" with "+parsed.Alg+", and stands in "+parsed.Sig.From+".", control.Small.In(control.Green))
		}
		keep.SetDisabled(err != nil)
	}
	area.OnChange = check
	keep.OnTap = func() { s.put(was, area.Text(), problem, func() { s.w.Layers.Close(p) }) }
	area.Set(text)
	check(text)
	title := "New scheme"
	if was != "" {
		title = "Scheme " + was
	}
	p = s.w.Layers.Dialog(title, 640, control.Col(8, area, problem, schemeHelp()), control.NewButton("Cancel", "", control.Secondary, func() { s.w.Layers.Close(p) }), keep)
	area.Focus()
}

// schemeHelp says the words of a scheme in short.
func schemeHelp() fyne.CanvasObject {
	return control.NewParagraph("template: {body} {ts} {id} {method} {url} {path} {query} {header:NAME} and more. sig.format: plain, list or kv. enc: hex, base64 or base64url. key: utf8, base64, hex, or strip=PREFIX|base64.", control.Small.In(control.Faint))
}

func (s *schemeSection) put(was, text string, problem *control.Paragraph, done func()) {
	s.w.Pump.Task(s.w.Ctx, func(ctx context.Context) func() {
		scheme, err := s.w.Engine.Schemes.Put(ctx, was, []byte(text))
		return func() {
			var invalid *core.Invalid
			switch {
			case errors.As(err, &invalid):
				problem.Put(part.WholeSentence(err.Error()), control.Small.In(control.Red))
				return
			case err != nil:
				s.w.Fail(err)
				return
			}
			done()
			s.w.Layers.Toast(control.Toast{Text: "Scheme " + scheme.ID + " is kept; choose it on a source", Tone: control.Green})
			s.w.Pump.Again()
		}
	})
}

func (s *schemeSection) ask(o sign.Scheme) {
	s.w.Layers.Ask(control.Question{Title: "Delete the scheme " + o.ID + "?", Text: "It cannot be taken back. Copy its JSON first if you may want it again.",
		Yes: "Delete it", Danger: true, Do: func() {
			s.w.Change(func(ctx context.Context) error { return s.w.Engine.Schemes.Delete(ctx, o.ID) })
		}})
}

// knownSchemeRow is a known scheme in the list.
type knownSchemeRow struct {
	*control.Box
	id, about *control.Text
}

func newKnownSchemeRow() fyne.CanvasObject {
	r := &knownSchemeRow{id: control.NewText("", control.Code).EllipsisMiddle(), about: control.NewText("", control.Small).Ellipsis()}
	r.Box = control.Pad(control.XY(10, 0), control.Row(10, control.Fixed(150, r.id), control.Grow(r.about)))
	return r
}

func (r *knownSchemeRow) show(s sign.Scheme) {
	r.id.Set(s.ID)
	_, place, _ := strings.Cut(s.Sig.From, ":")
	r.about.Set(fmt.Sprintf("%s · %s", s.Provider, place))
}
