package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hookglass/core/exchange"
	"hookglass/core/store"
)

// ownWorkspace has two schemes of the user's own, and a source and an endpoint for each. The secret stands in OWN.
const ownWorkspace = `{"hookglass": 1,
 "schemes": [
  {"id": "my-token", "provider": "My tokens", "sig": {"from": "header:X-My-Pass", "format": "plain"}, "template": "{none}", "alg": "equal", "enc": "raw", "key": "utf8"},
  {"id": "my-hmac", "provider": "My API", "sig": {"from": "header:X-My-Sign", "format": "plain", "prefix": "v1="}, "ts": {"from": "header:X-My-Time", "unit": "s", "tolerance": 300, "future": true},
   "template": "{ts}.{body}", "alg": "hmac-sha256", "enc": "hex", "key": "utf8"}],
 "sources": [
  {"platform": "generic", "name": "my-token", "path": "/in/my-token", "scheme": "my-token", "secret": {"env": "OWN"}},
  {"platform": "generic", "name": "my-hmac", "path": "/in/my-hmac", "scheme": "my-hmac", "secret": {"env": "OWN"}}],
 "endpoints": [
  {"id": "t", "name": "T", "url": "http://127.0.0.1:9/", "scheme": "my-token", "secret": {"env": "OWN"}, "active": false},
  {"id": "h", "name": "H", "url": "http://127.0.0.1:9/", "scheme": "my-hmac", "secret": {"env": "OWN"}, "active": false}]}`

const ownSecret = "the-secret-of-mine"

// owning is a program with the two schemes in its history.
func owning(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.env = []string{"OWN=" + ownSecret}
	if said := r.ok("import", "--apply", r.file("own.json", ownWorkspace)); said != "kept 2 sources, 2 endpoints and 2 own schemes\n" {
		t.Errorf("import says %q", said)
	}
	return r
}

var ownIDs = []string{"my-token", "my-hmac"}

// signedBy signs with a scheme and gives the flags that carry the header fields.
func (r *rig) signedBy(id, body string, flags ...string) (headers []string) {
	r.Helper()
	for line := range strings.Lines(r.ok(append([]string{"sign", "--scheme", id, "--secret-env", "OWN", "--body-file", body}, flags...)...)) {
		headers = append(headers, "--header", strings.TrimSpace(line))
	}
	return headers
}

// knows checks the commands that need nothing but a scheme.
func (r *rig) knows(flags ...string) {
	r.Helper()
	body := r.file("body.json", `{"n": 1.0}`)
	list := r.ok(append([]string{"schemes"}, flags...)...)
	for _, id := range ownIDs {
		if !strings.Contains(list, id+" ") || !strings.Contains(list, "stripe ") {
			r.Errorf("schemes %q does not list %s beside the known ones", flags, id)
		}
		if got := r.ok(append([]string{"schemes", id}, flags...)...); !strings.Contains(got, "("+id+")") {
			r.Errorf("schemes %s %q: %s", id, flags, got)
		}
		signed := r.signedBy(id, body, flags...)
		verify := append(append([]string{"verify", "--scheme", id, "--secret-env", "OWN", "--body-file", body}, signed...), flags...)
		if got := r.ok(verify...); !strings.Contains(got, "verified") {
			r.Errorf("verify --scheme %s %q: %s", id, flags, got)
		}
		got := r.do("", append([]string{"checkup", "http://127.0.0.1:1/", "--scheme", id, "--secret-env", "OWN"}, flags...)...)
		if strings.Contains(got.errout, "there is no scheme") {
			r.Errorf("checkup --scheme %s %q: %s", id, flags, got.errout)
		}
	}
	if got := r.do("", append([]string{"sign", "--scheme", "my-tok"}, flags...)...); got.code != 2 || !strings.Contains(got.errout, "did you mean my-token") {
		r.Errorf("sign --scheme my-tok %q: exit %d, %s", flags, got.code, got.errout)
	}
}

func TestCommandsKnowOwnSchemes(t *testing.T) {
	owning(t).knows()
}

func TestCommandsReadOwnSchemesOfAWorkspace(t *testing.T) {
	r := newRig(t)
	r.env = []string{"OWN=" + ownSecret}
	r.knows("--workspace", r.file("own.json", ownWorkspace))
	if _, err := os.Stat(filepath.Join(r.home, "hookglass.db")); err == nil {
		t.Error("a look at a scheme made a history")
	}
	if got := r.do("", "schemes", "stripe", "--workspace", "no-such-file"); got.code != 2 || !strings.Contains(got.errout, "--workspace: ") {
		t.Errorf("a file that is not there: exit %d, %s", got.code, got.errout)
	}
}

// A history that cannot be read is in the way of the user's own schemes only.
func TestKnownSchemesNeedNoHistory(t *testing.T) {
	r := newRig(t)
	r.env = []string{"OWN=" + ownSecret}
	r.file("hookglass.db", "no database at all")
	r.signedBy("github", r.file("body.json", "{}"))
	if got := r.do("", "sign", "--scheme", "my-hmac"); got.code != 2 || !strings.Contains(got.errout, "hookglass.db") {
		t.Errorf("exit %d, %s", got.code, got.errout)
	}
}

// What a program with own schemes receives, sends and replays, and what becomes of it in every export.
func TestOwnSchemesFromArrivalToExport(t *testing.T) {
	r := owning(t)
	s := r.serve()
	r.knows() // beside the running program
	body := r.file("body.json", `{"n": 1.0}`)
	for i, id := range ownIDs {
		url := s.url + "/in/" + id
		if got := r.ok("send", url, "--scheme", id, "--secret-env", "OWN", "--body-file", body); !strings.Contains(got, "delivered") {
			t.Errorf("send --scheme %s: %s", id, got)
		}
		if got := r.ok("replay", fmt.Sprint(2*i+1), "--to", url, "--resign"); !strings.Contains(got, "delivered") {
			t.Errorf("replay of %s: %s", id, got)
		}
	}
	for i := range 4 {
		var c struct {
			Verdict struct{ Verdict, Scheme string }
		}
		if err := json.Unmarshal([]byte(r.ok("show", "--json", fmt.Sprint(i+1))), &c); err != nil || c.Verdict.Verdict != "verified" {
			t.Errorf("capture %d: %+v, %v", i+1, c.Verdict, err)
		}
	}
	for _, id := range ownIDs {
		got := r.do("", "checkup", s.url+"/in/"+id, "--scheme", id, "--secret-env", "OWN", "--json", "--slow", "1ms", "--burst", "2", "--large-body", "1000")
		if !strings.Contains(got.out, `"score"`) {
			t.Errorf("checkup --scheme %s: exit %d, %s", id, got.code, got.errout)
		}
	}
	r.exportsMasked() // beside the running program
	if code := s.stop(); code != 0 {
		t.Errorf("serve ended with %d", code)
	}
	r.movesElsewhere()

	st, err := store.Open(t.Context(), filepath.Join(r.home, "hookglass.db"))
	if err != nil {
		t.Fatal(err)
	}
	err = st.PutSetting("schemes", []string{}) // they are deleted
	if err := errors.Join(err, st.Close()); err != nil {
		t.Fatal(err)
	}
	r.exportsMasked()
}

// exportsMasked checks that the first four captures, which are verified, give their secret to no export.
func (r *rig) exportsMasked() {
	r.Helper()
	for _, f := range exchange.Formats() {
		if f.Setup {
			continue
		}
		format := f.Name
		got := r.ok("export", "--format", format, "id:1-4")
		for line := range strings.Lines(got) {
			var c struct {
				Head []byte `json:"head_b64"`
			}
			if json.Unmarshal([]byte(line), &c); strings.Contains(line+string(c.Head), ownSecret) {
				r.Errorf("export --format %s has the token: %s%s", format, line, c.Head)
			}
		}
	}
}

// movesElsewhere checks that test files sign with own schemes, and that another program takes a workspace with them.
func (r *rig) movesElsewhere() {
	r.Helper()
	for _, format := range []string{"go", "pytest", "jest"} {
		if got := r.ok("export", "--format", format, "id:1-4"); !strings.Contains(got, "MY_TOKEN_WEBHOOK_SECRET") || !strings.Contains(got, "MY_HMAC_WEBHOOK_SECRET") {
			r.Errorf("export --format %s does not sign anew:\n%s", format, got)
		}
		if got := r.ok("export", "--format", format, "--scheme", "my-hmac", "id:1"); !strings.Contains(got, "MY_HMAC_WEBHOOK_SECRET") {
			r.Errorf("export --format %s --scheme my-hmac:\n%s", format, got)
		}
	}
	there := newRig(r.TB)
	there.env = r.env
	workspace := r.ok("export", "--format", "workspace")
	if got := there.do(workspace, "import", "--apply", "-"); got.code != 0 {
		r.Errorf("the workspace cannot be read back: %s\n%s", got.errout, workspace)
		return
	}
	if again := there.ok("export", "--format", "workspace"); again != workspace {
		r.Errorf("the workspace went round and came back as\n%s\nit was\n%s", again, workspace)
	}
	there.knows()
}
