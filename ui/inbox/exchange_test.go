package inbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
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
	s := stage.New(t)
	p := stage.On(s, New)
	path := write(t, "a.sh", "curl http://a.test/one -H 'X-GitHub-Event: push' -d 1\ncurl -F a=@b http://a.test/\ncurl http://a.test/two\n")
	second := write(t, "b.jsonl", `{"hookglass_capture":1,"method":"GET","target":"/three"}`)
	Dropped(s.W, []fyne.URI{storage.NewFileURI(path), storage.NewFileURI(second)})
	s.Settle()
	s.Says("the first of 2", "2 captures from curl commands", "http://a.test/one", "1 entry cannot be read", "Command 2: --form", "Import 2 captures")
	if p.shown.len() != 0 {
		t.Error("something was taken before the user said so")
	}
	s.Tap(s.W.Layers, "Import 2 captures")
	s.Says("2 captures imported", "Methods", "1 capture from JSON lines", "GET /three")
	s.Tap(s.W.Layers, "Import 1 capture")
	if n := p.shown.len(); n != 3 {
		t.Errorf("the inbox has %d captures", n)
	}
	if c, err := s.E.Store.Capture(t.Context(), 1); err != nil || c.Note != "imported from a.sh" || c.Event.Type != "push" {
		t.Errorf("%+v, %v", c, err)
	}
	page, err := storage.ParseURI("https://a.test/x.har")
	if err != nil {
		t.Fatal(err)
	}
	Dropped(s.W, []fyne.URI{page})
	s.Says("Only files can be imported")
}

// What the window is told to open from outside stands over the inbox, and nothing of it is taken before somebody says so.
func TestAFileIsOpenedFromOutside(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.W.Go.OpenFiles = func(paths ...string) { OpenFiles(s.W, paths...) }
	s.W.Front(core.Opening{File: write(t, "a.jsonl", `{"hookglass_capture":1,"method":"GET","target":"/one","host":"a.test"}`+"\n"+`{"hookglass_capture":1,"method":"POST","target":"/two","host":"a.test"}`)})
	s.Settle()
	s.Says("2 captures from JSON lines", "Methods", "GET 1, POST 1", "Hosts", "a.test", "Cancel", "Import 2 captures")
	s.Tap(s.W.Layers, "Cancel")
	if p.shown.len() != 0 || s.W.Layers.Covered() {
		t.Error("it was taken without a word")
	}
	s.W.Front(core.Opening{})
	s.Settle()
	if s.W.Layers.Covered() {
		t.Error("without a file something opens")
	}
}

func TestImportByPath(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	if c, ok := eye.Command(p.FileCommands(), "Import a file"); ok {
		c.Do()
		s.Says("Import a file", "Look into it")
	}
	d := importFiles(s.W)
	d.begin()
	if d.path.Problem() == "" {
		t.Error("no file was named, and nothing is said")
	}
	for path, says := range map[string]string{"/no/such/file": "no such file", write(t, "x", "hello"): "is neither a HAR log"} {
		d.path.Set(path)
		d.begin()
		s.Settle()
		if !strings.Contains(d.path.Problem(), says) || d.in != nil {
			t.Errorf("%s: %q", path, d.path.Problem())
		}
	}
	d.path.Set(write(t, "bad.sh", "curl -F a=@b http://a.test/\n"))
	d.begin()
	s.Settle()
	if !d.take.Disabled() {
		t.Error("nothing can be taken, and the button says that it can")
	}
}

func TestImportOfAWorkspace(t *testing.T) {
	s := stage.New(t)
	stage.On(s, New)
	text := `{"hookglass": 1, "sources": [{"platform": "generic", "name": "shop", "path": "/in/shop", "scheme": "stripe", "secret": "plain-secret", "forward": {"url": "https://far.test/", "confirmed": true}}],
	  "endpoints": [{"id": "e", "name": "Mine", "url": "http://127.0.0.1:9/"}]}`
	d := importFiles(s.W, write(t, "w.json", text))
	s.Settle()
	s.Says("A workspace with 1 source and 1 endpoint", "source shop, generic, forwards to https://far.test/", "endpoint Mine", "1 secret stands in the file", "Keep 1 source and 1 endpoint")
	d.place.Select(0)
	d.begin() // there is no keyring here
	s.Settle()
	if !strings.Contains(d.path.Problem(), "eyring") {
		t.Errorf("without a keyring it says %q", d.path.Problem())
	}
	d.place.Select(1)
	d.begin()
	s.Settle()
	s.Says("The workspace is in force")
	sources, err := s.E.Store.Sources(t.Context())
	if err != nil || len(sources) != 1 || sources[0].Name != "shop" || sources[0].Forwards[0].Confirmed {
		t.Errorf("%+v, %v", sources, err)
	}
	importFiles(s.W, write(t, "again.json", text))
	s.Settle()
	s.Says("Takes the place of source shop, endpoint Mine")
}

func TestExportInEveryFormatFromTheWindow(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Arrive(3, func(_ int, c *core.Capture) {
		c.Request.Header = append(c.Request.Header.Clone(), core.Field{Name: "Authorization", Value: "Bearer abcdefghij"})
		c.Request.Head = nil
	})
	p.filter.Set("path:/in/1")
	p.apply()
	s.Settle()
	dir := t.TempDir()
	for _, f := range exchange.Formats() {
		if _, ok := eye.Command(p.FileCommands(), "Export as "+f.Title); !ok {
			t.Errorf("the palette does not offer %s", f.Title)
		}
		d := p.exportAs(f.Name)
		path := filepath.Join(dir, filepath.Base(d.path.Text()))
		if filepath.Base(path) != f.File {
			t.Errorf("%s: suggests %q", f.Name, d.path.Text())
		}
		if !f.Setup {
			s.Says("1 capture: what matches the filter path:/in/1")
		}
		d.path.Set(path)
		d.begin()
		s.Settle()
		text, err := os.ReadFile(path)
		if err != nil || len(text) == 0 || strings.Contains(string(text), "abcdefghij") {
			t.Errorf("%s: %v\n%s", f.Name, err, text)
		}
		if !f.Setup {
			s.Says("1 capture written to", "Masked: request header Authorization")
			if strings.Contains(string(text), "/in/2") {
				t.Errorf("%s: more than the filter was written", f.Name)
			}
		}
		s.W.Layers.Back()
	}
}

func TestExportAsksBeforeItReplaces(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Arrive(1, nil)
	s.Settle()
	path := write(t, "out.har", "as it was")
	d := p.exportAs("har")
	d.path.Set(path)
	d.begin()
	s.Settle()
	if text, _ := os.ReadFile(path); string(text) != "as it was" {
		t.Error("it was replaced without a question")
	}
	s.Tap(s.W.Layers, "Replace it")
	if text, _ := os.ReadFile(path); !strings.Contains(string(text), `"log"`) {
		t.Errorf("it holds %q", text)
	}
	for path, says := range map[string]string{"": "Name a file", "x.har": "Name a file", filepath.Dir(path): "a folder", "/no/such/folder/x.har": "no such file"} {
		d.path.Set(path)
		d.begin()
		s.Settle()
		if !strings.Contains(d.path.Problem(), says) {
			t.Errorf("%q: %q", path, d.path.Problem())
		}
	}
}

func TestExportCanBeCancelled(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Arrive(200, nil)
	s.Settle()
	d := p.exportAs("json")
	path := filepath.Join(t.TempDir(), "out.jsonl")
	d.path.Set(path)
	d.begin()
	d.work.End() // what runs is off this goroutine: it may have ended by now, and then the file is whole
	s.Settle()
	text, err := os.ReadFile(path)
	if lines := strings.Count(string(text), "\n"); err == nil && lines != 200 {
		t.Errorf("a part of it was written: %d lines", lines)
	}
	if err != nil {
		s.Says("Stopped: nothing was written")
	}
	if d.work.Busy() || d.start.Disabled() {
		t.Error("it cannot be started again")
	}
}

func TestNothingToExport(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Settle()
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
