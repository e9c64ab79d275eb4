package ui

import (
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/exchange"
)

func TestInboxFollowsUntilSelected(t *testing.T) {
	s := newStage(t)
	p := on(s, newInbox)
	s.arrive(3, nil)
	s.settle()
	if p.shown.len() != 3 || p.list.Selected() != -1 {
		t.Fatalf("%d rows, selected %d", p.shown.len(), p.list.Selected())
	}
	if got := eyeTexts(p.list); !strings.Contains(got, "event.2") || strings.Index(got, "event.2") > strings.Index(got, "event.0") {
		t.Errorf("newest is not first:\n%s", got)
	}
	p.list.Select(1)
	p.choose(p.shown.id(1))
	s.settle()
	if got := on(s, newInbox).detail.title.Text(); got != "/in/1" {
		t.Errorf("detail of %q, want /in/1", got)
	}
	s.arrive(2, nil)
	s.settle()
	if p.shown.len() != 5 || p.shown.id(p.list.Selected()) != 2 {
		t.Errorf("after two more: %d rows, selected capture %d, want 2", p.shown.len(), p.shown.id(p.list.Selected()))
	}
	if got := eyeTexts(p.pill); !strings.Contains(got, "2 new") {
		t.Errorf("pill %q, want 2 new", got)
	}
	p.follow()
	if p.list.Selected() != -1 || p.pill.Visible() {
		t.Error("following again keeps the selection or the pill")
	}
}

func TestInboxFilter(t *testing.T) {
	s := newStage(t)
	p := on(s, newInbox)
	s.arrive(4, func(i int, c *core.Capture) {
		if i%2 == 0 {
			c.Response.Status = 500
		}
	})
	p.filter.Set("status:5xx")
	p.apply()
	s.settle()
	if p.shown.len() != 2 {
		t.Errorf("%d rows match status:5xx, want 2", p.shown.len())
	}
	p.filter.Set("colour:red")
	p.apply()
	s.settle()
	if p.shown.len() != 2 {
		t.Errorf("a filter that cannot be read changed the list to %d rows", p.shown.len())
	}
	if got := eyeTexts(p.filter); !strings.Contains(got, "nknown word") {
		t.Errorf("no problem is shown: %s", got)
	}
	p.filter.Set("")
	p.apply()
	s.settle()
	if p.shown.len() != 4 {
		t.Errorf("%d rows without a filter, want 4", p.shown.len())
	}
}

func TestInboxReadsRowsAsTheyComeIntoSight(t *testing.T) {
	s := newStage(t)
	p := on(s, newInbox)
	s.arrive(3*chunk, nil)
	s.settle()
	if len(p.shown.rows) > 2*chunk {
		t.Errorf("%d rows are loaded, want those near the top", len(p.shown.rows))
	}
	p.list.ScrollTo(3*chunk - 1)
	s.settle()
	if got := eyeTexts(p.list); !strings.Contains(got, "event.0\n") {
		t.Errorf("the oldest row is not shown:\n%s", got)
	}
}

func TestHeadersTabKeepsOrderAndSpelling(t *testing.T) {
	s := newStage(t)
	s.arrive(1, func(_ int, c *core.Capture) {
		c.Request.Head = []byte("POST / HTTP/1.1\r\nX-b: 1\r\nx-A: two\r\nX-B: 3\u200b\r\n\r\n")
		c.Request.Header = core.ParseHead(c.Request.Head)
	})
	s.settle()
	on(s, newInbox).choose(1)
	s.settle()
	on(s, newInbox).detail.turn(2)
	s.settle()
	got := eyeTexts(on(s, newInbox).detail.stage)
	if a, b, c := strings.Index(got, "X-b"), strings.Index(got, "x-A"), strings.Index(got, "X-B"); a < 0 || b < a || c < b {
		t.Errorf("order or spelling is lost:\n%s", got)
	}
}

func TestEmptyInboxSaysWhereToSend(t *testing.T) {
	s := newStage(t)
	if err := s.e.Welcome(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.settle()
	if got := eyeTexts(on(s, newInbox).list.Empty); !strings.Contains(got, s.e.URL()+"/in/anything") {
		t.Errorf("no address in\n%s", got)
	}
}

func TestInboxCopiesCode(t *testing.T) {
	s := newStage(t)
	p := on(s, newInbox)
	s.arrive(1, nil)
	s.settle()
	p.choose(p.shown.id(0))
	s.settle()
	for i, c := range p.copyCommands() {
		c.Do()
		if got, want := s.w.app.Clipboard().Content(), exchange.Codes()[i].Write(p.detail.capture.Request); got != want || got == "" {
			t.Errorf("%s copied\n%s\nwant\n%s", c.Label, got, want)
		}
	}
}

func TestGoesOnWhileTheKeyringWaitsInbox(t *testing.T) {
	whileKeyringWaits(t, map[string]func(s *stage, first <-chan struct{}){
		"send the example": func(s *stage, first <-chan struct{}) { on(s, newInbox).tryIt(s.githubSource()) },
		"signature": func(s *stage, first <-chan struct{}) {
			src := s.githubSource()
			s.arrive(1, func(_ int, c *core.Capture) {
				c.Source, c.Receipt.Verdict = src.ID, &core.Verdict{State: core.Mismatch, Scheme: "github"}
			})
			c, err := s.e.Store.Capture(s.t.Context(), 1)
			if err != nil {
				s.t.Fatal(err)
			}
			tab := newSignatureTab(s.w)
			tab.set(&c)
			tab.load(s.t.Context(), &c)() // the pump's
			tab.load(s.t.Context(), &c)() // and again, at the next commit
		},
		"signature, check": func(s *stage, first <-chan struct{}) {
			s.arrive(1, nil)
			c, err := s.e.Store.Capture(s.t.Context(), 1)
			if err != nil {
				s.t.Fatal(err)
			}
			f := newSigningForm(s.w, func() {}, func() {})
			f.set(&signatureView{capture: &c})
			github, _ := s.e.Schemes.Book().Find("github")
			f.choose(github)
			f.secret.Set("keyring:a")
			f.apply()
		},
		"replay, signed anew": func(s *stage, first <-chan struct{}) {
			s.arrive(1, nil)
			d := newReplayDialog(s.w, []core.CaptureID{1}, nil, false, lastReplay{To: []string{"http://127.0.0.1:1/"}, Mode: signedAnew})
			d.scheme.Choose("github")
			s.choose(d.secret.View(), "System keyring") // it begins with this run
			d.secret.Type("mine")
			d.start()
		},
	})
}
