package exchange

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"hookglass/core"
)

// value reads a string, a variable, a table, or bytes made of a string.
func (p *powerShell) value() (any, error) {
	p.space(true)
	if p.at >= len(p.text) {
		return nil, psRefusal("it ends where a value should be")
	}
	rest := p.text[p.at:]
	switch {
	case strings.HasPrefix(rest, "'"):
		return p.quoted('\'')
	case strings.HasPrefix(rest, `"`):
		return p.quoted('"')
	case strings.HasPrefix(rest, "@'\n"), strings.HasPrefix(rest, "@\"\n"):
		end := strings.Index(rest, "\n"+rest[1:2]+"@")
		if end < 0 {
			return nil, psRefusal("a text that begins with @%s is not closed", rest[1:2])
		}
		p.at += end + 3
		text := ""
		if end > 2 {
			text = rest[3:end]
		}
		if rest[1] == '"' {
			inner := &powerShell{text: strings.ReplaceAll(text, `"`, "`\"") + `"`, vars: p.vars}
			inner.at = -1
			inner.text, inner.at = `"`+inner.text, 0
			return inner.quoted('"')
		}
		return text, nil
	case strings.HasPrefix(rest, "@{"):
		p.at += 2
		return p.table()
	case psBytes.MatchString(rest):
		p.at += len(psBytes.FindString(rest))
		v, err := p.value()
		for range 2 {
			if p.space(true); p.at < len(p.text) && p.text[p.at] == ')' {
				p.at++
			}
		}
		return v, err
	case strings.HasPrefix(rest, "$"):
		m := psVar.FindStringSubmatch(rest)
		if m == nil {
			return nil, psRefusal("what $(…) makes is not known here")
		}
		p.at += len(m[0])
		v, ok := p.vars[strings.ToLower(m[1]+m[2])]
		if !ok {
			v, ok = p.vars[m[1]+m[2]]
		}
		if !ok {
			return nil, psRefusal("$%s is not set in the text", short(m[1]+m[2], 24))
		}
		return v, nil
	case strings.HasPrefix(rest, "(") || strings.HasPrefix(rest, "["):
		return nil, psRefusal("what %q makes is not known here", short(strings.SplitN(rest, "\n", 2)[0], 24))
	}
	m := psBare.FindString(rest)
	p.at += max(len(m), 1)
	return m, nil
}

// quoted reads a string. Two quotes within it are one, a ` escapes, and $(…) is known where it makes a character.
func (p *powerShell) quoted(q byte) (any, error) {
	p.at++
	var units []uint16 // characters come by their UTF-16 numbers
	var b strings.Builder
	flush := func() {
		b.WriteString(string(utf16.Decode(units)))
		units = nil
	}
	for p.at < len(p.text) {
		c := p.text[p.at]
		rest := p.text[p.at:]
		if q == '"' && strings.HasPrefix(rest, "$([char]") && psChar.MatchString(rest) {
			char := psChar.FindStringSubmatch(rest)
			n, err := strconv.ParseUint(char[1], 0, 16)
			if err != nil {
				return nil, psRefusal("%s is no character", char[0])
			}
			units = append(units, uint16(n))
			p.at += len(char[0])
			continue
		}
		flush()
		switch {
		case c == q && len(rest) > 1 && rest[1] == q:
			b.WriteByte(q)
			p.at += 2
		case c == q:
			p.at++
			return b.String(), nil
		case q == '"' && c == '`' && len(rest) > 1:
			if i := strings.IndexByte("0abefnrtv", rest[1]); i >= 0 {
				b.WriteByte("\x00\a\b\x1b\f\n\r\t\v"[i])
			} else if rest[1] != '\n' {
				b.WriteByte(rest[1])
			}
			p.at += 2
		case q == '"' && c == '$' && len(rest) > 1 && (isAlpha(rest[1]) || rest[1] == '_' || rest[1] == '{' || rest[1] == '('):
			v, err := p.value()
			if err != nil {
				return nil, err
			}
			b.WriteString(psText(v))
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	return nil, psRefusal("a quote is not closed")
}

// table reads the rest of @{ "a" = "b"; … }.
func (p *powerShell) table() (any, error) {
	var h core.Header
	for {
		for p.at < len(p.text) && strings.IndexByte(" \t\n;,`", p.text[p.at]) >= 0 {
			p.at++
		}
		if p.at >= len(p.text) {
			return nil, psRefusal("a table, @{, is not closed")
		}
		if p.text[p.at] == '}' {
			p.at++
			return h, nil
		}
		var key any
		var err error
		if c := p.text[p.at]; c == '"' || c == '\'' {
			key, err = p.value()
		} else {
			m := psKey.FindString(p.text[p.at:])
			key = m
			p.at += len(m)
		}
		if err != nil {
			return nil, err
		}
		if p.space(true); p.at >= len(p.text) || p.text[p.at] != '=' {
			return nil, psRefusal("a table has a name without a value")
		}
		p.at++
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		h = append(h, core.Field{Name: psText(key), Value: psText(value)})
	}
}
