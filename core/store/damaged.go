package store

import (
	"context"
	"errors"

	"github.com/mattn/go-sqlite3"

	"hookglass/core"
)

// Damaged says that a page of the file is not what was written there: a disk or another program spoilt it. What lies on other
// pages can be read still.
type Damaged struct{ err error }

func (d *Damaged) Error() string {
	return "the history is damaged (" + d.err.Error() + "); hookglass export without a filter takes what can still be read; then restore a copy of it, or move it away to start afresh"
}

func (d *Damaged) Unwrap() error { return d.err }

// worded makes an error of SQLite's that is about damage say so.
func worded(err error) error {
	var e sqlite3.Error
	var said *Damaged
	if errors.As(err, &e) && e.Code == sqlite3.ErrCorrupt && !errors.As(err, &said) {
		return &Damaged{err}
	}
	return err
}

// Salvage are the captures of a damaged history whose rows can be reached, newest first. Each is looked for by itself, so that
// what is spoilt is in nobody else's way.
func (s *Store) Salvage(ctx context.Context) (IDs, error) {
	var ids []core.CaptureID
	var err error
	newest := int64(0)
	for _, table := range []string{"capture", "capture_body"} {
		var id int64
		if e := s.read.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM "+table).Scan(&id); e != nil {
			err = worded(e)
		}
		newest = max(newest, id)
	}
	if newest == 0 {
		return IDs{}, err
	}
	for id := newest; id > 0 && ctx.Err() == nil; id-- {
		var found int64
		if s.read.QueryRowContext(ctx, "SELECT c.id FROM capture c JOIN capture_body b ON b.id = c.id WHERE c.id=?", id).Scan(&found) == nil {
			ids = append(ids, core.CaptureID(found))
		}
	}
	return NewIDs(ids...), ctx.Err()
}
