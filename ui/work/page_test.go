package work

import (
	"slices"
	"strings"
	"testing"

	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func TestWorkByState(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Settle()
	if got := eye.Texts(p.list.Empty); !strings.Contains(got, "No work yet") {
		t.Errorf("an empty page says\n%s", got)
	}
	s.Work(stage.WorkItem("wi_1", "DONE", true, false), stage.WorkItem("wi_2", "FAILED", true, true), stage.WorkItem("wi_3", "IN_PROGRESS", false, false))
	s.Settle()
	if got := eye.Texts(p.chips); !strings.Contains(got, "All 3") || !strings.Contains(got, "FAILED 1") || strings.Index(got, "IN_PROGRESS") > strings.Index(got, "DONE") {
		t.Errorf("chips\n%s", got)
	}
	if got := eye.Texts(p.list); !strings.Contains(got, "2 steps") || !strings.Contains(got, "$0.0421") {
		t.Errorf("rows\n%s", got)
	}
	p.see(func(w *workSight) { w.filter.State = "FAILED" })
	s.Settle()
	if len(p.rows) != 1 || p.rows[0].ID != "wi_2" {
		t.Errorf("rows of FAILED: %+v", p.rows)
	}
}

func TestWorkItemWhole(t *testing.T) {
	s := stage.New(t)
	s.Arrive(1, nil)
	s.Work(stage.WorkItem("wi_1", "FAILED", true, true))
	stage.On(s, New).Open("wi_1")
	s.Settle()
	s.Settle()
	p := stage.On(s, New)
	got := eye.Texts(p.detail.view())
	for _, want := range []string{"Title of wi_1", "session webhook:me", "PENDING", "+1.5 s", "The model gave up.", "inference", "$0.0421", "Capture #1", "Total 2 s"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not shown in\n%s", want, got)
		}
	}
	p.detail.stage.SetChild(p.detail.parts[2])
	if got := eye.Texts(p.detail.view()); !strings.Contains(got, "It is done.") || !strings.Contains(got, "group_1") {
		t.Errorf("no notification in\n%s", got)
	}
	p.detail.openCapture()
	s.Settle()
	if !slices.Equal(s.Went, []string{"capture 1"}) {
		t.Errorf("it leads to %q, want the capture", s.Went)
	}
}
