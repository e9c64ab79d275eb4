package tunnel

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"hookglass/core"
)

// sshProvider asks an ssh server to forward a port to us, as ssh -R does.
type sshProvider struct{}

func (sshProvider) Name() string { return "ssh" }

func (sshProvider) Check(c Config) error {
	s, err := c.SSH.filled()
	if err != nil {
		return err
	}
	switch {
	case s.Host == "":
		return invalid("ssh.host", "want the name of a server, or choose a service")
	case s.User == "":
		return invalid("ssh.user", "want the user to sign in as")
	case s.Port < 1 || s.Port > 65535:
		return invalid("ssh.port", "want a port from 1 to 65535")
	}
	if _, port, err := net.SplitHostPort(s.Remote); err != nil {
		return invalid("ssh.remote", "want ADDRESS:PORT, such as :8080, or :0 for any port")
	} else if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return invalid("ssh.remote", "want a port from 0 to 65535")
	}
	if s.URLPattern != "" {
		if _, err := pattern("ssh.url_pattern", s.URLPattern); err != nil {
			return err
		}
	}
	if s.KeyFile != "" {
		return readableFile("ssh.key_file", s.KeyFile)
	}
	return nil
}

func (p sshProvider) Open(ctx context.Context, c Config, report func(Event)) (Line, error) {
	plan, closeAgent, err := newSSHPlan(c)
	if err != nil {
		return nil, err
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l := &sshLine{plan: plan, cancel: cancel, report: report, closeAgent: closeAgent}
	first, stop := context.WithCancel(ctx)
	defer stop()
	s, failure := l.reach(first, Connecting)
	if failure != nil || s == nil {
		l.Close()
		if failure != nil {
			return nil, failure
		}
		return nil, ctx.Err()
	}
	l.running.Go(func() { l.keepUp(life, s) })
	return l, nil
}

func newSSHPlan(c Config) (*sshPlan, func(), error) {
	none := func() {}
	s, err := c.SSH.filled()
	if err != nil {
		return nil, none, err
	}
	p := &sshPlan{config: c, settings: s, keys: newHostKeys(c), conns: make(chan net.Conn), done: make(chan struct{})}
	if c.URL == "" && s.URLPattern != "" {
		if p.pattern, err = pattern("ssh.url_pattern", s.URLPattern); err != nil {
			return nil, none, err
		}
	}
	var closeAgent func()
	p.auth, closeAgent, err = signInWays(s)
	return p, closeAgent, err
}

// signInWays are the ways to sign in, in order: the key, the agent's keys, the password. A service that takes anybody
// gets a key made for the occasion and empty answers.
func signInWays(s SSH) (ways []ssh.AuthMethod, closeAgent func(), err error) {
	closeAgent = func() {}
	var signers []ssh.Signer
	if s.KeyFile != "" {
		key, err := readKey(s)
		if err != nil {
			return nil, closeAgent, err
		}
		signers = append(signers, key)
	}
	if s.Agent != "" {
		conn, err := net.Dial("unix", s.Agent)
		if err != nil {
			return nil, closeAgent, invalid("ssh.agent", "cannot be reached: "+err.Error())
		}
		closeAgent = func() { conn.Close() }
		keys, err := agent.NewClient(conn).Signers()
		if err != nil {
			conn.Close()
			return nil, func() {}, invalid("ssh.agent", "does not list its keys: "+err.Error())
		}
		signers = append(signers, keys...)
	}
	if s.Preset != "" && len(signers) == 0 {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, closeAgent, err
		}
		signer, err := ssh.NewSignerFromKey(key)
		if err != nil {
			return nil, closeAgent, err
		}
		signers = append(signers, signer)
	}
	if len(signers) > 0 {
		ways = append(ways, ssh.PublicKeys(signers...))
	}
	if password := string(s.Password.Reveal()); password != "" || s.Preset != "" {
		ways = append(ways, ssh.Password(password), ssh.KeyboardInteractive(
			func(_, _ string, questions []string, _ []bool) ([]string, error) {
				answers := make([]string, len(questions))
				for i := range answers {
					answers[i] = password
				}
				return answers, nil
			}))
	}
	return ways, closeAgent, nil
}

func readKey(s SSH) (ssh.Signer, error) {
	text, err := os.ReadFile(s.KeyFile)
	if err != nil {
		return nil, invalid("ssh.key_file", "cannot be read: "+err.Error())
	}
	key, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		if s.Passphrase.Empty() {
			return nil, invalid("ssh.passphrase", "is needed for this key file")
		}
		if key, err = ssh.ParsePrivateKeyWithPassphrase(text, s.Passphrase.Reveal()); err != nil {
			return nil, invalid("ssh.passphrase", "does not open this key file")
		}
	}
	if err != nil {
		return nil, invalid("ssh.key_file", "holds no private key: "+err.Error())
	}
	return key, nil
}

// sshLine is the open listener. It outlives its connections: one goroutine restores them.
type sshLine struct {
	plan       *sshPlan
	cancel     context.CancelFunc
	report     func(Event)
	closeAgent func()
	running    sync.WaitGroup
	once       sync.Once
	failure    *Error // written before plan.done is closed
	url        atomic.Value
}

// reach tries until there is a session. It returns neither when ctx ended, and an error when trying again would not help.
func (l *sshLine) reach(ctx context.Context, state State) (*sshSession, *Error) {
	for failures := 1; ; failures++ {
		s, err := l.plan.connect(ctx)
		if ctx.Err() != nil {
			if err == nil {
				s.conn.Close()
			}
			return nil, nil
		}
		if err == nil {
			l.url.Store(s.url)
			l.report(Event{State: Online, URL: s.url})
			return s, nil
		}
		r := explain(err)
		if r.final(state == Reconnecting) {
			return nil, r.asError()
		}
		wait := pause(failures)
		l.report(Event{State: state, URL: l.URL(), Retry: time.Now().Add(wait), Trouble: r.Trouble})
		if !core.Pause(ctx, wait) {
			return nil, nil
		}
	}
}

// keepUp follows a session, and restores it when it breaks, until ctx ends.
func (l *sshLine) keepUp(ctx context.Context, s *sshSession) {
	for {
		stop := context.AfterFunc(ctx, func() { s.conn.Close() })
		err := l.plan.keepAlive(s)
		stop()
		if ctx.Err() != nil {
			return
		}
		l.report(Event{State: Reconnecting, URL: l.URL(), Trouble: explain(err).Trouble})
		var failure *Error
		if s, failure = l.reach(ctx, Reconnecting); s == nil {
			if failure != nil {
				l.end(failure)
			}
			return
		}
	}
}

func (l *sshLine) URL() string {
	url, _ := l.url.Load().(string)
	return url
}

func (l *sshLine) Addr() net.Addr { return namedAddr(l.plan.settings.Host) }

func (l *sshLine) Err() *Error {
	select {
	case <-l.plan.done:
		return l.failure
	default:
		return nil
	}
}

func (l *sshLine) Accept() (net.Conn, error) {
	select {
	case c := <-l.plan.conns:
		return c, nil
	case <-l.plan.done:
		return nil, net.ErrClosed
	}
}

func (l *sshLine) Close() error {
	l.end(nil)
	l.running.Wait()
	return nil
}

func (l *sshLine) end(failure *Error) {
	l.once.Do(func() {
		l.failure = failure
		l.cancel()
		close(l.plan.done)
		l.closeAgent()
	})
}

func (p sshProvider) Diagnose(ctx context.Context, c Config) []Step {
	var plan *sshPlan
	var hostKey error
	closeAgent := func() {}
	defer func() { closeAgent() }()
	return steps(ctx, []probe{
		{"settings", func(context.Context) (_ string, err error) {
			if err := c.Check(); err != nil {
				return "", err
			}
			plan, closeAgent, err = newSSHPlan(c)
			return "", err
		}},
		{"name", func(ctx context.Context) (string, error) {
			if c.Proxy != "" {
				return "left to the proxy", nil
			}
			return resolve(ctx, plan.settings.Host)
		}},
		{"connect", func(ctx context.Context) (string, error) {
			address := net.JoinHostPort(plan.settings.Host, strconv.Itoa(plan.settings.Port))
			conn, err := newDialer(c).dial(ctx, address)
			if err != nil {
				return "", err
			}
			return address, conn.Close()
		}},
		{"host key", func(ctx context.Context) (string, error) { hostKey = plan.tryOut(ctx); return aboutHostKey(hostKey) }},
		{"sign in", func(context.Context) (string, error) { return "as " + plan.settings.User, hostKey }},
	})
}

// tryOut signs in and leaves.
func (p *sshPlan) tryOut(ctx context.Context) error {
	address := net.JoinHostPort(p.settings.Host, strconv.Itoa(p.settings.Port))
	raw, err := newDialer(p.config).dial(ctx, address)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { raw.Close() })()
	defer raw.Close()
	conn, channels, requests, err := p.signIn(ctx, raw, address)
	if err != nil {
		return err
	}
	go answerRequests(requests)
	go func() {
		for n := range channels {
			n.Reject(ssh.Prohibited, "only a test")
		}
	}()
	return conn.Close()
}

// aboutHostKey leaves for the next step what is not about the host key.
func aboutHostKey(err error) (string, error) {
	var own *coded
	if errors.As(err, &own) && own.code == "ssh_login" {
		return "known", nil
	}
	if err != nil {
		return "", err
	}
	return "known", nil
}
