package core

import "bytes"

// ParseHead reads the fields of a recorded HTTP/1 head, the request line left out, spelled and ordered as they
// stand there. Lines that are no field are kept with an empty name. A continuation line (obsolete folding)
// is joined to its field with the bytes between them.
func ParseHead(head []byte) Header {
	_, rest, ok := cutLine(head)
	if !ok {
		return nil
	}
	h := make(Header, 0, bytes.Count(rest, []byte{'\n'}))
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = cutLine(rest)
		if len(line) == 0 {
			break
		}
		if (line[0] == ' ' || line[0] == '\t') && len(h) > 0 {
			h[len(h)-1].Value += " " + string(bytes.Trim(line, " \t"))
			continue
		}
		name, value, found := bytes.Cut(line, []byte{':'})
		if !found {
			h = append(h, Field{"", string(line)})
			continue
		}
		h = append(h, Field{string(name), string(bytes.Trim(value, " \t"))})
	}
	return h
}

// cutLine splits at the first line feed and drops the carriage return before it.
func cutLine(b []byte) (line, rest []byte, found bool) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return bytes.TrimSuffix(b, []byte{'\r'}), nil, false
	}
	return bytes.TrimSuffix(b[:i], []byte{'\r'}), b[i+1:], true
}
