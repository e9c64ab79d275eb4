package tunnel

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"golang.ngrok.com/ngrok/v2"

	"hookglass/core"
)

// Step is one part of a diagnosis.
type Step struct {
	Name string // "settings", "name", "connect", "encryption", "protocol", "host key", "sign in", "forward", "answer"
	OK   bool
	Took time.Duration
	Said string // what was found, when OK
	Trouble
}

// Diagnose tests the way to a provider step by step, without opening a tunnel. It ends with the first step that fails.
func Diagnose(ctx context.Context, c Config) []Step {
	p, ok := find(c.Provider)
	if !ok {
		return steps(ctx, []probe{{"settings", func(context.Context) (string, error) { return "", c.Check() }}})
	}
	c.Timing = c.Timing.filled()
	c.Log = quietLog(c)
	found := p.Diagnose(ctx, c)
	r := &reporter{secrets: c.secrets()}
	for i := range found {
		found[i].Trouble = r.clean(found[i].Trouble)
		found[i].Said = Redact(found[i].Said, r.secrets...)
	}
	return found
}

// diagnosis is how long one step may take.
const diagnosis = 10 * time.Second

// probe is one step and how to take it.
type probe struct {
	name string
	run  func(context.Context) (said string, err error)
}

func steps(ctx context.Context, probes []probe) []Step {
	var taken []Step
	for _, p := range probes {
		s := take(ctx, p)
		taken = append(taken, s)
		if !s.OK {
			break
		}
	}
	return taken
}

func take(ctx context.Context, p probe) Step {
	ctx, cancel := context.WithTimeout(ctx, diagnosis)
	defer cancel()
	start := time.Now()
	said, err := p.run(ctx)
	s := Step{Name: p.name, OK: err == nil, Took: time.Since(start), Said: said}
	var bad *core.Invalid
	var known *Error
	switch {
	case errors.As(err, &bad):
		s.Trouble = Trouble{Code: "setting", Field: bad.Field, Text: "A setting cannot work: " + bad.Error() + "."}
	case errors.As(err, &known):
		s.Trouble = known.Trouble
	case err != nil:
		s.Trouble = explain(err).Trouble
		s.Next = strings.Replace(s.Next, "; it is tried again by itself", "", 1)
	}
	return s
}

func (ngrokProvider) Diagnose(ctx context.Context, c Config) []Step {
	var report ngrok.DiagnoseResult
	var failed error
	reach := func(ctx context.Context) {
		opts, err := agentOptions(c, onceDialer{newDialer(c)}, c.Log)
		if err != nil {
			failed = err
			return
		}
		agent, err := ngrok.NewAgent(opts...)
		if err != nil {
			failed = err
			return
		}
		report, failed = agent.(ngrok.Diagnoser).Diagnose(ctx, "")
	}
	return steps(ctx, []probe{
		{"settings", func(context.Context) (string, error) { return "", c.Check() }},
		{"name", func(ctx context.Context) (string, error) {
			if c.Proxy != "" {
				return "left to the proxy", nil
			}
			return resolve(ctx, strings.TrimSuffix(core.WithoutPort(connectAddress(c)), "."))
		}},
		{"connect", func(ctx context.Context) (string, error) {
			reach(ctx)
			if ngrok.IsTLSDiagnoseFailure(failed) || ngrok.IsMuxadoDiagnoseFailure(failed) {
				return connectAddress(c), nil
			}
			return connectAddress(c), failed
		}},
		{"encryption", func(context.Context) (string, error) {
			if ngrok.IsTLSDiagnoseFailure(failed) {
				return "", &coded{"tls", failed}
			}
			if len(report.PeerCertificates) > 0 {
				return report.PeerCertificates[0].Issuer.CommonName, nil
			}
			return "", nil
		}},
		{"protocol", func(context.Context) (string, error) {
			if failed != nil {
				return "", &coded{"silent", failed}
			}
			return "region " + report.Region + ", " + report.Latency.Round(time.Millisecond).String(), nil
		}},
		{"sign in", func(ctx context.Context) (string, error) { return signIn(ctx, c) }},
	})
}

// signIn connects with the token and leaves again. It opens no endpoint.
func signIn(ctx context.Context, c Config) (string, error) {
	s, err := newNgrokSession(ctx, c, func(Event) {})
	if err != nil {
		return "", err
	}
	defer s.stop(nil)
	connected := make(chan error, 1)
	s.listening.Go(func() { connected <- s.agent.Connect(s.life) })
	var last error = &coded{"silent", errors.New("no answer to signing in")}
	for {
		select {
		case <-ctx.Done():
			return "", last
		case err := <-connected:
			if err != nil {
				return "", err
			}
			session, err := s.agent.Session()
			if err != nil {
				return "", err
			}
			if d, ok := session.(ngrok.AgentSessionDetails); ok {
				return "account " + d.AccountName() + ", plan " + d.PlanName(), nil
			}
			return "", nil
		case <-s.inbox.ready:
			for _, n := range s.inbox.take() {
				if n, ok := n.(noteDown); ok && n.err != nil {
					return "", n.err
				}
			}
		}
	}
}

// onceDialer dials for a diagnosis, which wants to know of a failure.
type onceDialer struct{ dialer }

func (d onceDialer) DialContext(ctx context.Context, _, addr string) (net.Conn, error) {
	return d.dial(ctx, addr)
}

func (d onceDialer) Dial(_, addr string) (net.Conn, error) {
	return nil, errors.New("dial " + addr + ": a context is wanted")
}

func resolve(ctx context.Context, host string) (string, error) {
	found, err := net.DefaultResolver.LookupHost(ctx, host)
	return strings.Join(found, ", "), err
}
