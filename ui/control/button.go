package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Kind is the weight of a button on its page.
type Kind uint8

// The kinds.
const (
	Ghost     Kind = iota // no ground: tools
	Secondary             // a ground: what one may do here
	Primary               // the accent: the one thing to do here
	Danger                // deletes or cancels
)

// Button is an icon, a label, or both.
type Button struct {
	widget.BaseWidget
	OnTap func()
	Tip   string

	label, icon      string
	kind             Kind
	tone             Token // of a Ghost; "": Muted
	disabled         bool
	hovered, focused bool
	pressed          bool
}

// NewButton returns a button; label or icon may be empty.
func NewButton(label, icon string, kind Kind, tap func()) *Button {
	b := &Button{label: label, icon: icon, kind: kind, OnTap: tap}
	b.ExtendBaseWidget(b)
	return b
}

// NewTool returns a button that is an icon with a tip.
func NewTool(icon, tip string, tap func()) *Button {
	b := NewButton("", icon, Ghost, tap)
	b.Tip = tip
	return b
}

// Set changes label and icon.
func (b *Button) Set(label, icon string) {
	if b.label != label || b.icon != icon {
		b.label, b.icon = label, icon
		b.Refresh()
	}
}

// SetKind changes the weight.
func (b *Button) SetKind(k Kind) {
	if b.kind != k {
		b.kind = k
		b.Refresh()
	}
}

// SetTone colours a tool.
func (b *Button) SetTone(t Token) {
	if b.tone != t {
		b.tone = t
		b.Refresh()
	}
}

// SetDisabled takes the button out of use, or puts it back.
func (b *Button) SetDisabled(off bool) {
	if b.disabled != off {
		b.disabled = off
		b.Refresh()
	}
}

// Disabled reports whether the button is out of use.
func (b *Button) Disabled() bool { return b.disabled }

// CreateRenderer is for Fyne.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	ground, over, ring := rect(7), rect(7), rect(7)
	icon, text := NewIcon(b.icon, Muted, 15), NewText(b.label, Body.At(12.5).As(Medium))
	inner := Row(6, icon, text)
	pad := func() Inset {
		if b.label == "" {
			return All(7)
		}
		return XY(11, 6.5)
	}
	return draw(face{
		owner: b, objects: []fyne.CanvasObject{ground, over, inner, ring},
		paint: func() {
			ink, fill := b.colours()
			ground.FillColor = fill
			over.FillColor = color.Transparent
			if b.hovered && !b.disabled {
				over.FillColor = paint(Hovered)
			}
			if b.pressed && !b.disabled {
				over.FillColor = paint(Pressed)
			}
			outline(ring, onlyIf(b.focused, FocusLine), 1.5)
			icon.Set(b.icon, ink)
			text.Put(b.label, Body.At(12.5).As(Medium).In(ink))
			icon.Hidden, text.Hidden = b.icon == "", b.label == ""
		},
		place: func(size fyne.Size) {
			put(ground, 0, 0, size.Width, size.Height)
			put(over, 0, 0, size.Width, size.Height)
			put(ring, 0, 0, size.Width, size.Height)
			centre(inner, 0, 0, size.Width, size.Height)
			inner.Layout.Layout(inner.Objects, inner.Size()) // a part may have come or gone
		},
		min: func() fyne.Size {
			p, m := pad(), inner.MinSize()
			return fyne.NewSize(m.Width+p.Left+p.Right, max(m.Height+p.Top+p.Bottom, 30))
		},
	})
}

func (b *Button) colours() (ink Token, fill color.Color) {
	switch {
	case b.disabled && b.kind == Ghost:
		return theme.ColorNameDisabled, color.Transparent
	case b.disabled:
		return theme.ColorNameDisabled, paint(theme.ColorNameDisabledButton)
	case b.kind == Primary:
		return OnAccent, paint(Accent)
	case b.kind == Danger:
		return Red, tint(Red, 0x22)
	case b.kind == Secondary:
		return Ink, paint(Resting)
	}
	if b.tone != "" {
		return b.tone, color.Transparent
	}
	return Muted, color.Transparent
}

// Tapped is for Fyne, as are the methods below.
func (b *Button) Tapped(*fyne.PointEvent) { b.press() }

func (b *Button) press() {
	hideTip(b)
	if !b.disabled && b.OnTap != nil {
		b.OnTap()
	}
}

func (b *Button) MouseDown(*desktop.MouseEvent)  { b.pressed = true; b.Refresh() }
func (b *Button) MouseUp(*desktop.MouseEvent)    { b.pressed = false; b.Refresh() }
func (b *Button) MouseIn(*desktop.MouseEvent)    { b.hovered = true; b.Refresh(); showTip(b, b.Tip) }
func (b *Button) MouseMoved(*desktop.MouseEvent) {}
func (b *Button) MouseOut()                      { b.hovered, b.pressed = false, false; b.Refresh(); hideTip(b) }
func (b *Button) FocusGained()                   { b.focused = true; b.Refresh(); IntoSight(b) }
func (b *Button) FocusLost()                     { b.focused = false; b.Refresh() }
func (b *Button) TypedRune(r rune)               { askedHelpBy(b, r) }
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	if askedHelp(b, e.Name) {
		return
	}
	if e.Name == fyne.KeyEscape {
		leave(b)
		return
	}
	if pressesKey(e) {
		b.press()
	}
}

func (b *Button) Cursor() desktop.Cursor {
	if b.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}
