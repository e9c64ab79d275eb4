package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// TreeRows is a tree flattened to the rows that are open.
type TreeRows interface {
	Len() int
	Depth(row int) int
	Key(row int) string
	Value(row int) (text, class string) // class as in [Class]
	Folder(row int) (folder, open bool)
	Toggle(row int)
	Parent(row int) int // -1 for the root
}

// Tree shows a tree of any size. Arrows left and right close and open, Enter toggles.
type Tree struct {
	widget.BaseWidget
	OnSelect func(row int)
	OnMenu   func(row int, at fyne.Position)

	rows TreeRows
	list *List
}

const treeRow = 24

// NewTree returns an empty tree.
func NewTree() *Tree {
	t := &Tree{}
	t.list = NewList(treeRow, t.count,
		func() fyne.CanvasObject { return newTreeEntry(t) },
		func(row int, o fyne.CanvasObject) { o.(*treeEntry).show(row) })
	t.list.OnSelect = func(row int) {
		if t.OnSelect != nil {
			t.OnSelect(row)
		}
	}
	t.list.OnMenu = func(row int, at fyne.Position) {
		if t.OnMenu != nil {
			t.OnMenu(row, at)
		}
	}
	t.list.OnOpen = t.Toggle
	t.list.OnKey = t.key
	t.ExtendBaseWidget(t)
	return t
}

func (t *Tree) count() int {
	if t.rows == nil {
		return 0
	}
	return t.rows.Len()
}

// SetRows shows another tree, from its top.
func (t *Tree) SetRows(rows TreeRows) {
	t.rows = rows
	t.list.Unselect()
	t.list.ScrollToTop()
	t.list.Refresh()
}

// Refresh shows what changed in the rows.
func (t *Tree) Refresh() { t.list.Refresh(); t.BaseWidget.Refresh() }

// Selected is the selected row, or -1.
func (t *Tree) Selected() int { return t.list.Selected() }

// Select selects a row and brings it into sight.
func (t *Tree) Select(row int) { t.list.Refresh(); t.list.Select(row) }

// Toggle opens or closes a row.
func (t *Tree) Toggle(row int) {
	if folder, _ := t.rows.Folder(row); folder {
		t.rows.Toggle(row)
		t.list.Refresh()
	}
}

func (t *Tree) key(e *fyne.KeyEvent) bool {
	row := t.list.Selected()
	if row < 0 || row >= t.count() {
		return false
	}
	folder, open := t.rows.Folder(row)
	switch e.Name {
	case fyne.KeyRight:
		if folder && !open {
			t.Toggle(row)
		} else if folder {
			t.list.choose(row + 1)
		}
	case fyne.KeyLeft:
		if folder && open {
			t.Toggle(row)
		} else if p := t.rows.Parent(row); p >= 0 {
			t.list.choose(p)
		}
	case fyne.KeySpace:
		t.Toggle(row)
	default:
		return false
	}
	return true
}

// CreateRenderer is for Fyne.
func (t *Tree) CreateRenderer() fyne.WidgetRenderer {
	return draw(face{
		owner: t, objects: []fyne.CanvasObject{t.list},
		place: func(size fyne.Size) { put(t.list, 0, 0, size.Width, size.Height) },
		min:   func() fyne.Size { return fyne.NewSize(120, 3*treeRow) },
	})
}

// treeEntry is one row: an arrow, the key and the value.
type treeEntry struct {
	widget.BaseWidget
	t     *Tree
	row   int
	arrow *treeArrow
}

func newTreeEntry(t *Tree) *treeEntry {
	e := &treeEntry{t: t, row: -1}
	e.arrow = newTreeArrow(func() { t.Toggle(e.row) })
	e.ExtendBaseWidget(e)
	return e
}

func (e *treeEntry) show(row int) {
	e.row = row
	e.Refresh()
}

func (e *treeEntry) CreateRenderer() fyne.WidgetRenderer {
	var shown pool
	f := &face{owner: e}
	f.place = func(size fyne.Size) {
		shown.reset()
		if e.row >= 0 && e.row < e.t.count() {
			e.draw(&shown, size)
		}
		f.objects = append(shown.objects, e.arrow)
	}
	f.min = func() fyne.Size { return fyne.NewSize(80, treeRow) }
	return f
}

func (e *treeEntry) draw(p *pool, size fyne.Size) {
	x := 8 + float32(e.t.rows.Depth(e.row))*18
	for d := range e.t.rows.Depth(e.row) {
		p.rect(8+float32(d)*18+8, 0, 1, size.Height, paint(Line), 0)
	}
	folder, open := e.t.rows.Folder(e.row)
	e.arrow.set(folder, open)
	put(e.arrow, x-2, 0, 20, size.Height)
	x += 20
	y := (size.Height - codeCell().Height) / 2
	if key := e.t.rows.Key(e.row); key != "" {
		x += p.textFit(key, Code.In(Blue), x, y, size.Width-x-12).Width
		x += p.text(":", Code.In(Faint), x, y).Width + 8
	}
	value, class := e.t.rows.Value(e.row)
	p.textFit(oneLine(value), Code.In(Class(class)), x, y, size.Width-x-12)
}

// oneLine keeps a value from spilling over its row, and from being long.
func oneLine(s string) string {
	out := ""
	eachCell(s, func(c cell) bool {
		if c.show == "" {
			out += " "
		} else {
			out += c.show
		}
		return c.col < 300
	})
	return out
}

// treeArrow opens and closes by a click.
type treeArrow struct {
	widget.BaseWidget
	icon *Icon
	tap  func()
}

func newTreeArrow(tap func()) *treeArrow {
	a := &treeArrow{icon: NewIcon("chevron-right", Faint, 14), tap: tap}
	a.ExtendBaseWidget(a)
	return a
}

func (a *treeArrow) set(folder, open bool) {
	a.Hidden = !folder
	if open {
		a.icon.Set("chevron-down", Faint)
	} else {
		a.icon.Set("chevron-right", Faint)
	}
}

func (a *treeArrow) CreateRenderer() fyne.WidgetRenderer {
	return draw(face{
		owner: a, objects: []fyne.CanvasObject{a.icon},
		place: func(size fyne.Size) { put(a.icon, 0, 0, size.Width, size.Height) },
		min:   func() fyne.Size { return a.icon.MinSize() },
	})
}

func (a *treeArrow) Tapped(*fyne.PointEvent) { a.tap() }
func (a *treeArrow) Cursor() desktop.Cursor  { return desktop.PointerCursor }
