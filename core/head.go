package core

import "strings"

// ParseHead reads the fields of a recorded HTTP/1 head, the request line left out, spelled and ordered as they
// stand there. Lines that are no field are kept with an empty name. A continuation line (obsolete folding)
// is joined to its field by one space, as net/http does it.
func ParseHead(head []byte) Header {
	_, rest, ok := cutLine(string(head)) // one copy, which all names and values are parts of
	if !ok {
		return nil
	}
	h := make(Header, 0, strings.Count(rest, "\n"))
	var folded []byte // the value of the last field, where it goes on over more lines
	unfold := func() {
		if folded != nil {
			h[len(h)-1].Value, folded = strings.TrimLeft(string(folded), " \t"), nil
		}
	}
	for len(rest) > 0 {
		var line string
		line, rest, _ = cutLine(rest)
		if len(line) == 0 {
			break
		}
		if (line[0] == ' ' || line[0] == '\t') && len(h) > 0 {
			if folded == nil {
				folded = []byte(h[len(h)-1].Value)
			}
			folded = append(append(folded, ' '), strings.Trim(line, " \t")...)
			continue
		}
		unfold()
		name, value, found := strings.Cut(line, ":")
		if !found {
			h = append(h, Field{"", line})
			continue
		}
		h = append(h, Field{name, strings.Trim(value, " \t")})
	}
	unfold()
	return h
}

// cutLine splits at the first line feed and drops the carriage return before it.
func cutLine(s string) (line, rest string, found bool) {
	line, rest, found = strings.Cut(s, "\n")
	return strings.TrimSuffix(line, "\r"), rest, found
}
