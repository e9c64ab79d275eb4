package compose

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"hookglass/core/env"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/message"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// mostEdited bounds what a text field can hold without becoming slow. Larger bodies are shown, and not edited.
const mostEdited = 16 << 10

// bodyHeight is how high a body stands: most of what there is on a small screen.
const bodyHeight = 380

// coloured is a body as it is coloured while one types.
func coloured(text string) control.Rows {
	syntax := ""
	if strings.ContainsAny(firstByte([]byte(text)), "{[") {
		syntax = "json"
	}
	return view.NewText([]byte(text), syntax)
}

// bodyEditor edits a body as text where that does not change its bytes; others are shown as they are.
type bodyEditor struct {
	w      *frame.Window
	change func()
	text   *control.CodeArea
	raw    *control.BodyView
	stage  *control.Box
	state  *control.Text
	broken *control.Paragraph // what is wrong with JSON, whole
	format *control.Button
	small  *control.Button
	root   fyne.CanvasObject

	bytes  []byte
	typed  bool // the text field holds the body
	serial int

	unfilled string // a value that the environment has not
}

func newBodyEditor(w *frame.Window, change func()) *bodyEditor {
	b := &bodyEditor{w: w, change: change, raw: control.NewBodyView(), stage: control.NewBox(control.Surface{}, nil), state: control.NewText("", control.Small).Ellipsis()}
	b.broken = control.NewParagraph("", control.Small.In(control.Amber))
	b.text = control.NewCodeArea("The body, byte for byte as it is sent", bodyHeight, b.edited)
	b.text.Color = coloured
	b.format = control.NewButton("Format", "braces", control.Ghost, func() { b.rewrite(view.PrettyJSON) })
	b.small = control.NewButton("Compact", "minus", control.Ghost, func() { b.rewrite(view.CompactJSON) })
	bar := control.Row(4, control.Grow(b.state), b.format, b.small, control.NewButton("From a file", "upload", control.Ghost, b.load))
	b.root = control.Col(6, bar, b.stage, b.broken)
	b.set(nil)
	return b
}

func (b *bodyEditor) view() fyne.CanvasObject { return b.root }

// set shows a body.
func (b *bodyEditor) set(body []byte) {
	b.serial++
	b.bytes = body
	b.typed = editable(body)
	if b.typed {
		b.text.SetQuiet(string(body))
		b.typed = b.text.Text() == string(body) // the field must hold the very bytes
	}
	if b.typed {
		b.stage.SetChild(b.text)
	} else {
		message.ShowRows(b.raw, view.NewText(body, ""))
		b.stage.SetChild(control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 9, Pad: control.All(4), Min: fyne.NewSize(120, bodyHeight)}, b.raw))
	}
	b.judge()
	part.Relayout(b.root)
}

// editable reports whether a text field holds the bytes as they are.
func editable(body []byte) bool {
	return len(body) <= mostEdited && utf8.Valid(body) && !strings.ContainsFunc(string(body), func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == '\ufeff' })
}

func (b *bodyEditor) edited(text string) {
	b.bytes = []byte(text)
	if len(b.bytes) > mostEdited {
		b.set(b.bytes)
	}
	b.judge()
	b.change()
}

// judge says what the body is: JSON or not, and where it is broken.
func (b *bodyEditor) judge() {
	size := view.Size(int64(len(b.bytes)))
	problem := jsonProblem(b.bytes)
	looks := strings.ContainsAny(firstByte(b.bytes), "{[")
	b.broken.Hidden = (problem == "" || !looks) && b.unfilled == ""
	b.broken.Put(problem, control.Small.In(control.Amber))
	if b.unfilled != "" {
		b.broken.Put(b.unfilled, control.Small.In(control.Red))
	}
	b.format.SetDisabled(problem != "")
	b.small.SetDisabled(problem != "")
	switch {
	case len(b.bytes) == 0:
		b.state.Put("No body", control.Small)
	case problem == "":
		b.state.Put("JSON  ·  "+size, control.Small.In(control.Green))
	case looks:
		where, _, _ := strings.Cut(problem, ":")
		b.state.Put(where+"  ·  "+size, control.Small.In(control.Amber))
	default:
		b.state.Put("Not JSON  ·  "+size, control.Small)
	}
	if !b.typed {
		b.state.Put(b.state.Text()+"  ·  "+b.why(), control.Small)
	}
}

// complain says that a value in the body is none; "" that all are.
func (b *bodyEditor) complain(why string) {
	b.unfilled = why
	b.judge()
	part.Relayout(b.root)
}

// why says why a body is shown and not edited.
func (b *bodyEditor) why() string {
	if len(b.bytes) > mostEdited {
		return "too large to edit here, sent as it is"
	}
	return "it holds bytes that a text field would change, so it is sent as it is"
}

func firstByte(b []byte) string {
	t := strings.TrimLeft(string(b[:min(len(b), 64)]), " \t\r\n")
	return t[:min(len(t), 1)]
}

// jsonProblem says where JSON is broken, "" where it is not.
func jsonProblem(b []byte) string {
	if json.Valid(b) {
		return ""
	}
	var v any
	err := json.Unmarshal(b, &v)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at := min(int(syntax.Offset), len(b))
		line := 1 + strings.Count(string(b[:at]), "\n")
		return fmt.Sprintf("Not JSON, line %d: %s", line, syntax.Error())
	}
	if err != nil {
		return "Not JSON: " + err.Error()
	}
	return ""
}

func (b *bodyEditor) rewrite(f func([]byte) ([]byte, error)) {
	out, err := f(b.bytes)
	if err != nil {
		b.w.Fail(err)
		return
	}
	b.set([]byte(strings.TrimSuffix(string(out), "\n")))
	b.change()
}

// load takes the bytes of a file.
func (b *bodyEditor) load() {
	frame.OpenFile(b.w, func(f fyne.URIReadCloser) {
		serial := b.serial
		b.w.Pump.Task(b.w.Ctx, func(context.Context) func() {
			defer f.Close()
			body, err := io.ReadAll(io.LimitReader(f, 1<<30))
			return func() {
				b.w.Fail(err)
				if err == nil && serial == b.serial {
					b.set([]byte(env.Literal(string(body)))) // a file may be somebody else's
					b.change()
				}
			}
		})
	})
}
