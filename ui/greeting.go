package ui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/docs"
	"hookglass/ui/control"
	"hookglass/ui/settings"
)

// greet says what there is to say as the window opens: a welcome, or what is new; and where the user switched that on, it looks for
// updates, now and once a day.
func (s *shell) greet(ctx context.Context) {
	version := s.w.Version
	s.w.Pump.Task(ctx, func(ctx context.Context) func() {
		g, err := s.w.Engine.Greet(ctx, version)
		return func() {
			switch {
			case err != nil:
				s.w.Fail(err)
			case g.Welcome:
				s.welcome()
			case g.Updated:
				s.w.Layers.Toast(control.Toast{Text: "This is Hookglass " + version + " now", Icon: "sparkles", Action: "What is new", Do: s.news, For: 20 * time.Second})
			}
		}
	})
	s.lookForUpdates(ctx)
}

// betweenLooks is how long it is until updates are looked for again.
const betweenLooks = 24 * time.Hour

func (s *shell) lookForUpdates(ctx context.Context) {
	s.w.Pump.After(betweenLooks, func() { s.lookForUpdates(ctx) })
	s.w.Pump.Task(ctx, func(ctx context.Context) func() {
		if !s.w.Engine.Updates.Choice(ctx).On {
			return nil
		}
		newer, err := s.w.Engine.Updates.Newer(ctx, s.w.Version)
		if err != nil || newer == nil {
			return nil // who did not ask now is not bothered with a network that is away
		}
		return func() { settings.TellUpdate(s.w, newer) }
	})
}

// try is one of the things to try.
type try struct {
	icon, title, about, button string
	do                         func()
}

func (s *shell) tries() []try {
	return []try{
		{"inbox", "Receive a webhook", "Choose a provider, and have it send you a signed event: Add and send a test.", "New source", func() { s.w.Go.NewSource("", "") }},
		{"fingerprint-pattern", "See a signature fail", "Compose signs as you type. Choose what is wrong on purpose, send it to a source, and open Signature.", "Compose", func() { s.w.Open(s.compose.Name()) }},
		{"activity", "Examine your handler", "Forged, stale, repeated and awkward deliveries to an address of yours, and a score.", "Check-up", func() { s.w.Go.CheckUp("", "", core.SecretRef("")) }},
	}
}

// welcome shows the things to try.
func (s *shell) welcome() {
	if s.w.Layers.Covered() {
		return
	}
	var p *control.Popup
	rows := []fyne.CanvasObject{control.NewParagraph("Hookglass keeps the webhooks that arrive, and shows why a signature does or does not verify. Everything stays on this computer. Three things to try:", control.Body.In(control.Muted))}
	for _, t := range s.tries() {
		rows = append(rows, control.Card(control.RowFill(12, control.Centre(control.NewIcon(t.icon, control.Accent, 20)),
			control.Grow(control.Col(3, control.NewText(t.title, control.Strong), control.NewParagraph(t.about, control.Small))),
			control.Centre(control.NewButton(t.button, "", control.Secondary, func() { s.w.Layers.Close(p); t.do() })))))
	}
	rows = append(rows, control.NewParagraph("? shows the keys of a page, Ctrl+K finds everything else. This stands in there as Welcome.", control.Small))
	p = s.w.Layers.Dialog("Welcome", 560, control.Col(12, rows...), control.NewButton("Begin", "", control.Primary, func() { s.w.Layers.Close(p) }))
}

// newsSections is how many versions are shown.
const newsSections = 3

// news shows what changed.
func (s *shell) news() {
	if s.w.Layers.Covered() {
		return
	}
	var rows []fyne.CanvasObject
	for _, section := range engine.ChangesOf(docs.Changelog, newsSections) {
		rows = append(rows, control.NewText(section.Title, control.Heading))
		for _, point := range section.Points {
			if title, ok := strings.CutPrefix(point, "# "); ok {
				rows = append(rows, control.NewText(title, control.Strong))
				continue
			}
			rows = append(rows, control.NewParagraph("• "+strings.ReplaceAll(point, "`", ""), control.Body.In(control.Muted)))
		}
	}
	list := control.NewScroll(control.Pad(control.Sides(0, 12, 8, 0), control.Col(9, rows...)))
	s.w.Layers.Dialog("What is new", 680, control.NewBox(control.Surface{Min: fyne.NewSize(0, 460)}, list))
}

// greetingCommands are what the palette offers of this.
func (s *shell) greetingCommands() []control.Command {
	return []control.Command{
		{Label: "Keys of this page", Hint: "?", Icon: "command", Words: "help shortcuts keyboard f1", Do: s.w.Help},
		{Label: "Welcome: things to try", Hint: "Help", Icon: "sparkles", Words: "first start tutorial learn", Do: s.welcome},
		{Label: "What is new", Hint: "Help", Icon: "sparkles", Words: "changes version release notes", Do: s.news},
	}
}
