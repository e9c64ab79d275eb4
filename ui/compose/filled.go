package compose

import (
	"errors"
	"slices"
	"strings"

	"hookglass/core"
	"hookglass/core/env"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// usesValues reports whether a value of an environment is named anywhere in a composition.
func (c *composition) usesValues() bool {
	return env.Uses(c.URL) || env.Uses(string(c.Body)) || slices.ContainsFunc(c.Header, func(f core.Field) bool { return env.Uses(f.Value) })
}

// literal is text of somebody else as it stands in Compose: nothing in it is taken for a name.
func (c composition) literal() composition {
	c.URL, c.Header = env.Literal(c.URL), c.Header.Clone()
	for i := range c.Header {
		c.Header[i].Value = env.Literal(c.Header[i].Value)
	}
	if text := env.Literal(string(c.Body)); text != string(c.Body) {
		c.Body = []byte(text)
	}
	return c
}

// shown is a composition as it goes out, secrets of the environment masked.
func (c composition) shown(w *frame.Window) (composition, error) {
	if !c.usesValues() {
		return c, nil
	}
	d, err := w.Engine.Environments.Set().Shown(c.delivery())
	c.URL, c.Header, c.Body = d.Target.URL, d.Request.Header, d.Request.Body
	return c, err
}

// sends says what of a composition the environment fills, a line for each: it is seen before it is sent.
func sends(typed, shown *composition) (lines []string) {
	if env.Uses(typed.URL) {
		lines = append(lines, typed.Method+" "+shown.URL)
	}
	for i, f := range typed.Header {
		if env.Uses(f.Value) && i < len(shown.Header) {
			lines = append(lines, f.Name+": "+shown.Header[i].Value)
		}
	}
	if env.Uses(string(typed.Body)) {
		lines = append(lines, "The body with its values is under Code")
	}
	return lines
}

// showFilled says under the address what goes out, or marks the field that names what there is not.
func (p *Page) showFilled(lines []string, err error) {
	text := ""
	if len(lines) > 0 {
		text = "Sent as  " + strings.Join(lines, "\n")
	}
	if p.filled.Text() != text {
		p.filled.Put(core.VisibleText(text), control.Small.In(control.Muted))
		p.filled.Hidden = text == ""
		part.Relayout(p.where)
	}
	p.mark(err)
}

// mark shows at its field what is wrong with a value; nil takes what stood there away. It reports whether there is such a field.
func (p *Page) mark(err error) bool {
	var invalid *core.Invalid
	if !errors.As(err, &invalid) {
		invalid = &core.Invalid{}
	}
	say := func(field string, now string, set func(string)) bool {
		if invalid.Field == field && invalid.Reason != "" {
			set(part.WholeSentence(invalid.Reason))
			return true
		}
		if now != "" {
			set("")
		}
		return false
	}
	found := say("url", p.url.Problem(), p.url.SetProblem)
	for _, r := range p.headers.rows {
		name := r.name.Text()
		at := env.Uses(r.value.Text()) && !found
		if at && say("headers."+name, r.value.Problem(), r.value.SetProblem) {
			found = true
		} else if !at && r.value.Problem() != "" {
			r.value.SetProblem("")
		}
	}
	if say("body", p.body.unfilled, p.body.complain) {
		found = true
	}
	return found
}
