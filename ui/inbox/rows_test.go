package inbox

import (
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/eye"
	"hookglass/ui/frame"
	"hookglass/ui/stage"
)

func TestRowsAreCompactAndOfTheColumnsThatAreChosen(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Arrive(40, nil)
	s.Settle()
	rows := func() int { first, last := p.list.InSight(); return last - first }
	before := rows()
	p.Key('v')
	s.Settle()
	if now := rows(); now < before*3/2 {
		t.Errorf("%d rows of one line are in sight, %d of two", now, before)
	}
	var kept frame.State
	if err := s.E.Store.Setting(t.Context(), "window", &kept); err != nil || !kept.Rows.Compact {
		t.Errorf("not remembered: %+v, %v", kept.Rows, err)
	}
	p.Key('v')
	s.Has(p.list, "stripe")
	for _, item := range p.rowItems() {
		if item.Label == "Source" {
			item.Do()
		}
	}
	s.Settle()
	s.Lacks(p.list, "stripe")
	for _, item := range p.rowItems() {
		if item.Label == "Source" && item.On {
			t.Error("what is left out has a check")
		}
		if item.Label == "Source" {
			item.Do()
		}
	}
	s.Settle()
	s.Has(p.list, "stripe")
}

// In a narrow window a capture that is opened has the whole width, and Esc leads back to the list.
func TestANarrowWindowShowsTheListOrTheCapture(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.W.Win.Resize(fyne.NewSize(664, 480))
	s.Arrive(3, nil)
	s.Settle()
	if list, _ := p.split.Alone(); !list {
		t.Fatal("the list is not alone")
	}
	p.Open(core.CaptureID(2))
	s.Settle()
	if _, detail := p.split.Alone(); !detail || p.detail.root.Size().Width < 660 {
		t.Errorf("the capture is %v wide", p.detail.root.Size().Width)
	}
	if eye.Text(p.body, "Overview") == nil {
		t.Error("the capture is not to be seen")
	}
	s.W.GoBack()
	if list, _ := p.split.Alone(); !list {
		t.Error("Esc does not lead back to the list")
	}
}
