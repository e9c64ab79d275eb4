package compose

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/assets"
	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/ui/picture"
)

// composition is a request in the making: what Compose edits, sends and keeps as a draft. It is a value: who has one
// can use it on any goroutine. It names secrets and never holds one.
type composition struct {
	Provider string         `json:"provider,omitempty"`
	Event    string         `json:"event,omitempty"`
	Method   string         `json:"method"`
	URL      string         `json:"url"`
	Header   core.Header    `json:"header,omitempty"`
	Body     []byte         `json:"body,omitempty"`
	Scheme   string         `json:"scheme,omitempty"`
	Secret   core.SecretRef `json:"secret,omitempty"`
	Old      core.SecretRef `json:"old_secret,omitempty"`
	EventID  string         `json:"event_id,omitempty"`
	Wrong    string         `json:"wrong,omitempty"`
	At       string         `json:"at,omitempty"` // when it claims to be signed; empty: at each attempt
}

// delivery is what is sent. Secrets are not in it.
func (c *composition) delivery() core.Delivery {
	d := core.Delivery{
		Target:  core.Target{URL: c.URL, Method: c.Method, Scheme: c.Scheme, Secret: c.Secret, Wrong: c.Wrong},
		Event:   core.Event{Type: c.Event, ID: c.EventID},
		Request: core.Request{Method: c.Method, Header: c.Header, Body: c.Body, Size: int64(len(c.Body))},
	}
	if c.Wrong == picture.WrongOld {
		d.Target.Secret, d.Target.Wrong = c.Old, ""
	}
	return d
}

// at is the moment at which it claims to be signed, and whether that is fixed.
func (c *composition) at(now time.Time) (time.Time, bool, error) {
	if c.At == "" {
		return now, false, nil
	}
	if n, err := strconv.ParseInt(c.At, 10, 64); err == nil {
		return time.Unix(n, 0), true, nil
	}
	t, err := time.Parse(time.RFC3339, c.At)
	if err != nil {
		return now, false, &core.Invalid{Field: "time", Reason: "want Unix seconds, or a time like " + now.UTC().Format(time.RFC3339)}
	}
	return t, true, nil
}

// sampled puts a sample payload into a composition; where it goes stays.
func (c composition) sampled(s assets.Sample) composition {
	c.Provider, c.Event, c.Method, c.Scheme = s.Provider, s.Event, "POST", s.Scheme
	if s.Method != "" {
		c.Method = s.Method
	}
	c.Header = core.Header{{Name: "Content-Type", Value: s.ContentType}}
	for _, name := range sortedKeys(s.Headers) {
		c.Header = append(c.Header, core.Field{Name: name, Value: s.Headers[name]})
	}
	c.Body, c.EventID, c.Wrong, c.At = s.Body, "", "", ""
	return c
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// composedFrom is a capture's request to edit and send. A signature is left out where a scheme makes a new one.
func composedFrom(c *core.Capture, local string, scheme sign.Scheme, secret core.SecretRef) composition {
	out := composition{Event: c.Event.Type, EventID: c.Event.ID, Method: c.Request.Method, Body: c.Request.Body, Scheme: scheme.ID, Secret: secret}
	drop := []string{"Host", "Content-Length"}
	out.Header = c.Request.Header.EndToEnd().Without(append(drop, signatureHeaders(scheme)...)...)
	switch t := c.Request.Target; {
	case strings.Contains(t, "://"):
		out.URL = t
	default:
		out.URL = local + t
	}
	return out
}

// signatureHeaders are the fields that a scheme sets.
func signatureHeaders(s sign.Scheme) []string {
	var out []string
	for _, place := range append([]string{s.Sig.From, s.TS.From, s.MsgID}, s.Sig.Also...) {
		if name, ok := strings.CutPrefix(place, "header:"); ok && !strings.HasSuffix(name, "*") {
			out = append(out, name)
		}
	}
	for name := range s.Set {
		out = append(out, name)
	}
	return out
}
