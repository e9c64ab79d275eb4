package compose

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// headerEditor edits fields in order, spelled and repeated as typed.
type headerEditor struct {
	change func()
	rows   []*headerFields
	list   *fyne.Container
	added  *fyne.Container // what the signature adds on sending
	root   fyne.CanvasObject
}

// headerFields is a row. A value that nobody changed is what it was, though a field can show bytes that are no UTF-8 only as such.
type headerFields struct {
	name, value *control.Field
	was, shown  string
}

func newHeaderEditor(change func()) *headerEditor {
	h := &headerEditor{change: change, list: control.Col(6), added: control.Col(3)}
	add := control.NewButton("Add a header", "plus", control.Ghost, func() {
		h.add(core.Field{})
		part.Relayout(h.list)
		h.rows[len(h.rows)-1].name.Focus()
	})
	h.root = control.Col(8, h.list, control.Row(0, add), h.added)
	return h
}

func (h *headerEditor) view() fyne.CanvasObject { return h.root }

func (h *headerEditor) set(fields core.Header) {
	h.rows, h.list.Objects = nil, nil
	for _, f := range fields {
		h.add(f)
	}
	part.Relayout(h.list)
}

func (h *headerEditor) add(f core.Field) {
	row := &headerFields{}
	row.name = control.NewField("", "Name", func(string) { h.check(row); h.change() }).AsCode()
	row.value = control.NewField("", "Value", func(string) { h.change() }).AsCode()
	row.name.SetQuiet(f.Name)
	row.was, row.shown = f.Value, strings.ToValidUTF8(f.Value, "\uFFFD")
	row.value.SetQuiet(row.shown)
	line := control.RowFill(6, control.Fixed(190, row.name), control.Grow(row.value))
	line.Add(control.NewTool("x", "Remove", func() { h.remove(row, line) }))
	h.rows = append(h.rows, row)
	h.list.Add(line)
}

func (h *headerEditor) remove(row *headerFields, line fyne.CanvasObject) {
	for i, r := range h.rows {
		if r == row {
			h.rows = append(h.rows[:i], h.rows[i+1:]...)
			break
		}
	}
	h.list.Remove(line)
	part.Relayout(h.list)
	h.change()
}

// check says at once what cannot be a header's name.
func (h *headerEditor) check(row *headerFields) {
	name := row.name.Text()
	if i := strings.IndexFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) }); i >= 0 {
		bad, _ := utf8.DecodeRuneInString(name[i:])
		row.name.SetProblem(fmt.Sprintf("%q cannot be in a header's name", string(bad)))
		return
	}
	row.name.SetProblem("")
}

// fields are what is typed; rows without a name are left out.
func (h *headerEditor) fields() core.Header {
	var out core.Header
	for _, r := range h.rows {
		if name := r.name.Text(); name != "" {
			f := core.Field{Name: name, Value: r.value.Text()}
			if f.Value == r.shown {
				f.Value = r.was
			}
			out = append(out, f)
		}
	}
	return out
}

// showAdded shows the fields that the signature puts in, which cannot be edited.
func (h *headerEditor) showAdded(fields core.Header) {
	h.added.Objects = nil
	if len(fields) > 0 {
		h.added.Add(control.NewText("ADDED BY THE SIGNATURE", control.Caption))
	}
	for _, f := range fields {
		h.added.Add(control.RowFill(8, control.Fixed(190, control.NewText(f.Name, control.CodeSmall.In(control.Blue)).Ellipsis()),
			control.Grow(control.NewText(f.Value, control.CodeSmall).EllipsisMiddle())))
	}
	part.Relayout(h.added)
}
