package inbox

import (
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func TestTimelineOfACapture(t *testing.T) {
	s := stage.New(t)
	s.Arrive(1, func(_ int, c *core.Capture) {
		c.Took, c.Receipt.Read = 5*time.Millisecond, 2*time.Millisecond
		c.Receipt.Checks = []core.Check{{Name: "signature", Want: "a", Got: "b"}}
		c.Receipt.Delayed, c.Receipt.Faults = time.Second, []string{"latency 1s"}
	})
	s.Work(stage.WorkItem("wi_1", "DONE", true, false))
	s.Settle()
	stage.On(s, New).choose(1)
	s.Settle()
	stage.On(s, New).detail.turn(4)
	s.Settle()
	got := eye.Texts(stage.On(s, New).detail.stage)
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
