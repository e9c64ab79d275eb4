package env_test

import (
	"errors"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/env"
)

var staging = core.Environment{Name: "staging", Values: map[string]string{"base": "http://127.0.0.1:3000", "id": "{{env.base}} {{env.token}}", "empty": "", "open": "{{"},
	Secrets: map[string]core.SecretRef{"token": "env:TOKEN"}}

func set() env.Set {
	return env.Set{Chosen: &staging, All: []core.Environment{staging, {Name: "prod", Values: map[string]string{"zone": "eu"}}}}
}

func body(s env.Set, text string) (core.Delivery, error) {
	return s.Delivery(core.Delivery{Target: core.Target{URL: "http://a.test/"}, Request: core.Request{Body: []byte(text)}})
}

func TestFill(t *testing.T) {
	for in, want := range map[string]string{
		"":                                   "",
		"plain {{name}} {% x %} {{ .y }}":    "plain {{name}} {% x %} {{ .y }}",
		"{{env.base}}/hooks":                 "http://127.0.0.1:3000/hooks",
		"{{ env.base }}":                     "http://127.0.0.1:3000",
		"[{{env.empty}}]":                    "[]",
		"{{env.id}}":                         "{{env.base}} {{env.token}}", // what was put in is not looked at
		"{{{{env.base}}":                     "{{env.base}}",
		"{{{{{{env.base}}":                   "{{{{env.base}}",
		"{{{{ env.nothing":                   "{{ env.nothing",
		`{"a":{{{env.empty}}}}`:              `{"a":{}}`,
		"{{env.empty}}{{{{env.x}}{{env.id}}": "{{env.x}}{{env.base}} {{env.token}}",
		"caf\xc3{{env.empty}}\x00":           "caf\xc3\x00",
	} {
		d, err := body(set(), in)
		if err != nil || string(d.Request.Body) != want || d.Target.Hidden != nil || d.Request.Size != int64(len(want)) {
			t.Errorf("%q becomes %q (%d bytes, %v, %v), want %q", in, d.Request.Body, d.Request.Size, d.Target.Hidden, err, want)
		}
	}
}

// TestRefused: a name that is not there is said with those that are.
func TestRefused(t *testing.T) {
	none, nothing := set(), env.Set{}
	none.Chosen = nil
	for _, tt := range []struct {
		set  env.Set
		text string
		want string
	}{
		{set(), "{{env.bse}}", "body: the environment staging has no bse; it has base, empty, id, open or token"},
		{set(), "{{env.zone}}", "has no zone"},
		{none, "{{env.base}}", "body: no environment is chosen to take base from; choose one of staging or prod"},
		{nothing, "{{env.base}}", "hookglass env set staging base=VALUE"},
		{set(), "{{env.base", "begins like a value"},
		{set(), "{{env.base.more}}", "begins like a value"},
		{set(), "{{ env.a b }}", "begins like a value"},
		{set(), "{{env.\x1b[2J}}", `\x1b`},
		{set(), "{{env.open}}{{env.token}}", "something between"},
	} {
		_, err := body(tt.set, tt.text)
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != "body" || tt.want != `\x1b` && !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%.40q is refused with %v, want %q", tt.text, err, tt.want)
		}
	}
	_, err := set().Target(core.Target{URL: "http://a.test/", Header: core.Header{{Name: "X-Key", Value: "{{env.key}}"}}})
	if err == nil || !strings.HasPrefix(err.Error(), "headers.X-Key: ") {
		t.Errorf("a header is refused with %v", err)
	}
	_, err = set().Target(core.Target{URL: "http://a.test/", Header: core.Header{{Name: "X-Key", Value: strings.Repeat("{{env.base}}", 4000)}}})
	if err == nil || !strings.Contains(err.Error(), "make it shorter") {
		t.Errorf("a header that becomes too long is refused with %v", err)
	}
	for _, url := range []string{"http://{{env.token}}.test/", "http://{{env.token}}@a.test/", "{{env.token}}", "http://u:{{env.token}}@a.test/?x"} {
		if _, err := set().Target(core.Target{URL: url}); err == nil || !strings.Contains(err.Error(), "in its host") {
			t.Errorf("%s: a secret in the host is refused with %v", url, err)
		}
	}
	if _, err := set().Target(core.Target{URL: "{{env.base}}/{{env.token}}"}); err != nil {
		t.Error("a secret behind the host is refused:", err)
	}
}

// TestSecretsAreByName until it is sent, are put in then, and are taken out of what is kept of it.
func TestSecretsAreByName(t *testing.T) {
	const token = "s3cr3t value/+"
	d := core.Delivery{
		Target: core.Target{URL: "{{env.base}}/in?k={{env.token}}", Header: core.Header{{Name: "X-Text", Value: "{{{{env.base}}"}}},
		Request: core.Request{Header: core.Header{{Name: "Authorization", Value: "Bearer {{ env.token }}"}, {Name: "X-Id", Value: "{{env.id}}"}},
			Body: []byte(`{"t":"{{env.token}}","u":"{{{{env.token}}"}`)}}
	typed := d.Request.Header.Clone()
	owed, err := set().Delivery(d)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(owed.Request.Body), token) || owed.Target.Hidden["token"] != "env:TOKEN" || owed.Target.URL != "http://127.0.0.1:3000/in?k={{env.token}}" {
		t.Fatalf("it is owed as %+v", owed)
	}
	if d.Request.Header[0] != typed[0] {
		t.Error("what was typed has changed")
	}
	shown, err := set().Shown(d)
	if err != nil || shown.Request.Header[0].Value != "Bearer "+core.Masked || string(shown.Request.Body) != `{"t":"`+core.Masked+`","u":"{{env.token}}"}` || shown.Target.Hidden != nil {
		t.Errorf("it is shown as %+v (%v)", shown, err)
	}
	sent, cover, err := env.Reveal(owed, func(ref core.SecretRef) (core.Secret, error) { return core.Text(token), nil })
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		sent.Target.URL:              "http://127.0.0.1:3000/in?k=" + token,
		sent.Target.Header[0].Value:  "{{env.base}}",
		sent.Request.Header[0].Value: "Bearer " + token,
		sent.Request.Header[1].Value: "{{env.base}} {{env.token}}",
		string(sent.Request.Body):    `{"t":"` + token + `","u":"{{env.token}}"}`,
	} {
		if got != want {
			t.Errorf("sent %q, want %q", got, want)
		}
	}
	kept := cover.Request(core.Request{Target: "/in?k=s3cr3t%20value/+", Header: sent.Request.Header, Head: []byte("A: Bearer " + token), Body: sent.Request.Body})
	all := kept.Target + kept.Header[0].Value + string(kept.Head) + string(kept.Body)
	if strings.Contains(all, "s3cr3t") || strings.Count(all, "{{env.token}}") != 5 {
		t.Errorf("kept is %q", all)
	}
	if _, _, err := env.Reveal(owed, func(core.SecretRef) (core.Secret, error) { return core.Secret{}, errors.New("gone") }); err == nil || !strings.Contains(err.Error(), "token of the environment: gone") {
		t.Errorf("a secret that is gone is told as %v", err)
	}
}

// TestRequestOfAnotherIsNotTouched: of what somebody else wrote, nothing is filled.
func TestRequestOfAnotherIsNotTouched(t *testing.T) {
	to, err := set().Target(core.Target{URL: "{{env.base}}/?k={{env.token}}"})
	if err != nil {
		t.Fatal(err)
	}
	theirs := core.Request{Header: core.Header{{Name: "X", Value: "{{env.token}}"}}, Body: []byte("{{env.token}}")}
	sent, _, err := env.Reveal(core.Delivery{Target: to, Request: theirs}, func(core.SecretRef) (core.Secret, error) { return core.Text("value"), nil })
	if err != nil || string(sent.Request.Body) != "{{env.token}}" || sent.Request.Header[0].Value != "{{env.token}}" || !strings.HasSuffix(sent.Target.URL, "k=value") {
		t.Errorf("sent %+v (%v)", sent, err)
	}
}

func TestCheck(t *testing.T) {
	many := map[string]string{}
	for i := range env.MostNames + 1 {
		many["n"+strings.Repeat("x", i%60)+string(rune('a'+i/60))] = ""
	}
	for want, e := range map[string]core.Environment{
		"name":       {Name: "a b"},
		"values.é":   {Name: "a", Values: map[string]string{"é": "x"}},
		"values.big": {Name: "a", Values: map[string]string{"big": strings.Repeat("x", env.MostValue+1)}},
		"secrets.t":  {Name: "a", Secrets: map[string]core.SecretRef{"t": "the-secret-itself"}},
		"secrets.u":  {Name: "a", Values: map[string]string{"u": "1"}, Secrets: map[string]core.SecretRef{"u": "env:U"}},
		"values":     {Name: "a", Values: many},
	} {
		err := env.Check(&e)
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != want || strings.Contains(err.Error(), "the-secret-itself") {
			t.Errorf("%s: %v", want, err)
		}
	}
	if err := env.Check(&staging); err != nil {
		t.Error(err)
	}
}

// FuzzLiteral: a text of somebody else is what it is, whatever stands in it, beside a secret or without.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"", "{{env.base}}", "{{{{env.base}}", "{{{env.token}}}", "{{  env.", "{{{{{env.env.{{env.a}}", "{", "\xff{{env.token}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 {
			return
		}
		d, err := body(set(), env.Literal(text))
		if err != nil || string(d.Request.Body) != text {
			t.Fatalf("%q becomes %q (%v)", text, d.Request.Body, err)
		}
		owed, err := set().Delivery(core.Delivery{Target: core.Target{URL: "http://a.test/", Header: core.Header{{Name: "K", Value: "{{env.token}}"}}}, Request: core.Request{Body: []byte(env.Literal(text))}})
		if err != nil {
			t.Fatal(err)
		}
		sent, _, err := env.Reveal(owed, func(core.SecretRef) (core.Secret, error) { return core.Text("v"), nil })
		if err != nil || string(sent.Request.Body) != text || sent.Target.Header[0].Value != "v" {
			t.Fatalf("%q is sent as %q (%v)", text, sent.Request.Body, err)
		}
	})
}
