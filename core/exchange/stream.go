package exchange

import (
	"bufio"
	"bytes"
	"io"
	"math"

	"hookglass/core"
)

// streamed are the formats that are read an entry at a time, and how.
var streamed = map[string]func(*entries, io.Reader) error{
	"har":  (*entries).readHAR,
	"json": func(all *entries, file io.Reader) error { return all.readJSONL(file, longestLine) },
}

// longestLine is what a capture of the largest body takes as a line.
const longestLine = math.MaxInt32

// Stream reads a file that is too large to be held: a HAR log or JSON lines, found by how it begins where format is "". each is given
// the captures, one after the other; it may not keep them, and its error ends the reading. What comes back has no captures.
func Stream(file io.Reader, format string, each func(*core.Capture) error) (File, error) {
	in := bufio.NewReaderSize(file, streamBegin)
	begin, _ := in.Peek(streamBegin)
	in.Discard(len(begin) - len(bytes.TrimPrefix(begin, []byte(utf8BOM))))
	format, read := streamKind(begin, format)
	if read == nil {
		return File{}, &core.Invalid{Field: "file", Reason: "is neither a HAR log nor JSON lines, which alone can be this large"}
	}
	all := entries{kind: map[string]string{"har": "entry", "json": "line"}[format], each: each}
	all.Format = format
	err := read(&all, in)
	return all.File, err
}

const (
	streamBegin = 256 << 10 // by what a format is found
	utf8BOM     = "\xef\xbb\xbf"
)

func streamKind(begin []byte, format string) (string, func(*entries, io.Reader) error) {
	if format == "" {
		format = kindOfStart(bytes.TrimPrefix(begin[:min(len(begin), streamBegin)], []byte(utf8BOM)))
	}
	return format, streamed[format]
}

// Streams reports whether [Stream] reads a file that begins so.
func Streams(begin []byte, format string) bool {
	_, read := streamKind(begin, format)
	return read != nil
}

// Light is a capture as a preview shows it: without what takes memory.
func Light(c *core.Capture) core.Capture {
	l := *c
	l.Request.Head, l.Request.Header, l.Request.Body, l.Response.Header, l.Response.Body, l.Receipt = nil, nil, nil, nil, nil, core.Receipt{}
	return l
}
