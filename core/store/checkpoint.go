package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// SQLite would carry the write-ahead log over into the file inside a commit, and everyone in that commit would wait
// for it: some ten milliseconds, which is what the slowest one in a hundred then sees. So the writer only says that
// it is time, another connection carries over what is there while commits go on, and the writer finishes with
// what came meanwhile, which is little. After that the log begins anew.
//
// It begins anew only when nobody reads in it. Readers that follow one another without a gap would keep it growing for
// ever; so from a size on, commits wait until those who read now have ended. Who begins to read meanwhile reads the file
// alone, which holds all then, and is in nobody's way.
type checkpointer struct {
	db    *sql.DB
	due   chan struct{}
	ready atomic.Bool // the writer may finish
	done  chan struct{}

	empty chan chan error // who wants the log to be emptied

	anew int           // pages of the log at which commits wait next
	wait time.Duration // for how long
}

const (
	checkEvery = 8     // commits between two looks at the log
	logFull    = 1_000 // pages of the log that are worth carrying over: 16 MB
	logMost    = 4_000 // pages that are carried over at once, whoever waits: 64 MB
	logAnew    = 8_000 // pages from which the log is to begin anew: 128 MB

	waitFirst = 50 * time.Millisecond
	waitLast  = 5 * time.Second
)

func startCheckpointer(db *sql.DB) *checkpointer {
	c := &checkpointer{db: db, due: make(chan struct{}, 1), done: make(chan struct{}), empty: make(chan chan error, 1), anew: logAnew, wait: waitFirst}
	go c.run()
	return c
}

// run carries over until stop. A checkpoint that did not work is tried again at the next look.
func (c *checkpointer) run() {
	defer close(c.done)
	for range c.due {
		if _, _, err := checkpoint(c.db, "PRAGMA wal_checkpoint(PASSIVE)"); err == nil {
			c.ready.Store(true)
		}
	}
}

// look is the writer's part, between two transactions.
func (c *checkpointer) look(w *writer) {
	select {
	case said := <-c.empty:
		said <- truncate(w)
		return
	default:
	}
	if c.ready.CompareAndSwap(true, false) {
		checkpoint(w.conn, "PRAGMA wal_checkpoint(PASSIVE)")
		return
	}
	if w.commits++; w.commits%checkEvery != 0 && w.heavy < logFull*pageSize {
		return
	}
	w.heavy = 0
	pages, left, err := checkpoint(w.conn, "PRAGMA wal_checkpoint(NOOP)")
	switch {
	case err != nil:
	case pages < logAnew:
		c.anew, c.wait = logAnew, waitFirst
		fallthrough
	case pages < c.anew:
		c.carry(w, left)
	default:
		c.beginAnew(w, pages)
	}
}

// carry has so many pages carried over that are left to be.
func (c *checkpointer) carry(w *writer, left int) {
	switch {
	case left <= logFull:
	case left > logMost: // the machine is so busy that the other connection does not keep up
		checkpoint(w.conn, "PRAGMA wal_checkpoint(PASSIVE)")
	default:
		select {
		case c.due <- struct{}{}:
		default: // it is at it
		}
	}
}

// beginAnew waits for those who read in the log. Where one does not end, the next try is later and more patient: it holds
// back all of the log that came after it, and nothing but its end helps.
func (c *checkpointer) beginAnew(w *writer, pages int) {
	ctx := context.Background()
	w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout=%d", c.wait.Milliseconds()))
	checkpoint(w.conn, "PRAGMA wal_checkpoint(RESTART)")
	w.conn.ExecContext(ctx, "PRAGMA busy_timeout=5000")
	c.anew, c.wait = pages+logMost, min(2*c.wait, waitLast)
}

// emptyLog carries all of the log over and cuts it to nothing: what was deleted stands there as it was.
func (s *Store) emptyLog() error {
	checkpoint(s.carry, "PRAGMA wal_checkpoint(PASSIVE)") // beside the writer, so that it has little left to do
	said := make(chan error, 1)
	s.writer.checkpoint.empty <- said
	if err := s.update(func(*tx) error { return nil }); err != nil { // the writer looks after each commit
		return err
	}
	return <-said
}

// wholeRewrite is up to which size a file is written anew after a deletion. SQLite overwrites what is deleted, but not the
// copies that rows left in a page's gap when they outgrew it; in a larger file those stay until the gap is used again.
const wholeRewrite = 64 << 20

// truncate waits for readers as long as the connection is patient.
func truncate(w *writer) error {
	var size int64
	if err := w.conn.QueryRowContext(context.Background(), "SELECT page_count*page_size FROM pragma_page_count, pragma_page_size").Scan(&size); err != nil {
		return err
	}
	if size <= wholeRewrite {
		if _, err := w.conn.ExecContext(context.Background(), "VACUUM"); err != nil {
			return fmt.Errorf("wipe what is deleted: %w", err)
		}
	}
	pages, _, err := checkpoint(w.conn, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err == nil && pages > 0 {
		err = errors.New("it is deleted, but another program reads the history, and what was written before stands in the log beside it until that ends")
	}
	return err
}

// checkpoint runs a checkpoint, to its end: it answers with a row. It returns how many pages the log has, and how many of
// them are left to carry over.
func checkpoint(on interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, query string) (pages, left int, err error) {
	var busy, carried int
	err = on.QueryRowContext(context.Background(), query).Scan(&busy, &pages, &carried) // half a checkpoint is of no use
	return pages, pages - carried, err
}

func (c *checkpointer) stop() {
	close(c.due)
	<-c.done
}
