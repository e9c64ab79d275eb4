package control

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// FindBar looks for text in a [BodyView]: Enter and Down go on, Up goes back, Esc closes.
type FindBar struct {
	widget.BaseWidget
	view    *BodyView
	field   *Field
	count   *Text
	row     *fyne.Container
	changed func()
}

// NewFindBar returns a hidden bar for a view, and makes the view open it; changed is called after it came or went, so that
// the page can lay itself out anew.
func NewFindBar(v *BodyView, changed func()) *FindBar {
	b := &FindBar{view: v, changed: changed, count: NewText("", Small)}
	b.field = NewField("", "Find in body", b.look).WithIcon("search")
	b.field.OnSubmit = func(string) { v.FindNext(false); b.tell() }
	b.field.OnKey = b.key
	b.row = Row(6, Grow(b.field), b.count,
		NewTool("chevron-up", "Previous match", func() { v.FindNext(true); b.tell() }),
		NewTool("chevron-down", "Next match", func() { v.FindNext(false); b.tell() }),
		NewTool("x", "Close", b.Close))
	b.Hidden = true
	v.OnFind = b.Open
	b.ExtendBaseWidget(b)
	return b
}

// Open shows the bar with the selected text in it.
func (b *FindBar) Open() {
	b.Hidden = false
	if s := b.view.Selected(); s != "" && len(s) < 200 {
		b.field.Set(s)
	}
	b.MinSize() // makes the renderers: what was never drawn cannot take the keyboard
	b.Refresh()
	if b.changed != nil {
		b.changed()
	}
	b.field.Focus()
	b.look(b.field.Text())
}

// Close hides the bar and the marks.
func (b *FindBar) Close() {
	b.Hidden = true
	b.view.Find("")
	if b.changed != nil {
		b.changed()
	}
	focusOn(b.view)
}

func (b *FindBar) look(query string) {
	b.view.Find(query)
	b.tell()
}

func (b *FindBar) tell() {
	now, of := b.view.Matches()
	switch {
	case b.field.Text() == "":
		b.count.Put("", Small)
	case of == 0:
		b.count.Put("none", Small.In(Amber))
	case of == mostMatches:
		b.count.Put(fmt.Sprintf("%d of %d+", now, of), Small)
	default:
		b.count.Put(fmt.Sprintf("%d of %d", now, of), Small)
	}
	b.row.Refresh()
}

func (b *FindBar) key(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyEscape:
		b.Close()
	case fyne.KeyDown:
		b.view.FindNext(false)
		b.tell()
	case fyne.KeyUp:
		b.view.FindNext(true)
		b.tell()
	default:
		return false
	}
	return true
}

// CreateRenderer is for Fyne.
func (b *FindBar) CreateRenderer() fyne.WidgetRenderer {
	return draw(face{
		owner: b, objects: []fyne.CanvasObject{b.row},
		place: func(size fyne.Size) { put(b.row, 0, 0, size.Width, size.Height) },
		min:   func() fyne.Size { return b.row.MinSize() },
	})
}
