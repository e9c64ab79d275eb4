package store

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"hookglass/core"
)

// URI is uri, for tests.
var URI = uri

// Connect is connect, for tests.
var Connect = connect

// SQL is the condition of a query, for tests of how it is read.
func (q Query) SQL() (string, []any) { return q.sql() }

// SetAnswerWithin changes how long a drive may take to answer, and returns what puts it back.
func SetAnswerWithin(d time.Duration) (back func()) {
	before := answerWithin
	answerWithin = d
	return func() { answerWithin = before }
}

// SetRowMost changes what a row may hold, and returns what puts it back.
func SetRowMost(n int) (back func()) {
	before := rowMost
	rowMost = n
	return func() { rowMost = before }
}

// Documents are those of a capture: as they are written, and as encoding/json writes them.
func Documents(a core.Response, r core.Receipt, body []byte) (ours, standard [2]string, err error) {
	receipt, err := appendReceipt(nil, &r, body)
	if err != nil {
		return ours, standard, err
	}
	ours = [2]string{string(appendAnswer(nil, &a)), string(receipt)}
	var verdict *verdictDoc
	if r.Verdict != nil {
		verdict = docOf(r.Verdict, body)
	}
	for i, doc := range []any{answerDoc{a.Status, a.Proto, a.Header, a.Size, a.Truncated}, receiptDoc{r.Reason, r.Checks, verdict, r.Faults, r.Read, r.Delayed}} {
		b, err := json.Marshal(doc)
		if err != nil {
			return ours, standard, err
		}
		standard[i] = string(b)
	}
	return ours, standard, nil
}

// StoredBodies counts the request bodies that stand with attempts.
func StoredBodies(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.read.QueryRow("SELECT count(request) FROM attempt").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Pieces counts the pieces of a capture's body, or those of all for 0.
func Pieces(t *testing.T, s *Store, id core.CaptureID) (n int) {
	t.Helper()
	if err := s.read.QueryRow("SELECT count(*) FROM capture_piece WHERE ?1 = 0 OR id >> 12 = ?1", int64(id)).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Groups is how many of the writes that wait, of so many bytes in pieces each, go into one commit after the other.
func Groups(cuts []int) string {
	var w writer
	for _, cut := range cuts {
		w.waiting = append(w.waiting, &write{cut: cut})
	}
	var sizes []string
	for len(w.waiting) > 0 {
		sizes = append(sizes, strconv.Itoa(len(w.take(w.take(nil)))))
	}
	return strings.Join(sizes, " ")
}

// FillIndex fills the index of texts, in so many steps, or all of it for none.
func FillIndex(t testing.TB, s *Store, steps int) {
	t.Helper()
	for i := 0; steps == 0 || i < steps; i++ {
		more, err := s.fill(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return
		}
	}
}

// CondemnInIndex begins a deletion in the index that never goes on, as where the program is killed.
func CondemnInIndex(t testing.TB, s *Store, ids IDs) {
	t.Helper()
	if _, err := s.index(t.Context()).condemn(context.Background(), ids); err != nil {
		t.Fatal(err)
	}
}

// UsesIndex reports whether a search asks the index.
func UsesIndex(t testing.TB, s *Store, q Query) bool {
	t.Helper()
	w, err := s.walker(t.Context(), q, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for w.left() {
		if _, err := w.next(t.Context(), func(piece) (bool, error) { return true, nil }); err != nil {
			t.Fatal(err)
		}
	}
	return w.x != nil
}
