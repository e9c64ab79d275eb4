package deliver

import (
	"bytes"
	"strings"
	"time"

	"hookglass/core"
)

// The ways to be wrong on purpose, which a receiver that checks signatures must reject.
const (
	WrongStale     = "stale"      // signed an hour ago
	WrongFuture    = "future"     // signed an hour from now
	WrongTampered  = "tampered"   // the body changed after signing
	WrongSecret    = "secret"     // signed with another secret
	WrongMissing   = "missing"    // not signed
	WrongOtherBody = "other_body" // the signature of another body
)

// Believed says what it means that a receiver answered a delivery that is wrong in a way with a 2xx.
func Believed(way string) string {
	what := map[string]string{
		WrongTampered: "a request of which one byte was changed after it was signed", WrongSecret: "a request signed with another secret",
		WrongMissing: "a request without a signature", WrongOtherBody: "a request with the signature of another body",
	}[way]
	switch {
	case what != "":
		return "The receiver accepted a forgery: " + what + "."
	case way == WrongStale:
		return "The receiver accepted a request signed an hour ago: whoever records one can send it again."
	case way == WrongFuture:
		return "The receiver accepted a request signed an hour from now: whoever records one can send it again until then."
	}
	return ""
}

// wrongBy is far outside every tolerance in use.
const wrongBy = time.Hour

// Misbehave wraps sign so that it does what the delivery's Target.Wrong says, and nothing else.
func Misbehave(sign SignFunc) SignFunc {
	return func(d core.Delivery, r core.Request, now time.Time) (core.Request, error) {
		switch d.Target.Wrong {
		case WrongStale:
			return sign(d, r, now.Add(-wrongBy))
		case WrongFuture:
			return sign(d, r, now.Add(wrongBy))
		case WrongTampered:
			out, err := sign(d, r, now)
			out.Body = tampered(out.Body)
			return out, err
		case WrongOtherBody:
			other := r
			other.Body = tampered(r.Body)
			out, err := sign(d, other, now)
			out.Body = r.Body
			return out, err
		case WrongMissing:
			return unsigned(sign, d, r, now)
		}
		return sign(d, r, now) // also WrongSecret, which only the signer can do
	}
}

// unsigned finds out which fields a signature sets and leaves them out, also those that a replayed request brings: they
// are what is new once it is signed, or different once another body is.
func unsigned(sign SignFunc, d core.Delivery, r core.Request, now time.Time) (core.Request, error) {
	signed, err := sign(d, r, now)
	if err != nil {
		return r, err
	}
	other := r
	other.Body = tampered(r.Body)
	otherwise, err := sign(d, other, now.Add(-wrongBy))
	if err != nil {
		return r, err
	}
	var names []string
	for _, f := range signed.Header {
		if f.Value != r.Header.Get(f.Name) || f.Value != otherwise.Header.Get(f.Name) {
			names = append(names, f.Name)
		}
	}
	r.Header = r.Header.Without(names...)
	return r, nil
}

// tampered changes one byte of a body, so that what was JSON still is: a receiver must reject it for its signature and
// not for its syntax.
func tampered(body []byte) []byte {
	out := bytes.Clone(body)
	if i := bytes.IndexAny(out, "0123456789"); i >= 0 {
		out[i] = '1' + (out[i]-'0')%9 // any digit but the same, and none that makes a leading zero
		return out
	}
	return append(out, ' ')
}

// OtherSecret is a secret of the same form as s that is not s, for signing wrongly on purpose: prefix, length and
// encoding stay, so that it can be used wherever s can.
func OtherSecret(s core.Secret) core.Secret {
	b := bytes.Clone(s.Reveal())
	for i := len(b) / 2; i < len(b); i++ {
		if at := strings.IndexByte(digits, b[i]); at >= 0 {
			b[i] = digits[(at+1)%len(digits)]
			return core.NewSecret(b)
		}
	}
	return core.NewSecret(append(b, '0'))
}

// digits are characters that hexadecimal and base64 both know.
const digits = "0123456789abcdef"
