package control

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// MenuItem is one entry of a menu.
type MenuItem struct {
	Label   string
	Icon    string
	Hint    string // at the right: its key
	Tone    Token  // "" means Ink
	Off     bool   // cannot be chosen now
	On      bool   // carries a check
	Divider bool   // a line above it
	Do      func()
}

// Menu opens a menu at a position of the window. Arrows and Enter choose, Esc closes.
func (l *Layers) Menu(at fyne.Position, items ...MenuItem) {
	l.openMenu(&Popup{At: at}, items)
}

// MenuUnder opens a menu under an object.
func (l *Layers) MenuUnder(anchor fyne.CanvasObject, items ...MenuItem) {
	l.openMenu(&Popup{Anchor: anchor}, items)
}

func (l *Layers) openMenu(p *Popup, items []MenuItem) {
	panel := newMenuPanel(items, func(i int) {
		l.Close(p)
		if items[i].Do != nil {
			items[i].Do()
		}
	}, func() { l.Close(p) })
	panel.most = menuRows
	p.Content = panel
	l.Open(p)
	focusOn(panel.list)
}

const menuRow = 30

// How many rows of a list are in sight: of a menu, which one reads, and of choices, which one types into.
const (
	menuRows   = 18
	choiceRows = 11
)

// menuPanel is the list of a menu, a [Select] or suggestions on its surface.
type menuPanel struct {
	widget.BaseWidget
	items  []MenuItem
	list   *List
	width  float32
	most   int  // rows in sight
	indent bool // some items have icons, so all labels begin behind one
}

func newMenuPanel(items []MenuItem, choose func(i int), closing func()) *menuPanel {
	m := &menuPanel{items: items, most: choiceRows}
	m.list = NewList(menuRow, func() int { return len(m.items) },
		func() fyne.CanvasObject { return newMenuRow() },
		func(i int, o fyne.CanvasObject) { o.(*menuEntry).show(m.items[i], m.indent) })
	pick := func(i int) {
		if !m.items[i].Off {
			choose(i)
		}
	}
	m.list.OnTap, m.list.OnOpen = pick, pick
	m.list.OnKey = func(e *fyne.KeyEvent) bool {
		if e.Name == fyne.KeyEscape {
			closing()
			return true
		}
		return false
	}
	m.ExtendBaseWidget(m)
	m.setItems(items)
	return m
}

func (m *menuPanel) setItems(items []MenuItem) {
	m.items, m.width = items, 140
	m.indent = slices.ContainsFunc(items, func(item MenuItem) bool { return item.Icon != "" })
	row := newMenuRow()
	for i := range min(len(items), 200) { // the widest of a long list is not worth more
		row.show(items[i], m.indent)
		m.width = max(m.width, row.MinSize().Width)
	}
	m.list.Unselect()
	m.list.ScrollToTop()
	m.list.Refresh()
	m.Refresh()
}

// CreateRenderer is for Fyne.
func (m *menuPanel) CreateRenderer() fyne.WidgetRenderer {
	ground := NewBox(Surface{Fill: SurfacePopup, Border: FieldLine, Radius: 9, Shadow: true}, nil)
	return draw(face{
		owner: m, objects: []fyne.CanvasObject{ground, m.list},
		place: func(size fyne.Size) {
			put(ground, 0, 0, size.Width, size.Height)
			put(m.list, 5, 5, size.Width-10, size.Height-10)
		},
		min: func() fyne.Size {
			return fyne.NewSize(min(m.width, 520)+10, float32(min(len(m.items), m.most))*menuRow+10)
		},
	})
}

// menuEntry is one row of a menu panel.
type menuEntry struct {
	widget.BaseWidget
	item   MenuItem
	indent bool
}

func newMenuRow() *menuEntry {
	e := &menuEntry{}
	e.ExtendBaseWidget(e)
	return e
}

func (e *menuEntry) show(item MenuItem, indent bool) {
	e.item, e.indent = item, indent
	e.Refresh()
}

// CreateRenderer is for Fyne.
func (e *menuEntry) CreateRenderer() fyne.WidgetRenderer {
	icon, check := NewIcon("", Muted, 14), NewIcon("check", Accent, 14)
	label, hint, line := NewText("", Body).Ellipsis(), NewText("", Small.In(Faint)), Hair()
	labelSize := func() fyne.Size { return Body.At(12.5).measure(e.item.Label) }
	return draw(face{
		owner: e, objects: []fyne.CanvasObject{line, icon, label, hint, check},
		paint: func() {
			ink := e.item.Tone
			if ink == "" {
				ink = Ink
			}
			if e.item.Off {
				ink = theme.ColorNameDisabled
			}
			label.Put(e.item.Label, Body.At(12.5).In(ink))
			hint.Set(e.item.Hint)
			iconInk := ink
			if ink == Ink {
				iconInk = Muted
			}
			icon.Set(e.item.Icon, iconInk)
			icon.Hidden, check.Hidden, line.Hidden = e.item.Icon == "", !e.item.On, !e.item.Divider
		},
		place: func(size fyne.Size) {
			put(line, 0, 0, size.Width, 1)
			x := float32(10)
			if e.indent {
				put(icon, x, (size.Height-14)/2, 14, 14)
				x += 23
			}
			right := size.Width - 10
			if e.item.On {
				right -= 16
				put(check, right, (size.Height-14)/2, 16, 14)
			}
			if h := hint.MinSize(); e.item.Hint != "" {
				right -= h.Width
				put(hint, right, (size.Height-h.Height)/2, h.Width, h.Height)
				right -= 12
			}
			h := label.MinSize().Height
			put(label, x, (size.Height-h)/2, right-x, h)
		},
		min: func() fyne.Size {
			w := labelSize().Width + 24
			if e.indent {
				w += 23
			}
			if e.item.Hint != "" {
				w += hint.MinSize().Width + 24
			}
			if e.item.On {
				w += 20
			}
			return fyne.NewSize(w, menuRow)
		},
	})
}
