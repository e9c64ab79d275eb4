package exchange

import (
	"fmt"
	"regexp"
	"strings"

	"hookglass/core"
)

// isPowerShell reports whether a text is for PowerShell: its own commands, or lines that go on with a `.
func isPowerShell(text string) bool {
	return powerShellWord.MatchString(text) || curlWord.MatchString(text) && (strings.Contains(text, "`\n") || strings.Contains(text, "`\r\n"))
}

// powerShell reads the part of the language in which browsers and documents write requests: strings, tables, variables of
// the text. Nothing is run.
type powerShell struct {
	text    string
	at      int
	vars    map[string]any
	cookies []string // of a session
	agent   string
	all     []command
}

// powerShellCommands are the commands of a text for PowerShell.
func powerShellCommands(text string) []command {
	p := &powerShell{text: strings.ReplaceAll(text, "\r\n", "\n"), vars: map[string]any{"true": "True", "false": "False", "null": ""}}
	for p.at < len(p.text) {
		start := p.at
		if err := p.statement(); err != nil {
			name := strings.Fields(p.text[start:] + " -")[0]
			if isCurl([]string{name}) || powerShellWord.MatchString(p.text[start:min(start+40, len(p.text))]) || p.at == start {
				p.all = append(p.all, command{words: []string{"curl"}, err: err})
			}
			p.skipLine()
		}
		if p.at == start {
			p.at++
		}
	}
	return p.all
}

func (p *powerShell) skipLine() {
	for p.at < len(p.text) && p.text[p.at] != '\n' {
		p.at++
	}
}

// space skips what separates words within a statement; lines counts line ends too.
func (p *powerShell) space(lines bool) {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == ' ' || c == '\t' || lines && (c == '\n' || c == ';'):
			p.at++
		case c == '`' && p.at+1 < len(p.text) && p.text[p.at+1] == '\n':
			p.at += 2
		case c == '#':
			p.skipLine()
		default:
			return
		}
	}
}

var (
	psAssign  = regexp.MustCompile(`^\$([A-Za-z_][\w]*)\s*=\s*`)
	psAgent   = regexp.MustCompile(`^\$\w+\.UserAgent\s*=\s*`)
	psHeader  = regexp.MustCompile(`^\$(\w+)(?:\.Add\(|\[)`)
	psCookie  = regexp.MustCompile(`^\$\w+\.Cookies\.Add\(\(?(?:New-Object (?:System\.)?Net\.Cookie|\[System\.Net\.Cookie\]::new)\(`)
	psSession = regexp.MustCompile(`^(?:\[Microsoft\.PowerShell\.Commands\.WebRequestSession\]::new\(\)|New-Object (?:Microsoft\.PowerShell\.Commands\.WebRequestSession|System\.Net\.CookieContainer)[^\n]*)`)
	psWords   = regexp.MustCompile(`^(?i)(Invoke-WebRequest|Invoke-RestMethod|iwr|irm)\b`)
	psChar    = regexp.MustCompile(`^\$\(\[char\](0x[0-9a-fA-F]{1,4}|[0-9]{1,5})\)`)
	psVar     = regexp.MustCompile(`^\$(?:\{(\w+)\}|(\w+))`)
	psBare    = regexp.MustCompile("^[^\\s;,)}|`]+")
	psKey     = regexp.MustCompile(`^[^\s=]+`)
	psFlag    = regexp.MustCompile(`^-([A-Za-z]+):?`)
	psBytes   = regexp.MustCompile(`^\(\s*\[(?:System\.)?Text\.Encoding\]::UTF8\.GetBytes\(`)
)

func (p *powerShell) statement() error {
	p.space(true)
	rest := p.text[p.at:]
	take := func(re *regexp.Regexp) []string {
		m := re.FindStringSubmatch(rest)
		if m != nil {
			p.at += len(m[0])
		}
		return m
	}
	if rest == "" {
		return nil
	}
	if m := take(psAgent); m != nil {
		v, err := p.value()
		p.agent = psText(v)
		return err
	}
	if m := take(psCookie); m != nil {
		name, err := p.value()
		if err != nil {
			return err
		}
		p.space(true)
		if p.at < len(p.text) && p.text[p.at] == ',' {
			p.at++
		}
		p.space(true)
		value, err := p.value()
		p.cookies = append(p.cookies, psText(name)+"="+psText(value))
		p.skipLine()
		return err
	}
	if m := take(psAssign); m != nil {
		rest = p.text[p.at:]
		if take(psSession) != nil {
			p.vars[m[1]] = "session"
			return nil
		}
		if psWords.MatchString(rest) {
			return nil // what it answers is kept; it runs all the same
		}
		v, err := p.value()
		if err == nil {
			p.vars[m[1]] = v
		}
		return err
	}
	if m := take(psHeader); m != nil {
		return p.addTo(m[1])
	}
	if take(psWords) != nil {
		return p.invoke()
	}
	return p.native()
}

// addTo reads the rest of $headers.Add("a", "b") and $headers["a"] = "b".
func (p *powerShell) addTo(name string) error {
	table, _ := p.vars[name].(core.Header)
	key, err := p.value()
	if err != nil {
		return err
	}
	for p.at < len(p.text) && strings.IndexByte(",] =\t", p.text[p.at]) >= 0 {
		p.at++
	}
	value, err := p.value()
	p.vars[name] = append(table, core.Field{Name: psText(key), Value: psText(value)})
	p.skipLine()
	return err
}

func psText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return ""
}

func psRefusal(format string, args ...any) error {
	return &refusal{"command", fmt.Sprintf(format, args...), "write the value out, or copy it as cURL (bash)"}
}

// native reads a program's words, such as curl.exe's.
func (p *powerShell) native() error {
	var c command
	for {
		p.space(false)
		if p.at >= len(p.text) || strings.IndexByte("\n;|", p.text[p.at]) >= 0 {
			break
		}
		v, err := p.word()
		if err != nil {
			c.err = err
			p.skipLine()
			break
		}
		c.words = append(c.words, v)
	}
	if p.at < len(p.text) && p.text[p.at] == '|' {
		p.skipLine()
	}
	if len(c.words) > 0 {
		p.all = append(p.all, c)
	}
	return nil
}

// word reads one word of a program: text and quotes without spaces between them.
func (p *powerShell) word() (string, error) {
	var b strings.Builder
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '\'' || c == '"' || c == '@' && p.at+1 < len(p.text) && (p.text[p.at+1] == '\'' || p.text[p.at+1] == '"') || c == '$':
			v, err := p.value()
			if err != nil {
				return "", err
			}
			b.WriteString(psText(v))
		case c == '`' && p.at+1 < len(p.text) && p.text[p.at+1] != '\n':
			b.WriteByte(p.text[p.at+1])
			p.at += 2
		case strings.IndexByte(" \t\n;|`", c) >= 0:
			return b.String(), nil
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	return b.String(), nil
}

// invoke reads Invoke-WebRequest and Invoke-RestMethod behind their name.
func (p *powerShell) invoke() error {
	d := draft{method: "GET"}
	var session bool
	for {
		p.space(false)
		if p.at >= len(p.text) || strings.IndexByte("\n;|)", p.text[p.at]) >= 0 {
			break
		}
		flag := psFlag.FindStringSubmatch(p.text[p.at:])
		name := "uri"
		if flag != nil {
			name = strings.ToLower(flag[1])
			p.at += len(flag[0])
		}
		switch name {
		case "usebasicparsing", "skipcertificatecheck", "allowunencryptedauthentication", "disablekeepalive", "skipheadervalidation", "skiphttperrorcheck", "passthru", "usedefaultcredentials", "verbose":
			continue
		}
		v, err := p.value()
		if err != nil {
			return err
		}
		switch name {
		case "uri":
			d.url = psText(v)
		case "method", "custommethod":
			d.method = strings.ToUpper(psText(v))
		case "headers":
			fields, _ := v.(core.Header)
			d.header = append(d.header, fields...)
		case "contenttype":
			d.header = append(d.header, core.Field{Name: "Content-Type", Value: psText(v)})
		case "useragent":
			p.agent = psText(v)
		case "websession":
			session = true
		case "body":
			if form, ok := v.(core.Header); ok {
				var rows []setting
				for _, f := range form {
					rows = append(rows, setting{Name: f.Name, Value: f.Value})
				}
				d.body, d.kind = formBody(rows), formType
			} else {
				d.body = []byte(psText(v))
			}
		case "infile", "form", "certificate", "credential", "authentication", "token":
			return &refusal{"-" + flag[1], "needs what is not in the text", "write it into -Headers or -Body"}
		}
	}
	if p.at < len(p.text) && p.text[p.at] == '|' {
		p.skipLine()
	}
	if p.agent != "" && !d.header.Has("User-Agent") {
		d.header = append(d.header, core.Field{Name: "User-Agent", Value: p.agent})
	}
	if session && len(p.cookies) > 0 && !d.header.Has("Cookie") {
		d.header = append(d.header, core.Field{Name: "Cookie", Value: strings.Join(p.cookies, "; ")})
	}
	if d.method == "GET" && d.body != nil {
		d.url, d.body = withParameters(d.url, nil)+"?"+string(d.body), nil
	}
	if d.body != nil && d.kind == "" && d.method == "POST" {
		d.kind = formType
	}
	c, _, err := d.capture()
	p.all = append(p.all, command{words: []string{"curl"}, request: &c.Request, err: err})
	return nil
}
