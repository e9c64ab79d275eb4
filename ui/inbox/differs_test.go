package inbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// TestOverviewNamesDriftAndBrokenPromises: what of a body is not like those before it, and where it breaks its source's contract.
func TestOverviewNamesDriftAndBrokenPromises(t *testing.T) {
	s := stage.New(t)
	src := core.Source{Name: "shop", Platform: "generic", Settings: core.Values{"path": "/in/shop"}, Contract: []byte(`{"type":"object","properties":{"id":{"type":"integer","maximum":79}}}`)}
	if err := s.E.PutSource(t.Context(), &src); err != nil {
		t.Fatal(err)
	}
	s.Arrive(81, func(i int, c *core.Capture) {
		c.Source, c.Name, c.Event.Type = src.ID, "shop", "paid"
		c.Request.Body = []byte(fmt.Sprintf(`{"id":%d}`, i))
		if i == 80 {
			c.Request.Body = []byte(`{"id":80,"tax":1}`)
		}
	})
	p := stage.On(s, New)
	s.Settle()
	p.Open(81)
	s.Settle()
	s.Lacks(p.View(), "Not like the bodies before it")
	if err := s.E.Shapes.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if lacks := eye.Missing(eye.Texts(p.View()), "Not like the bodies before it", "tax is new (integer): none of 80 before had it.", "Breaks the contract of shop", "id", "Maximum: got 80, want 79."); lacks != nil {
		t.Errorf("it does not say %q; it says %q", lacks, eye.Texts(p.View()))
	}
	s.Tap(p.View(), "Shape")
	if got := strings.Join(s.Went, "; "); !strings.HasSuffix(got, fmt.Sprintf("shape %d paid", src.ID)) {
		t.Errorf("it led to %s", got)
	}
	p.Open(3)
	s.Settle()
	s.Lacks(p.View(), "Not like the bodies before it", "Breaks the contract of shop")
}

// TestShrinkAsksBeforeItSends: nothing goes out before the button, and nothing to another machine without the user's word.
func TestShrinkAsksBeforeItSends(t *testing.T) {
	asked := make(chan string, 1000)
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method
		w.WriteHeader(500)
	}))
	defer handler.Close()
	s := stage.New(t)
	s.Arrive(1, func(_ int, c *core.Capture) { c.Request.Body = []byte(`{"a":1,"b":[2,3]}`) })
	stage.On(s, New)
	s.Settle()
	d := newShrinkDialog(s.W, 1, "http://example.com/hook")
	d.begin()
	s.Settle()
	if d.work.Busy() || !d.line.Visible() {
		t.Error("it began to send to another machine without being told to")
	}
	d.to.Set(handler.URL)
	s.Settle()
	if len(asked) > 0 || d.line.Visible() {
		t.Errorf("%d bodies were sent before the button was pressed", len(asked))
	}
	d.begin()
	s.Settle()
	if lacks := eye.Missing(eye.Texts(d.body), "It is kept as a draft.", "Edit and send"); lacks != nil || len(asked) < 3 {
		t.Errorf("after %d bodies it says %q", len(asked), eye.Texts(d.body))
	}
}
