package sign

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"hookglass/core/jsontext"
)

// A charset is one way in which a program encodes text that is not UTF-8. Turn gets valid UTF-8; nil: it cannot.
type charset struct {
	cause, how string
	turn       func(dst, b []byte) []byte
}

// What encoders put in the place of a character that their charset lacks.
var replacements = []struct {
	how  string
	make func(rune) []byte
}{
	{`"?" for each UTF-16 unit of other characters, as C# does`, func(r rune) []byte { return bytes.Repeat([]byte("?"), utf16.RuneLen(r)) }},
	{`other characters as "?"`, func(rune) []byte { return []byte("?") }},
	{"other characters left out", func(rune) []byte { return nil }},
}

// charsets are those that programs use by default or by mistake.
var charsets = func() []charset {
	out := []charset{
		{"signed_bytes_latin1", "the text as Latin-1, other characters cut to a byte", func(dst, b []byte) []byte {
			return encoded(dst, b, latin1Byte, func(r rune) []byte {
				if r < 0x10000 {
					return []byte{byte(r)}
				}
				high, low := utf16.EncodeRune(r)
				return []byte{byte(high), byte(low)}
			})
		}},
	}
	add := func(cause, how string, of func(rune) (byte, bool)) {
		for _, r := range replacements {
			out = append(out, charset{cause, how + ", " + r.how, func(dst, b []byte) []byte { return encoded(dst, b, of, r.make) }})
		}
	}
	ascii := func(r rune) (byte, bool) { return byte(r), r < 0x80 }
	add("signed_bytes_latin1", "the text as Latin-1", latin1Byte)
	add("signed_bytes_latin1", "the text as Windows-1252", charmap.Windows1252.EncodeRune)
	add("signed_bytes_ascii", "the text as ASCII", ascii)
	out = append(out,
		charset{"signed_bytes_ascii", `the text as ASCII, "?" for each byte of other characters`, func(dst, b []byte) []byte {
			return encoded(dst, b, ascii, func(r rune) []byte { return bytes.Repeat([]byte("?"), utf8.RuneLen(r)) })
		}},
		charset{"signed_bytes_ascii", "the text as ASCII, other characters as &#1234;", func(dst, b []byte) []byte {
			return encoded(dst, b, ascii, func(r rune) []byte { return strconv.AppendInt([]byte("&#"), int64(r), 10) }, ';')
		}},
		charset{"signed_bytes_ascii", `the text as ASCII, other characters as \xe9, \u20ac or \U0001f600`, func(dst, b []byte) []byte {
			return encoded(dst, b, ascii, func(r rune) []byte {
				switch {
				case r < 0x100:
					return fmt.Appendf(nil, `\x%02x`, r)
				case r < 0x10000:
					return fmt.Appendf(nil, `\u%04x`, r)
				}
				return fmt.Appendf(nil, `\U%08x`, r)
			})
		}},
		charset{"signed_bytes_ascii", "the bytes with their highest bit gone", func(dst, b []byte) []byte {
			for _, c := range b {
				dst = append(dst, c&0x7f)
			}
			return dst
		}},
	)
	for _, u := range []struct {
		how      string
		big, bom bool
	}{{"UTF-16LE", false, false}, {"UTF-16BE", true, false}, {"UTF-16LE with a byte order mark", false, true}, {"UTF-16BE with a byte order mark", true, true}} {
		out = append(out, charset{"signed_bytes_utf16", "the text as " + u.how, func(dst, b []byte) []byte { return inUTF16(dst, b, u.big, u.bom) }})
	}
	for _, c := range []struct {
		how string
		*charmap.Charmap
	}{
		{"ISO 8859-15", charmap.ISO8859_15}, {"ISO 8859-2", charmap.ISO8859_2}, {"Windows-1250", charmap.Windows1250}, {"Windows-1251", charmap.Windows1251},
		{"Windows-1254", charmap.Windows1254}, {"KOI8-R", charmap.KOI8R}, {"code page 437", charmap.CodePage437}, {"code page 850", charmap.CodePage850},
		{"Mac Roman", charmap.Macintosh},
	} {
		add("signed_bytes_other_charset", "the text as "+c.how, c.EncodeRune)
	}
	return out
}()

func latin1Byte(r rune) (byte, bool) { return byte(r), r < 0x100 }

// encoded writes text in a charset of single bytes; end follows each character that has none there.
func encoded(dst, b []byte, of func(rune) (byte, bool), other func(rune) []byte, end ...byte) []byte {
	for _, r := range string(b) {
		if c, ok := of(r); ok && r < 0x80 == (c < 0x80) {
			dst = append(dst, c)
		} else {
			dst = append(append(dst, other(r)...), end...)
		}
	}
	return dst
}

func inUTF16(dst, b []byte, big, bom bool) []byte {
	put := func(u uint16) {
		if big {
			u = u<<8 | u>>8
		}
		dst = append(dst, byte(u), byte(u>>8))
	}
	if bom {
		put(0xFEFF)
	}
	for _, r := range string(b) {
		for _, u := range utf16.AppendRune(nil, r) {
			put(u)
		}
	}
	return dst
}

// recoded are the body in every charset.
func (m *material) recoded() []form {
	var out []form
	for _, c := range charsets {
		out = append(out, form{c.cause, c.how, func(dst []byte) []byte {
			if !m.utf8() {
				return nil
			}
			return nonNil(c.turn(dst, m.raw))
		}})
	}
	return out
}

// charsetChanges encode the whole of the signed text: where it is more than the body, an encoder got the joined string.
func charsetChanges() []change {
	var out []change
	for _, c := range charsets {
		out = append(out, change{inBody, c.cause, c.how, func(t *trial) bool {
			t.charset = c.turn
			return true
		}})
	}
	return out
}

// Where chunks of a body end.
var chunkSizes = []int{64 << 10, 32 << 10, 16 << 10, 8 << 10, 4 << 10, 2 << 10, 1 << 10, 512, 256, 128, 64, 1460, 1448, 1400, 1000, 65_535}

// mostBorders bounds the borders that are tried one by one, at the beginning of the body.
const mostBorders = 400

// split are the body read in chunks of which each was turned into text by itself: a character on a border becomes U+FFFD.
func (m *material) split() []form {
	b := m.raw
	if !m.utf8() || !slices.ContainsFunc(b, func(c byte) bool { return c >= 0x80 }) {
		return nil
	}
	var out []form
	add := func(how string, ends func(yield func(int) bool)) {
		for _, bad := range []struct {
			how string
			put string
		}{{", the pieces of the character as U+FFFD", "\uFFFD"}, {", the pieces of the character dropped", ""}} {
			out = append(out, form{"signed_bytes_split_characters", how + bad.how, func(dst []byte) []byte {
				from := 0
				for end := range ends {
					dst = appendText(dst, b[from:end], bad.put)
					from = end
				}
				return appendText(dst, b[from:], bad.put)
			}})
		}
	}
	for _, n := range chunkSizes {
		if n < len(b) {
			add(fmt.Sprintf("the body read in chunks of %d bytes", n), func(yield func(int) bool) {
				for at := n; at < len(b) && yield(at); at += n {
				}
			})
		}
	}
	if len(b) > largeBody {
		return out
	}
	borders := 0
	for at := 1; at < len(b) && borders < mostBorders; at++ {
		if !utf8.RuneStart(b[at]) {
			borders++
			add(fmt.Sprintf("the body in two chunks, the first of %d bytes", at), func(yield func(int) bool) { yield(at) })
		}
	}
	return out
}

// appendText decodes a chunk as the decoders of JavaScript and Python do, with bad in the place of U+FFFD.
func appendText(dst, chunk []byte, bad string) []byte {
	if utf8.Valid(chunk) {
		return append(dst, chunk...)
	}
	if bad == "" {
		return append(dst, bytes.ToValidUTF8(chunk, nil)...)
	}
	return append(dst, jsontext.DecodeWeb(chunk)...)
}
