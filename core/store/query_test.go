package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// asked finds the ids that a filter leaves, newest first.
func asked(t *testing.T, s *store.Store, text string) string {
	t.Helper()
	q, err := store.ParseQuery(text, noon)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return ""
	}
	ids, err := s.CaptureIDs(t.Context(), q, 0)
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	alike(t, s, text, ids)
	return words(ids)
}

func TestQueryLanguageAtItsEdges(t *testing.T) {
	s := open(t)
	keep(t, s, 6, func(i int, c *core.Capture) {
		c.At, c.Took = noon.Add(-time.Duration(i)*24*time.Hour), time.Duration(i+1)*100*time.Millisecond
		r := &c.Request
		switch i {
		case 0:
			c.Name, r.Target = "50% off_now", `/in/a\b?say="hi"`
		case 1:
			c.Name, r.Target, r.Size = "50 of_now", "/in/http://x", 1<<20
		case 2:
			c.Event.Type, c.Receipt.Faults, c.Via = "a:b", []string{"drop"}, "ngrok"
		case 3:
			r.Truncated, c.ReplayOf, c.Response.Status = true, 1, 0
		case 4: // over HTTP/2 there is no head, only fields
			r.Head, r.Header, r.Body = nil, core.Header{{Name: "x-only", Value: "two%words"}}, nil
		case 5:
			c.Receipt.Verdict, c.Receipt.Outcome, c.Response.Status, r.Method = nil, core.Unmatched, 404, "put"
		}
	})
	must(t, s.Pin(2, true))
	for _, tt := range []struct{ query, want string }{
		{"   ", "6 5 4 3 2 1"},
		{`source:"50% off_now"`, "1"},
		{`source:"50% of*"`, "1"},   // a percent sign is itself, a star any run
		{`source:"50 of_now"`, "2"}, // and so is an underscore
		{`source:"50 ofXnow"`, ""},  //
		{`source:50*`, "2 1"},       //
		{`"50% off"`, "1"},          // plain text with a space
		{`path:"say=\"hi\""`, "1"},  // a quote within quotes
		{`path:a\b`, "1"},           // a backslash without quotes is itself
		{"http://x", "2"},           // an address is no key
		{"https://nowhere", ""},     //
		{`event:"a:b"`, "3"},        // a colon within quotes
		{`"a:b"`, "3"},              // is no key either
		{"SOURCE:stripe SIG:none", "6"},
		{"-sig:none", "5 4 3 2 1"},
		{"sig:none,mismatch", "6 5 4 3 2 1"},
		{"-source:stripe", "2 1"},
		{"-/in/", ""},
		{"-", ""},  // alone it is a text, which no path has
		{":x", ""}, // as is a colon at the start
		{"put", "6"},
		{"status:0", "4"}, {"status:<200", "4"}, {"status:4xx", "6"}, {"status:2XX", "5 3 2 1"}, {"status:<=404 status:>=404", "6"},
		{"size:1mb", "2"}, {"size:>=1024kb", "2"}, {"size:<1kb", "6 5 4 3 1"}, {"size:256b", "6 5 4 3 1"}, {"size:>0.5mb", "2"}, {"size:>1gb", ""},
		{"took:>250ms", "6 5 4 3"}, {"took:100ms", "1"}, {"took:<=0.2s", "2 1"},
		{"since:1.5d", "2 1"}, {"since:36h", "2 1"}, {"since:2026-11-18", "3 2 1"}, {"until:2026-11-18T12:00", "6 5 4 3"},
		{"since:2026-11-18T12:00:00Z until:2026-11-18T12:00:00Z", "3"}, {"until:2026-11-18T11:59:59", "6 5 4"},
		{"id:2,4-5", "5 4 2"}, {"id:5-4", ""}, {"-id:1-5", "6"},
		{"is:faulty", "3"}, {"is:tunnel", "3"}, {"is:cut", "4"}, {"is:replay", "4"}, {"-is:pinned", "6 5 4 3 1"},
		{"header:X-ONLY", "5"}, {"header:two%words", "5"}, {"-header:x-dup", "5"}, {"header:two_words", ""},
		{"sig:bad", "5 4 3 2 1"}, {"-sig:bad", "6"}, {"sig:bad,none", "6 5 4 3 2 1"}, {"sig:verified,bad", "5 4 3 2 1"},
		{"is:error", "6 4"}, {"-is:error", "5 3 2 1"}, {"is:unmatched", "6"}, {"is:limited", ""},
		{"outcome:unmatched,rejected", "6"}, {"platform:gen*", "6 5 4 3 2 1"}, {"method:put,get", "6"}, {"method:POST", "5 4 3 2 1"},
	} {
		if got := asked(t, s, tt.query); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.query, got, tt.want)
		}
	}
}

func TestQueryThatCannotBeReadNamesItsWord(t *testing.T) {
	for text, want := range map[string][]string{
		"colour:red":          {"colour:red", "known are source: sig:"},
		`source:""`:           {"source:", "a value is missing"},
		"a status:high":       {"status:high", "status:>=400"},
		"size:>big":           {"size:>big", "size:>100kb"},
		"took:5":              {"took:5", "took:>250ms"},
		"sig:ok,mismatch":     {"sig:ok,mismatch", "verified, mismatch"},
		"outcome:":            {"outcome:", "a value is missing"},
		"until:yesterday":     {"until:yesterday", "2026-11-20"},
		"is:pinned,cut":       {"is:pinned,cut", "want error, limited, unmatched, pinned"},
		"id:1-":               {"id:1-", "120-140"},
		"id:one":              {"id:one", "120-140"},
		`source:"no end`:      {`source:"no end`, "quote is not closed"},
		`ok -source:"no end`:  {`-source:"no end`, "quote is not closed"},
		"status:>99999999999": {"status:>99999999999", "want a value like"},
	} {
		_, err := store.ParseQuery(text, noon)
		var invalid *core.Invalid
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v, want a core.Invalid", text, err)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", text, err, w)
			}
		}
	}
}

// Every word that a list of suggestions offers can be asked, as its example says.
func TestEveryExampleOfTheLanguageHolds(t *testing.T) {
	s := open(t)
	for _, k := range store.Keys() {
		q, err := store.ParseQuery(k.Example, noon)
		if err != nil || q.Everything() || q.String() != k.Example {
			t.Errorf("%s: %v, %q", k.Example, err, q)
		}
		if slow := k.Name == "body" || k.Name == "header"; q.Slow() != slow {
			t.Errorf("%s: slow %v, want %v", k.Example, q.Slow(), slow)
		}
		if _, err := s.Captures(t.Context(), q, 0, 1); err != nil {
			t.Errorf("%s: %v", k.Example, err)
		}
	}
	if q := must1(store.ParseQuery("", noon))(t); !q.Everything() || q.Slow() {
		t.Error("an empty filter matches all, at once")
	}
}

// A page begins where the last one ended, whatever came meanwhile; together they are the whole, without an overlap.
func TestPagesMeet(t *testing.T) {
	s := open(t)
	keep(t, s, 10, func(i int, c *core.Capture) {
		if i%2 == 1 {
			c.Name = "github"
		}
	})
	for query, want := range map[string]string{"": "10 9 8 7 6 5 4 3 2 1", "source:github": "10 8 6 4 2", "body:nothing": ""} {
		q := must1(store.ParseQuery(query, noon))(t)
		for size := 1; size <= 11; size++ {
			var got []core.CaptureID
			for before := core.CaptureID(0); ; {
				rows := must1(s.Captures(t.Context(), q, before, size))(t)
				if len(rows) > size {
					t.Fatalf("%q: %d rows on a page of %d", query, len(rows), size)
				}
				for _, r := range rows {
					got = append(got, r.ID)
				}
				if len(rows) < size {
					break
				}
				before = rows[len(rows)-1].ID
			}
			if words(got) != want {
				t.Errorf("%q in pages of %d: %v", query, size, got)
			}
		}
	}
	q := must1(store.ParseQuery("source:github", noon))(t)
	if ids := must1(s.CaptureIDs(t.Context(), q, 4))(t); words(ids) != "10 8 6" {
		t.Errorf("newer than 4: %v", ids)
	}
	var got []core.CaptureID
	for _, r := range must1(s.Rows(t.Context(), q, 4, 8))(t) {
		got = append(got, r.ID)
	}
	if words(got) != "8 6 4" {
		t.Errorf("from 4 to 8: %v", got)
	}
}

func TestPulseCountsIntoItsBuckets(t *testing.T) {
	s := open(t)
	at := []time.Duration{-10 * time.Minute, -9 * time.Minute, -time.Minute, -time.Nanosecond, 0, time.Minute, -11 * time.Minute}
	keep(t, s, len(at), func(i int, c *core.Capture) {
		c.At, c.Receipt.Verdict = noon.Add(at[i]), nil
		switch i {
		case 1:
			c.Response.Status = 500
		case 2:
			c.Receipt.Verdict = &core.Verdict{State: core.Stale}
		case 3:
			c.Receipt.Verdict, c.Name = &core.Verdict{State: core.NoSecret}, "github" // nothing was looked for
		}
	})
	p := must1(s.Pulse(t.Context(), store.Query{}, noon, time.Minute, 10))(t)
	if words(p.All) != "1 1 0 0 0 0 0 0 0 2" || words(p.Wrong) != "0 1 0 0 0 0 0 0 0 1" {
		t.Errorf("all %v, wrong %v", p.All, p.Wrong)
	}
	q := must1(store.ParseQuery("source:github body:\x01", noon))(t)
	if p := must1(s.Pulse(t.Context(), q, noon, 5*time.Minute, 2))(t); words(p.All) != "0 1" {
		t.Errorf("of github: %v", p.All)
	}
}

// Every verdict either holds, does not, or was not looked for; sig:bad is those that do not.
func TestABadSignatureIsAnyThatDoesNotHold(t *testing.T) {
	s := open(t)
	states := []core.VerdictState{core.Verified, core.Mismatch, core.Missing, core.Malformed, core.Stale, core.NoSecret}
	keep(t, s, len(states), func(i int, c *core.Capture) { c.Receipt.Verdict = &core.Verdict{State: states[i]} })
	bad := map[string]bool{}
	for _, id := range strings.Fields(asked(t, s, "sig:bad")) {
		bad[id] = true
	}
	for i, state := range states {
		if bad[fmt.Sprint(i+1)] != state.Bad() {
			t.Errorf("%s: sig:bad finds it %v, and it is bad %v", state, bad[fmt.Sprint(i+1)], state.Bad())
		}
	}
}

func TestCountWithinCountsTheNewestOfAKind(t *testing.T) {
	s := open(t)
	keep(t, s, 9, func(i int, c *core.Capture) {
		c.Receipt.Verdict = nil
		if i%3 == 0 {
			c.Response.Status = 500
		}
		if i >= 5 {
			c.Name = "github"
		}
	})
	for _, tt := range []struct {
		kind, rest string
		want       int64
	}{{"", "", 9}, {"is:error", "", 3}, {"is:error", "source:github", 1}, {"is:error", "-source:github body:\x01", 2}, {"", "is:error", 3}, {"sig:bad", "", 0}} {
		kind, rest := must1(store.ParseQuery(tt.kind, noon))(t), must1(store.ParseQuery(tt.rest, noon))(t)
		if n := must1(s.CountWithin(t.Context(), kind, rest))(t); n != tt.want {
			t.Errorf("%q within %q: %d, want %d", tt.rest, tt.kind, n, tt.want)
		}
	}
}

// What the chips over the list count and filter by is read from an index that holds nothing else, whatever the history holds.
func TestKindsAreReadFromTheirIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	must(t, must1(store.Open(t.Context(), path))(t).Close())
	for word, index := range map[string]string{"sig:bad": "capture_bad", "is:error": "capture_error", "is:limited": "capture_limited", "is:unmatched": "capture_unmatched", "is:pinned": "capture_pinned"} {
		q := must1(store.ParseQuery(word, noon))(t)
		if plan := planOf(t, path, q); !strings.Contains(plan, index) {
			t.Errorf("%s is read by %s, want %s", word, plan, index)
		}
	}
}

// planOf says how SQLite reads the captures that match q.
func planOf(t *testing.T, path string, q store.Query) string {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	must(t, err)
	defer db.Close()
	where, args := q.SQL()
	rows, err := db.Query("EXPLAIN QUERY PLAN SELECT c.id FROM capture c WHERE "+where+" ORDER BY c.id DESC LIMIT 100", args...)
	must(t, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		must(t, rows.Scan(&id, &parent, &unused, &detail))
		out = append(out, detail)
	}
	return strings.Join(out, "; ")
}

// TestLongFilters: a filter is asked, or refused in words, however long it is. SQLite has bounds of its own.
func TestLongFilters(t *testing.T) {
	s := open(t)
	keep(t, s, 2, nil)
	for name, text := range map[string]string{
		"values of a word": "source:" + strings.Repeat("a,", 29_000) + "b",
		"stars":            "source:" + strings.Repeat("*", 9_999),
		"words":            strings.Repeat("a ", 7_000),
		"more words":       strings.Repeat("-a ", 20_000),
		"a long word":      strings.Repeat("%", 19_999),
		"a longer word":    strings.Repeat("%", 60_000),
		"text in a body":   "body:" + strings.Repeat("x", 60_000),
		"numbers":          "id:" + strings.Repeat("1,", 200_000) + "2",
	} {
		q, err := store.ParseQuery(text, noon)
		var invalid *core.Invalid
		if err != nil && !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		ids, err := s.CaptureIDs(t.Context(), q, 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "numbers" && len(ids) != 2 {
			t.Errorf("%s: %v", name, ids)
		}
	}
}
