package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hookglass/core/engine"
)

// TestALargeFileIsNotHeld: a HAR log and JSON lines above the bound are looked through, and taken entry by entry, with what cannot be
// read named as in a small one.
func TestALargeFileIsNotHeld(t *testing.T) {
	e, dir := openExchange(t)
	body := strings.Repeat("x", 10_000)
	harEntry := func(i int) string {
		method := `"method":"POST",`
		if i == 3 {
			method = ""
		}
		return fmt.Sprintf(`{"startedDateTime":"2026-03-14T09:20:00Z","request":{%s"url":"http://a.test/in/%d","headers":[],"postData":{"mimeType":"text/plain","text":%q}}}`, method, i, body)
	}
	lineOf := func(i int) string {
		version := 1
		if i == 3 {
			version = 9
		}
		return fmt.Sprintf(`{"hookglass_capture":%d,"method":"POST","target":"/in/%d","note":"own","body_b64":%q}`, version, i, "eHh4"+strings.Repeat("eHh4", 2_500))
	}
	const n = 1800
	all := func(one func(int) string, between string) string {
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteString(between)
			}
			b.WriteString(one(i))
		}
		return b.String()
	}
	for name, tt := range map[string]struct{ text, where, note string }{
		"a.har":   {"\xef\xbb\xbf" + `{"log":{"entries":[` + all(harEntry, ",") + `]}}`, "log.entries[3].request.method", "imported from a.har"},
		"a.jsonl": {all(lineOf, "\n"), "line 4.hookglass_capture", "own (imported from a.jsonl)"},
	} {
		in, err := e.Exchange.Read(t.Context(), file(t, dir, name, tt.text))
		if err != nil || in.Path == "" || len(in.Captures)+in.More != n-1 || in.More == 0 || len(in.Unread) != 1 || in.Unread[0].Why.Field != tt.where {
			t.Errorf("%s: %d bytes: path %q, %d captures and %d more, unread %+v, %v", name, len(tt.text), in.Path, len(in.Captures), in.More, in.Unread, err)
			continue
		}
		for _, c := range in.Captures {
			if c.Request.Body != nil || c.Request.Method != "POST" || c.Request.Size == 0 {
				t.Fatalf("%s: a preview has %s, a body of %d bytes, of %d", name, c.Request.Method, len(c.Request.Body), c.Request.Size)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		some, err := e.Exchange.TakeLarge(ctx, in, func(int) { cancel() })
		if !errors.Is(err, context.Canceled) || len(some) == 0 || len(some) > 400 {
			t.Errorf("%s: ended early, %d were taken, %v", name, len(some), err)
		}
		ids, err := e.Exchange.TakeLarge(t.Context(), in, nil)
		if err != nil || len(ids) != n-1 {
			t.Errorf("%s: %d were taken, %v", name, len(ids), err)
			continue
		}
		last, err := e.Store.Capture(t.Context(), ids[n-2])
		if err != nil || last.Request.Path() != "/in/1799" || len(last.Request.Body) < 7_000 || last.Note != tt.note || last.Receipt.Outcome == "" {
			t.Errorf("%s: the last is %s, %d bytes, %q, %v", name, last.Request.Target, len(last.Request.Body), last.Note, err)
		}
	}
	path := filepath.Join(dir, "cut.har") // what came before the end is taken
	if err := os.WriteFile(path, []byte(`{"log":{"entries":[`+all(harEntry, ",")), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := e.Exchange.Read(t.Context(), path)
	if err != nil || len(in.Unread) != 2 || len(in.Captures)+in.More != n-1 {
		t.Errorf("broken off: %d captures, unread %+v, %v", len(in.Captures)+in.More, in.Unread, err)
	}
	if len(strings.Repeat("x", engine.LargeFile)) > len(all(harEntry, ",")) {
		t.Error("the files of this test are small ones")
	}
}
