package capture

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
)

// delivery makes a row of the outbox of what a platform owes somebody.
func delivery(send platform.Send, now time.Time) core.Delivery {
	method := send.Target.Method
	if method == "" {
		method = "POST"
	}
	return core.Delivery{
		Target: send.Target, Event: send.Event, Work: send.Work, State: core.Waiting, Due: now, Created: now,
		Request: core.Request{Method: method, Header: send.Header, Body: send.Body, Size: int64(len(send.Body))},
	}
}

// What a forward says of itself, so that one that comes round is known for what it is.
const (
	hopsHeader   = "Hookglass-Hops"   // how often it was forwarded
	originHeader = "Hookglass-Origin" // who forwarded it first
	mostHops     = 5
)

// forward makes the delivery that sends a capture on, where its source has a forward target. One that is not made says why
// among the checks of the capture.
func (s *Server) forward(src *core.Source, c *core.Capture) (core.Delivery, bool) {
	f := src.Forward
	if f.URL == "" {
		return core.Delivery{}, false
	}
	hops := hopsOf(&c.Request)
	if want, got := s.stays(f, &c.Request, hops); want != "" {
		c.Receipt.Checks = append(c.Receipt.Checks, core.Check{Name: "forward", Want: want, Got: got})
		return core.Delivery{}, false
	}
	req := c.Request
	req.Head = nil // fields are added, so the recorded bytes are no longer the head
	req.Header = req.Header.With(hopsHeader, strconv.Itoa(hops+1))
	if !req.Header.Has(originHeader) {
		req.Header = append(req.Header, core.Field{Name: originHeader, Value: s.Origin})
	}
	if f.Forwarded {
		req.Header = append(req.Header,
			core.Field{Name: "X-Forwarded-For", Value: core.WithoutPort(req.Remote)},
			core.Field{Name: "X-Forwarded-Host", Value: req.Host},
			core.Field{Name: "X-Forwarded-Proto", Value: protoOf(req.Base)})
	}
	timeout := f.Timeout
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	return core.Delivery{
		Target:  core.Target{URL: join(f.URL, req.Target), Method: req.Method, Timeout: timeout, KeepHost: f.KeepHost},
		Event:   c.Event,
		Request: req, State: core.Waiting, Due: c.At, Created: c.At, Batch: "forward:" + src.Name,
	}, true
}

// stays says what keeps a capture from being forwarded: what would have to be, and what is. Both are empty where nothing does.
func (s *Server) stays(f core.Forward, r *core.Request, hops int) (want, got string) {
	switch {
	case r.Truncated:
		return "a whole body", "it is cut, so it was not forwarded; raise the source's body limit"
	case s.Mine(f.URL):
		return "a target that is not Hookglass itself", core.HideUserinfo(f.URL) + " leads back here, so it was not forwarded; correct the source's forward"
	case !f.Confirmed && !Loopback(f.URL):
		return "a target on this machine, or your consent", core.HideUserinfo(f.URL) + ", so it was not forwarded; agree to it at the source"
	case hops >= mostHops:
		return fmt.Sprintf("fewer than %d forwards on its way", mostHops), fmt.Sprintf("%d: two forwards lead to each other, so it was not forwarded again", hops)
	}
	return "", ""
}

// hopsOf is how often a request was forwarded on its way here, by its own account.
func hopsOf(r *core.Request) (most int) {
	for _, v := range r.Header.Values(hopsHeader) {
		if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil {
			most = max(most, n)
		}
	}
	return most
}

// Loopback reports whether a URL leads to this machine.
func Loopback(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}

// join puts the query of the captured target behind a forward URL that has none of its own.
func join(forward, target string) string {
	if _, query, ok := strings.Cut(target, "?"); ok && !strings.Contains(forward, "?") {
		return forward + "?" + query
	}
	return forward
}

func protoOf(base string) string {
	if strings.HasPrefix(base, "https:") {
		return "https"
	}
	return "http"
}
