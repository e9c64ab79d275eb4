package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func TestWait(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if got := r.do("", "wait"); got.code != 2 || !strings.Contains(got.errout, "no Hookglass runs on this home") {
		t.Errorf("nothing runs: exit %d, %s", got.code, got.errout)
	}
	s := r.serve("--workspace", r.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/a"}]}`))
	for _, body := range []string{"one", "two"} {
		s.post("/in/a", body)
	}
	s.post("/in/b", "three")
	var c struct {
		ID      int
		BodyB64 []byte `json:"body_b64"`
	}
	lines := strings.Split(strings.TrimSpace(r.ok("wait", "path:/in/a", "--count", "2", "--since", "1h", "--json")), "\n")
	if len(lines) != 2 || json.Unmarshal([]byte(lines[1]), &c) != nil || c.ID != 2 || string(c.BodyB64) != "two" {
		t.Errorf("it prints %q", lines)
	}
	if shown := strings.TrimSpace(r.ok("show", "2", "--json")); shown != lines[1] {
		t.Errorf("show prints\n%s, wait\n%s", shown, lines[1])
	}
	if got := r.ok("wait", "path:/in/a", "--since", "1h"); !strings.Contains(got, "     1  ") || !strings.Contains(got, "/in/a") {
		t.Errorf("it prints %s", got)
	}
	got := r.do("", "wait", "--timeout", "0s", "--since", "1h", "--count", "3", "path:/in/a")
	if got.code != 1 || !strings.HasPrefix(got.errout, "hookglass: 2 of 3 came in 0 seconds; 1 other did not match: capture 3 POST /in/b") ||
		!strings.HasSuffix(got.errout, "is not path:/in/a\n") || strings.Count(got.out, "\n") != 2 {
		t.Errorf("exit %d, %s%s", got.code, got.out, got.errout)
	}
	got = r.do("", "wait", "--timeout", "0s", "--json", "path:/in/a")
	var end struct {
		Event  string
		Misses []struct{ Failed []string }
	}
	if err := json.Unmarshal([]byte(got.out), &end); got.code != 1 || err != nil || end.Event != "timeout" {
		t.Errorf("exit %d, %s", got.code, got.out)
	}
	for _, args := range [][]string{{"--count", "0"}, {"--timeout", "-1s"}, {"--since", "-1s"}, {"colour:red"}, {"--url", "ftp://x"}, {"--url", s.control, "--token-env", "NOT_SET"}} {
		if got := r.do("", append([]string{"wait"}, args...)...); got.code != 2 || !strings.HasPrefix(got.errout, "hookglass: ") {
			t.Errorf("%q: exit %d, %s", args, got.code, got.errout)
		}
	}
	// From elsewhere, by its address.
	far := newRig(t)
	far.env = []string{"T=" + s.token, "HOOKGLASS_TOKEN=wrong"}
	far.ok("wait", "--url", s.control, "--token-env", "T", "--since", "1h")
	if got := far.do("", "wait", "--url", s.control); got.code != 2 || !strings.Contains(got.errout, "Authorization") {
		t.Errorf("a wrong token: exit %d, %s", got.code, got.errout)
	}
	if got := far.do("", "wait", "--url", s.url); got.code != 2 || !strings.Contains(got.errout, "is no control address") {
		t.Errorf("not the control address: exit %d, %s", got.code, got.errout)
	}
}

// post sends a source a request.
func (s *serving) post(path, body string) {
	s.Helper()
	resp, err := http.Post(s.url+path, "text/plain", strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	resp.Body.Close()
}

func TestTail(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.serve("--workspace", r.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/a"}]}`))
	s.post("/in/a", "one")
	s.post("/in/b", "two")
	s.post("/in/a", "three")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := r.command(ctx, "tail", "--json", "--since", "1h", "path:/in/a")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	next := func(want string) {
		t.Helper()
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), want) {
			t.Fatalf("it prints %q, want %s", lines.Text(), want)
		}
	}
	next(`{"event":"capture","id":1,`)
	next(`{"event":"capture","id":3,`)
	s.post("/in/b", "four")
	s.post("/in/a", "five")
	next(`{"event":"capture","id":5,`)
	cmd.Process.Signal(os.Interrupt)
	if lines.Scan(); cmd.Wait() != nil {
		t.Errorf("it ends with %d", cmd.ProcessState.ExitCode())
	}
	// It ends with the program that it follows.
	cmd = r.command(ctx, "tail", "--since", "1h")
	if out, err = cmd.StdoutPipe(); err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines = bufio.NewScanner(out)
	next("     1  ")
	s.stop()
	for lines.Scan() {
	}
	if cmd.Wait(); cmd.ProcessState.ExitCode() != 2 {
		t.Errorf("it ends with %d", cmd.ProcessState.ExitCode())
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands of this test are for a shell that Windows does not have")
	}
	r := newRig(t)
	r.env = []string{"HOOKGLASS=" + os.Args[0]}
	keep := filepath.Join(r.home, "kept")
	got := r.do("from the input", "run", "--keep", keep, "--", "sh", "-c", `cat; "$HOOKGLASS" send "$HOOKGLASS_URL/in/anything" >/dev/null &&
		"$HOOKGLASS" wait --since 1h path:/in/anything && "$HOOKGLASS" wait --since 1h --url "$HOOKGLASS_CONTROL" && test "$HOOKGLASS_HOME" = "`+keep+`"`)
	if got.code != 0 || !strings.HasPrefix(got.out, "from the input     1  ") || got.errout != "" {
		t.Errorf("exit %d, %s%s", got.code, got.out, got.errout)
	}
	if got := r.ok("history", "--home", keep); !strings.Contains(got, "/in/anything") {
		t.Errorf("kept is %s", got)
	}
	r.env = append(r.env, "TMPDIR="+t.TempDir())
	w := r.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/shop","scheme":"github","secret":"s3cret"}]}`)
	got = r.do("", "run", "--workspace", w, "--", "sh", "-c", `"$HOOKGLASS" send "$HOOKGLASS_URL/in/shop"; exit 7`)
	if got.code != 7 || !strings.Contains(got.errout, "1 capture came during the run") || !strings.Contains(got.errout, "/in/shop") {
		t.Errorf("exit %d, %s%s", got.code, got.out, got.errout)
	}
	got = r.do("", "run", "--json", "sh", "-c", "exit 3")
	if got.code != 3 || got.errout != "" {
		t.Errorf("exit %d, %s", got.code, got.errout)
	}
	if got := r.do("", "run", "--", "sh", "-c", "kill -9 $$"); got.code != 128+9 {
		t.Errorf("killed: exit %d", got.code)
	}
	for _, args := range [][]string{{}, {"no-such-program"}, {"--workspace", "none.json", "true"}} {
		if got := r.do("", append([]string{"run"}, args...)...); got.code != 2 || !strings.HasPrefix(got.errout, "hookglass: ") {
			t.Errorf("%q: exit %d, %s", args, got.code, got.errout)
		}
	}
	if left, err := os.ReadDir(strings.TrimPrefix(r.env[1], "TMPDIR=")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A signal goes to the command, which decides what comes of it.
func TestRunPassesSignalsOn(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such signals")
	}
	r := newRig(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := r.command(ctx, "run", "--", "sh", "-c", `trap 'trap "echo second; exit 5" TERM; echo first' TERM; echo ready; while :; do read x; done`)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for _, want := range []string{"ready", "first", "second"} {
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("it prints %q, want %s", lines.Text(), want)
		}
		if want != "second" {
			cmd.Process.Signal(syscall.SIGTERM)
		}
	}
	in.Close()
	var failed *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &failed) || failed.ExitCode() != 5 {
		t.Errorf("it ends with %v", err)
	}
}
