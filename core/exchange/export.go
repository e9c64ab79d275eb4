package exchange

import (
	"fmt"
	"slices"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// Options say how captures leave.
type Options struct {
	Reveal     bool      // credentials go out as they are
	Signatures bool      // signatures are masked too
	Bodies     bool      // credentials in bodies are masked too, and their signatures fit no longer
	Substitute bool      // what was masked is signed anew, with a key that everybody knows
	Scheme     string    // what test files sign with; empty: the scheme that each capture was checked with
	Book       sign.Book // the schemes that exist: they say where tokens stand
}

func (o *Options) chosenScheme() (sign.Scheme, error) {
	s, ok := o.Book.Find(o.Scheme)
	if !ok && o.Scheme != "" {
		return s, &core.Invalid{Field: "scheme", Reason: fmt.Sprintf("there is no scheme %q; hookglass schemes lists them", o.Scheme)}
	}
	return s, nil
}

// caseName says which capture it is in a few words: "12 invoice.paid POST /in/stripe".
func caseName(c *core.Capture) string {
	words := []string{c.Event.Type, c.Request.Method, c.Request.Path()}
	if c.ID != 0 {
		words = append([]string{fmt.Sprint(c.ID)}, words...)
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// comment makes a text fit to stand in a comment of one line.
func comment(text string) string {
	return strings.Map(func(r rune) rune {
		if core.Active(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}
