package sources

import (
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/public"
)

// setupLines say where the provider takes the address and shows the secret, as its own document has it.
type setupLines struct {
	w                       *frame.Window
	address, secret, source *control.Paragraph
	root                    *fyne.Container
}

func newSetupLines(w *frame.Window) *setupLines {
	l := &setupLines{w: w, address: control.NewParagraph("", control.Small), secret: control.NewParagraph("", control.Small), source: control.NewParagraph("", control.Small.In(control.Faint))}
	line := func(icon string, p *control.Paragraph) fyne.CanvasObject {
		return control.RowFill(8, control.Col(0, control.Gap(0, 1), control.NewIcon(icon, control.Muted, 13)), control.Grow(p))
	}
	l.root = control.Col(5, line("link", l.address), line("key-round", l.secret), l.source)
	return l
}

// show tells it for the provider of a source, if it is known.
func (l *setupLines) show(scheme sign.Scheme) {
	s := scheme.Setup
	l.root.Hidden = s == (sign.Setup{})
	l.address.Set("The address goes to: " + s.Address)
	l.secret.Set("The secret: " + s.Secret)
	l.source.Set("As of " + s.Source)
}

// setupCard stands over the form of a new source: what the provider is given.
type setupCard struct {
	w       *frame.Window
	caption *control.Text
	address *control.Text
	reach   *control.Paragraph
	goes    *control.Button
	lines   *setupLines
	root    fyne.CanvasObject
}

func newSetupCard(w *frame.Window) *setupCard {
	c := &setupCard{w: w, caption: control.NewText("", control.Caption), address: control.NewText("", control.Code).EllipsisMiddle(),
		reach: control.NewParagraph("", control.Small), lines: newSetupLines(w)}
	c.goes = control.NewButton("Go public", "globe", control.Secondary, func() { public.GoPublic(w) })
	line := control.RowFill(8, control.Grow(c.address), control.NewTool("copy", "Copy the address", func() { w.Copy("Address", c.address.Text()) }))
	c.root = control.Wide(part.FormWidth+60, control.Card(control.Col(7, c.caption, line, control.RowFill(10, control.Grow(c.reach), control.Col(0, c.goes)), c.lines.root)))
	return c
}

// show brings it in line with a draft.
func (c *setupCard) show(src core.Source) {
	scheme, _ := c.w.Engine.Schemes.Book().Find(src.Settings.Text("scheme"))
	who := "the sender"
	if scheme.ID != "" {
		who = part.ProviderOf(c.w.Host(), scheme.ID)
	}
	c.caption.Set("PASTE THIS ADDRESS AT " + strings.ToUpper(who))
	c.address.Set(c.w.Engine.SourceURL(src))
	online := c.w.Engine.Tunnel.PublicURL() != ""
	c.goes.Hidden = online
	c.reach.Put("This is the public address: "+who+" can reach it.", control.Small.In(control.Green))
	if !online {
		c.reach.Put(core.Capital(who)+" cannot reach it: it leads to this computer only. Go public for an address that can be called from outside; a test from here works without.", control.Small.In(control.Amber))
	}
	c.lines.show(scheme)
	part.Relayout(c.root)
}
