package view_test

import (
	"bufio"
	"bytes"
	"fmt"
	"go/format"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/ui/view"
)

// wire takes one request and keeps it as it was sent.
type wire struct {
	l    net.Listener
	line string
	head []core.Field
	body []byte
	done chan error
}

func listen(t *testing.T) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{l: l, done: make(chan error, 1)}
	t.Cleanup(func() { l.Close() })
	go func() { w.done <- w.accept() }()
	return w
}

func (w *wire) accept() error {
	c, err := w.l.Accept()
	if err != nil {
		return err
	}
	defer c.Close()
	r := bufio.NewReader(c)
	if w.line, err = r.ReadString('\n'); err != nil {
		return err
	}
	w.line = strings.TrimRight(w.line, "\r\n")
	length := 0
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		w.head = append(w.head, core.Field{Name: name, Value: strings.TrimPrefix(value, " ")})
		if strings.EqualFold(name, "Content-Length") {
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	w.body = make([]byte, length)
	if _, err := io.ReadFull(r, w.body); err != nil {
		return err
	}
	_, err = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
	return err
}

func requests() map[string]core.Request {
	head := core.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "X-Twice", Value: "one"}, {Name: "x-odd-CASE", Value: "it's \"quoted\" \\ and $HOME `x`"}, {Name: "X-Twice", Value: "two"}, {Name: "Content-Length", Value: "1"}}
	all := make([]byte, 0, 256)
	for c := range 256 {
		all = append(all, byte(c))
	}
	return map[string]core.Request{
		"json":        {Method: "POST", Target: "/in/stripe?a=1&b=%20x", Proto: "HTTP/1.1", Host: "old.example", Header: head, Body: []byte("{\n  \"id\": \"evt_1\",\n  \"it's\": \"Zürich \\\"q\\\" $x `y`\"\n}\r\n")},
		"every byte":  {Method: "PUT", Target: "/bin", Proto: "HTTP/1.1", Header: head[:1], Body: all},
		"not UTF-8":   {Method: "POST", Target: "/latin1", Proto: "HTTP/1.1", Header: head[:1], Body: []byte("caf\xe9 \x01\x7f 123\u200b")},
		"at sign":     {Method: "POST", Target: "/at", Proto: "HTTP/1.1", Header: head[:1], Body: []byte("@/etc/hostname")},
		"no body":     {Method: "GET", Target: "/ping?q=[1]{2}", Proto: "HTTP/1.1", Header: core.Header{{Name: "Accept", Value: "*/*"}}},
		"large":       {Method: "POST", Target: "/large", Proto: "HTTP/1.1", Header: head[:1], Body: bytes.Repeat([]byte("0123456789abcdef\n"), 8000)},
		"empty field": {Method: "DELETE", Target: "/x", Proto: "HTTP/1.1", Header: core.Header{{Name: "X-Empty", Value: ""}, {Name: "User-Agent", Value: "t"}}},
		"foreign host": {Method: "POST", Target: "/h", Proto: "HTTP/1.1", Header: core.Header{{Name: "Host", Value: "other.example"}, {Name: "User-Agent", Value: "t"},
			{Name: "Content-Type", Value: "text/plain"}}, Body: []byte("x")},
	}
}

// runs says how to run the code of a language; file is where it was written to.
func runs(language string) (name string, args func(file string) []string, file string) {
	switch language {
	case "curl":
		return "bash", func(f string) []string { return []string{f} }, "send.sh"
	case "node":
		return "node", func(f string) []string { return []string{f} }, "send.mjs"
	case "python":
		return "python3", func(f string) []string { return []string{f} }, "send.py"
	}
	return "", nil, ""
}

func TestSnippetsSendTheSameBytes(t *testing.T) {
	for _, language := range []string{"curl", "node", "python"} {
		program, args, file := runs(language)
		path, err := exec.LookPath(program)
		if err != nil {
			t.Logf("%s: skipped, %s is not installed", language, program)
			continue
		}
		if _, err := exec.LookPath("curl"); language == "curl" && err != nil {
			t.Log("curl: skipped, it is not installed")
			continue
		}
		for name, req := range requests() {
			t.Run(language+"/"+name, func(t *testing.T) {
				w := listen(t)
				code := view.Snippet(language, &req, "http://"+w.l.Addr().String()+req.Target)
				f := filepath.Join(t.TempDir(), file)
				if err := os.WriteFile(f, []byte(code), 0o600); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command(path, args(f)...)
				cmd.Env = append(os.Environ(), "no_proxy=127.0.0.1", "LC_ALL=C.UTF-8")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s\n%s", err, out, code)
				}
				if err := <-w.done; err != nil {
					t.Fatal(err)
				}
				compare(t, w, &req, code)
			})
		}
	}
}

func compare(t *testing.T, w *wire, req *core.Request, code string) {
	t.Helper()
	if want := req.Method + " " + req.Target + " HTTP/1.1"; w.line != want {
		t.Errorf("request line %q, want %q", w.line, want)
	}
	if !bytes.Equal(w.body, req.Body) {
		t.Errorf("body differs: got %.80q, want %.80q\n%.400s", w.body, req.Body, code)
	}
	got := core.Header(w.head).Without("Content-Length", "Connection")
	if !req.Header.Has("Host") {
		got = got.Without("Host")
	}
	want := req.Header.Without("Content-Length")
	if fmt.Sprint(sorted(got)) != fmt.Sprint(sorted(want)) {
		t.Errorf("fields\n got %q\nwant %q", got, want)
	}
}

// sorted puts Host first, where every client sends it, and leaves the rest in order.
func sorted(h core.Header) core.Header {
	var out core.Header
	for _, f := range h {
		if strings.EqualFold(f.Name, "Host") {
			out = append(core.Header{f}, out...)
		} else {
			out = append(out, f)
		}
	}
	return out
}

func TestGoSnippetIsGo(t *testing.T) {
	for name, req := range requests() {
		code := view.Snippet("go", &req, "")
		src, err := format.Source([]byte(code))
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, code)
			continue
		}
		if string(src) != code {
			t.Errorf("%s: not as gofmt writes it", name)
		}
		if name == "json" && !strings.Contains(code, `req.Header["X-Twice"] = []string{"one", "two"}`) {
			t.Errorf("repeated fields are lost:\n%s", code)
		}
	}
}

func TestSnippetOfAnUnknownLanguage(t *testing.T) {
	if got := view.Snippet("cobol", &core.Request{}, ""); got != "" {
		t.Errorf("got %q", got)
	}
}
