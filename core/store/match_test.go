package store_test

import (
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

// alike holds what a filter finds against what it matches in memory; a time ago is counted from elsewhere there.
func alike(t *testing.T, s *store.Store, text string, found []core.CaptureID) {
	t.Helper()
	m, err := store.ParseMatch(text)
	// What was found of a contract stands with a capture only while it arrives.
	if err != nil || strings.Contains(text, "contract:") || strings.Contains(text, "since:") || strings.Contains(text, "until:") {
		return
	}
	var everything store.Query
	all, err := s.CaptureIDs(t.Context(), everything, 0)
	must(t, err)
	var matched []core.CaptureID
	for _, id := range all {
		if c := must1(s.Capture(t.Context(), id))(t); m(&c) {
			matched = append(matched, id)
		}
	}
	if !slices.Equal(matched, found) {
		t.Errorf("%s: matches %v in memory, and finds %v in the history", text, matched, found)
	}
}

// TestMatchOfARequestThatArrives: what is not known yet is refused by name, and the rest is as the history would find it.
func TestMatchOfARequestThatArrives(t *testing.T) {
	for _, tt := range []struct {
		text        string
		when, early string // what the refusal says; empty: there is none
	}{
		{"", "", ""},
		{"event:invoice.* sig:verified method:post", "", ""},
		{"since:1h size:>1kb header:x-env is:tunnel is:cut", "", ""},
		{"status:>=400", "", "before it is answered"},
		{"outcome:accepted", "", "before it is answered"},
		{"-is:error", "", "before it is answered"},
		{"note:x", "just arrived", "just arrived"},
		{"-id:7", "just arrived", "just arrived"},
		{"is:pinned", "just arrived", "just arrived"},
		{"sig:perhaps", "want bad, verified", "want bad, verified"},
		{`"open`, "not closed", "not closed"},
	} {
		_, err := store.ParseMatch(tt.text)
		_, early := store.ParseMatchEarly(tt.text)
		for _, got := range []struct {
			err  error
			want string
		}{{err, tt.when}, {early, tt.early}} {
			if (got.err != nil) != (got.want != "") || got.err != nil && !strings.Contains(got.err.Error(), got.want) {
				t.Errorf("%s: %v, want %q", tt.text, got.err, got.want)
			}
		}
	}
	c := sample(0)
	for text, want := range map[string]bool{"since:1h": true, "until:1h": false, "since:2099-01-01": false, "until:2099-01-01": true} {
		if m, err := store.ParseMatch(text); err != nil || m(c) != want {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}
