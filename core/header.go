package core

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Field is one header line, name and value spelled as sent.
type Field struct{ Name, Value string }

// fieldJSON is a field in JSON, which holds text alone: where a field is no UTF-8, its bytes stand beside the text.
type fieldJSON struct {
	Name, Value string
	Bytes       *[2][]byte `json:",omitempty"`
}

// MarshalJSON keeps every byte: what arrived as café in Latin-1 is kept, and replayed, so.
func (f Field) MarshalJSON() ([]byte, error) {
	out := fieldJSON{Name: f.Name, Value: f.Value}
	if !utf8.ValidString(f.Name) || !utf8.ValidString(f.Value) {
		out.Bytes = &[2][]byte{[]byte(f.Name), []byte(f.Value)}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Field) UnmarshalJSON(data []byte) error {
	var in fieldJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	if *f = (Field{in.Name, in.Value}); in.Bytes != nil {
		*f = Field{string(in.Bytes[0]), string(in.Bytes[1])}
	}
	return nil
}

// Header is the fields of a message in the order of the wire. Names repeat; look-ups ignore case.
// The zero value is empty and ready to use.
type Header []Field

// Get returns the first value under name, or "".
func (h Header) Get(name string) string {
	v, _ := h.Lookup(name)
	return v
}

// Lookup returns the first value under name and whether there is one.
func (h Header) Lookup(name string) (string, bool) {
	for i := range h {
		if h[i].Is(name) {
			return h[i].Value, true
		}
	}
	return "", false
}

// Is reports whether a field has that name. Most differ in length already.
func (f Field) Is(name string) bool {
	return len(f.Name) == len(name) && strings.EqualFold(f.Name, name)
}

// Has reports whether a field of that name is present, even with an empty value.
func (h Header) Has(name string) bool {
	_, ok := h.Lookup(name)
	return ok
}

// Values returns all values under name, in order.
func (h Header) Values(name string) []string {
	var vs []string
	for i := range h {
		if h[i].Is(name) {
			vs = append(vs, h[i].Value)
		}
	}
	return vs
}

// Joined returns all values under name joined with ", ", which is what Node's http module shows a handler.
func (h Header) Joined(name string) string { return strings.Join(h.Values(name), ", ") }

// Without returns a copy that lacks every field of those names.
func (h Header) Without(names ...string) Header {
	out := make(Header, 0, len(h))
next:
	for _, f := range h {
		for _, n := range names {
			if f.Is(n) {
				continue next
			}
		}
		out = append(out, f)
	}
	return out
}

// With returns a copy in which name has this one value: in the place of the first field of that name, spelled
// as given, or at the end.
func (h Header) With(name, value string) Header {
	out := make(Header, 0, len(h)+1)
	set := false
	for _, f := range h {
		if !f.Is(name) {
			out = append(out, f)
			continue
		}
		if !set {
			out = append(out, Field{name, value})
			set = true
		}
	}
	if !set {
		out = append(out, Field{name, value})
	}
	return out
}

// hopByHop are the fields that belong to one connection and not to the message: RFC 9110, 7.6.1, those of a proxy, and
// Expect, which the next server alone is asked.
var hopByHop = []string{"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Upgrade",
	"Transfer-Encoding", "Expect"}

// EndToEnd returns a copy with the fields of the message alone, without those of the connection that it came on.
func (h Header) EndToEnd() Header { return h.Without(hopByHop...) }

// Clone returns a copy that shares nothing with h.
func (h Header) Clone() Header { return append(Header(nil), h...) }

// IsToken reports whether s can be the name of a field, or a method: RFC 9110, 5.6.2.
func IsToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"(),/:;<=>?@[\\]{}", c) >= 0 {
			return false
		}
	}
	return s != ""
}
