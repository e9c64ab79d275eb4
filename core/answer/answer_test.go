package answer_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/answer"
)

var now = time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)

func secrets(name string) (core.Secret, error) {
	switch name {
	case "secret":
		return core.Text("key"), nil
	case "env:LATER":
		return core.Secret{}, errors.New("the environment variable LATER is not set")
	}
	return core.Secret{}, &core.Invalid{Reason: "no secret " + name}
}

func capture(method, target, kind, body string) *core.Capture {
	return &core.Capture{ID: 42, Request: core.Request{Method: method, Target: target, Body: []byte(body),
		Header: core.Header{{Name: "Content-Type", Value: kind}, {Name: "X-Shop", Value: "a\"b"}}}}
}

// said is what a template makes of a request.
func said(t *testing.T, words string, c *core.Capture) (string, string) {
	t.Helper()
	rs, err := answer.New([]answer.Rule{{Status: 200, Body: words}}, answer.Config{Secret: secrets})
	if err != nil {
		t.Errorf("%s: %v", words, err)
		return "", ""
	}
	a := rs.Answer(answer.Request{Capture: c, Now: now, Seed: 7})
	if (a.Failed != "") != (a.Response.Status == 500) {
		t.Errorf("%s: %d, failed: %q", words, a.Response.Status, a.Failed)
	}
	return string(a.Response.Body), a.Failed
}

func TestTemplates(t *testing.T) {
	order := capture("POST", "/in/a%2Fb?x=1&x=2&y=z+z", "application/json", `{"data":{"id":"o_1","n":12345678,"f":1234567.5,"big":123456789012345678901234567890,"tags":["a","b"],"ok":true,"id2":7},"list":[{"id":1},{"id":2}]}`)
	for _, tt := range []struct{ words, want string }{
		{`{"id":"{{.json.data.id}}","at":"{{now}}"}`, `{"id":"o_1","at":"2026-11-27T10:00:00Z"}`},
		{`{{.json.data.n}} {{.json.data.f}} {{.json.data.big}}`, `12345678 1234567.5 123456789012345678901234567890`},
		{`{{if gt .json.data.n 5}}more{{else}}less{{end}}`, `more`},
		{`{{range $i, $x := .json.data.tags}}{{if $i}},{{end}}{{$x}}{{end}}`, `a,b`},
		{`{{range .json.list}}{{.id}} {{$.id}} {{$.header "x-shop"}};{{end}}`, `1 42 a"b;2 42 a"b;`},
		{`{{.method}} {{.path}} {{.query.x}} {{.query.y}} {{.id}}`, `POST /in/a%2Fb 1 z z 42`},
		{`{{.header "X-SHOP"}} {{"content-type" | .header}} {{len (.header "nothing")}}`, `a"b application/json 0`},
		{`{{toJSON .json.data.tags}} {{.header "X-Shop" | toJSON}} {{toJSON .json.data.f}}`, `["a","b"] "a\"b" 1234567.5`},
		{`{{base64 "hi"}} {{unix}}`, `aGk= 1795773600`},
		{`{{hmac "sha256" "secret" "text"}}`, `6afa9046a9579cad143a384c1b564b9a250d27d6f6a63f9f20bf3a7594c9e2c6`},
		{`{{define "x"}}<{{.}}>{{end}}{{template "x" .json.data.id}}`, `<o_1>`},
		{`{{with .json.data}}{{.id}}{{end}}{{with $}}{{.method}}{{end}}`, `o_1POST`},
		{`{{random 3 3}} {{random 3 3}}`, `3 3`},
		{`no template }} here`, `no template }} here`},
		{`{{"{{"}} }}`, `{{ }}`},
	} {
		if got, failed := said(t, tt.words, order); got != tt.want {
			t.Errorf("%s says %q (%s), want %q", tt.words, got, failed, tt.want)
		}
	}
	form := capture("POST", "/", "application/x-www-form-urlencoded; charset=utf-8", "a=1&b=x+y&a=2")
	if got, _ := said(t, `{{.form.a}} {{.form.b}} {{.json}}`, form); got != "1 x y <no value>" {
		t.Errorf("a form says %q", got)
	}
	const drawn = `{{uuid}} {{uuid}} {{random 1 1000000}} {{random -5 5}}`
	first, _ := said(t, drawn, order)
	if second, _ := said(t, drawn, order); first != second || strings.Fields(first)[0] == strings.Fields(first)[1] || len(strings.Fields(first)[0]) != 36 {
		t.Errorf("the same seed says %q and %q", first, second)
	}
}

// TestTemplatesThatAreWrong are refused with the field and the position.
func TestTemplatesThatAreWrong(t *testing.T) {
	for words, want := range map[string]string{
		`{"a":"{{.json.}}"}`: "line 1, column 7: ",
		"{\n \"a\": \"{{now}}\",\n \"b\": {{nothing .json}}}": "line 3, column 7: function \"nothing\" not defined",
		"é{{.jsn.id}}":                      "line 1, column 4: there is no .jsn; want .json",
		"{{if .json}}":                      "line 1, column 1: unexpected EOF",
		"{{range $i := .json}}{{$.colour}}": "line 1, column 22: unexpected EOF",
		"{{.jsn}}":                          "line 1, column 3: there is no .jsn",
		"{{$.colour}}":                      "line 1, column 3: there is no .colour",
		"a {{":                              "line 1, column 3: unclosed action",
		"{{end}}":                           "line 1, column 1: unexpected {{end}}",
		`{{hmac "sha256" .json.key "x"}}`:   "line 1, column 17: the key of hmac has to stand in the template",
		`{{hmac "sha256"}}`:                 "line 1, column 3: want hmac",
		`{{hmac "sha256" "file:x" "x"}}`:    "line 1, column 17: no secret file:x",
		strings.Repeat("x", 300<<10) + "{{": "is longer than 256 KiB",
	} {
		for _, rule := range []answer.Rule{{Body: words}, {Header: core.Header{{Name: "X-A", Value: strings.ReplaceAll(words, "\n", " ")}}}} {
			_, err := answer.New([]answer.Rule{{}, rule}, answer.Config{Secret: secrets, Listed: true})
			var invalid *core.Invalid
			field := "[1].body"
			if rule.Body == "" {
				field = "[1].headers.X-A"
				want = strings.ReplaceAll(want, "line 3, column 7", "line 1, column 26")
			}
			if !errors.As(err, &invalid) || invalid.Field != field || !strings.HasPrefix(invalid.Reason, want) {
				t.Errorf("%.80s: %v, want %s: %s", words, err, field, want)
			}
		}
	}
}

// TestTemplatesThatFailOnARequest answer 500 with the reason, and end in time.
func TestTemplatesThatFailOnARequest(t *testing.T) {
	const slow = "|longer than 100 ms" // whichever comes first on this machine
	const ends = "10000 times" + slow
	c := capture("POST", "/", "application/json", `{"list":[`+strings.Repeat("1,", 400)+`1],"s":"`+strings.Repeat("x", 2000)+`"}`)
	for words, want := range map[string]string{
		`{{.json.s.b}}`:                     "can't evaluate field b",
		`{{random 5 1}}`:                    "want the lower first",
		`{{random "a" 1}}`:                  "is no whole number",
		`{{hmac "md5" "secret" "x"}}`:       "is no hash",
		`{{hmac "sha256" "env:LATER" "x"}}`: "LATER is not set",
		`{{range 1000000000}}{{end}}`:       ends,
		`{{range .json.list}}{{range $.json.list}}{{end}}{{end}}`:                        ends,
		`{{range 2000}}{{$.json.s}}{{end}}`:                                              "prints more than 1 MiB" + slow,
		`{{define "x"}}{{template "x"}}{{end}}{{template "x"}}`:                          "call each other more than" + slow,
		`{{$x := "xxxxxxxxxxxxxxxx"}}{{range 60}}{{$x = print $x $x}}{{end}}`:            "prints more than 1 MiB" + slow,
		`{{$x := "xxxxxxxxxxxxxxxx"}}{{range 60}}{{$x = printf "%[1]s%[1]s" $x}}{{end}}`: "prints more than 1 MiB" + slow,
		`{{printf "%1000000000d" 1}}`:                                                    "want a width of less than",
		`{{printf "%*d" 1000000000 1}}`:                                                  "want a width of less than",
		`{{printf "%.1000000000f" 1.5}}`:                                                 "want a width of less than",
		`{{index .json.list 1000}}`:                                                      "out of range",
		`{{call .json}}`:                                                                 "call",
	} {
		if got, failed := said(t, words, c); !slices.ContainsFunc(strings.Split(want, "|"), func(w string) bool { return strings.Contains(failed, w) }) || !strings.Contains(got, "template of this answer failed") {
			t.Errorf("%s says %.60q, and failed with %q, want %q", words, got, failed, want)
		}
	}
	rs, err := answer.New([]answer.Rule{{Header: core.Header{{Name: "X-A", Value: "{{.json.a}}"}}}}, answer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if a := rs.Answer(answer.Request{Capture: capture("POST", "/", "", `{"a":"1\r\nSet-Cookie: x"}`)}); !strings.Contains(a.Failed, "line break") {
		t.Errorf("a header of two lines: %+v", a)
	}
}

// TestRules: the first that holds, so often as it may, with the status that it says or the path does.
func TestRules(t *testing.T) {
	filter := func(text string) (func(*core.Capture) bool, error) {
		if text == "bad" {
			return nil, errors.New("is bad")
		}
		return func(c *core.Capture) bool { return strings.Contains(c.Request.Target, text) }, nil
	}
	rs, err := answer.New([]answer.Rule{{When: "order", Times: 2, Status: 503, Header: core.Header{{Name: "Retry-After", Value: "1"}}},
		{When: "late", Status: 200, Delay: time.Second}, {When: "echo", Status: 204, StatusFromPath: true}, {When: "order", Status: 201, Body: `{"ok":true}`}}, answer.Config{Filter: filter})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, target := range []string{"/order", "/order", "/order", "/late", "/echo/404", "/echo/99", "/echo/600", "/echo/4040", "/else"} {
		a := rs.Answer(answer.Request{Capture: capture("POST", target, "", "")})
		got = append(got, fmt.Sprint(a.Rule, a.Response.Status, a.Delay, len(a.Response.Header)))
	}
	if want := "0 503 0s 1,0 503 0s 1,3 201 0s 1,1 200 1s 0,2 404 0s 0,2 204 0s 0,2 204 0s 0,2 204 0s 0,-1 200 0s 0"; strings.Join(got, ",") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ","), want)
	}
	for _, bad := range []answer.Rule{{When: "bad"}, {Delay: time.Hour}, {Header: core.Header{{Name: "A B"}}}} {
		if _, err := answer.New([]answer.Rule{bad}, answer.Config{Filter: filter}); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, words := range []string{`{"id":"{{.json.data.id}}","at":"{{now}}"}`, `{{range 5}}{{$.header "a"}}{{end}}`, `{{define "x"}}{{template "x" .}}{{end}}{{template "x" .}}`,
		`{{$x := "x"}}{{range 60}}{{$x = print $x $x}}{{end}}`, `{{printf "%[1]s" .json}}`, `{{hmac "sha256" "secret" .path | base64}}`, `{{slice .path 1 2}}{{index .json 0}}{{len .form}}`, `{{html (js (urlquery .json))}}`} {
		f.Add(words, `{"data":{"id":1}}`)
	}
	f.Fuzz(func(t *testing.T, words, body string) {
		rs, err := answer.New([]answer.Rule{{Status: 200, Body: words}}, answer.Config{Secret: secrets})
		if err != nil {
			var invalid *core.Invalid
			if !errors.As(err, &invalid) || invalid.Field != "body" {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		in := answer.Request{Capture: capture("POST", "/a?b=c", "application/json", body), Now: now, Seed: 1}
		a := rs.Answer(in)
		if len(a.Response.Body) > 1<<20 && strings.Contains(words, "{{") {
			t.Fatalf("%d bytes", len(a.Response.Body))
		}
		if b := rs.Answer(in); a.Failed == "" && b.Failed == "" && !strings.Contains(words, "json") && string(a.Response.Body) != string(b.Response.Body) {
			t.Fatalf("the same request is answered %q and %q", a.Response.Body, b.Response.Body)
		}
	})
}

// TestTheIDIsMarked where it is printed and nothing else depends on it; else the answer is made again.
func TestTheIDIsMarked(t *testing.T) {
	for words, want := range map[string]bool{`{"id":{{.id}}}`: true, `{{- .id -}}{{$.id}}{{.json.id}}`: true, `{{printf "%d" .id}}`: false, `{{if .id}}x{{end}}{{.id}}`: false, `{{$x := .id}}{{$x}}`: false,
		`{{index . "id"}}{{.id}}`: false, `{{hmac "sha256" "secret" .id}}`: false, `{{define "x"}}{{.id}}{{end}}{{template "x" .}}{{.id}}`: false, `{{range $k, $v := .}}{{$v}}{{end}}{{.id}}`: false} {
		rs, err := answer.New([]answer.Rule{{Status: 200, Body: words}}, answer.Config{Secret: secrets})
		if err != nil {
			t.Fatal(words, err)
		}
		c := capture("POST", "/", "application/json", `{"id":"theirs"}`)
		c.ID = 0
		a := rs.Answer(answer.Request{Capture: c})
		if a.Failed != "" || !a.NeedsID || a.Marked != want {
			t.Errorf("%s is marked: %v (%s)", words, a.Marked, a.Failed)
		}
		if !want {
			continue
		}
		c.ID = 1234
		if got, again := answer.Number(a.Response, 1234), rs.Again(a, answer.Request{Capture: c}).Response; string(got.Body) != string(again.Body) || got.Header.Get("Content-Type") != again.Header.Get("Content-Type") {
			t.Errorf("%s is %q with the id put in, and %q made again", words, got.Body, again.Body)
		}
	}
}
