// Package settings is the page of what is set for the whole program, in sections.
package settings

import (
	"context"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// Page holds what is set for the whole program, in sections.
type Page struct {
	frame.Plain
	w        *frame.Window
	Sections []settingsSection
	now      atomic.Int32 // the shown section, read by the pump
	entries  []*control.Press
	icons    []*control.Icon
	labels   []*control.Text
	stage    *control.Box

	Tunnel  *tunnelSection
	schemes *schemeSection
	team    *teamSection
}

// settingsSection is one part of the settings.
type settingsSection interface {
	Title() string
	Icon() string
	view() fyne.CanvasObject
	load(ctx context.Context) (apply func())
}

func New(w *frame.Window) *Page {
	p := &Page{Plain: frame.Plain{Title: "Settings", Symbol: "settings"}, w: w}
	p.Tunnel, p.schemes, p.team = newTunnelSection(w), newSchemeSection(w), newTeamSection(w)
	p.Sections = []settingsSection{p.Tunnel, newAddressSection(w), newHistorySection(w), newLookSection(w), newNoticeSection(w), newSecretSection(w), newEnvironmentSection(w), p.schemes, p.team, newAgentSection(w), newAboutSection(w)}
	var list []fyne.CanvasObject
	for i, s := range p.Sections {
		icon, label := control.NewIcon(s.Icon(), control.Muted, 15), control.NewText(s.Title(), control.Body)
		press := control.NewPress(control.Surface{Radius: 7, Pad: control.XY(10, 8)}, control.Row(9, icon, control.Grow(label)), func() { p.choose(i) })
		p.icons, p.labels, p.entries = append(p.icons, icon), append(p.labels, label), append(p.entries, press)
		list = append(list, press)
	}
	nav := control.Fixed(150, control.Pad(control.Sides(0, 0, 10, 10), control.Col(2, list...)))
	p.stage = control.NewBox(control.Surface{}, nil)
	p.Root = control.Col(0, part.PageHead("Settings", "For the whole program. What concerns one source stands on Sources."),
		control.Grow(control.RowFill(6, nav, control.Grow(p.stage))))
	p.choose(0)
	return p
}

// choose shows a section.
func (p *Page) choose(i int) {
	p.now.Store(int32(i))
	for k := range p.Sections {
		s, tone, style := control.Surface{Radius: 7, Pad: control.XY(10, 8)}, control.Muted, control.Body.In(control.Muted)
		if k == i {
			s.Fill, tone, style = control.Active, control.Accent, control.BodyBold
		}
		p.entries[k].SetSurface(s)
		p.icons[k].Set(p.Sections[k].Icon(), tone)
		p.labels[k].SetStyle(style)
	}
	p.stage.SetChild(p.Sections[i].view())
	if p.w.Pump != nil {
		p.w.Pump.Again()
	}
}

// chooseTitle shows the section of a title.
func (p *Page) chooseTitle(title string) {
	for i, s := range p.Sections {
		if s.Title() == title {
			p.choose(i)
		}
	}
}

func (p *Page) Load(ctx context.Context) func() { return p.Sections[p.now.Load()].load(ctx) }

// Save is Ctrl+S: what the shown section keeps only when told to.
func (p *Page) Save() {
	if s, ok := p.Sections[p.now.Load()].(interface{ Save() }); ok {
		s.Save()
	}
}

// Open brings a section to the front.
func (p *Page) Open(title string) {
	p.w.Open(p.Title)
	p.chooseTitle(title)
}

// CorrectTunnel goes to the tunnel setting that a trouble names, and says what is wrong there.
func (p *Page) CorrectTunnel(field, reason string) {
	p.Open("Tunnel")
	p.Tunnel.point(field, reason)
}

// JoinSpace puts an invite into the form that joins a space; to join is left to the user.
func (p *Page) JoinSpace(invite string) {
	p.Open("Team")
	p.team.offer(invite)
}

// OpenScheme shows a scheme.
func (p *Page) OpenScheme(id string) {
	p.Open("Schemes")
	p.schemes.openScheme(id)
}
