package exchange

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// mostWords bounds what {a,b} may make of a word.
const mostWords = 1000

// words are what a word becomes: several where braces or an unquoted variable make them.
func (s *shell) words(w *syntax.Word) (out []string, err error) {
	all := []*syntax.Word{w}
	if syntax.SplitBraces(w) || hasBraces(w) {
		if all, err = braced(w); err != nil {
			return nil, err
		}
	}
	for _, w := range all {
		v := &wordReader{shell: s}
		for _, part := range w.Parts {
			if err := v.part(part, false); err != nil {
				return nil, err
			}
		}
		out = append(out, v.finished()...)
	}
	return out, nil
}

func hasBraces(w *syntax.Word) bool {
	for _, p := range w.Parts {
		if _, ok := p.(*syntax.BraceExp); ok {
			return true
		}
	}
	return false
}

// braced is what a,b in braces makes, all combinations in their order.
func braced(w *syntax.Word) ([]*syntax.Word, error) {
	all := []*syntax.Word{{}}
	for _, p := range w.Parts {
		choices := []*syntax.Word{{Parts: []syntax.WordPart{p}}}
		if b, ok := p.(*syntax.BraceExp); ok {
			if b.Sequence {
				return nil, &refusal{"command", "the shell counts it out, {1..9}", "write the commands out"}
			}
			choices = nil
			for _, e := range b.Elems {
				inner, err := braced(e)
				if err != nil {
					return nil, err
				}
				choices = append(choices, inner...)
			}
		}
		if len(all)*len(choices) > mostWords {
			return nil, &refusal{"command", fmt.Sprintf("its braces make more than %d words", mostWords), "write the commands out"}
		}
		var next []*syntax.Word
		for _, a := range all {
			for _, c := range choices {
				next = append(next, &syntax.Word{Parts: append(append([]syntax.WordPart{}, a.Parts...), c.Parts...)})
			}
		}
		all = next
	}
	return all, nil
}

// text is a word as one text, or a here-document.
func (s *shell) text(w *syntax.Word, document bool) (string, error) {
	if w == nil {
		return "", nil
	}
	v := &wordReader{shell: s, whole: true, document: document}
	for _, part := range w.Parts {
		if err := v.part(part, document); err != nil {
			return "", err
		}
	}
	return string(v.word), nil
}

// wordReader puts words together.
type wordReader struct {
	shell    *shell
	whole    bool // nothing is split at spaces
	document bool
	word     []byte
	open     bool // there is a word, though it may be empty
	done     []string
}

func (v *wordReader) add(text string) {
	v.word = append(v.word, text...)
	v.open = v.open || text != ""
}

func (v *wordReader) finished() []string {
	if v.open {
		v.done = append(v.done, string(v.word))
	}
	v.word, v.open = nil, false
	return v.done
}

func (v *wordReader) part(p syntax.WordPart, quoted bool) error {
	switch p := p.(type) {
	case *syntax.Lit:
		v.literal(p.Value, quoted)
	case *syntax.SglQuoted:
		text := p.Value
		if p.Dollar {
			text = ansi(text)
		}
		v.add(text)
		v.open = true
	case *syntax.DblQuoted:
		v.open = true
		document := v.document
		v.document = false
		defer func() { v.document = document }()
		for _, inner := range p.Parts {
			if err := v.part(inner, true); err != nil {
				return err
			}
		}
	case *syntax.ParamExp:
		value, err := v.shell.variable(p)
		if err != nil {
			return err
		}
		v.expanded(value, quoted)
	case *syntax.CmdSubst:
		value, err := v.shell.substituted(p)
		if err != nil {
			return err
		}
		v.expanded(value, quoted)
	case *syntax.ExtGlob:
		v.add(p.Op.String() + p.Pattern.Value + ")")
	default:
		return expandedByShell("what is calculated there")
	}
	return nil
}

// literal takes the backslashes away that the quotes leave.
func (v *wordReader) literal(s string, quoted bool) {
	v.open = v.open || s != ""
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			next := s[i+1]
			special := strings.IndexByte("$`\\", next) >= 0 || next == '"' && !v.document
			switch {
			case next == '\n':
				i++
				continue
			case !quoted || special:
				i++
			}
		}
		v.word = append(v.word, s[i])
	}
}

// expanded adds a value, which makes several words where no quotes are around it.
func (v *wordReader) expanded(value string, quoted bool) {
	if quoted || v.whole {
		v.add(value)
		return
	}
	for i, field := range strings.FieldsFunc(value, isBlank) {
		if i > 0 || len(value) > 0 && isBlank(rune(value[0])) {
			v.finished()
		}
		v.add(field)
	}
	if value != "" && isBlank(rune(value[len(value)-1])) {
		v.finished()
	}
}

func isBlank(c rune) bool { return c == ' ' || c == '\t' || c == '\n' }

func expandedByShell(what string) error {
	return &refusal{"command", short(what, 24) + " must be expanded by the shell", "put its value there"}
}

// variable is the value of a variable that the text sets.
func (s *shell) variable(p *syntax.ParamExp) (string, error) {
	if p.Param == nil || p.Excl || p.Length || p.Width || p.Index != nil || p.Slice != nil || p.Repl != nil || p.Names != 0 {
		return "", expandedByShell("${…}")
	}
	name := p.Param.Value
	value, set := s.vars[name]
	if p.Exp != nil {
		switch empty := value == ""; p.Exp.Op {
		case syntax.DefaultUnset, syntax.AssignUnset:
			if set {
				return value, nil
			}
			return s.text(p.Exp.Word, false)
		case syntax.DefaultUnsetOrNull, syntax.AssignUnsetOrNull:
			if set && !empty {
				return value, nil
			}
			return s.text(p.Exp.Word, false)
		case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		default:
			return "", expandedByShell("${" + name + "…}")
		}
	}
	if !set {
		return "", &refusal{"command", fmt.Sprintf("$%s must be expanded by the shell, and the text does not set it", short(name, 24)), fmt.Sprintf("put its value there, or %s=VALUE on a line before", short(name, 24))}
	}
	return value, nil
}

// substituted is what $(printf '…') and its like put there. Other commands are not run.
func (s *shell) substituted(c *syntax.CmdSubst) (string, error) {
	if len(c.Stmts) == 1 {
		if out, err := s.printed(c.Stmts[0]); err == nil {
			return strings.TrimRight(strings.ReplaceAll(string(out), "\x00", ""), "\n"), nil
		}
	}
	return "", &refusal{"command", "what a command prints must be expanded by the shell, and no command is run here", "put its value there"}
}

// ansi is what $'…' stands for: as in bash, with the two halves of a character that older browsers write put together.
func ansi(s string) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		if s[i] == 'c' && i+1 < len(s) {
			i++
			out = append(out, s[i]&0x1f)
			continue
		}
		var n int
		out, n = ansiEscape(out, s[i:])
		i += n - 1
	}
	if i := strings.IndexByte(string(out), 0); i >= 0 {
		out = out[:i] // bash ends the text there
	}
	return string(out)
}

// ansiEscape adds what follows a backslash, and returns how much of s that is.
func ansiEscape(out []byte, s string) ([]byte, int) {
	if i := strings.IndexByte(`abeEfnrtv`, s[0]); i >= 0 {
		return append(out, "\a\b\x1b\x1b\f\n\r\t\v"[i]), 1
	}
	switch c := s[0]; c {
	case 'x':
		if n, used := digits(s[1:], 16, 2); used > 0 {
			return append(out, byte(n)), 1 + used
		}
	case 'u', 'U':
		n, used := digits(s[1:], 16, map[byte]int{'u': 4, 'U': 8}[c])
		if used == 0 {
			break
		}
		rest := s[1+used:]
		if utf16.IsSurrogate(rune(n)) && len(rest) > 2 && rest[0] == '\\' && rest[1] == 'u' {
			if low, more := digits(rest[2:], 16, 4); more == 4 {
				if r := utf16.DecodeRune(rune(n), rune(low)); r != utf8.RuneError {
					return utf8.AppendRune(out, r), 1 + used + 2 + more
				}
			}
		}
		if utf16.IsSurrogate(rune(n)) { // alone, bash writes its three bytes
			return append(out, 0xe0|byte(n>>12), 0x80|byte(n>>6)&0x3f, 0x80|byte(n)&0x3f), 1 + used
		}
		return utf8.AppendRune(out, rune(n)), 1 + used
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n, used := digits(s, 8, 3)
		return append(out, byte(n)), used
	case '\\', '\'', '"', '?':
		return append(out, c), 1
	}
	return append(out, '\\', s[0]), 1
}

// unescapedFormat is what printf prints of a format without directives.
func unescapedFormat(format string) (out []byte) {
	for i := 0; i < len(format); i++ {
		if format[i] != '\\' || i+1 == len(format) {
			out = append(out, format[i])
			continue
		}
		if format[i+1] == 'c' {
			return out
		}
		var n int
		out, n = ansiEscape(out, format[i+1:])
		i += n
	}
	return out
}

// digits reads up to most digits of a base.
func digits(s string, base, most int) (n uint64, used int) {
	for used < len(s) && used < most && strings.IndexByte("0123456789abcdef"[:base], lower(s[used])) >= 0 {
		used++
	}
	n, _ = strconv.ParseUint(s[:used], base, 64)
	return n, used
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func isAlnum(c byte) bool { return c >= '0' && c <= '9' || lower(c) >= 'a' && lower(c) <= 'z' }
