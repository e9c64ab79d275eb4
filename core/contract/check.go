package contract

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"hookglass/core"
)

var printer = message.NewPrinter(language.English)

// Check says what of a body is otherwise than was promised; nothing where it is as promised. text is the body as JSON, "" where it
// is none.
func (c *Contract) Check(event, text string) []core.Violation {
	if text == "" {
		return []core.Violation{{Path: "the body", Reason: "is no JSON, or is not whole"}}
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return []core.Violation{{Path: "the body", Reason: "is no JSON: " + firstLine(err.Error())}}
	}
	s := c.any
	if s == nil {
		var known bool
		if s, known = c.find(event, v); !known {
			return []core.Violation{{Path: "the event", Reason: fmt.Sprintf("%q is not in the contract; it has %s", event, c.some())}}
		}
		if s == nil {
			return nil
		}
	}
	err = s.Validate(v)
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return nil
	}
	var out []core.Violation
	c.leaves(failed, &out)
	return out
}

// find is the schema of an event; where its name is not known, that of the name which the body itself carries.
func (c *Contract) find(event string, v any) (s *jsonschema.Schema, known bool) {
	names := []string{event}
	if m, ok := v.(map[string]any); ok {
		for _, word := range []string{"type", "event", "event_type", "eventType"} {
			if name, ok := m[word].(string); ok {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		if s, known = c.byEvent[name]; known {
			return s, true
		}
	}
	if event == "" && len(c.byEvent) == 1 {
		for _, s := range c.byEvent {
			return s, true
		}
	}
	return nil, false
}

func (c *Contract) some() string {
	names := c.Events()
	if len(names) > 6 {
		names = append(names[:6], fmt.Sprintf("%d more", len(names)-6))
	}
	return strings.Join(names, ", ")
}

// leaves are the reasons at the ends of the tree. Where one of several was wanted, that is the reason: which of them was meant,
// nobody can tell.
func (c *Contract) leaves(e *jsonschema.ValidationError, out *[]core.Violation) {
	if len(*out) >= mostSaid {
		return
	}
	word := ""
	if path := e.ErrorKind.KeywordPath(); len(path) > 0 {
		word = path[0]
	}
	if len(e.Causes) > 0 && word != "anyOf" && word != "oneOf" {
		inOrder := func(a, b *jsonschema.ValidationError) int { // the library goes over a map
			return cmp.Or(slices.Compare(a.InstanceLocation, b.InstanceLocation), strings.Compare(a.SchemaURL, b.SchemaURL))
		}
		for _, cause := range slices.SortedFunc(slices.Values(e.Causes), inOrder) {
			c.leaves(cause, out)
		}
		return
	}
	reason := e.ErrorKind.LocalizedString(printer)
	if n := len(e.Causes); n > 0 {
		reason = fmt.Sprintf("fits none of %d that are allowed", n)
	}
	v := core.Violation{Path: pathText(e.InstanceLocation), Reason: firstLine(reason)}
	for _, said := range *out {
		if said == v {
			return
		}
	}
	*out = append(*out, v)
}

// pathText is a place in a body as people write it.
func pathText(parts []string) string {
	if len(parts) == 0 {
		return "the body"
	}
	var b strings.Builder
	for i, p := range parts {
		switch {
		case p != "" && strings.Trim(p, "0123456789") == "":
			b.WriteString("[" + p + "]")
		case i > 0:
			b.WriteString("." + p)
		default:
			b.WriteString(p)
		}
	}
	return b.String()
}
