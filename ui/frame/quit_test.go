package frame

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/eye"
)

// owed is a shelf with a delivery that waits.
func owed(t *testing.T) *shelf {
	s := newShelf(t, openEngine(t))
	d := core.Delivery{Target: core.Target{URL: "http://127.0.0.1:1/hook"}, Event: core.Event{Type: "order.paid"}, Request: core.Request{Method: "POST"},
		Due: time.Now().Add(time.Hour), Created: time.Now()}
	if _, err := s.Engine.Store.AddDeliveries(t.Context(), []core.Delivery{d}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestQuittingNamesWhatWaits(t *testing.T) {
	s := owed(t)
	s.press(fyne.KeyQ)
	s.draw()
	if lacks := eye.Missing(eye.Texts(s.Layers), "1 delivery waits (order.paid to http://127.0.0.1:1/hook)", "goes out at the next start", "Quit", "Stay"); lacks != nil || *s.quits != 0 {
		t.Fatalf("it lacks %q, and quits %d times:\n%s", lacks, *s.quits, eye.Texts(s.Layers))
	}
	eye.Button(s.Layers, "Stay").Tapped(nil)
	s.draw()
	if *s.quits != 0 || s.Layers.Covered() {
		t.Fatal("who stays is still asked, or gone")
	}
	s.Close() // asked anew
	s.draw()
	eye.Button(s.Layers, "Quit").Tapped(nil)
	s.draw()
	var kept State
	if err := s.Engine.Store.Setting(t.Context(), "window", &kept); err != nil || kept.Page != "One" || *s.quits != 1 {
		t.Errorf("quits %d, remembered %+v, %v", *s.quits, kept, err)
	}
}

func TestWhoClosesTwiceIsNotAskedTwice(t *testing.T) {
	s := owed(t)
	s.Close()
	s.draw()
	s.Close()
	if *s.quits != 1 {
		t.Error("the second close does not quit")
	}
	s = owed(t)
	s.Close() // and again while it is still looked for what waits
	s.Close()
	s.draw()
	if *s.quits != 1 || s.Layers.Covered() {
		t.Errorf("it quits %d times, and asks: %v", *s.quits, s.Layers.Covered())
	}
}

// Somebody outside has decided already.
func TestASignalAsksNothing(t *testing.T) {
	s := owed(t)
	s.Quit()
	s.draw()
	if *s.quits != 1 || s.Layers.Covered() {
		t.Errorf("it quits %d times, and asks: %v", *s.quits, s.Layers.Covered())
	}
}
