package store

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"hookglass/core"
)

// The documents of a capture are written by hand, to the byte as encoding/json would: it finds out by reflection, for each
// capture anew, what stands here. They are read by encoding/json. TestDocumentsAreThoseOfJSON holds both together.

// object appends the members of a JSON object that are not empty.
type object struct{ b []byte }

func begin(b []byte) object { return object{append(b, '{')} }

func (o *object) key(name string) {
	if o.b[len(o.b)-1] != '{' {
		o.b = append(o.b, ',')
	}
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

func (o *object) text(name, s string) {
	if s != "" {
		o.key(name)
		o.b = appendText(o.b, s)
	}
}

func (o *object) number(name string, n int64) {
	if n != 0 {
		o.key(name)
		o.b = strconv.AppendInt(o.b, n, 10)
	}
}

func (o *object) yes(name string, is bool) {
	if is {
		o.key(name)
		o.b = append(o.b, "true"...)
	}
}

func (o *object) end() []byte { return append(o.b, '}') }

// appendList appends a JSON array of n elements.
func appendList(b []byte, n int, one func(b []byte, i int) []byte) []byte {
	b = append(b, '[')
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, i)
	}
	return append(b, ']')
}

// appendAnswer appends an answerDoc.
func appendAnswer(b []byte, r *core.Response) []byte {
	o := begin(b)
	o.key("s")
	o.b = strconv.AppendInt(o.b, int64(r.Status), 10)
	o.text("p", r.Proto)
	if len(r.Header) > 0 {
		o.key("h")
		o.b = appendHeader(o.b, r.Header)
	}
	o.number("n", r.Size)
	o.yes("t", r.Truncated)
	return o.end()
}

// appendHeader appends a header, as its fields' MarshalJSON has it.
func appendHeader(b []byte, h core.Header) []byte {
	return appendList(b, len(h), func(b []byte, i int) []byte {
		f := &h[i]
		if !utf8.ValidString(f.Name) || !utf8.ValidString(f.Value) {
			exact, _ := f.MarshalJSON() // of strings, which it always can
			return append(b, exact...)
		}
		b = appendText(append(b, `{"Name":`...), f.Name)
		b = appendText(append(b, `,"Value":`...), f.Value)
		return append(b, '}')
	})
}

// appendReceipt appends a receiptDoc. Its verdict is left to encoding/json.
func appendReceipt(b []byte, r *core.Receipt, body []byte) ([]byte, error) {
	o := begin(b)
	o.text("reason", r.Reason)
	if len(r.Checks) > 0 {
		o.key("checks")
		o.b = appendList(o.b, len(r.Checks), func(b []byte, i int) []byte { return appendCheck(b, &r.Checks[i]) })
	}
	if r.Verdict != nil {
		v, err := json.Marshal(docOf(r.Verdict, body))
		if err != nil {
			return nil, err
		}
		o.key("verdict")
		o.b = append(o.b, v...)
	}
	if len(r.Faults) > 0 {
		o.key("faults")
		o.b = appendList(o.b, len(r.Faults), func(b []byte, i int) []byte { return appendText(b, r.Faults[i]) })
	}
	o.number("read", int64(r.Read))
	o.number("delayed", int64(r.Delayed))
	return o.end(), nil
}

func appendCheck(b []byte, c *core.Check) []byte {
	b = appendText(append(b, `{"name":`...), c.Name)
	b = appendText(append(b, `,"want":`...), c.Want)
	b = appendText(append(b, `,"got":`...), c.Got)
	b = strconv.AppendBool(append(b, `,"ok":`...), c.OK)
	return append(b, '}')
}

// appendText appends a JSON string. Most have nothing in them that JSON, or a page of HTML, would take amiss.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			exact, _ := json.Marshal(s) // of a string, which it always can
			return append(b, exact...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
