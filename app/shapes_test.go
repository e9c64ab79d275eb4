package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestShapesAndSamples(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if got := r.ok("shapes"); !strings.Contains(got, "no JSON has arrived yet") {
		t.Errorf("nothing arrived: %s", got)
	}
	s := r.serve("--workspace", r.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","name":"shop","path":"/in/a"}]}`))
	for i := range 70 {
		s.post("/in/a", fmt.Sprintf(`{"type":"order.paid","id":%d,"note":"n%d"}`, i, i))
	}
	if got := r.ok("shapes", "--check"); !strings.Contains(got, "none changed") {
		t.Errorf("it prints %s", got)
	}
	s.post("/in/a", `{"type":"order.paid","id":71,"note":"x","tax":true}`)
	name := strings.Fields(r.ok("shapes"))[1]
	if got := r.ok("shapes", name); !strings.Contains(got, "██████████  100%  id ") || !strings.Contains(got, "tax is new") {
		t.Errorf("it prints %s", got)
	}
	got := r.do("", "shapes", "--check")
	if got.code != 1 || got.out != "shop "+name+", capture 71: tax is new (boolean): none of 70 before had it\n" {
		t.Errorf("exit %d, %s%s", got.code, got.out, got.errout)
	}
	if got := r.ok("history", "is:drift"); strings.Count(got, "\n") != 1 || !strings.HasPrefix(strings.TrimSpace(got), "71 ") {
		t.Errorf("it lists %s", got)
	}
	if got := r.ok("shapes", name, "--format", "ts"); !strings.Contains(got, "  tax?: boolean;") {
		t.Errorf("it prints %s", got)
	}
	if got := r.ok("sample", name, "--kind", "full"); got != `{"type":"order.paid","id":71,"note":"x","tax":true}` {
		t.Errorf("the fullest is %s", got)
	}
	a, b := r.ok("sample", name, "--kind", "synthetic", "--seed", "7"), r.ok("sample", name, "--kind", "synthetic", "--seed", "7")
	var made struct{ Type string }
	if err := json.Unmarshal([]byte(a), &made); err != nil || a != b || made.Type != "order.paid" {
		t.Errorf("%v\n%s\n%s", err, a, b)
	}
	for _, args := range [][]string{{"shapes", "none"}, {"shapes", "--format", "none"}, {"shapes", "--check", "--format", "ts"}, {"shapes", "--since", "1h"}, {"shapes", name, "--source", "none"}, {"sample", name, "--kind", "none"}, {"sample", "none"}} {
		if got := r.do("", args...); got.code != 2 || !strings.HasPrefix(got.errout, "hookglass: ") || strings.Count(got.errout, "\n") != 1 {
			t.Errorf("%q: exit %d, %s", args, got.code, got.errout)
		}
	}
}
