package inbox

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/message"
	"hookglass/ui/view"
)

// verb is what can be done with captures. The menu of a row, the keys, the palette, the button of the inbox and the bar of those
// that are picked are all made of [verbs]: a new one is a row there.
type verb struct {
	label func(p *Page, l lot) string
	icon  string
	key   rune   // 0: none
	hint  string // the key in words, where it is no letter
	words string // that find it in the palette
	most  int    // of so many captures; 0: of any number
	apart bool   // a line above it
	bar   bool   // on the bar of those that are picked
	tone  control.Token
	do    func(p *Page, l lot, at fyne.Position)
}

// said is a label that says of how many, where it is more than one.
func said(one, many string) func(*Page, lot) string {
	return func(_ *Page, l lot) string {
		if l.n > 1 {
			return fmt.Sprintf(many, view.Count(int64(l.n)))
		}
		return one
	}
}

// mostNamed bounds how many numbers of captures are copied at once.
const mostNamed = 1000

func verbs() []verb {
	return []verb{
		{label: said("Replay…", "Replay %s captures…"), icon: "rotate-cw", key: 'r', bar: true, words: "resend send again this capture", do: func(p *Page, l lot, _ fyne.Position) { p.replay(l, false) }},
		{label: said("Replay at once", ""), icon: "zap", key: 'R', hint: "Shift+R", most: 1, words: "resend this capture again", do: func(p *Page, l lot, _ fyne.Position) { p.replay(l, true) }},
		{label: said("Edit and send", ""), icon: "pencil", key: 'e', most: 1, words: "compose this capture", do: func(p *Page, l lot, _ fyne.Position) { p.withCapture(l.one, p.w.Go.Compose) }},
		{label: said("Shrink to what fails…", ""), icon: "package", most: 1, words: "smallest minimal failing body delta debugging reduce this capture", do: (*Page).shrink},
		{label: said("Copy as "+exchange.Codes()[0].Title, ""), icon: "terminal", key: 'c', most: 1, apart: true, words: "this capture code", do: func(p *Page, l lot, _ fyne.Position) { p.copyAs(l, exchange.Codes()[0]) }},
		{label: said("Copy as other code…", ""), icon: "code", most: 1, words: "go node python", do: (*Page).copyMenu},
		{label: said("Copy the URL", ""), icon: "link", key: 'u', most: 1, words: "address this capture", do: func(p *Page, l lot, _ fyne.Position) {
			p.withCapture(l.one, func(c *core.Capture) { p.w.Copy("URL", c.Request.URL()) })
		}},
		{label: said("Copy the number", "Copy %s numbers"), icon: "hash", key: 'i', most: mostNamed, words: "id this capture", do: (*Page).copyNumbers},
		{label: pinLabel, icon: "pin", key: 'p', apart: true, bar: true, words: "pin unpin keep this capture", do: (*Page).pin},
		{label: noteLabel, icon: "square-pen", key: 'n', most: 1, words: "note comment this capture", do: func(p *Page, l lot, _ fyne.Position) { p.withCapture(l.one, p.askNote) }},
		{label: compareLabel, icon: "git-compare", key: 'd', most: 2, bar: true, words: "diff compare this capture with another", do: func(p *Page, l lot, _ fyne.Position) { p.compare(l) }},
		{label: said("Export…", "Export %s captures…"), icon: "upload", key: 'x', bar: true, words: "save har curl json csv this capture", do: func(p *Page, l lot, _ fyne.Position) { p.export(l, "har") }},
		{label: said("Delete", "Delete %s captures"), icon: "trash-2", hint: "Del", apart: true, bar: true, tone: control.Red, words: "remove this capture", do: func(p *Page, l lot, _ fyne.Position) { p.remove(l) }},
	}
}

// fits reports whether a verb can be done with so many captures.
func (v verb) fits(l lot) bool { return l.n > 0 && (v.most == 0 || l.n <= v.most) }

func (v verb) keyHint() string {
	if v.hint != "" || v.key == 0 {
		return v.hint
	}
	return string(v.key)
}

// verbItems are the entries of a menu: those that cannot be done with so many are left out.
func (p *Page) verbItems(l lot, at func() fyne.Position) (items []control.MenuItem) {
	apart := false
	for _, v := range verbs() {
		if apart = apart || v.apart; !v.fits(l) {
			continue
		}
		items = append(items, control.MenuItem{Label: v.label(p, l), Icon: v.icon, Hint: v.keyHint(), Divider: apart && len(items) > 0, Tone: v.tone, Do: func() { v.do(p, l, at()) }})
		apart = false
	}
	return items
}

// verbCommands are the same for the palette.
func (p *Page) verbCommands() (list []control.Command) {
	l := p.chosenLot()
	for _, v := range verbs() {
		if v.fits(l) {
			list = append(list, control.Command{Label: strings.TrimSuffix(v.label(p, l), "…") + ofThis(l), Hint: v.keyHint(), Icon: v.icon, Words: v.words, Do: func() { v.do(p, l, p.middle()) }})
		}
	}
	if l.n == 1 {
		for _, way := range exchange.Codes()[1:] {
			list = append(list, control.Command{Label: "Copy as " + way.Title + ofThis(l), Icon: "code", Words: "this capture code", Do: func() { p.copyAs(l, way) }})
		}
	}
	return list
}

// ofThis says in the palette, which is of the whole window, what a verb means.
func ofThis(l lot) string {
	if l.n == 1 {
		return fmt.Sprintf(" · capture %d", l.one)
	}
	return ""
}

// middle is where a menu opens that no pointer asked for.
func (p *Page) middle() fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(p.list).Add(fyne.NewPos(40, 60))
}

// verbKey does what a letter stands for, and says so where it cannot be done with what is chosen.
func (p *Page) verbKey(r rune) bool {
	for _, v := range verbs() {
		if v.key != 0 && v.key == r {
			p.perform(v)
			return true
		}
	}
	return false
}

func (p *Page) perform(v verb) {
	switch l := p.chosenLot(); {
	case l.n == 0:
		p.w.Layers.Toast(control.Toast{Text: "Select a capture first"})
	case !v.fits(l):
		p.w.Layers.Toast(control.Toast{Text: fmt.Sprintf("%s works on %s; %s are selected", strings.TrimSuffix(v.label(p, lot{n: 1}), "…"), view.Plural(v.most, "capture", "captures"), view.Count(int64(l.n)))})
	default:
		v.do(p, l, p.middle())
	}
}

// copyAs copies code that sends a capture again.
func (p *Page) copyAs(l lot, way exchange.Code) {
	p.withCapture(l.one, func(c *core.Capture) { p.w.Copy(way.Title+" code", way.Write(c.Request)) })
}

func (p *Page) copyMenu(l lot, at fyne.Position) {
	var items []control.MenuItem
	for _, way := range exchange.Codes() {
		items = append(items, control.MenuItem{Label: "Copy as " + way.Title, Icon: "terminal", Do: func() { p.copyAs(l, way) }})
	}
	p.w.Layers.Menu(at, items...)
}

func (p *Page) copyNumbers(l lot, _ fyne.Position) {
	var words []string
	for _, id := range p.shown.within(l.ranges, mostNamed) {
		words = append(words, fmt.Sprint(id))
	}
	if l.n == 1 {
		words = []string{fmt.Sprint(l.one)}
	}
	p.w.Copy(view.Plural(len(words), "number", "numbers"), strings.Join(words, " "))
}

func compareLabel(p *Page, l lot) string {
	switch {
	case l.n == 2:
		return "Compare the two"
	case p.marked != 0 && p.marked != l.one && l.n == 1:
		return fmt.Sprintf("Compare with capture %d", p.marked)
	}
	return "Compare with another"
}

// compare shows two captures side by side: the two that are picked, or this one and the one that was marked before.
func (p *Page) compare(l lot) {
	switch {
	case l.n == 2:
		ids := p.shown.within(l.ranges, 2)
		message.CompareCaptures(p.w, ids[0], ids[1])
	case p.marked == 0 || p.marked == l.one:
		p.marked = l.one
		p.list.Refresh()
		p.w.Layers.Toast(control.Toast{Text: fmt.Sprintf("Capture %d is marked; press d on another to compare the two", l.one)})
	default:
		message.CompareCaptures(p.w, p.marked, l.one)
		p.marked = 0
		p.list.Refresh()
	}
}

// Hotkeys are the keys of the inbox: those of the list, and those of its verbs.
func (p *Page) Hotkeys() []frame.Hotkey {
	keys := append([]frame.Hotkey{{Key: "/", Does: "Into the filter"}, {Key: "g", Does: "Follow what arrives"}, {Key: "v", Does: "Rows of one line, or of two"}, {Key: "1, 2, 3, 4, 5, 6", Does: "Turn to a tab of the capture"}}, frame.ListKeys...)
	for _, v := range verbs() {
		if hint := v.keyHint(); hint != "" {
			keys = append(keys, frame.Hotkey{Key: hint, Does: v.label(p, lot{n: 1})})
		}
	}
	return append(keys, frame.Hotkey{Key: "Ctrl+A", Does: "Select all that the list shows"}, frame.Hotkey{Key: "Ctrl+Z", Does: "Undo a deletion"})
}
