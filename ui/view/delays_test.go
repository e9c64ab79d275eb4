package view_test

import (
	"testing"
	"time"

	"hookglass/ui/view"
)

func TestDelaysAreReadAsWritten(t *testing.T) {
	for text, want := range map[string]time.Duration{"5": 5 * time.Second, "1.5s": 1500 * time.Millisecond, "5 min": 5 * time.Minute, "10m": 10 * time.Minute,
		"2H": 2 * time.Hour, "1d": 24 * time.Hour, "250ms": 250 * time.Millisecond, "0": 0} {
		if got, err := view.ParseDelay(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "soon", "-1s", "1e300d", "5x", "NaN"} {
		if got, err := view.ParseDelay(text); err == nil {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
	const list = "0s, 5s, 90s, 5m, 2h, 1d, 1.5s"
	ds, err := view.ParseDelays(list)
	if err != nil || len(ds) != 7 || view.WriteDelays(ds) != list {
		t.Errorf("got %v, %v: %q", ds, err, view.WriteDelays(ds))
	}
}
