package sign

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"hookglass/core/jsontext"
)

// most is how large a form may become: a compressed body may hold any number of bytes.
const most = 64 << 20

// wrapped are the body put into another text: quoted, encoded, printed for a person.
func (m *material) wrapped() []form {
	b := m.raw
	quoted := func(d jsontext.Dialect) func([]byte) []byte {
		return func(dst []byte) []byte {
			if made := d.QuoteBytes(dst, b); made != nil {
				return made
			}
			return d.Quote(dst, jsontext.DecodeWeb(b))
		}
	}
	loaded := "signed_python_dict_repr"
	if v, ok := m.json(); ok && v.Kind() == jsontext.String {
		loaded = "signed_bytes_json_string_decoded" // of a string str() is its text, and no Python is needed for that
	}
	return []form{
		{"signed_json_string_of_body", "JSON.stringify(bodyString)", quoted(jsontext.JavaScript)},
		{"signed_json_string_of_body", "json.dumps(body_string)", quoted(jsontext.Python)},
		{"signed_json_string_of_body", "json.Marshal(string(body))", quoted(jsontext.Go)},
		{"signed_json_string_of_body", "json_encode($body)", quoted(jsontext.PHP(0))},
		{"signed_base64_of_body", "the base64 text of the body", func(dst []byte) []byte {
			return nonNil(base64.StdEncoding.AppendEncode(dst, b))
		}},
		{"signed_base64_of_body", "base64.encodebytes(body)", func(dst []byte) []byte { return mimeBase64(dst, b) }},
		{"signed_base64_of_body", "the base64url text of the body", func(dst []byte) []byte {
			return nonNil(base64.URLEncoding.AppendEncode(dst, b))
		}},
		{"signed_bytes_base64_decoded", "the body decoded from base64", func(dst []byte) []byte {
			if out, err := base64.StdEncoding.AppendDecode(dst, bytes.TrimSpace(b)); err == nil && len(b) > 0 {
				return out
			}
			return nil
		}},
		{"signed_bytes_gunzipped", "the body decompressed", func(dst []byte) []byte { return decompressed(dst, b) }},
		{"signed_python_bytes_repr", "str(body): b'…'", func(dst []byte) []byte { return jsontext.PythonBytes(dst, b) }},
		{"signed_python_bytes_repr", "repr(body.decode())", func(dst []byte) []byte {
			if !m.utf8() {
				return nil
			}
			return jsontext.PythonRepr(dst, string(b))
		}},
		{loaded, "str(json.loads(body))", func(dst []byte) []byte {
			if v, ok := m.json(); ok && utf8.ValidString(v.Text()) { // str.encode() refuses a lone surrogate
				return v.PythonString(dst)
			}
			return nil
		}},
		{"signed_bytes_json_string_decoded", "the text in the JSON string that came", func(dst []byte) []byte { return unwrapped(dst, b, 1) }},
		{"signed_bytes_json_string_decoded", "the text in the JSON string in the JSON string that came", func(dst []byte) []byte { return unwrapped(dst, b, 2) }},
	}
}

// unwrapped is the text of a JSON string, or of one in one.
func unwrapped(dst, b []byte, times int) []byte {
	for range times {
		v, ok := readJSON(b)
		if !ok || v.Kind() != jsontext.String || !utf8.ValidString(v.Text()) { // a lone surrogate is no text
			return nil
		}
		b = []byte(v.Text())
	}
	return nonNil(append(dst, b...))
}

func mimeBase64(dst, b []byte) []byte {
	for line := range slices.Chunk(b, 57) {
		dst = append(base64.StdEncoding.AppendEncode(dst, line), '\n')
	}
	return nonNil(dst)
}

// decompressed undoes a Content-Encoding, recognised by its first bytes.
func decompressed(dst, b []byte) []byte {
	in := bytes.NewReader(b)
	var r io.Reader
	switch {
	case bytes.HasPrefix(b, []byte("\x1f\x8b")):
		r, _ = gzip.NewReader(in)
	case bytes.HasPrefix(b, []byte("\x28\xb5\x2f\xfd")):
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(most))
		if err != nil {
			return nil
		}
		defer z.Close()
		r = z
	case len(b) > 2 && b[0]&0x0f == 8 && (int(b[0])<<8|int(b[1]))%31 == 0:
		r, _ = zlib.NewReader(in)
	case utf8.Valid(b):
		return nil
	default:
		if out := readAll(dst, brotli.NewReader(in)); out != nil {
			return out
		}
		r = flate.NewReader(bytes.NewReader(b))
	}
	return readAll(dst, r)
}

// readAll returns nil unless r ends well within [most].
func readAll(dst []byte, r io.Reader) []byte {
	if r == nil || r == (*gzip.Reader)(nil) {
		return nil
	}
	buf := bytes.NewBuffer(dst)
	n, err := io.Copy(buf, io.LimitReader(r, most+1))
	if err != nil || n > most {
		return nil
	}
	return nonNil(buf.Bytes())
}

// characters are the body with some characters written in another way, and everything else as it was.
func (m *material) characters() []form {
	b := m.raw
	text := func(cause, how string, make func(dst []byte) []byte) form {
		return form{cause, how, func(dst []byte) []byte {
			if !m.utf8() {
				return nil
			}
			return nonNil(make(dst))
		}}
	}
	return []form{
		{"signed_bytes_slash_escaped", `every "/" written "\/"`, func(dst []byte) []byte {
			plain := bytes.ReplaceAll(b, []byte(`\/`), []byte("/"))
			return nonNil(append(dst, bytes.ReplaceAll(plain, []byte("/"), []byte(`\/`))...))
		}},
		{"signed_bytes_slash_unescaped", `every "\/" written "/"`, func(dst []byte) []byte {
			return nonNil(append(dst, bytes.ReplaceAll(b, []byte(`\/`), []byte("/"))...))
		}},
		text("signed_bytes_unicode_escaped", `characters beyond ASCII written \uXXXX`, func(dst []byte) []byte {
			return escapeUnicode(dst, b, 0x80, false)
		}),
		text("signed_bytes_unicode_escaped", `characters beyond ASCII written \uXXXX in upper case`, func(dst []byte) []byte {
			return escapeUnicode(dst, b, 0x80, true)
		}),
		text("signed_bytes_unicode_escaped", `only characters beyond U+FFFF written as two \uXXXX in upper case, as LINE does`, func(dst []byte) []byte {
			return escapeUnicode(dst, b, 0x10000, true)
		}),
		text("signed_bytes_unicode_escaped", `only characters beyond U+FFFF written as two \uXXXX`, func(dst []byte) []byte {
			return escapeUnicode(dst, b, 0x10000, false)
		}),
		{"signed_bytes_unicode_unescaped", `every \uXXXX beyond ASCII written as the character`, func(dst []byte) []byte {
			return unescapeUnicode(dst, b, 0x80)
		}},
		{"signed_bytes_unicode_unescaped", `every \uXXXX written as the character`, func(dst []byte) []byte {
			return unescapeUnicode(dst, b, 0x20)
		}},
		text("signed_bytes_nfc", "the text in Unicode form NFC", func(dst []byte) []byte { return norm.NFC.Append(dst, b...) }),
		text("signed_bytes_nfd", "the text in Unicode form NFD", func(dst []byte) []byte { return norm.NFD.Append(dst, b...) }),
		{"signed_bytes_mojibake", "the bytes read as Latin-1, written as UTF-8", func(dst []byte) []byte {
			for _, c := range b {
				dst = utf8.AppendRune(dst, rune(c))
			}
			return nonNil(dst)
		}},
		{"signed_bytes_mojibake", "the bytes read as Windows-1252, written as UTF-8", func(dst []byte) []byte {
			for _, c := range b {
				dst = utf8.AppendRune(dst, charmap.Windows1252.DecodeByte(c))
			}
			return nonNil(dst)
		}},
		{"signed_bytes_mojibake", "the bytes read as ASCII: every other byte U+FFFD", func(dst []byte) []byte {
			for _, c := range b {
				if c >= 0x80 {
					dst = utf8.AppendRune(dst, utf8.RuneError)
				} else {
					dst = append(dst, c)
				}
			}
			return nonNil(dst)
		}},
	}
}

// escapeUnicode writes characters from least on as \uXXXX.
func escapeUnicode(dst, b []byte, least rune, upper bool) []byte {
	for _, r := range string(b) {
		if r < least {
			dst = utf8.AppendRune(dst, r)
		} else {
			dst = jsontext.AppendEscape(dst, r, upper)
		}
	}
	return dst
}

// unescapeUnicode decodes \uXXXX from least on, but neither quotes, backslashes nor lone surrogates.
func unescapeUnicode(dst, b []byte, least rune) []byte {
	for s := string(b); s != ""; {
		size := 1
		if s[0] == '\\' {
			size = min(2, len(s))
		}
		if strings.HasPrefix(s, `\u`) {
			r, n := jsontext.DecodeEscape(s)
			if r >= least && r != '"' && r != '\\' && utf8.ValidRune(r) && n > 0 {
				dst, s = utf8.AppendRune(dst, r), s[n:]
				continue
			}
			size = max(size, n)
		}
		dst, s = append(dst, s[:size]...), s[size:]
	}
	return nonNil(dst)
}

// cut are the beginnings of the body that fixed buffers, readers of lines and wrong lengths leave.
func (m *material) cut() []form {
	b := m.raw
	var ends []int
	for size := 64; size <= 16<<20 && size < 2*len(b); size *= 2 {
		ends = append(ends, size, size-1)
	}
	ends = append(ends, 100, 200, 250, 500, 1000, 1400, 1460, 1500, 2000, 5000, 10_000, 50_000, 65_535, 100_000, 1_000_000, 10_000_000)
	if m.utf8() {
		// A length counted in characters, used for bytes.
		runes, units := 0, 0
		for _, r := range string(b) {
			runes++
			units += utf16.RuneLen(r)
		}
		ends = append(ends, runes, units)
	}
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		ends = append(ends, i, i+1)
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		ends = append(ends, i)
	}
	slices.Sort(ends)
	var fs []form
	for _, n := range slices.Compact(ends) {
		if n > 0 && n < len(b) {
			fs = append(fs, form{"signed_truncated_body", fmt.Sprintf("the first %d bytes of the body", n), func(dst []byte) []byte {
				return append(dst, b[:n]...)
			}})
		}
	}
	return fs
}

// mostMembers bounds the members that are looked at one by one.
const mostMembers = 24

// members are the parts of a JSON object, or of an object in it, on their own.
func (m *material) members() []form {
	v, ok := m.json()
	if !ok {
		return nil
	}
	var fs []form
	eachMember(v, "body", func(path string, v jsontext.Value) {
		fs = append(fs, memberForms(path, v)...)
		eachMember(v, path, func(path string, v jsontext.Value) { fs = append(fs, memberForms(path, v)...) })
	})
	return fs
}

// eachMember visits the members of an object, or the first item of a list: of a batch some providers sign only that.
func eachMember(of jsontext.Value, path string, do func(path string, v jsontext.Value)) {
	n := 0
	for name, v := range of.Members() {
		if n++; n > mostMembers {
			break
		}
		do(path+"."+jsontext.WellFormed(name.Text()), v)
	}
	for v := range of.Items() {
		do(path+"[0]", v)
		break
	}
}

func memberForms(path string, v jsontext.Value) []form {
	switch v.Kind() {
	case jsontext.String:
		return []form{{"signed_inner_member", path, func(dst []byte) []byte {
			text := v.Text()
			if utf8.ValidString(v.Source()) {
				text = jsontext.WellFormed(text) // what lone surrogates become
			}
			return nonNil(append(dst, text...))
		}}}
	case jsontext.Object, jsontext.Array:
	default:
		return nil
	}
	as := func(how string, d jsontext.Dialect) form {
		return form{"signed_inner_member", how, func(dst []byte) []byte { return d.Append(dst, v) }}
	}
	return []form{
		{"signed_inner_member", path + " as it stands in the body", func(dst []byte) []byte {
			return append(dst, v.Source()...)
		}},
		as("JSON.stringify("+path+")", jsontext.JavaScript),
		as("json.dumps("+path+")", jsontext.Python),
		as("json.dumps("+path+`, separators=(",", ":"))`, jsontext.Python.Compact()),
		as("json.Marshal("+path+")", jsontext.Go.Sorted()),
		as("json_encode("+path+")", jsontext.PHP(0)),
	}
}
