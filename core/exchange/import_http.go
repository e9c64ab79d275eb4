package exchange

import (
	"bytes"
	"fmt"
	"io"
	"net/http/httputil"
	"regexp"
	"strconv"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// requestLine is the first line of a request, as it is on the wire.
var requestLine = regexp.MustCompile(`^([!#$%&'*+.^_|~0-9A-Za-z` + "`" + `-]+) (\S+) (HTTP/\d(?:\.\d)?)\r?$`)

// readRaw reads requests as they are on the wire, one behind the other.
func readRaw(data []byte) (File, error) {
	all := entries{kind: "request"}
	for data = trimLines(data); len(data) > 0; data = trimLines(data) {
		all.begin()
		c, rest, says, err := rawRequest(data)
		if err != nil {
			all.leave(err)
			break
		}
		all.take(c, says...)
		data = rest
	}
	if all.count == 0 {
		return all.File, &core.Invalid{Field: "file", Reason: "holds no request"}
	}
	return all.File, nil
}

func trimLines(data []byte) []byte { return bytes.TrimLeft(data, "\r\n") }

// rawRequest reads the first request of a text, and returns what follows it.
func rawRequest(data []byte) (c core.Capture, rest []byte, says []string, err error) {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	parts := requestLine.FindSubmatch(line)
	if parts == nil {
		return c, nil, nil, &refusal{"request", fmt.Sprintf("%q is no request line", short(strings.TrimSpace(string(line)), 60)), "want one like POST /path HTTP/1.1"}
	}
	head, body := data, []byte(nil)
	if i := headEnd(data); i >= 0 {
		head, body = data[:i], data[i:]
	}
	r := core.Request{Method: string(parts[1]), Target: string(parts[2]), Proto: string(parts[3]), Header: core.ParseHead(head)}
	if r.Proto == "HTTP/2" {
		r.Proto = "HTTP/2.0"
	}
	if r.Host = r.Header.Get("Host"); bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		r.Head = bytes.Clone(head)
	}
	switch length := r.Header.Get("Content-Length"); {
	case strings.EqualFold(r.Header.Get("Transfer-Encoding"), "chunked"):
		tail := &counted{r: bytes.NewReader(body)}
		if whole, failed := io.ReadAll(httputil.NewChunkedReader(tail)); failed == nil {
			r.Body, rest = whole, trimLines(body[min(tail.n, len(body)):])
		} else {
			r.Body, says = bytes.TrimRight(body, "\r\n"), []string{"the chunks of the body are not there: it is taken as it stands"}
		}
	case length != "":
		n, failed := strconv.Atoi(strings.TrimSpace(length))
		if failed != nil || n < 0 {
			return c, nil, nil, &refusal{"Content-Length", fmt.Sprintf("%q is no number", short(length, 20)), "correct it"}
		}
		if r.Body, rest = body[:min(n, len(body))], body[min(n, len(body)):]; len(trimLines(rest)) > 0 && requestLine.Match(firstLine(rest)) {
			break
		} else if text := bytes.TrimRight(body, "\r\n"); len(bytes.TrimSpace(rest)) > 0 || len(body) < n {
			r.Body, rest = text, nil // written by hand: the length is not right
			says = []string{fmt.Sprintf("Content-Length says %d bytes, and %d are there", n, len(text))}
			r.Truncated = len(text) < n
			r.Size = int64(n)
		}
	case r.Method == "GET" || r.Method == "HEAD":
		if rest = trimLines(body); !requestLine.Match(firstLine(rest)) {
			r.Body, rest = bytes.TrimRight(rest, "\r\n"), nil
		}
	default:
		r.Body = bytes.TrimRight(body, "\r\n")
	}
	if len(r.Body) == 0 {
		r.Body = nil
	}
	r.Size = max(r.Size, int64(len(r.Body)))
	c.Request = r
	return c, rest, says, nil
}

func firstLine(data []byte) []byte {
	line, _, _ := bytes.Cut(trimLines(data), []byte("\n"))
	return line
}

// headEnd is where the head ends, or -1.
func headEnd(data []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(data[at:], '\n')
		if i < 0 {
			return -1
		}
		if at += i + 1; bytes.HasPrefix(data[at:], []byte("\r\n")) {
			return at + 2
		} else if bytes.HasPrefix(data[at:], []byte("\n")) {
			return at + 1
		}
	}
}

// counted counts what a chunked body uses; it gives a byte at a time, so that nothing beyond is taken.
type counted struct {
	r *bytes.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p[:min(1, len(p))])
	c.n += n
	return n, err
}

// readHTTP reads a .http file of VS Code's REST client or of JetBrains: requests between lines of ###, with variables
// that the file sets.
func readHTTP(data []byte) (File, error) {
	all := entries{kind: "request"}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	vars := map[string]string{}
	head := true // before a request, where variables stand
	for _, line := range strings.Split(text, "\n") {
		if name, value, ok := fileVariable(line); ok && head {
			vars[name] = value
		} else {
			head = strings.HasPrefix(line, "###") || head && (strings.TrimSpace(line) == "" || isComment(strings.TrimSpace(line)))
		}
	}
	name := ""
	var lines []string
	flush := func() {
		d := draft{name: name, vars: []map[string]string{vars}}
		if has, err := d.http(lines); has {
			all.begin()
			all.draft(&d, err)
		}
		lines = nil
	}
	for _, line := range strings.Split(text, "\n") {
		if title, ok := strings.CutPrefix(line, "###"); ok {
			flush()
			name = strings.TrimSpace(title)
			continue
		}
		lines = append(lines, line)
	}
	flush()
	if all.count == 0 {
		return all.File, &core.Invalid{Field: "file", Reason: "holds no request"}
	}
	return all.File, nil
}

var variableLine = regexp.MustCompile(`^@([A-Za-z0-9_.-]+)\s*=\s*(.*)$`)

func fileVariable(line string) (name, value string, ok bool) {
	if m := variableLine.FindStringSubmatch(line); m != nil {
		return m[1], strings.TrimSpace(m[2]), true
	}
	return "", "", false
}

var namedComment = regexp.MustCompile(`^(?:#|//)\s*@name[ =]+(\S+)`)

// http reads the lines of one request; has says whether there is one.
func (d *draft) http(lines []string) (has bool, err error) {
	i := 0
	for ; i < len(lines); i++ { // what stands before it
		line := strings.TrimSpace(lines[i])
		if m := namedComment.FindStringSubmatch(line); m != nil {
			d.name = m[1]
		}
		if token, ok := strings.CutPrefix(line, "# "+exactMark); ok {
			d.exact = token
		}
		if strings.HasPrefix(line, "< {%") {
			for ; i < len(lines) && !strings.Contains(lines[i], "%}"); i++ {
			}
			d.says = append(d.says, "a script stands before the request, which is not run")
			continue
		}
		if _, _, variable := fileVariable(line); line != "" && !variable && !isComment(line) {
			break
		}
	}
	if i == len(lines) {
		return false, nil
	}
	d.method, d.url, d.proto = httpLine(lines[i])
	if first := strings.TrimSpace(lines[i]); d.url == strings.TrimSuffix(first, " "+d.proto) && strings.ContainsAny(d.url, " \t<>") && !strings.Contains(d.url, "{{") {
		return true, &refusal{"request", fmt.Sprintf("%q is no line of a request", short(first, 40)), "begin with the method and the address, like POST https://a.example/in"}
	}
	for i++; i < len(lines); i++ { // an address that goes on
		line := strings.TrimSpace(lines[i])
		if lines[i] == line || line == "" || !strings.ContainsAny(line[:1], "?&/") {
			break
		}
		d.url += line
	}
	for ; i < len(lines) && strings.TrimSpace(lines[i]) != ""; i++ {
		line := strings.TrimSpace(lines[i])
		if isComment(line) {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return true, &refusal{"headers", fmt.Sprintf("%q is not of the form Name: value", short(line, 40)), "write it so, or an empty line before the body"}
		}
		d.header = append(d.header, core.Field{Name: name, Value: strings.TrimSpace(value)})
	}
	if d.url != "" && strings.HasPrefix(d.url, "/") {
		host := d.header.Get("Host")
		if host == "" {
			return true, &refusal{"url", "has no host, and no field Host names one", "write the whole address"}
		}
		d.url = "http://" + host + d.url
	}
	return true, d.httpBody(lines[min(i+1, len(lines)):])
}

func isComment(line string) bool {
	return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//")
}

// httpLine reads METHOD URL HTTP/1.1, of which the address alone must be there.
func httpLine(line string) (method, address, proto string) {
	line = strings.TrimSpace(line)
	if i := strings.LastIndex(line, " HTTP/"); i >= 0 && len(line)-i <= 9 {
		if line, proto = line[:i], line[i+1:]; proto == "HTTP/2" {
			proto = "HTTP/2.0"
		}
	}
	method, address, ok := strings.Cut(line, " ")
	if !ok || !core.IsToken(method) {
		return "GET", line, proto
	}
	return method, strings.TrimSpace(address), proto
}

// httpBody reads what follows the fields, up to what is for the client alone.
func (d *draft) httpBody(lines []string) error {
	for i, line := range lines {
		if strings.HasPrefix(line, "> {%") || strings.HasPrefix(line, "<> ") || strings.HasPrefix(line, "> ") || strings.HasPrefix(line, ">> ") {
			lines = lines[:i]
			break
		}
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 {
		return nil
	}
	kind := strings.ToLower(d.header.Get("Content-Type"))
	multi := strings.HasPrefix(kind, "multipart/")
	for _, line := range lines {
		if file, ok := strings.CutPrefix(line, "< "); ok && (multi || len(lines) == 1) {
			return &refusal{"body", fmt.Sprintf("reads the file %q, which is not read here", short(strings.TrimSpace(file), 40)), "put its content into the request"}
		}
	}
	body := strings.Join(lines, "\n")
	switch {
	case multi:
		body = strings.ReplaceAll(body, "\n", "\r\n") + "\r\n"
	case strings.HasPrefix(kind, formType): // one that goes on from line to line
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i])
		}
		body = strings.Join(lines, "")
	}
	d.body = []byte(body)
	return nil
}

// httpSink writes a .http file, each request behind a line of ###.
func httpSink(out io.Writer, _ sign.Scheme, _ sign.Book) sink {
	gap := ""
	return sink{func(c *core.Capture) error {
		text, exact := shownAs(&c.Request, httpOf, readHTTP)
		if exact != "" {
			exact = "# " + exactMark + exact + "\n"
		}
		_, err := fmt.Fprintf(out, "%s### %s\n%s%s", gap, comment(caseName(c)), exact, text)
		gap = "\n"
		return err
	}, func() error { return nil }}
}

// httpOf is a request as a .http file has it. Host and Content-Length are left to the client where they are what it makes
// anyway, so that the body can be changed.
func httpOf(r *core.Request) string {
	var b strings.Builder
	address, _ := harURL(r)
	fmt.Fprintf(&b, "%s %s %s\n", r.Method, address, r.Proto)
	for _, f := range ownFields(r) {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Value)
	}
	if len(r.Body) > 0 {
		fmt.Fprintf(&b, "\n%s\n", r.Body)
	}
	return b.String()
}
