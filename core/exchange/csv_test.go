package exchange

import (
	"bytes"
	"encoding/csv"
	"slices"
	"testing"
	"time"

	"hookglass/core"
)

// A table says what a list says, whatever stands in it, and nothing in it is a formula.
func TestCSV(t *testing.T) {
	f, err := FindFormat("csv")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := NewWriter(&out, f, Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 20, 12, 0, 0, 5000000, time.UTC)
	for _, c := range []core.Capture{
		{ID: 7, At: at, Name: "a,\"b\"\nc", Request: core.Request{Method: "POST", Target: "/in?x=1", Size: 3, Body: []byte("abc")}, Response: core.Response{Status: 401}, Took: 1500 * time.Microsecond, Pinned: true,
			Receipt: core.Receipt{Outcome: core.Rejected, Platform: "generic", Verdict: &core.Verdict{State: core.Mismatch, Scheme: "github"}}, Event: core.Event{Type: "=cmd|' /C calc'!A0", ID: "@x"}, Note: "-1+1"},
		{ID: 8, At: at, Event: core.Event{Type: "\tx", ID: "a=1"}},
	} {
		if err := w.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%q, %v", rows, err)
	}
	want := [][]string{
		{"id", "at", "source", "platform", "method", "target", "event", "event_id", "verdict", "outcome", "status", "size", "took_ms", "pinned", "note"},
		{"7", "2026-11-20T12:00:00.005Z", "a,\"b\"\nc", "generic", "POST", "/in?x=1", "'=cmd|' /C calc'!A0", "'@x", "mismatch", "rejected", "401", "3", "1.5", "true", "'-1+1"},
		{"8", "2026-11-20T12:00:00.005Z", "", "", "", "", "'\tx", "a=1", "", "", "0", "0", "0", "false", ""},
	}
	for i := range want {
		if !slices.Equal(rows[i], want[i]) {
			t.Errorf("row %d is\n%q, want\n%q", i, rows[i], want[i])
		}
	}
}
