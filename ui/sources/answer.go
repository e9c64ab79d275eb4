package sources

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/answer"
	"hookglass/core/platform"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// answerEditor is the rules by which a source answers, and what they say to a capture.
type answerEditor struct {
	e    *sourceEditor
	list *formList
	name string // of the setting

	against  *control.Select
	captures []core.CaptureID // 0: the source's own example
	head     *control.Paragraph
	body     *control.CodeBlock
	trouble  *control.Paragraph
	shown    *control.Box
	card     *fyne.Container
	stop     func()
	serial   int
}

// ruleSetting is the setting of a platform that may be a list of rules.
func ruleSetting(p platform.Platform) (platform.Setting, bool) {
	for _, s := range p.Settings {
		if s.Many {
			return s, true
		}
	}
	return platform.Setting{}, false
}

// plainSettings are the settings of a platform that have no tab of their own.
func plainSettings(p platform.Platform) (out []platform.Setting) {
	for _, s := range p.Settings {
		if !s.Many {
			out = append(out, s)
		}
	}
	return out
}

// ruleStarts are the answers that people begin with.
var ruleStarts = []struct {
	name, help string
	rules      []core.Values
}{
	{"Echo", "Says what came", []core.Values{
		{"when": "path:/status", "status": 200.0, "status_from_path": true},
		{"status": 200.0, "headers": map[string]any{"Content-Type": "application/json"},
			"body": `{"method":{{toJSON .method}},"path":{{toJSON .path}},"query":{{toJSON .query}},"type":{{.header "Content-Type" | toJSON}},"json":{{toJSON .json}}}`}}},
	{"Handshake", "Hands a challenge back", []core.Values{
		{"when": `body:challenge`, "status": 200.0, "headers": map[string]any{"Content-Type": "text/plain"}, "body": `{{.json.challenge}}`},
		{"when": "method:GET path:challenge", "status": 200.0, "headers": map[string]any{"Content-Type": "text/plain"}, "body": `{{.query.challenge}}`},
		{"status": 200.0}}},
	{"Contract", "400 where it breaks the contract", []core.Values{
		{"when": "contract:broken", "status": 400.0, "body": `{"error":"the body breaks the contract","violations":{{toJSON .violations}}}`},
		{"status": 200.0}}},
	{"Flaky", "503 twice, then 200", []core.Values{
		{"times": 2.0, "status": 503.0, "headers": map[string]any{"Retry-After": "1"}, "body": `{"error":"try again"}`},
		{"status": 200.0, "body": `{"ok":true,"id":"{{uuid}}"}`}}},
}

func newAnswerEditor(e *sourceEditor, s platform.Setting) *answerEditor {
	a := &answerEditor{e: e, name: s.Name}
	a.list = &formList{host: e.w.Host(), settings: s.Fields, changed: func() { a.keep(); e.edited(); a.soon() },
		empty: "Without a rule the answer is 200 and nothing.",
		title: ruleTitle}
	a.list.add = []fyne.CanvasObject{control.NewButton("Add a rule", "plus", control.Secondary, func() { a.list.grow(core.Values{"status": 200.0}) })}
	for _, start := range ruleStarts {
		b := control.NewButton(start.name, "", control.Secondary, func() {
			rules := make([]core.Values, len(start.rules))
			for i := range rules {
				rules[i] = maps.Clone(start.rules[i])
			}
			a.list.set(rules)
			a.list.changed()
		})
		b.Tip = start.help
		a.list.add = append(a.list.add, b)
	}
	a.list.set(rulesOf(e.draft.Settings[s.Name]))
	a.against = control.NewSelect("Against", func(int) { a.soon() })
	a.head, a.trouble = control.NewParagraph("", control.Strong), control.NewParagraph("", control.Small.In(control.Muted))
	a.body, a.shown = control.NewCodeBlock(control.Snippet{Label: "Body"}), control.NewBox(control.Surface{}, nil)
	a.card = control.Col(12)
	a.offer(nil)
	return a
}

// ruleTitle says in a line when a rule answers, and what.
func ruleTitle(v core.Values) string {
	title := "Always"
	if when := v.Text("when"); when != "" {
		title = when
	}
	if n := v.Number("times", 0); n > 0 {
		title += fmt.Sprintf("  ·  %.0f times", n)
	}
	return title + fmt.Sprintf("  →  %.0f", v.Number("status", 200))
}

// rulesOf are the rules of a setting: one, or a list of them.
func rulesOf(v any) (rules []core.Values) {
	if list, many := v.([]any); many {
		for _, r := range list {
			rules = append(rules, maps.Clone(part.ValuesOf(r)))
		}
		return rules
	}
	if one := part.ValuesOf(v); len(one) > 0 {
		rules = append(rules, maps.Clone(one))
	}
	return rules
}

// keep puts the rules into the draft: one alone as it was before there were several.
func (a *answerEditor) keep() {
	rules := a.list.values()
	list := make([]any, len(rules))
	for i, r := range rules {
		list[i] = map[string]any(maps.Clone(r))
	}
	switch len(list) {
	case 0:
		delete(a.e.draft.Settings, a.name)
	case 1:
		a.e.draft.Settings[a.name] = list[0]
	default:
		a.e.draft.Settings[a.name] = list
	}
}

func (a *answerEditor) view() fyne.CanvasObject {
	var lines []fyne.CanvasObject
	for _, f := range answer.Functions() {
		lines = append(lines, control.RowFill(10, control.Fixed(230, control.NewText("{{"+f[0]+"}}", control.Code.At(12))), control.Grow(control.NewParagraph(f[1], control.Small))))
	}
	lines = append(lines, control.NewParagraph("Of the request: {{.json.a.b}}, {{.form.a}}, {{.query.a}}, {{.header \"X-A\"}}, {{.path}}, {{.method}}, {{.id}} of the capture, and {{.violations}} of the contract.", control.Small))
	help := part.NewFold("Templates", "now, uuid, hmac …", control.Col(5, lines...))
	a.card.Objects = []fyne.CanvasObject{control.NewText("PREVIEW", control.Caption), a.against, a.head, a.trouble, a.shown}
	preview := control.Wide(part.FormWidth+40, control.Card(a.card))
	return control.Col(16, partHead("Answer", "The first rule whose filter holds answers. Bodies and headers are templates of the request."), a.list.view(),
		control.Wide(part.FormWidth, help.View()), preview)
}

// load reads the captures that the preview may be made against.
func (a *answerEditor) load() {
	src := a.e.stored
	if src.ID == 0 {
		a.soon()
		return
	}
	a.e.w.Pump.Task(a.e.w.Ctx, func(ctx context.Context) func() {
		q, err := store.ParseQuery("source:\""+src.Name+"\"", time.Now())
		var rows []store.Row
		if err == nil {
			rows, err = a.e.w.Engine.Store.Captures(ctx, q, 0, 12)
		}
		return func() {
			if err != nil {
				a.e.w.Fail(err)
				return
			}
			a.offer(rows)
			a.soon()
		}
	})
}

// offer lists captures to choose from, and the example where there is none.
func (a *answerEditor) offer(rows []store.Row) {
	a.captures = nil
	var labels []string
	for _, r := range rows {
		label := fmt.Sprintf("%d  %s %s", r.ID, r.Method, r.Target)
		if r.Event != "" {
			label += "  ·  " + r.Event
		}
		a.captures, labels = append(a.captures, r.ID), append(labels, core.Visible(label))
	}
	a.captures, labels = append(a.captures, 0), append(labels, "Its own example")
	a.against.SetChoices(labels...)
}

// soon makes the preview after a pause in typing.
func (a *answerEditor) soon() {
	if a.stop != nil {
		a.stop()
	}
	a.serial++
	serial := a.serial
	a.stop = a.e.w.Pump.After(200*time.Millisecond, func() {
		src, id := cloneSource(a.e.draft), core.CaptureID(0)
		if at := a.against.Selected(); at >= 0 && at < len(a.captures) {
			id = a.captures[at]
		}
		a.e.w.Pump.Task(a.e.w.Ctx, func(ctx context.Context) func() {
			out, err := a.e.w.Engine.TryAnswer(ctx, src, id)
			return func() {
				if serial == a.serial {
					a.show(out, err)
				}
			}
		})
	})
}

// show puts an answer up.
func (a *answerEditor) show(out platform.Out, err error) {
	defer func() { part.Relayout(a.card) }()
	if err != nil {
		a.head.Set("No answer yet")
		a.trouble.Set(part.Sentence(err))
		a.shown.SetChild(nil)
		return
	}
	head := strings.TrimSpace(fmt.Sprintf("%d %s", out.Response.Status, http.StatusText(out.Response.Status)))
	if out.Delay > 0 {
		head += ", after " + core.Span(out.Delay)
	}
	a.head.Set(head)
	words := out.Receipt.Reason
	for _, c := range out.Receipt.Checks {
		if c.Name == "answer" {
			words = c.Got
			if out.Receipt.Reason != "" {
				words += ". " + core.Capital(out.Receipt.Reason)
			}
		}
	}
	for _, c := range out.Receipt.Checks {
		if c.Name == "contract" && !c.OK {
			words += ". " + core.Capital(c.Got)
		}
	}
	a.trouble.Set(words)
	text := string(out.Response.Body)
	if fields := part.WriteHeader(out.Response.Header); fields != "" {
		text = strings.TrimRight(fields+"\n\n"+text, "\n")
	}
	if text == "" {
		a.shown.SetChild(control.NewText("No fields of its own, and no body", control.Small))
		return
	}
	a.body.Set(control.Snippet{Label: "Answer", Text: text})
	a.shown.SetChild(a.body)
}
