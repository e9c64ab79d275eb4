package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mattn/go-sqlite3"

	"hookglass/core"
)

// Sources returns all sources in the order they were made.
func (s *Store) Sources(ctx context.Context) ([]core.Source, error) {
	return list(ctx, s.read, "list sources", scanSource, "SELECT id, doc FROM source ORDER BY id")
}

// Source reads one.
func (s *Store) Source(ctx context.Context, id core.SourceID) (core.Source, error) {
	src, err := scanSource(s.read.QueryRowContext(ctx, "SELECT id, doc FROM source WHERE id=?", int64(id)))
	if errors.Is(err, sql.ErrNoRows) {
		err = core.ErrNotFound
	}
	if err != nil {
		return core.Source{}, fmt.Errorf("source %d: %w", id, err)
	}
	return src, nil
}

// SourceNamed reads a source by its name.
func (s *Store) SourceNamed(ctx context.Context, name string) (core.Source, error) {
	all, err := s.Sources(ctx) // names stand within the documents
	if err != nil {
		return core.Source{}, err
	}
	if i := slices.IndexFunc(all, func(src core.Source) bool { return src.Name == name }); i >= 0 {
		return all[i], nil
	}
	return core.Source{}, fmt.Errorf("source %s: %w", name, core.ErrNotFound)
}

func scanSource(row scanner) (src core.Source, err error) {
	var id int64
	var doc string
	if err := row.Scan(&id, &doc); err != nil {
		return src, err
	}
	if err := json.Unmarshal([]byte(doc), &src); err != nil {
		return src, fmt.Errorf("read source %d: %w", id, err)
	}
	src.ID = core.SourceID(id)
	return src, nil
}

// PutSource stores a new source (ID 0, which it sets) or changes one. A name that another has is core.ErrConflict.
func (s *Store) PutSource(src *core.Source) error {
	id := src.ID
	return s.update(func(t *tx) error { src.ID = id; return putSource(t, src) })
}

func putSource(t *tx, src *core.Source) error {
	doc, err := json.Marshal(src)
	if err != nil {
		return err
	}
	if src.ID != 0 {
		n, err := t.change("UPDATE source SET name=?, platform=?, doc=? WHERE id=?", src.Name, src.Platform, string(doc), int64(src.ID))
		if err == nil && n == 0 {
			return fmt.Errorf("source %d: %w", src.ID, core.ErrNotFound)
		}
		return conflict(err, "name", src.Name)
	}
	id, err := t.insert("INSERT INTO source (name, platform, doc, created) VALUES (?,?,?,?)", src.Name, src.Platform, string(doc), src.Created.UnixNano())
	src.ID = core.SourceID(id)
	return conflict(err, "name", src.Name)
}

// conflict turns SQLite's refusal of a second row of that name into core.ErrConflict.
func conflict(err error, field, value string) error {
	var e sqlite3.Error
	if errors.As(err, &e) && e.ExtendedCode == sqlite3.ErrConstraintUnique {
		return fmt.Errorf("%s %q: %w; choose another", field, value, core.ErrConflict)
	}
	return err
}

// DeleteSource removes a source. Its captures stay.
func (s *Store) DeleteSource(id core.SourceID) error {
	return s.update(func(t *tx) error { return t.exec("DELETE FROM source WHERE id=?", int64(id)) })
}

func mergeSettings(t *tx, id core.SourceID, v core.Values) error {
	src, err := scanSource(t.row("SELECT id, doc FROM source WHERE id=?", int64(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil // a source of a workspace that is not kept
	}
	if err != nil {
		return err
	}
	if src.Settings == nil {
		src.Settings = core.Values{}
	}
	for k, x := range v {
		src.Settings[k] = x
	}
	return putSource(t, &src)
}

// SourceStat is what a list of sources shows beside a name.
type SourceStat struct {
	Captures int64
	Last     time.Time
}

// SourceStats are the counts of captures by source, which are kept.
func (s *Store) SourceStats(ctx context.Context) (map[core.SourceID]SourceStat, error) {
	var counts map[core.SourceID]int64
	if s.writer != nil {
		counts = s.writer.ledger.counts()
	} else {
		var l ledger
		if err := l.load(ctx, s.read); err != nil {
			return nil, err
		}
		counts = l.tally
	}
	out := map[core.SourceID]SourceStat{}
	for source, n := range counts {
		var last int64
		err := s.read.QueryRowContext(ctx, "SELECT at FROM capture WHERE id=(SELECT max(id) FROM capture WHERE source=?)", int64(source)).Scan(&last)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return nil, fmt.Errorf("count captures: %w", err)
		default:
			out[source] = SourceStat{n, time.Unix(0, last)}
		}
	}
	return out, nil
}

// SourceCaptures calls yield for each capture of a source, and for those that no source had when they arrived, oldest
// first. own tells them apart.
func (s *Store) SourceCaptures(ctx context.Context, src core.SourceID, yield func(id core.CaptureID, own bool, target string)) error {
	rows, err := s.read.QueryContext(ctx, "SELECT id, source, target FROM capture WHERE source IN (0, ?) ORDER BY id", int64(src))
	if err != nil {
		return fmt.Errorf("list captures of source %d: %w", src, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, source int64
		var target string
		if err := rows.Scan(&id, &source, &target); err != nil {
			return err
		}
		yield(core.CaptureID(id), source != 0, target)
	}
	return rows.Err()
}
