package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Chip is a filter that is on or off.
type Chip struct {
	widget.BaseWidget
	OnToggle func(on bool)
	press    *Press
	text     *Text
	on       bool
}

// NewChip returns a chip that calls toggled with its new state.
func NewChip(label string, on bool, toggled func(on bool)) *Chip {
	c := &Chip{OnToggle: toggled, text: NewText(label, chipStyle(on))}
	c.press = NewPress(chipSurface(on), c.text, c.flip)
	c.on = on
	c.ExtendBaseWidget(c)
	return c
}

func chipStyle(on bool) Style {
	if on {
		return Body.At(12).As(Medium)
	}
	return Body.At(12).As(Medium).In(Muted)
}

func chipSurface(on bool) Surface {
	return Surface{Fill: onlyIf(on, Resting), Radius: 7, Pad: XY(10, 5)}
}

func (c *Chip) flip() {
	c.Set(!c.on)
	if c.OnToggle != nil {
		c.OnToggle(c.on)
	}
}

// On reports whether the chip is on.
func (c *Chip) On() bool { return c.on }

// Set switches the chip without calling back.
func (c *Chip) Set(on bool) {
	c.on = on
	c.press.SetSurface(chipSurface(on))
	c.text.SetStyle(chipStyle(on))
}

// Tap does what a click does.
func (c *Chip) Tap() { c.flip() }

// CreateRenderer is for Fyne.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	return draw(face{
		owner: c, objects: []fyne.CanvasObject{c.press},
		place: func(size fyne.Size) { put(c.press, 0, 0, size.Width, size.Height) },
		min:   func() fyne.Size { return c.press.MinSize() },
	})
}

// Switch is on or off, and changes something at once.
type Switch struct {
	widget.BaseWidget
	OnChange func(on bool)
	name     string // for a screen reader
	on       bool
	disabled bool
	focused  bool
}

// NewSwitch returns a switch; for one with a label see [Toggle].
func NewSwitch(on bool, change func(on bool)) *Switch {
	s := &Switch{on: on, OnChange: change, name: "Switch"}
	s.ExtendBaseWidget(s)
	return s
}

// On reports whether the switch is on.
func (s *Switch) On() bool { return s.on }

// Set switches without calling back.
func (s *Switch) Set(on bool) {
	if s.on != on {
		s.on = on
		s.Refresh()
	}
}

// SetDisabled takes the switch out of use, or puts it back.
func (s *Switch) SetDisabled(off bool) {
	if s.disabled != off {
		s.disabled = off
		s.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (s *Switch) CreateRenderer() fyne.WidgetRenderer {
	track, knob, ring := rect(9), rect(7), rect(11)
	return draw(face{
		owner: s, objects: []fyne.CanvasObject{ring, track, knob},
		paint: func() {
			track.FillColor, knob.FillColor = tint(Faint, 0x66), color.White
			if s.on {
				track.FillColor = paint(Accent)
			}
			if s.disabled {
				track.FillColor, knob.FillColor = tint(Faint, 0x33), paint(Faint)
			}
			outline(ring, onlyIf(s.focused, FocusLine), 1.5)
		},
		place: func(size fyne.Size) {
			y := (size.Height - 18) / 2
			put(ring, 0, y-2, 36, 22)
			put(track, 2, y, 32, 18)
			x := float32(4)
			if s.on {
				x = 18
			}
			put(knob, x, y+2, 14, 14)
		},
		min: func() fyne.Size { return fyne.NewSize(36, 22) },
	})
}

func (s *Switch) flip() {
	if s.disabled {
		return
	}
	s.Set(!s.on)
	if s.OnChange != nil {
		s.OnChange(s.on)
	}
}

// Tapped is for Fyne, as are the methods below.
func (s *Switch) Tapped(*fyne.PointEvent) { s.flip() }
func (s *Switch) FocusGained()            { s.focused = true; s.Refresh(); IntoSight(s) }
func (s *Switch) FocusLost()              { s.focused = false; s.Refresh() }
func (s *Switch) TypedRune(r rune)        { askedHelpBy(s, r) }
func (s *Switch) TypedKey(e *fyne.KeyEvent) {
	if askedHelp(s, e.Name) {
		return
	}
	if e.Name == fyne.KeyEscape {
		leave(s)
		return
	}
	if pressesKey(e) && (e.Name == fyne.KeySpace || !submit(s)) {
		s.flip()
	}
}

// Toggle is a switch with a label and, if not empty, a line of help under it.
func Toggle(s *Switch, label, help string) *fyne.Container {
	s.name = label
	words := Col(1, NewText(label, Body))
	if help != "" {
		words.Add(NewParagraph(help, Small))
	}
	return Row(10, s, Grow(words))
}
