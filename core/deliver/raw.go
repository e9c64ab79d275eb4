package deliver

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"hookglass/core"
)

// raw is a captured request as it was on the wire: every byte of its head, and its body. Only what would make the
// receiver misread the body is changed: chunked bodies, of which we hold the contents, and cut ones go
// out with their Content-Length. The Host stays as captured where the target says KeepHost.
func raw(d *core.Delivery, r *route) (*message, error) {
	lines := headLines(d.Request.Head)
	if len(lines) == 0 {
		return nil, errors.New("no head was recorded for this request (HTTP/2?); send it re-signed or as composed instead of raw")
	}
	method, _, _ := bytes.Cut(lines[0], []byte{' '})
	m := &message{method: string(method), body: d.Request.Body}
	length := strconv.Itoa(len(m.body))
	framed, chunked := false, false
	m.head = append(m.head, lines[0]...)
	for _, line := range lines[1:] {
		switch name, value := field(line); {
		case strings.EqualFold(name, "Host") && !d.Target.KeepHost:
			m.head = append(m.head, replaced(line, "", r.authority)...)
		case strings.EqualFold(name, "Transfer-Encoding"):
			if !framed {
				m.head = append(m.head, replaced(line, "Content-Length", length)...)
			}
			framed, chunked = true, true
		case strings.EqualFold(name, "Content-Length"):
			if value != length {
				line = replaced(line, "", length)
			}
			if !chunked {
				m.head = append(m.head, line...)
			}
			framed = true
		case isEmptyLine(line):
			if !framed && len(m.body) > 0 {
				m.head = append(m.head, "Content-Length: "+length+"\r\n"...)
			}
			m.head = append(m.head, line...)
		default:
			m.head = append(m.head, line...)
		}
	}
	return m, nil
}

// headLines splits a head into its lines, each with its end; the last one is the empty line that closes the head, which
// is added where the record lacks it.
func headLines(head []byte) [][]byte {
	if len(bytes.TrimSpace(head)) == 0 {
		return nil
	}
	lines := bytes.SplitAfter(head, []byte{'\n'})
	for i, line := range lines {
		if i > 0 && isEmptyLine(line) {
			return lines[:i+1]
		}
	}
	if last := len(lines) - 1; len(lines[last]) == 0 {
		lines = lines[:last]
	} else {
		lines[last] = append(bytes.Clone(lines[last]), "\r\n"...)
	}
	return append(lines, []byte("\r\n"))
}

func isEmptyLine(line []byte) bool { return string(line) == "\r\n" || string(line) == "\n" }

// field returns the name and value of a line; a continuation line has neither.
func field(line []byte) (name, value string) {
	if line[0] == ' ' || line[0] == '\t' {
		return "", ""
	}
	n, v, found := bytes.Cut(line, []byte{':'})
	if !found {
		return "", ""
	}
	return string(bytes.TrimSpace(n)), string(bytes.TrimSpace(v))
}

// replaced gives a line another value, and another name unless it is empty, and leaves its spaces and end.
func replaced(line []byte, name, value string) []byte {
	n, rest, _ := bytes.Cut(line, []byte{':'})
	text := bytes.TrimRight(rest, "\r\n")
	end := rest[len(text):]
	space := text[:len(text)-len(bytes.TrimLeft(text, " \t"))]
	if name == "" {
		name = string(n)
	}
	return []byte(name + ":" + string(space) + value + string(end))
}
