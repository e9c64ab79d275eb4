package capture

import (
	"bytes"
	"strconv"
	"strings"

	"hookglass/core"
)

// maxHead bounds what is remembered of one head; the server refuses longer ones.
const maxHead = 128 << 10

// http2Preface is what a client begins with that speaks HTTP/2 without asking: no head, and no HTTP/1 follows.
const http2Preface = "PRI * HTTP/2.0\r\n\r\n"

// framer finds where requests begin and end in a stream of HTTP/1, by the same rules as net/http: Content-Length,
// chunked, or no body. The zero value expects a head.
type framer struct {
	state  state
	head   []byte // of the request under way
	line   []byte // a chunk-size or trailer line under way
	remain int64
	lost   bool // framing was lost; nothing more is recorded
}

type state int

const (
	inHead state = iota
	inBody
	inChunkSize
	inChunk
	inChunkEnd
	inTrailer
)

// recorded is a head as it came, and the fields that stand in it: the framer has to read them anyway.
type recorded struct {
	head   []byte
	header core.Header
}

// feed takes the next bytes of the stream and yields each head as it is complete.
func (f *framer) feed(p []byte, yield func(recorded)) {
	for len(p) > 0 && !f.lost {
		switch f.state {
		case inHead:
			p = f.feedHead(p, yield)
		case inBody, inChunk:
			n := min(int64(len(p)), f.remain)
			p, f.remain = p[n:], f.remain-n
			if f.remain == 0 && f.state == inBody {
				f.state = inHead
			} else if f.remain == 0 {
				f.state = inChunkEnd
			}
		default:
			p = f.feedLine(p)
		}
	}
}

func (f *framer) feedHead(p []byte, yield func(recorded)) (rest []byte) {
	if f.head == nil {
		f.head = make([]byte, 0, min(len(p), 512)) // most heads come whole and are smaller
	}
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			f.keep(p)
			return nil
		}
		f.keep(p[:i+1])
		p = p[i+1:]
		if !bytes.HasSuffix(f.head, []byte("\n\n")) && !bytes.HasSuffix(f.head, []byte("\n\r\n")) {
			continue
		}
		head := f.head
		f.head = nil
		if string(head) == http2Preface {
			f.lost = true
			return nil
		}
		r := recorded{head, core.ParseHead(head)}
		f.begin(r.header)
		yield(r)
		return p
	}
}

// keep remembers bytes of a head, up to the bound: the server refuses what is longer, so its end does not matter.
func (f *framer) keep(p []byte) {
	f.head = append(f.head, p[:min(len(p), maxHead-len(f.head))]...)
}

// begin reads from a head how its body is framed.
func (f *framer) begin(h core.Header) {
	if te, ok := h.Lookup("Transfer-Encoding"); ok && strings.EqualFold(strings.TrimSpace(te), "chunked") {
		f.state = inChunkSize
		return
	}
	n, err := strconv.ParseInt(strings.TrimSpace(h.Get("Content-Length")), 10, 64)
	if err != nil || n <= 0 {
		f.state = inHead
		return
	}
	f.state, f.remain = inBody, n
}

// feedLine completes one line of the chunked framing and acts on it.
func (f *framer) feedLine(p []byte) (rest []byte) {
	i := bytes.IndexByte(p, '\n')
	if i < 0 {
		if f.line = append(f.line, p...); len(f.line) > maxHead {
			f.lost = true
		}
		return nil
	}
	line := strings.TrimSpace(string(append(f.line, p[:i]...)))
	f.line = f.line[:0]
	switch {
	case f.state == inChunkEnd:
		f.state = inChunkSize
	case f.state == inTrailer && line == "":
		f.state = inHead
	case f.state == inChunkSize:
		size, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseInt(strings.TrimSpace(size), 16, 64)
		switch {
		case err != nil || n < 0:
			f.lost = true
		case n == 0:
			f.state = inTrailer
		default:
			f.state, f.remain = inChunk, n
		}
	}
	return p[i+1:]
}
