package store_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

// bodied stores captures with some bodies, whose heads name them too.
func bodied(t *testing.T, s *store.Store, bodies ...string) {
	t.Helper()
	keep(t, s, len(bodies), func(i int, c *core.Capture) {
		c.Request.Body = []byte(bodies[i])
		c.Request.Head = []byte("POST /in/a HTTP/1.1\r\nX-Was: " + strings.NewReplacer("\r", "", "\n", "").Replace(bodies[i]) + "\r\n\r\n")
		c.Request.Header = core.ParseHead(c.Request.Head)
	})
}

// TestTheIndexChangesNoAnswer: a filter finds the same captures without an index, with half of one and with a whole one.
func TestTheIndexChangesNoAnswer(t *testing.T) {
	s := open(t)
	chance := rand.New(rand.NewPCG(5, 5))
	pieces := []string{"refund", "Refund", "REFUND", "é", "É", "ſ", "K", "k", "İ", "ß", "日本語", "😀", "\"", "'", "%", "_", "\\", " ", "  ", "\t", "a", "ab", "abc", "\x00", "\xff", "\xc3", "\u200b", "AND", "OR", "NEAR(", ")", "*", "^", ":", "-", "{body}", strings.Repeat("x", 40)}
	draw := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(pieces[chance.IntN(len(pieces))])
		}
		return b.String()
	}
	var bodies []string
	for i := range 450 {
		bodies = append(bodies, draw(chance.IntN(12)))
		if i%100 == 7 {
			bodies[i] += strings.Repeat("long ", 60_000) + draw(3)
		}
	}
	bodied(t, s, bodies...)
	var queries []store.Query
	for range 40 {
		text := draw(1 + chance.IntN(4))
		for _, key := range []string{"body:", "header:", "-body:"} {
			quoted := key + "\"" + strings.NewReplacer("\\", "\\\\", "\"", "\\\"").Replace(text) + "\""
			queries = append(queries, must1(store.ParseQuery(quoted, noon))(t), must1(store.ParseQuery(quoted+" header:abc id:50-400", noon))(t))
		}
	}
	answers := func() (all []string) {
		for _, q := range queries {
			all = append(all, fmt.Sprint(must1(s.CaptureIDs(t.Context(), q, 0))(t), must1(s.Count(t.Context(), q))(t), len(must1(s.Captures(t.Context(), q, 0, 7))(t))))
		}
		return all
	}
	want, found := answers(), 0
	for _, w := range want {
		if !strings.HasPrefix(w, "[] ") {
			found++
		}
	}
	if found < 20 {
		t.Fatalf("only %d of the filters find anything", found)
	}
	for step := range 3 {
		if step < 2 {
			store.FillIndex(t, s, 1)
		} else {
			store.FillIndex(t, s, 0)
		}
		asked := 0
		for i, got := range answers() {
			if store.UsesIndex(t, s, queries[i]) {
				asked++
			}
			if got != want[i] {
				t.Errorf("step %d: %s finds %.200s, want %.200s", step, queries[i], got, want[i])
			}
		}
		if asked < 20 {
			t.Errorf("step %d: only %d filters ask the index", step, asked)
		}
	}
	if st := must1(s.SearchState(t.Context()))(t); st.State != "ready" || st.IndexedTo != 450 || st.Behind != 0 {
		t.Errorf("filled, it says %+v", st)
	}
	must(t, s.SwitchSearch(t.Context(), false))
	if got := answers(); !slices.Equal(got, want) {
		t.Error("switched off, filters find something else")
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(s.Path()), "search.db")); !os.IsNotExist(err) {
		t.Errorf("switched off, the file stays: %v", err)
	}
	if st := must1(s.SearchState(t.Context()))(t); st.State != "off" {
		t.Errorf("switched off, it says %+v", st)
	}
	store.FillIndex(t, s, 0)
	must(t, s.SwitchSearch(t.Context(), true))
	store.FillIndex(t, s, 0)
	if got := answers(); !slices.Equal(got, want) || must1(s.SearchState(t.Context()))(t).State != "ready" {
		t.Error("switched on again, filters find something else, or it is not filled")
	}
}

// inIndex reports whether a text stands in the files of the index.
func inIndex(t *testing.T, s *store.Store, text string) bool {
	t.Helper()
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(s.Path()), "search.db"+end))
		if err == nil && bytes.Contains(b, []byte(text)) {
			return true
		}
	}
	return false
}

// TestWhatIsDeletedLeavesTheIndex: a part of three letters that only a deleted capture had is nowhere in its files.
func TestWhatIsDeletedLeavesTheIndex(t *testing.T) {
	for _, shards := range []bool{false, true} {
		s := open(t)
		var bodies []string
		for i := range 600 {
			bodies = append(bodies, fmt.Sprintf("an ordinary body, number %d, of many", i))
		}
		bodies[300] = "here stands ✂☂☃ in the middle"
		bodied(t, s, bodies...)
		store.FillIndex(t, s, 0)
		bodied(t, s, "and here ☎☏✈ at the end")
		store.FillIndex(t, s, 0)
		if !inIndex(t, s, "☂☃") || !inIndex(t, s, "☏✈") {
			t.Fatal("the index does not have what is looked for: the test looks in vain")
		}
		filter := "body:✂☂☃"
		if shards { // the program is killed in the middle of the deletion
			store.CondemnInIndex(t, s, store.NewIDs(301))
			must(t, s.Close())
			s = must1(store.Open(t.Context(), s.Path()))(t)
			defer s.Close()
			must1(s.SearchState(t.Context()))(t)
			if inIndex(t, s, "☂☃") {
				t.Error("cut off, the deletion left a trace")
			}
			store.FillIndex(t, s, 0)
		}
		if n := must1(s.DeleteCaptures(t.Context(), must1(store.ParseQuery(filter, noon))(t)))(t); n != 1 {
			t.Fatalf("%d captures were deleted", n)
		}
		if inIndex(t, s, "☂☃") || !inIndex(t, s, "☏✈") {
			t.Error("deleted, it is in the index still, or another is not")
		}
		q := must1(store.ParseQuery("body:ordinary", noon))(t)
		if n := must1(s.Count(t.Context(), q))(t); n != 599 || !store.UsesIndex(t, s, q) {
			t.Errorf("%d others are found", n)
		}
		if st := must1(s.SearchState(t.Context()))(t); st.State != "ready" || st.Behind != 0 || st.IndexedTo != 601 {
			t.Errorf("it says %+v", st)
		}
	}
}

// TestTheIndexMayBeThrownAway: it is made again where it is gone, damaged or of another history; a file that is not ours is
// left alone, and searches go on without.
func TestTheIndexMayBeThrownAway(t *testing.T) {
	dir := t.TempDir()
	path, own := filepath.Join(dir, "h.db"), filepath.Join(dir, "search.db")
	ill := []struct {
		name  string
		do    func(t *testing.T)
		state string // after it was filled
	}{
		{"nothing", func(*testing.T) {}, "ready"},
		{"gone", func(t *testing.T) { must(t, os.Remove(own)) }, "ready"},
		{"empty", func(t *testing.T) { must(t, os.WriteFile(own, nil, 0o644)) }, "ready"},
		{"cut", func(t *testing.T) { must(t, os.Truncate(own, 9000)) }, "ready"},
		{"of another history", func(t *testing.T) { raw(t, own, "UPDATE about SET history='x'") }, "ready"},
		{"of a newer copy", func(t *testing.T) { raw(t, own, "UPDATE shard SET upto=99") }, "ready"},
		{"of another version", func(t *testing.T) { raw(t, own, "PRAGMA user_version=9") }, "ready"},
		{"a text", func(t *testing.T) { must(t, os.WriteFile(own, []byte(strings.Repeat("mine ", 999)), 0o600)) }, "off"},
		{"another's database", func(t *testing.T) { must(t, os.Remove(own)); raw(t, own, "CREATE TABLE mine (a)") }, "off"},
		{"with a trigger", func(t *testing.T) {
			must(t, os.Remove(own))
			raw(t, own, "PRAGMA application_id=1751869299; CREATE TABLE a (b); CREATE TRIGGER x AFTER INSERT ON a BEGIN SELECT 1; END")
		}, "off"},
	}
	for i, tt := range ill {
		s := must1(store.Open(t.Context(), path))(t)
		bodied(t, s, "a body with a needle in it")
		store.FillIndex(t, s, 0)
		must(t, s.Close())
		tt.do(t)
		t.Log(tt.name)
		before, _ := os.ReadFile(own)
		s = must1(store.Open(t.Context(), path))(t)
		q := must1(store.ParseQuery("body:needle", noon))(t)
		count := func() int { return must1(s.Count(t.Context(), q))(t) }
		if n := count(); n != i+1 {
			t.Errorf("%s: %d are found before it is filled, want %d", tt.name, n, i+1)
		}
		if tt.state == "ready" {
			store.FillIndex(t, s, 0)
		}
		st := must1(s.SearchState(t.Context()))(t)
		if n := count(); n != i+1 || st.State != tt.state || st.State == "off" && st.Why == "" {
			t.Errorf("%s: %d are found, and it says %+v", tt.name, n, st)
		}
		info := must1(os.Stat(own))(t)
		if after, _ := os.ReadFile(own); tt.state == "off" && !bytes.Equal(before, after) {
			t.Errorf("%s: the file of others was changed", tt.name)
		} else if tt.state == "ready" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: others may read it: %v", tt.name, info.Mode())
		}
		must(t, s.Close())
		if tt.state == "off" {
			must(t, os.Remove(own))
		}
	}
	beside := must1(store.OpenRead(t.Context(), path))(t)
	defer beside.Close()
	if n := must1(beside.Count(t.Context(), must1(store.ParseQuery("body:needle", noon))(t)))(t); n != len(ill) {
		t.Errorf("beside, %d are found", n)
	}
}
