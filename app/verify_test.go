package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// TestVerifyComparesWithOtherCaptures: what belongs to another capture is found in a file and in the history alike, and each
// finding says whose bytes it explains and who can mend it.
func TestVerifyComparesWithOtherCaptures(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.env = []string{"KEY=s3cret"}
	here, other := r.file("here.json", `{"n":1}`), r.file("other.json", `{"n":2}`)
	signature := strings.TrimSpace(r.ok("sign", "--scheme", "github", "--secret-env", "KEY", "--body-file", other))
	file := r.file("others.sh", "curl http://x.test/in -H '"+signature+"' --data-binary '{\"n\":2}'")
	verify := func(args ...string) (findings []struct{ Cause, About, Acts string }) {
		t.Helper()
		got := r.do("", append([]string{"verify", "--json", "--scheme", "github", "--secret-env", "KEY", "--header", signature, "--body-file", here}, args...)...)
		var v struct {
			Findings []struct{ Cause, About, Acts string }
		}
		if err := json.Unmarshal([]byte(got.out), &v); err != nil || got.code != 1 {
			t.Fatalf("%v: %+v", err, got)
		}
		return v.Findings
	}
	if fs := verify(); len(fs) != 1 || fs[0].Cause != "unexplained" {
		t.Errorf("alone: %+v, want unexplained", fs)
	}
	if fs := verify("--others", file); len(fs) != 1 || fs[0].Cause != "signature_of_other_request" || fs[0].About != "came" || fs[0].Acts != "between" {
		t.Errorf("with a file: %+v", fs)
	}
	r.ok("import", file)
	if fs := verify("--others", "method:POST"); len(fs) != 1 || fs[0].Cause != "signature_of_other_request" {
		t.Errorf("with the history: %+v", fs)
	}
	said := r.do("", "verify", "--scheme", "github", "--secret-env", "KEY", "--header", signature, "--body-file", here, "--others", file).out
	for _, want := range []string{"about: the signature that came", "can be mended by: what lies between", "combinations tried"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in:\n%s", want, said)
		}
	}
}

// TestVerifyIsTheSameOverTheControlAddress: the command and the address give one answer to one question.
func TestVerifyIsTheSameOverTheControlAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.env = []string{"KEY=s3cret", "OTHER=other"}
	s := r.serve()
	body := r.file("body.json", `{"n":1}`)
	for env, code := range map[string]int{"KEY": 0, "OTHER": 1} {
		name, value, _ := strings.Cut(strings.TrimSpace(r.ok("sign", "--scheme", "stripe", "--secret-env", "KEY", "--now", "1700000000", "--body-file", body)), ": ")
		said := r.do("", "verify", "--json", "--scheme", "stripe", "--secret-env", env, "--now", "1700000009", "--header", name+": "+value, "--body-file", body,
			"--url", "https://shop.test/in?x=1", "--other-secret-env", "mine=KEY")
		var command, address map[string]any
		if err := json.Unmarshal([]byte(said.out), &command); err != nil || said.code != code {
			t.Fatalf("%v: %+v", err, said)
		}
		status := s.ask("POST", "/_/verify", map[string]any{"scheme": "stripe", "secret": map[string]string{"env": env}, "now": 1700000009, "headers": [][2]string{{name, value}},
			"body": `{"n":1}`, "url": "https://shop.test/in?x=1", "other_secrets": map[string]any{"mine": map[string]string{"env": "KEY"}}}, &address)
		if status != 200 || !reflect.DeepEqual(command, address) {
			t.Errorf("%s: %d\nthe command %v\nthe address %v", env, status, command, address)
		}
	}
}

// TestSimulateIsTheSameOverTheControlAddress: the command and the address give one answer to one scenario.
func TestSimulateIsTheSameOverTheControlAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.serve()
	const scenario = `{"load": {"kind": "burst", "count": 200, "burst": 50, "every_s": 10}, "policy": "stripe", "receiver": {"error_rate": 0.5}, "seed": 7}`
	var command, address map[string]any
	if err := json.Unmarshal([]byte(r.ok("simulate", "--json", "--policy", r.file("scenario.json", scenario))), &command); err != nil {
		t.Fatal(err)
	}
	if status := s.ask("POST", "/_/simulate", json.RawMessage(scenario), &address); status != 200 || !reflect.DeepEqual(command, address) {
		t.Errorf("%d\nthe command %v\nthe address %v", status, command, address)
	}
}
