package ui

import (
	"testing"
	"time"
)

func TestSpansAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "90": 90 * time.Second, "90s": 90 * time.Second, "1.5m": 90 * time.Second, "1h30m": 90 * time.Minute, "2d": 48 * time.Hour,
		"1d12h": 36 * time.Hour, "10 min": 10 * time.Minute, "250ms": 250 * time.Millisecond} {
		got, ok := readSpan(text)
		if !ok || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, ok, want)
		}
		if again, ok := readSpan(writeSpan(got)); !ok || again != got {
			t.Errorf("%v is written as %q", got, writeSpan(got))
		}
	}
	for _, text := range []string{"soon", "-1", "1x", "1d-2h", "-5m", "99999999999999999999d"} {
		if d, ok := readSpan(text); ok {
			t.Errorf("%q is read as %v", text, d)
		}
	}
}
