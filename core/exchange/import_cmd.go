package exchange

import (
	"regexp"
	"strings"
)

// isWindows reports whether a command is written for Windows' cmd: with ^ before what it would take as its own, or with
// two quotes for one.
func isWindows(text string) bool {
	if strings.Contains(text, "^\n") || strings.Contains(text, "^\r\n") || strings.Contains(text, `^"`) {
		return true
	}
	return !strings.ContainsAny(text, "'") && !strings.Contains(text, "\\\n") && hasDoubled(text)
}

// hasDoubled reports whether a quote is written twice within a word, which no POSIX shell needs.
func hasDoubled(text string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], `""`)
		if i < 0 {
			return false
		}
		i += at
		before := i == 0 || strings.IndexByte(" \t\r\n=", text[i-1]) >= 0
		after := i+2 >= len(text) || strings.IndexByte(" \t\r\n", text[i+2]) >= 0
		if !before || !after {
			return true
		}
		at = i + 2
	}
}

// windowsCommands are the commands of a text for cmd: what it takes away first, then the words as curl.exe gets them.
func windowsCommands(text string) (all []command) {
	for n, line := range windowsLines(text) {
		if words := windowsWords(line); len(words) > 0 {
			all = append(all, command{words: words, line: uint(n + 1)})
		}
	}
	return all
}

// windowsPrompt is copied along.
var windowsPrompt = regexp.MustCompile(`(?m)^[A-Za-z]:\\[^>\n]*>`)

// windowsLines does what cmd does: ^ makes the next character a plain one, a line that ends with ^ goes on, and within
// quotes ^ is a character like others.
func windowsLines(text string) (lines []string) {
	text = windowsPrompt.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), "")
	var line []byte
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '^' && !quoted && i+1 < len(text):
			if i++; text[i] == '\n' {
				if i++; i >= len(text) {
					continue
				}
			}
			line = append(line, text[i])
		case c == '"':
			quoted = !quoted
			line = append(line, c)
		case c == '\n' && !quoted, c == '&' && !quoted:
			lines = append(lines, string(line))
			line = nil
		case (c == '|' || c == '>') && !quoted && len(line) > 0 && strings.HasPrefix(strings.TrimSpace(string(line)), "curl"):
			for i+1 < len(text) && text[i+1] != '\n' { // where the output goes
				i++
			}
		default:
			line = append(line, c)
		}
	}
	return append(lines, string(line))
}

// windowsWords splits a line as a program on Windows does: \" is a quote, two within quotes are one, and a backslash is
// one where no quote follows.
func windowsWords(line string) (words []string) {
	var word []byte
	open, quoted := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\':
			n := 0
			for i+n < len(line) && line[i+n] == '\\' {
				n++
			}
			open = true
			if i+n < len(line) && line[i+n] == '"' {
				word = append(word, strings.Repeat(`\`, n/2)...)
				if i += n - 1; n%2 == 1 {
					word = append(word, '"')
					i++
				}
				continue
			}
			word = append(word, line[i:i+n]...)
			i += n - 1
		case c == '"' && quoted && i+1 < len(line) && line[i+1] == '"':
			word = append(word, '"')
			i++
		case c == '"':
			quoted, open = !quoted, true
		case !quoted && (c == ' ' || c == '\t'):
			if open {
				words = append(words, string(word))
			}
			word, open = nil, false
		default:
			word, open = append(word, c), true
		}
	}
	if open {
		words = append(words, string(word))
	}
	return words
}
