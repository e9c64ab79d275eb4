package part

import (
	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

// Chip narrows a list to a kind, and says how many are of it.
type Chip struct {
	Press *control.Press
	label *control.Text
	n     *control.Text
	on    bool
}

// NewChip has an icon where one is named.
func NewChip(icon string, tone control.Token, label string, tap func()) *Chip {
	c := &Chip{label: control.NewText(label, chipStyle), n: control.NewText("", control.Small)}
	var parts []fyne.CanvasObject
	if icon != "" {
		parts = append(parts, control.NewIcon(icon, tone, 13))
	}
	c.Press = control.NewPress(chipSurface, control.Row(5, append(parts, c.label, c.n)...), tap)
	return c
}

var (
	chipSurface = control.Surface{Radius: 7, Pad: control.XY(8, 4)}
	chipStyle   = control.Body.At(12).As(control.Medium)
)

// On reports whether the list is narrowed to it.
func (c *Chip) On() bool { return c.on }

// Mark shows whether the list is narrowed to it.
func (c *Chip) Mark(on bool) {
	c.on = on
	surface, style := chipSurface, chipStyle
	if on {
		surface.Fill = control.Resting
	} else {
		style = style.In(control.Muted)
	}
	c.Press.SetSurface(surface)
	c.label.SetStyle(style)
}

// Leads makes a badge, or another mark, open what it speaks of.
func Leads(mark fyne.CanvasObject, tip string, do func()) *control.Press {
	press := control.NewPress(control.Surface{Radius: 5}, mark, do)
	press.Tip = tip
	return press
}

// Count says how many there are; none is said by no number.
func (c *Chip) Count(n int64) { c.CountText(ShortGiven(n)) }

// CountText is Count in words.
func (c *Chip) CountText(text string) { c.n.Set(text) }
