package ui

import (
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

func (s *stage) work(items ...core.WorkItem) {
	s.t.Helper()
	if err := s.e.Store.AddKept(&store.Kept{Source: 1, Work: items}); err != nil {
		s.t.Fatal(err)
	}
}

// item is a work item of three steps, of which the second failed where failed says so.
func item(id, state string, final, failed bool) core.WorkItem {
	at := time.Unix(1_700_000_000, 0)
	w := core.WorkItem{ID: id, Platform: "nitejar", Source: 1, SourceName: "agent", Capture: 1, Created: at, State: state, Final: final, Failed: failed, Cost: 0.0421,
		Title: "Title of " + id, Session: "webhook:me", States: []core.StateAt{{State: "PENDING", At: at}, {State: state, At: at.Add(1500 * time.Millisecond)}},
		Steps: []core.Step{{Name: "received", Started: at, Took: 2 * time.Millisecond}, {Name: "inference", Detail: "call 1", Started: at.Add(time.Second), Took: time.Second, Cost: 0.0421}},
		Notes: []core.Notification{{Chat: "group_1", Text: "It is done.", At: at.Add(2 * time.Second)}}}
	if failed {
		w.Steps[1].Error = "the model gave up"
	}
	return w
}

func TestWorkByState(t *testing.T) {
	s := newStage(t)
	s.w.open("Work")
	p := s.ui.work
	s.settle()
	if got := texts(p.list.Empty); !strings.Contains(got, "No work yet") {
		t.Errorf("an empty page says\n%s", got)
	}
	s.work(item("wi_1", "DONE", true, false), item("wi_2", "FAILED", true, true), item("wi_3", "IN_PROGRESS", false, false))
	s.settle()
	if got := texts(p.chips); !strings.Contains(got, "All 3") || !strings.Contains(got, "FAILED 1") || strings.Index(got, "IN_PROGRESS") > strings.Index(got, "DONE") {
		t.Errorf("chips\n%s", got)
	}
	if got := texts(p.list); !strings.Contains(got, "2 steps") || !strings.Contains(got, "$0.0421") {
		t.Errorf("rows\n%s", got)
	}
	p.see(func(w *workSight) { w.filter.State = "FAILED" })
	s.settle()
	if len(p.rows) != 1 || p.rows[0].ID != "wi_2" {
		t.Errorf("rows of FAILED: %+v", p.rows)
	}
}

func TestWorkItemWhole(t *testing.T) {
	s := newStage(t)
	s.arrive(1, nil)
	s.work(item("wi_1", "FAILED", true, true))
	s.ui.work.open("wi_1")
	s.settle()
	s.settle()
	p := s.w.now().(*workPage)
	got := texts(p.detail.view())
	for _, want := range []string{"Title of wi_1", "session webhook:me", "PENDING", "+1.5 s", "The model gave up.", "inference", "$0.0421", "Capture #1", "Total 2 s"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not shown in\n%s", want, got)
		}
	}
	p.detail.stage.SetChild(p.detail.parts[2])
	if got := texts(p.detail.view()); !strings.Contains(got, "It is done.") || !strings.Contains(got, "group_1") {
		t.Errorf("no notification in\n%s", got)
	}
	p.detail.openCapture()
	s.settle()
	if s.w.now() != page(s.ui.inbox) || s.ui.inbox.chosen != 1 {
		t.Error("the capture is not shown")
	}
}

func TestWorkUnderWayGrows(t *testing.T) {
	w := item("wi_1", "IN_PROGRESS", false, false)
	now := w.Created.Add(5 * time.Second)
	ms := workMoments(&w, now)
	last := ms[len(ms)-2] // a notification stands behind it
	if !last.open || last.took != 3*time.Second {
		t.Errorf("what goes on: %+v, want 3s so far", last)
	}
}

func TestTimelineOfACapture(t *testing.T) {
	s := newStage(t)
	s.arrive(1, func(_ int, c *core.Capture) {
		c.Took, c.Receipt.Read = 5*time.Millisecond, 2*time.Millisecond
		c.Receipt.Checks = []core.Check{{Name: "signature", Want: "a", Got: "b"}}
		c.Receipt.Delayed, c.Receipt.Faults = time.Second, []string{"latency 1s"}
	})
	s.work(item("wi_1", "DONE", true, false))
	s.settle()
	s.ui.inbox.choose(1)
	s.settle()
	s.ui.inbox.detail.turn(4)
	s.settle()
	got := texts(s.ui.inbox.detail.stage)
	at := 0
	for _, want := range []string{"received", "signature did not hold", "accepted", "before the answer", "fault: latency 1s", "200 OK", "work: inference"} {
		i := strings.Index(got, want)
		if i < 0 {
			t.Errorf("%q is not shown in\n%s", want, got)
		} else if i < at {
			t.Errorf("%q stands too early in\n%s", want, got)
		}
		at = max(at, i)
	}
	if !strings.Contains(got, "wi_1") {
		t.Errorf("no way to the work item in\n%s", got)
	}
}

func TestCostText(t *testing.T) {
	for usd, want := range map[float64]string{0: "$0.00", 0.014: "$0.014", 0.0421: "$0.0421", 1.2: "$1.20", 12: "$12.00"} {
		if got := costText(usd); got != want {
			t.Errorf("%v reads %s, want %s", usd, got, want)
		}
	}
}
