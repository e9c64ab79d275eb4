package exchange

import (
	"bytes"
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
	Scheme     string    // what test files sign with; empty: the scheme that each capture was checked with
	Book       sign.Book // the schemes that exist: they say where tokens stand
}

// Formats are the names that Export knows.
func Formats() []string { return []string{"har", "curl", "json", "go", "pytest", "jest"} }

// Export writes captures in another tool's format and says what it masked. The captures stay as they are.
func Export(format string, captures []core.Capture, opt Options) (data []byte, redacted []string, err error) {
	scheme, err := opt.chosenScheme()
	if err != nil {
		return nil, nil, err
	}
	captures, redacted = redactAll(captures, opt)
	switch format {
	case "har":
		data, err = writeHAR(captures)
	case "json":
		data, err = writeJSONL(captures)
	case "curl":
		data = writeCurls(captures)
	case "go":
		data, err = GoTest(captures, scheme, opt.Book)
	case "pytest":
		data = Pytest(captures, scheme, opt.Book)
	case "jest":
		data = Jest(captures, scheme, opt.Book)
	default:
		return nil, nil, &core.Invalid{Field: "format", Reason: fmt.Sprintf("there is no format %q; want %s", format, orList(Formats()))}
	}
	return data, redacted, err
}

func (o *Options) chosenScheme() (sign.Scheme, error) {
	s, ok := o.Book.Find(o.Scheme)
	if !ok && o.Scheme != "" {
		return s, &core.Invalid{Field: "scheme", Reason: fmt.Sprintf("there is no scheme %q; hookglass schemes lists them", o.Scheme)}
	}
	return s, nil
}

// redactAll masks copies of the captures and merges what was masked: "request header Cookie (3 captures)".
func redactAll(captures []core.Capture, opt Options) ([]core.Capture, []string) {
	out := slices.Clone(captures)
	count := map[string]int{}
	var order []string
	for i := range out {
		for _, what := range Redact(&out[i], opt) {
			if count[what] == 0 {
				order = append(order, what)
			}
			count[what]++
		}
	}
	for i, what := range order {
		if n := count[what]; n > 1 {
			order[i] = fmt.Sprintf("%s (%d captures)", what, n)
		}
	}
	return out, order
}

// writeCurls writes a command for each capture, with a comment that says which it is.
func writeCurls(captures []core.Capture) []byte {
	var b bytes.Buffer
	for i := range captures {
		c := &captures[i]
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "# %s\n%s\n", comment(caseName(c)), Curl(c.Request))
	}
	return b.Bytes()
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
		if r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 || r == 0xfeff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}

func orList(words []string) string {
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
