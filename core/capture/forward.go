package capture

import (
	"net"
	"net/url"
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

// forward makes the delivery that sends a capture on, where its source has a forward target. A target that is not on
// this machine needs the user's word first.
func forward(src core.Source, c *core.Capture) (core.Delivery, bool) {
	f := src.Forward
	if f.URL == "" || c.Request.Truncated || (!f.Confirmed && !Loopback(f.URL)) {
		return core.Delivery{}, false
	}
	req := c.Request
	if f.Forwarded {
		req.Head = nil // fields are added, so the recorded bytes are no longer the head
		req.Header = append(req.Header.Clone(),
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
