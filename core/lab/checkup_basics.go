package lab

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hookglass/core"
)

const aValidDelivery = "a valid delivery"

func valid(_ context.Context, e *exam) outcome {
	x := e.base
	switch {
	case x.moved() && x.accepted():
		return skipped("it is answered with a redirect, as redirects says")
	case x.accepted():
		return held(x, aValidDelivery, "a 2xx says that the event has arrived")
	case x.response == nil && x.took >= e.cfg.Patience:
		return skipped("nothing came within %s, as answer_time says", core.Span(e.cfg.Patience))
	case x.response == nil:
		return broken(x, aValidDelivery, "without an answer the sender tries again, and in the end gives up",
			"see that the handler runs and listens at this address, and answers before it does anything slow")
	case x.status() == http.StatusUnauthorized || x.status() == http.StatusForbidden:
		return broken(x, aValidDelivery, "it is signed as the provider does it, and was refused",
			"check that the handler has the same secret, reads the header of this scheme and hashes the bytes of the body as they came")
	case x.refused():
		return broken(x, aValidDelivery, "the sender takes anything but a 2xx as a failure",
			"check the address and what the handler wants of a payload; if it needs one of its own kind, give a sample")
	default:
		return broken(x, aValidDelivery, "a 5xx makes the sender try again", "look at the handler's log: the delivery itself is in order")
	}
}

func redirects(_ context.Context, e *exam) outcome {
	if e.redirected.response == nil {
		return held(e.base, aValidDelivery, "the handler answers at this very address")
	}
	return broken(e.redirected, aValidDelivery,
		"senders do not follow redirects, and those that do drop the body: the delivery is lost. It points to "+e.redirected.response.Header.Get("Location"),
		"register the final address at the provider (scheme, host and trailing slash included), or serve this one without a redirect")
}

// headerCase looks whether names of headers are compared without regard to case, as RFC 9110 5.1 has it.
func headerCase(ctx context.Context, e *exam) outcome {
	const why = "the names of headers have no case (RFC 9110, 5.1); HTTP/2 and many proxies send them in lower case"
	const fix = "look headers up without regard to case: req.headers['x-name'] in Node, r.Header.Get in Go, request.headers.get in Python"
	if e.style.spell != nil {
		return broken(e.base, "header names as the provider documents them", "only another spelling was accepted: "+why, fix)
	}
	var x exchange
	for _, s := range []struct {
		name  string
		spell func(string) string
	}{{"lower", strings.ToLower}, {"upper", strings.ToUpper}} {
		r := e.valid(e.newEvent())
		r.Header = respell(r.Header, s.spell)
		if x = e.send(ctx, r); !x.accepted() {
			return broken(x, "a valid delivery with all header names in "+s.name+" case", why, fix)
		}
	}
	return held(x, "valid deliveries with all header names in lower, then in upper case", why)
}

func getMethod(ctx context.Context, e *exam) outcome {
	if challenges(e.cfg.Scheme.ID) {
		return skipped("the provider sends GET requests of its own, to verify the address")
	}
	const why = "a delivery is a POST: a GET comes from a browser, a crawler or a link preview, and must set nothing in motion"
	const fix = "handle POST only and answer 405 with Allow: POST to all else"
	plain := e.request(e.newEvent(), nil)
	plain.Method = http.MethodGet
	plain.Header = plain.Header.Without("Content-Type")
	if x := e.send(ctx, plain); x.accepted() || x.broke() {
		return broken(x, "a GET without a body", why, fix)
	}
	ev := e.newEvent()
	r := e.request(ev, e.payload(ev))
	r.Method = http.MethodGet
	x := e.send(ctx, e.sealed(r, ev))
	if x.accepted() || x.broke() {
		return broken(x, "a GET with the body and signature of a valid delivery", why, fix)
	}
	return held(x, "a GET without a body, and one with the body and signature of a valid delivery", why)
}

func headMethod(ctx context.Context, e *exam) outcome {
	if e.cfg.Scheme.ID == "trello" || challenges(e.cfg.Scheme.ID) {
		return skipped("the provider probes the address with HEAD or GET")
	}
	const why = "a HEAD asks about a page; a handler has none, and a 2xx would claim that an event arrived"
	r := e.request(e.newEvent(), nil)
	r.Method = http.MethodHead
	r.Header = r.Header.Without("Content-Type")
	x := e.send(ctx, r)
	if x.accepted() || x.broke() {
		return broken(x, "a HEAD", why, "handle POST only and answer 405 with Allow: POST to all else")
	}
	return held(x, "a HEAD", why)
}

// challenges reports whether a provider verifies an address with a GET.
func challenges(scheme string) bool {
	switch scheme {
	case "meta", "dropbox", "x-twitter", "okta":
		return true
	}
	return false
}

func answerTime(_ context.Context, e *exam) outcome {
	x, allowed := e.slowest, e.cfg.AnswerLimit
	_, source := AnswerLimit(e.cfg.Scheme.ID)
	sent := "all plain valid deliveries; the slowest answer counts"
	why := fmt.Sprintf("the sender waits %s (%s)", core.Span(allowed), source)
	if x.response == nil && !e.base.accepted() && x.took < e.cfg.Patience {
		return skipped("there was no answer to time")
	}
	if x.took <= allowed {
		return held(x, sent, why)
	}
	return broken(x, sent, why+"; a later answer counts as none, so the event is sent again although it was processed",
		"store the event, answer 2xx at once, and do the work afterwards, in a queue or a background job")
}

// withBodyHash puts the hash of the body into the query, for the scheme that signs the address only.
func withBodyHash(query string, body []byte) string {
	hash := fmt.Sprintf("bodySHA256=%x", sha256.Sum256(body))
	if query == "" {
		return hash
	}
	return query + "&" + hash
}

// otherSecret is a secret of the same form as s that is not s, another one for each k: prefix, length and encoding stay,
// so that it can be used wherever s can.
func otherSecret(s core.Secret, k int) core.Secret {
	const digits = "0123456789abcdef" // that hexadecimal and base64 both know
	b := append([]byte(nil), s.Reveal()...)
	for i := len(b) / 2; i < len(b); i++ {
		if at := strings.IndexByte(digits, b[i]); at >= 0 {
			b[i] = digits[(at+1+k)%len(digits)]
			return core.NewSecret(b)
		}
	}
	return core.NewSecret(append(b, digits[k%len(digits)]))
}

// late is a moment that no tolerance of the scheme reaches.
func (e *exam) late() time.Duration {
	return time.Duration(e.cfg.Scheme.TS.Tolerance)*time.Second + time.Hour
}
