package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"hookglass/core"
)

const (
	fillRows  = 400       // captures that are entered in one transaction, at most
	fillBytes = 4 << 20   // and bytes of them
	readLong  = 256 << 10 // a text that is longer is read through: to enter it would hold up the others

	fillRest = 500 * time.Millisecond // between two looks whether captures still arrive
	fillLazy = 10                     // captures between two looks that are no reason to rest
)

// KeepIndex fills the index until ctx ends. It rests while captures arrive.
func (s *Store) KeepIndex(ctx context.Context) error {
	if s.writer == nil {
		return nil
	}
	for rev := uint64(0); ; {
		seen := s.Feed().Rev()
		more, err := s.fill(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("fill the search index: %w", err)
		case !more:
			if rev, err = s.Feed().Wait(ctx, max(rev, seen)); err != nil {
				return nil
			}
			fallthrough
		default:
			if !s.rest(ctx, !more) {
				return nil
			}
		}
	}
}

// rest waits until few captures arrive, or for a moment; it is false where ctx ended.
func (s *Store) rest(ctx context.Context, idle bool) bool {
	wait := fillRest / 50
	if idle {
		wait = fillRest / 2
	}
	for {
		before := s.writer.ledger.now.Load().top
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return false
		case <-t.C:
		}
		if s.writer.ledger.now.Load().top-before <= fillLazy {
			return true
		}
		wait = fillRest
	}
}

// fill enters some captures, those of the newest shard first, and says whether more are left.
func (s *Store) fill(ctx context.Context) (more bool, err error) {
	var off bool
	if err := s.Setting(ctx, settingOff, &off); err != nil || off {
		return false, err
	}
	all, err := s.All(ctx)
	if err != nil || all.Len() == 0 {
		return false, err
	}
	x, err := s.ensureIndex(ctx)
	if err != nil {
		return false, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	filled := x.known()
	for shard := range filled { // those whose captures were all trimmed
		if all.CountIn(shardRange(shard)) == 0 {
			if err := x.drop(ctx, shard); err != nil {
				return false, err
			}
		}
	}
	for top := all.Newest(); top > 0; {
		shard := shardOf(top)
		r := shardRange(shard)
		from := max(r.From, filled[shard]+1)
		if all.CountIn(IDRange{from, r.To}) > 0 {
			return true, s.fillShard(ctx, x, shard, from, min(r.To, all.Newest()))
		}
		top = all.At(all.Below(r.From) - 1)
	}
	return false, nil
}

// text is what is entered of a capture.
type text struct {
	id         core.CaptureID
	body, head sql.RawBytes
	long       bool
}

func readable(b []byte) bool {
	for _, c := range b {
		if c == 0 {
			return false
		}
	}
	return utf8.Valid(b)
}

// fillShard enters captures of a shard between two numbers, as many as one transaction bears.
func (s *Store) fillShard(ctx context.Context, x *index, shard int64, from, to core.CaptureID) error {
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var enter [2]*sql.Stmt
	for i, of := range texts {
		table := shardTable(of, shard)
		if _, err := tx.ExecContext(ctx, "CREATE VIRTUAL TABLE IF NOT EXISTS "+table+" USING fts5(text, content='', contentless_delete=1, detail=none, tokenize='trigram')"); err != nil {
			return err
		}
		if enter[i], err = tx.PrepareContext(ctx, "INSERT INTO "+table+" (rowid, text) VALUES (?,?)"); err != nil {
			return err
		}
		defer enter[i].Close()
	}
	n, bytes, last := 0, 0, to
	full := errors.New("full")
	err = each(ctx, s.read, `SELECT id, length(body) + coalesce(length(head), length(header)) > ?1 OR `+inPieces+`, CASE WHEN length(body) <= ?1 THEN body END, coalesce(head, header)
		FROM capture_body WHERE id BETWEEN ?2 AND ?3 ORDER BY id LIMIT ?4`, []any{readLong, int64(from), int64(to), fillRows}, func(row scanner) error {
		var t text
		if err := row.Scan(&t.id, &t.long, &t.body, &t.head); err != nil {
			return err
		}
		n, last = n+1, t.id
		bytes += len(t.body) + len(t.head)
		var err error
		if t.long || !readable(t.body) || !readable(t.head) {
			_, err = tx.ExecContext(ctx, "INSERT OR IGNORE INTO unread (id) VALUES (?)", int64(t.id))
		} else {
			if _, err = enter[0].ExecContext(ctx, int64(t.id), string(t.body)); err == nil {
				_, err = enter[1].ExecContext(ctx, int64(t.id), string(t.head))
			}
		}
		if err == nil && bytes > fillBytes {
			err = full
		}
		return err
	})
	if err != nil && !errors.Is(err, full) {
		return err
	}
	if err == nil && n < fillRows {
		last = to
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO shard (id, upto) VALUES (?,?) ON CONFLICT (id) DO UPDATE SET upto=excluded.upto", shard, int64(last)); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	x.know(shard, last)
	return nil
}

// SwitchSearch turns the index on or off. Off, its file is taken away, and bodies are read through.
func (s *Store) SwitchSearch(ctx context.Context, on bool) error {
	if err := s.PutSetting(settingOff, !on); err != nil {
		return err
	}
	if on {
		f := &s.finder
		f.mu.Lock()
		f.tried = f.x != nil // look again
		f.mu.Unlock()
		s.feed.Bump()
		return nil
	}
	x := s.index(ctx)
	if x == nil {
		return nil
	}
	x.mu.Lock() // whoever fills it has ended a transaction
	defer x.mu.Unlock()
	f := &s.finder
	f.mu.Lock()
	defer f.mu.Unlock()
	f.x, f.tried = nil, false
	return errors.Join(x.close(), removeIndex(x.path))
}
