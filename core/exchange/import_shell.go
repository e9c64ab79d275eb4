package exchange

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"hookglass/core"
)

// command is a simple command of a shell: its words with the quotes gone.
type command struct {
	words []string
	piped bool // what it prints goes into the next one
}

// shell reads the part of the POSIX language that people paste: words, quotes, line continuations, pipes. Nothing is
// expanded; what would need it is refused, since its value is not ours to know.
type shell struct {
	text string
	at   int
	word []byte
	open bool // there is a word, though it may be empty
	cmd  command
	all  []command
}

func shellCommands(text string) ([]command, error) {
	if strings.Contains(text, "^\n") || strings.Contains(text, "^\r\n") || strings.Contains(text, `^"`) {
		return nil, shellError("this is written for Windows' cmd; copy it as cURL (bash)")
	}
	s := &shell{text: text}
	for s.at < len(s.text) {
		if err := s.step(); err != nil {
			return nil, err
		}
	}
	s.endCommand()
	return s.all, nil
}

func shellError(format string, args ...any) error {
	return &core.Invalid{Field: "command", Reason: fmt.Sprintf(format, args...)}
}

func (s *shell) endWord() {
	if s.open {
		s.cmd.words = append(s.cmd.words, string(s.word))
	}
	s.word, s.open = nil, false
}

func (s *shell) endCommand() {
	s.endWord()
	if len(s.cmd.words) > 0 {
		s.all = append(s.all, s.cmd)
	}
	s.cmd = command{}
}

func (s *shell) add(b ...byte) { s.word, s.open = append(s.word, b...), true }

// ahead reports whether text comes next, and steps over it.
func (s *shell) ahead(text string) bool {
	if strings.HasPrefix(s.text[s.at:], text) {
		s.at += len(text)
		return true
	}
	return false
}

// step reads one thing outside quotes.
func (s *shell) step() error {
	switch c := s.text[s.at]; {
	case s.ahead("\\\n"), s.ahead("\\\r\n"):
	case s.ahead("\\"):
		if s.at < len(s.text) {
			s.add(s.text[s.at])
			s.at++
		}
	case s.ahead("'"):
		return s.single()
	case s.ahead(`"`):
		return s.double()
	case s.ahead("$'"):
		return s.ansi()
	case c == '$' || c == '`':
		return s.expansion()
	case c == ' ' || c == '\t' || c == '\r':
		s.endWord()
		s.at++
	case c == '#' && !s.open:
		if i := strings.IndexByte(s.text[s.at:], '\n'); i >= 0 {
			s.at += i
		} else {
			s.at = len(s.text)
		}
	case c == '|':
		s.endWord()
		s.cmd.piped = !s.ahead("||")
		s.ahead("|")
		s.endCommand()
	case c == '\n' || c == ';' || c == '&':
		s.at++
		s.endCommand()
	case c == '>':
		return s.redirection()
	case c == '<':
		return shellError("it reads from a file or a here-document (<); put the body into the command")
	default:
		s.add(c)
		s.at++
	}
	return nil
}

// redirection skips where the output goes: > FILE, 2>/dev/null, 2>&1.
func (s *shell) redirection() error {
	if len(s.word) == 1 && s.word[0] >= '0' && s.word[0] <= '9' {
		s.word, s.open = nil, false
	}
	s.endWord()
	for s.ahead(">") || s.ahead("&") {
	}
	for s.ahead(" ") {
	}
	words := len(s.cmd.words)
	for s.at < len(s.text) && strings.IndexByte(" \t\r\n;|&", s.text[s.at]) < 0 {
		if err := s.step(); err != nil {
			return err
		}
	}
	s.endWord()
	s.cmd.words = s.cmd.words[:words]
	return nil
}

func (s *shell) single() error {
	end := strings.IndexByte(s.text[s.at:], '\'')
	if end < 0 {
		return shellError("a single quote is not closed")
	}
	s.add([]byte(s.text[s.at : s.at+end])...)
	s.at += end + 1
	return nil
}

func (s *shell) double() error {
	s.open = true
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case s.ahead(`"`):
			return nil
		case s.ahead("\\\n"):
		case c == '\\' && s.at+1 < len(s.text) && strings.IndexByte("$`\"\\", s.text[s.at+1]) >= 0:
			s.add(s.text[s.at+1])
			s.at += 2
		case s.ahead("$(printf '"):
			if err := s.printed(); err != nil {
				return err
			}
		case c == '$' || c == '`':
			if err := s.expansion(); err != nil {
				return err
			}
		default:
			s.add(c)
			s.at++
		}
	}
	return shellError("a double quote is not closed")
}

// printed reads the rest of $(printf 'FORMAT'), which quote writes for what cannot stand as text.
func (s *shell) printed() error {
	format, rest, ok := strings.Cut(s.text[s.at:], "')")
	if !ok || strings.ContainsAny(format, "'%") {
		return shellError("what $(printf '%s prints is not known here; put its value there", short(format, 24))
	}
	s.add([]byte(strings.TrimRight(string(unescapedFormat(format)), "\n"))...)
	s.at = len(s.text) - len(rest)
	return nil
}

// expansion refuses variables and commands, and takes a dollar sign that begins neither.
func (s *shell) expansion() error {
	rest := s.text[s.at:]
	if rest[0] == '`' || len(rest) > 1 && (rest[1] == '(' || rest[1] == '{' || rest[1] == '_' || isAlnum(rest[1])) {
		name, _, _ := strings.Cut(rest, "\n")
		return shellError("%s must be expanded by the shell; put its value there", short(name, 24))
	}
	s.add('$')
	s.at++
	return nil
}

// ansi reads $'…'.
func (s *shell) ansi() error {
	s.open = true
	for s.at < len(s.text) {
		c := s.text[s.at]
		s.at++
		switch {
		case c == '\'':
			return nil
		case c == '\\' && s.at < len(s.text):
			s.ansiEscape()
		default:
			s.add(c)
		}
	}
	return shellError("a $' quote is not closed")
}

func (s *shell) ansiEscape() {
	c := s.text[s.at]
	s.at++
	if i := strings.IndexByte(`abeEfnrtv`, c); i >= 0 {
		s.add("\a\b\x1b\x1b\f\n\r\t\v"[i])
		return
	}
	switch c {
	case 'x':
		if n, ok := s.digits(16, 2); ok {
			s.add(byte(n))
			return
		}
	case 'u', 'U':
		if n, ok := s.digits(16, map[byte]int{'u': 4, 'U': 8}[c]); ok {
			s.add(utf8.AppendRune(nil, rune(n))...)
			return
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		s.at--
		n, _ := s.digits(8, 3)
		s.add(byte(n))
		return
	case '\\', '\'', '"', '?':
		s.add(c)
		return
	}
	s.add('\\', c)
}

// unescapedFormat is what printf prints of a format without directives.
func unescapedFormat(format string) []byte {
	s := &shell{text: format}
	for s.at < len(s.text) {
		if c := s.text[s.at]; c != '\\' || s.at+1 == len(s.text) {
			s.add(c)
			s.at++
			continue
		}
		s.at++
		s.ansiEscape()
	}
	return s.word
}

// digits reads up to most digits of a base.
func (s *shell) digits(base, most int) (uint64, bool) {
	end := s.at
	for end < len(s.text) && end < s.at+most && strings.IndexByte("0123456789abcdef"[:base], lower(s.text[end])) >= 0 {
		end++
	}
	n, err := strconv.ParseUint(s.text[s.at:end], base, 64)
	s.at = end
	return n, err == nil
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func isAlnum(c byte) bool { return c >= '0' && c <= '9' || lower(c) >= 'a' && lower(c) <= 'z' }

func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
