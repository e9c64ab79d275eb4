package exchange

import (
	"fmt"
	"slices"
	"strings"

	"hookglass/core"
)

// readCurls reads every curl command of a text, as people paste them: for a POSIX shell, for Windows' cmd or for PowerShell. Each becomes the
// request that curl would make of it, or several. What needs files, a network or the clock is named and left out. What a
// command is piped into is passed over.
func readCurls(data []byte) (File, error) {
	all := entries{kind: "command"}
	var commands []command
	switch text := string(data); {
	case isPowerShell(text):
		commands = powerShellCommands(text)
	case isWindows(text):
		commands = windowsCommands(text)
	default:
		commands = shellCommands(text)
	}
	for _, c := range commands {
		if c.err == nil && !isCurl(c.words) {
			if !isPassing(c.words) {
				all.begin()
				all.leave(&refusal{"command", fmt.Sprintf("%q is not curl", short(strings.Join(c.words, " "), 40)), "want a curl command"})
			}
			continue
		}
		all.begin()
		requests, says, err := c.requests()
		if err != nil {
			all.leave(err)
			continue
		}
		for _, r := range requests {
			all.take(core.Capture{Request: r}, says...)
		}
	}
	if all.count == 0 {
		return all.File, &core.Invalid{Field: "command", Reason: "there is no curl command in it"}
	}
	return all.File, nil
}

// isPassing reports whether a command beside curl says nothing of what is sent.
func isPassing(words []string) bool {
	const names = " set cd echo printf sleep exit true false : export unset mkdir rm jq python python3 grep sed awk head tail tee cat less xargs sort wc test [ [[ source . date tr cut base64 read clear open "
	return len(words) == 0 || strings.Contains(names, " "+words[0]+" ")
}

// requests are those that a command makes.
func (c *command) requests() ([]core.Request, []string, error) {
	if c.err != nil {
		return nil, nil, c.err
	}
	if c.request != nil {
		return []core.Request{*c.request}, nil, nil
	}
	l := newCurlLine(c)
	words := c.words[1:]
	var out []core.Request
	for len(words) > 0 {
		rest, err := l.take(words)
		if err != nil {
			return nil, nil, err
		}
		if words = rest; l.next {
			made, err := l.build()
			if err != nil {
				return nil, nil, err
			}
			out, l = append(out, made...), newCurlLine(c)
		}
	}
	made, err := l.build()
	return append(out, made...), l.says, err
}

// curlLine is a curl command being read, or its part up to --next.
type curlLine struct {
	command *command
	next    bool
	says    []string

	method  string
	urls    []string
	target  string // sent instead of the path of the URL
	proto   string
	scheme  string // of an address without one
	user    string
	bearer  string
	agent   *string
	referer string
	byteRun string // Range
	cookies []string
	header  []string // of -H
	data    []byte
	hasData bool
	isJSON  bool
	parts   []formPart
	query   [][]byte

	get, head, asIs, asIsPath, compressed, transfer, escapes bool
}

func newCurlLine(c *command) *curlLine { return &curlLine{command: c, scheme: "http"} }

func (l *curlLine) say(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(l.says, text) {
		l.says = append(l.says, text)
	}
}

// take reads the first word, with its value where it wants one, and returns the rest.
func (l *curlLine) take(words []string) ([]string, error) {
	word, rest := words[0], words[1:]
	switch {
	case !strings.HasPrefix(word, "-") || word == "-":
		l.urls = append(l.urls, word)
		return rest, nil
	case word == "--":
		l.urls = append(l.urls, rest...)
		return nil, nil
	case strings.HasPrefix(word, "--"):
		name, _, _ := strings.Cut(word[2:], "=")
		o, off, ok := curlLong(name)
		if !ok {
			return nil, &refusal{word, "is an option that curl does not have, or the beginning of several", "write its whole name"}
		}
		if strings.Contains(word, "=") {
			return nil, &refusal{word, "is not how curl takes a value", "write it as the next word"}
		}
		return l.option("--"+o.name, o, off, rest)
	}
	for i := 1; i < len(word); i++ { // -sSL, -XPOST
		o, ok := curlLetter(word[i])
		if !ok {
			return nil, &refusal{"-" + word[i:i+1], "is an option that curl does not have", "take it out"}
		}
		if o.value && i+1 < len(word) {
			rest = append([]string{word[i+1:]}, rest...)
			i = len(word)
		}
		var err error
		if rest, err = l.option("--"+o.name, o, o.name == "buffer", rest); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// option does what an option says. said is how it is named to the user.
func (l *curlLine) option(said string, o curlOption, off bool, rest []string) ([]string, error) {
	if why, next, ok := curlUnsupported(o.name); ok && !off {
		return nil, &refusal{said, why, next}
	}
	if !o.value {
		l.toggle(o.name, !off)
		return rest, nil
	}
	if len(rest) == 0 {
		return nil, &refusal{said, "wants a value", "write it behind"}
	}
	return rest[1:], l.set(said, o.name, rest[0])
}

func (l *curlLine) toggle(name string, on bool) {
	flags := map[string]*bool{"get": &l.get, "head": &l.head, "globoff": &l.asIs, "path-as-is": &l.asIsPath, "compressed": &l.compressed, "tr-encoding": &l.transfer,
		"form-escape": &l.escapes, "next": &l.next}
	if flag := flags[name]; flag != nil {
		*flag = on
	}
	switch name {
	case "http1.0":
		l.proto = "HTTP/1.0"
	case "http1.1", "http2", "http2-prior-knowledge", "http3", "http3-only":
		l.proto = ""
	}
}

func (l *curlLine) set(said, name, value string) error {
	switch name {
	case "url":
		if file, ok := strings.CutPrefix(value, "@"); ok {
			return &refusal{said, fmt.Sprintf("reads the file %q, which is not read here", file), "put the addresses into the command"}
		}
		l.urls = append(l.urls, value)
	case "request":
		l.method = value
	case "request-target":
		if strings.ContainsFunc(value, noTarget) || value == "" {
			return &refusal{said, fmt.Sprintf("%q is not a target", value), "want one without spaces"}
		}
		l.target = value
	case "proto-default":
		l.scheme = strings.ToLower(value)
	case "header":
		return l.setHeader(value)
	case "user":
		if !strings.Contains(value, ":") {
			return &refusal{said, "has no password, which curl would ask for", "write USER:PASSWORD, or USER: where it is empty"}
		}
		l.user = value
	case "oauth2-bearer":
		l.bearer = value
	case "user-agent":
		l.agent = &value
	case "referer":
		l.referer, _, _ = strings.Cut(value, ";auto")
	case "range":
		if l.byteRun = value; !strings.Contains(value, "-") {
			l.byteRun = value + "-"
		}
	case "continue-at":
		if value == "-" {
			return &refusal{said, "reads how long a file is", "write the number"}
		}
		l.byteRun = strings.TrimLeft(value, "0") + "-"
		if l.byteRun == "-" {
			l.byteRun = ""
		}
	case "cookie":
		switch {
		case strings.Contains(value, "="):
			l.cookies = append(l.cookies, value)
		case value != "":
			return &refusal{said, fmt.Sprintf("reads the file %q, which is not read here", value), "put the cookies into the command: -b 'NAME=VALUE'"}
		}
	case "form", "form-string":
		part, err := newFormPart(value, name == "form-string")
		if err != nil {
			return err
		}
		l.parts = append(l.parts, part)
	case "url-query":
		data, err := l.queried(said, value)
		l.query = append(l.query, data)
		return err
	case "data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json":
		return l.setData(said, name, value)
	}
	return nil
}

// setHeader takes -H as it is; a line that curl does not send is said.
func (l *curlLine) setHeader(line string) error {
	if file, ok := strings.CutPrefix(line, "@"); ok {
		return &refusal{"--header", fmt.Sprintf("reads the file %q, which is not read here", file), "put the header into the command"}
	}
	name, value, found := strings.Cut(line, ":")
	if !found && !strings.HasSuffix(line, ";") {
		l.say("--header %q is not of the form Name: value, and curl does not send it", short(line, 40))
		return nil
	}
	if name = strings.TrimSuffix(name, ";"); !found && strings.Contains(name, ";") {
		return nil // neither does curl
	}
	if !core.IsToken(name) || strings.ContainsAny(value, "\r\n\x00") {
		return &refusal{"--header", fmt.Sprintf("%q is no header that HTTP can carry", short(line, 60)), "take out what does not belong there"}
	}
	l.header = append(l.header, line)
	return nil
}

// content is what @NAME stands for: what is fed into the command, or a file that the text itself wrote.
func (l *curlLine) content(said, name string) ([]byte, error) {
	if name == "-" {
		switch c := l.command; {
		case c.fed != nil:
			return nil, c.fed
		case c.stdin != nil:
			return c.stdin, nil
		}
		return nil, &refusal{said, "reads what is typed", "put the body into the command"}
	}
	if data, ok := l.command.files[name]; ok {
		return data, nil
	}
	return nil, &refusal{said, fmt.Sprintf("reads the file %q, which is not read here", name), "put the body into the command: --data-binary 'CONTENT'"}
}

func (l *curlLine) setData(said, name, value string) error {
	data, err := []byte(value), error(nil)
	switch file, isFile := strings.CutPrefix(value, "@"); {
	case name == "data-raw":
	case name == "data-urlencode":
		data, err = l.urlencoded(said, value)
	case isFile:
		if data, err = l.content(said, file); name == "data" || name == "data-ascii" {
			data = slices.DeleteFunc(slices.Clone(data), func(c byte) bool { return c == '\r' || c == '\n' || c == 0 })
		}
	}
	if err != nil {
		return err
	}
	if l.hasData && name != "json" {
		l.data = append(l.data, '&')
	}
	l.data, l.hasData = append(l.data, data...), true
	l.isJSON = l.isJSON || name == "json"
	return nil
}

// queried is what --url-query adds: as --data-urlencode does, or as it is behind a +.
func (l *curlLine) queried(said, value string) ([]byte, error) {
	if plain, ok := strings.CutPrefix(value, "+"); ok {
		return []byte(plain), nil
	}
	return l.urlencoded(said, value)
}

// urlencoded does what --data-urlencode does: "text", "=text", "name=text", "@file" or "name@file".
func (l *curlLine) urlencoded(said, value string) ([]byte, error) {
	at := strings.IndexAny(value, "=@")
	name, text := "", []byte(value)
	if at >= 0 {
		name, text = value[:at], []byte(value[at+1:])
	}
	if at >= 0 && value[at] == '@' {
		var err error
		if text, err = l.content(said, value[at+1:]); err != nil {
			return nil, err
		}
	}
	var b []byte
	if name != "" {
		b = append(b, name+"="...)
	}
	for _, c := range text {
		switch {
		case isAlnum(c) || strings.IndexByte("-._~", c) >= 0:
			b = append(b, c)
		case c == ' ':
			b = append(b, '+')
		default:
			b = fmt.Appendf(b, "%%%02X", c)
		}
	}
	return b, nil
}
