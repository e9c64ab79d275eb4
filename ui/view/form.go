package view

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
)

// Pair is one field of a form or query, in order and as often as it came.
type Pair struct {
	Name, Value string
	Raw         string // as it stood on the wire
	Bad         bool   // its percent escapes cannot be read; Name and Value are raw
}

// Pairs reads a query or an urlencoded form. Nothing is merged or dropped.
func Pairs(s string) []Pair {
	if s == "" {
		return nil
	}
	var ps []Pair
	for raw := range strings.SplitSeq(s, "&") {
		name, value, _ := strings.Cut(raw, "=")
		n, err1 := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(value)
		p := Pair{Name: n, Value: v, Raw: raw}
		if err1 != nil || err2 != nil {
			p = Pair{Name: name, Value: value, Raw: raw, Bad: true}
		}
		ps = append(ps, p)
	}
	return ps
}

// Part is one part of a multipart body.
type Part struct {
	Name, File string
	Type       string // its Content-Type
	Header     []Pair
	Body       []byte
}

// mostParts bounds how many parts are shown.
const mostParts = 1000

// Parts reads a multipart body. What could be read before an error is returned with it.
func Parts(contentType string, body []byte) ([]Part, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(media, "multipart/") {
		return nil, fmt.Errorf("content type %q is not multipart", contentType)
	}
	if params["boundary"] == "" {
		return nil, fmt.Errorf("content type %q names no boundary", contentType)
	}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	var parts []Part
	for len(parts) < mostParts {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return parts, nil
		}
		if err != nil {
			return parts, fmt.Errorf("read part %d: %w", len(parts)+1, err)
		}
		part := Part{Name: p.FormName(), File: p.FileName(), Type: p.Header.Get("Content-Type")}
		for name, values := range p.Header {
			for _, v := range values {
				part.Header = append(part.Header, Pair{Name: name, Value: v, Raw: name + ": " + v})
			}
		}
		part.Body, err = io.ReadAll(p)
		parts = append(parts, part)
		if err != nil {
			return parts, fmt.Errorf("read part %d: %w", len(parts), err)
		}
	}
	return parts, fmt.Errorf("only the first %d parts are shown", mostParts)
}

// formText writes pairs one below the other, with the names in a column.
func formText(ps []Pair) *Text {
	width := 0
	for _, p := range ps {
		width = max(width, min(len(p.Name), 32))
	}
	var b bytes.Buffer
	var spans []span
	mark := func(start int, class string) {
		spans = append(spans, span{uint32(start), uint32(b.Len()), class})
	}
	for i, p := range ps {
		if i > 0 {
			b.WriteByte('\n')
		}
		start := b.Len()
		b.WriteString(p.Name)
		mark(start, "key")
		b.WriteString(strings.Repeat(" ", max(width-len(p.Name), 0)+2))
		start = b.Len()
		b.WriteString(p.Value)
		class := "string"
		if p.Bad {
			class = "error"
		}
		mark(start, class)
	}
	t := NewText(b.Bytes(), "")
	t.spans = spans
	return t
}

// partsText writes the parts of a multipart body with their headers.
func partsText(parts []Part) *Text {
	var b bytes.Buffer
	var spans []span
	put := func(s, class string) {
		start := b.Len()
		b.WriteString(s)
		if class != "" {
			spans = append(spans, span{uint32(start), uint32(b.Len()), class})
		}
	}
	for i, p := range parts {
		if i > 0 {
			put("\n\n", "")
		}
		title := p.Name
		if title == "" {
			title = "part " + Count(int64(i+1))
		}
		put(title, "key")
		if p.File != "" {
			put("  "+p.File, "name")
		}
		if p.Type != "" {
			put("  "+p.Type, "muted")
		}
		put("  "+Size(int64(len(p.Body)))+"\n", "faint")
		if IsText(p.Body) {
			put(string(p.Body), "string")
		} else {
			put("not text; see it alone in hex", "faint")
		}
	}
	t := NewText(b.Bytes(), "")
	t.spans = spans
	return t
}
