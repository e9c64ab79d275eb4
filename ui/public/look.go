package public

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"hookglass/core/engine"
	"hookglass/core/tunnel"
	"hookglass/ui/control"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// tunnelLook is what the tunnel card shows: words and what can be done, without widgets.
type tunnelLook struct {
	tone   control.Token
	title  string
	detail string // under the title: how long, how many
	url    string
	text   string // what is wrong, or what to do
	next   string
	note   string
	noteIn control.Token
	tools  bool // copy, open, QR code and ping of the public address
	acts   []tunnelAct
	ticks  bool // shows a time that goes on
}

// tunnelAct is a button of the card.
type tunnelAct struct {
	do    tunnelVerb
	label string
	icon  string
	kind  control.Kind
}

type tunnelVerb uint8

const (
	tunnelStart tunnelVerb = iota
	tunnelStop
	tunnelCorrect
	tunnelDashboard
	tunnelExplain
)

// tunnelFacts is what the card knows beside the tunnel's own state.
type tunnelFacts struct {
	requests int
	pinging  bool
	ping     *tunnelPing // nil: none was sent since the tunnel came up
}

// tunnelPing is the outcome of a request to ourselves through the public address.
type tunnelPing struct {
	took time.Duration
	err  error
}

// lookOfTunnel says what the card shows.
func lookOfTunnel(s engine.TunnelStatus, f tunnelFacts, now time.Time) tunnelLook {
	switch s.State {
	case tunnel.Connecting:
		return connectingLook(s, now)
	case tunnel.Online:
		return onlineLook(s, f, now)
	case tunnel.Reconnecting:
		return reconnectingLook(s, f, now)
	case tunnel.Failed:
		return failedLook(s)
	}
	return offLook(s)
}

func offLook(s engine.TunnelStatus) tunnelLook {
	l := tunnelLook{tone: control.Faint, title: "Not public", detail: "Reached from here only",
		acts: []tunnelAct{{tunnelStart, "Go public", "globe", control.Primary}}}
	if s.Text != "" {
		l.detail, l.text, l.next = "", s.Text, s.Next
	}
	return l
}

func connectingLook(s engine.TunnelStatus, now time.Time) tunnelLook {
	l := tunnelLook{tone: control.Amber, title: "Connecting", detail: "through " + s.Provider, ticks: true,
		acts: []tunnelAct{{tunnelStop, "Cancel", "x", control.Secondary}}}
	if s.Code == "" {
		return l
	}
	l.title, l.detail = "No connection yet", nextTry(s, now)
	l.text, l.next = s.Text, s.Next
	l.acts = append(correcting(s), l.acts...)
	return l
}

func onlineLook(s engine.TunnelStatus, f tunnelFacts, now time.Time) tunnelLook {
	l := tunnelLook{tone: control.Green, title: "Public through " + s.Provider, url: trimURL(s.URL), ticks: true, tools: true,
		detail: uptime(now.Sub(s.Since)) + " · " + Count(f.requests, "request"), next: s.Next,
		acts: []tunnelAct{{tunnelStop, "Stop", "square", control.Secondary}}}
	if !s.StopAt.IsZero() {
		l.next = strings.TrimSpace(l.next + " Stops by itself in " + uptime(max(s.StopAt.Sub(now), 0)) + ".")
	}
	switch {
	case f.pinging:
		l.note = "Asking the public address…"
	case f.ping == nil:
	case f.ping.err == nil:
		l.note, l.noteIn = "Live: answered in "+view.Duration(f.ping.took), control.Green
	default:
		l.tone, l.note, l.noteIn = control.Red, "Dead: "+pingText(f.ping.err), control.Red
	}
	return l
}

// pingText says why the public address did not lead back here.
func pingText(err error) string {
	var known *tunnel.Error
	if errors.As(err, &known) {
		return known.Text
	}
	return err.Error()
}

func reconnectingLook(s engine.TunnelStatus, f tunnelFacts, now time.Time) tunnelLook {
	l := tunnelLook{tone: control.Amber, title: "Reconnecting", url: trimURL(s.URL), ticks: true, text: s.Text, detail: nextTry(s, now),
		note: Count(f.requests, "request") + " so far; the address stays",
		acts: []tunnelAct{{tunnelStop, "Stop", "square", control.Secondary}}}
	if l.text == "" {
		l.text = "The connection was lost."
	}
	return l
}

func failedLook(s engine.TunnelStatus) tunnelLook {
	l := tunnelLook{tone: control.Red, title: "Not public", text: s.Text, next: s.Next, acts: correcting(s)}
	again := tunnelAct{tunnelStart, "Try again", "refresh-cw", control.Secondary}
	if len(l.acts) == 0 {
		again.kind = control.Primary
	}
	l.acts = append(l.acts, again)
	if s.Link != "" {
		l.acts = append(l.acts, tunnelAct{tunnelDashboard, "Open dashboard", "external-link", control.Ghost})
	}
	l.acts = append(l.acts, tunnelAct{tunnelExplain, "Details", "info", control.Ghost})
	return l
}

// correcting is the button that goes to the setting concerned, where there is one.
func correcting(s engine.TunnelStatus) []tunnelAct {
	label := correctLabel(s.Field)
	if label == "" {
		return nil
	}
	return []tunnelAct{{tunnelCorrect, label, "pencil", control.Primary}}
}

// correctLabel names what is done to the setting that a trouble names; "" where there is nothing to enter.
func correctLabel(field string) string {
	switch field {
	case "":
		return ""
	case "authtoken":
		return "Enter the authtoken"
	case "domain":
		return "Change the domain"
	case "ca_file":
		return "Give a CA file"
	case "proxy":
		return "Correct the proxy"
	case "verify":
		return "Change the checks"
	case "ssh.key_file":
		return "Change user or key"
	case "ssh.remote":
		return "Change the port"
	case "ssh.known_hosts":
		return "See known servers"
	case "url":
		return "Enter the address"
	case "listen":
		return "Change the port"
	}
	return "Correct the setting"
}

// nextTry says when it is tried again.
func nextTry(s engine.TunnelStatus, now time.Time) string {
	wait := s.Retry.Sub(now)
	if s.Retry.IsZero() || wait <= 0 {
		return "Trying now…"
	}
	return "Next try in " + uptime(wait+time.Second-1) // 0.3 s to go is not yet none
}

// uptime prints how long something lasts, in at most two units.
func uptime(d time.Duration) string {
	switch s := int(d / time.Second); {
	case s < 60:
		return fmt.Sprintf("%d s", max(s, 0))
	case s < 600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case s < 3600:
		return fmt.Sprintf("%d min", s/60)
	case s < 86_400:
		return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
	default:
		return fmt.Sprintf("%d d %d h", s/86_400, s/3600%24)
	}
}

// Count prints a number of things: "1 request", "12 requests".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return part.Short(int64(n)) + " " + what + "s"
}

func trimURL(s string) string { return strings.TrimSuffix(s, "/") }
