package deliver

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"hookglass/core"
)

// route is where a request goes, worked out of a target's URL.
type route struct {
	base      string // "https://example.com:8443"
	tls       bool
	name      string // the host without port: what the certificate must be for
	address   string // to dial, "example.com:443"
	authority string // the Host header: the port only where it is not the scheme's own
	target    string // request target: path and query, escaped as typed
	user      *url.Userinfo
	skipTLS   bool
	caFile    string
	outward   bool // no private network may be what the name resolves to
	client    core.ClientCert
}

func parseRoute(t *core.Target) (route, error) {
	u, err := url.Parse(strings.TrimSpace(t.URL))
	if err != nil {
		return route{}, fmt.Errorf("read the URL: %w", errors.Unwrap(err))
	}
	port := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	switch {
	case port == "":
		return route{}, errors.New("want a URL that starts with http:// or https://")
	case u.Hostname() == "":
		return route{}, errors.New("the URL names no host")
	}
	name, err := ascii(u.Hostname())
	if err != nil {
		return route{}, err
	}
	r := route{tls: u.Scheme == "https", name: name, target: rawTarget(t.URL, u), user: u.User, skipTLS: t.SkipTLS, caFile: t.CAFile, outward: t.Outward, client: t.Client}
	r.authority = bracketed(name)
	if p := u.Port(); p != "" && p != port {
		port = p
		r.authority = net.JoinHostPort(name, p)
	}
	r.address = net.JoinHostPort(name, port)
	r.base = u.Scheme + "://" + r.authority
	return r, nil
}

// rawTarget is the path and the query as they stand in the address: what net/url would write anew may be signed.
func rawTarget(address string, u *url.URL) string {
	_, rest, _ := strings.Cut(strings.TrimSpace(address), "://")
	rest, _, _ = strings.Cut(rest, "#")
	at := strings.IndexAny(rest, "/?")
	if at < 0 {
		return "/"
	}
	if rest = rest[at:]; rest[0] == '?' {
		rest = "/" + rest
	}
	for i := range len(rest) {
		if rest[i] <= ' ' || rest[i] >= 0x7f { // what no request line can hold
			return u.RequestURI()
		}
	}
	return rest
}

// key tells which connections may be used for this route: a certificate, or where a name leads, accepted under one setting is
// not under another.
func (r *route) key() string {
	return fmt.Sprintf("%t %s %t %t %s %s %s", r.tls, r.address, r.skipTLS, r.outward, r.caFile, r.client.File, r.client.Key)
}

func ascii(host string) (string, error) {
	for i := range len(host) {
		if host[i] >= 0x80 {
			name, err := idna.Lookup.ToASCII(host)
			if err != nil {
				return "", fmt.Errorf("read the URL's host: %w", err)
			}
			return name, nil
		}
	}
	return host, nil
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
