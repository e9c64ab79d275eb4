package part

import (
	"strings"
	"sync"
	"unicode"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/ui/control"
)

// PlatformMark is a square with the letters of a platform or of a provider.
type PlatformMark struct {
	side  float32
	box   *control.Box
	words *control.Text
}

// markTones tell those apart that have the same letters.
var markTones = []control.Token{control.Violet, control.Blue, control.Teal, control.Amber, control.Green, control.Accent, control.Red}

func NewPlatformMark(side float32) *PlatformMark {
	m := &PlatformMark{side: side, words: control.NewText("", control.Strong.At(side*0.4))}
	m.box = control.NewBox(control.Surface{}, control.Centre(m.words))
	return m
}

func (m *PlatformMark) View() fyne.CanvasObject { return m.box }

// Set shows a platform's mark.
func (m *PlatformMark) Set(name string) { m.put(PlatformTitle(name)) }

// SetSource shows the mark of the provider whose signatures a source checks, else that of its platform.
func (m *PlatformMark) SetSource(src core.Source, book sign.Book) {
	if s, ok := book.Find(src.Settings.Text("scheme")); ok {
		m.put(SchemeTitle(s))
		return
	}
	m.Set(src.Platform)
}

func (m *PlatformMark) put(title string) {
	letters, tone := badgeOf(title)
	m.words.Put(letters, control.Strong.At(m.side*0.4).In(tone))
	m.box.SetSurface(control.Surface{Fill: tone, Alpha: 0x22, Radius: m.side * 0.26, Min: fyne.NewSize(m.side, m.side)})
}

// badgeOf is the mark of a title: its letters, in a tone that no other title with the same letters has.
func badgeOf(title string) (letters string, tone control.Token) {
	name := bareTitle(title)
	letters = lettersOf(name)
	if i, known := badges()[name]; known {
		return letters, markTones[i%len(markTones)]
	}
	sum := 0
	for _, r := range name {
		sum += int(r)
	}
	return letters, markTones[sum%len(markTones)]
}

// badges are the places of the titles in the tones: where several have the same letters, each has the next one.
var badges = sync.OnceValue(func() map[string]int {
	places, last := map[string]int{}, map[string]int{}
	add := func(title string) {
		name := bareTitle(title)
		if _, there := places[name]; there || name == "" {
			return
		}
		letters := lettersOf(name)
		at, again := last[letters]
		if at++; !again {
			at = len(places) // so that neighbours differ
		}
		places[name], last[letters] = at, at
	}
	for _, p := range platform.All {
		add(p.Title)
	}
	for _, s := range sign.Known().All() {
		add(s.Provider)
	}
	return places
})

// bareTitle leaves out what tells two ways of one provider apart: "Twilio (form)" is Twilio.
func bareTitle(title string) string {
	name, _, _ := strings.Cut(title, " (")
	return name
}

// lettersOf are two letters that stand for a name: the first of its capitals, or of its words, else how it begins.
func lettersOf(name string) string {
	var initials []rune
	before := ' '
	for _, r := range name {
		if unicode.IsUpper(r) || unicode.IsLetter(r) && before == ' ' {
			initials = append(initials, r)
		}
		before = r
	}
	runes := []rune(name)
	if len(initials) >= 2 {
		return string(initials[:2])
	}
	return string(runes[:min(len(runes), 2)])
}

// PlatformTitle is how a platform is called.
func PlatformTitle(name string) string {
	if p, ok := platform.Find(name); ok {
		return p.Title
	}
	return name
}
