package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Selected is the chosen rung, or -1.
func (l *Ladder) Selected() int { return l.selected }

// Select chooses a rung without calling back; -1 chooses none.
func (l *Ladder) Select(i int) {
	if l.selected != i {
		l.selected = i
		l.Refresh()
	}
}

// Place is where rung i stands, for whatever scrolls the ladder.
func (l *Ladder) Place(i int) (top, height float32) { return float32(i * ladderRow), ladderRow }

// drawStates marks the rung under the pointer and the chosen one.
func (l *Ladder) drawStates(p *pool, size fyne.Size) {
	if l.OnSelect == nil {
		return
	}
	mark := func(i int, t Token) {
		if i >= 0 && i < len(l.rungs) {
			p.rect(0, float32(i*ladderRow)+2, size.Width, ladderRow-4, paint(t), 7)
		}
	}
	mark(l.hovered, Hovered)
	mark(l.selected, Selected)
	if l.focused && l.selected >= 0 && l.selected < len(l.rungs) {
		p.rect(0, float32(l.selected*ladderRow)+10, 2.5, ladderRow-20, paint(Accent), 1)
	}
}

func (l *Ladder) rungAt(y float32) int {
	if i := int(y / ladderRow); y >= 0 && i < len(l.rungs) {
		return i
	}
	return -1
}

// choose is a choice of the user; only what happened can be looked at.
func (l *Ladder) choose(i int) {
	if l.OnSelect == nil || i < 0 || i >= len(l.rungs) || !l.rungs[i].Done || i == l.selected {
		return
	}
	l.Select(i)
	l.OnSelect(i)
}

func (l *Ladder) hover(i int) {
	if i >= 0 && !l.rungs[i].Done {
		i = -1
	}
	if l.hovered != i {
		l.hovered = i
		l.Refresh()
	}
}

// Tapped is for Fyne, as are the methods below.
func (l *Ladder) Tapped(e *fyne.PointEvent) {
	if l.OnSelect != nil {
		focusOn(l)
		l.choose(l.rungAt(e.Position.Y))
	}
}

func (l *Ladder) MouseIn(e *desktop.MouseEvent)    { l.hover(l.rungAt(e.Position.Y)) }
func (l *Ladder) MouseMoved(e *desktop.MouseEvent) { l.hover(l.rungAt(e.Position.Y)) }
func (l *Ladder) MouseOut()                        { l.hover(-1) }
func (l *Ladder) FocusGained()                     { l.focused = true; l.Refresh(); IntoSight(l) }
func (l *Ladder) FocusLost()                       { l.focused = false; l.Refresh() }

func (l *Ladder) TypedRune(r rune) {
	switch r {
	case 'j':
		l.choose(l.selected + 1)
	case 'k':
		l.choose(l.selected - 1)
	}
}

func (l *Ladder) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyDown:
		l.choose(l.selected + 1)
	case fyne.KeyUp:
		l.choose(l.selected - 1)
	}
}
