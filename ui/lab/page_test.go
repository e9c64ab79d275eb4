package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/lab"
	"hookglass/core/limit"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func openLab(s *stage.Stage, part int) *Page {
	s.T.Helper()
	p := stage.On(s, New)
	p.turn(part)
	s.Settle()
	return p
}

func TestWhatIfOverTheHistory(t *testing.T) {
	s := stage.New(t)
	s.Arrive(20, func(i int, c *core.Capture) { c.Event.ID = fmt.Sprint("evt_", i/2) }) // each event came twice
	p := openLab(s, 0).parts[0].(*whatIf)
	s.Later()
	if got := p.load_.words.Text(); !strings.Contains(got, "20 captures") {
		t.Errorf("the load says %q", got)
	}
	s.Arrive(1, func(_ int, c *core.Capture) { c.Event.ID = "evt_0" })
	s.Settle()
	s.Later()
	if got := p.load_.words.Text(); !strings.Contains(got, "21 captures") {
		t.Errorf("with one more the load says %q", got)
	}
	p.load_.fields["filter"].Set("event:event.1*")
	p.start()
	s.Settle()
	if p.result == nil {
		t.Fatalf("no result: %s %s", p.problem.Text(), p.load_.words.Text())
	}
	if n := p.result.results[0].Totals.Arrived; n != 6 {
		t.Errorf("of eleven captures of six events, %d events arrived", n)
	}
	if lacks := eye.Missing(eye.Texts(p.View()), "Delivered", "100 %", "Time to drain", "Retries", "event:event.1*"); lacks != nil {
		t.Errorf("the result does not say %q", lacks)
	}

	p.load_.fields["filter"].Set("event:nothing")
	s.Later()
	if got := p.load_.words.Text(); !strings.Contains(got, "No captures match") {
		t.Errorf("after a pause in typing it says %q", got)
	}
	p.load_.fields["filter"].Set("event:nobody")
	p.start()
	s.Settle()
	s.Later() // the count of what was typed has no say any more
	if got := p.load_.words.Text(); !strings.Contains(got, "Nothing arrived") || p.cancel != nil || p.run.Disabled() {
		t.Errorf("an empty load says %q", got)
	}
}

func TestWhatIfComparesTwoPolicies(t *testing.T) {
	s := stage.New(t)
	p := openLab(s, 0).parts[0].(*whatIf)
	p.example()
	s.Settle()
	if p.result == nil || len(p.result.results) != 2 {
		t.Fatal("no result of two policies")
	}
	a, b := p.result.results[0].Totals, p.result.results[1].Totals
	if a.Arrived != b.Arrived || a.Lost <= b.Lost || b.Drain <= a.Drain {
		t.Errorf("the example does not show the difference: %+v %+v", a, b)
	}
	if lacks := eye.Missing(eye.Texts(p.View()), "joai", "custom", "outage", "Requests a second", fmt.Sprintf("%d,%03d", a.Lost/1000, a.Lost%1000), "Delivered in all"); lacks != nil {
		t.Errorf("the result does not say %q", lacks)
	}

	p.policies[0].choice.ChooseText("svix")
	p.policies[0].show()
	p.start()
	s.Settle()
	if !p.result.closer() || !p.result.zoom.Visible() {
		t.Error("a run of hours has no closer look at its minutes")
	}
	during := p.result.timeline(true)
	p.result.zoom.Select(1)
	p.result.draw()
	if whole := p.result.timeline(false); whole.width <= during.width {
		t.Errorf("rows of %v during the load, and %v to the end", during.width, whole.width)
	}
	if img := p.result.picture(); img.Bounds().Dx() < 1200 || img.Bounds().Dy() < 1200 {
		t.Errorf("the picture is only %v", img.Bounds())
	}
}

func TestWhatIfSaysWhatIsWrong(t *testing.T) {
	s := stage.New(t)
	p := openLab(s, 0).parts[0].(*whatIf)
	p.load_.turn(2)
	for _, c := range []struct {
		name     string
		break_   func() (mend func())
		problem  func() string
		contains string
	}{
		{"rate", func() func() {
			p.load_.fields["poisson.rate"].Set("-1")
			return func() { p.load_.fields["poisson.rate"].Set("5") }
		},
			func() string { return p.load_.fields["poisson.rate"].Problem() }, "events per second"},
		{"duration", func() func() {
			p.load_.fields["poisson.duration"].Set("soon")
			return func() { p.load_.fields["poisson.duration"].Set("10m") }
		},
			func() string { return p.load_.fields["poisson.duration"].Problem() }, "is no time"},
		{"outage", func() func() {
			p.receiver.outage.Choose(1)
			p.receiver.fields["receiver.to"].Set("1m")
			return func() { p.receiver.outage.Choose(0) }
		},
			func() string { return p.receiver.fields["receiver.to"].Problem() }, "later"},
		{"success", func() func() {
			p.receiver.fields["receiver.error_rate"].Set("101")
			return func() { p.receiver.fields["receiver.error_rate"].Set("100") }
		},
			func() string { return p.receiver.fields["receiver.error_rate"].Problem() }, "0 to 100"},
		{"seed", func() func() { p.seed.Set("x"); return func() { p.seed.Set("1") } }, func() string { return p.seed.Problem() }, "whole number"},
	} {
		mend := c.break_()
		p.start()
		s.Settle()
		if got := c.problem(); !strings.Contains(strings.ToLower(got), c.contains) || p.result != nil {
			t.Errorf("%s: its field says %q, want %q", c.name, got, c.contains)
		}
		mend()
	}
	p.start()
	s.Settle()
	if p.result == nil {
		t.Errorf("mended, it does not run: %s", p.problem.Text())
	}
}

func TestWhatIfIsKeptAndReopened(t *testing.T) {
	s := stage.New(t)
	p := openLab(s, 0).parts[0].(*whatIf)
	scenarios := []lab.Scenario{{Name: "mine", Load: lab.Load{Kind: lab.Burst, Burst: 7, Every: 90 * time.Second, Duration: 5 * time.Minute}, Seed: 42, Timeout: 10 * time.Second,
		Limits: []core.Limit{{Kind: limit.Sliding, Count: 3, Window: 30 * time.Second, RetryAfter: limit.Date}},
		Policy: core.RetryPolicy{Name: "custom", Retries: 2, Delays: []time.Duration{5 * time.Second, 2 * time.Hour}},
		Receiver: lab.Receiver{ErrorRate: 0.25, Status: 502, Servers: 2, Service: 50 * time.Millisecond, Spread: "exponential",
			Outages: []lab.Outage{{From: time.Minute, To: 2 * time.Minute, Hang: true}}}}}
	results, err := lab.Compare(s.W.Ctx, scenarios, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.E.Lab.KeepWhatIf(engine.WhatIf{Name: "Friday", At: time.Now(), Results: results}); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if lacks := eye.Missing(eye.Texts(p.View()), "Friday"); lacks != nil {
		t.Error("the kept run is not offered")
	}
	p.reopen(p.kept[0])
	again, wrong := p.scenarios()
	if wrong != nil {
		t.Fatal(wrong)
	}
	again[0].Name = "mine"
	got, _ := json.Marshal(again[0])
	want, _ := json.Marshal(scenarios[0])
	if string(got) != string(want) {
		t.Errorf("reopened, the fields say\n%s, want\n%s", got, want)
	}
	p.start()
	s.Settle()
	if p.result.results[0].Totals != results[0].Totals {
		t.Error("the same settings give another result")
	}
}

func TestManyRunsEndWhenCancelled(t *testing.T) {
	s := stage.New(t)
	p := openLab(s, 0).parts[0].(*whatIf)
	p.load_.turn(2)
	p.load_.fields["poisson.rate"].Set("5000")
	p.load_.fields["poisson.duration"].Set("1h")
	p.start()
	p.end()
	s.Settle()
	if p.result != nil || p.run.Disabled() || !p.run.Visible() {
		t.Error("a cancelled run leaves a result, or no way to run again")
	}
}

// accepting is a handler that believes everything.
func accepting(t *testing.T) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") }))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestCheckupShowsAScorecard(t *testing.T) {
	s := stage.New(t)
	p := openLab(s, 2).parts[2].(*checkup)
	p.start()
	s.Settle()
	if got := p.form.fields["url"].Problem(); !strings.Contains(got, "address of your handler") {
		t.Errorf("without an address: %q", got)
	}
	p.form.fields["url"].Set(accepting(t) + "/hook")
	scheme, _ := s.E.Schemes.Book().Find("github")
	p.form.setScheme(scheme)
	p.start()
	s.Settle()
	if got := eye.Words(p.form.secret.View()); !strings.Contains(got, "needed") || p.card != nil {
		t.Errorf("without a secret: %q", got)
	}
	p.form.secret.Type("s3cret")
	p.form.fields["slow_sender"].Set("10ms")
	p.start()
	s.Settle()
	if p.card == nil {
		t.Fatalf("no scorecard: %q", p.problem.Text())
	}
	shown := eye.Texts(p.View())
	if lacks := eye.Missing(shown, "Missing signature", "GET request", "accepts a forgery", "It checks no signature at all", "No more than 20", "failed", "Came back", "200 OK", "SKIPPED", "hookglass checkup"); lacks != nil {
		t.Errorf("the scorecard does not say %q", lacks)
	}
	if strings.Contains(shown, "s3cret") {
		t.Error("the secret shows")
	}
	failed := p.card.card.Failed()[0]
	if c := captureOf(failed); !strings.HasSuffix(c.Request.URL(), "/hook") {
		t.Errorf("a failed check is at %s", c.Request.URL())
	}
	s.Tap(p.View(), "Open in Compose")
	if !slices.Equal(s.Went, []string{"compose " + captureOf(failed).Request.URL()}) {
		t.Errorf("a failed check leads to %q", s.Went)
	}

	openLab(s, 2)
	if len(p.handlers) != 1 || p.handlers[0].Score != p.card.card.Score {
		t.Errorf("the handler is not remembered: %+v", p.handlers)
	}
	fresh := newCheckup(s.W)
	fresh.form.set(p.handlers[0])
	if h, _, wrong := fresh.form.handler(); wrong != nil || h.Scheme != "github" || fresh.form.secret.Choice().Ref == "" {
		t.Errorf("a handler examined before is not filled in: %v %+v", wrong, h)
	}
}

func TestCheckupEndsWhenCancelled(t *testing.T) {
	s := stage.New(t)
	p := openLab(s, 2).parts[2].(*checkup)
	began, ended := make(chan struct{}, 100), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		began <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	}))
	t.Cleanup(func() { close(ended); srv.Close() })
	p.form.fields["url"].Set(srv.URL)
	p.start()
	<-began
	p.end()
	s.Settle()
	if p.card != nil || p.run.Disabled() {
		t.Error("a cancelled check-up leaves a scorecard, or no way to run again")
	}
}

func TestLiveFaultsSwitchAndScore(t *testing.T) {
	s := stage.New(t)
	ctx := context.WithoutCancel(s.W.Ctx)
	src := core.Source{Name: "limited", Platform: "generic", Settings: core.Values{"path": "/in/limited"}, Faults: core.Faults{ErrorRate: 1, Statuses: []int{503}},
		Limit: &core.Limit{Kind: limit.Fixed, Count: 1, Window: time.Hour}}
	if err := s.E.PutSource(ctx, &src); err != nil {
		t.Fatal(err)
	}
	for i := range 3 { // the second is told to wait, the third does not
		c := core.Capture{At: time.Unix(int64(i), 0), Name: "limited", Source: src.ID, Request: core.Request{Method: "POST", Target: "/in/limited", Remote: "192.0.2.7:1", Proto: "HTTP/1.1"},
			Response: core.Response{Status: 200}, Receipt: core.Receipt{Outcome: core.Accepted}}
		if i == 1 {
			c.Response = core.Response{Status: 429, Header: core.Header{{Name: "Retry-After", Value: "60"}}}
		}
		if err := s.E.Store.AddCapture(&c, nil); err != nil {
			t.Fatal(err)
		}
	}
	p := openLab(s, 1).parts[1].(*liveFaults)
	s.Settle()
	if lacks := eye.Missing(eye.Texts(p.View()), "limited", "100 % answer 503", "Limit 1 an hour", "1 return of 1 came too early", "sender 192.0.2.7", "59 s"); lacks != nil {
		t.Errorf("the part does not say %q in\n%s", lacks, eye.Texts(p.View()))
	}
	p.switchTo(p.rows[0], true, false)
	s.Settle()
	s.Settle()
	if now, _ := s.E.Store.Sources(ctx); engine.HasFaults(now[0].Faults) || now[0].Limit == nil {
		t.Errorf("switched off, the faults are %+v", now[0].Faults)
	}
	if lacks := eye.Missing(eye.Texts(p.View()), "Off: 100 % answer 503"); lacks != nil {
		t.Errorf("the part does not say %q", lacks)
	}
	p.switchTo(p.rows[0], true, true)
	s.Settle()
	if now, _ := s.E.Store.Sources(ctx); now[0].Faults.ErrorRate != 1 {
		t.Errorf("switched on again, the faults are %+v", now[0].Faults)
	}
}

func TestGoesOnWhileTheKeyringWaitsLab(t *testing.T) {
	stage.WhileKeyringWaits(t, map[string]func(s *stage.Stage, first <-chan struct{}){
		"check-up": func(s *stage.Stage, first <-chan struct{}) {
			p := newCheckup(s.W)
			p.form.fields["url"].Set("http://127.0.0.1:1/")
			github, _ := s.E.Schemes.Book().Find("github")
			p.form.setScheme(github)
			p.form.secret.Type("mine")
			p.start()
			<-first
			p.end() // nobody is there to examine
		},
	})
}
