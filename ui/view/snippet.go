package view

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"hookglass/core"
)

// Languages are the names that [Snippet] knows, with what a window calls them.
func Languages() []string { return []string{"curl", "go", "node", "python"} }

// Snippet writes code that sends a request again to a URL, byte for byte: the fields as spelled and as often as they
// came, and the very body. An empty url is the one that the sender called. An unknown language gives "".
func Snippet(language string, r *core.Request, url string) string {
	if url == "" {
		url = r.URL()
	}
	switch language {
	case "curl":
		return curl(r, url)
	case "go":
		return goSnippet(r, url)
	case "node":
		return nodeSnippet(r, url)
	case "python":
		return pythonSnippet(r, url)
	}
	return ""
}

// sent are the fields that code must send itself: the length and the framing follow from the body, and the host from
// the URL, unless the request named another one.
func sent(r *core.Request, url string) core.Header {
	h := r.Header.Without("Content-Length", "Transfer-Encoding", "Connection")
	if strings.EqualFold(h.Get("Host"), hostOf(url)) {
		h = h.Without("Host")
	}
	return h
}

func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, "?")
	return host
}

func method(r *core.Request) string {
	if r.Method == "" {
		return "POST"
	}
	return r.Method
}

// mostInline bounds a body that stands as text in a command line; longer ones and those with a NUL go through base64.
const mostInline = 64 << 10

func curl(r *core.Request, url string) string {
	lines := []string{"curl -sS -i --globoff --path-as-is"}
	if strings.HasPrefix(r.Proto, "HTTP/1") {
		lines[0] += " --http1.1" // keeps the spelling of the fields
	}
	m := method(r)
	switch {
	case m == "HEAD":
		lines[0] += " --head"
	case m != "GET" || len(r.Body) > 0:
		lines[0] += " -X " + shellQuote(m)
	}
	lines = append(lines, shellQuote(url))
	h := sent(r, url)
	for _, f := range h {
		if f.Value == "" {
			lines = append(lines, "-H "+shellQuote(f.Name+";")) // how curl sends a field without a value
			continue
		}
		lines = append(lines, "-H "+shellQuote(f.Name+": "+f.Value))
	}
	for _, name := range []string{"User-Agent", "Accept", "Content-Type"} {
		if !h.Has(name) && (name != "Content-Type" || len(r.Body) > 0) {
			lines = append(lines, "-H "+shellQuote(name+":")) // curl would add one of its own
		}
	}
	if len(r.Body) == 0 {
		return strings.Join(lines, " \\\n  ")
	}
	if len(r.Body) > 1024 && !h.Has("Expect") {
		lines = append(lines, "-H 'Expect:'") // curl would ask first, for a body of this size
	}
	if len(r.Body) > mostInline || bytes.IndexByte(r.Body, 0) >= 0 {
		lines = append(lines, "--data-binary @-")
		return "base64 -d <<'BODY' | " + strings.Join(lines, " \\\n  ") + "\n" + wrapBase64(r.Body) + "\nBODY"
	}
	flag := "--data-binary "
	if r.Body[0] == '@' {
		flag = "--data-raw " // elsewhere a leading @ means a file
	}
	return strings.Join(append(lines, flag+shellQuote(string(r.Body))), " \\\n  ")
}

func wrapBase64(b []byte) string {
	s := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	for len(s) > 76 {
		out.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return out.String() + s
}

// shellQuote writes s as one word of a POSIX shell; what '…' cannot hold readably is written as $'…' of bash and zsh.
func shellQuote(s string) string {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 && r != '\n' || r == 0x7f || Hidden(r) }) {
		return shellANSI(s)
	}
	if strings.ContainsRune(s, '\'') {
		return shellANSI(s)
	}
	return "'" + s + "'"
}

func shellANSI(s string) string {
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteString("\\" + string(c))
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < 0x20 || c == 0x7f || r == utf8.RuneError && n <= 1:
			// Three octal digits end by themselves; a hex escape would take in digits that follow it.
			fmt.Fprintf(&b, `\%03o`, c)
		case Hidden(r):
			for _, c := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String() + "'"
}

func goSnippet(r *core.Request, url string) string {
	var b strings.Builder
	body := "nil"
	if len(r.Body) > 0 {
		body = "strings.NewReader(body)"
	}
	b.WriteString("package main\n\nimport (\n\t\"fmt\"\n\t\"io\"\n\t\"log\"\n\t\"net/http\"\n")
	if len(r.Body) > 0 {
		b.WriteString("\t\"strings\"\n")
	}
	b.WriteString(")\n\nfunc main() {\n")
	if len(r.Body) > 0 {
		fmt.Fprintf(&b, "\tbody := %s\n", goQuote(string(r.Body)))
	}
	fmt.Fprintf(&b, "\treq, err := http.NewRequest(%s, %s, %s)\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n", goQuote(method(r)), goQuote(url), body)
	for _, g := range grouped(sent(r, url)) {
		if strings.EqualFold(g.name, "Host") {
			fmt.Fprintf(&b, "\treq.Host = %s\n", goQuote(g.values[0]))
			continue
		}
		values := make([]string, len(g.values))
		for i, v := range g.values {
			values[i] = goQuote(v)
		}
		// Assigning keeps the spelling; Set and Add would change it.
		fmt.Fprintf(&b, "\treq.Header[%s] = []string{%s}\n", goQuote(g.name), strings.Join(values, ", "))
	}
	b.WriteString("\tresp, err := http.DefaultClient.Do(req)\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\tdefer resp.Body.Close()\n")
	b.WriteString("\tanswer, err := io.ReadAll(resp.Body)\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\tfmt.Println(resp.Status)\n\tfmt.Println(string(answer))\n}\n")
	return b.String()
}

type fieldGroup struct {
	name   string
	values []string
}

// grouped collects the values of fields that are spelled the same.
func grouped(h core.Header) []fieldGroup {
	var gs []fieldGroup
next:
	for _, f := range h {
		for i := range gs {
			if gs[i].name == f.Name {
				gs[i].values = append(gs[i].values, f.Value)
				continue next
			}
		}
		gs = append(gs, fieldGroup{f.Name, []string{f.Value}})
	}
	return gs
}

// goQuote prefers a raw literal, which shows a JSON body as it is.
func goQuote(s string) string {
	if strings.ContainsAny(s, "\"\\\n") && !strings.ContainsAny(s, "`\r") && utf8.ValidString(s) && !HiddenIn(s) && IsText([]byte(s)) {
		return "`" + s + "`"
	}
	return fmt.Sprintf("%q", s)
}

func nodeSnippet(r *core.Request, url string) string {
	module := "http"
	if strings.HasPrefix(url, "https:") {
		module = "https"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "import %s from 'node:%s';\n\n", module, module)
	h := sent(r, url)
	if len(r.Body) > 0 {
		fmt.Fprintf(&b, "const body = %s;\n", scriptBytes(r.Body, "Buffer.from(%s, 'utf8')", "Buffer.from(%s, 'base64')"))
		h = append(h.Clone(), core.Field{Name: "Content-Length", Value: fmt.Sprint(len(r.Body))})
	}
	if !h.Has("Host") {
		h = append(core.Header{{Name: "Host", Value: hostOf(url)}}, h...) // a list of fields is sent as it is, without additions
	}
	fmt.Fprintf(&b, "const req = %s.request(%s, {\n  method: %s,\n  headers: [ // name, value, name, value: repeated and spelled as they came\n", module, scriptQuote(url), scriptQuote(method(r)))
	for _, f := range h {
		fmt.Fprintf(&b, "    %s, %s,\n", scriptQuote(f.Name), scriptQuote(f.Value))
	}
	b.WriteString("  ],\n}, (res) => {\n  console.log(res.statusCode, res.statusMessage);\n  res.pipe(process.stdout);\n});\nreq.on('error', (err) => { console.error(err); process.exit(1); });\n")
	if len(r.Body) > 0 {
		b.WriteString("req.end(body);\n")
	} else {
		b.WriteString("req.end();\n")
	}
	return b.String()
}

func pythonSnippet(r *core.Request, url string) string {
	class := "HTTPConnection"
	if strings.HasPrefix(url, "https:") {
		class = "HTTPSConnection"
	}
	host := hostOf(url)
	target := url[strings.Index(url, host)+len(host):]
	if target == "" || target[0] != '/' {
		target = "/" + target
	}
	h := sent(r, url)
	var b strings.Builder
	base64Body := len(r.Body) > 0 && !readable(r.Body)
	if base64Body {
		b.WriteString("import base64\n")
	}
	b.WriteString("import http.client\n\n")
	if len(r.Body) > 0 {
		fmt.Fprintf(&b, "body = %s\n", scriptBytes(r.Body, "%s.encode()", "base64.b64decode(%s)"))
	}
	fmt.Fprintf(&b, "conn = http.client.%s(%s)\n", class, scriptQuote(host))
	skip := ""
	if h.Has("Host") {
		skip = ", skip_host=True"
	}
	fmt.Fprintf(&b, "conn.putrequest(%s, %s, skip_accept_encoding=True%s)\n", scriptQuote(method(r)), scriptQuote(target), skip)
	for _, f := range h {
		fmt.Fprintf(&b, "conn.putheader(%s, %s)\n", scriptQuote(f.Name), scriptQuote(f.Value))
	}
	if len(r.Body) > 0 {
		b.WriteString("conn.putheader(\"Content-Length\", str(len(body)))\nconn.endheaders(body)\n")
	} else {
		b.WriteString("conn.endheaders()\n")
	}
	b.WriteString("resp = conn.getresponse()\nprint(resp.status, resp.reason)\nprint(resp.read().decode(errors=\"replace\"))\n")
	return b.String()
}

// readable reports whether bytes can stand in a program as text.
func readable(b []byte) bool { return IsText(b) && utf8.Valid(b) }

// scriptBytes writes a body as a string where it is text, and as base64 where it is not.
func scriptBytes(b []byte, asText, asBase64 string) string {
	if readable(b) {
		return fmt.Sprintf(asText, scriptQuote(string(b)))
	}
	return fmt.Sprintf(asBase64, scriptQuote(base64.StdEncoding.EncodeToString(b)))
}

// scriptQuote writes a string for JavaScript and Python alike.
func scriptQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString("\\" + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f || Hidden(r) && r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}
