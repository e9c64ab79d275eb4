package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"hookglass/core"
)

const maxID = core.CaptureID(math.MaxInt64)

// ledger is what the writer knows of all captures without reading them: which there are, when they arrived, and how many each
// source has. It stands in memory, and in the file but for the newest block. Whoever reads is given what was committed last.
type ledger struct {
	sealed []*block // all blocks but the newest
	shared bool     // sealed was given to readers
	tail   *block   // the newest
	lent   bool     // tail was given to readers
	names  map[nameOf]bool
	n      int                    // how many captures there are
	dirty  map[int64]bool         // sealed blocks that are to be written
	owes   map[core.SourceID]bool // sources whose count is to be written
	top    core.CaptureID         // the last number that was given
	kept   core.CaptureID         // what the file says of it, where that capture is deleted
	shrunk bool                   // the transaction under way deleted something
	begun  bool                   // the transaction under way changed something
	broken bool                   // one was undone, and all this is to be read anew

	mu     sync.Mutex
	tally  map[core.SourceID]int64 // captures by source
	ofTail map[core.SourceID]int64 // those of them in the newest block

	now atomic.Pointer[committed]
}

// committed is what readers are given.
type committed struct {
	sealed []*block
	tail   *block // nil: there is none
	n      int
	top    core.CaptureID // the last number that was given
}

// nameOf is a source as it was called when it captured.
type nameOf struct {
	name   string
	source int64
}

// reader is what a ledger is read by: a pool, or the writer's connection.
type reader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// each calls one for each row of a query.
func each(ctx context.Context, on reader, query string, args []any, one func(scanner) error) error {
	rows, err := on.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := one(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// readBlocks reads the blocks of a history: those that are kept, and the newest from the captures themselves. tell is given
// the captures that stand in no kept block.
func readBlocks(ctx context.Context, on reader, tell func(b *block, source core.SourceID)) (blocks []*block, kept int, err error) {
	err = each(ctx, on, "SELECT id, oldest, newest, ids FROM capture_block ORDER BY id", nil, func(row scanner) error {
		var b block
		var packed sql.RawBytes
		if err := row.Scan(&b.number, &b.from, &b.to, &packed); err != nil {
			return err
		}
		blocks = append(blocks, &b)
		return b.unpack(packed)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read the blocks of the history: %w", err)
	}
	kept = len(blocks)
	after := int64(0)
	if kept > 0 {
		after = int64(blocks[kept-1].last())
	}
	var tail *block
	err = each(ctx, on, "SELECT id, at, source FROM capture WHERE id > ? ORDER BY id", []any{after}, func(row scanner) error {
		var id, at, source int64
		if err := row.Scan(&id, &at, &source); err != nil {
			return err
		}
		if tail == nil || tail.number != blockOf(core.CaptureID(id)) {
			tail = &block{number: blockOf(core.CaptureID(id)), from: at, to: at}
			blocks = append(blocks, tail)
		}
		tail.take(core.CaptureID(id), at)
		if tell != nil {
			tell(tail, core.SourceID(source))
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read the newest captures: %w", err)
	}
	return blocks, kept, nil
}

// take enters a capture.
func (b *block) take(id core.CaptureID, at int64) {
	if b.n == 0 {
		b.from, b.to = at, at
	}
	b.from, b.to = min(b.from, at), max(b.to, at)
	b.set(id, true)
}

func (b *block) pack() []byte {
	out := make([]byte, 0, blockSize/8)
	for _, w := range b.bits {
		out = binary.LittleEndian.AppendUint64(out, w)
	}
	return out
}

func (b *block) unpack(packed []byte) error {
	if len(packed) != blockSize/8 || b.number < 0 || b.number > blockOf(maxID) {
		return fmt.Errorf("block %d has %d bytes", b.number, len(packed)) // the file may be another's
	}
	for i := range b.bits {
		b.bits[i] = binary.LittleEndian.Uint64(packed[i*8:])
		b.n += bits.OnesCount64(b.bits[i])
	}
	return nil
}

// load reads all anew from the file.
func (l *ledger) load(ctx context.Context, on reader) error {
	tally, ofTail, names := map[core.SourceID]int64{}, map[core.SourceID]int64{}, map[nameOf]bool{}
	err := each(ctx, on, "SELECT source, n FROM capture_tally", nil, func(row scanner) error {
		var source core.SourceID
		var n int64
		err := row.Scan(&source, &n)
		tally[source] = n
		return err
	})
	if err != nil {
		return fmt.Errorf("read the counts of the history: %w", err)
	}
	err = each(ctx, on, "SELECT name, source FROM capture_name", nil, func(row scanner) (err error) {
		var n nameOf
		err = row.Scan(&n.name, &n.source)
		names[n] = true
		return err
	})
	if err != nil {
		return fmt.Errorf("read the names of the history: %w", err)
	}
	var newest *block
	blocks, kept, err := readBlocks(ctx, on, func(b *block, source core.SourceID) {
		if b != newest {
			newest = b
			clear(ofTail)
		}
		tally[source]++
		ofTail[source]++
	})
	if err != nil {
		return err
	}
	l.sealed, l.tail, l.lent, l.n = blocks, nil, false, idsOf(blocks).Len()
	l.dirty, l.owes, l.names = map[int64]bool{}, map[core.SourceID]bool{}, names
	last, told := idsOf(blocks).Newest(), int64(0)
	err = each(ctx, on, "SELECT CAST(value AS INTEGER) FROM setting WHERE name = ?", []any{settingTop}, func(row scanner) error { return row.Scan(&told) })
	if err != nil {
		return fmt.Errorf("read the last number of the history: %w", err)
	}
	l.top, l.kept = max(last, core.CaptureID(told)), core.CaptureID(told)
	if len(blocks) > kept {
		l.sealed, l.tail = blocks[:len(blocks)-1], blocks[len(blocks)-1]
		for _, b := range l.sealed[kept:] { // of an older version
			l.dirty[b.number] = true
			for source := range tally {
				l.owes[source] = true
			}
		}
	}
	l.mu.Lock()
	l.tally, l.ofTail = tally, ofTail
	l.mu.Unlock()
	l.broken, l.shrunk = false, false
	l.publish()
	return nil
}

// publish gives readers what is committed.
func (l *ledger) publish() {
	l.now.Store(&committed{l.sealed, l.tail, l.n, l.top})
	l.shared, l.lent, l.begun = true, true, false
}

// next is the number of the next capture. None is given twice, not even that of a capture that was deleted: replays, work and
// what was searched go by it.
func (l *ledger) next() core.CaptureID { return l.top + 1 }

// add enters a capture that was inserted.
func (l *ledger) add(t *tx, id core.CaptureID, at int64, source core.SourceID, name string) error {
	l.n++
	l.begun, l.top = true, id
	switch n := blockOf(id); {
	case l.tail != nil && l.tail.number == n:
		l.ownTail()
		l.tail.take(id, at)
		l.count(source, 1, 1)
	default:
		l.seal()
		l.tail, l.lent = &block{number: n}, false
		l.tail.take(id, at)
		l.count(source, 1, 1)
	}
	if known := (nameOf{name, int64(source)}); !l.names[known] {
		l.names[known] = true
		return t.exec("INSERT OR IGNORE INTO capture_name (name, source) VALUES (?,?)", name, int64(source))
	}
	return nil
}

// remove strikes a capture out that was deleted.
func (l *ledger) remove(id core.CaptureID, source core.SourceID) {
	l.n--
	l.begun, l.shrunk = true, true
	if l.tail != nil && l.tail.number == blockOf(id) {
		l.ownTail()
		l.tail.set(id, false)
		l.count(source, -1, -1)
		return
	}
	l.change(blockOf(id), func(b *block) { b.set(id, false) })
	l.count(source, -1, 0)
	l.owes[source] = true
}

func (l *ledger) count(source core.SourceID, all, ofTail int64) {
	l.mu.Lock()
	l.tally[source] += all
	l.ofTail[source] += ofTail
	l.mu.Unlock()
}

// ownTail makes the newest block one that nobody else reads.
func (l *ledger) ownTail() {
	if l.lent {
		mine := *l.tail
		l.tail, l.lent = &mine, false
	}
}

// seal ends the newest block.
func (l *ledger) seal() {
	if l.tail == nil {
		return
	}
	if l.tail.n > 0 {
		l.sealed = append(l.sealed, l.tail) // behind what readers see
		l.dirty[l.tail.number] = true
	}
	l.tail = nil
	l.mu.Lock()
	defer l.mu.Unlock()
	for source := range l.ofTail {
		l.owes[source] = true
	}
	clear(l.ofTail)
}

// change changes a sealed block, in a copy.
func (l *ledger) change(number int64, do func(*block)) {
	if l.shared {
		l.sealed, l.shared = slices.Clone(l.sealed), false
	}
	i, found := idsOf(l.sealed).find(number)
	mine := &block{number: number}
	if found {
		*mine = *l.sealed[i]
	} else {
		l.sealed = slices.Insert(l.sealed, i, mine)
	}
	do(mine)
	if l.sealed[i] = mine; mine.n == 0 {
		l.sealed = slices.Delete(l.sealed, i, i+1)
	}
	l.dirty[number] = true
}

// flush writes what changed, in the transaction that changed it.
func (l *ledger) flush(t *tx) error {
	if l.shrunk && l.kept < l.top && l.newest() < l.top {
		if err := putSetting(t, settingTop, strconv.AppendInt(nil, int64(l.top), 10)); err != nil {
			return err
		}
		l.kept = l.top
	}
	l.shrunk = false
	l.begun = l.begun || len(l.dirty) > 0
	for number := range l.dirty {
		i, found := idsOf(l.sealed).find(number)
		var err error
		if found {
			b := l.sealed[i]
			err = t.exec("INSERT OR REPLACE INTO capture_block (id, oldest, newest, ids) VALUES (?,?,?,?)", b.number, b.from, b.to, b.pack())
		} else {
			err = t.exec("DELETE FROM capture_block WHERE id=?", number)
		}
		if err != nil {
			return err
		}
	}
	clear(l.dirty)
	if len(l.owes) == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for source := range l.owes {
		n := l.tally[source] - l.ofTail[source]
		if err := t.exec("INSERT OR REPLACE INTO capture_tally (source, n) VALUES (?,?)", int64(source), n); err != nil {
			return err
		}
	}
	clear(l.owes)
	return nil
}

// settingTop is the setting that has the last number that was given.
const settingTop = "captures.last"

func (l *ledger) newest() core.CaptureID {
	return idsOf(append(l.sealed[:len(l.sealed):len(l.sealed)], l.all()...)).Newest()
}

// checkLedger compares what is kept with the captures.
func checkLedger(ctx context.Context, on reader) error {
	var l ledger
	if err := l.load(ctx, on); err != nil {
		return err
	}
	kept, n := idsOf(append(l.sealed, l.all()...)), 0
	err := each(ctx, on, "SELECT id, at, source, name FROM capture ORDER BY id", nil, func(row scanner) error {
		var id core.CaptureID
		var at, source int64
		var name string
		if err := row.Scan(&id, &at, &source, &name); err != nil {
			return err
		}
		i, _ := kept.find(blockOf(id))
		switch {
		case !kept.Has(id):
			return fmt.Errorf("capture %d is not in its block", id)
		case at < kept.blocks[i].from || at > kept.blocks[i].to:
			return fmt.Errorf("capture %d arrived at %d, and its block says between %d and %d", id, at, kept.blocks[i].from, kept.blocks[i].to)
		case !l.names[nameOf{name, source}]:
			return fmt.Errorf("capture %d has the name %q, which is not known of source %d", id, name, source)
		}
		l.tally[core.SourceID(source)]--
		n++
		return nil
	})
	if err == nil && n != kept.Len() {
		err = fmt.Errorf("%d captures are kept in blocks, and %d are there", kept.Len(), n)
	}
	for source, left := range l.tally {
		if err == nil && left != 0 {
			err = fmt.Errorf("the count of source %d is off by %d", source, left)
		}
	}
	return err
}

// all is the newest block, where there is one.
func (l *ledger) all() []*block {
	if l.tail == nil || l.tail.n == 0 {
		return nil
	}
	return []*block{l.tail}
}

// counts are the captures by source.
func (l *ledger) counts() map[core.SourceID]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.tally)
}

// blocks are those of the captures that are there.
func (s *Store) blocks(ctx context.Context) ([]*block, error) {
	if s.writer != nil {
		now := s.writer.ledger.now.Load()
		blocks := make([]*block, 0, len(now.sealed)+1)
		blocks = append(blocks, now.sealed...)
		if now.tail != nil && now.tail.n > 0 {
			blocks = append(blocks, now.tail)
		}
		return blocks, nil
	}
	all, _, err := readBlocks(ctx, s.read, nil)
	return all, err
}

// All is the set of all captures. To ask for it costs the same however many they are.
func (s *Store) All(ctx context.Context) (IDs, error) {
	blocks, err := s.blocks(ctx)
	return idsOf(blocks), err
}
