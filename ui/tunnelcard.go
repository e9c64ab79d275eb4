package ui

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
)

// tunnelCard stands at the foot of the rail: whether strangers reach Hookglass and under which address, and where it
// listens on this computer.
type tunnelCard struct {
	w      *Window
	status engine.TunnelStatus
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
	content fyne.CanvasObject
}

func newTunnelCard(w *Window) *tunnelCard {
	c := &tunnelCard{w: w, dot: control.Dot(control.Faint, 8), title: control.NewText("", control.SmallBold.In(control.Ink)).Ellipsis(),
		detail: control.NewText("", control.Small).Ellipsis(), address: control.NewText("", control.CodeSmall.In(control.Ink)).EllipsisMiddle(),
		text: control.NewParagraph("", control.Small.In(control.Ink)).Lines(5), next: control.NewParagraph("", control.Small).Lines(5),
		note: control.NewParagraph("", control.Small).Lines(5), acts: control.Col(5)}
	c.url = control.NewPress(control.Surface{Fill: control.SurfaceField, Border: control.FieldLine, Radius: 6, Pad: control.XY(7, 5)}, c.address, c.copyURL)
	c.url.Tip = "Copy the public address"
	c.tools = control.Row(2, control.NewTool("copy", "Copy the public address", c.copyURL), control.NewTool("external-link", "Open it in the browser", c.openURL),
		control.NewTool("qr-code", "Show a QR code", c.showQR), control.NewTool("activity", "Is it live? Send a request through it", c.ping))
	head := control.Row(8, c.dot, control.Grow(c.title))
	body := control.Col(6, head, c.detail, c.url, c.text, c.next, c.note, c.tools, c.acts, control.Hair(), newListenRow(w))
	c.content = control.NewBox(control.Surface{Fill: control.SurfaceRaised, Radius: 9, Pad: control.XY(11, 10)}, body)
	c.put(lookOfTunnel(c.status, c.facts, time.Now()))
	return c
}

func (c *tunnelCard) view() fyne.CanvasObject { return c.content }

// load reads how the tunnel stands and what came through it.
func (c *tunnelCard) load(ctx context.Context) func() {
	status := c.w.e.Tunnel.Status()
	requests := 0
	if status.State == tunnel.Online || status.State == tunnel.Reconnecting {
		requests, _ = c.w.e.Tunnel.Requests(ctx, status.Since) // shown as 0 where it cannot be counted
	}
	return func() {
		if status.State != tunnel.Online || !status.Since.Equal(c.status.Since) {
			c.facts.ping, c.facts.pinging = nil, false
		}
		c.status, c.facts.requests = status, requests
		c.update()
	}
}

// update shows what is known now, and again in a second while it shows a time.
func (c *tunnelCard) update() {
	if c.tick != nil {
		c.tick()
		c.tick = nil
	}
	look := lookOfTunnel(c.status, c.facts, time.Now())
	c.put(look)
	if look.ticks {
		c.tick = c.w.pump.after(time.Second, c.update)
	}
}

func (c *tunnelCard) put(l tunnelLook) {
	if reflect.DeepEqual(l, c.shown) {
		return
	}
	acts := !slices.Equal(l.acts, c.shown.acts)
	c.shown = l
	lines := 6
	if c.w.win.Canvas().Size().Height < 660 {
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
	c.w.refresh()
}

// buttons are one under another; those of least weight stand as icons beside the last, since the rail has little height.
func (c *tunnelCard) buttons(acts []tunnelAct) (rows []fyne.CanvasObject) {
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

func (c *tunnelCard) act(do tunnelVerb) {
	switch do {
	case tunnelStart:
		goPublic(c.w)
	case tunnelStop:
		stopTunnel(c.w)
	case tunnelCorrect:
		c.w.to.correctTunnel(c.status.Field, c.status.Text)
	case tunnelDashboard:
		openLink(c.w, c.status.Link)
	case tunnelExplain:
		explainTrouble(c.w, c.status.Trouble)
	}
}

func (c *tunnelCard) copyURL() { c.w.copy("Public address", c.shown.url) }
func (c *tunnelCard) openURL() { openLink(c.w, c.shown.url) }
func (c *tunnelCard) showQR()  { showQR(c.w, c.shown.url) }

// ping tells a live tunnel from one that only looks alive.
func (c *tunnelCard) ping() {
	if c.facts.pinging {
		return
	}
	c.facts.pinging = true
	c.update()
	c.w.pump.task(c.w.ctx, func(ctx context.Context) func() {
		took, err := c.w.e.Tunnel.Ping(ctx)
		return func() {
			c.facts.pinging, c.facts.ping = false, &tunnelPing{took, err}
			c.update()
		}
	})
}

// goPublic starts the tunnel: what is typed in its settings is kept first, then consent, then the start.
func goPublic(w *Window) { w.to.settleTunnel(func() { checkedPublic(w) }) }

func checkedPublic(w *Window) {
	w.pump.task(w.ctx, func(ctx context.Context) func() {
		s := w.e.Tunnel.Settings(ctx)
		err := w.e.Tunnel.Check(s)
		var invalid *core.Invalid
		return func() {
			switch {
			case errors.As(err, &invalid):
				w.to.correctTunnel(invalid.Field, invalid.Reason)
			case err != nil:
				w.fail(err)
			case !slices.Contains(s.Agreed, s.Provider):
				askConsent(w, s)
			default:
				startTunnel(w, s)
			}
		}
	})
}

func startTunnel(w *Window, s engine.TunnelSettings) {
	w.pump.task(w.ctx, func(ctx context.Context) func() {
		err := w.e.Tunnel.Start(w.ctx, s, func(ctx context.Context, k tunnel.HostKey) bool { return askHostKey(ctx, w, k) })
		return func() { w.fail(err) }
	})
}

func stopTunnel(w *Window) {
	w.pump.task(w.ctx, func(context.Context) func() {
		w.e.Tunnel.Stop()
		return func() {}
	})
}

// openLink opens an address outside Hookglass.
func openLink(w *Window, address string) {
	u, err := url.Parse(address)
	if err == nil {
		err = w.app.OpenURL(u)
	}
	if err != nil {
		w.copy("It could not be opened; its address is", address)
	}
}

// openFolder shows a folder in the system's file manager.
func openFolder(w *Window, path string) {
	if err := w.app.OpenURL(&url.URL{Scheme: "file", Path: path}); err != nil {
		w.copy("The folder could not be opened; its path is", path)
	}
}

// newListenRow says where sources listen on this computer. It is a button that copies the address.
func newListenRow(w *Window) fyne.CanvasObject {
	words := control.NewText(strings.TrimPrefix(w.e.URL(), "http://"), control.CodeSmall).Ellipsis()
	row := control.Row(7, control.NewIcon("house", control.Faint, 13), control.Grow(words), control.NewIcon("copy", control.Faint, 13))
	press := control.NewPress(control.Surface{Radius: 6, Pad: control.XY(3, 3)}, row, func() { w.copy("Address", w.e.URL()) })
	press.Tip = "Listening on this computer. Copy the address"
	if w.e.Moved() {
		press.Tip = "Listening on this computer: 4600 is taken. Copy the address"
	}
	return press
}
