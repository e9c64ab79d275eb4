package sources

import (
	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// newGallery shows the platforms that a source can be of.
func newGallery(p *Page) fyne.CanvasObject {
	var cards []fyne.CanvasObject
	for _, pl := range platform.Receivers() {
		cards = append(cards, galleryCard(pl, func() { p.start(pl) }))
	}
	body := control.NewScroll(control.Pad(control.Sides(4, 22, 22, 22), control.Wrap(14, cards...)))
	return control.Col(0, part.PageHead("Add a source", "A source is an address where webhooks arrive, and the platform that answers them. Its settings are filled in; change what you like."),
		control.Grow(body))
}

func galleryCard(p platform.Platform, open func()) fyne.CanvasObject {
	mark := part.NewPlatformMark(40)
	mark.Set(p.Name)
	badges := []fyne.CanvasObject{}
	if p.Outbound {
		badges = append(badges, control.NewBadge("sends", control.Blue))
	}
	if len(p.Shipped) > 0 {
		badges = append(badges, control.NewBadge("docs and code", control.Violet))
	}
	head := control.Row(12, mark.View(), control.Grow(control.NewText(p.Title, control.Title).Ellipsis()))
	column := control.Col(10, head, control.NewParagraph(p.Summary, control.Body.In(control.Muted)).Lines(4), control.Row(6, badges...))
	return control.Fixed(272, control.NewPress(control.Surface{Fill: control.SurfaceRaised, Border: control.Line, Radius: 11, Pad: control.All(16),
		Min: fyne.NewSize(272, 188)}, column, open))
}

// start begins a new source of a platform. Where any scheme will do, the provider is asked for first.
func (p *Page) start(pl platform.Platform) {
	if _, ok := schemeSetting(pl); ok {
		list := part.NewSchemeList(p.w.Host(), part.UncheckedWords, p.w.Engine.Schemes.Book().All(), func(s sign.Scheme) { p.startWith(pl, s) })
		p.stage.SetChild(providerChoice(p, list))
		list.Focus()
		return
	}
	src := core.Source{Platform: pl.Name, Settings: p.w.Engine.Suggest(pl.Name), Name: p.freeName(pl.Name)}
	p.edit(src, true)
	p.editor.suggestSecret()
}

// providerChoice asks whose webhooks a source takes.
func providerChoice(p *Page, list *part.SchemeList) fyne.CanvasObject {
	body := control.Pad(control.Sides(0, 22, 16, 22), control.Wide(640, list.View()))
	back := control.NewButton("Back", "arrow-left", control.Secondary, p.showGallery)
	return control.Col(0, part.PageHead("Whose webhooks?", "The provider says how its signatures are made. Without one, everything is taken unchecked.", back), control.Grow(body))
}

func (p *Page) startWith(pl platform.Platform, s sign.Scheme) {
	src := core.Source{Platform: pl.Name, Settings: p.w.Engine.Suggest(pl.Name)}
	name := "webhooks"
	if s.ID != "" {
		name = s.ID
		setScheme(pl, &src, s.ID)
	}
	src.Name = p.freeName(name)
	src.Settings["path"] = "/in/" + src.Name
	p.edit(src, true)
}
