package message

import (
	"testing"
	"time"

	"hookglass/ui/stage"
)

func TestWorkUnderWayGrows(t *testing.T) {
	w := stage.WorkItem("wi_1", "IN_PROGRESS", false, false)
	now := w.Created.Add(5 * time.Second)
	ms := WorkMoments(&w, now)
	last := ms[len(ms)-2] // a notification stands behind it
	if !last.open || last.took != 3*time.Second {
		t.Errorf("what goes on: %+v, want 3s so far", last)
	}
}

func TestCostText(t *testing.T) {
	for usd, want := range map[float64]string{0: "$0.00", 0.014: "$0.014", 0.0421: "$0.0421", 1.2: "$1.20", 12: "$12.00"} {
		if got := CostText(usd); got != want {
			t.Errorf("%v reads %s, want %s", usd, got, want)
		}
	}
}
