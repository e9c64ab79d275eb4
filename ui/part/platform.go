package part

import (
	"fyne.io/fyne/v2"

	"hookglass/core/platform"
	"hookglass/ui/control"
)

// PlatformMark is a square with a platform's letters.
type PlatformMark struct {
	side  float32
	box   *control.Box
	words *control.Text
}

// markTones tell platforms apart, in the order of the gallery.
var markTones = []control.Token{control.Violet, control.Blue, control.Teal, control.Amber, control.Green, control.Accent, control.Red}

func NewPlatformMark(side float32) *PlatformMark {
	m := &PlatformMark{side: side, words: control.NewText("", control.Strong.At(side*0.4))}
	m.box = control.NewBox(control.Surface{}, control.Centre(m.words))
	return m
}

func (m *PlatformMark) View() fyne.CanvasObject { return m.box }

func (m *PlatformMark) Set(name string) {
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

// PlatformTitle is how a platform is called.
func PlatformTitle(name string) string {
	if p, ok := platform.Find(name); ok {
		return p.Title
	}
	return name
}
