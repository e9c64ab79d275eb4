package compose

import (
	"strings"
	"testing"

	"hookglass/core/store"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// What is wrong with JSON is said whole, and the size beside it.
func TestBrokenJSONIsSaidWhole(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "github", "mine")
	p.body.text.Set("{\n  \"a\": 1,\n  \"b\": tru\n}")
	s.Settle()
	s.Has(p.body.view(), "Not JSON, line 4:", "in literal true (expecting 'e')", "Not JSON, line 4 · 24 B")
	p.body.text.Set(`{"a": 1}`)
	s.Lacks(p.body.view(), "Not JSON")
	p.body.text.Set("a=1&b=2")
	s.Has(p.body.view(), "Not JSON · 7 B")
}

// The body stands before what signs it, so that it is in sight without scrolling.
func TestTheBodyStandsBeforeTheSignature(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "github", "mine")
	said := eye.Line(p.Root)
	if body, signature := strings.Index(said, " Body "), strings.Index(said, " Signature scheme"); body < 0 || signature < body {
		t.Errorf("body at %d, signature at %d in %q", body, signature, said)
	}
}

// While it is sent the page waits; it does not say that nothing was sent.
func TestWhileItIsSentThePageWaits(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "github", "mine")
	s.Has(p.answerStage, "Nothing sent yet")
	p.send()
	s.Has(p.answerStage, "Waiting for the answer")
	s.Lacks(p.answerStage, "Nothing sent yet")
	p.cancel() // before it is in the outbox
	s.Settle()
	s.Settle()
	rows := s.DeliveriesIn(store.DeliveryFilter{})
	if len(rows) != 1 || rows[0].State != "cancelled" {
		t.Errorf("given up at once, there are %+v", rows)
	}
}

// A draft that is saved late names what it was made of, not what was put up since.
func TestADraftSavedLateIsNotWhatWasPutUpSince(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "github", "mine")
	c, _, _ := p.read()
	p.keep(store.Draft{Name: "first"}, c)
	p.put(composition{Method: "POST", URL: "http://127.0.0.1:1/other"}) // the user went on
	s.Settle()
	if p.draft.ID != 0 {
		t.Errorf("what was put up since counts as the draft %q", p.draft.Name)
	}
	p.keep(store.Draft{Name: "second"}, c)
	s.Settle()
	if p.draft.Name != "second" {
		t.Errorf("the draft is %q", p.draft.Name)
	}
}
