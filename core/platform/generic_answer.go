package platform

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/answer"
)

// AnswerSettings are what a rule of an answer says; one alone may be without a filter, as the last of several may.
var AnswerSettings = []Setting{
	{Name: "when", Label: "Only when", Kind: TextKind, Help: "A filter, like event:order.* sig:verified. Empty: always."},
	{Name: "times", Label: "Use it so often", Kind: NumberKind, Min: 1, Max: 1_000_000, Whole: true, Help: "Then the rules below it answer. Empty: always."},
	{Name: "status", Label: "Status", Kind: NumberKind, Default: 200.0, Min: 200, Max: 599, Whole: true},
	{Name: "headers", Label: "Headers", Kind: ObjectKind},
	{Name: "body", Label: "Body", Kind: TextKind, Long: true},
	{Name: "delay_ms", Label: "Wait before it (ms)", Kind: NumberKind, Min: 0, Max: 600_000, Advanced: true},
	{Name: "status_from_path", Label: "Status from the path", Kind: BoolKind, Advanced: true, Help: "/in/x/404 is answered with 404."},
}

// genericRules reads the answer of a source: one, or a list of rules.
func genericRules(v any, cfg Config) (*answer.Rules, error) {
	list, listed := v.([]any)
	if !listed {
		list = []any{v}
	}
	rules := make([]answer.Rule, len(list))
	for i := range list {
		r := group(core.Values{"": list[i]}, "")
		rules[i] = answer.Rule{When: r.Text("when"), Times: int(r.Number("times", 0)), Status: int(r.Number("status", 200)), Body: r.Text("body"),
			Delay: time.Duration(r.Number("delay_ms", 0) * float64(time.Millisecond)), StatusFromPath: r.Bool("status_from_path", false)}
		headers := group(r, "headers")
		for _, name := range slices.Sorted(maps.Keys(headers)) {
			text, ok := headers[name].(string)
			if !ok {
				return nil, &core.Invalid{Field: answerField(listed, i, "headers."+name), Reason: "is no header that HTTP can carry"}
			}
			rules[i].Header = append(rules[i].Header, core.Field{Name: name, Value: text})
		}
	}
	rs, err := answer.New(rules, answer.Config{Filter: cfg.Filter, Secret: secretOf(cfg), Listed: listed})
	return rs, inAnswer(err, listed)
}

func answerField(listed bool, i int, field string) string {
	if listed {
		return fmt.Sprintf("answer[%d].%s", i, field)
	}
	return "answer." + field
}

// inAnswer puts the setting before the field of what is wrong with it.
func inAnswer(err error, listed bool) error {
	invalid, ok := err.(*core.Invalid)
	switch {
	case !ok:
		return err
	case invalid.Field == "":
		return &core.Invalid{Field: "answer", Reason: invalid.Reason}
	case listed:
		return &core.Invalid{Field: "answer" + invalid.Field, Reason: invalid.Reason}
	}
	return &core.Invalid{Field: "answer." + invalid.Field, Reason: invalid.Reason}
}

// secretOf finds the secret that a template names: a setting of the source, or a reference to what only the user can have put there.
func secretOf(cfg Config) func(name string) (core.Secret, error) {
	return func(name string) (core.Secret, error) {
		place, _, ref := strings.Cut(name, ":")
		switch {
		case !ref:
			for _, s := range genericSettings {
				if s.Kind == SecretKind && s.Name == name {
					return cfg.Secrets[name], nil
				}
			}
		case place == "env" || place == "keyring":
			if cfg.Resolve == nil {
				return core.Secret{}, fmt.Errorf("the secret %s cannot be had here", name)
			}
			return cfg.Resolve(core.SecretRef(name))
		}
		return core.Secret{}, &core.Invalid{Reason: fmt.Sprintf(`%q is no secret; want "secret", "secret_previous" or "handshake_secret" of this source, "env:NAME" or "keyring:NAME"`, name)}
	}
}

// AsksContract says whether a rule goes by the contract of the source.
func (m *genericMachine) AsksContract() bool { return m.asks }

// contract puts down what was found of the source's contract.
func (m *genericMachine) contract(v *visit) {
	const want = "what the source's contract says"
	p := v.in.Promise
	switch p.Word() {
	case "none":
		v.check("contract", want, "the source has none: a rule asks for it", false)
	case "kept":
		v.check("contract", want, "kept", true)
	default:
		first := p.Violations[0]
		got := first.Path + ": " + first.Reason
		if n := len(p.Violations) - 1; n > 0 {
			got += fmt.Sprintf("; and %d more", n)
		}
		v.check("contract", want, got, false)
	}
}

// say answers by the rules, with these fields beside their own, and puts down which rule it was where there are several.
func (m *genericMachine) say(v *visit, reason string, along ...core.Field) Out {
	if plain, ok := m.rules.Plain(); ok {
		plain.Header = append(plain.Header, along...)
		return v.accept(plain, reason)
	}
	in := v.in
	c := &core.Capture{At: in.Now, Source: m.cfg.Source, Name: m.cfg.Name, Request: *in.Request, Via: in.Via, Event: in.Seen.event, Promise: in.Promise,
		Receipt: core.Receipt{Platform: m.name, Verdict: in.Seen.verdict}}
	if m.asks {
		m.contract(v)
	}
	ask := answer.Request{Capture: c, Now: in.Now, Seed: in.IDs.Seed()}
	a := m.rules.Answer(ask)
	if m.rules.Len() > 1 {
		got := "none: 200 and nothing"
		if a.Rule >= 0 {
			got = fmt.Sprintf("rule %d of %d", a.Rule+1, m.rules.Len())
			if when := m.rules.When(a.Rule); when != "" {
				got += ", " + when
			}
		}
		v.check("answer", "the first rule that fits", got, a.Failed == "")
	} else if a.Failed != "" {
		v.check("answer", "a template that can be filled in", a.Failed, false)
	}
	v.out.Delay = a.Delay
	if a.Failed != "" {
		return v.reject(a.Response, "the template of the answer failed: "+a.Failed)
	}
	a.Response.Header = append(a.Response.Header, along...)
	switch {
	case a.Marked:
		v.out.Number = answer.Number
	case a.NeedsID:
		v.out.Told = func(id core.CaptureID) core.Response {
			c.ID = id
			told := m.rules.Again(a, ask)
			told.Response.Header = append(told.Response.Header, along...)
			if in.Request.Method == "HEAD" {
				told.Response.Body, told.Response.Size = nil, 0
			}
			return told.Response
		}
	}
	return v.accept(a.Response, reason)
}
