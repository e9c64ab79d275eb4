// Package public goes public: the tunnel's card in the rail, its questions, and the start and end of the tunnel.
package public

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/tunnel"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// Card stands at the foot of the rail: whether strangers reach Hookglass and under which address, and where it
// listens on this computer.
type Card struct {
	w      *frame.Window
	Status engine.TunnelStatus
	facts  tunnelFacts
	shown  tunnelLook
	tick   func() // stops the pending tick

	dot     *control.Box
	title   *control.Text
	detail  *control.Text
	url     *control.Press
	address *control.Text
	text    *control.Paragraph
	next    *control.Paragraph
	note    *control.Paragraph
	tools   *fyne.Container
	acts    *fyne.Container
	listens *listenRow
	content fyne.CanvasObject
}

func NewCard(w *frame.Window) *Card {
	c := &Card{w: w, dot: control.Dot(control.Faint, 8), title: control.NewText("", control.SmallBold.In(control.Ink)).Ellipsis(),
		detail: control.NewText("", control.Small).Ellipsis(), address: control.NewText("", control.CodeSmall.In(control.Ink)).EllipsisMiddle(),
		text: control.NewParagraph("", control.Small.In(control.Ink)).Lines(5), next: control.NewParagraph("", control.Small).Lines(5),
		note: control.NewParagraph("", control.Small).Lines(5), acts: control.Col(5)}
	c.url = control.NewPress(control.Surface{Fill: control.SurfaceField, Border: control.FieldLine, Radius: 6, Pad: control.XY(7, 5)}, c.address, c.CopyURL)
	c.url.Tip = "Copy the public address of a source"
	c.listens = newListenRow(w)
	c.tools = control.Row(2, control.NewTool("copy", "Copy the public address of a source", c.CopyURL), control.NewTool("external-link", "Open it in the browser", c.OpenURL),
		control.NewTool("qr-code", "Show a QR code", c.ShowQR), control.NewTool("activity", "Is it live? Send a request through it", c.Ping))
	head := control.Row(8, c.dot, control.Grow(c.title))
	body := control.Col(6, head, c.detail, c.url, c.text, c.next, c.note, c.tools, c.acts, control.Hair(), c.listens.root)
	c.content = control.NewBox(control.Surface{Fill: control.SurfaceRaised, Radius: 9, Pad: control.XY(11, 10)}, body)
	c.put(lookOfTunnel(c.Status, c.facts, time.Now()))
	return c
}

// Tone is the colour of how it stands.
func (c *Card) Tone() control.Token { return c.shown.tone }

func (c *Card) View() fyne.CanvasObject { return c.content }

// Load reads how the tunnel stands and what came through it.
func (c *Card) Load(ctx context.Context) func() {
	status := c.w.Engine.Tunnel.Status()
	requests := 0
	if status.State == tunnel.Online || status.State == tunnel.Reconnecting {
		requests, _ = c.w.Engine.Tunnel.Requests(ctx, status.Since) // shown as 0 where it cannot be counted
	}
	return func() {
		if status.State != tunnel.Online || !status.Since.Equal(c.Status.Since) {
			c.facts.ping, c.facts.pinging = nil, false
		}
		c.Status, c.facts.requests = status, requests
		c.update()
	}
}

// update shows what is known now, and again in a second while it shows a time.
func (c *Card) update() {
	if c.tick != nil {
		c.tick()
		c.tick = nil
	}
	c.listens.show()
	look := lookOfTunnel(c.Status, c.facts, time.Now())
	c.put(look)
	if look.ticks {
		c.tick = c.w.Pump.After(time.Second, c.update)
	}
}

func (c *Card) put(l tunnelLook) {
	if reflect.DeepEqual(l, c.shown) {
		return
	}
	acts := !slices.Equal(l.acts, c.shown.acts)
	c.shown = l
	lines := 6
	if c.w.Win.Canvas().Size().Height < 660 {
		lines = 3 // the rail has no room for more; Details has it whole
	}
	c.text.Lines(lines)
	c.next.Lines(lines)
	c.dot.SetSurface(dotSurface(l.tone))
	c.title.Set(l.title)
	showText(c.detail, l.detail)
	c.address.Set(strings.TrimPrefix(l.url, "https://"))
	c.url.Hidden = l.url == ""
	c.text.Set(l.text)
	c.text.Hidden = l.text == ""
	c.next.Set(l.next)
	c.next.Hidden = l.next == ""
	tone := l.noteIn
	if tone == "" {
		tone = control.Muted
	}
	c.note.Put(l.note, control.Small.In(tone))
	c.note.Hidden = l.note == ""
	c.tools.Hidden = !l.tools
	if acts {
		c.acts.Objects = c.buttons(l.acts)
		c.acts.Hidden = len(l.acts) == 0
	}
	c.w.Refresh()
}

// buttons are one under another; those of least weight stand as icons beside the last, since the rail has little height.
func (c *Card) buttons(acts []tunnelAct) (rows []fyne.CanvasObject) {
	var last []fyne.CanvasObject
	for _, a := range acts {
		if a.kind == control.Ghost {
			last = append(last, control.NewTool(a.icon, a.label, func() { c.act(a.do) }))
			continue
		}
		rows = append(rows, control.NewButton(a.label, a.icon, a.kind, func() { c.act(a.do) }))
	}
	if n := len(rows); n > 0 && len(last) > 0 {
		rows[n-1] = control.Row(2, append([]fyne.CanvasObject{control.Grow(rows[n-1])}, last...)...)
	}
	return rows
}

func dotSurface(tone control.Token) control.Surface {
	return control.Surface{Fill: tone, Radius: 4, Min: fyne.NewSquareSize(8)}
}

// showText puts a text, or hides it when it is empty.
func showText(t *control.Text, s string) {
	t.Set(s)
	t.Hidden = s == ""
}

func (c *Card) act(do tunnelVerb) {
	switch do {
	case tunnelStart:
		GoPublic(c.w)
	case tunnelStop:
		Stop(c.w)
	case tunnelCorrect:
		c.w.Go.CorrectTunnel(c.Status.Field, c.Status.Text)
	case tunnelDashboard:
		OpenLink(c.w, c.Status.Link)
	case tunnelExplain:
		explainTrouble(c.w, c.Status.Trouble)
	}
}

func (c *Card) CopyURL() {
	copySource(c.w, c.url, "Public address", func(src core.Source) string { return c.shown.url + part.SourcePathOf(src) })
}
func (c *Card) OpenURL() { OpenLink(c.w, c.shown.url) }
func (c *Card) ShowQR()  { showQR(c.w, c.shown.url) }

// Ping tells a live tunnel from one that only looks alive.
func (c *Card) Ping() {
	if c.facts.pinging {
		return
	}
	c.facts.pinging = true
	c.update()
	c.w.Pump.Task(c.w.Ctx, func(ctx context.Context) func() {
		took, err := c.w.Engine.Tunnel.Ping(ctx)
		return func() {
			c.facts.pinging, c.facts.ping = false, &tunnelPing{took, err}
			c.update()
		}
	})
}

// GoPublic starts the tunnel: what is typed in its settings is kept first, then consent, then the start.
func GoPublic(w *frame.Window) { w.Go.SettleTunnel(func() { checkedPublic(w) }) }

func checkedPublic(w *frame.Window) {
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		s := w.Engine.Tunnel.Settings(ctx)
		err := w.Engine.Tunnel.Check(s)
		var invalid *core.Invalid
		return func() {
			switch {
			case errors.As(err, &invalid):
				w.Go.CorrectTunnel(invalid.Field, invalid.Reason)
			case err != nil:
				w.Fail(err)
			case !slices.Contains(s.Agreed, s.Provider):
				askConsent(w, s)
			default:
				start(w, s)
			}
		}
	})
}

func start(w *frame.Window, s engine.TunnelSettings) {
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		err := w.Engine.Tunnel.Start(w.Ctx, s, func(ctx context.Context, k tunnel.HostKey) bool { return askHostKey(ctx, w, k) })
		return func() { w.Fail(err) }
	})
}

func Stop(w *frame.Window) {
	w.Pump.Task(w.Ctx, func(context.Context) func() {
		w.Engine.Tunnel.Stop()
		return func() {}
	})
}

// OpenLink opens an address outside Hookglass.
func OpenLink(w *frame.Window, address string) {
	u, err := url.Parse(address)
	if err == nil {
		err = w.App.OpenURL(u)
	}
	if err != nil {
		w.Copy("It could not be opened; its address is", address)
	}
}

// OpenFolder shows a folder in the system's file manager.
func OpenFolder(w *frame.Window, path string) {
	if err := w.App.OpenURL(&url.URL{Scheme: "file", Path: path}); err != nil {
		w.Copy("The folder could not be opened; its path is", path)
	}
}
