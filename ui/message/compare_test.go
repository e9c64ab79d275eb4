package message

import (
	"strings"
	"testing"

	"hookglass/core"
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
