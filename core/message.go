package core

import (
	"strings"
	"time"
)

// Request is an HTTP request as it was, or is to be, on the wire.
type Request struct {
	Method string
	Target string // the request target as sent: path and query with every percent-escape untouched
	Proto  string // "HTTP/1.1"
	Host   string // the Host header or :authority
	Base   string // scheme and host under which the sender addressed us, "https://x.ngrok.app"; empty: "http://" + Host
	Header Header // as sent; Host is among them for HTTP/1
	Head   []byte // HTTP/1: every byte of the request line and the fields, as recorded; nil when not known
	Body   []byte

	Size      int64 // bytes of body the sender sent, as far as we read; len(Body) unless Truncated
	Truncated bool  // Body was cut at the limit, or the sender stopped early
	Remote    string
}

// URL is the address the sender called, target untouched. Schemes that sign the URL sign this text.
func (r *Request) URL() string {
	if strings.HasPrefix(r.Target, "http://") || strings.HasPrefix(r.Target, "https://") {
		return r.Target
	}
	base := r.Base
	if base == "" {
		base = "http://" + r.Host
	}
	return base + r.Target
}

// Path is the target up to the query, undecoded.
func (r *Request) Path() string {
	t := r.Target
	if i := strings.Index(t, "://"); i > 0 && !strings.HasPrefix(t, "/") {
		if j := strings.IndexByte(t[i+3:], '/'); j >= 0 {
			t = t[i+3+j:]
		} else {
			t = "/"
		}
	}
	p, _, _ := strings.Cut(t, "?")
	return p
}

// Query is the raw text behind the first "?", or "".
func (r *Request) Query() string {
	_, q, _ := strings.Cut(r.Target, "?")
	return q
}

// Response is an HTTP response as it was, or is to be, on the wire. Status 0 means that none was sent.
type Response struct {
	Status    int
	Proto     string
	Header    Header
	Body      []byte
	Size      int64
	Truncated bool
}

// Timings are the phases of one exchange; a zero phase did not happen (a reused connection has no dial).
type Timings struct {
	DNS       time.Duration `json:"dns,omitempty"`
	Connect   time.Duration `json:"connect,omitempty"`
	TLS       time.Duration `json:"tls,omitempty"`
	FirstByte time.Duration `json:"first_byte,omitempty"` // from the request written to the first byte of the answer
	Body      time.Duration `json:"body,omitempty"`
	Total     time.Duration `json:"total"`
}
