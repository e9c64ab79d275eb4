package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// sshSession is one connection to a server that forwards to us.
type sshSession struct {
	conn ssh.Conn
	url  string
}

// sshPlan is how to connect; it serves every reconnect.
type sshPlan struct {
	config   Config
	settings SSH // filled
	auth     []ssh.AuthMethod
	keys     *hostKeys
	pattern  *regexp.Regexp // nil: the address is known without a greeting
	conns    chan net.Conn
	done     chan struct{}
}

// connect signs in, asks for the forward and finds the public address.
func (p *sshPlan) connect(ctx context.Context) (*sshSession, error) {
	address := net.JoinHostPort(p.settings.Host, strconv.Itoa(p.settings.Port))
	raw, err := newDialer(p.config).dial(ctx, address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	conn, channels, requests, err := p.signIn(ctx, raw, address)
	if err != nil {
		stop()
		raw.Close()
		return nil, err
	}
	s := &sshSession{conn: conn}
	go answerRequests(requests)
	go p.take(channels)
	// Each step that follows ends with the connection, so patience is a clock that closes it.
	err = p.patiently(conn, func() error { return p.prepare(s) })
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

// signIn does the handshake. The clock stands still while the user is asked about the host key.
func (p *sshPlan) signIn(ctx context.Context, raw net.Conn, address string) (ssh.Conn, <-chan ssh.NewChannel, <-chan *ssh.Request, error) {
	patience := func() { raw.SetDeadline(time.Now().Add(p.config.Timing.Answer)) }
	check := p.keys.check(ctx)
	config := &ssh.ClientConfig{
		User: p.settings.User, Auth: p.auth,
		HostKeyAlgorithms: p.keys.algorithms(address),
		HostKeyCallback: func(address string, remote net.Addr, key ssh.PublicKey) error {
			raw.SetDeadline(time.Time{})
			defer patience()
			return check(address, remote, key)
		},
	}
	patience()
	conn, channels, requests, err := ssh.NewClientConn(raw, address, config)
	raw.SetDeadline(time.Time{})
	return conn, channels, requests, signInError(err)
}

// signInError tells a refusal from a broken connection. The library has no type for it.
func signInError(err error) error {
	var own *coded
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return own
	case strings.Contains(err.Error(), "unable to authenticate"):
		return &coded{"ssh_login", err}
	case networkCode(err) == "timeout":
		return &coded{"silent", err}
	}
	return err
}

// patiently runs a step and closes the connection when it takes too long.
func (p *sshPlan) patiently(conn ssh.Conn, step func() error) error {
	late := make(chan struct{})
	clock := time.AfterFunc(p.config.Timing.Answer, func() {
		close(late)
		conn.Close()
	})
	err := step()
	if !clock.Stop() {
		<-late
		if err != nil && !isCoded(err) {
			err = &coded{"silent", err}
		}
	}
	return err
}

func isCoded(err error) bool {
	var own *coded
	return errors.As(err, &own)
}

// prepare asks for the forward and finds the address.
func (p *sshPlan) prepare(s *sshSession) error {
	var greeting *greeting
	if p.pattern != nil {
		var err error
		if greeting, err = listenToGreeting(s.conn, p.pattern); err != nil {
			return err
		}
	}
	port, err := forward(s.conn, p.settings.Remote)
	if err != nil {
		return err
	}
	switch {
	case p.config.URL != "":
		s.url = strings.TrimSuffix(p.config.URL, "/")
	case p.pattern != nil:
		s.url, err = greeting.wait(p.config.Timing.Answer / 2)
	default:
		s.url = "http://" + net.JoinHostPort(p.settings.Host, strconv.Itoa(int(port)))
	}
	return err
}

// forward asks the server to listen, and returns the port it listens at (RFC 4254, 7.1).
func forward(conn ssh.Conn, remote string) (uint32, error) {
	host, text, err := net.SplitHostPort(remote)
	if err != nil {
		return 0, err
	}
	number, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, err
	}
	port := uint32(number)
	ok, answer, err := conn.SendRequest("tcpip-forward", true, ssh.Marshal(struct {
		Addr string
		Port uint32
	}{host, port}))
	switch {
	case err != nil:
		return 0, fmt.Errorf("ask for the forward: %w", err)
	case !ok:
		return 0, &coded{"ssh_forward", errors.New("the server said no to " + remote)}
	}
	var said struct{ Port uint32 }
	if port == 0 && ssh.Unmarshal(answer, &said) == nil {
		port = said.Port
	}
	return port, nil
}

// take accepts what the server forwards, whatever address it says it was for: services write their own names there, which
// is why the library's own listener refuses them.
func (p *sshPlan) take(channels <-chan ssh.NewChannel) {
	for n := range channels {
		var head forwarded
		if n.ChannelType() != "forwarded-tcpip" || ssh.Unmarshal(n.ExtraData(), &head) != nil {
			n.Reject(ssh.UnknownChannelType, "only forwarded connections are taken")
			continue
		}
		ch, reqs, err := n.Accept()
		if err != nil {
			continue
		}
		c := newChannelConn(ch, reqs, head)
		go func() {
			select {
			case p.conns <- c:
			case <-p.done:
				c.Close()
			}
		}()
	}
}

// answerRequests says no to what the server asks; its keepalives want any answer.
func answerRequests(requests <-chan *ssh.Request) {
	for r := range requests {
		if r.WantReply {
			r.Reply(false, nil)
		}
	}
}

// keepAlive asks the server for a sign of life until the connection ends, and ends it when none comes.
func (p *sshPlan) keepAlive(s *sshSession) error {
	ended := make(chan error, 1)
	go func() { ended <- s.conn.Wait() }()
	beat := time.NewTicker(p.config.Timing.Heartbeat)
	defer beat.Stop()
	for {
		select {
		case err := <-ended:
			if err == nil {
				err = io.EOF
			}
			return err
		case <-beat.C:
			answered := make(chan struct{})
			go func() {
				s.conn.SendRequest("keepalive@openssh.com", true, nil)
				close(answered)
			}()
			if !closedWithin(answered, p.config.Timing.Tolerance) {
				s.conn.Close()
				<-ended
				return &coded{"silent", errors.New("no sign of life")}
			}
		}
	}
}
