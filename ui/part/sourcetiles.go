package part

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core/sign"
	"hookglass/ui/control"
)

// SourceTiles offer what a new source can be: the kinds that most look for, and all others by a search.
type SourceTiles struct {
	host   Host
	width  float32
	few    int // how many stand there at first; 0: all
	chosen func(SourceKind)

	search *control.Field
	body   *fyne.Container
	found  []SourceKind
	root   fyne.CanvasObject
}

// mostTiles bounds what is drawn at once: a longer search narrows it.
const mostTiles = 120

// NewSourceTiles has tiles of a width. few of them stand there until all are asked for; 0 shows all at once.
func NewSourceTiles(h Host, width float32, few int, chosen func(SourceKind)) *SourceTiles {
	t := &SourceTiles{host: h, width: width, few: few, chosen: chosen, body: control.Col(10)}
	t.search = control.NewField("", fmt.Sprintf("Search %d providers or headers", len(h.Engine.Schemes.Book().All())), func(string) { t.show() }).WithIcon("search")
	t.search.OnSubmit = func(string) {
		if len(t.found) > 0 {
			t.chosen(t.found[0])
		}
	}
	t.root = control.Col(14, t.search, t.body)
	t.show()
	return t
}

func (t *SourceTiles) View() fyne.CanvasObject { return t.root }

// Focus puts the keyboard into the search.
func (t *SourceTiles) Focus() { t.search.Focus() }

// show draws the tiles: in groups, or what a search finds.
func (t *SourceTiles) show() {
	all, most := SourceKinds(t.host.Engine.Schemes.Book())
	t.body.Objects = nil
	switch text := strings.TrimSpace(t.search.Text()); {
	case text != "":
		t.found = FindKinds(all, text)
		t.add("", t.found[:min(len(t.found), mostTiles)])
		t.addUnfit(text)
		if len(t.body.Objects) == 0 {
			t.body.Add(control.NewParagraph("No provider of that name. Take any provider, and a scheme of your own under Settings, Schemes.", control.Small))
			t.add("", all[most-1:most])
		}
	case t.few > 0:
		t.found = append(all[:t.few:t.few], all[most-1])
		t.add("", t.found)
	default:
		t.found = all
		first := len(firstSchemes)
		t.add("PROVIDERS", all[:first])
		t.add("AGENT PLATFORMS, EMULATED", all[first:most-1])
		t.add("ANYTHING ELSE", all[most-1:most])
		t.add("MORE PROVIDERS", all[most:])
	}
	Relayout(t.root)
}

// add adds a group of tiles.
func (t *SourceTiles) add(title string, kinds []SourceKind) {
	if len(kinds) == 0 {
		return
	}
	if title != "" {
		t.body.Add(control.NewText(title, control.Caption))
	}
	tiles := make([]fyne.CanvasObject, len(kinds))
	for i, k := range kinds {
		side := float32(30)
		if t.few > 0 {
			side = 24
		}
		mark := NewPlatformMark(side)
		mark.put(k.Title())
		tiles[i] = t.tile(mark.View(), k.Title(), k.Below(), func() { t.chosen(k) })
	}
	t.body.Add(&fyne.Container{Layout: &tileGrid{least: t.width}, Objects: tiles})
}

// addUnfit adds those that are known and cannot be checked, with the reason.
func (t *SourceTiles) addUnfit(search string) {
	words := strings.Fields(strings.ToLower(search))
	for _, u := range sign.NotFitting() {
		if hasAll(strings.ToLower(u.Provider+" "+u.Carrier), words) {
			t.body.Add(control.Banner(control.Amber, fmt.Sprintf("%s (%s) cannot be checked here. %s", u.Provider, u.Carrier, u.Why), nil))
		}
	}
}

func (t *SourceTiles) tile(mark fyne.CanvasObject, title, below string, tap func()) fyne.CanvasObject {
	shown := title
	if t.few > 0 {
		shown = bareTitle(title)
	}
	words := control.Col(1, control.NewText(shown, control.BodyBold).Ellipsis())
	if t.few == 0 { // there is room for how it signs
		words.Add(control.NewText(below, control.Small.In(control.Faint)).Ellipsis())
	}
	press := control.NewPress(control.Surface{Fill: control.SurfaceRaised, Border: control.Line, Radius: 9, Pad: control.XY(10, 8)},
		control.Row(10, mark, control.Grow(words)), tap)
	press.Tip = title
	return press
}

// tileGrid places tiles in columns of the same width, as many as there is room for.
type tileGrid struct{ least, width float32 }

const tileGap = 8

func (g *tileGrid) columns(width float32) int { return max(int((width+tileGap)/(g.least+tileGap)), 1) }

func (g *tileGrid) MinSize(tiles []fyne.CanvasObject) fyne.Size {
	width := g.width
	if width <= 0 {
		width = 4 * g.least // not placed yet
	}
	n := g.columns(width)
	lines := float32((len(tiles) + n - 1) / n)
	return fyne.NewSize(g.least, lines*(tiles[0].MinSize().Height+tileGap)-tileGap)
}

func (g *tileGrid) Layout(tiles []fyne.CanvasObject, size fyne.Size) {
	g.width = size.Width
	n := g.columns(size.Width)
	w, h := (size.Width-float32(n-1)*tileGap)/float32(n), tiles[0].MinSize().Height
	for i, o := range tiles {
		o.Move(fyne.NewPos(float32(i%n)*(w+tileGap), float32(i/n)*(h+tileGap)))
		o.Resize(fyne.NewSize(w, h))
	}
}
