package exchange_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/assets"
	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/core/sign"
)

// TestSnippetsSendTheSameBytes runs every snippet and compares what a server gets.
func TestSnippetsSendTheSameBytes(t *testing.T) {
	base, requests := wire(t)
	for _, row := range []struct {
		name, program, file string
		args                []string
		write               func(core.Request) string
		ordered             bool // the client keeps the order of the fields
		most                int  // compiling takes a while
	}{
		{"go", "go", "main.go", []string{"run", "main.go"}, exchange.Go, false, 6},
		{"node", "node", "main.js", []string{"main.js"}, exchange.Node, true, 25},
		{"python", "python3", "main.py", []string{"main.py"}, exchange.Python, true, 25},
	} {
		t.Run(row.name, func(t *testing.T) {
			without(t, row.program)
			for _, r := range chosen(sendable(base, 40), row.most) {
				dir := t.TempDir()
				source := row.write(r)
				if err := os.WriteFile(filepath.Join(dir, row.file), []byte(source), 0o600); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command(row.program, row.args...)
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v: %s\n%s", err, out, source)
				}
				compare(t, r, <-requests, row.ordered, source)
			}
		})
	}
}

// chosen spreads n over the requests, so that few still cover every kind of body.
func chosen(all []core.Request, n int) []core.Request {
	seen := map[string]bool{}
	var out, rest []core.Request
	for _, r := range all {
		if r.Body != nil && !seen[string(r.Body)] {
			seen[string(r.Body)] = true
			out = append(out, r)
		} else {
			rest = append(rest, r)
		}
	}
	out = append(out, rest...)
	return out[:min(n, len(out))]
}

func compare(t *testing.T, want core.Request, got arrived, ordered bool, source string) {
	t.Helper()
	target := strings.ReplaceAll(want.Target, "ü", "%C3%BC")
	if !strings.HasPrefix(got.head, want.Method+" "+target+" HTTP/1.1\r\n") {
		t.Errorf("sent %.80q, want target %q\n%s", got.head, target, source)
	}
	if !bytes.Equal(got.body, want.Body) {
		t.Errorf("the body arrived as %q, want %q\n%s", got.body, want.Body, source)
	}
	h := core.ParseHead([]byte(got.head)).Without("Content-Length", "Connection", "Accept-Encoding")
	fields := want.Header.Clone()
	if !ordered {
		byName := func(a, b core.Field) int { return strings.Compare(a.Name, b.Name) }
		slices.SortStableFunc(h, byName)
		slices.SortStableFunc(fields, byName)
	}
	if !slices.Equal(h, fields) {
		t.Errorf("fields arrived as %q, want %q\n%s", h, fields, source)
	}
}

// followable are the samples whose scheme generated code can follow, each as a capture that was checked.
func followable(t *testing.T) []core.Capture {
	t.Helper()
	var out []core.Capture
	for i, s := range assets.Samples() {
		scheme, ok := sign.Known().Find(s.Scheme)
		if !ok {
			continue
		}
		c := core.Capture{ID: core.CaptureID(i + 1), Event: core.Event{Type: s.Event}, Request: core.Request{Method: "POST", Target: "/in?a=1", Proto: "HTTP/1.1", Host: "hooks.example.com",
			Header: core.Header{{Name: "Host", Value: "hooks.example.com"}, {Name: "Content-Type", Value: s.ContentType}}, Body: s.Body}, Receipt: core.Receipt{Verdict: &core.Verdict{Scheme: scheme.ID}}}
		for name, value := range s.Headers {
			if name != "Accept-Encoding" {
				c.Request.Header = append(c.Request.Header, core.Field{Name: name, Value: value})
			}
		}
		if _, ok := exchange.OpensslCurl(c.Request, scheme, "X"); ok {
			out = append(out, c)
		}
	}
	return out
}

// secretText is a secret in the form that the scheme's provider shows.
func secretText(s sign.Scheme) string {
	key, _, _ := strings.Cut(s.Key, " or ")
	key, _, _ = strings.Cut(key, " else ") // the way in which a provider shows it
	plain := "a secret, 'quoted' $HOME"
	switch {
	case strings.HasSuffix(key, "base64"):
		prefix := ""
		if strings.Contains(key, "whsec_") {
			prefix = "whsec_"
		}
		return prefix + base64.StdEncoding.EncodeToString([]byte("\xfb\xff"+plain))
	case key == "hex":
		return hex.EncodeToString([]byte(plain))
	}
	return plain
}

// TestOpensslCurlVerifies runs the script for every scheme that it can follow and checks what arrives.
func TestOpensslCurlVerifies(t *testing.T) {
	for _, program := range []string{"bash", "openssl", "curl"} {
		without(t, program)
	}
	base, requests := wire(t)
	followed := 0
	for _, scheme := range sign.Known().All() {
		r := core.Request{Method: "POST", Target: "/in?a=1&b=%20x", Base: base, Host: strings.TrimPrefix(base, "http://"), Body: []byte("{\"a\": \"it's ü\"}\r\n"),
			Header: core.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "X-Hub-Signature-256", Value: "sha256=old"}, {Name: "Stripe-Signature", Value: "t=1,v1=old"}}}
		script, ok := exchange.OpensslCurl(r, scheme, "HOOK_SECRET")
		if !ok {
			continue
		}
		followed++
		secret := secretText(scheme)
		cmd := exec.Command("bash", "-s", "--")
		cmd.Stdin = strings.NewReader(script)
		cmd.Env = append(os.Environ(), "HOOK_SECRET="+secret)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v %s\n%s", scheme.ID, err, out, script)
		}
		verifyArrived(t, scheme, secret, base, <-requests, r.Body)
		if strings.Contains(script, secret) {
			t.Errorf("%s: the secret stands in the script", scheme.ID)
		}
	}
	if followed < 70 {
		t.Errorf("only %d schemes could be followed", followed)
	}
	t.Logf("%d of %d schemes", followed, len(sign.Known().All()))
}

func verifyArrived(t *testing.T, scheme sign.Scheme, secret, base string, got arrived, body []byte) {
	t.Helper()
	if !bytes.Equal(got.body, body) {
		t.Errorf("%s: the body arrived changed: %.100q", scheme.ID, got.body)
	}
	method, rest, _ := strings.Cut(got.head, " ")
	target, _, _ := strings.Cut(rest, " ")
	r := core.Request{Method: method, Target: target, Base: base, Host: strings.TrimPrefix(base, "http://"), Header: core.ParseHead([]byte(got.head)), Body: got.body}
	v := scheme.Verify(sign.Input{Request: &r, Secrets: []core.Secret{core.Text(secret)}, Now: time.Now()})
	if v.State != core.Verified {
		t.Errorf("%s: %s, wanted %s, got %s\n%s", scheme.ID, v.State, v.Wanted, v.Got, got.head)
	}
}

func TestOpensslCurlDeclines(t *testing.T) {
	for _, id := range []string{"discord", "sendgrid", "aws-sns", "twilio", "mailgun", "linear", "hubspot-v1", "rfc9421-hmac", "contentful"} {
		s, ok := sign.Known().Find(id)
		if !ok {
			t.Fatalf("there is no scheme %s", id)
		}
		if script, ok := exchange.OpensslCurl(core.Request{Method: "POST", Target: "/", Host: "a.test"}, s, "X"); ok || script != "" {
			t.Errorf("%s was taken", id)
		}
	}
}
