package public

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hookglass/core/engine"
	"hookglass/core/tunnel"
	"hookglass/ui/control"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func statusOf(state tunnel.State, change func(*engine.TunnelStatus)) engine.TunnelStatus {
	s := engine.TunnelStatus{Provider: "ngrok", Running: true}
	s.State = state
	if change != nil {
		change(&s)
	}
	return s
}

// all is everything that a card says, to look for words in.
func (l tunnelLook) all() string {
	words := []string{l.title, l.detail, l.url, l.text, l.next, l.note}
	for _, a := range l.acts {
		words = append(words, "["+a.label+"]")
	}
	return strings.Join(words, "|")
}

func TestLookOfTunnel(t *testing.T) {
	online := func(s *engine.TunnelStatus) { s.URL, s.Since = "https://x.ngrok.app/", noon.Add(-130*time.Second) }
	rows := []struct {
		what   string
		status engine.TunnelStatus
		facts  tunnelFacts
		tone   control.Token
		says   []string
		not    []string
	}{
		{"off", engine.TunnelStatus{}, tunnelFacts{}, control.Faint, []string{"Not public", "[Go public]"}, []string{"[Stop]"}},
		{"stopped by the user", statusOf(tunnel.Stopped, nil), tunnelFacts{}, control.Faint, []string{"[Go public]"}, nil},
		{"stopped by the timer", statusOf(tunnel.Stopped, func(s *engine.TunnelStatus) {
			s.Text, s.Next = "Stopped by the timer.", "Start it again when you need it."
		}),
			tunnelFacts{}, control.Faint, []string{"Stopped by the timer.", "[Go public]"}, nil},
		{"connecting", statusOf(tunnel.Connecting, nil), tunnelFacts{}, control.Amber, []string{"Connecting", "through ngrok", "[Cancel]"}, nil},
		{"no network", statusOf(tunnel.Connecting, func(s *engine.TunnelStatus) {
			s.Code, s.Text, s.Retry = "dns", "No connection: the name of the server was not found.", noon.Add(3200*time.Millisecond)
		}), tunnelFacts{}, control.Amber, []string{"Next try in 4 s", "name of the server", "[Cancel]"}, nil},
		{"a certificate that is not trusted", statusOf(tunnel.Connecting, func(s *engine.TunnelStatus) { s.Code, s.Text, s.Field = "tls", "Not trusted.", "ca_file" }),
			tunnelFacts{}, control.Amber, []string{"Trying now…", "[Give a CA file]", "[Cancel]"}, nil},
		{"online", statusOf(tunnel.Online, online), tunnelFacts{requests: 1}, control.Green,
			[]string{"Public through ngrok", "https://x.ngrok.app|", "2 min 10 s · 1 request", "[Stop]"}, []string{"x.ngrok.app/", "1 requests", "Stops by itself"}},
		{"online for a while", statusOf(tunnel.Online, func(s *engine.TunnelStatus) { online(s); s.StopAt = noon.Add(50 * time.Minute) }),
			tunnelFacts{requests: 12_345}, control.Green, []string{"12k requests", "Stops by itself in 50 min."}, nil},
		{"own", statusOf(tunnel.Online, func(s *engine.TunnelStatus) {
			online(s)
			s.Provider, s.Next = "own", "Point your tunnel at http://127.0.0.1:4601."
		}),
			tunnelFacts{}, control.Green, []string{"Public through own", "http://127.0.0.1:4601"}, nil},
		{"pinging", statusOf(tunnel.Online, online), tunnelFacts{pinging: true}, control.Green, []string{"Asking the public address"}, nil},
		{"live", statusOf(tunnel.Online, online), tunnelFacts{ping: &tunnelPing{took: 34 * time.Millisecond}}, control.Green, []string{"Live: answered in 34 ms"}, nil},
		{"dead", statusOf(tunnel.Online, online), tunnelFacts{ping: &tunnelPing{err: &tunnel.Error{Trouble: tunnel.Trouble{Code: "not_ours", Text: "Something else answers."}}}},
			control.Red, []string{"Dead: Something else answers."}, []string{"not_ours"}},
		{"dead otherwise", statusOf(tunnel.Online, online), tunnelFacts{ping: &tunnelPing{err: errors.New("ping the tunnel: no")}}, control.Red, []string{"Dead: ping the tunnel: no"}, nil},
		{"reconnecting", statusOf(tunnel.Reconnecting, func(s *engine.TunnelStatus) { online(s); s.Retry = noon.Add(8 * time.Second) }), tunnelFacts{requests: 3}, control.Amber,
			[]string{"Reconnecting", "Next try in 8 s", "https://x.ngrok.app|", "3 requests so far", "The connection was lost.", "[Stop]"}, nil},
	}
	for _, row := range rows {
		l := lookOfTunnel(row.status, row.facts, noon)
		if l.tone != row.tone {
			t.Errorf("%s: tone %s, want %s", row.what, l.tone, row.tone)
		}
		for _, s := range row.says {
			if !strings.Contains(l.all(), s) {
				t.Errorf("%s: %q is not in %s", row.what, s, l.all())
			}
		}
		for _, s := range row.not {
			if strings.Contains(l.all(), s) {
				t.Errorf("%s: %q is in %s", row.what, s, l.all())
			}
		}
	}
}

// TestEveryTroubleHasAWayOn: whatever ends a tunnel, the card says what happened and what to do, and where a setting is
// to blame there is a button that goes to it.
func TestEveryTroubleHasAWayOn(t *testing.T) {
	for _, trouble := range tunnel.Troubles {
		s := statusOf(tunnel.Failed, func(s *engine.TunnelStatus) { s.Trouble = trouble })
		l := lookOfTunnel(s, tunnelFacts{}, noon)
		if l.text == "" || l.next == "" || l.tone != control.Red || l.ticks {
			t.Errorf("%s: %+v", trouble.Code, l)
		}
		has := func(do tunnelVerb) bool {
			for _, a := range l.acts {
				if a.do == do && a.label != "" {
					return true
				}
			}
			return false
		}
		if !has(tunnelStart) || has(tunnelCorrect) != (trouble.Field != "") || has(tunnelDashboard) != (trouble.Link != "") {
			t.Errorf("%s: buttons %+v", trouble.Code, l.acts)
		}
		if trouble.Field != "" && correctLabel(trouble.Field) == correctLabel("anything else") {
			t.Errorf("%s: the button for the setting %s has no words of its own", trouble.Code, trouble.Field)
		}
		if l.acts[0].kind != control.Primary {
			t.Errorf("%s: the first button is not the one to press: %+v", trouble.Code, l.acts)
		}
	}
}

func TestUptime(t *testing.T) {
	rows := map[time.Duration]string{-time.Second: "0 s", 0: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min 1 s", 10 * time.Minute: "10 min",
		time.Hour: "1 h 0 min", 90 * time.Minute: "1 h 30 min", 25 * time.Hour: "1 d 1 h"}
	for d, want := range rows {
		if got := uptime(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
