package capture

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/env"
	"hookglass/core/platform"
	"hookglass/core/store"
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

// forwarding is a target of a source at work: its filter is read once.
type forwarding struct {
	core.Forward
	holds store.Match
}

// forwardings are the targets of a source that are switched on.
func forwardings(src *core.Source) ([]forwarding, error) {
	var on []forwarding
	for i, f := range src.Forwards {
		holds, err := store.ParseMatch(f.When)
		if err != nil {
			return nil, &core.Invalid{Field: ForwardField(src.Forwards, i, "when"), Reason: err.Error()}
		}
		if !f.Off {
			on = append(on, forwarding{f, holds})
		}
	}
	return on, nil
}

// ForwardField names a field of a target: one that is alone needs no number.
func ForwardField(all core.Forwards, i int, field string) string {
	if len(all) == 1 {
		return "forward." + field
	}
	return fmt.Sprintf("forward[%d].%s", i, field)
}

// forward makes the deliveries that send a capture on, one for each target whose filter it matches, and says which of them has the
// answer for the sender, or -1. One that is not made says why among the checks of the capture.
func (s *Server) forward(h *host, c *core.Capture) (owed []core.Delivery, answer int) {
	answer = -1
	hops := 0
	if len(h.forwards) > 0 {
		hops = hopsOf(&c.Request)
	}
	var checks []core.Check // put down at the end: filters look at the capture as it came
	for i := range h.forwards {
		f := &h.forwards[i]
		if !f.holds(c) {
			continue
		}
		to, err := s.filled(f.Forward)
		if err != nil {
			checks = append(checks, core.Check{Name: "forward", Want: "a target that its environment fills", Got: err.Error() + ", so it was not forwarded"})
			continue
		}
		if want, got := s.stays(to, &c.Request, hops); want != "" {
			checks = append(checks, core.Check{Name: "forward", Want: want, Got: got})
			continue
		}
		d, err := forwarded(h, to, c, hops, s.Origin)
		if err != nil {
			checks = append(checks, core.Check{Name: "forward", Want: "a scheme to sign anew with", Got: err.Error()})
			continue
		}
		if f.Answer {
			answer = len(owed)
		}
		owed = append(owed, d)
	}
	c.Receipt.Checks = append(c.Receipt.Checks, checks...)
	return owed, answer
}

// forwarded is the delivery of a capture to one target.
func forwarded(h *host, f filled, c *core.Capture, hops int, origin string) (core.Delivery, error) {
	src, req := &h.src, c.Request
	req.Head = nil // fields are added, so the recorded bytes are no longer the head
	req.Header = req.Header.Without(f.Remove...)
	target := core.Target{URL: joined(f, &c.Request, h.path()), Method: req.Method, Timeout: f.Wait(), KeepHost: f.KeepHost, Policy: f.Schedule(),
		SkipTLS: f.SkipTLS, CAFile: f.CAFile, Client: f.Client, Header: f.secret, Hidden: f.hidden}
	for i, set := range f.Set {
		switch {
		case set.Is("Host"): // it is not among the fields that are copied
			target.Header = append(target.Header, set)
		case f.Set[:i].Has(set.Name): // a repeated field
			req.Header = append(req.Header, set)
		default:
			req.Header = req.Header.With(set.Name, set.Value)
		}
	}
	if f.Resign {
		if target.Scheme, target.Secret = src.Settings.Text("scheme"), src.Secrets["secret"]; target.Scheme == "" || target.Secret == "" {
			return core.Delivery{}, fmt.Errorf("the source %s has no scheme or no secret, so it was not forwarded; set them, or do not sign anew", src.Name)
		}
	}
	req.Header = req.Header.With(hopsHeader, strconv.Itoa(hops+1))
	if !req.Header.Has(originHeader) {
		req.Header = append(req.Header, core.Field{Name: originHeader, Value: origin})
	}
	if f.Forwarded {
		req.Header = append(req.Header,
			core.Field{Name: "X-Forwarded-For", Value: core.WithoutPort(req.Remote)},
			core.Field{Name: "X-Forwarded-Host", Value: req.Host},
			core.Field{Name: "X-Forwarded-Proto", Value: protoOf(req.Base)})
	}
	return core.Delivery{Target: target, Event: c.Event, Request: req, Resign: f.Resign, State: core.Waiting, Due: c.At, Created: c.At,
		Batch: "forward:" + src.Name}, nil
}

// stays says what keeps a capture from being forwarded: what would have to be, and what is. Both are empty where nothing does.
func (s *Server) stays(f filled, r *core.Request, hops int) (want, got string) {
	switch {
	case r.Truncated:
		return "a whole body", "it is cut, so it was not forwarded; raise the source's body limit"
	case s.Mine(f.URL):
		return "a target that is not Hookglass itself", core.HideUserinfo(f.URL) + " leads back here, so it was not forwarded; correct the source's forward"
	case !f.allowed() && !Loopback(f.URL):
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

// joined is the address that a capture is sent on to: what follows the source's path in it, and its query, byte for byte behind those
// of the target, unless the target is to be called as it stands.
func joined(f filled, r *core.Request, source string) string {
	address, _, _ := strings.Cut(f.URL, "#")
	if f.DropPath {
		return address
	}
	base, own, asked := strings.Cut(address, "?")
	rest, below := strings.CutPrefix(r.Path(), strings.TrimSuffix(source, "/"))
	if below && strings.HasPrefix(rest, "/") {
		base = strings.TrimSuffix(base, "/")
	} else {
		rest = ""
	}
	_, query, came := strings.Cut(r.Target, "?")
	if len(f.hidden) > 0 { // it is looked at for names again as it is sent, and what came has none
		rest, query = env.Literal(rest), env.Literal(query)
	}
	switch {
	case asked && came && own != "":
		query = own + "&" + query
	case asked && !came:
		query, came = own, true
	}
	if came {
		return base + rest + "?" + query
	}
	return base + rest
}

// path is where the source is, as its platform says.
func (h *host) path() string {
	if h.platform.Path == nil {
		return "/"
	}
	return h.platform.Path(h.src.Settings, h.src.Profile)
}

func protoOf(base string) string {
	if strings.HasPrefix(base, "https:") {
		return "https"
	}
	return "http"
}
