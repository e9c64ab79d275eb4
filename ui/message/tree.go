package message

import (
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// treePane shows JSON as a tree whose branches open and close, and the path of what is selected.
type treePane struct {
	w    *frame.Window
	rows *view.Tree
	tree *control.Tree
	path *control.Text
	root fyne.CanvasObject
}

func newTreePane(w *frame.Window) *treePane {
	p := &treePane{w: w, tree: control.NewTree(), path: control.NewText("", control.CodeSmall).EllipsisMiddle()}
	p.tree.OnSelect = func(row int) { p.path.Set(p.rows.Path(row)) }
	p.tree.OnMenu = p.menu
	p.root = control.Col(4, control.Grow(p.tree), control.Pad(control.XY(10, 2), p.path))
	return p
}

func (p *treePane) view() fyne.CanvasObject { return p.root }

func (p *treePane) set(t *view.Tree) {
	p.rows = t
	p.path.Set("")
	p.tree.SetRows(t)
}

// clear lets go of the tree.
func (p *treePane) clear() {
	p.rows = nil
	p.path.Set("")
	p.tree.SetRows(nil)
}

func (p *treePane) menu(row int, at fyne.Position) {
	p.w.Layers.Menu(at,
		control.MenuItem{Label: "Copy value", Icon: "copy", Do: func() { p.w.Copy("Value", p.rows.Text(row)) }},
		control.MenuItem{Label: "Copy JSON", Icon: "braces", Do: func() { p.w.Copy("JSON", p.rows.Raw(row)) }},
		control.MenuItem{Label: "Copy path", Icon: "route", Do: func() { p.w.Copy("Path", p.rows.Path(row)) }},
		control.MenuItem{Label: "Filter the inbox by this value", Icon: "funnel", Divider: true, Do: func() {
			p.w.Open("Inbox")
			p.w.Go.NarrowInbox("body", strings.TrimSpace(p.rows.Text(row)))
		}},
		control.MenuItem{Label: "Open all", Icon: "list-tree", Divider: true, Do: func() { p.rows.OpenAll(true); p.tree.SetRows(p.rows) }},
		control.MenuItem{Label: "Close all", Icon: "list", Do: func() { p.rows.OpenAll(false); p.tree.SetRows(p.rows) }})
}
