package tunnel

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"hookglass/core"
)

// The limits of a Guard.
const (
	DefaultConcurrent    = 64
	DefaultBodyLimit     = 10 << 20
	DefaultResponseLimit = 200 << 10
)

// Guard stands before the handler of a public address and turns away who must not come in. [Tunnel.Guard] makes one that
// fits the tunnel; its fields may be changed before Handler is called.
type Guard struct {
	URL   func() string // the tunnel's public address as of now; a request for another host is answered 421
	Hosts []string      // further hosts accepted

	Allow          []netip.Prefix // who may send; empty: all
	TrustForwarded bool           // the last X-Forwarded-For is the sender, not the remote address
	BasicAuth      core.Secret    // "user:password"; empty: none is asked

	Concurrent int // requests inside at a time, 503 beyond; 0 means DefaultConcurrent

	// BodyLimit is how much of a body can be read: a read past it gives *http.MaxBytesError. 0 means DefaultBodyLimit.
	BodyLimit int64

	// ResponseLimit is how much of an answer is sent: past it the connection is cut. A stream of ngrok holds back a
	// writer for ever once 256 KiB wait for a reader, whatever the deadlines say. 0 means DefaultResponseLimit.
	ResponseLimit int64

	// Refused hears of each request that did not get in or was cut. It may be nil.
	Refused func(r *http.Request, status int, why string)

	pingKey string
}

// Guard returns what stands before the handler of this tunnel.
func (t *Tunnel) Guard() Guard {
	allow, _ := prefixes(t.config.Allow) // checked before the tunnel was opened
	g := Guard{
		URL: t.URL, Hosts: t.config.Hosts, Allow: allow, TrustForwarded: t.config.TrustForwarded,
		BasicAuth: t.config.BasicAuth, pingKey: t.key,
	}
	if t.Provider == "ngrok" {
		g.BasicAuth = core.Secret{} // asked at ngrok's edge
	}
	return g
}

// Handler returns next behind the guard. A handler that returns without an answer because the body was too long or too
// slow is answered for: 413 or 408.
func (g Guard) Handler(next http.Handler) http.Handler {
	room := make(chan struct{}, or(g.Concurrent, DefaultConcurrent))
	bodyLimit, responseLimit := or(g.BodyLimit, DefaultBodyLimit), or(g.ResponseLimit, DefaultResponseLimit)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status, why := g.admit(r); status != 0 {
			g.refuse(w, r, status, why)
			return
		}
		if g.answerPing(w, r) {
			return
		}
		select {
		case room <- struct{}{}:
			defer func() { <-room }()
		default:
			w.Header().Set("Retry-After", "1")
			g.refuse(w, r, http.StatusServiceUnavailable, "too many requests at a time")
			return
		}
		body := &bounded{ReadCloser: http.MaxBytesReader(w, r.Body, bodyLimit)}
		r.Body = body
		answer := &answer{ResponseWriter: w, left: responseLimit}
		next.ServeHTTP(answer, r)
		switch {
		case answer.cut:
			g.tell(r, 0, "the answer was longer than a tunnel can carry safely")
			panic(http.ErrAbortHandler) // so that the sender does not take a part for the whole
		case answer.wrote:
		case body.tooLong:
			g.refuse(w, r, http.StatusRequestEntityTooLarge, "the body is too long")
		case body.tooSlow:
			g.refuse(w, r, http.StatusRequestTimeout, "the body did not arrive in time")
		}
	})
}

// admit returns the status to turn a request away with, or 0.
func (g Guard) admit(r *http.Request) (int, string) {
	switch {
	case !g.hostFits(r.Host):
		return http.StatusMisdirectedRequest, "that host is not this tunnel's"
	case !g.senderMay(r):
		return http.StatusForbidden, "that address may not send here"
	case g.isPing(r):
		return 0, ""
	case !g.BasicAuth.Empty() && !g.knows(r):
		return http.StatusUnauthorized, "user and password are wanted"
	}
	return 0, ""
}

func (g Guard) hostFits(host string) bool {
	scheme, want := "https", ""
	if g.URL != nil {
		if u, err := url.Parse(g.URL()); err == nil {
			scheme, want = u.Scheme, u.Host
		}
	}
	got := plainHost(scheme, host)
	if got == "" {
		return false
	}
	if got == plainHost(scheme, want) {
		return true
	}
	for _, h := range g.Hosts {
		if got == plainHost(scheme, h) {
			return true
		}
	}
	return false
}

// plainHost is a host as it is compared: lower case, without the port that goes without saying.
func plainHost(scheme, host string) string {
	host = strings.ToLower(host)
	if scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	} else {
		host = strings.TrimSuffix(host, ":80")
	}
	return strings.TrimSuffix(host, ".")
}

func (g Guard) senderMay(r *http.Request) bool {
	if len(g.Allow) == 0 {
		return true
	}
	sender, ok := g.sender(r)
	if !ok {
		return false
	}
	for _, p := range g.Allow {
		if p.Contains(sender) {
			return true
		}
	}
	return false
}

// sender is the address a request came from. Only the last entry of X-Forwarded-For is the tunnel's own; those before it
// are whatever the sender wrote.
func (g Guard) sender(r *http.Request) (netip.Addr, bool) {
	text, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		text = r.RemoteAddr
	}
	if g.TrustForwarded {
		lines := r.Header.Values("X-Forwarded-For")
		if len(lines) == 0 {
			return netip.Addr{}, false
		}
		last := lines[len(lines)-1]
		text = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
	}
	a, err := netip.ParseAddr(text)
	return a.Unmap().WithZone(""), err == nil
}

// knows compares user and password in a time that does not depend on them.
func (g Guard) knows(r *http.Request) bool {
	user, password, ok := r.BasicAuth()
	got, want := sha256.Sum256([]byte(user+":"+password)), sha256.Sum256(g.BasicAuth.Reveal())
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1 && ok
}

func (g Guard) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	g.tell(r, status, why)
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Connection", "close")
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Basic realm="hookglass"`)
	}
	w.WriteHeader(status)
	w.Write([]byte(why + "\n"))
}

func (g Guard) tell(r *http.Request, status int, why string) {
	if g.Refused != nil {
		g.Refused(r, status, why)
	}
}

func or[T int | int64](v, fallback T) T {
	if v <= 0 {
		return fallback
	}
	return v
}
