package ui

import (
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/platform"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// sourceCell is one row of the list of sources.
type sourceCell struct {
	Cell
	mark        *platformMark
	name, path  *control.Text
	count, last *control.Text
	alert       *control.Icon
}

func newSourceCell() *sourceCell {
	c := &sourceCell{mark: newPlatformMark(32), name: control.NewText("", control.BodyBold).Ellipsis(), path: control.NewText("", control.CodeSmall).EllipsisMiddle(),
		count: control.NewText("", control.Small.In(control.Muted)).Aligned(fyne.TextAlignTrailing),
		last:  control.NewText("", control.Small.In(control.Faint)).Aligned(fyne.TextAlignTrailing),
		alert: control.NewIcon("triangle-alert", control.Amber, 14)}
	words := control.Col(3, control.RowFill(8, control.Grow(c.name), c.alert, c.count), control.RowFill(8, control.Grow(c.path), c.last))
	c.Body = control.Pad(control.Sides(8, 12, 8, 12), control.Row(12, control.Centre(c.mark.view()), control.Grow(words)))
	c.ExtendBaseWidget(c)
	return c
}

func (c *sourceCell) set(r sourceRow) {
	c.mark.set(r.source.Platform)
	c.name.Set(r.source.Name)
	c.path.Set(r.path)
	c.count.Set(short(r.stat.Captures))
	c.last.Set("")
	if r.stat.Captures == 0 {
		c.count.Set("")
	} else {
		c.last.Set(view.Ago(r.stat.Last, time.Now()))
	}
	if r.problem != "" {
		c.alert.Show()
	} else {
		c.alert.Hide()
	}
}

// platformMark is a square with a platform's letters.
type platformMark struct {
	side  float32
	box   *control.Box
	words *control.Text
}

// markTones tell platforms apart, in the order of the gallery.
var markTones = []control.Token{control.Violet, control.Blue, control.Teal, control.Amber, control.Green, control.Accent, control.Red}

func newPlatformMark(side float32) *platformMark {
	m := &platformMark{side: side, words: control.NewText("", control.Strong.At(side*0.4))}
	m.box = control.NewBox(control.Surface{}, control.Centre(m.words))
	return m
}

func (m *platformMark) view() fyne.CanvasObject { return m.box }

func (m *platformMark) set(name string) {
	tone, title := control.Faint, name
	for i, p := range platform.All {
		if p.Name == name {
			tone, title = markTones[i%len(markTones)], p.Title
		}
	}
	letters := title
	if len(title) > 2 {
		letters = title[:2]
	}
	m.words.Put(letters, control.Strong.At(m.side*0.4).In(tone))
	m.box.SetSurface(control.Surface{Fill: tone, Alpha: 0x22, Radius: m.side * 0.26, Min: fyne.NewSize(m.side, m.side)})
}

// platformTitle is how a platform is called.
func platformTitle(name string) string {
	if p, ok := platform.Find(name); ok {
		return p.Title
	}
	return name
}
