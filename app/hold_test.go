package main

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// held is a home with captures 1 to 4: two of one event with another amount, and two of their own.
func held(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	lines := ""
	for _, c := range []string{
		`"method":"POST","target":"/in/a","headers":[["Content-Type","application/json"],["X-Try","1"]],"body_b64":"` + b64(`{"id":"evt_1","data":{"amount":100,"at":1}}`) + `"`,
		`"method":"POST","target":"/in/a","headers":[["content-type","application/json"],["X-Try","2"]],"body_b64":"` + b64(`{"data":{"at":2,"amount":250},"id":"evt_1"}`) + `"`,
		`"method":"GET","target":"/in/b"`,
		`"method":"PUT","target":"/in/c","body_b64":"` + b64("one\ntwo\n") + `"`,
	} {
		lines += `{"hookglass_capture":1,` + c + "}\n"
	}
	r.ok("import", r.file("in.jsonl", lines))
	return r
}

func (r *rig) left() string {
	r.Helper()
	var ids []string
	for _, line := range strings.Split(strings.TrimSpace(r.ok("history", "--json")), "\n") {
		var c struct{ ID json.Number }
		if line == "" {
			continue
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			r.Fatal(err)
		}
		ids = append(ids, c.ID.String())
	}
	return strings.Join(ids, " ")
}

func TestDelete(t *testing.T) {
	t.Parallel()
	r := held(t)
	for _, args := range [][]string{{"delete"}, {"delete", "--all", "7"}, {"delete", "7"}, {"delete", "1"}, {"delete", "path:/in/a"}, {"delete", "colour:red", "--yes"}, {"delete", "1", "99", "--yes"}} {
		if got := r.do("y\n", args...); got.code != 2 || !strings.HasPrefix(got.errout, "hookglass: ") {
			t.Errorf("%q: exit %d, %s", args, got.code, got.errout)
		}
	}
	if got := r.do("y\n", "delete", "path:/in/a"); !strings.Contains(got.errout, "--yes: is missing: it would delete 2 captures") {
		t.Errorf("it does not say how many: %s", got.errout)
	}
	if got := r.left(); got != "4 3 2 1" {
		t.Fatalf("something is gone: %s", got)
	}
	r.ok("pin", "2", "c3")
	if got := r.do("", "delete", "2", "--yes"); got.code != 2 || !strings.Contains(got.errout, "pin --remove 2") {
		t.Errorf("a pinned one: exit %d, %s", got.code, got.errout)
	}
	if got := r.ok("delete", "path:/in/a", "--yes", "--json"); strings.TrimSpace(got) != `{"event":"deleted","deleted":1,"pinned":1}` {
		t.Errorf("it says %s", got)
	}
	if got := r.ok("delete", "path:/in/a", "--yes"); !strings.Contains(got, "deleted 0 captures; 1 pinned one kept") {
		t.Errorf("it says %s", got)
	}
	r.ok("pin", "--remove", "2")
	if got := r.ok("delete", "2", "4", "--yes"); got != "deleted 2 captures\n" || r.left() != "3" {
		t.Errorf("it says %s, left %s", got, r.left())
	}
	r.ok("pin", "--remove", "3")
	if r.ok("delete", "--all", "--yes"); r.left() != "" {
		t.Errorf("left %s", r.left())
	}
}

// Beside a program that runs on the home, the commands go through it.
func TestHoldingBesideARunningProgram(t *testing.T) {
	t.Parallel()
	r := held(t)
	s := r.serve()
	if got := r.ok("note", "1", "mine\nalone"); got != "noted on capture 1: mine alone\n" {
		t.Errorf("it says %q", got)
	}
	r.ok("pin", "1")
	if got := r.ok("delete", "--all", "--yes"); got != "deleted 3 captures; 1 pinned one kept, hookglass pin --remove lets go of them\n" {
		t.Errorf("it says %q", got)
	}
	var lines []struct {
		ID     int
		Note   string
		Pinned bool
	}
	s.ask("GET", "/_/captures", nil, &lines)
	if len(lines) != 1 || lines[0].Note != "mine alone" || !lines[0].Pinned {
		t.Errorf("it has %+v", lines)
	}
	if got := r.do("", "note", "9", "x"); got.code != 2 || !strings.Contains(got.errout, "there is no capture 9") {
		t.Errorf("exit %d, %s", got.code, got.errout)
	}
	if got := r.do("", "note", "1", strings.Repeat("x", 2001)); got.code != 2 || !strings.Contains(got.errout, "note: has 2001 characters") {
		t.Errorf("exit %d, %s", got.code, got.errout)
	}
	if got := r.ok("note", "1", ""); got != "capture 1 has no note any more\n" {
		t.Errorf("it says %q", got)
	}
	// It has no window to bring to the front.
	if got := r.do("", "open", r.file("x.har", "{}")); got.code != 2 || !strings.Contains(got.errout, "hookglass import") {
		t.Errorf("open: exit %d, %s", got.code, got.errout)
	}
	if status := s.ask("POST", "/_/open", map[string]string{}, nil); status != http.StatusConflict {
		t.Errorf("the control address answers %d", status)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	r := held(t)
	got := r.do("", "diff", "1", "2")
	for _, want := range []string{"header \"X-Try\"\n  - \"1\"\n  + \"2\"", "body \"data.amount\"\n  - 100\n  + 250", "body \"data.at\""} {
		if !strings.Contains(got.out, want) {
			t.Errorf("%q is not in\n%s", want, got.out)
		}
	}
	if got.code != 1 || strings.Contains(got.out, "id") || strings.Contains(strings.ToLower(got.out), "content-type") {
		t.Errorf("exit %d\n%s", got.code, got.out)
	}
	if got := r.do("", "diff", "1", "2", "--ignore", "at,header:x-try", "--json"); got.code != 1 || got.out != `{"part":"body","path":"data.amount","a":100,"b":250}`+"\n" {
		t.Errorf("exit %d, %s", got.code, got.out)
	}
	if got := r.do("", "diff", "1", "2", "--ignore", "data,header:x-try"); got.code != 0 || got.out != "no difference\n" {
		t.Errorf("exit %d, %s", got.code, got.out)
	}
	body := r.file("expected.json", `{"id": "evt_1", "data": {"amount": 100, "at": 1}}`)
	if got := r.do("", "diff", "1", body); got.code != 0 {
		t.Errorf("with its body: exit %d, %s%s", got.code, got.out, got.errout)
	}
	whole := filepath.Join(r.home, "one.jsonl")
	r.ok("export", "--format", "json", "id:2", "-o", whole)
	if got := r.do("", "diff", "1", whole, "--json"); got.code != 1 || strings.Count(got.out, "\n") != 3 {
		t.Errorf("with a capture in a file: exit %d, %s%s", got.code, got.out, got.errout)
	}
	r.ok("export", "--format", "json", "-o", whole)
	for _, args := range [][]string{{"diff", "1", whole}, {"diff", "1", "99"}, {"diff", "1", "/no/such/file"}, {"diff", "1"}} {
		if got := r.do("", args...); got.code != 2 || got.errout == "" {
			t.Errorf("%q: exit %d, %s", args, got.code, got.errout)
		}
	}
}

func TestHistoryAsATable(t *testing.T) {
	t.Parallel()
	r := held(t)
	r.ok("note", "3", "=1+1")
	rows, err := csv.NewReader(strings.NewReader(r.ok("history", "--format", "csv", "--limit", "3"))).ReadAll()
	if err != nil || len(rows) != 4 || rows[0][0] != "id" || rows[1][0] != "4" || rows[1][5] != "/in/c" || rows[2][len(rows[2])-1] != "'=1+1" {
		t.Errorf("%q, %v", rows, err)
	}
	for _, args := range [][]string{{"history", "--format", "xls"}, {"history", "--format", "csv", "--json"}} {
		if got := r.do("", args...); got.code != 2 || !strings.Contains(got.errout, "--format") {
			t.Errorf("%q: exit %d, %s", args, got.code, got.errout)
		}
	}
	if text := r.ok("export", "--format", "csv", "id:3"); !strings.Contains(text, "3,") {
		t.Errorf("export: %s", text)
	}
}

// A path that is the only argument is a file to open; anything else that is no command is refused, with what it is like.
func TestAFileAsTheOnlyArgument(t *testing.T) {
	t.Parallel()
	r := held(t)
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"histroy"}, "did you mean history?"},
		{[]string{"./no.har"}, "FILE: "},
		{[]string{"open", "no.har"}, "FILE: "},
		{[]string{filepath.Join(r.home, "in.jsonl")}, "hookglass import"}, // there is no display
		{[]string{filepath.Join(r.home, "in.jsonl"), "more"}, "there is no command"},
	} {
		if got := r.do("", tt.args...); got.code != 2 || !strings.Contains(got.errout, tt.says) {
			t.Errorf("%q: exit %d, %s", tt.args, got.code, got.errout)
		}
	}
}

func TestTheAnswerToAQuestion(t *testing.T) {
	for text, ok := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "": false, "yep\n": false} {
		if err := ask(os.Stderr, strings.NewReader(text), ""); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
