package ui

import (
	"context"
	"fmt"
	"time"

	"hookglass/core"
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
	return func() { k.sources, k.captures = sources, rows }
}

// palette opens the list of everything that can be done: Ctrl+K.
func (s *shell) palette() {
	if s.w.layers.Covered() {
		return
	}
	s.w.layers.OpenPalette(s.commands())
}

// commands are what the palette offers: actions of the shown page first, then pages, files, the tunnel, sources, settings,
// captures and schemes.
func (s *shell) commands() []control.Command {
	list := s.pageActions()
	for _, parts := range [][]control.Command{s.pageCommands(), s.inbox.fileCommands(), s.tunnelCommands(), s.sourceCommands(), s.settingCommands(), s.captureCommands(), s.schemeCommands()} {
		list = append(list, parts...)
	}
	return list
}

// pageActions are those of the shown page.
func (s *shell) pageActions() []control.Command {
	if p, ok := s.w.now().(interface{ commands() []control.Command }); ok {
		return p.commands()
	}
	return nil
}

func (s *shell) pageCommands() (list []control.Command) {
	for i, p := range s.w.pages {
		list = append(list, control.Command{Label: p.name(), Hint: fmt.Sprintf("Ctrl+%d", i+1), Icon: p.icon(), Words: "page go to open", Do: func() { s.w.open(p.name()) }})
	}
	return list
}

func (s *shell) tunnelCommands() []control.Command {
	c, w := s.rail.tunnel, s.w
	switch c.status.State {
	case tunnel.Online, tunnel.Reconnecting:
		return []control.Command{
			{Label: "Copy the public address", Hint: "Tunnel", Icon: "copy", Do: c.copyURL},
			{Label: "Open the public address in the browser", Hint: "Tunnel", Icon: "external-link", Do: c.openURL},
			{Label: "Show the public address as a QR code", Hint: "Tunnel", Icon: "qr-code", Do: c.showQR},
			{Label: "Is the tunnel live?", Hint: "Tunnel", Icon: "activity", Words: "ping test", Do: c.ping},
			{Label: "Stop the tunnel", Hint: "Tunnel", Icon: "square", Do: func() { stopTunnel(w) }},
		}
	case tunnel.Connecting:
		return []control.Command{{Label: "Cancel the tunnel", Hint: "Tunnel", Icon: "x", Words: "stop", Do: func() { stopTunnel(w) }}}
	}
	return []control.Command{{Label: "Go public", Hint: "Tunnel", Icon: "globe", Words: "start tunnel ngrok ssh address", Do: func() { goPublic(w) }}}
}

func (s *shell) sourceCommands() (list []control.Command) {
	for _, src := range s.known.sources {
		w := s.w
		url := w.e.SourceURL(src)
		list = append(list,
			control.Command{Label: "Copy the URL of " + src.Name, Hint: "Source", Icon: "link", Words: src.Platform + " " + url, Do: func() { w.copy("URL of "+src.Name, url) }},
			control.Command{Label: "Copy a curl line for " + src.Name, Hint: "Source", Icon: "terminal", Words: src.Platform, Do: func() { s.copyCurlOf(src) }})
	}
	return list
}

// copyCurlOf copies a command that the source accepts; its secret may have to come from the keyring first.
func (s *shell) copyCurlOf(src core.Source) {
	w := s.w
	w.pump.task(w.ctx, func(context.Context) func() {
		line := w.e.Curl(src)
		return func() { w.copy("curl line for "+src.Name, line) }
	})
}

func (s *shell) settingCommands() (list []control.Command) {
	words := map[string]string{"Tunnel": "ngrok authtoken domain proxy ssh public", "History": "cap size delete trim check", "Look": "dark light theme scale",
		"Secrets": "keyring token forget", "Schemes": "own signature json", "About": "version licence data folder"}
	for _, part := range s.settings.sections {
		list = append(list, control.Command{Label: "Settings: " + part.title(), Icon: part.icon(), Words: words[part.title()], Do: func() { s.settings.open(part.title()) }})
	}
	for _, m := range modes {
		list = append(list, control.Command{Label: "Brightness: " + m.label, Icon: "sun", Words: "theme mode dark light", Do: func() { chooseMode(s.w, m.mode) }})
	}
	return append(list, control.Command{Label: "Quit", Hint: "Ctrl+Q", Icon: "x", Words: "close exit", Do: s.w.close})
}

func (s *shell) captureCommands() (list []control.Command) {
	for _, r := range s.known.captures {
		what := r.Event
		if what == "" {
			what = r.Method + " " + r.Target
		}
		list = append(list, control.Command{Label: fmt.Sprintf("#%d %s", r.ID, what), Hint: clock(r.At, time.Now()), Icon: "inbox",
			Words: "capture " + r.Name + " " + r.Target, Do: func() { s.inbox.open(r.ID) }})
	}
	return list
}

func (s *shell) schemeCommands() (list []control.Command) {
	for _, scheme := range s.w.e.Schemes.Book().All() {
		list = append(list, control.Command{Label: "Scheme " + scheme.ID, Hint: scheme.Provider, Icon: "fingerprint-pattern", Words: "signature", Do: func() {
			s.settings.openScheme(scheme.ID)
		}})
	}
	return list
}
