package view

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"hookglass/core"
)

// Message is a request or a response in rows: its start line, its fields as they were sent, and its body below.
type Message struct {
	head, body *Text
	gap        int // rows between head and body
}

// Request makes the rows of a request. With pretty, a body that is JSON is indented; else every byte is as it was sent.
func Request(r *core.Request, pretty bool) *Message {
	if !pretty && r.Head != nil {
		return newMessage(string(bytes.TrimRight(r.Head, "\r\n")), r.Header, r.Body, false)
	}
	start := strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, r.Target, r.Proto))
	return newMessage(headText(start, r.Header), r.Header, r.Body, pretty)
}

// Response makes the rows of a response.
func Response(r *core.Response, pretty bool) *Message {
	proto := r.Proto
	if proto == "" {
		proto = "HTTP/1.1"
	}
	start := strings.TrimSpace(fmt.Sprintf("%s %d %s", proto, r.Status, http.StatusText(r.Status)))
	return newMessage(headText(start, r.Header), r.Header, r.Body, pretty)
}

func headText(start string, h core.Header) string {
	var b strings.Builder
	b.WriteString(start)
	for _, f := range h {
		b.WriteByte('\n')
		if f.Name != "" {
			b.WriteString(f.Name + ": ")
		}
		b.WriteString(f.Value)
	}
	return b.String()
}

func newMessage(head string, h core.Header, body []byte, pretty bool) *Message {
	m := &Message{head: headRows(head)}
	if len(body) == 0 {
		return m
	}
	m.gap = 1
	m.body = bodyRows(&Body{Type: h.Get("Content-Type"), Encoding: h.Get("Content-Encoding"), Bytes: body}, pretty)
	return m
}

// bodyRows shows a body as text: indented JSON where that is wanted and possible. What is no text is dumped.
func bodyRows(b *Body, pretty bool) *Text {
	if !pretty {
		if IsText(b.Bytes) {
			return NewText(b.Bytes, syntaxOf(b))
		}
		return dump(b.Bytes)
	}
	plain, _ := b.Decoded()
	if out, err := PrettyJSON(plain); err == nil && syntaxOf(b) == "json" {
		return NewText(out, "json")
	}
	if !IsText(plain) {
		return dump(plain)
	}
	return NewText(plain, "")
}

func syntaxOf(b *Body) string {
	if (jsonRenderer{}).Score(b) > 0 {
		return "json"
	}
	return ""
}

// mostDumped bounds what of a binary body stands in a message: it has a view of its own.
const mostDumped = 64 << 10

func dump(b []byte) *Text {
	hex := NewHex(b[:min(len(b), mostDumped)])
	var out strings.Builder
	for i := range hex.Len() {
		fmt.Fprintf(&out, "%s  %s\n", hex.Gutter(i), hex.Row(i))
	}
	if len(b) > mostDumped {
		fmt.Fprintf(&out, "… and %s more", Size(int64(len(b)-mostDumped)))
	}
	return NewText([]byte(out.String()), "")
}

// headRows colours the names of fields.
func headRows(head string) *Text {
	t := NewText([]byte(head), "")
	at := 0
	for i, line := range strings.SplitAfter(head, "\n") {
		if i == 0 {
			t.spans = append(t.spans, span{0, uint32(len(strings.TrimRight(line, "\r\n"))), "type"})
		} else if name := strings.IndexByte(line, ':'); name > 0 && line[0] != ' ' && line[0] != '\t' {
			t.spans = append(t.spans, span{uint32(at), uint32(at + name), "key"}, span{uint32(at + name), uint32(at + name + 1), "punct"})
		}
		at += len(line)
	}
	return t
}

// Wrapped returns the message in rows of at most cols columns.
func (m *Message) Wrapped(cols int, fit Fit) *Message {
	w := &Message{head: m.head.Wrapped(cols, fit), gap: m.gap}
	if m.body != nil {
		w.body = m.body.Wrapped(cols, fit)
	}
	return w
}

// at finds the part and the row in it that row i of the message is; nil for the gap.
func (m *Message) at(i int) (*Text, int) {
	n := m.head.Len()
	switch {
	case i < n:
		return m.head, i
	case i < n+m.gap:
		return nil, 0
	}
	return m.body, i - n - m.gap
}

// Len and the methods below are those of [Rows].
func (m *Message) Len() int {
	if m.body == nil {
		return m.head.Len()
	}
	return m.head.Len() + m.gap + m.body.Len()
}

func (m *Message) Row(i int) string {
	if t, k := m.at(i); t != nil {
		return t.Row(k)
	}
	return ""
}

func (m *Message) Spans(i int, emit func(start, end int, class string)) {
	if t, k := m.at(i); t != nil {
		t.Spans(k, emit)
	}
}

func (m *Message) Continues(i int) bool {
	t, k := m.at(i)
	return t != nil && t.Continues(k)
}

func (m *Message) Gutter(int) string   { return "" }
func (m *Message) GutterCols() int     { return 0 }
func (m *Message) RowClass(int) string { return "" }

func (m *Message) WidestCols() int {
	if m.body == nil {
		return m.head.WidestCols()
	}
	return max(m.head.WidestCols(), m.body.WidestCols())
}
