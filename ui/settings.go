package ui

import (
	"context"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

// settingsPage holds what is set for the whole program, in sections.
type settingsPage struct {
	plain
	w        *Window
	sections []settingsSection
	now      atomic.Int32 // the shown section, read by the pump
	entries  []*control.Press
	icons    []*control.Icon
	labels   []*control.Text
	stage    *control.Box

	tunnel  *tunnelSection
	schemes *schemeSection
}

// settingsSection is one part of the settings.
type settingsSection interface {
	title() string
	icon() string
	view() fyne.CanvasObject
	load(ctx context.Context) (apply func())
}

func newSettingsPage(w *Window) *settingsPage {
	p := &settingsPage{plain: plain{title: "Settings", symbol: "settings"}, w: w}
	p.tunnel, p.schemes = newTunnelSection(w), newSchemeSection(w)
	p.sections = []settingsSection{p.tunnel, newHistorySection(w), newLookSection(w), newSecretSection(w), p.schemes, newAboutSection(w)}
	var list []fyne.CanvasObject
	for i, s := range p.sections {
		icon, label := control.NewIcon(s.icon(), control.Muted, 15), control.NewText(s.title(), control.Body)
		press := control.NewPress(control.Surface{Radius: 7, Pad: control.XY(10, 8)}, control.Row(9, icon, control.Grow(label)), func() { p.choose(i) })
		p.icons, p.labels, p.entries = append(p.icons, icon), append(p.labels, label), append(p.entries, press)
		list = append(list, press)
	}
	nav := control.Fixed(150, control.Pad(control.Sides(0, 0, 10, 10), control.Col(2, list...)))
	p.stage = control.NewBox(control.Surface{}, nil)
	p.root = control.Col(0, pageHead("Settings", "For the whole program. What concerns one source stands on Sources."),
		control.Grow(control.RowFill(6, nav, control.Grow(p.stage))))
	p.choose(0)
	return p
}

// choose shows a section.
func (p *settingsPage) choose(i int) {
	p.now.Store(int32(i))
	for k := range p.sections {
		s, tone, style := control.Surface{Radius: 7, Pad: control.XY(10, 8)}, control.Muted, control.Body.In(control.Muted)
		if k == i {
			s.Fill, tone, style = control.Active, control.Accent, control.BodyBold
		}
		p.entries[k].SetSurface(s)
		p.icons[k].Set(p.sections[k].icon(), tone)
		p.labels[k].SetStyle(style)
	}
	p.stage.SetChild(p.sections[i].view())
	if p.w.pump != nil {
		p.w.pump.again()
	}
}

// chooseTitle shows the section of a title.
func (p *settingsPage) chooseTitle(title string) {
	for i, s := range p.sections {
		if s.title() == title {
			p.choose(i)
		}
	}
}

func (p *settingsPage) load(ctx context.Context) func() { return p.sections[p.now.Load()].load(ctx) }

// open brings a section to the front.
func (p *settingsPage) open(title string) {
	p.w.open(p.title)
	p.chooseTitle(title)
}

// correctTunnel goes to the tunnel setting that a trouble names, and says what is wrong there.
func (p *settingsPage) correctTunnel(field, reason string) {
	p.open("Tunnel")
	p.tunnel.point(field, reason)
}

// openScheme shows a scheme.
func (p *settingsPage) openScheme(id string) {
	p.open("Schemes")
	p.schemes.openScheme(id)
}
