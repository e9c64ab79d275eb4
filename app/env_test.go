package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestEnv beside a program that runs and without one: what is set is used by what sends, and secrets stay where they are.
func TestEnv(t *testing.T) {
	t.Parallel()
	came := make(chan string, 10)
	target := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		came <- r.URL.Path + " " + r.Header.Get("Authorization") + " " + r.Header.Get("X-Tier")
	}))
	t.Cleanup(target.Close)
	r := newRig(t)
	r.env = []string{"STAGING_TOKEN=t0ken-of-staging"}
	body := r.file("body", `{"a":"{{env.token}}"}`)
	work := func() {
		t.Helper()
		if got := r.ok("env", "list"); !strings.Contains(got, "hookglass env set staging") {
			t.Errorf("it says %s", got)
		}
		if got := r.ok("env", "set", "staging", "base="+target.URL, "tier=dev", "--secret", "token=env:STAGING_TOKEN"); got != "staging\n  base = "+target.URL+"\n  tier = dev\n  token = •••• (env)\nno environment is chosen; hookglass env use staging chooses this one\n" {
			t.Errorf("it says %s", got)
		}
		if got := r.do("", "send", "{{env.base}}/a"); got.code != 2 || !strings.Contains(got.errout, "no environment is chosen to take base from; choose one of staging") {
			t.Errorf("exit %d, %s", got.code, got.errout)
		}
		r.ok("send", "{{env.base}}/a", "--env", "staging", "--header", "Authorization: Bearer {{env.token}}", "--header", "X-Tier: {{{{env.tier}}", "--body-file", body)
		if got := <-came; got != "/a Bearer t0ken-of-staging {{env.tier}}" {
			t.Errorf("it came as %s", got)
		}
		if got := r.ok("env", "use", "staging"); got != "environment staging is chosen\n" {
			t.Errorf("it says %s", got)
		}
		r.ok("send", "{{env.base}}/b", "--header", "X-Tier: {{env.tier}}")
		if got := <-came; got != "/b  dev" {
			t.Errorf("it came as %s", got)
		}
		if got := r.do("", "replay", "1", "--to", "{{env.bse}}/c"); got.code != 2 || !strings.Contains(got.errout, "the environment staging has no bse; it has base, tier or token") {
			t.Errorf("exit %d, %s", got.code, got.errout)
		}
		if got := r.ok("env", "list", "--json"); got != `{"name":"staging","chosen":true,"values":{"base":"`+target.URL+`","tier":"dev"},"secrets":{"token":"•••• (env)"}}`+"\n" {
			t.Errorf("it says %s", got)
		}
		for _, args := range [][]string{{}, {"nope"}, {"set"}, {"set", "a b", "x=1"}, {"set", "staging", "x"}, {"set", "staging", "--secret", "x=the-value"}, {"set", "staging", "x=1", "x=2"}, {"show", "nope"}, {"use"}, {"use", "nope"}, {"use", "staging", "--none"}, {"unset", "staging"}, {"unset", "staging", "nope"}, {"unset", "nope", "x"}, {"delete"}, {"delete", "nope"}} {
			if got := r.do("", append([]string{"env"}, args...)...); got.code != 2 || !strings.HasPrefix(got.errout, "hookglass: ") || strings.Contains(got.errout, "the-value") {
				t.Errorf("%q: exit %d, %s%s", args, got.code, got.out, got.errout)
			}
		}
		r.ok("env", "unset", "staging", "tier", "token")
		if got := r.ok("env", "show"); got != "staging  (chosen)\n  base = "+target.URL+"\n" {
			t.Errorf("it says %s", got)
		}
		r.ok("env", "use", "--none")
		r.ok("env", "delete", "staging")
	}
	work()
	s := r.serve()
	work()
	s.stop()
	if got := r.do("", "serve", "--env", "nope"); got.code != 2 || !strings.Contains(got.errout, `--env: there is no environment "nope"`) {
		t.Errorf("exit %d, %s", got.code, got.errout)
	}
	workspace := r.file("w.json", `{"hookglass":1,"environments":[{"name":"ci","values":{"base":"`+target.URL+`"}}],"sources":[{"platform":"generic","path":"/in/x","forward":"{{env.base}}/fwd"}]}`)
	if got := r.do("", "run", "--workspace", workspace, "--env", "ci", "--", "sh", "-c", os.Args[0]+` send "$HOOKGLASS_URL/in/x"`); got.code != 0 {
		t.Errorf("exit %d, %s%s", got.code, got.out, got.errout)
	}
	if got := <-came; got != "/fwd  " {
		t.Errorf("it came as %s", got)
	}
}
