package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

// lesson is what was learned of some captures.
func lesson(before store.Learned, upto core.CaptureID, event string, count int64) store.Lesson {
	return store.Lesson{Before: before, Upto: upto, Shapes: []store.Shape{{Source: 1, Event: event, Name: "shop", Count: count, First: noon, Last: noon, Doc: []byte(`{"secret-word":1}`)}},
		Drifts: []store.Drift{{Capture: upto, Source: 1, Event: event, At: noon, Doc: json.RawMessage(`{"path":"other-word"}`)}},
		Checks: []store.ContractCheck{{Capture: upto, Broken: true, Doc: json.RawMessage(`[]`)}, {Capture: upto - 1, Doc: json.RawMessage(`[]`)}}}
}

func TestLessonsAreKeptOnce(t *testing.T) {
	s := open(t)
	keep(t, s, 3, func(_ int, c *core.Capture) { c.Source, c.Event.Type = 1, "paid" })
	if kept := must1(s.KeepLesson(lesson(store.Learned{}, 3, "paid", 3)))(t); !kept {
		t.Fatal("the first lesson is not kept")
	}
	if kept := must1(s.KeepLesson(lesson(store.Learned{}, 3, "paid", 6)))(t); kept {
		t.Error("a lesson of captures that were learned already is kept")
	}
	d := must1(s.Shape(t.Context(), 1, "paid"))(t)
	if d.Count != 3 || !d.Last.Equal(noon) || d.Name != "shop" {
		t.Errorf("%+v", d)
	}
	if got := must1(s.Learned(t.Context()))(t); got.Upto != 3 {
		t.Errorf("%+v", got)
	}
	if asked(t, s, "is:drift") != "3" || asked(t, s, "contract:broken") != "3" || asked(t, s, "contract:kept") != "2" || asked(t, s, "contract:none") != "1" {
		t.Errorf("drift %s, broken %s, kept %s, none %s", asked(t, s, "is:drift"), asked(t, s, "contract:broken"), asked(t, s, "contract:kept"), asked(t, s, "contract:none"))
	}
	if _, err := s.Shape(t.Context(), 1, "other"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// TestDeletionForgetsWhatWasLearned: no byte of it stays in the file, and what was read before is not kept afterwards.
func TestDeletionForgetsWhatWasLearned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := must1(store.Open(t.Context(), path))(t)
	ids := keep(t, s, 3, func(i int, c *core.Capture) { c.Source, c.Event.Type = 1, []string{"paid", "paid", "lost"}[i] })
	must1(s.KeepLesson(lesson(store.Learned{}, 2, "paid", 2)))(t)
	before := must1(s.Learned(t.Context()))(t)
	must1(s.KeepLesson(store.Lesson{Before: before, Upto: 3, Shapes: []store.Shape{{Source: 1, Event: "lost", Name: "shop", Count: 1, First: noon, Last: noon, Doc: []byte(`{"kept-word":1}`)}}}))(t)
	before = must1(s.Learned(t.Context()))(t)
	must1(s.DeleteCaptures(t.Context(), store.Query{}.Within(store.IDRange{From: ids[0], To: ids[0]})))(t)
	if kept := must1(s.KeepLesson(store.Lesson{Before: before, Upto: 9}))(t); kept {
		t.Error("a lesson of captures that were deleted meanwhile is kept")
	}
	stale := must1(s.StaleShapes(t.Context()))(t)
	if len(stale) != 1 || stale[0].Event != "paid" || len(must1(s.EventDrifts(t.Context(), 1, "paid", 9))(t)) != 0 {
		t.Errorf("%+v", stale)
	}
	must(t, s.Close())
	file := must1(os.ReadFile(path))(t)
	for word, there := range map[string]bool{"secret-word": false, "other-word": false, "kept-word": true} {
		if bytes.Contains(file, []byte(word)) != there {
			t.Errorf("%s is in the file: %v", word, !there)
		}
	}
}
