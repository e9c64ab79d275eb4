package exchange

import (
	"slices"
	"strings"
	"unicode/utf8"

	"hookglass/core"
)

// Curl writes a request as a curl command for a POSIX shell that sends the same bytes. Fields that curl makes by
// itself are left out; a body that a shell cannot hold is written with $'…' escapes, which bash and zsh read.
func Curl(r core.Request) string {
	b := new(strings.Builder)
	b.WriteString("curl" + curlMethod(&r) + curlURLFlags(r.URL()) + " " + quote(r.URL()))
	for _, f := range curlHeader(&r) {
		line := f.Name + ": " + f.Value
		if f.Value == "" {
			line = f.Name + ";" // curl's way to say: empty, but there
		}
		b.WriteString(" \\\n  -H " + quote(line))
	}
	if len(r.Body) == 0 {
		return b.String()
	}
	if !r.Header.Has("Content-Type") {
		b.WriteString(" \\\n  -H 'Content-Type:'") // else curl would say it is a form
	}
	if len(r.Body) > 1<<20 {
		b.WriteString(" \\\n  -H 'Expect:'") // else curl would ask first
	}
	switch {
	case slices.Contains(r.Body, 0), len(r.Body) > longestWord: // no argument of a command can hold it, but those of a builtin can
		return "printf " + printfQuote(r.Body) + " | " + b.String() + " \\\n  --data-binary @-"
	case r.Body[0] == '@': // else curl would read a file
		b.WriteString(" \\\n  --data-raw " + quote(string(r.Body)))
	default:
		b.WriteString(" \\\n  --data-binary " + quote(string(r.Body)))
	}
	return b.String()
}

// longestWord keeps clear of the 128 KiB that Linux allows one argument.
const longestWord = 100 << 10

// curlMethod is the flag for the method, where curl would not choose the same.
func curlMethod(r *core.Request) string {
	chosen := "GET"
	if len(r.Body) > 0 {
		chosen = "POST"
	}
	switch r.Method {
	case chosen:
		return ""
	case "HEAD":
		if len(r.Body) == 0 {
			return " --head"
		}
	}
	return " -X " + quote(r.Method)
}

// curlURLFlags keep curl from expanding [1-3] and {a,b} and from resolving dots.
func curlURLFlags(address string) string {
	flags := ""
	if strings.ContainsAny(address, "[]{}") {
		flags = " --globoff"
	}
	path, _, _ := strings.Cut(address, "?")
	if strings.Contains(path+"/", "/./") || strings.Contains(path+"/", "/../") {
		flags += " --path-as-is"
	}
	return flags
}

// curlHeader is what must be said with -H.
func curlHeader(r *core.Request) core.Header {
	var h core.Header
	for _, f := range r.Header {
		switch strings.ToLower(f.Name) {
		case "content-length", "connection", "transfer-encoding", "accept-encoding":
			continue
		case "host":
			if strings.HasSuffix(r.Base, "//"+f.Value) || r.Base == "" {
				continue
			}
		}
		if core.IsToken(f.Name) {
			h = append(h, f)
		}
	}
	return h
}

func printfQuote(body []byte) string {
	var b strings.Builder
	b.WriteString("'")
	for _, c := range body {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(" {}[]:,.=&_\"", c) >= 0 {
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
