package part

import (
	"errors"
	"strings"

	"hookglass/core"
)

// Sentence turns an error into what a person reads: what is wrong, then what to do.
func Sentence(err error) string {
	var invalid *core.Invalid
	text := err.Error()
	switch {
	case errors.As(err, &invalid):
		text = invalid.Field + ": " + invalid.Reason
	case errors.Is(err, core.ErrNotFound):
		text += "; it may have been trimmed from the history"
	}
	if text == "" {
		return "Something went wrong."
	}
	return core.Capital(text)
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
