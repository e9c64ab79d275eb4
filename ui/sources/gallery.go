package sources

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// newGallery shows what a source can be of.
func newGallery(p *Page) fyne.CanvasObject {
	p.tiles = part.NewSourceTiles(p.w.Host(), 196, 0, p.startKind)
	body := control.NewScroll(control.Pad(control.Sides(4, 22, 22, 22), p.tiles.View()))
	return control.Col(0, part.PageHead("Add a source", "Whose webhooks? Name, address and scheme are filled in; its secret is all that is left to give."),
		control.Grow(body))
}

func (p *Page) startKind(k part.SourceKind) {
	if _, any := schemeSetting(k.Platform); any {
		p.startWith(k.Platform, k.Scheme)
		return
	}
	p.start(k.Platform)
}

// start begins a new source of a platform.
func (p *Page) start(pl platform.Platform) {
	src := core.Source{Platform: pl.Name, Settings: p.w.Engine.Suggest(pl.Name), Name: p.freeName(pl.Name)}
	p.edit(src, true)
	p.editor.suggestSecret()
}

// startWith begins one that checks with a scheme; the zero scheme checks nothing.
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
	if f := p.editor.secrets["secret"]; s.ID != "" && f != nil {
		f.Focus()
	}
}

// Begin opens the form of a new source of another page, or what to choose from.
func (p *Page) Begin(platformName, scheme string) {
	p.split.Turn(true)
	if platformName == "" { // else its form is shown first, when it is there
		p.w.Open(p.Title)
	}
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		rows, err := readSources(ctx, p.w) // its name must be free
		return func() {
			if p.w.Fail(err); err != nil {
				return
			}
			p.put(rows)
			p.w.Open(p.Title)
			p.leave(func() {
				pl, known := platform.Find(platformName)
				if !known {
					p.gallery()
					p.tiles.Focus()
					return
				}
				s, _ := p.w.Engine.Schemes.Book().Find(scheme)
				p.startKind(part.SourceKind{Platform: pl, Scheme: s})
			})
		}
	})
}
