// Package env puts values of an environment in the place of {{env.NAME}}. It is pure, it never looks into what it put in, and
// whoever has text of somebody else asks for [Literal] first, so that none of it is taken for a name.
package env

import (
	"fmt"
	"regexp"
	"strings"

	"hookglass/core"
)

// isName is what a name may be.
var isName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,63}$`)

// opening finds what begins a name, "{{env." with spaces behind the braces or without. Twice the braces stand for the text itself.
func opening(text string) (begin, end int) {
	for from := 0; ; {
		at := strings.Index(text[from:], "{{")
		if at < 0 {
			return -1, -1
		}
		begin = from + at
		end = begin + 2
		for end < len(text) && text[end] == ' ' {
			end++
		}
		if strings.HasPrefix(text[end:], "env.") {
			return begin, end + len("env.")
		}
		from = max(begin+1, end-1) // one more brace may follow
	}
}

// Uses reports whether a text has something in it that would be taken for a name.
func Uses(text string) bool {
	at, _ := opening(text)
	return at >= 0
}

// Literal is a text that stands for text itself, whatever is in it.
func Literal(text string) string {
	var b strings.Builder
	for {
		begin, end := opening(text)
		if begin < 0 {
			break
		}
		b.WriteString(text[:begin] + "{{" + text[begin:end])
		text = text[end:]
	}
	if b.Len() == 0 {
		return text
	}
	return b.String() + text
}

// piece is a run of text, or a name.
type piece struct{ text, name string }

// pieces reads a text. field is where it stands.
func pieces(field, text string) (out []piece, err error) {
	for {
		begin, end := opening(text)
		if begin < 0 {
			return append(out, piece{text: text}), nil
		}
		if begin >= 2 && text[begin-2:begin] == "{{" {
			out = append(out, piece{text: text[:begin-2]}, piece{text: text[begin:end]})
			text = text[end:]
			continue
		}
		close := strings.Index(text[end:min(end+100, len(text))], "}}")
		name := ""
		if close >= 0 {
			name = strings.TrimRight(text[end:end+close], " ")
		}
		if !isName.MatchString(name) {
			shown := text[begin:min(begin+40, len(text))]
			return nil, &core.Invalid{Field: field, Reason: fmt.Sprintf("%q begins like a value of the environment and is none; write {{env.NAME}}, or {{{{env. for the text itself", core.Visible(shown))}
		}
		out = append(out, piece{text: text[:begin]}, piece{name: name})
		text = text[end+close+2:]
	}
}

// written is how a name is written.
func written(name string) string { return "{{env." + name + "}}" }
