package ui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/core/store"
	"hookglass/core/tunnel"
	"hookglass/ui/control"
)

// paletteCaptures is how many of the newest captures the palette offers.
const paletteCaptures = 60

// known is what the palette offers beside pages and actions. It is read with each round of the pump, so that the
// palette opens at once and takes the first key typed.
type known struct {
	sources  []core.Source
	captures []store.Row
	own      []sign.Scheme
}

func (k *known) load(ctx context.Context, w *Window) func() {
	sources, err := w.e.Store.Sources(ctx)
	if err != nil {
		return func() {}
	}
	rows, err := w.e.Store.Captures(ctx, store.Query{}, 0, paletteCaptures)
	if err != nil {
		return func() {}
	}
	own := w.e.Schemes.Own(ctx)
	return func() { k.sources, k.captures, k.own = sources, rows, own }
}

// palette opens the list of everything that can be done: Ctrl+K.
func (w *Window) palette() {
	if w.layers.Covered() {
		return
	}
	w.layers.OpenPalette(w.commands())
}

// commands are what the palette offers: actions of the shown page first, then pages, files, the tunnel, sources, settings,
// captures and schemes.
func (w *Window) commands() []control.Command {
	list := w.pageActions()
	for _, parts := range [][]control.Command{w.pageCommands(), w.fileCommands(), w.tunnelCommands(), w.sourceCommands(), w.settingCommands(), w.captureCommands(), w.schemeCommands()} {
		list = append(list, parts...)
	}
	return list
}

// pageActions are those of the shown page.
func (w *Window) pageActions() []control.Command {
	if p, ok := w.pages[w.now].(interface{ commands() []control.Command }); ok {
		return p.commands()
	}
	if w.pages[w.now] == page(w.inbox) {
		return w.inboxCommands()
	}
	return nil
}

func (w *Window) inboxCommands() []control.Command {
	p := w.inbox
	list := []control.Command{
		{Label: "Filter the inbox", Hint: "Ctrl+F", Icon: "funnel", Do: p.find},
		{Label: "Follow what arrives", Hint: "g", Icon: "arrow-up", Do: p.follow},
	}
	if p.chosen == 0 {
		return list
	}
	return slices.Concat([]control.Command{
		{Label: "Replay this capture", Hint: "r", Icon: "rotate-cw", Words: "resend", Do: func() { p.key('r') }},
		{Label: "Edit and send this capture", Hint: "e", Icon: "pencil", Words: "compose", Do: func() { p.key('e') }},
		{Label: "Pin or unpin this capture", Hint: "p", Icon: "pin", Do: func() { p.key('p') }},
		{Label: "Compare this capture with another", Hint: "d", Icon: "git-compare", Words: "diff", Do: func() { p.key('d') }},
	}, p.copyCommands(), list)
}

func (w *Window) pageCommands() (list []control.Command) {
	for i, p := range w.pages {
		list = append(list, control.Command{Label: p.name(), Hint: fmt.Sprintf("Ctrl+%d", i+1), Icon: p.icon(), Words: "page go to open", Do: func() { w.open(p.name()) }})
	}
	return list
}

func (w *Window) tunnelCommands() []control.Command {
	c := w.rail.tunnel
	switch c.status.State {
	case tunnel.Online, tunnel.Reconnecting:
		return []control.Command{
			{Label: "Copy the public address", Hint: "Tunnel", Icon: "copy", Do: c.copyURL},
			{Label: "Open the public address in the browser", Hint: "Tunnel", Icon: "external-link", Do: c.openURL},
			{Label: "Show the public address as a QR code", Hint: "Tunnel", Icon: "qr-code", Do: c.showQR},
			{Label: "Is the tunnel live?", Hint: "Tunnel", Icon: "activity", Words: "ping test", Do: c.ping},
			{Label: "Stop the tunnel", Hint: "Tunnel", Icon: "square", Do: w.stopTunnel},
		}
	case tunnel.Connecting:
		return []control.Command{{Label: "Cancel the tunnel", Hint: "Tunnel", Icon: "x", Words: "stop", Do: w.stopTunnel}}
	}
	return []control.Command{{Label: "Go public", Hint: "Tunnel", Icon: "globe", Words: "start tunnel ngrok ssh address", Do: w.goPublic}}
}

func (w *Window) sourceCommands() (list []control.Command) {
	for _, src := range w.known.sources {
		url := w.e.SourceURL(src)
		list = append(list,
			control.Command{Label: "Copy the URL of " + src.Name, Hint: "Source", Icon: "link", Words: src.Platform + " " + url, Do: func() { w.copy("URL of "+src.Name, url) }},
			control.Command{Label: "Copy a curl line for " + src.Name, Hint: "Source", Icon: "terminal", Words: src.Platform, Do: func() { w.copyCurlOf(src) }})
	}
	return list
}

// copyCurlOf copies a command that the source accepts; its secret may have to come from the keyring first.
func (w *Window) copyCurlOf(src core.Source) {
	w.pump.task(w.ctx, func(context.Context) func() {
		line := w.e.Curl(src)
		return func() { w.copy("curl line for "+src.Name, line) }
	})
}

func (w *Window) settingCommands() (list []control.Command) {
	words := map[string]string{"Tunnel": "ngrok authtoken domain proxy ssh public", "History": "cap size delete trim check", "Look": "dark light theme scale",
		"Secrets": "keyring token forget", "Schemes": "own signature json", "About": "version licence data folder"}
	for _, p := range w.pages {
		settings, ok := p.(*settingsPage)
		if !ok {
			continue
		}
		for _, s := range settings.sections {
			list = append(list, control.Command{Label: "Settings: " + s.title(), Icon: s.icon(), Words: words[s.title()], Do: func() { w.openSettings(s.title()) }})
		}
	}
	for _, m := range modes {
		list = append(list, control.Command{Label: "Brightness: " + m.label, Icon: "sun", Words: "theme mode dark light", Do: func() { w.chooseMode(m.mode) }})
	}
	return append(list, control.Command{Label: "Quit", Hint: "Ctrl+Q", Icon: "x", Words: "close exit", Do: w.close})
}

func (w *Window) captureCommands() (list []control.Command) {
	for _, r := range w.known.captures {
		what := r.Event
		if what == "" {
			what = r.Method + " " + r.Target
		}
		list = append(list, control.Command{Label: fmt.Sprintf("#%d %s", r.ID, what), Hint: clock(r.At, time.Now()), Icon: "inbox",
			Words: "capture " + r.Name + " " + r.Target, Do: func() { w.openCapture(r.ID) }})
	}
	return list
}

func (w *Window) schemeCommands() (list []control.Command) {
	for _, s := range append(append([]sign.Scheme{}, w.known.own...), sign.Schemes()...) {
		list = append(list, control.Command{Label: "Scheme " + s.ID, Hint: s.Provider, Icon: "fingerprint-pattern", Words: "signature", Do: func() {
			if p := w.openSettings("Schemes"); p != nil {
				p.schemes.openScheme(s.ID)
			}
		}})
	}
	return list
}
