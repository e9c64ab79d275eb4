package exchange

import (
	"fmt"
	"go/format"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"hookglass/core"
)

// Go writes a program that sends the request with the standard library: the same target and body, fields spelled and
// repeated as they are. net/http sorts the names; the order is lost.
func Go(r core.Request) string {
	var b strings.Builder
	b.WriteString(`package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
`)
	fmt.Fprintf(&b, "\tbody := %s\n", goQuote(string(r.Body)))
	fmt.Fprintf(&b, "\treq, err := http.NewRequest(%s, %s, strings.NewReader(body))\n", goQuote(r.Method), goQuote(asciiURL(goURL(&r))))
	b.WriteString("\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n")
	if target := asciiURL(pathAndQuery(&r)); !goKeeps(asciiURL(r.URL()), target) {
		fmt.Fprintf(&b, "\treq.URL.Opaque = %s // untouched\n", goQuote(target))
	}
	if r.Host != "" && !strings.HasSuffix(r.URL()[:len(r.URL())-len(pathAndQuery(&r))], "//"+r.Host) {
		fmt.Fprintf(&b, "\treq.Host = %s\n", goQuote(r.Host))
	}
	b.WriteString("\treq.Header = http.Header{\n")
	h := endToEnd(r.Header)
	for i, f := range h {
		if !firstOf(h, i) {
			continue
		}
		var values []string
		for _, g := range h {
			if g.Name == f.Name {
				values = append(values, goQuote(g.Value))
			}
		}
		fmt.Fprintf(&b, "\t\t%s: {%s},\n", goQuote(f.Name), strings.Join(values, ", "))
	}
	if !h.Has("User-Agent") {
		b.WriteString("\t\t\"User-Agent\": nil, // net/http would send its own\n")
	}
	b.WriteString(`	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableCompression: true}}
	resp, err := client.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status)
	io.Copy(os.Stdout, resp.Body)
}
`)
	return gofmt(b.String())
}

// gofmt lays out a program. What we write always parses; a test says so.
func gofmt(source string) string {
	if out, err := format.Source([]byte(source)); err == nil {
		return string(out)
	}
	return source
}

// goURL is an address that net/url can read. Where it could not, the target goes out as URL.Opaque.
func goURL(r *core.Request) string {
	if _, err := url.Parse(asciiURL(r.URL())); err == nil {
		return r.URL()
	}
	return strings.TrimSuffix(r.URL(), pathAndQuery(r)) + "/"
}

// goKeeps reports whether net/http would send that target for that address.
func goKeeps(address, target string) bool {
	u, err := url.Parse(address)
	return err == nil && u.RequestURI() == target
}

func firstOf(h core.Header, i int) bool {
	for _, f := range h[:i] {
		if f.Name == h[i].Name {
			return false
		}
	}
	return true
}

// Python writes a program that sends the request with the standard library, fields in their order.
func Python(r core.Request) string {
	var b strings.Builder
	connection := "HTTPConnection"
	if strings.HasPrefix(r.URL(), "https:") {
		connection = "HTTPSConnection"
	}
	fmt.Fprintf(&b, "import http.client\n\nbody = %s\n\nconnection = http.client.%s(%s, timeout=30)\n", pyBytes(string(r.Body)), connection, scriptQuote(authority(&r)))
	fmt.Fprintf(&b, "connection.putrequest(%s, %s, skip_host=True, skip_accept_encoding=True)\n", scriptQuote(r.Method), scriptQuote(asciiURL(pathAndQuery(&r))))
	for _, f := range sentHeader(&r) {
		fmt.Fprintf(&b, "connection.putheader(%s, %s)\n", scriptQuote(f.Name), pyBytes(f.Value))
	}
	b.WriteString("connection.endheaders(body)\nresponse = connection.getresponse()\nprint(response.status, response.reason)\nprint(response.read().decode(errors=\"replace\"))\n")
	return b.String()
}

// Node writes a program that sends the request with the standard library, fields in their order.
func Node(r core.Request) string {
	var b strings.Builder
	module := "http"
	if strings.HasPrefix(r.URL(), "https:") {
		module = "https"
	}
	host, port, _ := strings.Cut(authority(&r), ":")
	if i := strings.LastIndex(authority(&r), "]"); i >= 0 { // an IPv6 address
		host, port = authority(&r)[1:i], strings.TrimPrefix(authority(&r)[i+1:], ":")
	}
	fmt.Fprintf(&b, "const http = require('node:%s');\n\nconst body = %s;\n\nconst request = http.request({\n  host: %s,\n", module, jsBuffer(r.Body), scriptQuote(host))
	if port != "" {
		fmt.Fprintf(&b, "  port: %s,\n", scriptQuote(port))
	}
	fmt.Fprintf(&b, "  method: %s,\n  path: %s,\n  headers: [\n", scriptQuote(r.Method), scriptQuote(asciiURL(pathAndQuery(&r))))
	for _, f := range sentHeader(&r) {
		fmt.Fprintf(&b, "    %s, %s,\n", scriptQuote(f.Name), jsLatin1(f.Value))
	}
	b.WriteString(`  ],
}, (response) => {
  console.log(response.statusCode, response.statusMessage);
  response.pipe(process.stdout);
});
request.end(body);
`)
	return b.String()
}

// endToEnd leaves out what belongs to one connection, and what a client makes anew.
func endToEnd(h core.Header) core.Header {
	var out core.Header
	for _, f := range h.EndToEnd().Without("Host", "Content-Length") {
		if core.IsToken(f.Name) && !strings.ContainsAny(f.Value, "\r\n\x00") {
			out = append(out, f)
		}
	}
	return out
}

// sentHeader is the whole header for clients that add nothing to it.
func sentHeader(r *core.Request) core.Header {
	host := r.Host
	if host == "" {
		host = authority(r)
	}
	h := append(core.Header{{Name: "Host", Value: host}}, endToEnd(r.Header)...)
	if len(r.Body) > 0 || r.Method != "GET" && r.Method != "HEAD" {
		h = append(h, core.Field{Name: "Content-Length", Value: strconv.Itoa(len(r.Body))})
	}
	return h
}

// authority is the host, with its port where one is given, that the address names.
func authority(r *core.Request) string {
	address := r.URL()
	if !isAbsolute(r.Target) {
		address = strings.TrimSuffix(address, r.Target)
	}
	_, rest, _ := strings.Cut(address, "://")
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		rest = rest[:i]
	}
	if rest == "" {
		return "localhost" // it came without a Host, over a way that nobody knows
	}
	return rest[strings.LastIndexByte(rest, '@')+1:]
}

func isAbsolute(target string) bool {
	return strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://")
}

// pathAndQuery is the target without scheme and host.
func pathAndQuery(r *core.Request) string {
	if q := r.Query(); q != "" || strings.Contains(r.Target, "?") {
		return r.Path() + "?" + q
	}
	return r.Path()
}

// goQuote prefers a raw string, in which JSON can be read.
func goQuote(s string) string {
	if printable(s) && !strings.Contains(s, "`") && strings.ContainsAny(s, "\"\n") {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

// scriptQuote is a string literal for Python and JavaScript alike. Bytes that are no UTF-8 become U+FFFD.
func scriptQuote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, c := range s {
		switch {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case !core.Active(c) || c > 0xffff: // Python and JavaScript have no escape for the latter in common
			b.WriteRune(c)
		case c < 0x100:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// pyBytes is a bytes value of Python: a readable one for text, else every odd byte as an escape.
func pyBytes(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if !ascii && utf8.ValidString(s) {
		return scriptQuote(s) + ".encode()"
	}
	return "b" + byteQuote(s)
}

// jsBuffer is a Buffer of JavaScript.
func jsBuffer(b []byte) string {
	if utf8.Valid(b) {
		return "Buffer.from(" + scriptQuote(string(b)) + ")"
	}
	return "Buffer.from(" + scriptQuote(encode64(b)) + ", 'base64')"
}

// jsLatin1 is a string whose characters are the bytes of s: what Node sends for a field.
func jsLatin1(s string) string { return byteQuote(s) }

func byteQuote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c >= ' ' && c < 0x7f:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
