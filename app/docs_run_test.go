package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestPagesRun follows every page word by word, on a home of its own, as a new user would:
//
//	```console             commands and what they print
//	```console exit=1      the last one ends with that code
//	```console beside      runs on while the page goes on; what it prints at first is compared
//	```json workspace.json is that file
//
// Where a page says 127.0.0.1:3000 there is a handler that verifies GitHub's signatures, unless the page starts one.
func TestPagesRun(t *testing.T) {
	for _, tool := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%v: the pages use it; script/setup installs it", err)
		}
	}
	commands := 0
	for _, p := range docPages(t) {
		if strings.HasPrefix(p.name, "docs/reference/") {
			continue
		}
		t.Run(filepath.Base(p.name), func(t *testing.T) {
			commands += newReader(t, &p).read()
		})
	}
	if commands < 40 {
		t.Errorf("only %d commands were run", commands)
	}
}

// docReader is somebody who follows a page.
type docReader struct {
	*testing.T
	page *page
	rig  *rig
	env  []string
	dir  string
	said map[string]string // what the page says for an address, and what it is here

	in      io.Writer
	out     *bufio.Reader
	beside  []*exec.Cmd
	exports []string // commands that set what later ones read
	whole   []string // the page as it should be
	kept    int      // lines of the page that are in whole already
}

func newReader(t *testing.T, p *page) *docReader {
	r := &docReader{T: t, page: p, rig: newRig(t), dir: t.TempDir(), said: map[string]string{}}
	bin := t.TempDir()
	program, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if name := os.Getenv("HOOKGLASS_BIN"); name != "" {
		program = name
	}
	script := fmt.Sprintf("#!/bin/sh\n%s=1 exec '%s' \"$@\"\n", actAsProgram, program)
	if err := os.WriteFile(filepath.Join(bin, "hookglass"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	r.env = append(os.Environ(), "HOOKGLASS_HOME="+r.rig.home, "HOME="+r.dir, "DISPLAY=", "WAYLAND_DISPLAY=", "TZ=UTC", "PATH="+bin+":"+os.Getenv("PATH"), "GORACE=halt_on_error=1 exitcode=66", "LC_ALL=C.UTF-8")
	handler := httptest.NewServer(http.HandlerFunc(verifying))
	t.Cleanup(handler.Close)
	r.said["127.0.0.1:3000"] = strings.TrimPrefix(handler.URL, "http://")
	return r
}

// verifying is the handler that the pages speak of.
func verifying(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, _ := io.ReadAll(r.Body)
	mac := hmac.New(sha256.New, []byte("it's a secret to everybody"))
	mac.Write(body)
	if !hmac.Equal([]byte("sha256="+hex.EncodeToString(mac.Sum(nil))), []byte(r.Header.Get("X-Hub-Signature-256"))) {
		http.Error(w, "bad signature", http.StatusUnauthorized)
		return
	}
	fmt.Fprintln(w, "ok")
}

// read follows the page and returns how many commands it had.
func (r *docReader) read() (commands int) {
	var steps int
	for _, b := range r.page.blocks() {
		switch {
		case len(b.info) == 0:
		case b.info[0] == "console" && len(b.info) > 1 && b.info[1] == "beside":
			for _, s := range r.page.steps(b) {
				r.start(s)
				steps++
			}
		case b.info[0] == "console":
			all := r.page.steps(b)
			for i, s := range all {
				want := 0
				if i == len(all)-1 && len(b.info) > 1 {
					if _, err := fmt.Sscanf(b.info[1], "exit=%d", &want); err != nil {
						r.Fatalf("%s:%d: %q: want exit=N or beside", r.page.name, b.from, b.info[1])
					}
				}
				r.do(s, want)
				steps++
			}
		case len(b.info) > 1 && !strings.Contains(b.info[1], "="):
			text := strings.Join(r.page.lines[b.from:b.to], "\n") + "\n"
			if err := os.WriteFile(filepath.Join(r.dir, filepath.Base(b.info[1])), []byte(r.here(text)), 0o600); err != nil {
				r.Fatal(err)
			}
		}
	}
	r.leave()
	return steps
}

// here puts in the addresses that things have in this run.
func (r *docReader) here(text string) string {
	for said, is := range r.said {
		text = strings.ReplaceAll(text, said, is)
	}
	return text
}

const docMark = "the-end-of-a-step"

// do runs a command in the page's shell, and compares what it prints.
func (r *docReader) do(s step, want int) {
	if r.in == nil {
		r.open()
	}
	if strings.HasPrefix(s.command, "export ") {
		r.exports = append(r.exports, s.command)
	}
	fmt.Fprintf(r.in, "{ %s\n} </dev/null\nprintf '\\n%s %%d\\n' $?\n", r.here(s.command), docMark)
	var lines []string
	code := -1
	for code < 0 {
		line, err := r.out.ReadString('\n')
		if err != nil {
			r.Fatalf("%s:%d: the shell ended at %s: %v\n%s", r.page.name, s.at, s.command, err, strings.Join(lines, "\n"))
		}
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, docMark+" "); ok {
			fmt.Sscan(rest, &code)
		} else {
			lines = append(lines, line)
		}
	}
	lines = lines[:len(lines)-1] // the line feed before the mark
	if code != want {
		r.Errorf("%s:%d: %s\nended with %d, want %d; it printed\n%s", r.page.name, s.at, s.command, code, want, strings.Join(lines, "\n"))
	}
	r.compare(s, lines)
}

func (r *docReader) compare(s step, lines []string) {
	if err := agree(s.prints, lines); err != nil {
		if writesDocs() {
			r.write(s, lines)
			return
		}
		r.Errorf("%s:%d: %s\n%v", r.page.name, s.at, s.command, err)
	}
}

// write puts what was printed into the page, with the addresses that the page uses.
func (r *docReader) write(s step, lines []string) {
	r.whole = append(r.whole, r.page.lines[r.kept:s.at]...)
	for _, line := range lines {
		for said, is := range r.said {
			line = strings.ReplaceAll(line, is, said)
		}
		r.whole = append(r.whole, strings.TrimRight(strings.ReplaceAll(line, r.dir, "~"), " "))
	}
	for len(r.whole) > 0 && r.whole[len(r.whole)-1] == "" {
		r.whole = r.whole[:len(r.whole)-1]
	}
	r.kept = s.at + len(s.prints)
}

// open starts the shell that all commands of the page share.
func (r *docReader) open() {
	sh := exec.Command("sh")
	sh.Dir, sh.Env = r.dir, r.env
	in, err := sh.StdinPipe()
	if err != nil {
		r.Fatal(err)
	}
	out, w, err := os.Pipe()
	if err != nil {
		r.Fatal(err)
	}
	sh.Stdout, sh.Stderr = w, w
	if err := sh.Start(); err != nil {
		r.Fatal(err)
	}
	w.Close()
	r.in, r.out = in, bufio.NewReader(out)
	stop := time.AfterFunc(patience, func() { sh.Process.Kill() })
	r.Cleanup(func() { in.Close(); sh.Wait(); stop.Stop(); out.Close() })
}

var (
	listeningOn = regexp.MustCompile(`listening on http://(127\.0\.0\.1:\d+)`)
	listenAt    = regexp.MustCompile(`--addr (127\.0\.0\.1:\d+)`)
)

// start runs a command that goes on, and waits for what the page says that it prints at first.
func (r *docReader) start(s step) {
	at := "127.0.0.1:4600"
	command := s.command
	if m := listenAt.FindStringSubmatch(command); m != nil { // it listens where there is room
		at, command = m[1], strings.Replace(command, m[1], "127.0.0.1:0", 1)
	}
	cmd := exec.Command("sh", "-c", strings.Join(append(r.exports, "exec "+r.here(command)), "\n"))
	cmd.Dir, cmd.Env = r.dir, r.env
	out, w, err := os.Pipe()
	if err != nil {
		r.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	w.Close()
	r.beside = append(r.beside, cmd)
	stop := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	r.Cleanup(func() { cmd.Process.Kill(); cmd.Wait(); stop.Stop(); out.Close() })
	lines, read := []string{}, bufio.NewReader(out)
	for len(lines) < max(len(s.prints), 1) {
		line, err := read.ReadString('\n')
		if err != nil {
			r.Fatalf("%s:%d: %s ended: %v\n%s", r.page.name, s.at, s.command, err, strings.Join(lines, "\n"))
		}
		line = strings.TrimSuffix(line, "\n")
		if strings.Contains(line, " is taken; listening on ") { // another program of this machine
			continue
		}
		if m := listeningOn.FindStringSubmatch(line); m != nil {
			r.said[at] = m[1]
		}
		lines = append(lines, line)
	}
	go io.Copy(io.Discard, read)
	r.compare(s, lines)
}

// leave ends what runs beside the page, and writes the page where that is wanted.
func (r *docReader) leave() {
	for _, cmd := range r.beside {
		cmd.Process.Signal(os.Interrupt)
	}
	if r.kept == 0 {
		return
	}
	r.whole = append(r.whole, r.page.lines[r.kept:]...)
	if err := os.WriteFile(filepath.Join("..", r.page.name), []byte(strings.Join(r.whole, "\n")), 0o644); err != nil {
		r.Fatal(err)
	}
}
