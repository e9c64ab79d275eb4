package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Badge is a short word on a tint of its tone: a method, a state, a verdict.
type Badge struct {
	widget.BaseWidget
	text, icon string
	tone       Token
	width      float32
}

// NewBadge returns a badge that is as wide as its text.
func NewBadge(text string, tone Token) *Badge {
	b := &Badge{text: text, tone: tone}
	b.ExtendBaseWidget(b)
	return b
}

// WithIcon puts a line icon before the text.
func (b *Badge) WithIcon(name string) *Badge { b.icon = name; return b }

// FixedWidth makes badges in a column the same width.
func (b *Badge) FixedWidth(w float32) *Badge { b.width = w; return b }

// Set changes text and tone.
func (b *Badge) Set(text string, tone Token) { b.SetAll(text, b.icon, tone) }

// SetAll changes text, icon and tone.
func (b *Badge) SetAll(text, icon string, tone Token) {
	if b.text != text || b.icon != icon || b.tone != tone {
		b.text, b.icon, b.tone = text, icon, tone
		b.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (b *Badge) CreateRenderer() fyne.WidgetRenderer {
	ground, icon, text := rect(5), NewIcon("", Muted, 12), NewText(b.text, Style{Muted, 10.5, SemiBold})
	inner := Row(4, icon, text)
	return draw(face{
		owner: b, objects: []fyne.CanvasObject{ground, inner},
		paint: func() {
			ground.FillColor = tint(b.tone, 0x24)
			icon.Hidden = b.icon == ""
			icon.Set(b.icon, b.tone)
			text.Put(b.text, Style{b.tone, 10.5, SemiBold})
		},
		place: func(size fyne.Size) {
			put(ground, 0, 0, size.Width, size.Height)
			centre(inner, 0, 0, size.Width, size.Height)
			inner.Layout.Layout(inner.Objects, inner.Size())
		},
		min: func() fyne.Size {
			m := inner.MinSize()
			return fyne.NewSize(max(m.Width+14, b.width), max(m.Height+5, 19))
		},
	})
}

// Count is a number in a rounded field, hidden while it is empty.
type Count struct {
	widget.BaseWidget
	text   string
	active bool
}

// NewCount returns a count; active ones carry the accent.
func NewCount(text string, active bool) *Count {
	c := &Count{text: text, active: active}
	c.ExtendBaseWidget(c)
	c.Hidden = text == ""
	return c
}

// Set changes the number.
func (c *Count) Set(text string, active bool) {
	if c.text != text || c.active != active {
		c.text, c.active, c.Hidden = text, active, text == ""
		c.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (c *Count) CreateRenderer() fyne.WidgetRenderer {
	ground, text := rect(8), NewText(c.text, SmallBold.At(10.5))
	return draw(face{
		owner: c, objects: []fyne.CanvasObject{ground, text},
		paint: func() {
			style, fill := SmallBold.At(10.5), paint(SurfaceRaised)
			if c.active {
				style, fill = style.In(Accent).As(SemiBold), tint(Accent, 0x2a)
			}
			ground.FillColor = fill
			text.Put(c.text, style)
		},
		place: func(size fyne.Size) {
			put(ground, 0, 0, size.Width, size.Height)
			centre(text, 0, 0, size.Width, size.Height)
		},
		min: func() fyne.Size {
			m := text.MinSize()
			return fyne.NewSize(m.Width+14, m.Height+3)
		},
	})
}
