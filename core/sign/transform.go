package sign

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"sync"
	"unicode/utf8"

	"hookglass/core/jsontext"
)

const byteOrderMark = "\xEF\xBB\xBF"

// A form is one way in which a program could have changed a body before it was signed, or after. Its bytes are made
// only when asked for: a body may be large, and there are a hundred forms.
type form struct {
	cause string
	how   string                  // what the program did, as its author would write it: "JSON.stringify(JSON.parse(body))"
	make  func(dst []byte) []byte // appends the bytes; nil when the form does not apply
}

// material is a body and what was read from it, each once.
type material struct {
	raw      []byte
	json     func() (jsontext.Value, bool) // false: not JSON
	replaced func() (jsontext.Value, bool) // the same with U+FFFD for what is no UTF-8
	form     func() []formField            // nil: not a form
	utf8     func() bool                   // raw is valid UTF-8
}

func newMaterial(raw []byte) *material {
	m := &material{raw: raw}
	m.json = sync.OnceValues(func() (jsontext.Value, bool) { return readJSON(raw) })
	m.replaced = sync.OnceValues(func() (jsontext.Value, bool) { return readJSON([]byte(jsontext.DecodeWeb(raw))) })
	m.form = sync.OnceValue(func() []formField { return readForm(raw) })
	m.utf8 = sync.OnceValue(func() bool { return utf8.Valid(raw) })
	return m
}

// readJSON reads raw, which may begin with a byte order mark.
func readJSON(raw []byte) (jsontext.Value, bool) {
	v, err := jsontext.Reader{Depth: 512}.Read(string(bytes.TrimPrefix(raw, []byte(byteOrderMark))))
	return v, err == nil
}

// forms lists every form that a body may have had, cheapest first. Forms that do not apply to this body make nil.
func (m *material) forms() []form {
	fs := m.edges()
	fs = append(fs, m.constants()...)
	fs = append(fs, m.serialised()...)
	fs = append(fs, m.wrapped()...)
	fs = append(fs, m.characters()...)
	fs = append(fs, m.recoded()...)
	fs = append(fs, m.split()...)
	fs = append(fs, m.formForms()...)
	fs = append(fs, m.indented()...)
	fs = append(fs, m.cut()...)
	return append(fs, m.members()...)
}

// edges are what readers, editors and proxies do to the ends of a text and to its lines.
func (m *material) edges() []form {
	b := m.raw
	return []form{
		{"signed_bytes_lack_trailing_crlf", "the body without its last CRLF", without(b, "\r\n")},
		{"signed_bytes_lack_trailing_lf", "the body without its last LF", without(b, "\n")},
		{"signed_bytes_have_extra_lf", "the body and LF", with(b, "\n")},
		{"signed_bytes_have_extra_crlf", "the body and CRLF", with(b, "\r\n")},
		{"signed_bytes_lack_bom", "the body without its byte order mark", func(dst []byte) []byte {
			if rest, ok := bytes.CutPrefix(b, []byte(byteOrderMark)); ok {
				return append(dst, rest...)
			}
			return nil
		}},
		{"signed_bytes_have_bom", "a byte order mark and the body", func(dst []byte) []byte {
			return append(append(dst, byteOrderMark...), b...)
		}},
		{"signed_bytes_use_lf", "the body with LF line ends", func(dst []byte) []byte {
			if bytes.IndexByte(b, '\r') < 0 {
				return nil
			}
			return append(dst, bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))...)
		}},
		{"signed_bytes_use_crlf", "the body with CRLF line ends", func(dst []byte) []byte {
			if bytes.IndexByte(b, '\n') < 0 {
				return nil
			}
			lf := bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
			return append(dst, bytes.ReplaceAll(lf, []byte("\n"), []byte("\r\n"))...)
		}},
		{"body_newlines_stripped", "the body without its line breaks", func(dst []byte) []byte {
			if !bytes.ContainsAny(b, "\r\n") {
				return nil
			}
			for _, c := range b {
				if c != '\r' && c != '\n' {
					dst = append(dst, c)
				}
			}
			return nonNil(dst)
		}},
		{"body_newlines_stripped", "the lines of the body, trimmed and joined", func(dst []byte) []byte {
			if !bytes.ContainsAny(b, "\r\n") {
				return nil
			}
			for line := range bytes.Lines(b) {
				dst = append(dst, bytes.TrimSpace(line)...)
			}
			return nonNil(dst)
		}},
		{"signed_bytes_trimmed", "the body trimmed", func(dst []byte) []byte {
			return nonNil(append(dst, bytes.TrimSpace(b)...))
		}},
		{"signed_bytes_trimmed", "the body without the space in front", func(dst []byte) []byte {
			return nonNil(append(dst, bytes.TrimLeft(b, " \t\r\n")...))
		}},
		{"signed_bytes_trimmed", "the body without the space behind", func(dst []byte) []byte {
			return nonNil(append(dst, bytes.TrimRight(b, " \t\r\n")...))
		}},
	}
}

// constants are the texts that stand where a body should: a stream read twice, an object in a string, a variable never set.
func (m *material) constants() []form {
	fs := []form{
		{"signed_empty_body", "no body at all", text("")},
		{"signed_empty_json_object", `"{}"`, text("{}")},
		{"signed_empty_json_object", `"[]"`, text("[]")},
		{"signed_empty_json_object", `the JSON string ""`, text(`""`)},
	}
	for _, t := range []string{"undefined", "null", "None", "nil", "<nil>", "NULL", "NaN", "false", "true", "0", `"undefined"`, `"null"`, "b''", "map[]", "Array"} {
		fs = append(fs, form{"signed_missing_body_literal", "the text " + t, text(t)})
	}
	for _, class := range []string{"Object", "Promise", "ReadableStream", "IncomingMessage", "FormData", "Blob", "ArrayBuffer", "Uint8Array", "Request", "Array", "Undefined", "Null"} {
		fs = append(fs, form{"signed_literal_object_object", `String(x): "[object ` + class + `]"`, text("[object " + class + "]")})
	}
	fs = append(fs, form{"signed_literal_object_object", `JSON.stringify of "[object Object]"`, text(`"[object Object]"`)})
	for _, name := range []string{"System.Byte[]", "System.IO.MemoryStream", "System.Object", "System.Text.Json.JsonElement", "System.Collections.Generic.Dictionary`2[System.String,System.Object]"} {
		fs = append(fs, form{"signed_literal_object_object", "ToString(): " + name, text(name)})
	}
	return append(fs, m.buffers()...)
}

// buffers are the bytes of the body printed for a person or as JSON. Over a large body they would be many times as long.
func (m *material) buffers() []form {
	if len(m.raw) > largeBody {
		return nil
	}
	list := func(before, between, after string) func([]byte) []byte {
		return func(dst []byte) []byte {
			dst = append(dst, before...)
			for i, c := range m.raw {
				if i > 0 {
					dst = append(dst, between...)
				}
				dst = strconv.AppendUint(dst, uint64(c), 10)
			}
			return nonNil(append(dst, after...))
		}
	}
	return []form{
		{"signed_buffer_printed", `JSON.stringify(buffer): {"type":"Buffer","data":[…]}`, list(`{"type":"Buffer","data":[`, ",", "]}")},
		{"signed_buffer_printed", "json.dumps of the same", list(`{"type": "Buffer", "data": [`, ", ", "]}")},
		{"signed_buffer_printed", "JSON.stringify(uint8Array): an object of numbers", func(dst []byte) []byte {
			dst = append(dst, '{')
			for i, c := range m.raw {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = fmt.Appendf(dst, `"%d":%d`, i, c)
			}
			return append(dst, '}')
		}},
		{"signed_buffer_printed", "String(uint8Array): numbers with commas", list("", ",", "")},
		{"signed_buffer_printed", "JSON of an array of bytes", list("[", ",", "]")},
		{"signed_buffer_printed", "Arrays.toString(bytes) of unsigned bytes, or str(list(body))", list("[", ", ", "]")},
		{"signed_buffer_printed", "fmt.Sprint(body): numbers with spaces", list("[", " ", "]")},
		{"signed_buffer_printed", "util.inspect(buffer): <Buffer 7b …>", func(dst []byte) []byte {
			dst = append(dst, "<Buffer"...)
			for _, c := range m.raw[:min(len(m.raw), 50)] {
				dst = fmt.Appendf(dst, " %02x", c)
			}
			if more := len(m.raw) - 50; more > 0 {
				dst = fmt.Appendf(dst, " ... %d more byte", more)
				if more > 1 {
					dst = append(dst, 's')
				}
			}
			return append(dst, '>')
		}},
		{"signed_buffer_printed", "the hex text of the body", func(dst []byte) []byte { return nonNil(hex.AppendEncode(dst, m.raw)) }},
		{"signed_buffer_printed", "BitConverter.ToString(body): hex with dashes", func(dst []byte) []byte {
			for i, c := range m.raw {
				if i > 0 {
					dst = append(dst, '-')
				}
				dst = append(dst, upperHex[c>>4], upperHex[c&15])
			}
			return nonNil(dst)
		}},
	}
}

func text(s string) func([]byte) []byte {
	return func(dst []byte) []byte { return nonNil(append(dst, s...)) }
}

func with(b []byte, end string) func([]byte) []byte {
	return func(dst []byte) []byte { return append(append(dst, b...), end...) }
}

func without(b []byte, end string) func([]byte) []byte {
	return func(dst []byte) []byte {
		if rest, ok := bytes.CutSuffix(b, []byte(end)); ok {
			return nonNil(append(dst, rest...))
		}
		return nil
	}
}

// nonNil keeps "no bytes" apart from "does not apply".
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
