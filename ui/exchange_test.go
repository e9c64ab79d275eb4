package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"hookglass/core"
	"hookglass/core/exchange"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImportByDroppingAFile(t *testing.T) {
	s := newStage(t)
	p := on(s, newInbox)
	path := write(t, "a.sh", "curl http://a.test/one -H 'X-GitHub-Event: push' -d 1\ncurl -F a=b http://a.test/\ncurl http://a.test/two\n")
	second := write(t, "b.jsonl", `{"hookglass_capture":1,"method":"GET","target":"/three"}`)
	dropped(s.w, []fyne.URI{storage.NewFileURI(path), storage.NewFileURI(second)})
	s.settle()
	s.says("the first of 2", "2 captures from curl commands", "http://a.test/one", "1 entry cannot be read", "Command 2: --form", "Add 2 captures")
	if p.shown.len() != 0 {
		t.Error("something was taken before the user said so")
	}
	s.tap(s.w.layers, "Add 2 captures")
	s.says("2 captures added", "1 capture from JSON lines", "GET /three")
	s.tap(s.w.layers, "Add 1 capture")
	if n := p.shown.len(); n != 3 {
		t.Errorf("the inbox has %d captures", n)
	}
	if c, err := s.e.Store.Capture(t.Context(), 1); err != nil || c.Note != "imported from a.sh" || c.Event.Type != "push" {
		t.Errorf("%+v, %v", c, err)
	}
	dropped(s.w, []fyne.URI{storage.NewURI("https://a.test/x.har")})
	s.says("Only files can be imported")
}

func TestImportByPath(t *testing.T) {
	s := newStage(t)
	p := on(s, newInbox)
	if c, ok := eyeCommand(p.fileCommands(), "Import a file"); ok {
		c.Do()
		s.says("Import a file", "Look into it")
	}
	d := importFiles(s.w)
	d.begin()
	if d.path.Problem() == "" {
		t.Error("no file was named, and nothing is said")
	}
	for path, says := range map[string]string{"/no/such/file": "no such file", write(t, "x", "hello"): "is neither a HAR log"} {
		d.path.Set(path)
		d.begin()
		s.settle()
		if !strings.Contains(d.path.Problem(), says) || d.in != nil {
			t.Errorf("%s: %q", path, d.path.Problem())
		}
	}
	d.path.Set(write(t, "bad.sh", "curl -F a=b http://a.test/\n"))
	d.begin()
	s.settle()
	if !d.take.Disabled() {
		t.Error("nothing can be taken, and the button says that it can")
	}
}

func TestImportOfAWorkspace(t *testing.T) {
	s := newStage(t)
	on(s, newInbox)
	text := `{"hookglass": 1, "sources": [{"platform": "generic", "name": "shop", "path": "/in/shop", "scheme": "stripe", "secret": "plain-secret", "forward": {"url": "https://far.test/", "confirmed": true}}],
	  "endpoints": [{"id": "e", "name": "Mine", "url": "http://127.0.0.1:9/"}]}`
	d := importFiles(s.w, write(t, "w.json", text))
	s.settle()
	s.says("A workspace with 1 source and 1 endpoint", "source shop, generic, forwards to https://far.test/", "endpoint Mine", "1 secret stands in the file", "Keep 1 source and 1 endpoint")
	d.place.Select(0)
	d.begin() // there is no keyring here
	s.settle()
	if !strings.Contains(d.path.Problem(), "eyring") {
		t.Errorf("without a keyring it says %q", d.path.Problem())
	}
	d.place.Select(1)
	d.begin()
	s.settle()
	s.says("The workspace is in force")
	sources, err := s.e.Store.Sources(t.Context())
	if err != nil || len(sources) != 1 || sources[0].Name != "shop" || sources[0].Forward.Confirmed {
		t.Errorf("%+v, %v", sources, err)
	}
	importFiles(s.w, write(t, "again.json", text))
	s.settle()
	s.says("Takes the place of source shop, endpoint Mine")
}

func TestExportInEveryFormatFromTheWindow(t *testing.T) {
	s := newStage(t)
	p := on(s, newInbox)
	s.arrive(3, func(_ int, c *core.Capture) {
		c.Request.Header = append(c.Request.Header.Clone(), core.Field{Name: "Authorization", Value: "Bearer abcdefghij"})
		c.Request.Head = nil
	})
	p.filter.Set("path:/in/1")
	p.apply()
	s.settle()
	dir := t.TempDir()
	for _, f := range exchange.Formats() {
		if _, ok := eyeCommand(p.fileCommands(), "Export as "+f.Title); !ok {
			t.Errorf("the palette does not offer %s", f.Title)
		}
		d := p.exportAs(f.Name)
		path := filepath.Join(dir, filepath.Base(d.path.Text()))
		if filepath.Base(path) != f.File {
			t.Errorf("%s: suggests %q", f.Name, d.path.Text())
		}
		if !f.Setup {
			s.says("1 capture: what matches the filter path:/in/1")
		}
		d.path.Set(path)
		d.begin()
		s.settle()
		text, err := os.ReadFile(path)
		if err != nil || len(text) == 0 || strings.Contains(string(text), "abcdefghij") {
			t.Errorf("%s: %v\n%s", f.Name, err, text)
		}
		if !f.Setup {
			s.says("1 capture written to", "Masked: request header Authorization")
			if strings.Contains(string(text), "/in/2") {
				t.Errorf("%s: more than the filter was written", f.Name)
			}
		}
		s.w.layers.Back()
	}
}

func TestExportAsksBeforeItReplaces(t *testing.T) {
	s := newStage(t)
	p := on(s, newInbox)
	s.arrive(1, nil)
	s.settle()
	path := write(t, "out.har", "as it was")
	d := p.exportAs("har")
	d.path.Set(path)
	d.begin()
	s.settle()
	if text, _ := os.ReadFile(path); string(text) != "as it was" {
		t.Error("it was replaced without a question")
	}
	s.tap(s.w.layers, "Replace it")
	if text, _ := os.ReadFile(path); !strings.Contains(string(text), `"log"`) {
		t.Errorf("it holds %q", text)
	}
	for path, says := range map[string]string{"": "Name a file", "x.har": "Name a file", filepath.Dir(path): "a folder", "/no/such/folder/x.har": "no such file"} {
		d.path.Set(path)
		d.begin()
		s.settle()
		if !strings.Contains(d.path.Problem(), says) {
			t.Errorf("%q: %q", path, d.path.Problem())
		}
	}
}

func TestExportCanBeCancelled(t *testing.T) {
	s := newStage(t)
	p := on(s, newInbox)
	s.arrive(200, nil)
	s.settle()
	d := p.exportAs("json")
	path := filepath.Join(t.TempDir(), "out.jsonl")
	d.path.Set(path)
	d.begin()
	d.work.end() // what runs is off this goroutine: it may have ended by now, and then the file is whole
	s.settle()
	text, err := os.ReadFile(path)
	if lines := strings.Count(string(text), "\n"); err == nil && lines != 200 {
		t.Errorf("a part of it was written: %d lines", lines)
	}
	if err != nil {
		s.says("Stopped: nothing was written")
	}
	if d.work.busy() || d.start.Disabled() {
		t.Error("it cannot be started again")
	}
}

func TestNothingToExport(t *testing.T) {
	s := newStage(t)
	p := on(s, newInbox)
	s.settle()
	d := p.exportAs("har")
	if !d.start.Disabled() {
		t.Error("there is nothing to write")
	}
	for i, f := range d.formats {
		if f.Setup {
			d.format.Choose(i)
			d.turn()
		}
	}
	if d.start.Disabled() {
		t.Error("a set-up can be written without captures")
	}
}
