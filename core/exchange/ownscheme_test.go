package exchange_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/core/sign"
)

// own reads a scheme of the user's own.
func own(t *testing.T, text string) sign.Scheme {
	t.Helper()
	s, err := sign.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	ownToken = `{"id":"my-token","provider":"My tokens","sig":{"from":"header:X-My-Pass","format":"plain","also":["header:X-My-Other"]},"template":"{none}","alg":"equal","enc":"raw","key":"utf8"}`
	ownHMAC  = `{"id":"my-hmac","provider":"My API","sig":{"from":"header:X-My-Sign","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"}`
)

// judged is what a scheme of the book says of a value that is not the secret.
func judged(book sign.Book, id, header, value string) *core.Verdict {
	s, _ := book.Find(id)
	v := s.Verify(sign.Input{Request: &core.Request{Header: core.Header{{Name: header, Value: value}}, Body: []byte("{}")}, Secrets: []core.Secret{core.Text("the real one")}})
	return &v
}

// A token of the user's own scheme is as secret as one of a known scheme, also once the scheme is gone: the verdict says
// what the value was.
func TestExportMasksOwnTokens(t *testing.T) {
	book := sign.NewBook([]sign.Scheme{own(t, ownToken), own(t, ownHMAC)})
	plain := exchange.Options{Book: book}
	for _, row := range []struct {
		what    string
		opt     exchange.Options
		header  string
		value   string
		verdict *core.Verdict
		masked  bool
	}{
		{"as it came, unmatched", plain, "x-my-pass", "hunter-22", nil, true},
		{"in another of its places", plain, "X-My-Other", "hunter-22", nil, true},
		{"verified", plain, "X-My-Pass", "hunter-22", judged(book, "my-token", "X-My-Pass", "hunter-22"), true},
		{"short", plain, "X-My-Pass", "pw=22", judged(book, "my-token", "X-My-Pass", "pw=22"), true},
		{"revealed", exchange.Options{Book: book, Reveal: true}, "X-My-Pass", "hunter-22", nil, false},
		{"its scheme was deleted", exchange.Options{}, "X-My-Pass", "hunter-22", judged(book, "my-token", "X-My-Pass", "hunter-22"), true},
		{"deleted, in another of its places", exchange.Options{}, "X-My-Other", "hunter-22", judged(book, "my-token", "X-My-Other", "hunter-22"), true},
		{"nobody knows what it was", exchange.Options{}, "X-My-Pass", "hunter-22", &core.Verdict{State: core.Mismatch, Scheme: "my-token", Got: "hunter-22"}, true},
		{"a signature", plain, "X-My-Sign", "0123456789abcdef", nil, false},
		{"a signature, its scheme was deleted", exchange.Options{}, "X-My-Sign", "0123456789abcdef", judged(book, "my-hmac", "X-My-Sign", "0123456789abcdef"), false},
		{"a signature to be masked", exchange.Options{Book: book, Signatures: true}, "X-My-Sign", "0123456789abcdef", nil, true},
	} {
		h := core.Header{{Name: "Host", Value: "a.test"}, {Name: row.header, Value: row.value}}
		c := core.Capture{ID: 1, At: at, Request: core.Request{Method: "POST", Target: "/in", Proto: "HTTP/1.1", Host: "a.test", Header: h, Body: []byte("{}"), Size: 2,
			Head: []byte("POST /in HTTP/1.1\r\nHost: a.test\r\n" + row.header + ": " + row.value + "\r\n\r\n")}, Receipt: core.Receipt{Verdict: row.verdict}}
		for _, format := range captureFormats() {
			data, said, err := export(format, []core.Capture{c}, row.opt)
			if err != nil {
				t.Fatal(err)
			}
			anew := row.verdict != nil && (format == "go" || format == "pytest" || format == "jest") || listed(format) // signs anew, or has no headers
			if got := leaked(data, row.value); got && row.masked || !got && !row.masked && !anew {
				t.Errorf("%s, %s: it stands there: %v; masked %q", row.what, format, got, said)
			}
			if row.masked && len(said) == 0 {
				t.Errorf("%s, %s: masked and not said", row.what, format)
			}
		}
	}
}

func TestWorkspaceCarriesOwnSchemes(t *testing.T) {
	first := &exchange.Workspace{Schemes: []sign.Scheme{own(t, ownToken), own(t, strings.Replace(ownHMAC, "my-hmac", "github", 1)),
		own(t, `{"id":"rich","provider":"Ü","sig":{"from":"header:X-S","format":"kv","sep":",","kv":"=","field":"v1","multi":true},"ts":{"from":"sig:t","unit":"s","tolerance":300,"future":true},
			"template":"{ts}.{header:X-A}.{body}","alg":"hmac-sha512","enc":"base64url","key":"strip=whsec_|base64","set":{"X-V":"1"},"note":"n"}`)},
		Sources: []core.Source{{Name: "mine", Platform: "generic", Settings: core.Values{"path": "/in/a", "scheme": "my-token"}}}}
	data, moved, err := exchange.WriteWorkspace(first, exchange.Options{Reveal: true})
	if err != nil || len(moved) != 1 || !strings.Contains(moved[0], `schemes[1].id: "github" is by now a scheme that Hookglass knows`) {
		t.Errorf("moved %q, %v", moved, err)
	}
	second, err := exchange.ParseWorkspace(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if want := []sign.Scheme{first.Schemes[0], first.Schemes[2]}; !reflect.DeepEqual(second.Schemes, want) {
		t.Errorf("came back as\n%+v, want\n%+v", second.Schemes, want)
	}
	data, _, _ = exchange.WriteWorkspace(&exchange.Workspace{}, exchange.Options{})
	if strings.Contains(string(data), "schemes") {
		t.Errorf("without own schemes there is nothing to say of them:\n%s", data)
	}
}

// A scheme comes with a file that somebody else wrote: no word of it may become code.
func TestOwnSchemesInTestFiles(t *testing.T) {
	odd := []string{
		`{"id":"x.y/ü+1","provider":"a\"\"\"\n*/}); evil()","sig":{"from":"header:X\nevil()","format":"plain"},"template":"{body}\"\"\"\nevil()","alg":"hmac-sha256","enc":"hex","key":"strip=$(evil)'|utf8"}`,
		`{"id":"ü` + "\u2028" + `evil()","provider":"","sig":{"from":"header:X\"\"\"\nevil()","format":"plain"},"template":"{none}","alg":"equal","enc":"raw","key":"utf8"}`,
		`{"id":"reads` + "\u2028" + `evil()","provider":"p","sig":{"from":"header:X","format":"plain"},"template":"{header:X-A}.{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"}`,
		`{"id":"raw","provider":"p","sig":{"from":"header:X","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"raw","key":"utf8"}`,
	}
	for i, text := range odd {
		s := own(t, text)
		c := core.Capture{Request: core.Request{Method: "POST", Target: "/", Host: "a.test", Body: []byte("{}")}, Receipt: core.Receipt{Verdict: &core.Verdict{Scheme: s.ID, Algorithm: s.Alg}}}
		opt := exchange.Options{Book: sign.NewBook([]sign.Scheme{s})}
		for _, row := range []struct{ format, program, file, code string }{
			{"go", "go", "webhooks_test.go", ""}, {"pytest", "python3", "t.py", "import ast; ast.parse(open('t.py').read())"}, {"jest", "node", "t.js", ""},
		} {
			data, _, err := export(row.format, []core.Capture{c}, opt)
			if err != nil {
				t.Errorf("%d, %s: %v", i, row.format, err)
				continue
			}
			for line := range strings.Lines(string(data)) {
				if strings.HasPrefix(strings.TrimSpace(line), "evil()") {
					t.Errorf("%d, %s: a word of the scheme became code:\n%s", i, row.format, data)
				}
			}
			if signs := strings.Contains(string(data), "cannot be made here"); signs != (i >= 2) {
				t.Errorf("%d, %s: the signature is said to be the one that came: %v", i, row.format, signs)
			}
			checkSyntax(t, row.program, row.file, row.code, data)
		}
		script, ok := exchange.OpensslCurl(c.Request, s, "S")
		if ok != (i < 2) || strings.Contains(script, "#$(evil)") {
			t.Errorf("%d: %v\n%s", i, ok, script)
		}
	}
}

// checkSyntax lets a program read a file, where it is on the machine. Export has laid out Go already.
func checkSyntax(t *testing.T, program, file, code string, data []byte) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil || program == "go" {
		return
	}
	args := []string{"--check", file}
	if code != "" {
		args = []string{"-c", code}
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(cmd.Dir, file), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s\n%s", program, err, out, data)
	}
}
