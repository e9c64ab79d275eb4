package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// older makes a history as the version of that number left it, with a capture and a work item in it.
func older(t *testing.T, version int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "h.db")
	scripts := must1(filepath.Glob("migrations/*.sql"))(t)
	for i := range version {
		raw(t, path, string(must1(os.ReadFile(scripts[i]))(t)))
	}
	columns, values := "", ""
	if version > 2 {
		columns, values = "changed, steps, name, ", "5, 2, 'agent', "
	}
	raw(t, path, `INSERT INTO capture (at, method, target, outcome, status, size, took) VALUES (1, 'POST', '/in/a', 'accepted', 200, 1, 1);
		INSERT INTO capture_body (id, proto, host, base, remote, head, body, answer, answer_body, receipt, note) VALUES (1, 'HTTP/1.1', 'h', '', '', x'504f5354', x'78', '{"s":200}', x'', '{}', 'a note');
		INSERT INTO work (`+columns+`wire, platform, source, capture, created, state, final, failed, cost, title, doc)
		VALUES (`+values+`'w', 'almyty', 1, 1, 5, 'done', 1, 0, 0.5, 'a title', '{"ID":"w","SourceName":"agent","Steps":[{},{}],"Capture":1}');
		PRAGMA user_version=`+string(rune('0'+version)))
	return path
}

func TestOlderHistoriesAreBroughtUpToDate(t *testing.T) {
	for _, version := range []int{1, 2, 3} {
		path := older(t, version)
		var invalid *core.Invalid
		if _, err := store.OpenRead(t.Context(), path); !errors.As(err, &invalid) || !strings.Contains(err.Error(), "open it once with the window") {
			t.Errorf("version %d, to read: %v", version, err)
		}
		s := must1(store.Open(t.Context(), path))(t)
		c, err := s.Capture(t.Context(), 1)
		if err != nil || string(c.Request.Body) != "x" || words(c.Work) != "w" || c.Note != "a note" {
			t.Errorf("version %d: capture %+v, %v", version, c, err)
		}
		if asked(t, s, "note:note is:noted") != "1" {
			t.Errorf("version %d: no filter finds the note", version)
		}
		rows, err := s.WorkRows(t.Context(), store.WorkFilter{}, 0, 10)
		if err != nil || len(rows) != 1 || rows[0].Steps != 2 || rows[0].SourceName != "agent" || rows[0].Cost != 0.5 || !rows[0].Changed.Equal(time.Unix(0, 5)) {
			t.Errorf("version %d: work %+v, %v", version, rows, err)
		}
		must(t, s.AddCapture(sample(0), &store.Kept{Work: []core.WorkItem{{ID: "w", Source: 1, Created: noon, State: "again"}}}))
		if w := must1(s.Work(t.Context(), "w"))(t); w.State != "again" || w.Capture != 2 {
			t.Errorf("version %d: work changed to %+v", version, w)
		}
		must(t, s.Check(t.Context()))
		must(t, s.Close())
		r := must1(store.OpenRead(t.Context(), path))(t)
		must(t, r.Close())
	}
}

// A history that was closed is one file: who copies it has all of it.
func TestClosedHistoryIsOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := must1(store.Open(t.Context(), path))(t)
	ids := keep(t, s, 100, nil)
	must1(s.Captures(t.Context(), store.Query{}, 0, 10))(t)
	must(t, s.Close())
	if info, err := os.Stat(path + "-wal"); err == nil {
		t.Errorf("the log is left, with %d bytes", info.Size())
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	must(t, os.WriteFile(copied, must1(os.ReadFile(path))(t), 0o600))
	s = must1(store.Open(t.Context(), copied))(t)
	defer s.Close()
	if got := must1(s.CaptureIDs(t.Context(), store.Query{}, 0))(t); len(got) != len(ids) {
		t.Errorf("the copy has %d captures of %d", len(got), len(ids))
	}
}

func versionOf(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	must(t, err)
	defer db.Close()
	must(t, db.QueryRow("PRAGMA user_version").Scan(&n))
	return n
}

// What a newer version wrote is not touched: neither read nor migrated.
func TestNewerHistoryIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := must1(store.Open(t.Context(), path))(t)
	keep(t, s, 1, nil)
	must(t, s.Close())
	was := versionOf(t, path)
	raw(t, path, "PRAGMA user_version=99")
	for name, open := range map[string]func() (*store.Store, error){
		"to write": func() (*store.Store, error) { return store.Open(t.Context(), path) },
		"to read":  func() (*store.Store, error) { return store.OpenRead(t.Context(), path) },
	} {
		_, err := open()
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), "schema 99") || !strings.Contains(err.Error(), "update Hookglass") {
			t.Errorf("%s: %v", name, err)
		}
	}
	raw(t, path, fmt.Sprintf("PRAGMA user_version=%d", was))
	s = must1(store.Open(t.Context(), path))(t) // the refusal left no lock
	must(t, s.Close())
}

// A migration that cannot be done leaves the history as it was.
func TestMigrationThatFailsChangesNothing(t *testing.T) {
	path := older(t, 2)
	raw(t, path, "CREATE TABLE work_rows (x)") // in the way of the third
	if _, err := store.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "0003_work_rows.sql") {
		t.Errorf("got %v", err)
	}
	raw(t, path, "DROP TABLE work_rows")
	s := must1(store.Open(t.Context(), path))(t)
	defer s.Close()
	if w, err := s.Work(t.Context(), "w"); err != nil || w.Capture != 1 {
		t.Errorf("work %+v, %v", w, err)
	}
}

func TestDamagedFilesAreExplained(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := must1(store.Open(t.Context(), path))(t)
	keep(t, s, 200, nil)
	must(t, s.Close())
	whole := must1(os.ReadFile(path))(t)
	for i := 16384; i < len(whole); i++ { // all but the first page
		whole[i] = 0xAB
	}
	must(t, os.WriteFile(path, whole, 0o600))
	var invalid *core.Invalid
	if _, err := store.Open(t.Context(), path); !errors.As(err, &invalid) || !strings.Contains(err.Error(), "is damaged") || !strings.Contains(err.Error(), "restore a copy") {
		t.Errorf("it says: %v", err)
	}

	dir := t.TempDir()
	if _, err := store.Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "--home DIR") {
		t.Errorf("a folder in its place: %v", err)
	}
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if _, err := store.Open(t.Context(), filepath.Join(file, "h.db")); err == nil || !strings.Contains(err.Error(), "choose another folder with --home DIR") {
		t.Errorf("below a file: %v", err)
	}
}

func TestHistoryForReadingOnlyTakesNoWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := must1(store.Open(t.Context(), path))(t)
	defer s.Close()
	keep(t, s, 1, nil)
	r := must1(store.OpenRead(t.Context(), path))(t)
	defer r.Close()
	if err := r.AddCapture(sample(0), nil); err == nil || !strings.Contains(err.Error(), "for reading only") {
		t.Errorf("a write: %v", err)
	}
	keep(t, s, 1, nil) // what is written beside it is seen
	if ids := must1(r.CaptureIDs(t.Context(), store.Query{}, 0))(t); words(ids) != "2 1" {
		t.Errorf("it reads %v", ids)
	}
	owe(t, s, core.Delivery{Due: noon})
	seen := 0
	must(t, r.Waiting(t.Context(), 0, func(core.DeliveryID, core.EndpointID, string, time.Time) error { seen++; return nil }))
	if seen != 1 {
		t.Errorf("%d wait", seen)
	}
}

// After Close nothing is stored and nothing is read: an error each time, and never an empty list.
func TestClosedHistory(t *testing.T) {
	s := open(t)
	keep(t, s, 1, nil)
	must(t, s.Close())
	for what, err := range map[string]error{
		"a capture":  s.AddCapture(sample(0), nil),
		"a setting":  s.PutSetting("a", 1),
		"a change":   store.ChangeSetting(s, "a", func(*int) error { t.Error("asked"); return nil }),
		"a delivery": func() error { _, err := s.AddDeliveries(t.Context(), []core.Delivery{{}}); return err }(),
		"an attempt": s.StartAttempt(t.Context(), core.Attempt{Delivery: 1}),
		"work":       s.AddKept(&store.Kept{Work: []core.WorkItem{{ID: "w"}}}),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	ctx := t.Context()
	reads := map[string]func() error{
		"read capture":   func() error { _, err := s.Capture(ctx, 1); return err },
		"list captures":  func() error { _, err := s.Captures(ctx, store.Query{}, 0, 1); return err },
		"read captures":  func() error { _, err := s.Rows(ctx, store.Query{}, 1, 2); return err },
		"count captures": func() error { _, err := s.SourceStats(ctx); return err },
		"captures of source 1": func() error {
			return s.SourceCaptures(ctx, 1, func(core.CaptureID, bool, string) { t.Error("one is told") })
		},
		"list sources":            func() error { _, err := s.Sources(ctx); return err },
		"source 1":                func() error { _, err := s.Source(ctx, 1); return err },
		"delivery 1":              func() error { _, err := s.Delivery(ctx, 1); return err },
		"list deliveries":         func() error { _, err := s.Deliveries(ctx, store.DeliveryFilter{}, 0, 1); return err },
		"count deliveries":        func() error { _, err := s.DeliveryStates(ctx, store.DeliveryFilter{}); return err },
		"attempts of delivery 1":  func() error { _, err := s.Attempts(ctx, 1); return err },
		"plans of deliveries":     func() error { _, err := s.Planned(ctx, []core.DeliveryID{1}); return err },
		"list endpoints":          func() error { _, err := s.Endpoints(ctx); return err },
		"read setting a":          func() error { return s.Setting(ctx, "a", new(int)) },
		"list drafts":             func() error { _, err := s.Drafts(ctx); return err },
		"list batches":            func() error { _, err := s.Batches(ctx, 1); return err },
		"read work":               func() error { _, err := s.Work(ctx, "w"); return err },
		"list work":               func() error { _, _, err := s.WorkItems(ctx, store.WorkFilter{}, 0, 1); return err },
		"count work":              func() error { _, err := s.WorkStates(ctx); return err },
		"measure history":         func() error { _, err := s.Usage(ctx); return err },
		"check history":           func() error { return s.Check(ctx) },
		"give space back":         func() error { return s.GiveBack(ctx) },
		"list waiting deliveries": func() error { return s.Waiting(ctx, -1, nil) },
	}
	for what, read := range reads {
		if err := read(); err == nil || errors.Is(err, core.ErrNotFound) || errors.Is(err, sql.ErrNoRows) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.Trim(ctx, store.Cap{Count: 1}, noon); err == nil {
		t.Error("it was trimmed")
	}
	if _, err := s.Pulse(ctx, store.Query{}, noon, time.Minute, 2); err == nil {
		t.Error("it has a pulse")
	}
	if _, err := s.OpenDeliveries(ctx); err == nil {
		t.Error("open deliveries are counted")
	}
	must(t, s.Close()) // a second time is no fault
}

// TestNoOtherFiles: no connection can be made to reach for more files than VACUUM does.
func TestNoOtherFiles(t *testing.T) {
	db := store.Connect(filepath.Join(t.TempDir(), "h.db"), nil)
	defer db.Close()
	db.SetMaxOpenConns(1)
	must1(db.Exec("ATTACH ':memory:' AS one"))(t)
	if _, err := db.Exec("ATTACH ':memory:' AS two"); err == nil || !strings.Contains(err.Error(), "too many attached") {
		t.Error(err)
	}
}
