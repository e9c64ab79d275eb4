package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
)

// openExchange is an engine that nothing is sent to, and a folder for files.
func openExchange(t *testing.T) (*engine.Engine, string) {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e, t.TempDir()
}

func file(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImportReadsWhatItCan(t *testing.T) {
	e, dir := openExchange(t)
	const good = `{"startedDateTime":"2026-03-14T09:20:00Z","request":{"method":"POST","url":"http://a.test/in","headers":[{"name":"Host","value":"a.test"}]}}`
	for name, c := range map[string]struct{ text, place, why string }{
		"a.har":   {`{"log":{"entries":[` + good + `,{"request":{"url":"http://a.test/"}},` + good + `]}}`, "entry 2", "log.entries[1].request.method"},
		"a.sh":    {"curl http://a.test/ -d 1\ncurl -F a=@b http://a.test/\ncurl http://a.test/ -d 2\n", "command 2", "--form"},
		"a.jsonl": {`{"hookglass_capture":1,"method":"GET","target":"/"}` + "\n" + `{"hookglass_capture":9,"method":"GET","target":"/"}` + "\n" + `{"hookglass_capture":1,"method":"GET","target":"/"}`, "line 2", "line 2.hookglass_capture"},
	} {
		in, err := e.Exchange.Read(t.Context(), file(t, dir, name, c.text))
		if err != nil || in.Name != name || len(in.Captures) != 2 || len(in.Unread) != 1 || in.Unread[0].Place != c.place || in.Unread[0].Why.Field != c.why {
			t.Errorf("%s: %+v, %v", name, in, err)
			continue
		}
		var told []int
		ids, err := e.Exchange.Take(t.Context(), in.Name, in.Captures, func(done int) { told = append(told, done) })
		if err != nil || len(ids) != 2 || fmt.Sprint(told) != "[2]" {
			t.Errorf("%s: took %v, told %v, %v", name, ids, told, err)
			continue
		}
		if got, err := e.Store.Capture(t.Context(), ids[1]); err != nil || got.Note != "imported from "+name {
			t.Errorf("%s: kept with the note %q, %v", name, got.Note, err)
		}
	}
	for _, path := range []string{filepath.Join(dir, "nothing"), dir, file(t, dir, "x.txt", "hello")} {
		var invalid *core.Invalid
		if _, err := e.Exchange.Read(t.Context(), path); !errors.As(err, &invalid) || invalid.Field != "file" {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestImportCanEndEarly(t *testing.T) {
	e, _ := openExchange(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ids, err := e.Exchange.Take(ctx, "x", make([]core.Capture, 500), func(int) { cancel() }) // 200 are taken at once
	if !errors.Is(err, context.Canceled) || len(ids) != 200 {
		t.Errorf("%d were taken, %v", len(ids), err)
	}
}

func TestImportOfAWorkspace(t *testing.T) {
	e, dir := openExchange(t)
	const text = `{"hookglass": 1, "sources": [{"platform": "generic", "name": "a", "path": "/in/a", "scheme": "stripe", "secret": "plain-secret",
	  "forward": {"url": "https://far.test/", "confirmed": true}}], "endpoints": [{"id": "e", "name": "E", "url": "http://127.0.0.1:9/"}]}`
	in, err := e.Exchange.Read(t.Context(), file(t, dir, "w.json", text))
	if err != nil || in.Workspace == nil || len(in.Replaces) != 0 || in.Workspace.Sources[0].Forwards[0].Confirmed {
		t.Fatalf("%+v, %v", in, err)
	}
	if sources, _ := e.Store.Sources(t.Context()); len(sources) != 0 {
		t.Error("a look at it changed something")
	}
	if err := e.Exchange.Keep(t.Context(), in.Workspace, "keyring"); err == nil || !strings.Contains(err.Error(), `{"env":"NAME"}`) {
		t.Errorf("without a keyring: %v", err)
	}
	if err := e.Exchange.Keep(t.Context(), in.Workspace, "run"); err != nil {
		t.Fatal(err)
	}
	sources, _ := e.Store.Sources(t.Context())
	if len(sources) != 1 {
		t.Fatalf("%d sources", len(sources))
	}
	if s, err := e.Vault.Resolve(sources[0].Secrets["secret"]); err != nil || string(s.Reveal()) != "plain-secret" {
		t.Errorf("the secret is lost: %v", err)
	}
	again, err := e.Exchange.Read(t.Context(), filepath.Join(dir, "w.json"))
	if err != nil || fmt.Sprint(again.Replaces) != "[source a endpoint E]" {
		t.Errorf("replaces %q, %v", again.Replaces, err)
	}
}

func TestExportInEveryFormat(t *testing.T) {
	e, dir := openExchange(t)
	captures := make([]core.Capture, 3)
	for i := range captures {
		captures[i].Request = core.Request{Method: "POST", Target: fmt.Sprint("/in/", i), Host: "a.test", Header: core.Header{{Name: "Authorization", Value: "Bearer abcdefghij"}}, Body: []byte("{}")}
	}
	if _, err := e.Exchange.Take(t.Context(), "x", captures, nil); err != nil {
		t.Fatal(err)
	}
	for _, f := range exchange.Formats() {
		path := filepath.Join(dir, f.File)
		var told []string
		done, err := e.Exchange.ExportFile(t.Context(), path, engine.Export{Format: f.Name, Limit: 2}, func(done, total int) { told = append(told, fmt.Sprint(done, "/", total)) })
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		text, _ := os.ReadFile(path)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: others may read it: %v, %v", f.Name, info.Mode(), err)
		}
		if f.Setup {
			if _, err := exchange.ParseWorkspace(text); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			continue
		}
		if done.Captures != 2 || done.More != 1 || fmt.Sprint(told) != "[1/2 2/2]" || !strings.Contains(strings.Join(done.Said, "\n"), "masked: request header Authorization (2 captures)") {
			t.Errorf("%s: %+v, told %v", f.Name, done, told)
		}
		if bytes.Contains(text, []byte("abcdefghij")) || len(text) == 0 {
			t.Errorf("%s: a credential got out, or nothing:\n%s", f.Name, text)
		}
	}
	for field, what := range map[string]engine.Export{"format": {Format: "xls"}, "filter": {Format: "har", Filter: "method:PUT"}, "scheme": {Format: "go", Options: exchange.Options{Scheme: "nope"}}} {
		var invalid *core.Invalid
		if _, err := e.Exchange.Export(t.Context(), &bytes.Buffer{}, what, nil); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestAnExportThatEndsEarlyLeavesTheFile(t *testing.T) {
	e, dir := openExchange(t)
	if _, err := e.Exchange.Take(t.Context(), "x", make([]core.Capture, 5), nil); err != nil {
		t.Fatal(err)
	}
	path := file(t, dir, "out.har", "as it was")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := e.Exchange.ExportFile(ctx, path, engine.Export{Format: "har"}, func(int, int) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("it went on: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "as it was" {
		t.Errorf("the file holds %q", text)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("files are left behind: %v", left)
	}
}

// TestAnExportGoesWhereItWasSent: through a link, and where that cannot be, the name that was asked for is said.
func TestAnExportGoesWhereItWasSent(t *testing.T) {
	e, dir := openExchange(t)
	what := engine.Export{Format: "workspace"}
	to, link := file(t, dir, "real.json", "old"), filepath.Join(dir, "link.json")
	if err := os.Symlink(to, link); err != nil {
		t.Skip("this system makes no links: ", err)
	}
	if _, err := e.Exchange.ExportFile(t.Context(), link, what, nil); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(to); !bytes.Contains(text, []byte(`"hookglass": 1`)) {
		t.Errorf("what the link leads to holds %q", text)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is one no longer: %v, %v", info, err)
	}
	for _, path := range []string{filepath.Join(dir, "nowhere", "x.json"), dir} {
		var invalid *core.Invalid
		if _, err := e.Exchange.ExportFile(t.Context(), path, what, nil); !errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), "file: cannot write "+path+": ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
