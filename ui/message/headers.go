package message

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// headersTab shows the fields of a request and of our answer in the order and spelling of the wire, and the query
// beside them.
type headersTab struct {
	plainTab
	w     *frame.Window
	which *control.Segmented
	list  *control.List
	note  *control.Text
	rows  []headerLine
	shown *core.Capture
	mode  int
}

// headerLine is a line as it came.
type headerLine struct {
	name, value string
	hidden      bool // marked: it holds characters that do not show
}

func NewHeadersTab(w *frame.Window) Tab {
	t := &headersTab{w: w, note: control.NewText("", control.Small.In(control.Faint)).Ellipsis().Aligned(fyne.TextAlignTrailing)}
	t.title = "Headers"
	t.which = control.NewSegmented(func(i int) { t.mode = i; t.refresh() }, "Request", "Query", "Answer", "Bytes")
	t.list = control.NewList(28, func() int { return len(t.rows) }, func() fyne.CanvasObject { return newHeaderRow(w) }, func(i int, o fyne.CanvasObject) {
		o.(*headerRow).set(t.rows[i])
	})
	t.list.OnMenu = t.menu
	t.list.Empty = control.Centre(control.NewText("Nothing here", control.Body.In(control.Faint)))
	bar := control.RowFill(8, t.which, control.Grow(t.note), control.NewTool("copy", "Copy all", t.copyAll))
	card := control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 9, Pad: control.XY(4, 6)}, t.list)
	t.root = control.Pad(control.Sides(12, 20, 14, 20), control.Col(10, bar, control.Grow(card)))
	return t
}

func (t *headersTab) Set(c *core.Capture) { t.shown = c; t.refresh() }

func (t *headersTab) refresh() {
	c := t.shown
	if c == nil {
		return
	}
	t.rows = t.rows[:0]
	switch t.mode {
	case 0:
		t.fields(c.Request.Header)
		t.note.Set(orderNote(c))
	case 1:
		for _, p := range view.Pairs(c.Request.Query()) {
			t.rows = append(t.rows, headerLine{name: p.Name, value: p.Value})
		}
		t.note.Set("decoded; the target as sent is " + c.Request.Target)
	case 2:
		t.fields(c.Response.Header)
		t.note.Set(view.Plural(len(c.Response.Header), "field", "fields"))
	case 3:
		for _, line := range strings.SplitAfter(string(c.Request.Head), "\n") {
			if line != "" {
				t.rows = append(t.rows, headerLine{value: line})
			}
		}
		t.note.Set(fmt.Sprintf("%d bytes of head, every one shown", len(c.Request.Head)))
	}
	t.list.Unselect()
	t.list.ScrollToTop()
	t.list.Refresh()
}

func (t *headersTab) fields(h core.Header) {
	for _, f := range h {
		t.rows = append(t.rows, headerLine{name: f.Name, value: f.Value, hidden: view.HiddenIn(f.Value)})
	}
}

// orderNote says whether what is shown is the wire's truth.
func orderNote(c *core.Capture) string {
	if c.Request.Head == nil {
		return "order and spelling are not known: the request did not come over HTTP/1"
	}
	return view.Plural(len(c.Request.Header), "field", "fields") + ", order and spelling as sent"
}

func (t *headersTab) menu(row int, at fyne.Position) {
	l := t.rows[row]
	t.w.Layers.Menu(at,
		control.MenuItem{Label: "Copy value", Icon: "copy", Do: func() { t.w.Copy("Value", l.value) }},
		control.MenuItem{Label: "Copy line", Icon: "copy", Do: func() { t.w.Copy("Line", l.name+": "+l.value) }},
		control.MenuItem{Label: "Filter the inbox by this field", Icon: "funnel", Divider: true, Do: func() { t.w.Go.NarrowInbox("header", l.name+": "+l.value) }})
}

func (t *headersTab) copyAll() {
	var b strings.Builder
	for _, l := range t.rows {
		if l.name != "" {
			b.WriteString(l.name + ": ")
		}
		b.WriteString(l.value)
		if !strings.HasSuffix(l.value, "\n") {
			b.WriteString("\n")
		}
	}
	t.w.Copy("Headers", b.String())
}

type headerRow struct {
	*control.Box
	w     *frame.Window
	name  *control.Text
	value *control.Text
	warn  *control.Icon
	line  headerLine
}

func newHeaderRow(w *frame.Window) *headerRow {
	r := &headerRow{w: w, name: control.NewText("", control.Code.In(control.Blue)).Ellipsis(), value: control.NewText("", control.Code).Ellipsis(),
		warn: control.NewIcon("triangle-alert", control.Amber, 13)}
	copyIt := control.NewTool("copy", "Copy the value", func() { w.Copy("Value", r.line.value) })
	r.Box = control.Pad(control.XY(12, 0), &fyne.Container{Layout: headerColumns{}, Objects: []fyne.CanvasObject{r.name, control.RowFill(10, control.Grow(r.value), r.warn, copyIt)}})
	return r
}

// headerColumns are the names, which give way to the values where it is narrow, and the rest.
type headerColumns struct{}

func (headerColumns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(160, objects[1].MinSize().Height)
}

func (headerColumns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const names, room = 220, 10
	w, h := min(names, size.Width*0.38), objects[0].MinSize().Height
	objects[0].Move(fyne.NewPos(0, (size.Height-h)/2))
	objects[0].Resize(fyne.NewSize(w, h))
	objects[1].Move(fyne.NewPos(w+room, 0))
	objects[1].Resize(fyne.NewSize(max(size.Width-w-room, 0), size.Height))
}

func (r *headerRow) set(l headerLine) {
	r.line = l
	r.name.Set(l.name)
	r.value.Set(view.Visible(l.value))
	if l.hidden {
		r.warn.Show()
	} else {
		r.warn.Hide()
	}
}
