package view

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// PrettyXML indents XML. Text between elements that is more than white space stays on its line; nothing is
// resolved or fetched.
func PrettyXML(b []byte) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var out bytes.Buffer
	depth, elements, last := 0, 0, int64(0)
	inline := false // the element before holds text, so its end stays on the line
	for {
		tok, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read XML: %w", err)
		}
		raw := b[last:d.InputOffset()]
		last = d.InputOffset()
		switch tok.(type) {
		case xml.StartElement:
			line(&out, depth, raw)
			depth++
			elements++
			inline = false
			if bytes.HasSuffix(raw, []byte("/>")) {
				// The decoder answers with an end that has no bytes of its own.
				depth--
				if _, err := d.RawToken(); err != nil {
					return nil, fmt.Errorf("read XML: %w", err)
				}
			}
		case xml.EndElement:
			depth = max(depth-1, 0)
			if inline || bytes.HasSuffix(out.Bytes(), []byte(">")) && emptyElement(out.Bytes(), raw) {
				out.Write(raw)
			} else {
				line(&out, depth, raw)
			}
			inline = false
		case xml.CharData:
			if text := bytes.TrimSpace(raw); len(text) > 0 {
				out.Write(text)
				inline = true
			}
		default:
			line(&out, depth, bytes.TrimSpace(raw))
		}
	}
	if elements == 0 {
		return nil, fmt.Errorf("read XML: there is no element")
	}
	return out.Bytes(), nil
}

func line(out *bytes.Buffer, depth int, raw []byte) {
	if out.Len() > 0 {
		out.WriteByte('\n')
	}
	out.WriteString(strings.Repeat("  ", min(depth, 100)))
	out.Write(raw)
}

// emptyElement reports whether what was just written is the start of the element that end closes.
func emptyElement(written, end []byte) bool {
	open := written[bytes.LastIndexByte(written, '<'):]
	name := bytes.TrimSuffix(bytes.TrimPrefix(end, []byte("</")), []byte(">"))
	return bytes.HasPrefix(open, append([]byte("<"), bytes.TrimSpace(name)...)) && !bytes.HasPrefix(open, []byte("</"))
}
