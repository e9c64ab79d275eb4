package ui

import (
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/stage"
)

// filled is the whole window with something on every page.
func filled(t *testing.T) (*stage.Stage, *shell) {
	t.Helper()
	s := stage.New(t)
	ui := newShell(s.W)
	src := core.Source{Name: "orders", Platform: "generic", Settings: core.Values{"path": "/in/orders"}}
	if err := s.E.PutSource(s.W.Ctx, &src); err != nil {
		t.Fatal(err)
	}
	s.Arrive(3, func(i int, c *core.Capture) {
		if i == 1 {
			c.Request.Head = []byte("POST /in/1 HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n")
			c.Request.Header = core.ParseHead(c.Request.Head)
			c.Request.Body = []byte("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--b--\r\n")
		}
	})
	s.Owe(2, nil)
	s.Work(stage.WorkItem("wi_1", "DONE", true, false))
	if err := s.E.Endpoints.Put(s.W.Ctx, &core.Endpoint{Name: "Shop", Active: true, Target: core.Target{URL: "http://127.0.0.1:1/hook"}}); err != nil {
		t.Fatal(err)
	}
	s.W.Go.OpenCapture(2)
	s.Settle()
	s.W.Go.OpenSource(src.ID, "")
	s.Settle()
	return s, ui
}

// visit shows every page in turn, until it is at rest.
func visit(s *stage.Stage, each func(p frame.Page)) {
	for _, p := range s.W.Pages {
		s.W.Open(p.Name())
		s.Settle()
		s.W.Win.Canvas().Unfocus() // a cursor that blinks is not the same twice
		s.Settle()
		each(p)
		if tabs := eye.All[*control.Tabs](p.View()); p.Name() == "Inbox" {
			tabs[0].OnSelect(1) // the body, and its parts
			s.Settle()
			s.Settle()
			each(p)
			tabs[0].OnSelect(0)
		}
		if sections := eye.All[*control.Segmented](p.View()); p.Name() == "Deliveries" {
			sections[0].OnSelect(1) // the endpoints
			s.Settle()
			each(p)
			sections[0].OnSelect(0)
		}
	}
}

// After a minute on another page Fyne has thrown away what drew the first one. It must look as it was left.
func TestPagesOutliveTheirRenderers(t *testing.T) {
	eye.ComparesPictures(t)
	s, _ := filled(t)
	reached := map[string]bool{}
	for _, mode := range []control.Mode{control.DarkMode, control.LightMode} {
		s.W.SetMode(mode)
		visit(s, func(p frame.Page) {
			eye.Kinds(s.W.Win.Content(), reached)
			before := s.W.Win.Canvas().Capture()
			eye.Forget(t, s.W.Win.Content())
			if n := eye.Differ(before, s.W.Win.Canvas().Capture()); n > 0 {
				t.Errorf("%s in %s: with other renderers %d pixels are not the same", p.Name(), mode, n)
			}
		})
	}
	eye.Kinds(part.NewSolid(control.Gap(1, 1), fyne.NewSize(1, 1)), reached)
	for _, folder := range packages(t) {
		for _, kind := range eye.KindsIn(t, folder) {
			if folder != "control" && !reached[kind] { // those of control have a test of their own
				t.Errorf("no page here shows a %s: let filled bring one up", kind)
			}
		}
	}
}

// packages are the folders below this one that have Go files.
func packages(t *testing.T) (folders []string) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if files, _ := filepath.Glob(filepath.Join(e.Name(), "*.go")); e.IsDir() && len(files) > 0 {
			folders = append(folders, e.Name())
		}
	}
	return folders
}

// A page that is not in front while the theme changes is in the new one when it comes back: it looks as what is made anew.
func TestThemeReachesPagesThatAreNotInFront(t *testing.T) {
	eye.ComparesPictures(t)
	s, _ := filled(t)
	for _, mode := range []control.Mode{control.LightMode, control.DarkMode} {
		visit(s, func(frame.Page) { s.W.Win.Canvas().Capture() })
		s.W.SetMode(mode)
		visit(s, func(p frame.Page) {
			back := s.W.Win.Canvas().Capture()
			eye.Forget(t, s.W.Win.Content())
			if n := eye.Differ(back, s.W.Win.Canvas().Capture()); n > 0 {
				t.Errorf("%s: %d pixels are not in the %s theme that came while it was away", p.Name(), n, mode)
			}
		})
	}
}

// What was away for so long that Fyne forgot it takes the keyboard when it comes back.
func TestAPageThatWasForgottenTakesTheKeyboard(t *testing.T) {
	s, ui := filled(t)
	s.W.Open("Inbox")
	s.Settle()
	list := ui.inbox.Focus()
	s.W.Open("Work")
	s.Settle()
	eye.Forget(t, ui.inbox.View())
	s.W.Open("Inbox")
	if got := s.W.Win.Canvas().Focused(); got != list {
		t.Errorf("%T has the keyboard", got)
	}
}
