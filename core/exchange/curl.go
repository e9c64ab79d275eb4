package exchange

import (
	"strings"
	"unicode/utf8"

	"hookglass/core"
)

// Curl writes a request as a curl command for a POSIX shell that sends the same bytes. Fields that curl makes by
// itself are left out; a body that a shell cannot hold is written with $'…' escapes, which bash and zsh read.
func Curl(r core.Request) string {
	var b strings.Builder
	b.WriteString("curl")
	if r.Method != "POST" || len(r.Body) == 0 {
		if r.Method == "HEAD" {
			b.WriteString(" --head")
		} else if r.Method != "GET" {
			b.WriteString(" -X " + quote(r.Method))
		}
	}
	b.WriteString(" " + quote(r.URL()))
	typed := false
	for _, f := range r.Header {
		switch strings.ToLower(f.Name) {
		case "content-length", "connection", "transfer-encoding", "accept-encoding":
			continue
		case "host":
			if strings.HasSuffix(r.Base, "//"+f.Value) || r.Base == "" {
				continue
			}
		case "content-type":
			typed = true
		}
		line := f.Name + ": " + f.Value
		if f.Value == "" {
			line = f.Name + ";" // curl's way to say: empty, but there
		}
		b.WriteString(" \\\n  -H " + quote(line))
	}
	if len(r.Body) == 0 {
		return b.String()
	}
	if !typed {
		b.WriteString(" \\\n  -H 'Content-Type:'") // else curl would say it is a form
	}
	switch {
	case strings.Contains(string(r.Body), "\x00"): // no argument of a command can hold it
		return "printf " + printfQuote(r.Body) + " | " + b.String() + " \\\n  --data-binary @-"
	case r.Body[0] == '@': // else curl would read a file
		b.WriteString(" \\\n  --data-raw " + quote(string(r.Body)))
	default:
		b.WriteString(" \\\n  --data-binary " + quote(string(r.Body)))
	}
	return b.String()
}

func printfQuote(body []byte) string {
	var b strings.Builder
	b.WriteString("'")
	for _, c := range body {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(" {}[]:,.=&_-", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteString("\\" + string('0'+c>>6) + string('0'+c>>3&7) + string('0'+c&7))
	}
	b.WriteString("'")
	return b.String()
}

// quote makes one word of a shell command that stands for exactly s.
func quote(s string) string {
	plain := utf8.ValidString(s)
	for _, c := range s {
		plain = plain && (c >= ' ' && c != 0x7f || c == '\n' || c == '\t')
	}
	if plain {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	const hex = "0123456789abcdef"
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c >= ' ' && c < 0x7f:
			b.WriteByte(c)
		default:
			b.WriteString(`\x` + string(hex[c>>4]) + string(hex[c&15]))
		}
	}
	b.WriteString("'")
	return b.String()
}
