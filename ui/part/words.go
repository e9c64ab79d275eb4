package part

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"hookglass/core"
)

// Sentence turns an error into what a person reads: what is wrong, then what to do.
func Sentence(err error) string {
	var invalid *core.Invalid
	text := err.Error()
	switch {
	case errors.As(err, &invalid):
		text = fieldWords(invalid.Field) + ": " + invalid.Reason
	case errors.Is(err, core.ErrNotFound):
		text += "; it may have been trimmed from the history"
	}
	if text == "" {
		return "Something went wrong."
	}
	return core.Capital(text)
}

// plainField is the path of a setting that a form has; one into a list of a file is left as it stands there.
var plainField = regexp.MustCompile(`^[a-z]+([._][a-z]+)*$`)

// fieldWords is the path of a setting as people say it: "SSH host" for ssh.host.
func fieldWords(path string) string {
	if !plainField.MatchString(path) {
		return path
	}
	words := strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '_' })
	for i, w := range words {
		switch w {
		case "ssh", "url", "id", "ca", "tls", "http":
			words[i] = strings.ToUpper(w)
		}
	}
	return strings.Join(words, " ")
}

// WholeSentence begins a text with a capital and ends it with a full stop. What is said of a field without naming it is
// said of "it".
func WholeSentence(s string) string {
	switch first, _, _ := strings.Cut(s, " "); first {
	case "is", "has", "holds", "cannot":
		s = "It " + s
	}
	if s == "" || strings.HasSuffix(s, ".") {
		return core.Capital(s)
	}
	return core.Capital(s) + "."
}

// SpaceOf is the team's space that a capture came through, "" where it came another way.
func SpaceOf(via string) string {
	if slices.Contains(core.Tunnels(), via) {
		return ""
	}
	return via
}
