package inbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// mixed are captures of every kind that one looks for.
func mixed(t *testing.T) (*stage.Stage, *Page) {
	t.Helper()
	s := stage.New(t)
	now := time.Now()
	s.Arrive(40, func(i int, c *core.Capture) {
		c.At = now.Add(-time.Duration(40-i) * 10 * time.Second)
		switch {
		case i%10 == 3:
			c.Receipt.Verdict = &core.Verdict{State: core.Mismatch, Scheme: "stripe"}
		case i%10 == 5:
			c.Response.Status = 500
		case i == 7:
			c.Receipt.Outcome, c.Response.Status = core.Limited, 429
		case i == 8:
			c.Receipt.Outcome, c.Response.Status, c.Source, c.Name = core.Unmatched, 404, 0, ""
		}
	})
	p := stage.On(s, New)
	s.Settle()
	return s, p
}

func TestChipsCountWhatOneLooksFor(t *testing.T) {
	s, p := mixed(t)
	s.Has(p.chips.row, "Bad signature 4", "Errors 6", "Limited 1", "No source 1")
	s.Lacks(p.chips.row, "Pinned")
	tap := func(word string) {
		t.Helper()
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.word == word })
		p.chips.chips[i].Press.Tapped(nil)
		s.Settle()
		s.Settle()
	}
	tap("sig:bad")
	if p.filterText() != "sig:bad" || p.shown.len() != 4 || !p.chips.chips[0].On() {
		t.Errorf("filter %q, %d rows, the chip is on: %v", p.filterText(), p.shown.len(), p.chips.chips[0].On())
	}
	if id := p.shown.id(0); p.Chosen != id || p.list.Selected() != 0 {
		t.Errorf("the newest that matches is %d, shown is %d", id, p.Chosen)
	}
	s.Has(p.chips.row, "Bad signature 4", "Errors 6") // of the rest of the filter
	tap("is:error")
	if p.filterText() != "sig:bad is:error" || p.shown.len() != 0 {
		t.Errorf("filter %q, %d rows", p.filterText(), p.shown.len())
	}
	tap("sig:bad")
	tap("is:error")
	if p.filterText() != "" || p.shown.len() != 40 {
		t.Errorf("taken away, the filter is %q with %d rows", p.filterText(), p.shown.len())
	}
	p.Only("body", "n")
	s.Settle()
	s.Lacks(p.chips.row, "4", "6") // a filter that reads bodies is not counted again and again

	p.filter.Set("")
	p.apply()
	s.Settle()
	s.Arrive(1, func(_ int, c *core.Capture) { c.Receipt.Verdict = &core.Verdict{State: core.Stale} })
	s.Settle() // it was counted a moment ago
	s.Later()
	s.Settle()
	s.Has(p.chips.row, "Bad signature 5")
}

func TestEnterOpensTheHit(t *testing.T) {
	s, p := mixed(t)
	p.filter.Focus()
	f := s.W.Win.Canvas().Focused()
	for _, r := range "sig:bad" {
		f.TypedRune(r)
	}
	f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.Settle()
	s.Settle()
	if p.Chosen != 34 || p.shown.len() != 4 || s.W.Win.Canvas().Focused() != fyne.Focusable(p.list) || s.W.Layers.Covered() {
		t.Errorf("capture %d of %d is open, the keyboard is at %T", p.Chosen, p.shown.len(), s.W.Win.Canvas().Focused())
	}
	p.list.Select(3)
	p.choose(4)
	p.filter.Focus()
	s.W.Win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) // nothing has changed
	s.Settle()
	if p.Chosen != 34 {
		t.Errorf("Enter on the same filter opens capture %d", p.Chosen)
	}
}

func TestTheCountSaysWhatItCounts(t *testing.T) {
	s, p := mixed(t)
	says := func(filter, want string) {
		t.Helper()
		p.filter.Set(filter)
		p.apply()
		s.Settle()
		if got := p.note.Text(); got != want {
			t.Errorf("%q: %q, want %q", filter, got, want)
		}
	}
	says("", "40 requests")
	says("sig:bad", "4 requests match the filter")
	says("colour:red", "4 requests, as before")
	if !strings.Contains(p.filter.Problem(), "nknown word") {
		t.Errorf("problem %q", p.filter.Problem())
	}
	says("is:limited", "1 request matches the filter")
	if p.filter.Problem() != "" {
		t.Errorf("it still says %q", p.filter.Problem())
	}
	p.filter.Focus()
	f := s.W.Win.Canvas().Focused()
	for _, r := range " outcome:" {
		f.TypedRune(r)
	}
	s.Later()
	if p.filter.Problem() != "" {
		t.Errorf("while a value is still to come it says %q", p.filter.Problem())
	}
}

func TestABarOfTheLineNarrowsTheTime(t *testing.T) {
	s, p := mixed(t)
	bar := slices.IndexFunc(p.pulse.beat.All, func(n float64) bool { return n > 1 })
	if bar < 0 {
		t.Fatalf("no bar: %v", p.pulse.beat.All)
	}
	want := int(p.pulse.beat.All[bar])
	if said := p.sayBeat(bar); !strings.Contains(said, " to ") || !strings.Contains(said, "requests") {
		t.Errorf("the bar says %q", said)
	}
	p.filter.Set("source:stripe since:1h")
	p.spark.OnTap(bar)
	s.Settle()
	s.Settle()
	got := p.filterText()
	if !strings.HasPrefix(got, "since:2") || !strings.Contains(got, " until:2") || !strings.HasSuffix(got, " source:stripe") || strings.Contains(got, "1h") {
		t.Errorf("filter %q", got)
	}
	if n := p.shown.len(); n < want-1 || n > want+1 || n == 0 { // whole seconds, and the one without a source
		t.Errorf("%d rows of a bar of %d", n, want)
	}
}

func TestFiltersAreSavedUsedRenamedAndDeleted(t *testing.T) {
	s, p := mixed(t)
	names := func() (out []string) {
		all, _ := s.E.History.Filters(t.Context())
		for _, f := range all {
			out = append(out, f.Name+"="+f.Filter)
		}
		return out
	}
	p.Only("sig", "bad")
	s.Settle()
	p.savedMenu(p.list)
	s.Settle()
	s.Pick("Save this filter…")
	s.Tap(s.W.Layers, "Save")
	s.Says("Give the filter a name.")
	eye.All[*control.Field](s.W.Layers)[len(eye.All[*control.Field](s.W.Layers))-1].Set("Bad ones")
	s.Tap(s.W.Layers, "Save")
	if got := names(); !slices.Equal(got, []string{"Bad ones=sig:bad"}) || s.W.Layers.Covered() {
		t.Fatalf("saved %q", got)
	}
	p.filter.Set("")
	p.apply()
	s.Settle()
	p.savedMenu(p.list)
	s.Settle()
	s.Pick("Bad ones")
	if p.filterText() != "sig:bad" || p.shown.len() != 4 {
		t.Errorf("used, the filter is %q with %d rows", p.filterText(), p.shown.len())
	}
	saved := engine.SavedFilter{Name: "Bad ones", Filter: "sig:bad"}
	p.FilterMenu(saved, fyne.NewPos(10, 10))
	s.Pick("Rename…")
	eye.All[*control.Field](s.W.Layers)[len(eye.All[*control.Field](s.W.Layers))-1].Set("Forged")
	s.Tap(s.W.Layers, "Rename")
	if got := names(); !slices.Equal(got, []string{"Forged=sig:bad"}) {
		t.Errorf("renamed %q", got)
	}
	p.FilterMenu(engine.SavedFilter{Name: "Forged", Filter: "sig:bad"}, fyne.NewPos(10, 10))
	s.Pick("Delete the filter")
	if got := names(); len(got) != 0 {
		t.Errorf("deleted, there is %q", got)
	}
	s.Tap(s.W.Layers, "Undo")
	if got := names(); !slices.Equal(got, []string{"Forged=sig:bad"}) {
		t.Errorf("taken back, there is %q", got)
	}
}

func TestWhatIsLikeACaptureIsLeftOut(t *testing.T) {
	s, p := mixed(t)
	p.menu(0, fyne.NewPos(40, 40))
	s.Pick("Not this event")
	if p.filterText() != "-event:event.39" || p.shown.len() != 39 {
		t.Errorf("filter %q, %d rows", p.filterText(), p.shown.len())
	}
}

// A signature that does not hold is what the overview begins with, with the cause and the way to its picture.
func TestTheOverviewLeadsWithTheReason(t *testing.T) {
	s := stage.New(t)
	src := core.Source{Name: "shop", Platform: "generic", Settings: core.Values{"path": "/in/shop", "scheme": "github"}}
	ref, err := s.E.Vault.Put("run", "shop", core.Text("s3cret"))
	if err != nil {
		t.Fatal(err)
	}
	src.Secrets = map[string]core.SecretRef{"secret": ref}
	if err := s.E.PutSource(t.Context(), &src); err != nil {
		t.Fatal(err)
	}
	id := s.Receive(&src, stage.SignedCase{Scheme: "github", Secret: "s3cret", With: "s3cret", Body: `{"zen":"Keep it simple"}`, Change: func(r *core.Request) { r.Body = append(r.Body, '\n') }})
	p := stage.On(s, New)
	s.Settle()
	for range 4 { // shown, diagnosed, read again
		s.Settle()
	}
	if p.Chosen != id {
		t.Fatalf("capture %d is shown", p.Chosen)
	}
	got := eye.Line(p.detail.stage)
	for _, want := range []string{"Signature does not match", "The line break at the end was not signed", "Accepted all the same", "Keep it simple"} {
		if !strings.Contains(got, want) {
			t.Errorf("the overview does not say %q:\n%s", want, got)
		}
	}
	if at := strings.Index(got, "Accepted"); at < strings.Index(got, "Signature does not match") {
		t.Error("the answer stands before the reason")
	}
	s.Tap(p.detail.stage, "Show the signature")
	if p.detail.tabs.Selected() != 3 {
		t.Errorf("tab %d", p.detail.tabs.Selected())
	}
	p.detail.openTab("Overview")
	s.Settle()
	p.detail.shieldPress.Tapped(nil)
	s.Settle()
	if p.detail.tabs.Selected() != 3 {
		t.Errorf("the badge leads to tab %d", p.detail.tabs.Selected())
	}
}

// Looking at a capture whose secret is gone takes nothing away from what was found while it was there.
func TestALookKeepsTheVerdictOfASecretThatIsGone(t *testing.T) {
	s := stage.New(t)
	src := core.Source{Name: "shop", Platform: "generic", Settings: core.Values{"path": "/in/shop", "scheme": "github"}, Secrets: map[string]core.SecretRef{"secret": "run:gone"}}
	if err := s.E.Store.PutSource(&src); err != nil {
		t.Fatal(err)
	}
	s.Arrive(1, func(_ int, c *core.Capture) {
		c.Source, c.Receipt.Verdict = src.ID, &core.Verdict{State: core.Mismatch, Scheme: "github"}
		c.Request.Head = []byte("POST /in/shop HTTP/1.1\r\nHost: h\r\nX-Hub-Signature-256: sha256=" + strings.Repeat("0", 64) + "\r\n\r\n")
		c.Request.Header = core.ParseHead(c.Request.Head)
	})
	p := stage.On(s, New)
	for range 4 {
		s.Settle()
	}
	c, err := s.E.Store.Capture(t.Context(), 1)
	if err != nil || c.Receipt.Verdict.State != core.Mismatch {
		t.Errorf("%v: the verdict is %s now", err, c.Receipt.Verdict.State)
	}
	if got := eye.Line(p.detail.stage); !strings.Contains(got, "Signature does not match") {
		t.Errorf("the overview says\n%s", got)
	}
}

// What a request lacks is said as it is, with a next step that can be taken.
func TestTheOverviewOfWhatNeverCameWhole(t *testing.T) {
	s := stage.New(t)
	src := s.GithubSource()
	p := stage.On(s, New)
	for name, c := range map[string]struct {
		change      func(c *core.Capture)
		says, lacks string
	}{
		"head too long": {func(c *core.Capture) {
			c.Source, c.Response.Status, c.Receipt = 0, 431, core.Receipt{Outcome: core.Rejected, Reason: "the head is longer than 64 KiB"}
			c.Request.Truncated, c.Request.Body, c.Request.Size = true, nil, 0
		}, "Only the first", "body limit|Add a source|0 B of 0 B"},
		"head that ended": {func(c *core.Capture) {
			c.Source, c.Response.Status, c.Receipt = 0, 0, core.Receipt{Outcome: core.Rejected, Reason: "the head never completed; the sender got no answer"}
			c.Request.Truncated, c.Request.Body, c.Request.Size = true, nil, 0
		}, "it has no body", "body limit|Add a source|0 B of 0 B"},
		"cut body": {func(c *core.Capture) {
			c.Source, c.Request.Truncated, c.Request.Size = src.ID, true, 100
		}, "Raise the source's body limit", "Add a source"},
		"no source": {func(c *core.Capture) {
			c.Source, c.Response.Status, c.Receipt = 0, 404, core.Receipt{Outcome: core.Unmatched}
		}, "Add a source for /in/0", "body limit"},
	} {
		s.Arrive(1, func(_ int, capture *core.Capture) { c.change(capture) })
		s.Settle()
		p.choose(p.shown.id(0))
		s.Settle()
		got := eye.Line(p.detail.stage)
		if !strings.Contains(got, c.says) {
			t.Errorf("%s: it does not say %q:\n%s", name, c.says, got)
		}
		for _, lack := range strings.Split(c.lacks, "|") {
			if strings.Contains(got, lack) {
				t.Errorf("%s: it says %q:\n%s", name, lack, got)
			}
		}
	}
}

// Where the secret of then is gone, the overview says so instead of nothing.
func TestTheOverviewSaysThatTheSecretIsGone(t *testing.T) {
	s := stage.New(t)
	src := core.Source{Name: "shop", Platform: "generic", Settings: core.Values{"path": "/in/shop", "scheme": "github"}, Secrets: map[string]core.SecretRef{"secret": "run:of an earlier run"}}
	if err := s.E.PutSource(t.Context(), &src); err != nil {
		t.Fatal(err)
	}
	s.Arrive(1, func(_ int, c *core.Capture) {
		c.Source, c.Name = src.ID, src.Name
		c.Request.Head = []byte("POST /in/shop HTTP/1.1\r\nHost: h\r\nX-Hub-Signature-256: sha256=" + strings.Repeat("0", 64) + "\r\n\r\n")
		c.Request.Header = core.ParseHead(c.Request.Head)
		c.Receipt.Verdict = &core.Verdict{State: core.Mismatch, Scheme: "github"}
	})
	p := stage.On(s, New)
	for range 4 {
		s.Settle()
	}
	s.Has(p.detail.stage, "Signature does not match", "is not kept any more")
}
