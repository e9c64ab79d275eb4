package store_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

func TestAddressOfAFile(t *testing.T) {
	for _, tt := range []struct {
		path    string
		windows bool
		want    string
	}{
		{`\\server\share\x.db`, true, "file:////server/share/x.db"},
		{`C:\a b\#?.db`, true, "file:///C%3A/a%20b/%23%3F.db"},
		{`C:\Users\Jürgen\100%+1.db`, true, "file:///C%3A/Users/J%C3%BCrgen/100%25%2B1.db"},
		{`\\?\C:\long\x.db`, true, "file:////%3F/C%3A/long/x.db"},
		{`a\x.db`, true, "file:a/x.db"},
		{"/tmp/a?b#c%20.db", false, "file:///tmp/a%3Fb%23c%2520.db"},
		{`/tmp/a\b;c&d=e.db`, false, "file:///tmp/a%5Cb%3Bc%26d%3De.db"},
		{"a/x.db", false, "file:a/x.db"},
	} {
		got := store.URI(tt.path, tt.windows)
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.path, got, tt.want)
		}
		u, err := url.Parse(got)
		if err != nil || u.Host != "" || u.RawQuery != "" || u.Fragment != "" {
			t.Errorf("%s is read as %+v, %v", got, u, err)
		}
	}
}

// A history opens under every name that a file may have.
func TestOddNames(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("these characters are no part of a name there")
	}
	for _, name := range []string{"a?b#c%20.db", "a b+c.db", `a\b.db`, "ä\t;&=:.db"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		s := must1(store.Open(t.Context(), path))(t)
		keep(t, s, 1, nil)
		must(t, s.Close())
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q: %v; there is %v", name, err, must1(os.ReadDir(dir))(t))
		}
	}
}

// Whatever the folder's mode and whatever stood there: the files are this user's alone.
func TestFilesArePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing there: the folder's list decides")
	}
	for _, before := range []bool{false, true} {
		dir := t.TempDir()
		must(t, os.Chmod(dir, 0o777))
		path := filepath.Join(dir, "h.db")
		if before {
			for _, end := range []string{"", ".lock"} {
				must(t, os.WriteFile(path+end, nil, 0o666))
				must(t, os.Chmod(path+end, 0o666))
			}
		}
		s := must1(store.Open(t.Context(), path))(t)
		keep(t, s, 1, nil)
		seen := map[string]bool{}
		for _, e := range must1(os.ReadDir(dir))(t) {
			info := must1(e.Info())(t)
			if seen[e.Name()] = true; info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v", e.Name(), info.Mode())
			}
		}
		for _, name := range []string{"h.db", "h.db-wal", "h.db-shm", "h.db.lock"} {
			if !seen[name] {
				t.Errorf("there is no %s, only %v", name, seen)
			}
		}
		must(t, s.Close())
	}
}

// A file that somebody else made must not run anything, nor be written over, nor break the program.
func TestForeignFilesAreRefused(t *testing.T) {
	for name, tt := range map[string]struct{ sql, want string }{
		"a trigger":                {"CREATE TRIGGER harmless AFTER INSERT ON capture BEGIN DELETE FROM source; END", `holds a trigger ("harmless")`},
		"a view":                   {"ALTER TABLE capture RENAME TO other; CREATE VIEW capture AS SELECT * FROM other", `holds a view ("capture")`},
		"a schema below all":       {"PRAGMA user_version=-1", "not a Hookglass history (schema -1"},
		"the lowest schema":        {"PRAGMA user_version=-2147483648", "not a Hookglass history"},
		"a schema above all":       {"PRAGMA user_version=2147483647", "update Hookglass"},
		"tables without a schema":  {"PRAGMA user_version=0", "not a Hookglass history (schema 0"},
		"a schema without a table": {"DROP TABLE source", "not a Hookglass history"},
	} {
		path := filepath.Join(t.TempDir(), "h.db")
		s := must1(store.Open(t.Context(), path))(t)
		keep(t, s, 1, nil)
		must(t, s.Close())
		raw(t, path, tt.sql)
		before := must1(os.ReadFile(path))(t)
		for range 2 { // the refusal leaves no lock
			var invalid *core.Invalid
			if _, err := store.Open(t.Context(), path); !errors.As(err, &invalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s, to write: %v", name, err)
			}
			if _, err := store.OpenRead(t.Context(), path); !errors.As(err, &invalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s, to read: %v", name, err)
			}
		}
		if !bytes.Equal(before, must1(os.ReadFile(path))(t)) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// history010 is the history that version 0.1.0 left after six captures, three deliveries and a work item.
func history010(t testing.TB) string {
	t.Helper()
	z := must1(gzip.NewReader(bytes.NewReader(must1(os.ReadFile("testdata/history-0.1.0.db.gz"))(t))))(t)
	path := filepath.Join(t.TempDir(), "h.db")
	must(t, os.WriteFile(path, must1(io.ReadAll(z))(t), 0o644))
	return path
}

// What a released version wrote is opened and read by this one. The file is made by the program of that version itself.
func TestHistoryOf010(t *testing.T) {
	ctx, path := t.Context(), history010(t)
	s := must1(store.Open(ctx, path))(t)
	defer s.Close()
	var seen []string
	for _, r := range must1(s.Captures(ctx, store.Query{}, 0, 10))(t) {
		seen = append(seen, fmt.Sprintf("%d %s %s %s %d", r.ID, r.Name, r.Verdict, r.Outcome, r.Status))
	}
	if got := strings.Join(seen, "\n"); got != "6 agent  accepted 200\n5 forwards  accepted 200\n4   unmatched 404\n3 forwards  accepted 200\n2 github malformed accepted 200\n1 github verified accepted 200" {
		t.Errorf("captures\n%s", got)
	}
	c := must1(s.Capture(ctx, 1))(t)
	if v := c.Receipt.Verdict; string(c.Request.Body) != `{"zen":"Keep it simple"}` || c.Request.Header.Get("X-GitHub-Event") != "ping" || c.Event.Type != "ping" || v == nil || v.State != "verified" {
		t.Errorf("capture 1: %+v", c)
	}
	c = must1(s.Capture(ctx, 3))(t)
	if string(c.Request.Body) != "\x00\xff\xfe binary \x80" || words(c.Deliveries) != "1" {
		t.Errorf("capture 3: %q, deliveries %v", c.Request.Body, c.Deliveries)
	}
	if c = must1(s.Capture(ctx, 6))(t); len(c.Work) != 1 {
		t.Fatalf("capture 6: work %v", c.Work)
	}
	if w := must1(s.Work(ctx, c.Work[0]))(t); w.State != "completed" || w.Capture != 6 || len(w.Steps) == 0 {
		t.Errorf("work %+v", w)
	}
	for id := core.DeliveryID(1); id <= 3; id++ {
		d := must1(s.Delivery(ctx, id))(t)
		if as := must1(s.Attempts(ctx, id))(t); d.State != core.Exhausted || len(as) != 1 || as[0].Failure == "" {
			t.Errorf("delivery %+v, attempts %+v", d, as)
		}
	}
	if src := must1(s.Sources(ctx))(t); len(src) != 4 || src[0].Name != "github" || src[0].Secrets["secret"] != "env:GITHUB_SECRET" {
		t.Errorf("sources %+v", src)
	}
	if eps := must1(s.Endpoints(ctx))(t); len(eps) != 1 || eps[0].Name != "My Webhook" {
		t.Errorf("endpoints %+v", eps)
	}
	keep(t, s, 1, nil)
	must(t, s.Check(ctx))
}

// What the user deletes is gone from the disk: no byte of it is left in the file, its log and what else stands there.
func TestDeletedCapturesLeaveNoTrace(t *testing.T) {
	const marker = "unforgettable"
	dir := t.TempDir()
	path := filepath.Join(dir, "h.db")
	s := must1(store.Open(t.Context(), path))(t)
	defer s.Close()
	size := []int{40, 900, 7_000, 20_000, 300_000}
	keep(t, s, 400, func(i int, c *core.Capture) {
		c.Request.Body = bytes.Repeat([]byte("."), size[i%len(size)])
		if i%7 == 0 {
			c.Request.Target = "/in/" + marker
			c.Request.Head = []byte("POST / HTTP/1.1\r\nX: " + marker + "\r\n\r\n")
			c.Request.Body = append(bytes.Repeat([]byte(marker), 1+size[i%len(size)]/len(marker)), '.')
			c.Event.ID = marker
		}
	})
	for id := core.CaptureID(1); id <= 400; id += 3 { // rows that were written again, larger
		must(t, s.SetNote(id, strings.Repeat("a note ", 300)))
		must(t, s.SetAnswer(id, core.Response{Status: 500, Body: bytes.Repeat([]byte("answer"), 500)}))
	}
	q := must1(store.ParseQuery("path:"+marker, noon))(t)
	must(t, s.Pin(1, true))
	if n, err := s.DeleteCaptures(t.Context(), q); err != nil || n != 57 {
		t.Errorf("deleted %d, %v", n, err)
	}
	count := func() (n int) {
		for _, e := range must1(os.ReadDir(dir))(t) {
			n += bytes.Count(must1(os.ReadFile(filepath.Join(dir, e.Name())))(t), []byte(marker))
		}
		return n
	}
	if count() == 0 {
		t.Error("the pinned one is gone too")
	}
	must(t, s.Pin(1, false))
	if n, err := s.DeleteCaptures(t.Context(), q); err != nil || n != 1 {
		t.Errorf("deleted %d, %v", n, err)
	}
	if n := count(); n != 0 {
		t.Errorf("it is found %d times", n)
	}
	must(t, s.Check(t.Context()))
}
