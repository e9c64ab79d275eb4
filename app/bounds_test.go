//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// size is how much a test of bounds takes: the long form is that of make bounds, HOOKGLASS_BOUNDS=full.
func size(short, full int) int {
	if os.Getenv("HOOKGLASS_BOUNDS") == "full" {
		return full
	}
	return short
}

// memory is what the program has in memory now, and the most that it ever had, in MiB.
func (s *serving) memory() (now, most int) {
	s.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(line, ":")
		kib, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
		switch name {
		case "VmRSS":
			now = kib >> 10
		case "VmHWM":
			most = kib >> 10
		}
	}
	return now, most
}

// raced reports whether the program runs with the race detector, which takes memory of its own: what it takes says nothing then.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && os.Getenv("HOOKGLASS_BIN") == "" && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// bounded fails where the program ever had more in memory than so many MiB, and waits until it has given back all but a part.
func (s *serving) bounded(what string, before, peak, after int) {
	s.Helper()
	now, most := s.memory()
	began := time.Now()
	s.until(what+": memory given back", func() bool { now, _ = s.memory(); return now <= after || raced() })
	s.Logf("%s: %d MiB before, %d MiB at the most, %d MiB %s later", what, before, most, now, time.Since(began).Round(time.Second))
	if most > peak && !raced() {
		s.Errorf("%s: %d MiB at the most, want at most %d", what, most, peak)
	}
}

const tenMiB = 10 << 20

// serveIn has a source at /in/a.
func serveIn(t *testing.T, args ...string) *serving {
	t.Helper()
	r := newRig(t)
	return r.serve(append(args, "--workspace", r.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/a"}]}`))...)
}

// TestBoundLargeBodies: bodies of 10 MiB one after another take the memory of a few, however many come, and it is given back.
func TestBoundLargeBodies(t *testing.T) {
	s := serveIn(t)
	before, _ := s.memory()
	body := bytes.Repeat([]byte("0123456789abcdef"), tenMiB/16)
	n := size(12, 1000)
	for range n {
		resp, err := http.Post(s.url+"/in/a", "application/octet-stream", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Fatalf("answered %d", resp.StatusCode)
		}
	}
	s.bounded(fmt.Sprintf("%d bodies of 10 MiB one after another", n), before, before+300, before+60)
}

// TestBoundAnnouncedBodies: a body takes room as it comes, not as it is announced; of bodies that do come all at once, those that
// find no room are answered 503.
func TestBoundAnnouncedBodies(t *testing.T) {
	s := serveIn(t, "--body-memory", "128")
	before, _ := s.memory()
	n := size(300, 300)
	var open []net.Conn
	for range n {
		c := dial(t, s.url, "")
		if _, err := fmt.Fprintf(c, "POST /in/a HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", tenMiB, strings.Repeat("x", 1000)); err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	if got := post(t, s.url+"/in/a", "beside them"); got != 200 {
		t.Errorf("beside them a request is answered %d", got)
	}
	now, _ := s.memory()
	t.Logf("%d announced bodies of 10 MiB: %d MiB before, %d MiB with them", n, before, now)
	if now > before+100 && !raced() {
		t.Errorf("%d MiB more for %d bodies that did not come", now-before, n)
	}
	var all sync.WaitGroup
	var answers sync.Map
	rest := bytes.Repeat([]byte("x"), tenMiB-1000)
	for _, c := range open {
		all.Go(func() {
			defer c.Close()
			go c.Write(rest)
			line := make([]byte, 12)
			if _, err := io.ReadFull(c, line); err != nil {
				line = []byte("HTTP/1.1 cut")
			}
			n, _ := answers.LoadOrStore(string(line[9:]), new(atomic.Int64))
			n.(*atomic.Int64).Add(1)
		})
	}
	all.Wait()
	count := func(status string) int64 {
		if n, ok := answers.Load(status); ok {
			return n.(*atomic.Int64).Load()
		}
		return 0
	}
	t.Logf("then all of them came: %d answered 200, %d answered 503, %d cut off", count("200"), count("503"), count("cut"))
	if count("200") == 0 || count("200")+count("503")+count("cut") != int64(n) {
		t.Errorf("200: %d, 503: %d, cut off: %d", count("200"), count("503"), count("cut"))
	}
	s.bounded("the same bodies, whole", before, before+128*8, before+80) // of 3,000 MiB that came: a body lies there twice while it grows, SQLite has a copy, and the collector runs behind
}

// TestBoundConnections: with more connections than are let in, idle ones and such that send a byte at a time, who sends a
// request is answered.
func TestBoundConnections(t *testing.T) {
	idle, slow := size(300, 9_500), size(100, 3_000)
	args := []string{"--connections-per-address", "250"}
	if idle > 300 {
		args = nil // the defaults
	}
	s := serveIn(t, args...)
	before, _ := s.memory()
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	for i := range idle {
		open = append(open, dial(t, s.url, fmt.Sprintf("127.0.0.%d", 1+i%4)))
	}
	for i := range slow {
		c := dial(t, s.url, fmt.Sprintf("127.0.0.%d", 1+i%4))
		fmt.Fprint(c, "POST /in/a HTTP/1.1\r\nX-Slo")
		open = append(open, c)
	}
	stop := make(chan struct{})
	var dripping sync.WaitGroup
	dripping.Go(func() { // each gets a byte now and then, until the server has enough of it
		for {
			for _, c := range open[idle:] {
				select {
				case <-stop:
					return
				default:
				}
				c.Write([]byte("w"))
			}
		}
	})
	for n := range 50 {
		if got := post(t, s.url+"/in/a", "beside them"); got != 200 {
			t.Fatalf("request %d beside them is answered %d", n, got)
		}
	}
	close(stop)
	dripping.Wait()
	now, most := s.memory()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d idle and %d slow connections: %d files open, %d MiB before, %d MiB now, %d MiB at the most", idle, slow, len(files), before, now, most)
	if most := size(250*4, 8192) + 100; len(files) > most {
		t.Errorf("%d files are open, want at most %d", len(files), most)
	}
	if most > before+400 && !raced() {
		t.Errorf("%d MiB", most)
	}
}

// dial connects to a program, from an address of this machine where one is named.
func dial(t *testing.T, url, from string) net.Conn {
	t.Helper()
	var d net.Dialer
	if from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	c, err := d.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
