package frame

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
)

// told writes down what the system is told to say, and lets time stand still.
type told struct {
	fyne.App
	notices []string
}

func (a *told) SendNotification(n *fyne.Notification) {
	a.notices = append(a.notices, n.Title+": "+n.Content)
}

func TestNoticesOfABurstAreOne(t *testing.T) {
	there := busThere
	busThere = func() bool { return true }
	t.Cleanup(func() { busThere = there })
	s := newShelf(t, openEngine(t))
	a := &told{App: s.App}
	s.App = a
	var due []func()
	s.Pump.Timer = func(_ time.Duration, f func()) func() { due = append(due, f); return func() {} }
	arrive := func(n int, event string, state core.VerdictState) {
		for range n {
			c := core.Capture{At: time.Now(), Name: "stripe", Request: core.Request{Method: "POST", Target: "/in"}, Receipt: core.Receipt{Outcome: core.Accepted, Verdict: &core.Verdict{State: state}},
				Event: core.Event{Type: event}}
			if err := s.Engine.Store.AddCapture(&c, nil); err != nil {
				t.Fatal(err)
			}
		}
		s.Load(t.Context())
	}
	said := func() string {
		for len(due) > 0 {
			f := due[0]
			due = due[1:]
			f()
			s.draw()
		}
		out := strings.Join(a.notices, " | ")
		a.notices = nil
		return out
	}
	s.notices.away.Store(true)
	arrive(2, "a", "mismatch")
	if got := said(); got != "" {
		t.Errorf("it is off, and says %q", got)
	}
	if err := s.SetNotices(Notices{Filter: "nonsense:1", Match: true}); err == nil {
		t.Error("a filter that cannot be read is taken")
	}
	if err := s.SetNotices(Notices{Filter: "event:a", Match: true, Bad: true}); err != nil {
		t.Fatal(err)
	}
	s.draw()
	s.Load(t.Context()) // what was there before is not told
	arrive(1, "a", "verified")
	arrive(12, "a", "verified")
	arrive(1, "b", "verified")
	if got := said(); got != "A capture matches: #3 a at stripe\nFilter: event:a | 12 captures match: The newest: #15 a at stripe\nFilter: event:a" {
		t.Errorf("it says %q", got)
	}
	arrive(3, "b\x1b[0m"+strings.Repeat("x", 900), "mismatch")
	got := said()
	if !strings.HasPrefix(got, "3 signatures do not hold: The newest: #19 b␛[0mxx") || len([]rune(got)) > 260 {
		t.Errorf("it says %q", got)
	}
	s.notices.away.Store(false)
	arrive(1, "a", "mismatch")
	if got := said(); got != "" {
		t.Errorf("the window is in front, and it says %q", got)
	}
	again := newShelf(t, s.Engine)
	if set := again.Notices(); set.Filter != "event:a" || !set.Bad || set.Tray {
		t.Errorf("remembered: %+v", set)
	}
}

// TestNoticesOfDrift: what is learned after it arrived is told of once, and only where it is wanted.
func TestNoticesOfDrift(t *testing.T) {
	there := busThere
	busThere = func() bool { return true }
	t.Cleanup(func() { busThere = there })
	s := newShelf(t, openEngine(t))
	a := &told{App: s.App}
	s.App = a
	s.Pump.Timer = func(time.Duration, func()) func() { return func() {} }
	arrive := func(n int, body string) {
		for range n {
			c := core.Capture{At: time.Now(), Source: 1, Name: "shop", Request: core.Request{Method: "POST", Target: "/in", Body: []byte(body)}, Receipt: core.Receipt{Outcome: core.Accepted}, Event: core.Event{Type: "paid"}}
			if err := s.Engine.Store.AddCapture(&c, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Engine.Shapes.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Load(t.Context())
	}
	s.notices.away.Store(true)
	s.Load(t.Context())
	arrive(80, `{"id":1}`)
	arrive(1, `{"id":1,"a":1}`)
	if len(a.notices) > 0 {
		t.Errorf("it is off, and says %q", a.notices)
	}
	if err := s.SetNotices(Notices{Drift: true}); err != nil {
		t.Fatal(err)
	}
	s.draw()
	arrive(1, `{"id":1,"b":1}`)
	arrive(1, `{"id":1,"b":1}`)
	if got := strings.Join(a.notices, " | "); got != "A body is not like those before it: #82 paid at shop" {
		t.Errorf("it says %q", got)
	}
}

func TestNoBusNoNotice(t *testing.T) {
	there := busThere
	busThere = func() bool { return false }
	t.Cleanup(func() { busThere = there })
	s := newShelf(t, openEngine(t))
	a := &told{App: s.App}
	s.App = a
	if s.TryNotice() {
		t.Error("it says that somebody shows it")
	}
	s.draw()
	if len(a.notices) != 0 {
		t.Errorf("told %q", a.notices)
	}
}
