package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// What is sent wrong on purpose is judged by whether its receiver could have told.
func TestSendSaysThatAForgeryWasAccepted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ fault, scheme, wrong, says string }{
		"another secret":            {"no signature", "github", "secret", "accepted a forgery: a request signed with another secret"},
		"changed":                   {"no signature", "github", "tampered", "one byte was changed"},
		"refused":                   {"", "github", "secret", ""},
		"right":                     {"", "github", "", ""},
		"old, and nothing says so":  {"", "github", "stale", ""},
		"old, and the time is sent": {"no signature", "slack", "stale", "signed an hour ago"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.env = []string{"HOOK_SECRET=" + handlerSecret}
			args := []string{"send", r.handler(c.fault), "--scheme", c.scheme, "--secret-env", "HOOK_SECRET", "--body-file", r.file("body.json", `{"a":1}`)}
			if c.wrong != "" {
				args = append(args, "--wrong", c.wrong)
			}
			got := r.do("", args...)
			if strings.Contains(got.out, "✗") != (c.says != "") || !strings.Contains(got.out, c.says) {
				t.Errorf("exit %d, want %q in\n%s%s", got.code, c.says, got.out, got.errout)
			}
			got = r.do("", append(args, "--json")...)
			lines := strings.Split(strings.TrimSpace(got.out), "\n")
			var end struct{ Event, Wrong, Forgery string }
			if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil || end.Event != "delivery" || end.Wrong != c.wrong || (end.Forgery != "") != (c.says != "") || !strings.Contains(end.Forgery, c.says) {
				t.Errorf("%v: %+v, want %q", err, end, c.says)
			}
		})
	}
}
