package shapes

import (
	"io"
	"strings"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/core/shape"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// code is an event in a language of choice.
type code struct {
	w      *frame.Window
	choice *control.Select
	view   *control.BodyView
	on     atomic.Int32 // the language, for the pump's goroutine too
	text   string
	event  string
	root   fyne.CanvasObject
}

var syntaxes = map[string]string{"schema": "json", "ts": "typescript", "zod": "typescript", "go": "go", "python": "python", "dataclass": "python", "openapi": "json", "asyncapi": "json"}

func newCode(w *frame.Window) *code {
	c := &code{w: w, view: control.NewBodyView()}
	c.view.SetWrap(false)
	titles := make([]string, len(shape.Exports))
	for i, e := range shape.Exports {
		titles[i] = e.Title
	}
	c.choice = control.NewSelect("", func(i int) {
		c.on.Store(int32(i))
		w.Pump.Again()
	}, titles...)
	c.on.Store(1)
	c.choice.Choose(1)
	head := control.RowFill(6, control.Grow(c.choice), control.NewTool("copy", "Copy the code (c)", c.copy), control.NewTool("save", "Save the code", c.save))
	c.root = control.Col(0, control.Pad(control.Sides(12, 10, 10, 12), head), control.Hair(), control.Grow(control.Pad(control.Sides(8, 4, 6, 8), c.view)))
	return c
}

// load writes an event in the chosen language, and returns what shows it.
func (c *code) load(e engine.EventShape) (func(), error) {
	format := shape.Exports[c.on.Load()]
	text, err := engine.Code(format.Name, e)
	if err != nil {
		return nil, err
	}
	rows := view.Highlight([]byte(text), syntaxes[format.Name])
	return func() {
		event := e.Event + "\x00" + e.Name + "\x00" + format.Name
		if text == c.text {
			return
		}
		source := func(cols int) control.Rows { return rows.Wrapped(cols, control.FitColumns) }
		if c.text = text; event == c.event {
			c.view.ReplaceSource(source)
			return
		}
		c.event = event
		c.view.SetSource(source)
	}, nil
}

func (c *code) copy() {
	if c.text != "" {
		c.w.Copy(shape.Exports[c.on.Load()].Title, c.text)
	}
}

func (c *code) save() {
	if c.text == "" {
		return
	}
	text, name := c.text, strings.Split(c.event, "\x00")[0]
	if name == "" {
		name = "event"
	}
	frame.SaveFile(c.w, strings.Map(fileRune, name)+shape.Exports[c.on.Load()].Suffix, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// fileRune keeps what every file system takes.
func fileRune(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' {
		return r
	}
	return '_'
}
