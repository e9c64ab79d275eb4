package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/tunnel"
)

// startTunnel opens the tunnel that --tunnel asks for, with the window's settings behind it. The token of the
// environment is read, because the user asked for ngrok by name.
func startTunnel(ctx context.Context, e *engine.Engine, f serveFlags) error {
	s := e.Tunnel.Settings(ctx)
	switch how := f.tunnel; {
	case how == "ngrok":
		s.Provider = "ngrok"
		if s.Authtoken == "" || os.Getenv("NGROK_AUTHTOKEN") != "" {
			s.Authtoken = "env:NGROK_AUTHTOKEN"
		}
	case how == "ssh":
		s.Provider = "ssh"
		if err := sshFlags(&s, f); err != nil {
			return err
		}
	case strings.HasPrefix(how, "https://"), strings.HasPrefix(how, "http://"):
		s.Provider, s.URL = "own", how
	default:
		return &core.Invalid{Field: "--tunnel", Reason: fmt.Sprintf("%q: want ngrok, ssh or the URL of a tunnel of your own", how)}
	}
	return e.Tunnel.Start(ctx, s, askHostKey)
}

// awaitTunnel returns the public address once there is one, and on the way tells why there is none yet.
func awaitTunnel(ctx context.Context, e *engine.Engine) (string, error) {
	told, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		status := e.Tunnel.Status()
		for err := error(nil); err == nil; status, err = e.Tunnel.Next(told, status) {
			if status.State == tunnel.Connecting && status.Code != "" {
				putln(stderr, "hookglass: tunnel:", troubleText(status))
			}
		}
	}()
	return e.Tunnel.Await(ctx)
}

// followTunnel prints what becomes of the tunnel after it came up.
func (t *teller) followTunnel(ctx context.Context, e *engine.Engine) {
	status := e.Tunnel.Status()
	for {
		next, err := e.Tunnel.Next(ctx, status)
		if err != nil {
			return
		}
		if next.State != status.State || next.URL != status.URL {
			t.tunnel(next)
		}
		status = next
	}
}

func (t *teller) tunnel(s engine.TunnelStatus) {
	line := struct {
		Event  string       `json:"event"`
		State  tunnel.State `json:"state"`
		Public string       `json:"public,omitempty"`
		tunnel.Trouble
	}{"tunnel", s.State, strings.TrimSuffix(s.URL, "/"), s.Trouble}
	human := "tunnel " + string(s.State)
	switch {
	case s.Text != "":
		human += ": " + troubleText(s)
	case s.State == tunnel.Online:
		human += " at " + line.Public
	}
	t.line(line, human)
}

// troubleText is what happened, and what to do or when the next try begins.
func troubleText(s engine.TunnelStatus) string {
	text := s.Text
	if s.Next != "" {
		text += " " + s.Next
	}
	if wait := time.Until(s.Retry).Round(time.Second); !s.Retry.IsZero() && wait > 0 {
		text += fmt.Sprintf(" Next try in %s.", core.Span(wait))
	}
	return text
}

func sshFlags(s *engine.TunnelSettings, f serveFlags) error {
	if f.sshKey != "" {
		s.KeyFile = f.sshKey
	}
	if f.ssh == "" {
		return nil
	}
	for _, p := range tunnel.Presets() {
		if p.Name == f.ssh {
			s.Preset, s.Host, s.User, s.Port = p.Name, "", "", 0
			return nil
		}
	}
	user, host, ok := strings.Cut(f.ssh, "@")
	if !ok {
		return &core.Invalid{Field: "--ssh", Reason: fmt.Sprintf("%q: want USER@HOST[:PORT] or the name of a preset", f.ssh)}
	}
	s.Preset, s.User, s.Host = "", user, host
	if h, port, err := net.SplitHostPort(host); err == nil {
		n, err := strconv.Atoi(port)
		if err != nil {
			return &core.Invalid{Field: "--ssh", Reason: fmt.Sprintf("%q is not a port", port)}
		}
		s.Host, s.Port = h, n
	}
	return nil
}

// askHostKey asks on the terminal about an ssh server seen for the first time. Without a terminal the answer is no.
func askHostKey(_ context.Context, k tunnel.HostKey) bool {
	info, err := os.Stdin.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		putf(stderr, "hookglass: %s is not known (%s %s); start once in a terminal, or add it to known_hosts in the home folder\n", k.Host, k.Type, k.Fingerprint)
		return false
	}
	putf(stderr, "The ssh server %s is seen for the first time.\n%s %s\nTrust it from now on? [y/N] ", k.Host, k.Type, k.Fingerprint)
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	return strings.EqualFold(strings.TrimSpace(line), "y")
}
