package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
)

// TestBytesComeBack sends what no tidy client sends, and wants it back byte for byte.
func TestBytesComeBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.serve("--workspace", r.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/odd"}]}`))
	var body []byte
	for i := range 256 {
		body = append(body, byte(i))
	}
	fields := [][2]string{{"hOST", "example.COM:1"}, {"X-Zulu", "1"}, {"x-zULU", "two  words"}, {"ACCEPT", "*/*"}, {"X-Empty", ""},
		{"X-Zulu", "3"}, {"content-LENGTH", "256"}, {"Cookie", "a=b; c=\"d\""}, {"X-Latin", "gr\xfc\xdfe"}, {"cookie", "e=f"}, {"Connection", "close"}}
	target := "/in/odd?b=%zz&a=%41;x&&=&q=?#%00"
	head := "POST " + target + " HTTP/1.1\r\n"
	for _, f := range fields {
		head += f[0] + ": " + f[1] + "\r\n"
	}
	head += "\r\n"
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, head+string(body)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) {
		t.Fatalf("answer %q, %v", answer, err)
	}

	var got struct {
		Method, Target string
		Headers        [][2]string
		HeadB64        []byte `json:"head_b64"`
		BodyB64        []byte `json:"body_b64"`
		Truncated      bool
	}
	shown := r.ok("show", "1", "--json")
	if err := json.Unmarshal([]byte(shown), &got); err != nil {
		t.Fatal(err)
	}
	if string(got.HeadB64) != head {
		t.Errorf("head:\n got %q\nwant %q", got.HeadB64, head)
	}
	if !bytes.Equal(got.BodyB64, body) || got.Truncated {
		t.Errorf("body: got %x, truncated %v", got.BodyB64, got.Truncated)
	}
	want := fields
	for i, f := range want {
		if f[0] == "X-Latin" {
			want[i][1] = "gr\ufffd\ufffde" // JSON has no such bytes; head_b64 has them
		}
	}
	if !reflect.DeepEqual(got.Headers, want) {
		t.Errorf("headers:\n got %q\nwant %q", got.Headers, want)
	}
	if got.Method != "POST" || got.Target != target {
		t.Errorf("got %s %s", got.Method, got.Target)
	}

	// The control listener and the command say the same.
	var asked, printed any
	if status := s.ask("GET", "/_/captures/1", nil, &asked); status != 200 {
		t.Errorf("control listener: %d", status)
	}
	if err := json.Unmarshal([]byte(shown), &printed); err != nil || !reflect.DeepEqual(asked, printed) {
		t.Errorf("show prints\n%v\nthe control listener answers\n%v", printed, asked)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("ended with %d: %s", code, s.errout)
	}
}

// TestReplayIsTheSameBytes sends a capture on raw, and looks at what the receiver read from its socket.
func TestReplayIsTheSameBytes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.serve("--workspace", r.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/a"}]}`))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	read := make(chan []byte, 1)
	go func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		var all []byte
		buf := make([]byte, 4096)
		for !bytes.HasSuffix(all, []byte("\x00\xff!")) {
			n, err := c.Read(buf)
			all = append(all, buf[:n]...)
			if err != nil {
				break
			}
		}
		read <- all
		io.WriteString(c, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
	}()

	sent := "PUT /in/a?x=%41;y HTTP/1.1\r\nhOST: h.example\r\nX-b: 2\r\nx-A: 1\r\nX-B: 3\r\nContent-Length: 7\r\nConnection: close\r\n\r\nabcd\x00\xff!"
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(c, sent)
	io.ReadAll(c)
	c.Close()
	out := r.ok("replay", "1", "--raw", "--keep-host", "--to", "http://"+ln.Addr().String()+"/in/a?x=%41;y", "--json")
	if got := string(<-read); got != sent {
		t.Errorf("the receiver read\n%q\nwant\n%q", got, sent)
	}
	if !strings.Contains(out, `"status":204`) {
		t.Errorf("replay printed %s", out)
	}
	if shown := r.ok("show", "d1", "--json"); !strings.Contains(shown, `"state":"delivered"`) || !strings.Contains(shown, `"replay_of":1`) {
		t.Errorf("show d1: %s", shown)
	}
}
