package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/mattn/go-sqlite3"

	"hookglass/core"
)

// index finds text in bodies and heads. It stands in a file of its own beside the history, is filled behind the captures, and may
// be thrown away at any time: what it does not cover is read through, and what it finds is compared with the captures. So a
// filter means the same with it and without.
//
// Its parts are of a shard of the captures each, by number: a shard that is trimmed away is dropped whole, and one of which
// something was deleted is written anew, so that nothing of it is left.
type index struct {
	path  string
	read  *sql.DB
	write *sql.DB // nil: for reading only

	mu sync.Mutex // held by who changes it

	filled sync.Mutex
	upto   map[int64]core.CaptureID // how far each shard is filled
}

// known is how far each shard is filled.
func (x *index) known() map[int64]core.CaptureID {
	x.filled.Lock()
	defer x.filled.Unlock()
	return maps.Clone(x.upto)
}

func (x *index) know(shard int64, upto core.CaptureID) {
	x.filled.Lock()
	defer x.filled.Unlock()
	if x.upto[shard] = upto; upto == 0 {
		delete(x.upto, shard)
	}
}

const (
	shardShift = 15
	shardSize  = 1 << shardShift

	indexID      = 0x686b6773 // "hkgs", SQLite's application_id
	indexVersion = 2
	settingIndex = "search.history" // whose index it is: a name that is made once
	settingOff   = "search.off"
)

func shardOf(id core.CaptureID) int64 { return int64(id) >> shardShift }

func shardRange(shard int64) IDRange {
	return IDRange{core.CaptureID(shard << shardShift), core.CaptureID((shard+1)<<shardShift - 1)}
}

// A shard has a table for each kind of text. One table of two columns would have to say for each word in which it is, which
// makes it three times as large.
var texts = []string{"body", "head"}

func shardTable(of string, shard int64) string { return fmt.Sprintf("%s%d", of, shard) }

// indexPath is where the index of a history is.
func indexPath(history string) string { return filepath.Join(filepath.Dir(history), "search.db") }

// errNoIndex says that there is none, which is no fault.
var errNoIndex = errors.New("there is no search index")

// errOldIndex says that an index is ours and of no use: of another history, of another version, or damaged.
var errOldIndex = errors.New("the search index is of no use")

// openIndex opens the index of a history that has so high a number given.
func openIndex(ctx context.Context, path, of string, top core.CaptureID, writes bool) (*index, error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil, errNoIndex
	}
	if err != nil {
		return nil, err
	}
	x := &index{path: path, upto: map[int64]core.CaptureID{}, read: openReaders(path, url.Values{})}
	if err := x.check(ctx, of, top); err != nil {
		x.close()
		return nil, err
	}
	if !writes {
		return x, nil
	}
	x.write = openIndexWriter(path)
	return x, x.settle(ctx)
}

// check refuses what is not ours, and says what is of no use.
func (x *index) check(ctx context.Context, of string, top core.CaptureID) error {
	foreign := &core.Invalid{Field: x.path, Reason: "not a search index of Hookglass; move it away, and one is made"}
	var id, version, acts int
	err := x.read.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
		(SELECT count(*) FROM sqlite_master WHERE type IN ('trigger', 'view'))`).Scan(&id, &version, &acts)
	var e sqlite3.Error
	switch {
	case errors.As(err, &e) && e.Code == sqlite3.ErrNotADB:
		return foreign
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil && (id != indexID || acts > 0):
		return foreign
	case err != nil || version != indexVersion:
		return errOldIndex
	}
	var mine string
	if err := x.read.QueryRowContext(ctx, "SELECT history FROM about").Scan(&mine); err != nil || mine != of {
		return errOldIndex
	}
	upto, err := x.readShards(ctx, x.read)
	if err != nil {
		return errOldIndex
	}
	for _, id := range upto {
		if id > top { // the history is an older copy
			return errOldIndex
		}
	}
	x.upto = upto
	return nil
}

func (x *index) readShards(ctx context.Context, on reader) (map[int64]core.CaptureID, error) {
	out := map[int64]core.CaptureID{}
	err := each(ctx, on, "SELECT id, upto FROM shard WHERE wiping = 0", nil, func(row scanner) error {
		var shard int64
		var upto core.CaptureID
		err := row.Scan(&shard, &upto)
		out[shard] = upto
		return err
	})
	return out, err
}

// settle drops shards in which a deletion was cut off.
func (x *index) settle(ctx context.Context) error {
	cut, err := list(ctx, x.write, "read the search index", one[int64], "SELECT id FROM shard WHERE wiping = 1")
	if err != nil || len(cut) == 0 {
		return err
	}
	return errors.Join(x.drop(ctx, cut...), x.wiped(ctx))
}

func openIndexWriter(path string) *sql.DB {
	db := connect(path, url.Values{"_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}, "_busy_timeout": {"5000"}, "_txlock": {"immediate"}, "_secure_delete": {"on"}, "_cache_size": {"-8000"}})
	db.SetMaxOpenConns(1)
	return db
}

// makeIndex makes an empty one.
func makeIndex(ctx context.Context, path, of string) (*index, error) {
	if err := makePrivate(path, os.O_CREATE|os.O_RDWR); err != nil {
		return nil, fmt.Errorf("make the search index: %w", err)
	}
	x := &index{path: path, upto: map[int64]core.CaptureID{}}
	first := connect(path, url.Values{"_auto_vacuum": {"incremental"}})
	first.SetMaxOpenConns(1)
	_, err := first.ExecContext(ctx, fmt.Sprintf(`PRAGMA auto_vacuum=incremental; VACUUM; PRAGMA journal_mode=WAL;
		CREATE TABLE about (history TEXT NOT NULL) STRICT;
		CREATE TABLE shard (id INTEGER PRIMARY KEY, upto INTEGER NOT NULL, wiping INTEGER NOT NULL DEFAULT 0) STRICT;
		CREATE TABLE unread (id INTEGER PRIMARY KEY) STRICT; -- captures that are read through: their text is long, or is none
		PRAGMA application_id=%d; PRAGMA user_version=%d;`, indexID, indexVersion))
	if err == nil {
		_, err = first.ExecContext(ctx, "INSERT INTO about (history) VALUES (?)", of)
	}
	if err = errors.Join(err, first.Close()); err != nil {
		return nil, fmt.Errorf("make the search index: %w", err)
	}
	x.read, x.write = openReaders(path, url.Values{}), openIndexWriter(path)
	return x, nil
}

// removeIndex takes the files of an index away.
func removeIndex(path string) error {
	var errs []error
	for _, end := range []string{"-wal", "-shm", ""} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (x *index) close() error {
	err := x.read.Close()
	if x.write != nil {
		err = errors.Join(err, x.write.Close())
	}
	return err
}

// drop takes shards away, to be filled anew.
func (x *index) drop(ctx context.Context, shards ...int64) error {
	for _, shard := range shards {
		tx, err := x.write.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		r := shardRange(shard)
		for _, of := range texts {
			if err == nil {
				_, err = tx.ExecContext(ctx, "DROP TABLE IF EXISTS "+shardTable(of, shard))
			}
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, "DELETE FROM unread WHERE id BETWEEN ? AND ?", r.From, r.To)
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, "DELETE FROM shard WHERE id=?", shard)
		}
		if err != nil {
			tx.Rollback()
			return fmt.Errorf("drop a part of the search index: %w", err)
		}
		if err := tx.Commit(); err != nil {
			return err
		}
		x.know(shard, 0)
	}
	return nil
}

// wiped gives free pages back and empties the log, where what was deleted still stands.
func (x *index) wiped(ctx context.Context) error {
	err := each(ctx, x.write, "PRAGMA incremental_vacuum", nil, func(scanner) error { return nil })
	if err != nil {
		return fmt.Errorf("shrink the search index: %w", err)
	}
	_, _, err = checkpoint(x.write, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// condemn marks the shards of captures that are about to be deleted, so that a crash in between leaves nothing of them.
func (x *index) condemn(ctx context.Context, ids IDs) (shards []int64, err error) {
	for shard, upto := range x.known() {
		if r := shardRange(shard); ids.CountIn(IDRange{r.From, upto}) > 0 {
			shards = append(shards, shard)
		}
	}
	slices.Sort(shards)
	for _, shard := range shards {
		if _, err := x.write.ExecContext(ctx, "UPDATE shard SET wiping=1 WHERE id=?", shard); err != nil {
			return shards, err
		}
	}
	if len(shards) > 0 {
		_, _, err = checkpoint(x.write, "PRAGMA wal_checkpoint(PASSIVE)") // that brings it to the disk
	}
	return shards, err
}

// rewriteMost is how many shards are written anew after a deletion; more are dropped, and filled again behind the captures.
const rewriteMost = 4

// wipe takes what is gone out of condemned shards.
func (x *index) wipe(ctx context.Context, shards []int64, gone IDs) error {
	if len(shards) == 0 {
		return nil
	}
	if len(shards) > rewriteMost {
		return errors.Join(x.drop(ctx, shards...), x.wiped(ctx))
	}
	for _, shard := range shards {
		if err := x.rewrite(ctx, shard, gone.In(shardRange(shard))); err != nil {
			return errors.Join(x.drop(ctx, shard), err)
		}
	}
	return x.wiped(ctx)
}

func (x *index) rewrite(ctx context.Context, shard int64, gone IDs) error {
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for id := range gone.Backward() {
		if _, err := tx.ExecContext(ctx, "DELETE FROM unread WHERE id=?", int64(id)); err != nil {
			return err
		}
	}
	for _, of := range texts {
		table := shardTable(of, shard)
		for id := range gone.Backward() {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE rowid=?", int64(id)); err != nil {
				return err
			}
		}
		if gone.Len() == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO "+table+" ("+table+") VALUES ('optimize')"); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE shard SET wiping=0 WHERE id=?", shard); err != nil {
		return err
	}
	return tx.Commit()
}

// finder is what a store keeps of its index.
type finder struct {
	mu    sync.Mutex
	x     *index
	tried bool  // to open it
	why   error // why there is none, where that is a fault
}

// ofHistory is the name by which an index knows its history, made where there is none.
func (s *Store) ofHistory(ctx context.Context) (name string, err error) {
	if err := s.Setting(ctx, settingIndex, &name); err != nil || name != "" || s.writer == nil {
		return name, err
	}
	err = ChangeSetting(s, settingIndex, func(have *string) error {
		if *have == "" {
			*have = rand.Text()
		}
		name = *have
		return nil
	})
	return name, err
}

// index is that of the history, or nil where there is none to go by.
func (s *Store) index(ctx context.Context) *index {
	f := &s.finder
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tried {
		return f.x
	}
	if _, err := os.Stat(indexPath(s.path)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	of, err := s.ofHistory(ctx)
	top := core.CaptureID(0)
	if err == nil {
		if s.writer != nil {
			top = s.writer.ledger.now.Load().top
		} else {
			var l ledger
			err = l.load(ctx, s.read)
			top = l.top
		}
	}
	if err == nil {
		f.x, err = openIndex(ctx, indexPath(s.path), of, top, s.writer != nil)
	}
	f.why = nil
	if f.tried = ctx.Err() == nil; err != nil {
		f.x = nil
		if !errors.Is(err, errNoIndex) {
			f.why = err
		}
	}
	return f.x
}

// ensureIndex is index for who fills it: it makes one.
func (s *Store) ensureIndex(ctx context.Context) (*index, error) {
	if x := s.index(ctx); x != nil || ctx.Err() != nil {
		return x, ctx.Err()
	}
	of, err := s.ofHistory(ctx)
	if err != nil {
		return nil, err
	}
	f := &s.finder
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.why != nil && !errors.Is(f.why, errOldIndex) {
		return nil, f.why
	}
	if err := removeIndex(indexPath(s.path)); err != nil { // an empty one, one of no use, or what one left beside it
		return nil, err
	}
	f.x, f.why = makeIndex(ctx, indexPath(s.path), of)
	if f.why != nil {
		f.x = nil
	}
	return f.x, f.why
}

// SearchState is how far the index of the texts is.
type SearchState struct {
	State     string         // "ready", "building" or "off"
	IndexedTo core.CaptureID // all captures up to this one are in it
	Behind    int            // captures that are not
	Bytes     int64          // of its files
	Why       string         // why it is off, where nobody switched it off
}

// SearchState says how far the index is. What is not in it is found too, in more time.
func (s *Store) SearchState(ctx context.Context) (st SearchState, err error) {
	var off bool
	if err := s.Setting(ctx, settingOff, &off); err != nil {
		return st, err
	}
	all, err := s.All(ctx)
	if err != nil {
		return st, err
	}
	st = SearchState{State: "off", Behind: all.Len()}
	if off {
		return st, nil
	}
	x := s.index(ctx)
	if s.finder.mu.Lock(); s.finder.why != nil && !errors.Is(s.finder.why, errOldIndex) {
		st.Why = s.finder.why.Error()
	}
	s.finder.mu.Unlock()
	if st.Why != "" {
		return st, nil
	}
	if st.State = "building"; x == nil {
		return st, nil
	}
	upto := x.known()
	for shard, to := range upto {
		st.Behind -= all.CountIn(IDRange{shardRange(shard).From, to})
	}
	if st.Behind == 0 {
		st.State = "ready"
	}
	for id := core.CaptureID(0); ; { // from the oldest on, as far as nothing is left out
		place := all.Below(id + 1)
		next := all.At(place)
		if next == 0 || next > upto[shardOf(next)] {
			st.IndexedTo = all.At(place - 1)
			break
		}
		id = upto[shardOf(next)]
	}
	for _, end := range []string{"", "-wal"} {
		if info, err := os.Stat(indexPath(s.path) + end); err == nil {
			st.Bytes += info.Size()
		}
	}
	return st, nil
}
