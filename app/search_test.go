package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestSearchSaysAndSwitches: the command says how far the index is, and switches it, with no program at work.
func TestSearchSaysAndSwitches(t *testing.T) {
	t.Parallel()
	r := held(t)
	said := func(args ...string) (state string, behind int) {
		t.Helper()
		var s struct {
			State  string
			Behind int
		}
		if err := json.Unmarshal([]byte(r.ok(append(args, "--json")...)), &s); err != nil {
			t.Fatal(err)
		}
		return s.State, s.Behind
	}
	if state, behind := said("search"); state != "building" || behind != 4 {
		t.Errorf("with nothing in it: %s, %d behind", state, behind)
	}
	if state, _ := said("search", "off"); state != "off" {
		t.Errorf("switched off: %s", state)
	}
	if out := r.ok("search"); !strings.HasPrefix(out, "off: ") || !strings.Contains(out, "search on") {
		t.Errorf("switched off, it says %q", out)
	}
	if n := strings.Count(r.ok("history", "body:amount"), "\n"); n != 2 {
		t.Errorf("switched off, %d are found", n)
	}
	if state, _ := said("search", "on"); state != "building" {
		t.Errorf("switched on: %s", state)
	}
	if got := r.do("", "search", "maybe"); got.code != 2 || !strings.Contains(got.errout, "on or off") {
		t.Errorf("exit %d: %s", got.code, got.errout)
	}
}
