package exchange

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"hookglass/core"
)

// parseCurls reads every curl command of a text, as people paste them. Fields that curl makes by itself are not added, but for those
// that say how to read the body. What it cannot do without files, a network or a boundary of curl's own is unread, by the
// flag's name. What a curl command is piped into is left out.
func parseCurls(text string) (out []core.Request, unread []Unread, err error) {
	commands, err := shellCommands(text)
	if err != nil {
		return nil, nil, err
	}
	for i, c := range commands {
		words := c.words
		if words[0] == "$" || words[0] == "%" { // a prompt, copied along
			words = words[1:]
		}
		switch name := commandName(words); {
		case name == "curl":
			var fed []string
			if i > 0 && commands[i-1].piped {
				fed = commands[i-1].words
			}
			r, err := curlRequest(words[1:], fed)
			var invalid *core.Invalid
			if errors.As(err, &invalid) {
				unread = append(unread, Unread{Index: len(out) + len(unread) + 1, Place: fmt.Sprintf("command %d", len(out)+len(unread)+1), Why: invalid})
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			out = append(out, r)
		case c.piped && i+1 < len(commands) && commandName(commands[i+1].words) == "curl":
		case i > 0 && commands[i-1].piped:
		default:
			return nil, nil, shellError("%q is not curl; want a curl command", short(strings.Join(words, " "), 40))
		}
	}
	if len(out)+len(unread) == 0 {
		return nil, nil, shellError("there is no curl command in it")
	}
	return out, unread, nil
}

// curlRequest reads one command without its name; fed is the command that feeds it, if any.
func curlRequest(words, fed []string) (r core.Request, err error) {
	l := &curlLine{}
	if fed != nil {
		if l.stdin, err = printed(fed); err != nil {
			return r, err
		}
	}
	return l.request(words)
}

func commandName(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return strings.TrimSuffix(words[0][strings.LastIndexByte(words[0], '/')+1:], ".exe")
}

// printed is what a command that feeds curl writes; printf and echo are known.
func printed(words []string) ([]byte, error) {
	switch {
	case words[0] == "printf" && len(words) == 3 && words[1] == "%s":
		return []byte(words[2]), nil
	case words[0] == "printf" && len(words) == 2 && !strings.Contains(words[1], "%"):
		return unescapedFormat(words[1]), nil
	case words[0] == "echo" && len(words) > 2 && words[1] == "-n":
		return []byte(strings.Join(words[2:], " ")), nil
	case words[0] == "echo" && !strings.Contains(strings.Join(words, ""), `\`):
		return []byte(strings.Join(words[1:], " ") + "\n"), nil
	}
	return nil, shellError("what %q prints is not known here; put the body into the command", short(strings.Join(words, " "), 40))
}

// curlLine is a curl command being read.
type curlLine struct {
	method, url string
	target      string // sent instead of the path of the URL
	proto       string
	header      core.Header // those that flags make
	custom      core.Header // those of -H
	dropped     []string    // "Name:" takes away what curl would make
	data        [][]byte
	json        []byte
	isJSON      bool
	get, head   bool
	asIs        bool // no globbing
	stdin       []byte
}

func (l *curlLine) request(words []string) (core.Request, error) {
	for len(words) > 0 {
		rest, err := l.take(words)
		if err != nil {
			return core.Request{}, err
		}
		words = rest
	}
	return l.build()
}

// take reads the first word, with its value where it wants one, and returns the rest.
func (l *curlLine) take(words []string) ([]string, error) {
	word, rest := words[0], words[1:]
	if !strings.HasPrefix(word, "-") || word == "-" {
		return rest, l.setURL(word)
	}
	if strings.HasPrefix(word, "--") {
		return l.flag(word, strings.TrimPrefix(word, "--"), rest)
	}
	for i := 1; i < len(word); i++ { // -sSL, -XPOST
		name, ok := curlShort(word[i])
		if !ok {
			return nil, &core.Invalid{Field: "-" + word[i:i+1], Reason: "is a flag that is not known here"}
		}
		if curlValue(name) && i+1 < len(word) {
			rest = append([]string{word[i+1:]}, rest...)
			i = len(word)
		}
		var err error
		if rest, err = l.flag("--"+name, name, rest); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// flag does what a flag says. said is the flag as it is named to the user.
func (l *curlLine) flag(said, name string, rest []string) ([]string, error) {
	if why, ok := curlUnsupported(name); ok {
		return nil, &core.Invalid{Field: said, Reason: why}
	}
	if curlIgnored(name) {
		l.asIs = l.asIs || name == "globoff"
		if name == "http1.0" {
			l.proto = "HTTP/1.0"
		}
		return rest, nil
	}
	if !curlValue(name) {
		return rest, l.toggle(said, name)
	}
	if len(rest) == 0 {
		return nil, &core.Invalid{Field: said, Reason: "wants a value"}
	}
	if err := l.set(said, name, rest[0]); err != nil {
		return nil, err
	}
	return rest[1:], nil
}

func (l *curlLine) toggle(said, name string) error {
	switch name {
	case "get":
		l.get = true
	case "head":
		l.head = true
	default:
		return &core.Invalid{Field: said, Reason: "is a flag that is not known here"}
	}
	return nil
}

func (l *curlLine) set(said, name, value string) error {
	switch name {
	case "url":
		return l.setURL(value)
	case "request":
		l.method = value
	case "request-target":
		if strings.ContainsFunc(value, noTarget) || value == "" {
			return &core.Invalid{Field: said, Reason: fmt.Sprintf("%q is not a target", value)}
		}
		l.target = value
	case "header":
		return l.setHeader(value)
	case "user":
		l.header = append(l.header, core.Field{Name: "Authorization", Value: "Basic " + base64.StdEncoding.EncodeToString([]byte(value))})
	case "oauth2-bearer":
		l.header = append(l.header, core.Field{Name: "Authorization", Value: "Bearer " + value})
	case "user-agent":
		l.header = append(l.header, core.Field{Name: "User-Agent", Value: value})
	case "referer":
		l.header = append(l.header, core.Field{Name: "Referer", Value: value})
	case "range":
		l.header = append(l.header, core.Field{Name: "Range", Value: "bytes=" + value})
	case "cookie":
		if !strings.Contains(value, "=") {
			return &core.Invalid{Field: said, Reason: fmt.Sprintf("reads the file %q; put the cookies into the command", value)}
		}
		l.header = append(l.header, core.Field{Name: "Cookie", Value: value})
	default:
		if !curlForgotten(name) {
			return l.setData(said, name, value)
		}
	}
	return nil
}

func (l *curlLine) setData(said, name, value string) error {
	data := []byte(value)
	switch {
	case name == "data-raw":
	case name == "data-urlencode":
		var ok bool
		if data, ok = urlencoded(value); !ok {
			return &core.Invalid{Field: said, Reason: fmt.Sprintf("%q reads a file; put the value into the command", value)}
		}
	case value == "@-" && l.stdin != nil:
		if data = l.stdin; name == "data" || name == "data-ascii" {
			data = bytes.Map(func(r rune) rune {
				if r == '\r' || r == '\n' || r == 0 {
					return -1
				}
				return r
			}, data)
		}
	case strings.HasPrefix(value, "@"):
		return &core.Invalid{Field: said, Reason: fmt.Sprintf("reads the file %q; put the body into the command", value[1:])}
	}
	if name == "json" {
		l.json, l.isJSON = append(l.json, data...), true
	} else {
		l.data = append(l.data, data)
	}
	return nil
}

// urlencoded does what --data-urlencode does: "text", "=text" or "name=text".
func urlencoded(value string) ([]byte, bool) {
	name, text, found := strings.Cut(value, "=")
	if strings.Contains(name, "@") {
		return nil, false
	}
	if !found {
		name, text = "", value
	}
	var b []byte
	if name != "" {
		b = append(b, name+"="...)
	}
	for i := range len(text) {
		switch c := text[i]; {
		case isAlnum(c) || strings.IndexByte("-._~", c) >= 0:
			b = append(b, c)
		case c == ' ':
			b = append(b, '+')
		default:
			b = fmt.Appendf(b, "%%%02X", c)
		}
	}
	return b, true
}

func (l *curlLine) setURL(value string) error {
	if l.url != "" {
		return &core.Invalid{Field: "URL", Reason: fmt.Sprintf("there are two, %q and %q; want one", l.url, value)}
	}
	if l.url = value; !strings.Contains(strings.SplitN(value, "?", 2)[0], "://") {
		l.url = "http://" + value
	}
	return nil
}

// setHeader reads -H: "Name: value", "Name;" for an empty value, "Name:" to take away what curl would send.
func (l *curlLine) setHeader(line string) error {
	if strings.HasPrefix(line, "@") {
		return &core.Invalid{Field: "--header", Reason: fmt.Sprintf("reads the file %q; put the header into the command", line[1:])}
	}
	name, value, found := strings.Cut(line, ":")
	value = strings.Trim(value, " \t")
	switch {
	case !found && strings.HasSuffix(line, ";"):
		name = strings.TrimSuffix(line, ";")
	case found && value == "":
		l.dropped = append(l.dropped, name)
		return nil
	case !found:
		return &core.Invalid{Field: "--header", Reason: fmt.Sprintf("%q is not of the form Name: value", line)}
	}
	l.custom = append(l.custom, core.Field{Name: name, Value: value})
	return nil
}

// build makes the request of what was read.
func (l *curlLine) build() (core.Request, error) {
	if l.url == "" {
		return core.Request{}, &core.Invalid{Field: "URL", Reason: "is missing"}
	}
	r, user, err := requestAt(l.url)
	if err != nil {
		return r, &core.Invalid{Field: "URL", Reason: err.Error()}
	}
	if !l.asIs && strings.ContainsAny(r.Target, "[]{}") {
		return r, &core.Invalid{Field: "URL", Reason: "curl makes several addresses of [ ] and { }; add --globoff where they are meant"}
	}
	if l.target != "" {
		r.Target = l.target
	}
	if l.proto != "" {
		r.Proto = l.proto
	}
	body := l.json
	if !l.isJSON {
		body = bytes.Join(l.data, []byte("&"))
	}
	r.Method = "GET"
	switch {
	case l.head:
		r.Method = "HEAD"
	case l.get:
		r.Target, body = withQuery(r.Target, body), nil
	case l.data != nil || l.isJSON:
		r.Method = "POST"
	}
	if l.method != "" {
		r.Method = l.method
	}
	if !core.IsToken(r.Method) {
		return r, &core.Invalid{Field: "--request", Reason: fmt.Sprintf("%q is not a method", r.Method)}
	}
	if user != "" {
		l.header = append(l.header, core.Field{Name: "Authorization", Value: "Basic " + base64.StdEncoding.EncodeToString([]byte(unescaped(user)))})
	}
	r.Body, r.Size = body, int64(len(body))
	l.setFields(&r)
	for _, f := range r.Header {
		if !core.IsToken(f.Name) || strings.ContainsAny(f.Value, "\r\n\x00") {
			return r, &core.Invalid{Field: "--header", Reason: fmt.Sprintf("%q is no header that HTTP can carry", f.Name+": "+f.Value)}
		}
	}
	return r, nil
}

// setFields puts the fields in curl's order: its own first, then those of -H.
func (l *curlLine) setFields(r *core.Request) {
	own := append(core.Header{{Name: "Host", Value: r.Host}}, l.header...)
	switch {
	case l.isJSON:
		own = append(own, core.Field{Name: "Content-Type", Value: "application/json"}, core.Field{Name: "Accept", Value: "application/json"})
	case l.data != nil && !l.get && !l.head:
		own = append(own, core.Field{Name: "Content-Type", Value: "application/x-www-form-urlencoded"})
	}
	for _, f := range l.custom {
		own = own.Without(f.Name)
	}
	r.Header = append(own.Without(l.dropped...), l.custom...)
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
}

func withQuery(target string, query []byte) string {
	switch {
	case len(query) == 0:
		return target
	case strings.Contains(target, "?"):
		return target + "&" + string(query)
	}
	return target + "?" + string(query)
}
