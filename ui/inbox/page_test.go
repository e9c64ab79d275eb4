package inbox

import (
	"fmt"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func TestInboxFollowsUntilSelected(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Arrive(1, nil)
	s.Settle()
	if p.list.Selected() != 0 || p.Chosen != 1 {
		t.Fatalf("the first is not shown by itself: row %d, capture %d", p.list.Selected(), p.Chosen)
	}
	s.Arrive(29, func(i int, c *core.Capture) {
		c.Event.Type = fmt.Sprintf("event.%d", i+1)
		c.Request.Target = fmt.Sprintf("/in/%d", i+1)
	})
	s.Settle()
	if p.shown.len() != 30 || p.Chosen != 1 || !p.list.AtTop() || p.pill.Visible() {
		t.Fatalf("%d rows, capture %d is shown, at the top %v", p.shown.len(), p.Chosen, p.list.AtTop())
	}
	if got := eye.Texts(p.list); !strings.Contains(got, "event.29") || strings.Index(got, "event.29") > strings.Index(got, "event.27") {
		t.Errorf("newest is not first:\n%s", got)
	}
	p.list.Select(1)
	p.choose(p.shown.id(1))
	s.Settle()
	if got := stage.On(s, New).detail.title.Text(); got != "/in/28" {
		t.Errorf("detail of %q, want /in/28", got)
	}
	s.Arrive(2, nil)
	s.Settle()
	if p.shown.len() != 32 || p.shown.id(p.list.Selected()) != 29 {
		t.Errorf("after two more: %d rows, selected capture %d, want 29", p.shown.len(), p.shown.id(p.list.Selected()))
	}
	if got := eye.Texts(p.pill); !strings.Contains(got, "2 new") {
		t.Errorf("pill %q, want 2 new", got)
	}
	p.list.ScrollToTop()
	s.Settle()
	if p.pill.Visible() || p.shown.id(p.list.Selected()) != 29 {
		t.Errorf("with the newest in sight the pill stays, or the selection goes to capture %d", p.shown.id(p.list.Selected()))
	}
	p.follow()
	if p.list.Selected() != -1 || p.pill.Visible() {
		t.Error("following again keeps the selection or the pill")
	}
}

// What is selected is read again when something was done to captures, and not for each one that arrives.
func TestTheSelectedIsReadWhenItMayHaveChanged(t *testing.T) {
	s := stage.New(t)
	s.Arrive(3, nil)
	p := stage.On(s, New)
	s.Settle()
	click(s, p, 2, 0)
	s.Arrive(1, nil)
	s.Settle()
	before := p.detail.last.capture
	s.Arrive(5, nil)
	s.Settle()
	if before == nil || p.detail.last.capture != before {
		t.Error("it is read for others that arrive")
	}
	if err := s.E.Store.SetNote(2, "looked at"); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if p.detail.capture.Note != "looked at" {
		t.Errorf("its note is shown as %q", p.detail.capture.Note)
	}
}

func TestInboxFilter(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Arrive(4, func(i int, c *core.Capture) {
		if i%2 == 0 {
			c.Response.Status = 500
		}
	})
	p.filter.Set("status:5xx")
	p.apply()
	s.Settle()
	if p.shown.len() != 2 {
		t.Errorf("%d rows match status:5xx, want 2", p.shown.len())
	}
	p.filter.Set("colour:red")
	p.apply()
	s.Settle()
	if p.shown.len() != 2 {
		t.Errorf("a filter that cannot be read changed the list to %d rows", p.shown.len())
	}
	if got := eye.Texts(p.filter); !strings.Contains(got, "nknown word") {
		t.Errorf("no problem is shown: %s", got)
	}
	p.filter.Set("")
	p.apply()
	s.Settle()
	if p.shown.len() != 4 {
		t.Errorf("%d rows without a filter, want 4", p.shown.len())
	}
}

func TestInboxReadsRowsAsTheyComeIntoSight(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Arrive(3*chunk, nil)
	s.Settle()
	if len(p.shown.rows) > 2*chunk {
		t.Errorf("%d rows are loaded, want those near the top", len(p.shown.rows))
	}
	p.list.ScrollTo(3*chunk - 1)
	s.Settle()
	if got := eye.Texts(p.list); !strings.Contains(got, "event.0\n") {
		t.Errorf("the oldest row is not shown:\n%s", got)
	}
}

func TestHeadersTabKeepsOrderAndSpelling(t *testing.T) {
	s := stage.New(t)
	s.Arrive(1, func(_ int, c *core.Capture) {
		c.Request.Head = []byte("POST / HTTP/1.1\r\nX-b: 1\r\nx-A: two\r\nX-B: 3\u200b\r\n\r\n")
		c.Request.Header = core.ParseHead(c.Request.Head)
	})
	s.Settle()
	stage.On(s, New).choose(1)
	s.Settle()
	stage.On(s, New).detail.turn(2)
	s.Settle()
	got := eye.Texts(stage.On(s, New).detail.stage)
	if a, b, c := strings.Index(got, "X-b"), strings.Index(got, "x-A"), strings.Index(got, "X-B"); a < 0 || b < a || c < b {
		t.Errorf("order or spelling is lost:\n%s", got)
	}
}

func TestEmptyInboxSaysWhereToSend(t *testing.T) {
	s := stage.New(t)
	if err := s.E.Welcome(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if got := eye.Texts(stage.On(s, New).list.Empty); !strings.Contains(got, s.E.URL()+"/in/anything") {
		t.Errorf("no address in\n%s", got)
	}
}

func TestInboxCopiesCode(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Arrive(1, nil)
	s.Settle()
	p.choose(p.shown.id(0))
	s.Settle()
	for i, way := range exchange.Codes() {
		p.copyMenu(p.chosenLot(), p.middle())
		s.Pick("Copy as " + way.Title)
		if got, want := s.W.App.Clipboard().Content(), exchange.Codes()[i].Write(p.detail.capture.Request); got != want || got == "" {
			t.Errorf("%s copied\n%s\nwant\n%s", way.Title, got, want)
		}
	}
}

func TestGoesOnWhileTheKeyringWaitsInbox(t *testing.T) {
	stage.WhileKeyringWaits(t, map[string]func(s *stage.Stage, first <-chan struct{}){
		"send the example": func(s *stage.Stage, first <-chan struct{}) { stage.On(s, New).tryIt(s.GithubSource()) },
		"signature": func(s *stage.Stage, first <-chan struct{}) {
			src := s.GithubSource()
			s.Arrive(1, func(_ int, c *core.Capture) {
				c.Source, c.Receipt.Verdict = src.ID, &core.Verdict{State: core.Mismatch, Scheme: "github"}
			})
			c, err := s.E.Store.Capture(s.T.Context(), 1)
			if err != nil {
				s.T.Fatal(err)
			}
			tab := newSignatureTab(s.W)
			tab.Set(&c)
			tab.Load(s.T.Context(), &c)() // the pump's
			tab.Load(s.T.Context(), &c)() // and again, at the next commit
		},
		"signature, check": func(s *stage.Stage, first <-chan struct{}) {
			s.Arrive(1, nil)
			c, err := s.E.Store.Capture(s.T.Context(), 1)
			if err != nil {
				s.T.Fatal(err)
			}
			f := newSigningForm(s.W, func() {}, func() {})
			f.set(&signatureView{capture: &c})
			github, _ := s.E.Schemes.Book().Find("github")
			f.choose(github)
			f.secret.Set("keyring:a")
			f.apply()
		},
		"replay, signed anew": func(s *stage.Stage, first <-chan struct{}) {
			s.Arrive(1, nil)
			d := newReplayDialog(s.W, lot{query: engine.One(1), n: 1, one: 1}, lot{}, false, lastReplay{To: []string{"http://127.0.0.1:1/"}, Mode: signedAnew})
			d.scheme.Choose("github")
			s.Choose(d.secret.View(), "System keyring") // it begins with this run
			d.secret.Type("mine")
			d.start()
		},
	})
}

// A capture that another page opens before the list knows it is selected there as soon as it does.
func TestCaptureOpenedBeforeTheListHasIt(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Arrive(2, nil)
	s.Settle()
	s.Arrive(1, nil)
	p.Open(3)
	s.Settle()
	if row := p.list.Selected(); row < 0 || p.shown.id(row) != 3 {
		t.Fatalf("row %d is selected, want capture 3", row)
	}
	p.follow()
	s.Arrive(1, nil)
	s.Settle()
	if row := p.list.Selected(); row >= 0 {
		t.Errorf("row %d is selected again by itself", row)
	}
}

// A word that stands in a body alone is found with Enter twice: the first says where it was looked for.
func TestAWordThatOnlyABodyHas(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Arrive(5, func(i int, c *core.Capture) {
		c.Request.Body = []byte("nothing of note")
		if i == 2 {
			c.Request.Body = []byte("the word is sesquipedalian")
		}
	})
	s.Settle()
	p.filter.Set("method:POST sesquipedalian")
	p.submit()
	s.Settle()
	if p.shown.len() != 0 {
		t.Fatalf("%d rows", p.shown.len())
	}
	s.Has(p.list.Empty, "Look into the bodies", "may stand in a body")
	p.submit()
	s.Settle()
	s.Settle()
	if p.Chosen != 3 || p.filter.Query() != "method:POST body:sesquipedalian" {
		t.Errorf("capture %d is open, with the filter %q", p.Chosen, p.filter.Query())
	}
	p.filter.Set("method:PUT")
	p.submit()
	s.Settle()
	s.Has(p.list.Empty, "Clear the filter")
	s.Lacks(p.list.Empty, "Look into the bodies")
	for filter, want := range map[string]string{
		`a`: "body:a", `"a b:c" -d e:f`: `body:"a b:c" -d e:f`, "sig:bad": "", "-x": "", "": "",
	} {
		if got, words := intoBodies(filter); words != (want != "") || words && got != want {
			t.Errorf("%q: %q", filter, got)
		}
	}
}
