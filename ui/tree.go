package ui

import (
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/view"
)

// treePane shows JSON as a tree whose branches open and close. It is a flat list of the rows in sight, so that a
// hundred thousand nodes scroll.
type treePane struct {
	w    *Window
	tree *view.Tree
	list *control.List
	path *control.Text
	root fyne.CanvasObject
}

func newTreePane(w *Window) *treePane {
	p := &treePane{w: w, path: control.NewText("", control.CodeSmall).EllipsisMiddle()}
	p.list = control.NewList(22, p.len, func() fyne.CanvasObject { return newTreeRow() }, p.bind)
	p.list.OnSelect = func(row int) { p.path.Set(p.tree.Path(row)) }
	p.list.OnTap = p.toggle
	p.list.OnOpen = p.toggle
	p.list.OnKey = p.key
	p.list.OnMenu = p.menu
	p.root = control.Col(4, control.Grow(p.list), control.Pad(control.XY(10, 2), p.path))
	return p
}

func (p *treePane) view() fyne.CanvasObject { return p.root }

func (p *treePane) set(t *view.Tree) {
	p.tree = t
	p.path.Set("")
	p.list.Unselect()
	p.list.ScrollToTop()
	p.list.Refresh()
}

func (p *treePane) len() int {
	if p.tree == nil {
		return 0
	}
	return p.tree.Len()
}

func (p *treePane) bind(row int, o fyne.CanvasObject) {
	r := o.(*treeRow)
	folder, open := p.tree.Folder(row)
	value, class := p.tree.Value(row)
	r.set(p.tree.Depth(row), p.tree.Key(row), value, control.Class(class), folder, open)
}

func (p *treePane) toggle(row int) {
	if folder, _ := p.tree.Folder(row); folder {
		p.tree.Toggle(row)
		p.list.Refresh()
	}
}

// key opens and closes with the arrows to the sides.
func (p *treePane) key(e *fyne.KeyEvent) bool {
	row := p.list.Selected()
	if row < 0 {
		return false
	}
	folder, open := p.tree.Folder(row)
	switch {
	case e.Name == fyne.KeyRight && folder && !open, e.Name == fyne.KeyLeft && folder && open:
		p.toggle(row)
	case e.Name == fyne.KeyLeft && p.tree.Parent(row) >= 0:
		p.list.Select(p.tree.Parent(row))
	default:
		return false
	}
	return true
}

func (p *treePane) menu(row int, at fyne.Position) {
	p.w.layers.Menu(at,
		control.MenuItem{Label: "Copy value", Icon: "copy", Do: func() { p.w.copy("Value", p.tree.Text(row)) }},
		control.MenuItem{Label: "Copy JSON", Icon: "braces", Do: func() { p.w.copy("JSON", p.tree.Raw(row)) }},
		control.MenuItem{Label: "Copy path", Icon: "route", Do: func() { p.w.copy("Path", p.tree.Path(row)) }},
		control.MenuItem{Label: "Filter the inbox by this value", Icon: "funnel", Divider: true, Do: func() {
			p.w.open("Inbox")
			p.w.inbox.narrow("body", strings.TrimSpace(p.tree.Text(row)))
		}},
		control.MenuItem{Label: "Open all", Icon: "list-tree", Divider: true, Do: func() { p.tree.OpenAll(true); p.list.Refresh() }},
		control.MenuItem{Label: "Close all", Icon: "list", Do: func() { p.tree.OpenAll(false); p.list.ScrollToTop(); p.list.Refresh() }})
}

// treeRow is one node.
type treeRow struct {
	*control.Box
	indent *control.Box
	arrow  *control.Icon
	key    *control.Text
	value  *control.Text
}

func newTreeRow() *treeRow {
	r := &treeRow{indent: control.Gap(0, 1), arrow: control.NewIcon("chevron-right", control.Faint, 12),
		key: control.NewText("", control.Code.In(control.Blue)), value: control.NewText("", control.Code).Ellipsis()}
	r.Box = control.Pad(control.XY(10, 1), control.RowFill(5, r.indent, r.arrow, r.key, control.Grow(r.value)))
	return r
}

func (r *treeRow) set(depth int, key, value string, tone control.Token, folder, open bool) {
	r.indent.SetSurface(control.Surface{Min: fyne.NewSize(float32(depth)*16, 1)})
	icon := "chevron-right"
	if open {
		icon = "chevron-down"
	}
	ink := control.Faint
	if !folder {
		icon, ink = "minus", control.Line
	}
	r.arrow.Set(icon, ink)
	r.key.Set(key)
	r.value.Put(value, control.Code.In(tone))
}
