package view

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// MostDecoded bounds what a compressed body may become: a few bytes can unfold to gigabytes.
const MostDecoded = 64 << 20

// ErrTooLarge means that a body would unfold to more than [MostDecoded]; what came until then is returned with it.
var ErrTooLarge = errors.New("unfolds to more than 64 MB; the beginning is shown")

// Decode undoes a Content-Encoding: several are undone from the last to the first. What could be read before an
// error is returned with it. An encoding that is not known is an error that names it.
func Decode(encoding string, body []byte) ([]byte, error) {
	codings := strings.Split(encoding, ",")
	for i := len(codings) - 1; i >= 0; i-- {
		var err error
		if body, err = decodeOne(strings.ToLower(strings.TrimSpace(codings[i])), body); err != nil {
			return body, err
		}
	}
	return body, nil
}

func decodeOne(coding string, body []byte) ([]byte, error) {
	var r io.Reader
	var err error
	in := bytes.NewReader(body)
	switch coding {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(in)
	case "br":
		r = brotli.NewReader(in)
	case "deflate":
		r, err = inflate(body)
	case "zstd":
		var d *zstd.Decoder
		d, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MostDecoded))
		if err == nil {
			defer d.Close()
			r = d
		}
	default:
		return body, fmt.Errorf("content encoding %q is not known: the body is shown as it came", coding)
	}
	if err != nil {
		return nil, fmt.Errorf("undo %s: %w", coding, err)
	}
	out, err := readAll(io.LimitReader(r, MostDecoded+1), coding, body)
	if len(out) > MostDecoded {
		return out[:MostDecoded], ErrTooLarge
	}
	if err != nil {
		return out, fmt.Errorf("undo %s: %w", coding, err)
	}
	return out, nil
}

// readAll is io.ReadAll, with room at once for as much as gzip says at its end that there is.
func readAll(r io.Reader, coding string, packed []byte) ([]byte, error) {
	room := 512
	if strings.HasSuffix(coding, "gzip") && len(packed) > 4 {
		says := binary.LittleEndian.Uint32(packed[len(packed)-4:])
		room += int(min(uint64(says), MostDecoded, 1100*uint64(len(packed)))) // nothing unfolds to more
	}
	out := bytes.NewBuffer(make([]byte, 0, room))
	_, err := out.ReadFrom(r)
	return out.Bytes(), err
}

// inflate reads what the standard calls deflate (zlib) and what some servers send under that name (raw).
func inflate(body []byte) (io.Reader, error) {
	r, err := zlib.NewReader(bytes.NewReader(body))
	if errors.Is(err, zlib.ErrHeader) {
		return flate.NewReader(bytes.NewReader(body)), nil
	}
	return r, err
}

// IsText reports whether b reads as text: UTF-8 without control bytes, apart from a cut character at its end.
func IsText(b []byte) bool {
	for i := 0; i < len(b); {
		c := b[i]
		if c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b || c == 0x7f {
			return false
		}
		if c < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return len(b)-i < utf8.UTFMax && !utf8.FullRune(b[i:])
		}
		i += n
	}
	return true
}
