package message

import (
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func TestCompareLeavesOutWhatIsAskedFor(t *testing.T) {
	s := stage.New(t)
	side := func(id, body string) comparedSide {
		return comparedSide{title: "Capture " + id, request: core.Request{Method: "POST", Target: "/", Body: []byte(body),
			Header: core.Header{{Name: "webhook-id", Value: "msg_" + id}, {Name: "X-Other", Value: "same"}}}}
	}
	c := newComparison(s.W, side("1", `{"id":"evt_1","n":1,"created":1700000000}`), side("2", `{"created":1700000099,"id":"evt_2","n":1}`))
	c.open()
	s.Settle()
	if got := c.sum.Text(); strings.HasPrefix(got, "No difference") {
		t.Errorf("another order of members is no difference: %q", got)
	}
	c.sorted.Set(true)
	c.show()
	s.Settle()
	if got := c.sum.Text(); got != "No difference that counts" {
		t.Errorf("sorted: %q", got)
	}
	c.ids.Set(false)
	c.show()
	s.Settle()
	if got := c.sum.Text(); got != "1 line only left, 1 line only right" {
		t.Errorf("with ids: %q", got)
	}
	c.part.Select(requestHeads)
	c.show()
	s.Settle()
	if got := c.sum.Text(); got != "1 line only left, 1 line only right" {
		t.Errorf("headers: %q", got)
	}
	c.ids.Set(true)
	c.show()
	s.Settle()
	if got := c.sum.Text(); got != "No difference that counts" {
		t.Errorf("headers without ids: %q", got)
	}
}

func TestTwoCapturesAreCompared(t *testing.T) {
	s := stage.New(t)
	s.Arrive(2, func(i int, c *core.Capture) {
		c.Request.Body, c.Response.Body = []byte(`{"n":1}`), []byte([]string{`{"ok":true}`, `{"ok":false}`}[i])
		c.Response.Status = []int{200, 500}[i]
	})
	CompareCaptures(s.W, 1, 2)
	s.Settle()
	s.Says("Compare capture 1 with capture 2", "event.0", "event.1", "No difference that counts")
	s.W.Layers.Back()
	CompareCaptures(s.W, 1, 9)
	s.Settle()
	if s.W.Layers.Covered() {
		t.Error("a capture that is gone is compared")
	}
	s.Says("not found")
}

func TestCompareTurnsToTheAnswer(t *testing.T) {
	s := stage.New(t)
	attempt := func(n, status int, body string) *core.Attempt {
		return &core.Attempt{Number: n, Request: core.Request{Method: "POST", Target: "/hook"}, Response: &core.Response{Status: status, Header: core.Header{{Name: "X-N", Value: body}}, Body: []byte(body)}}
	}
	c := newComparison(s.W, AttemptSide(attempt(1, 500, "no")), AttemptSide(attempt(2, 200, "yes")))
	c.open()
	s.Settle()
	for _, turn := range []struct {
		part int
		says string
	}{{requestBodies, "No difference that counts"}, {responseBodies, "1 line only left, 1 line only right"}, {responseHeads, "2 lines only left, 2 lines only right"}, {requestHeads, "No difference that counts"}} {
		c.part.Select(turn.part)
		c.part.OnSelect(turn.part)
		s.Settle()
		if got := c.sum.Text(); got != turn.says {
			t.Errorf("part %d: %q, want %q", turn.part, got, turn.says)
		}
	}
	c.layout.Select(1)
	c.layout.OnSelect(1)
	if c.sides.Visible() && eye.Text(c.stage, "Attempt 1") == nil {
		t.Error("unified, it does not say what is compared")
	}
	c.ids.Set(false)
	c.times.Set(false)
	c.signatures.Set(false)
	c.context.Set(true)
	c.show()
	s.Settle()
	if got := c.sum.Text(); got != "No difference" {
		t.Errorf("with nothing left out it says %q", got)
	}
	unanswered := core.Attempt{Number: 3, Failure: "timeout"}
	if side := AttemptSide(&unanswered); side.response.Status != 0 || !strings.Contains(side.meta, "timeout") {
		t.Errorf("without an answer: %+v", side)
	}
}
