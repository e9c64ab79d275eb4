package public

import (
	"context"
	"os"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/core/tunnel"
	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// askConsent says what going public means before a provider is used for the first time.
func askConsent(w *frame.Window, s engine.TunnelSettings) {
	var lines []fyne.CanvasObject
	for _, text := range tunnel.Consent(s.Provider) {
		lines = append(lines, bullet(text))
	}
	if s.Provider == "ngrok" {
		lines = append(lines, sentFacts())
	}
	var p *control.Popup
	agree := control.NewButton("Agree and go public", "globe", control.Primary, func() {
		w.Layers.Close(p)
		w.Pump.Task(w.Ctx, func(context.Context) func() {
			_, err := w.Engine.Tunnel.Change(func(now *engine.TunnelSettings) { now.Agreed = append(now.Agreed, s.Provider) })
			return func() {
				w.Fail(err)
				start(w, s)
			}
		})
	})
	no := control.NewButton("Cancel", "", control.Secondary, func() { w.Layers.Close(p) })
	p = w.Layers.Dialog("Go public through "+providerWords(s.Provider)+"?", 500, control.Col(9, lines...), no, agree)
	w.Win.Canvas().Focus(agree)
}

// providerWords is a provider in the middle of a sentence.
func providerWords(name string) string {
	switch name {
	case "own":
		return "your own tunnel"
	case "ssh":
		return "SSH"
	}
	return name
}

// sentFacts are what ngrok is told about this computer, as it stands here.
func sentFacts() fyne.CanvasObject {
	host, _ := os.Hostname()
	path, _ := os.Executable()
	return control.Pad(control.Sides(0, 0, 0, 22), control.NewFacts(
		control.Fact{Key: "Computer", Value: host, Code: true, Plain: true},
		control.Fact{Key: "Program", Value: path, Code: true, Plain: true}))
}

func bullet(text string) fyne.CanvasObject {
	mark := control.Pad(control.Sides(6, 0, 0, 2), control.Dot(control.Accent, 6))
	return control.RowFill(12, control.Col(0, mark), control.Grow(control.NewParagraph(text, control.Body)))
}

// showQR shows the public address for a camera.
func showQR(w *frame.Window, address string) {
	code := control.NewQR(address, 260)
	if code == nil {
		w.Copy("The address is too long for a QR code; it is", address)
		return
	}
	link := control.NewParagraph(address, control.Code).Centred()
	copyIt := control.NewButton("Copy", "copy", control.Secondary, func() { w.Copy("Public address", address) })
	w.Layers.Dialog("Public address", 340, control.Col(12, control.Centre(code), link), copyIt)
}

// explainTrouble shows a trouble whole, with the provider's own words.
func explainTrouble(w *frame.Window, t tunnel.Trouble) {
	parts := []fyne.CanvasObject{control.NewParagraph(t.Text, control.BodyBold), control.NewParagraph(t.Next, control.Body.In(control.Muted))}
	if t.Detail != "" {
		parts = append(parts, control.NewText("IN THE PROVIDER'S WORDS", control.Caption), control.NewCodeBlock(control.Snippet{Text: t.Detail}))
	}
	if t.Code != "" {
		parts = append(parts, control.NewFacts(control.Fact{Key: "Code", Value: t.Code, Code: true}))
	}
	var buttons []fyne.CanvasObject
	if t.Link != "" {
		buttons = append(buttons, control.NewButton("Open dashboard", "external-link", control.Secondary, func() { OpenLink(w, t.Link) }))
	}
	w.Layers.Dialog("Why the tunnel is not up", 520, control.Col(10, parts...), buttons...)
}

// askHostKey asks about an ssh server seen for the first time. It is called by the tunnel's goroutine, which waits;
// closing the question is a no.
func askHostKey(ctx context.Context, w *frame.Window, k tunnel.HostKey) bool {
	answer := make(chan bool, 1)
	w.Pump.Do(func() { showHostKey(ctx, w, k, answer) })
	select {
	case yes := <-answer:
		return yes
	case <-ctx.Done():
		return false
	}
}

func showHostKey(ctx context.Context, w *frame.Window, k tunnel.HostKey, answer chan<- bool) {
	say := func(yes bool) {
		select {
		case answer <- yes:
		default: // it was answered
		}
	}
	body := control.Col(12,
		control.NewParagraph("This server was not seen before. Compare the fingerprint with the one that its operator publishes: if they differ, someone may be in between.", control.Body.In(control.Muted)),
		control.NewFacts(control.Fact{Key: "Server", Value: k.Host, Code: true}, control.Fact{Key: "Key", Value: k.Type, Code: true, Plain: true},
			control.Fact{Key: "Fingerprint", Value: k.Fingerprint, Code: true}),
		control.NewParagraph("Once trusted it is kept in "+w.Engine.Tunnel.KnownHosts()+", and another key from this server is refused.", control.Small))
	var p *control.Popup
	trust := control.NewButton("Trust this server", "shield-check", control.Primary, func() { say(true); w.Layers.Close(p) })
	no := control.NewButton("Do not connect", "", control.Secondary, func() { w.Layers.Close(p) })
	p = w.Layers.Dialog("Trust "+k.Host+"?", 500, body, no, trust)
	p.OnClose, p.Careful = func() { say(false) }, true
	w.Win.Canvas().Focus(no)
	context.AfterFunc(ctx, func() { w.Pump.Do(func() { w.Layers.Close(p) }) }) // the tunnel was stopped while the question stood
}
