package store_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

// TestLargeBodiesInPieces: a body that stands in pieces is read, searched, learned of, judged anew and deleted like any other, to
// the byte.
func TestLargeBodiesInPieces(t *testing.T) {
	s := open(t)
	body := func(size int, mark string) []byte { // what is looked for lies across the end of a piece; no text at all around it
		b := bytes.Repeat([]byte("\x00\xff\xc3(\r\n"), size/6+1)[:size]
		copy(b[256<<10-len(mark)/2:], mark)
		return b
	}
	sizes := []int{1 << 20, 1<<20 + 1, 5 << 18, 2<<20 + 77, 6 << 20}
	var bodies [][]byte
	ids := keep(t, s, len(sizes), func(i int, c *core.Capture) {
		bodies = append(bodies, body(sizes[i], fmt.Sprintf("across-%d-across", i)))
		c.Request.Body, c.Request.Size = bodies[i], int64(sizes[i])
		c.Receipt.Verdict = &core.Verdict{State: core.Mismatch, Scheme: "github", Parts: []core.Part{{Name: "body", Bytes: bodies[i]}}}
	})
	empty := keep(t, s, 1, func(_ int, c *core.Capture) { c.Request.Body, c.Request.Size = nil, 9<<20 })[0] // cut before its first byte
	if n := store.Pieces(t, s, ids[0]); n != 0 {
		t.Errorf("a body of a MiB stands in %d pieces", n)
	}
	if n := store.Pieces(t, s, ids[3]); n != 9 {
		t.Errorf("a body of 2 MiB and some bytes stands in %d pieces, want 9", n)
	}
	check := func(what string) {
		t.Helper()
		for i, id := range ids {
			c := must1(s.Capture(t.Context(), id))(t)
			if !bytes.Equal(c.Request.Body, bodies[i]) || !bytes.Equal(c.Receipt.Verdict.Parts[0].Bytes, bodies[i]) {
				t.Errorf("%s: %d bytes come back of %d, or others", what, len(c.Request.Body), len(bodies[i]))
			}
			q := must1(store.ParseQuery(fmt.Sprintf("body:across-%d-across", i), noon))(t)
			if got := must1(s.CaptureIDs(t.Context(), q, 0))(t); !slices.Equal(got, []core.CaptureID{id}) {
				t.Errorf("%s: %s finds %v, want %d", what, q, got, id)
			}
		}
		if c := must1(s.Capture(t.Context(), empty))(t); len(c.Request.Body) != 0 {
			t.Errorf("%s: an empty body comes back with %d bytes", what, len(c.Request.Body))
		}
	}
	check("kept")
	store.FillIndex(t, s, 0)
	check("with an index")
	must(t, s.ChangeVerdict(ids[3], func(v *core.Verdict) (*core.Verdict, error) { v.State = core.Verified; return v, nil }))
	check("judged anew")
	learned := map[core.CaptureID]int{}
	must(t, s.Bodies(t.Context(), 0, 100, func(b store.Body) { learned[b.ID] = len(b.Request.Body) }))
	if learned[ids[3]] != sizes[3] || learned[ids[4]] != 0 {
		t.Errorf("learned of %v", learned)
	}
	must(t, s.Check(t.Context()))
	if n := must1(s.DeleteCaptures(t.Context(), must1(store.ParseQuery("id:1-5", noon))(t)))(t); n != 5 {
		t.Fatalf("%d were deleted", n)
	}
	for _, end := range []string{"", "-wal"} {
		if b, _ := os.ReadFile(s.Path() + end); bytes.Contains(b, []byte("\xff\xc3(\r\n\x00\xff\xc3(")) || strings.Contains(string(b), "across-") {
			t.Errorf("deleted, a body stands in the file%s still", end)
		}
	}
	if n := store.Pieces(t, s, 0); n != 0 {
		t.Errorf("deleted, %d pieces are left", n)
	}
}

// TestLargeBodiesAreWrittenApart: they share no commit, and what is small does not wait behind all of them.
func TestLargeBodiesAreWrittenApart(t *testing.T) {
	for _, tt := range []struct {
		cuts []int
		want string
	}{
		{[]int{0, 0, 0}, "3"}, {[]int{9 << 20, 9 << 20, 0}, "1 2"}, {[]int{0, 9 << 20, 0, 0, 9 << 20}, "4 1"}, {[]int{2 << 20, 2 << 20, 2 << 20, 0}, "2 2"},
	} {
		if got := store.Groups(tt.cuts); got != tt.want {
			t.Errorf("%v are written as %s, want %s", tt.cuts, got, tt.want)
		}
	}
}
