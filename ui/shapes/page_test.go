package shapes

import (
	"fmt"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// arrived is a stage where an event came 80 times, and then once with a member more.
func arrived(t *testing.T) (*stage.Stage, *Page) {
	t.Helper()
	s := stage.New(t)
	s.Arrive(81, func(i int, c *core.Capture) {
		c.Event.Type, c.Source, c.Name = "order.paid", 1, "shop"
		c.Request.Body = []byte(fmt.Sprintf(`{"id":%d,"token":"hidden","who":{"name":"n%d"}}`, i, i))
		if i == 80 {
			c.Request.Body = []byte(`{"id":80,"token":"hidden","who":{"name":"x","tax":true}}`)
		}
	})
	if err := s.E.Shapes.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := stage.On(s, New)
	s.Settle()
	return s, p
}

func TestPageShowsMembersChangesAndCode(t *testing.T) {
	s, p := arrived(t)
	if len(p.rows) != 1 || p.rows[0].Count != 81 || p.rows[0].Changes != 1 {
		t.Fatalf("the list has %+v", p.rows)
	}
	if lacks := eye.Missing(eye.Texts(p.View()), "order.paid", "shop", "1 change", "81"); lacks != nil {
		t.Errorf("the page does not say %q", lacks)
	}
	var lines []string
	for _, n := range p.detail.nodes {
		l := p.detail.line(n)
		lines = append(lines, fmt.Sprintf("%d %s %.2f %s %s %v", l.Depth, l.Name, l.Share, l.Kind, l.About, l.Mark != ""))
	}
	want := "0 id 1.00 integer 0 to 80 false; 0 token 1.00 string masked false; 0 who 1.00 object  false; 1 name 1.00 string like"
	if got := strings.Join(lines, "; "); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "1 tax 0.01 boolean  true") {
		t.Errorf("the members are %s", got)
	}
	if !strings.Contains(p.detail.code.text, "export interface OrderPaid {") {
		t.Errorf("the code is %s", p.detail.code.text)
	}
	p.detail.code.choice.OnChange(3)
	s.Settle()
	if !strings.Contains(p.detail.code.text, "type OrderPaid struct {") {
		t.Errorf("once Go is chosen it is %s", p.detail.code.text)
	}
	if got := shortChange(p.detail.event.Drifts[0].Drift); got != "who.tax appeared" {
		t.Errorf("the change is %q", got)
	}
	p.filter.Set("nothing like it")
	if len(p.rows) != 0 {
		t.Errorf("the filter lets %d through", len(p.rows))
	}
}

func TestPageWithoutShapesSaysTheNextStep(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Settle()
	if lacks := eye.Missing(eye.Texts(p.View()), "What each event looks like", "Open sources"); lacks != nil {
		t.Errorf("it does not say %q", lacks)
	}
}

func TestPageFollowsWhatArrives(t *testing.T) {
	s, p := arrived(t)
	s.Arrive(3, func(i int, c *core.Capture) {
		c.Event.Type, c.Source, c.Name = "order.lost", 1, "shop"
		c.Request.Body = []byte(`{"why":"rain"}`)
	})
	if err := s.E.Shapes.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if len(p.rows) != 2 || p.detail.event.Event != "order.paid" {
		t.Fatalf("%d events, and %s is shown", len(p.rows), p.detail.event.Event)
	}
	p.Open(1, "order.lost")
	s.Settle()
	if p.detail.event.Event != "order.lost" || !strings.Contains(p.detail.code.text, "why: ") {
		t.Errorf("%s is shown, with %s", p.detail.event.Event, p.detail.code.text)
	}
}
