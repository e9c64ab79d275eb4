package ui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hookglass/assets"
	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/core/store"
	"hookglass/core/tunnel"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/public"
	"hookglass/ui/settings"
)

// paletteCaptures is how many of the newest captures the palette offers.
const paletteCaptures = 60

// known is what the palette offers beside pages and actions. It is read with each round of the pump, so that the
// palette opens at once and takes the first key typed.
type known struct {
	sources  []core.Source
	captures []store.Row
}

func (k *known) load(ctx context.Context, w *frame.Window) func() {
	sources, err := w.Engine.Store.Sources(ctx)
	if err != nil {
		return func() {}
	}
	rows, err := w.Engine.Store.Captures(ctx, store.Query{}, 0, paletteCaptures)
	if err != nil {
		return func() {}
	}
	return func() { k.sources, k.captures = sources, rows }
}

// palette opens the list of everything that can be done: Ctrl+K.
func (s *shell) palette() {
	if s.w.Layers.Covered() {
		return
	}
	s.w.Layers.OpenPalette(s.Commands())
}

// Commands are what the palette offers: actions of the shown page first, then pages, what they do, files, the tunnel, sources, settings,
// captures and schemes.
func (s *shell) Commands() []control.Command {
	list := s.pageActions()
	for _, parts := range [][]control.Command{s.pageCommands(), s.pageVerbs(), s.rail.filters.commands(), s.rail.values.commands(), s.inbox.FileCommands(), s.tunnelCommands(), s.sourceCommands(), s.settingCommands(), s.greetingCommands(), s.captureCommands(), s.schemeCommands()} {
		list = append(list, parts...)
	}
	return list
}

// pageActions are those of the shown page.
func (s *shell) pageActions() []control.Command {
	if p, ok := s.w.Now().(interface{ Commands() []control.Command }); ok {
		return p.Commands()
	}
	return nil
}

func (s *shell) pageCommands() (list []control.Command) {
	for i, p := range s.w.Pages {
		list = append(list, control.Command{Label: p.Name(), Hint: fmt.Sprintf("Ctrl+%d", i+1), Icon: p.Icon(), Words: "page go to open", Do: func() { s.w.Open(p.Name()) }})
	}
	return list
}

// pageVerbs are what a page can do from wherever one is.
func (s *shell) pageVerbs() (list []control.Command) {
	for _, p := range s.w.Pages {
		if v, ok := p.(interface{ Verbs() []control.Command }); ok {
			list = append(list, v.Verbs()...)
		}
	}
	return list
}

func (s *shell) tunnelCommands() []control.Command {
	c, w := s.rail.tunnel, s.w
	switch c.Status.State {
	case tunnel.Online, tunnel.Reconnecting:
		return []control.Command{
			{Label: "Copy the public address", Hint: "Tunnel", Icon: "copy", Do: c.CopyURL},
			{Label: "Open the public address in the browser", Hint: "Tunnel", Icon: "external-link", Do: c.OpenURL},
			{Label: "Show the public address as a QR code", Hint: "Tunnel", Icon: "qr-code", Do: c.ShowQR},
			{Label: "Is the tunnel live?", Hint: "Tunnel", Icon: "activity", Words: "ping test", Do: c.Ping},
			{Label: "Stop the tunnel", Hint: "Tunnel", Icon: "square", Do: func() { public.Stop(w) }},
		}
	case tunnel.Connecting:
		return []control.Command{{Label: "Cancel the tunnel", Hint: "Tunnel", Icon: "x", Words: "stop", Do: func() { public.Stop(w) }}}
	}
	return []control.Command{{Label: "Go public", Hint: "Tunnel", Icon: "globe", Words: "start tunnel ngrok ssh address", Do: func() { public.GoPublic(w) }}}
}

func (s *shell) sourceCommands() (list []control.Command) {
	for _, src := range s.known.sources {
		w := s.w
		url := w.Engine.SourceURL(src)
		list = append(list,
			control.Command{Label: "Copy the URL of " + src.Name, Hint: "Source", Icon: "link", Words: src.Platform + " " + url, Do: func() { w.Copy("URL of "+src.Name, url) }},
			control.Command{Label: "Copy a curl line for " + src.Name, Hint: "Source", Icon: "terminal", Words: src.Platform, Do: func() { frame.CopyCurlOf(w, src) }})
	}
	return list
}

func (s *shell) settingCommands() (list []control.Command) {
	words := map[string]string{"Tunnel": "ngrok authtoken domain proxy ssh public", "History": "cap size delete trim check", "Look": "dark light theme scale zoom size rows compact columns", "Notices": "notification tray alert bell",
		"Secrets": "keyring token forget", "Schemes": "own signature json", "Agents": "mcp model context protocol ai claude cursor codex copilot", "About": "version licence data folder updates", "Environments": "env values variables staging production secret", "Team": "hub space invite join reader relay nats"}
	for _, part := range s.settings.Sections {
		list = append(list, control.Command{Label: "Settings: " + part.Title(), Icon: part.Icon(), Words: words[part.Title()], Do: func() { s.settings.Open(part.Title()) }})
	}
	for _, m := range settings.Modes {
		list = append(list, control.Command{Label: "Brightness: " + m.Label, Icon: "sun", Words: "theme mode dark light", Do: func() { settings.ChooseMode(s.w, m.Mode) }})
	}
	list = append(list, control.Command{Label: "Delete captures of the history", Hint: "Settings", Icon: "trash-2", Words: "clear empty trim remove all", Do: func() { s.settings.Open("History") }})
	return append(list, control.Command{Label: "Quit", Hint: "Ctrl+Q", Icon: "x", Words: "close exit", Do: s.w.Close})
}

func (s *shell) captureCommands() (list []control.Command) {
	for _, r := range s.known.captures {
		what := r.Event
		if what == "" {
			what = r.Method + " " + r.Target
		}
		list = append(list, control.Command{Label: fmt.Sprintf("#%d %s", r.ID, what), Hint: part.Clock(r.At, time.Now()), Icon: "inbox",
			Words: "capture " + r.Name + " " + r.Target, Do: func() { s.inbox.Open(r.ID) }})
	}
	return list
}

func (s *shell) schemeCommands() (list []control.Command) {
	for _, scheme := range knownFirst(s.w.Engine.Schemes.Book().All()) {
		list = append(list, control.Command{Label: "Scheme " + scheme.ID, Hint: scheme.Provider, Icon: "fingerprint-pattern", Words: "signature", Do: func() {
			s.settings.OpenScheme(scheme.ID)
		}})
	}
	return list
}

// knownFirst puts those schemes first of whose provider there is a sample payload: they are what most people look for.
func knownFirst(all []sign.Scheme) []sign.Scheme {
	place := map[string]int{}
	for i, s := range assets.Samples() {
		if _, ok := place[s.Scheme]; !ok {
			place[s.Scheme] = i - len(assets.Samples())
		}
	}
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b sign.Scheme) int { return place[a.ID] - place[b.ID] })
	return out
}
