package exchange_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/core/sign"
)

// TestFixturesSignAfresh runs the test files of each kind against a server that verifies: every sample of a scheme that can be
// followed, signed by the generated code with a secret from the environment.
func TestFixturesSignAfresh(t *testing.T) {
	captures := followable(t)
	if len(captures) < 20 {
		t.Fatalf("only %d samples can be followed", len(captures))
	}
	for _, row := range []struct {
		format, program, file string
		args                  []string
		beside                map[string]string // what stands in for a test runner that is not on the machine
	}{
		{"go", "go", "webhooks_test.go", []string{"test", "-vet=all", "-count=1", "-v", "."}, map[string]string{"go.mod": "module webhooks\n\ngo 1.21\n"}},
		{"pytest", "python3", "test_webhooks.py", []string{"run.py"}, map[string]string{"pytest.py": pytestStandIn, "run.py": pytestRun}},
		{"jest", "node", "webhooks.test.js", []string{"run.js"}, map[string]string{"run.js": jestStandIn}},
	} {
		t.Run(row.format, func(t *testing.T) {
			without(t, row.program)
			base, requests := wire(t)
			data, _, err := export(row.format, captures, exchange.Options{})
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			row.beside[row.file] = string(data)
			for name, text := range row.beside {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command(row.program, row.args...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "WEBHOOK_URL="+base+"/hook", "GOFLAGS=", "GOWORK=off")
			secrets := map[string]string{}
			for _, c := range captures {
				s, _ := sign.Known().Find(c.Receipt.Verdict.Scheme)
				name := strings.ToUpper(strings.ReplaceAll(s.ID, "-", "_")) + "_WEBHOOK_SECRET"
				secrets[s.ID] = secretText(s)
				cmd.Env = append(cmd.Env, name+"="+secrets[s.ID])
			}
			verified := make(chan bool)
			go func() {
				defer close(verified)
				for _, c := range captures {
					got := <-requests
					s, _ := sign.Known().Find(c.Receipt.Verdict.Scheme)
					verifyArrived(t, s, secrets[s.ID], base, got, c.Request.Body)
					if !strings.HasPrefix(got.head, "POST /hook?a=1 HTTP/1.1\r\n") {
						t.Errorf("%s: sent to %.60q", s.ID, got.head)
					}
				}
			}()
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s\n%.3000s", err, out, data)
			}
			<-verified
			for _, secret := range secrets {
				if bytes.Contains(data, []byte(secret)) {
					t.Errorf("the secret %q stands in the file", secret)
				}
			}
		})
	}
}

// The runners are not on every machine, and what the files ask of them is little.
const (
	pytestStandIn = `
class mark:
    @staticmethod
    def parametrize(name, values, ids):
        def wrap(test):
            test.values, test.ids = values, ids
            return test
        return wrap


def skip(why):
    raise SystemExit("skipped: " + why)
`
	pytestRun = `
import test_webhooks

for value in test_webhooks.test_webhook.values:
    test_webhooks.test_webhook.ids(value)
    test_webhooks.test_webhook(value)
`
	jestStandIn = `
const tests = [];
global.test = { each: (rows) => (title, body) => tests.push(...rows.map((row) => () => body(...row))) };
global.test.skip = { each: () => () => { throw new Error('skipped'); } };
global.require = require;
require('./webhooks.test.js');
(async () => { for (const run of tests) await run(); })().catch((err) => { console.error(err); process.exit(1); });
`
)

// TestFixturesOfOddCaptures wants files that parse, whatever was captured, and says where a signature stays frozen.
func TestFixturesOfOddCaptures(t *testing.T) {
	captures := randomCaptures(6, 60)
	captures[0].Receipt.Verdict = &core.Verdict{Scheme: "discord"}
	captures[1].Event.Type, captures[2].Request.Method = "*/ \"\"\" '); //\n", "POST"
	dir := t.TempDir()
	for format, check := range map[string][]string{"go": {"gofmt", "-l"}, "pytest": {"python3", "-m", "py_compile"}, "jest": {"node", "--check"}} {
		data, _, err := export(format, captures, exchange.Options{Reveal: true})
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if !bytes.Contains(data, []byte("Signed with discord, which cannot be made here")) {
			t.Errorf("%s does not say that a signature is frozen", format)
		}
		if _, err := exec.LookPath(check[0]); err != nil {
			continue // only what is on the machine can judge
		}
		file := filepath.Join(dir, map[string]string{"go": "x_test.go", "pytest": "x.py", "jest": "x.js"}[format])
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(check[0], append(check[1:], file)...).CombinedOutput(); err != nil || format == "go" && len(out) > 0 {
			t.Errorf("%s: %v %.800s", format, err, out)
		}
	}
}

func TestFixturesTakeAScheme(t *testing.T) {
	for format, want := range map[string]string{"go": "signStripe", "pytest": "sign_stripe", "jest": "signStripe"} {
		data, _, err := export(format, []core.Capture{{Request: core.Request{Method: "POST", Target: "/", Host: "a.test"}}}, exchange.Options{Scheme: "stripe"})
		if err != nil || !bytes.Contains(data, []byte(want)) || !bytes.Contains(data, []byte("STRIPE_WEBHOOK_SECRET")) {
			t.Errorf("%s: %v\n%s", format, err, data)
		}
	}
}

// TestLargeGoFixture: how long a test file takes to write grows with its bodies, not with their square. What a square needs shows
// in what is allocated; here it showed in minutes for a body of some megabytes.
func TestLargeGoFixture(t *testing.T) {
	c := core.Capture{At: at, Request: core.Request{Method: "POST", Target: "/in", Proto: "HTTP/1.1", Body: bytes.Repeat([]byte("0123456789"), 100<<10)}}
	out, _, err := export("go", []core.Capture{c}, exchange.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(out, []byte(" +\n")); n > 100 {
		t.Errorf("a sum of %d literals", n)
	}
	if !bytes.Contains(out, []byte(base64.StdEncoding.EncodeToString(c.Request.Body)[:100])) {
		t.Error("the body is not there")
	}
}
