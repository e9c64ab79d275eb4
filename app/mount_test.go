//go:build linux

package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"hookglass/core/engine"
)

// TestHomeInMemoryAndReadOnly: a home may lie in memory, and on a file system that takes no writing what is there can be shown and
// exported.
func TestHomeInMemoryAndReadOnly(t *testing.T) {
	r := newRig(t)
	outside := rig{TB: t, home: t.TempDir()}
	workspace := outside.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/a"}]}`)
	if err := syscall.Mount("tmpfs", r.home, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("no file system can be mounted here, which takes root: %v", err)
	}
	defer syscall.Unmount(r.home, syscall.MNT_DETACH)
	s := r.serve("--workspace", workspace)
	if got := post(t, s.url+"/in/a", "one"); got != 200 {
		t.Fatalf("answered %d", got)
	}
	if code := s.stop(); code != 0 {
		t.Fatalf("exit %d, %s", code, s.errout)
	}
	if err := syscall.Mount("", r.home, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"history"}, {"show", "1"}, {"export", "--format", "json"}} {
		if out := r.ok(args...); !strings.Contains(out, "/in/a") {
			t.Errorf("%v: %s", args, out)
		}
	}
	ro := r.serve("--workspace", workspace)
	if got := post(t, ro.url+"/in/a", "lost"); got != 503 {
		t.Errorf("answered %d", got)
	}
	var rows []engine.CaptureLine
	if ro.ask("GET", "/_/captures", nil, &rows); len(rows) != 1 {
		t.Errorf("the control address shows %v", rows)
	}
	if code := ro.stop(); code != 0 || !strings.Contains(ro.errout.String(), "read-only: it cannot be written") {
		t.Errorf("exit %d, %s", code, ro.errout)
	}
}

// TestDamagedHistory: what can still be read of a damaged history is exported, and the rest is told.
func TestDamagedHistory(t *testing.T) {
	r := newRig(t)
	s := r.serve("--workspace", r.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/a"}]}`))
	for range 150 {
		post(t, s.url+"/in/a", strings.Repeat("x", 2000))
	}
	if code := s.stop(); code != 0 {
		t.Fatalf("exit %d, %s", code, s.errout)
	}
	path := engine.HistoryPath(r.home)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for page := len(data)/4096 - 12; page < len(data)/4096-4; page += 2 { // the newest bodies lie there
		copy(data[page*4096:], strings.Repeat("\xa5", 4096))
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	got := r.do("", "export", "--format", "json", "--limit", "1000")
	if n := strings.Count(got.out, "\n"); got.code != 0 || n < 100 || n >= 150 || !strings.Contains(got.errout, "cannot be read and were left out") {
		t.Errorf("exit %d, %d captures, %s", got.code, n, got.errout)
	}
}
