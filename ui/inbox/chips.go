package inbox

import (
	"fyne.io/fyne/v2"

	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// kind is one of the things that one looks for first.
type kind struct {
	word, label, icon string
	tone              control.Token
}

var kinds = []kind{
	{"sig:bad", "Bad signature", "shield-x", control.Red},
	{"is:error", "Errors", "circle-x", control.Red},
	{"is:limited", "Limited", "gauge", control.Amber},
	{"is:unmatched", "No source", "route", control.Muted},
	{"is:drift", "Changed", "git-compare", control.Amber},
	{"is:pinned", "Pinned", "pin", control.Amber},
}

// kindChips stand over the list: each says how many there are, and narrows the list to them.
type kindChips struct {
	chips []*part.Chip
	row   *fyne.Container
}

func newKindChips(tap func(word string)) *kindChips {
	c := &kindChips{row: control.Wrap(2)}
	for _, k := range kinds {
		chip := part.NewChip(k.icon, k.tone, k.label, func() { tap(k.word) })
		chip.Press.Tip = k.word
		chip.Press.Hide()
		c.chips = append(c.chips, chip)
		c.row.Add(chip.Press)
	}
	c.row.Hide()
	return c
}

// set shows the counts, and reports whether others of them are shown than before; nil where nobody counted. A kind of which there is none takes no room, unless the filter names it.
func (c *kindChips) set(counts []int64, filter *control.Tokens) (others bool) {
	any := false
	for i, chip := range c.chips {
		on := filter.Has(kinds[i].word)
		n := int64(0)
		if counts != nil {
			n = counts[i]
		}
		chip.Mark(on)
		switch {
		case counts == nil:
			chip.CountText("")
		case n >= store.CountCap:
			chip.CountText(part.Short(store.CountCap) + "+")
		default:
			chip.Count(n)
		}
		hidden := n == 0 && !on && !filter.Has("-"+kinds[i].word)
		others = others || hidden != chip.Press.Hidden
		chip.Press.Hidden = hidden
		any = any || !chip.Press.Hidden
	}
	c.row.Hidden = !any
	c.row.Refresh()
	return others
}

// mark shows which of them the filter names.
func (c *kindChips) mark(filter *control.Tokens) {
	for i, chip := range c.chips {
		chip.Mark(filter.Has(kinds[i].word))
	}
}

// narrowToKind puts the word of a chip into the filter, or takes it out.
func (p *Page) narrowToKind(word string) {
	if p.filter.Has(word) {
		p.filter.Remove(word)
	} else {
		p.filter.Remove("-" + word)
		p.filter.Add(word)
		p.toHit, p.unlessShown = true, true
	}
	p.apply()
}
