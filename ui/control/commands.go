package control

import (
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Command is one thing that can be done from the palette.
type Command struct {
	Label string
	Hint  string // its key, or where it belongs
	Icon  string
	Words string // more words to find it by
	Do    func()
}

// OpenPalette shows commands to choose from by typing: Ctrl+K. Letters may be left out.
func (l *Layers) OpenPalette(commands []Command) {
	l.OpenChoice("Type a command, a page or a source", commands)
}

// OpenChoice is OpenPalette for a long list of anything; placeholder says what one can type.
func (l *Layers) OpenChoice(placeholder string, commands []Command) {
	p := &Popup{Middle: true, Modal: true, Width: 560}
	view := newCommandView(placeholder, commands, func(c Command) {
		l.Close(p)
		if c.Do != nil {
			c.Do()
		}
	}, func() { l.Close(p) })
	p.Content = view
	l.Open(p)
	view.field.Focus()
}

type commandView struct {
	widget.BaseWidget
	all    []Command
	field  *Field
	panel  *List
	shown  []Command
	choose func(Command)
}

func newCommandView(placeholder string, commands []Command, choose func(Command), closing func()) *commandView {
	v := &commandView{all: commands, shown: commands, choose: choose}
	v.field = NewField("", placeholder, v.filter).WithIcon("search")
	v.field.OnSubmit = func(string) { v.take(v.panel.Selected()) }
	v.field.OnKey = func(e *fyne.KeyEvent) bool {
		switch e.Name {
		case fyne.KeyDown, fyne.KeyUp, fyne.KeyPageDown, fyne.KeyPageUp:
			v.panel.TypedKey(e)
		case fyne.KeyEscape:
			closing()
		default:
			return false
		}
		return true
	}
	v.panel = NewList(34, func() int { return len(v.shown) },
		func() fyne.CanvasObject { return newMenuRow() },
		func(i int, o fyne.CanvasObject) {
			c := v.shown[i]
			o.(*menuEntry).show(MenuItem{Label: c.Label, Hint: c.Hint, Icon: c.Icon}, true)
		})
	v.panel.OnTap = v.take
	v.panel.Empty = Centre(NewText("Nothing is called that", Body.In(Faint)))
	v.panel.Select(0)
	v.ExtendBaseWidget(v)
	return v
}

func (v *commandView) take(i int) {
	if i >= 0 && i < len(v.shown) {
		v.choose(v.shown[i])
	}
}

func (v *commandView) filter(query string) {
	type ranked struct {
		c    Command
		rank int
	}
	var rs []ranked
	for _, c := range v.all {
		if rank := RankOf(query, c); rank > 0 {
			rs = append(rs, ranked{c, rank})
		}
	}
	sort.SliceStable(rs, func(i, j int) bool { return rs[i].rank > rs[j].rank })
	v.shown = make([]Command, len(rs))
	for i, r := range rs {
		v.shown[i] = r.c
	}
	v.panel.ScrollToTop()
	v.panel.Refresh()
	v.panel.Select(0)
}

// CreateRenderer is for Fyne.
func (v *commandView) CreateRenderer() fyne.WidgetRenderer {
	ground := NewBox(Surface{Fill: SurfacePopup, Border: FieldLine, Radius: 12, Shadow: true}, nil)
	return draw(face{
		owner: v, objects: []fyne.CanvasObject{ground, v.field, v.panel},
		place: func(size fyne.Size) {
			put(ground, 0, 0, size.Width, size.Height)
			put(v.field, 10, 10, size.Width-20, v.field.MinSize().Height)
			put(v.panel, 8, 54, size.Width-16, size.Height-62)
		},
		min: func() fyne.Size { return fyne.NewSize(400, 62+34*9) },
	})
}

// Tapped keeps clicks on the card from reaching what is behind it.
func (v *commandView) Tapped(*fyne.PointEvent) {}
