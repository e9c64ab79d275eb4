package control

import (
	"cmp"
	"strings"

	"fyne.io/fyne/v2"
)

// What a screen reader says of the widgets, where Fyne hands it on: with the tag accessibility, on Windows and macOS.

func (t *Text) AccessibilityLabel() string             { return t.text }
func (t *Text) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
func (p *Paragraph) AccessibilityLabel() string        { return p.text }
func (p *Paragraph) AccessibilityRole() fyne.AccessibleRole {
	return fyne.AccessibleRoleText
}
func (b *Badge) AccessibilityLabel() string             { return b.text }
func (b *Badge) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
func (c *Count) AccessibilityLabel() string             { return c.text }
func (c *Count) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func (b *Button) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }
func (b *Button) AccessibilityLabel() string {
	switch {
	case b.label != "":
		return b.label
	case b.Tip != "":
		return b.Tip
	}
	return map[string]string{"x": "Close"}[b.icon]
}

func (p *Press) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }
func (p *Press) AccessibilityLabel() string {
	if words := spokenIn(p.child); words != "" {
		return words
	}
	return p.Tip
}

// spokenIn are the texts that stand in containers and boxes, in order.
func spokenIn(o fyne.CanvasObject) string {
	var words []string
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			if s := spokenIn(c); s != "" && c.Visible() {
				words = append(words, s)
			}
		}
	case *Box:
		return spokenIn(o.child)
	case *Icon:
	case fyne.Accessible:
		return o.AccessibilityLabel()
	}
	return strings.Join(words, " ")
}

func (s *Switch) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }
func (s *Switch) AccessibilityLabel() string             { return s.name + ", " + onOff(s.on) }

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (s *Sparkline) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }
func (s *Sparkline) AccessibilityLabel() string {
	if s.hovered >= 0 && s.hovered < len(s.all) && s.Say != nil {
		return s.Say(s.hovered)
	}
	return s.From + " to " + s.To
}

func (s *Select) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }
func (s *Select) AccessibilityLabel() string {
	value := s.Text()
	if value == "" {
		value = s.placeholder
	}
	return strings.TrimPrefix(s.label+": "+value, ": ")
}

func (e *entry) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
func (e *entry) AccessibilityLabel() string {
	label, text := e.field.label, e.Text
	if label == "" {
		label = e.PlaceHolder
	}
	if e.Password {
		text = ""
	}
	return strings.Trim(label+": "+text, ": ")
}

func (s *strip) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }
func (s *strip) AccessibilityLabel() string {
	if s.on >= len(s.labels) {
		return ""
	}
	return s.labels[s.on] + " of " + strings.Join(s.labels, ", ")
}

func (l *List) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }
func (l *List) AccessibilityLabel() string {
	n := l.Len()
	if l.selected < 0 {
		return thousands(n) + " rows"
	}
	return "row " + thousands(l.selected+1) + " of " + thousands(n)
}

func (v *BodyView) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
func (v *BodyView) AccessibilityLabel() string {
	if s := v.Selected(); s != "" {
		return s
	}
	if v.rows == nil || v.rows.Len() == 0 {
		return "empty text"
	}
	return cmp.Or(v.rows.Row(min(v.firstRow(), v.rows.Len()-1)), "empty line") // what stands at the top
}

func (l *Ladder) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }
func (l *Ladder) AccessibilityLabel() string {
	if l.selected >= 0 && l.selected < len(l.rungs) {
		r := l.rungs[l.selected]
		return r.Label + ", " + r.When + ", " + r.Outcome
	}
	return thousands(len(l.rungs)) + " attempts"
}

func (w *Waterfall) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }
func (w *Waterfall) AccessibilityLabel() string {
	if w.selected >= 0 && w.selected < len(w.bars) {
		b := w.bars[w.selected]
		return b.Name + " " + b.Detail + ", " + w.format(b.Took)
	}
	return thousands(len(w.bars)) + " steps, " + w.total
}

func (s *ByteStrip) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
func (s *ByteStrip) AccessibilityLabel() string {
	var names []string
	for _, p := range s.parts {
		names = append(names, p.Label+" "+countBytes(len(p.Bytes)))
	}
	return strings.Join(names, ", ")
}
