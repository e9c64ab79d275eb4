package exchange

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"hookglass/core"
)

// What curl itself says in a request. The version is that of a curl of today.
const (
	curlAgent     = "curl/8.17.0"
	curlEncodings = "deflate, gzip, br, zstd"
	formType      = "application/x-www-form-urlencoded"
	askFirst      = 1 << 20 // bytes of body above which curl asks whether it may send them
)

// build makes the requests of what was read: one for each address.
func (l *curlLine) build() (out []core.Request, err error) {
	if len(l.urls) == 0 {
		return nil, &refusal{"URL", "is missing", "write the address into the command"}
	}
	var addresses []string
	for _, u := range l.urls {
		made, err := l.globbed(u)
		if err != nil {
			return nil, err
		}
		if addresses = append(addresses, made...); len(addresses) > mostWords {
			return nil, &refusal{"URL", fmt.Sprintf("[ ] and { } make more than %d addresses", mostWords), "import fewer at a time"}
		}
	}
	body, kind, err := l.body()
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		r, err := l.requestTo(a, body, kind)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// body is what follows the head, with its type; nil where nothing does.
func (l *curlLine) body() (body []byte, kind string, err error) {
	if ways := btoi(l.hasData && !l.get) + btoi(len(l.parts) > 0) + btoi(l.head && !l.get); ways > 1 {
		return nil, "", &refusal{"command", "has two of -d, -F and -I, which curl refuses", "keep one; -G puts the data into the address"}
	}
	switch {
	case len(l.parts) > 0:
		disposition := "form-data"
		if given, ok := l.multipartType(); ok && !strings.HasPrefix(strings.ToLower(given), "multipart/form-data") {
			disposition = "attachment"
		}
		body, boundary := multipart(l.parts, disposition, l.escapes)
		l.say("the multipart body has a boundary of ours: curl makes a new one each time")
		return body, "multipart/form-data; boundary=" + boundary, nil
	case l.hasData && !l.get:
		return notNil(l.data), formType, nil
	}
	return nil, "", nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (l *curlLine) requestTo(address string, body []byte, kind string) (core.Request, error) {
	r, user, err := l.requestAt(address)
	if err != nil {
		return r, err
	}
	if l.proto != "" {
		r.Proto = l.proto
	}
	switch {
	case l.head:
		r.Method = "HEAD"
	case body != nil:
		r.Method = "POST"
	}
	if l.method != "" {
		r.Method = l.method
	}
	if !core.IsToken(r.Method) {
		return r, &refusal{"--request", fmt.Sprintf("%q is not a method", r.Method), "want a word like POST"}
	}
	if l.get && l.hasData {
		r.Target = withQuery(r.Target, lowerEscapes(l.data))
	} else {
		for _, q := range l.query {
			r.Target = withQuery(r.Target, lowerEscapes(q))
		}
	}
	if strings.ContainsFunc(r.Target, noTarget) {
		return r, &refusal{"URL", fmt.Sprintf("%q has a space, which curl refuses", short(r.Target, 60)), "write %20 for it"}
	}
	if l.target != "" {
		r.Target = l.target
	}
	if l.user != "" {
		user = l.user
	}
	r.Body, r.Size = body, int64(len(body))
	l.setFields(&r, user, kind)
	return r, nil
}

// setFields puts the fields in curl's order: its own, then those of -H, then those of the body.
func (l *curlLine) setFields(r *core.Request, user, kind string) {
	custom, mentioned := l.custom(kind)
	add := func(name, value string) {
		if value != "" && !mentioned[strings.ToLower(name)] {
			r.Header = append(r.Header, core.Field{Name: name, Value: value})
		}
	}
	base := r.Host
	if host, ok := custom.Lookup("Host"); ok {
		r.Host, custom = host, custom.Without("Host")
		r.Header = append(r.Header, core.Field{Name: "Host", Value: host})
	} else if mentioned["host"] {
		r.Host = ""
	} else {
		add("Host", base)
	}
	switch {
	case l.bearer != "":
		add("Authorization", "Bearer "+l.bearer)
	case user != "":
		add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user)))
	}
	switch {
	case l.byteRun == "":
	case r.Body == nil:
		add("Range", "bytes="+l.byteRun)
	case len(l.parts) == 0:
		add("Content-Range", fmt.Sprintf("bytes %s/%d", l.byteRun, len(r.Body)))
	}
	if l.agent == nil {
		add("User-Agent", curlAgent)
	} else {
		add("User-Agent", *l.agent)
	}
	if !l.isJSON {
		add("Accept", "*/*")
	}
	if l.transfer {
		add("Connection", "TE")
		add("TE", "gzip")
	}
	if l.compressed {
		add("Accept-Encoding", curlEncodings)
	}
	add("Referer", l.referer)
	add("Cookie", strings.Join(l.cookies, ";"))
	r.Header = append(r.Header, custom...)
	if l.isJSON {
		add("Content-Type", "application/json")
		add("Accept", "application/json")
	}
	if r.Body == nil {
		return
	}
	if !strings.EqualFold(custom.Get("Transfer-Encoding"), "chunked") || r.Proto == "HTTP/1.0" {
		add("Content-Length", strconv.Itoa(len(r.Body)))
	}
	if !l.isJSON {
		if given, ok := l.multipartType(); ok {
			r.Header = append(r.Header, core.Field{Name: "Content-Type", Value: given + strings.TrimPrefix(kind, "multipart/form-data")})
		} else {
			add("Content-Type", kind)
		}
	}
	if len(r.Body) > askFirst && r.Proto == "HTTP/1.1" {
		add("Expect", "100-continue")
	}
}

// custom are the fields of -H, and the names that they speak of, in lower case.
func (l *curlLine) custom(kind string) (fields core.Header, mentioned map[string]bool) {
	mentioned = map[string]bool{}
	for _, line := range l.header {
		name, value, found := strings.Cut(line, ":")
		name = strings.TrimSuffix(name, ";")
		mentioned[strings.ToLower(name)] = true
		value = strings.Trim(value, " \t")
		switch {
		case found && value == "": // takes away what curl would send
		case strings.EqualFold(name, "Content-Type") && strings.HasPrefix(kind, "multipart/form-data"): // gets the boundary
		default:
			fields = append(fields, core.Field{Name: name, Value: value})
		}
	}
	return fields, mentioned
}

// multipartType is the type that -H gives a multipart body.
func (l *curlLine) multipartType() (given string, ok bool) {
	if len(l.parts) == 0 {
		return "", false
	}
	for _, line := range l.header {
		if name, value, found := strings.Cut(line, ":"); found && strings.EqualFold(name, "Content-Type") && strings.Trim(value, " \t") != "" {
			return strings.Trim(value, " \t"), true
		}
	}
	return "", false
}

// requestAt is the request for an address as curl understands it: without what is only for people, with the path put
// straight.
func (l *curlLine) requestAt(address string) (r core.Request, user string, err error) {
	scheme, rest, ok := strings.Cut(address, ":")
	slashes := len(rest) - len(strings.TrimLeft(rest, "/"))
	if !ok || slashes == 0 || strings.ContainsAny(scheme, ".[@/?#") {
		if scheme, rest = l.scheme, address; strings.HasPrefix(strings.ToLower(address), "ftp.") {
			scheme = "ftp"
		}
	} else {
		rest = rest[min(slashes, 3):]
	}
	r, user, err = requestAt(strings.ToLower(scheme) + "://" + rest)
	if err != nil {
		return r, "", &refusal{"URL", err.Error(), "want an http:// or https:// address without spaces"}
	}
	if name, port, has := strings.Cut(r.Host[strings.LastIndexByte(r.Host, ']')+1:], ":"); has && strings.Trim(port, "0123456789") != "" {
		return r, "", &refusal{"URL", fmt.Sprintf("%q is no port", short(port, 20)), "want a number behind the colon of " + short(name, 40)}
	}
	host := hostPort(r.Host, strings.ToLower(scheme))
	if host == "" {
		return r, "", &refusal{"URL", fmt.Sprintf("%q names no host", short(address, 40)), "write one behind the //"}
	}
	r.Host, r.Base = host, strings.ToLower(scheme)+"://"+host
	if path, query, has := strings.Cut(r.Target, "?"); !l.asIsPath {
		if r.Target = asciiPath(withoutDots(path)); has {
			r.Target += "?" + query
		}
	}
	if user != "" {
		if user = unescapedUser(user); !strings.Contains(user, ":") {
			user += ":"
		}
	}
	return r, user, nil
}

func unescapedUser(user string) string {
	if plain, err := url.PathUnescape(user); err == nil {
		return plain
	}
	return user
}

// hostPort leaves out the port that the scheme has anyway, and the zeroes before one.
func hostPort(host, scheme string) string {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.Contains(host[i:], "]") {
		return host
	}
	port := strings.TrimLeft(host[i+1:], "0")
	if port == "" || port == map[string]string{"http": "80", "https": "443"}[scheme] {
		return host[:i]
	}
	return host[:i+1] + port
}

// withoutDots resolves . and .. in a path: RFC 3986, 5.2.4.
func withoutDots(path string) string {
	if !strings.Contains(path, "/.") && !strings.Contains(strings.ToLower(path), "/%2e") {
		return path
	}
	var out []string
	parts := strings.Split(path, "/")
	for i, p := range parts {
		last := i == len(parts)-1
		switch p {
		case ".", "..":
			if p == ".." && len(out) > 1 {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, p)
		}
	}
	return strings.Join(out, "/")
}

// lowerEscapes writes the escapes of a query in small letters, as curl does with what it adds.
func lowerEscapes(query []byte) []byte {
	out := bytes.Clone(query)
	for i := range out {
		if i > 0 && query[i-1] == '%' && i+1 < len(query) && isHex(query[i]) && isHex(query[i+1]) || i > 1 && query[i-2] == '%' && isHex(query[i-1]) && isHex(query[i]) {
			out[i] = lower(query[i])
		}
	}
	return out
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdef", lower(c)) >= 0 }

// asciiPath escapes what is not ASCII, as curl does.
func asciiPath(path string) string {
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c < 0x80 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return b.String()
}

func withQuery(target string, query []byte) string {
	switch {
	case len(query) == 0:
		return target
	case strings.HasSuffix(target, "?"):
		return target + string(query)
	case strings.Contains(target, "?"):
		return target + "&" + string(query)
	}
	return target + "?" + string(query)
}
