package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Select is a field that offers a list of choices.
type Select struct {
	widget.BaseWidget
	OnChange func(i int)

	label, help string
	items       []MenuItem
	on          int // -1: none
	placeholder string
	disabled    bool
	hovered     bool
	focused     bool
	popup       *Popup
}

// NewSelect returns a field with the first choice taken; label may be empty.
func NewSelect(label string, change func(i int), choices ...string) *Select {
	s := &Select{label: label, OnChange: change, placeholder: "Choose"}
	s.SetChoices(choices...)
	s.ExtendBaseWidget(s)
	return s
}

// WithHelp puts a line below the field.
func (s *Select) WithHelp(help string) *Select { s.help = help; return s }

// SetChoices changes what can be chosen, and takes the first.
func (s *Select) SetChoices(choices ...string) {
	items := make([]MenuItem, len(choices))
	for i, c := range choices {
		items[i].Label = c
	}
	s.SetItems(items)
}

// SetItems is SetChoices with icons and hints. Do is not called.
func (s *Select) SetItems(items []MenuItem) {
	s.items, s.on = items, 0
	if len(items) == 0 {
		s.on = -1
	}
	s.Refresh()
}

// Selected is the index of the choice, or -1.
func (s *Select) Selected() int { return s.on }

// Text is the label of the choice, or "".
func (s *Select) Text() string {
	if s.on < 0 || s.on >= len(s.items) {
		return ""
	}
	return s.items[s.on].Label
}

// Choose takes a choice without calling back; -1 takes none.
func (s *Select) Choose(i int) {
	if i >= -1 && i < len(s.items) && i != s.on {
		s.on = i
		s.Refresh()
	}
}

// ChooseText takes the choice with a label, if there is one, without calling back.
func (s *Select) ChooseText(label string) bool {
	for i, item := range s.items {
		if item.Label == label {
			s.Choose(i)
			return true
		}
	}
	return false
}

// SetDisabled takes the field out of use, or puts it back.
func (s *Select) SetDisabled(off bool) {
	if s.disabled != off {
		s.disabled = off
		s.Refresh()
	}
}

func (s *Select) take(i int) {
	if i < 0 || i >= len(s.items) || i == s.on {
		return
	}
	s.Choose(i)
	if s.OnChange != nil {
		s.OnChange(i)
	}
}

// Open shows the choices.
func (s *Select) Open() {
	l := LayersOf(s)
	if l == nil || s.disabled || len(s.items) == 0 {
		return
	}
	items := append([]MenuItem(nil), s.items...)
	if s.on >= 0 {
		items[s.on].On = true
	}
	s.popup = &Popup{Anchor: s, Wide: true}
	panel := newMenuPanel(items, func(i int) { l.Close(s.popup); s.take(i) }, func() { l.Close(s.popup) })
	s.popup.Content = panel
	l.Open(s.popup)
	panel.list.Select(s.on)
	focusOn(panel.list)
}

// CreateRenderer is for Fyne.
func (s *Select) CreateRenderer() fyne.WidgetRenderer {
	ground, over := rect(8), rect(8)
	label, below := NewText(s.label, Body.At(12).As(Medium)), NewParagraph(s.help, Small.In(Faint))
	value, icon, arrow := NewText("", Body).Ellipsis(), NewIcon("", Muted, 14), NewIcon("chevrons-up-down", Faint, 14)
	above := func() float32 {
		if s.label == "" {
			return 0
		}
		return label.MinSize().Height + 5
	}
	under := func() float32 {
		if s.help == "" {
			return 0
		}
		return below.MinSize().Height + 4
	}
	return draw(face{
		owner: s, objects: []fyne.CanvasObject{ground, over, label, icon, value, arrow, below},
		paint: func() {
			edge := FieldLine
			if s.focused {
				edge = Accent
			}
			ground.FillColor, ground.StrokeColor, ground.StrokeWidth = paint(SurfaceField), paint(edge), 1
			over.FillColor = paint(onlyIf(s.hovered && !s.disabled, Hovered))
			text, style, picture := s.Text(), Body, ""
			switch {
			case text == "":
				text, style = s.placeholder, Body.In(theme.ColorNamePlaceHolder)
			case s.disabled:
				style = Body.In(theme.ColorNameDisabled)
			}
			if s.on >= 0 && s.on < len(s.items) {
				picture = s.items[s.on].Icon
			}
			value.Put(text, style)
			icon.Set(picture, Muted)
			icon.Hidden, label.Hidden, below.Hidden = picture == "", s.label == "", s.help == ""
			below.Set(s.help)
		},
		place: func(size fyne.Size) {
			below.Resize(fyne.NewSize(size.Width, below.Size().Height))
			top, h := above(), size.Height-above()-under()
			put(label, 0, 0, size.Width, label.MinSize().Height)
			put(ground, 0, top, size.Width, h)
			put(over, 0, top, size.Width, h)
			x := float32(11)
			if !icon.Hidden {
				put(icon, x, top+(h-14)/2, 14, 14)
				x += 22
			}
			vh := value.MinSize().Height
			put(value, x, top+(h-vh)/2, size.Width-x-30, vh)
			put(arrow, size.Width-24, top+(h-14)/2, 14, 14)
			put(below, 0, size.Height-under()+4, size.Width, under()-4)
		},
		min: func() fyne.Size {
			w := float32(80)
			for _, item := range s.items {
				w = max(w, Body.measure(item.Label).Width+48)
			}
			return fyne.NewSize(min(w, 220), 33+above()+under())
		},
	})
}

// Tapped is for Fyne, as are the methods below.
func (s *Select) Tapped(*fyne.PointEvent) { s.Open() }

func (s *Select) TypedKey(e *fyne.KeyEvent) {
	if askedHelp(s, e.Name) {
		return
	}
	if e.Name == fyne.KeyEscape {
		leave(s)
		return
	}
	switch {
	case pressesKey(e):
		s.Open()
	case e.Name == fyne.KeyDown && !s.disabled:
		s.take(s.on + 1)
	case e.Name == fyne.KeyUp && !s.disabled:
		s.take(s.on - 1)
	}
}

func (s *Select) MouseIn(*desktop.MouseEvent)    { s.hovered = true; s.Refresh() }
func (s *Select) MouseMoved(*desktop.MouseEvent) {}
func (s *Select) MouseOut()                      { s.hovered = false; s.Refresh() }
func (s *Select) FocusGained()                   { s.focused = true; s.Refresh(); IntoSight(s) }
func (s *Select) FocusLost()                     { s.focused = false; s.Refresh() }
func (s *Select) TypedRune(r rune)               { askedHelpBy(s, r) }
func (s *Select) Cursor() desktop.Cursor {
	if s.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}
