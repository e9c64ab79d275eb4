package tunnel

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"os"
	"regexp"
	"strings"

	"golang.ngrok.com/ngrok/v2"
)

// ngrokProvider opens a tunnel through https://ngrok.com, with Listen and never with Forward: Forward alters queries that
// Go cannot parse, and a listener needs no local port.
type ngrokProvider struct{}

func (ngrokProvider) Name() string { return "ngrok" }

const ngrokAddress = "connect.ngrok-agent.com:443"

var (
	regionName = regexp.MustCompile(`^[a-z]{2,8}(-[a-z0-9-]{1,20})?$`)
	domainName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
)

func (ngrokProvider) Check(c Config) error {
	if c.Authtoken.Empty() {
		return invalid("authtoken", "is missing; copy it from "+ngrokTokens)
	}
	if strings.ContainsAny(string(c.Authtoken.Reveal()), " \t\r\n\"'") {
		return invalid("authtoken", "has spaces or quotes in it; copy only the token")
	}
	if c.Domain != "" && !domainName.MatchString(domain(c.Domain)) {
		return invalid("domain", "want a domain such as name.ngrok.app")
	}
	if c.Region != "" && !regionName.MatchString(c.Region) {
		return invalid("region", "want a short name such as eu or us")
	}
	if c.Connect != "" {
		if err := hostPort("connect", c.Connect); err != nil {
			return err
		}
	}
	if c.CAFile != "" {
		if _, err := authorities(c.CAFile); err != nil {
			return err
		}
	}
	return checkPolicy(c)
}

// domain is a reserved domain as typed, perhaps with its scheme.
func domain(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	return strings.TrimSuffix(strings.TrimPrefix(s, "https://"), "/")
}

func authorities(path string) ([]byte, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, invalid("ca_file", "cannot be read: "+err.Error())
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return nil, invalid("ca_file", "holds no certificate in PEM form")
	}
	return pem, nil
}

// connectAddress is where to reach ngrok.
func connectAddress(c Config) string {
	switch {
	case c.Connect != "":
		return c.Connect
	case c.Region != "":
		return "connect." + c.Region + ".ngrok-agent.com:443"
	}
	return ngrokAddress
}

// agentOptions are the settings of a connection, whether to stay or to diagnose.
func agentOptions(c Config, d ngrok.Dialer, log *slog.Logger) ([]ngrok.AgentOption, error) {
	address := connectAddress(c)
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, invalid("connect", "want HOST:PORT")
	}
	var pem []byte
	if c.CAFile != "" {
		if pem, err = authorities(c.CAFile); err != nil {
			return nil, err
		}
	}
	return []ngrok.AgentOption{
		ngrok.WithAuthtoken(string(c.Authtoken.Reveal())),
		ngrok.WithAgentConnectURL(address),
		ngrok.WithClientInfo("hookglass", "1"),
		ngrok.WithDialer(d),
		ngrok.WithLogger(log),
		ngrok.WithHeartbeatInterval(c.Timing.Heartbeat),
		ngrok.WithHeartbeatTolerance(c.Timing.Tolerance),
		ngrok.WithTLSConfig(func(t *tls.Config) {
			t.ServerName = host // the client cuts at the first colon, which an IPv6 address has inside
			if pem != nil {
				// Beside ngrok's own root, so that the tunnel works in the company's network and outside.
				t.RootCAs = t.RootCAs.Clone()
				t.RootCAs.AppendCertsFromPEM(pem)
			}
		}),
	}, nil
}

func endpointOptions(c Config) ([]ngrok.EndpointOption, error) {
	var opts []ngrok.EndpointOption
	if c.Domain != "" {
		opts = append(opts, ngrok.WithURL("https://"+domain(c.Domain)))
	}
	policy, err := trafficPolicy(c)
	if err != nil {
		return nil, fmt.Errorf("write traffic policy: %w", err)
	}
	if policy != "" {
		opts = append(opts, ngrok.WithTrafficPolicy(policy))
	}
	return opts, nil
}

func (ngrokProvider) Open(ctx context.Context, c Config, report func(Event)) (Line, error) {
	s, err := newNgrokSession(ctx, c, report)
	if err != nil {
		return nil, err
	}
	line, err := s.start(ctx)
	if err != nil {
		s.stop(nil)
		return nil, err
	}
	return line, nil
}
