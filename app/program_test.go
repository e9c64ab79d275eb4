package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// The tests of this package run the program itself: the test binary, started again with actAsProgram set, is
// Hookglass; HOOKGLASS_BIN names another one to take instead.
const actAsProgram = "HOOKGLASS_TEST_RUNS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(actAsProgram) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// patience ends what never would; it is long, since a machine may be busy.
const patience = 5 * time.Minute

// rig is a home folder and the program to run on it.
type rig struct {
	testing.TB
	home string
	env  []string
}

func newRig(t testing.TB) *rig { return &rig{TB: t, home: t.TempDir()} }

func (r *rig) command(ctx context.Context, args ...string) *exec.Cmd {
	path := os.Getenv("HOOKGLASS_BIN")
	if path == "" {
		path = os.Args[0]
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), actAsProgram+"=1", "HOOKGLASS_HOME="+r.home, "DISPLAY=", "WAYLAND_DISPLAY=", "GORACE=halt_on_error=1 exitcode=66")
	cmd.Env = append(cmd.Env, r.env...)
	return cmd
}

// result is what a command said and how it ended.
type result struct {
	code        int
	out, errout string
}

// do runs a command to its end.
func (r *rig) do(stdin string, args ...string) result {
	r.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := r.command(ctx, args...)
	var out, errout bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errout
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.Fatalf("hookglass %s: %v", strings.Join(args, " "), err)
	}
	if ctx.Err() != nil {
		r.Fatalf("hookglass %s did not end in %v; it said\n%s%s", strings.Join(args, " "), patience, &out, &errout)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errout.String()}
}

// ok runs a command that must succeed and returns what it printed.
func (r *rig) ok(args ...string) string {
	r.Helper()
	got := r.do("", args...)
	if got.code != 0 {
		r.Fatalf("hookglass %s: exit %d, %s", strings.Join(args, " "), got.code, got.errout)
	}
	return got.out
}

// serving is a program that serves.
type serving struct {
	*rig
	cmd                 *exec.Cmd
	url, control, token string
	errout              *bytes.Buffer

	mu    sync.Mutex
	lines []string // all that it printed after the first line
	ended chan struct{}
}

// serve starts the program and waits for its first line. The test ends it if nobody did.
func (r *rig) serve(args ...string) *serving {
	r.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &serving{rig: r, cmd: r.command(ctx, append([]string{"serve", "--addr", "127.0.0.1:0", "--json"}, args...)...), errout: &bytes.Buffer{}, ended: make(chan struct{})}
	s.cmd.Stderr = s.errout
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		r.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { cancel(); s.wait() })
	var first struct{ Event, URL, Control, Token string }
	d := json.NewDecoder(out)
	if err := d.Decode(&first); err != nil || first.Event != "listening" {
		cancel()
		s.cmd.Wait()
		r.Fatalf("first line of serve: %v; it said %s", err, s.errout)
	}
	s.url, s.control, s.token = first.URL, first.Control, first.Token
	go s.read(io.MultiReader(d.Buffered(), out))
	return s
}

func (s *serving) read(out io.Reader) {
	defer close(s.ended)
	d := json.NewDecoder(out)
	for {
		var line json.RawMessage
		if d.Decode(&line) != nil {
			return
		}
		s.mu.Lock()
		s.lines = append(s.lines, string(line))
		s.mu.Unlock()
	}
}

// wait lets the program end and returns its exit code.
func (s *serving) wait() int {
	<-s.ended
	s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

// kill is kill -9.
func (s *serving) kill() {
	s.cmd.Process.Kill()
	s.wait()
}

// stop asks it to end, as ctrl-c does.
func (s *serving) stop() int {
	s.cmd.Process.Signal(os.Interrupt)
	return s.wait()
}

// ask calls the control listener.
func (s *serving) ask(method, path string, body, into any) int {
	s.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		s.Fatal(err)
	}
	req, err := http.NewRequest(method, s.control+path, bytes.NewReader(b))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(got, into); err != nil {
			s.Fatalf("%s %s: %v: %s", method, path, err, got)
		}
	}
	return resp.StatusCode
}

// file writes a file into the home and returns its path.
func (r *rig) file(name, text string) string {
	r.Helper()
	path := filepath.Join(r.home, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.Fatal(err)
	}
	return path
}
