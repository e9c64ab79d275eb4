package store

import (
	"context"
	"database/sql"
	"sync/atomic"
)

// SQLite would carry the write-ahead log over into the file inside a commit, and everyone in that commit would wait
// for it: some ten milliseconds, which is what the slowest one in a hundred then sees. So the writer only says that
// it is time, another connection carries over what is there while commits go on, and the writer finishes with
// what came meanwhile, which is little. After that the log begins anew.
type checkpointer struct {
	db    *sql.DB
	due   chan struct{}
	ready atomic.Bool // the writer may finish
	done  chan struct{}
}

const (
	checkEvery = 8     // commits between two looks at the log
	logFull    = 1_000 // pages of the log that are worth carrying over: 16 MB
	logMost    = 4_000 // pages that are carried over at once, whoever waits: 64 MB
)

func startCheckpointer(db *sql.DB) *checkpointer {
	c := &checkpointer{db: db, due: make(chan struct{}, 1), done: make(chan struct{})}
	go c.run()
	return c
}

// run carries over until stop. A checkpoint that did not work is tried again at the next look.
func (c *checkpointer) run() {
	defer close(c.done)
	for range c.due {
		if _, err := checkpoint(c.db, "PRAGMA wal_checkpoint(PASSIVE)"); err == nil {
			c.ready.Store(true)
		}
	}
}

// look is the writer's part, between two transactions.
func (c *checkpointer) look(w *writer) {
	if c.ready.CompareAndSwap(true, false) {
		checkpoint(w.conn, "PRAGMA wal_checkpoint(PASSIVE)")
		return
	}
	if w.commits++; w.commits%checkEvery != 0 {
		return
	}
	left, err := checkpoint(w.conn, "PRAGMA wal_checkpoint(NOOP)")
	switch {
	case err != nil || left <= logFull:
	case left > logMost: // the machine is so busy that the other connection does not keep up
		checkpoint(w.conn, "PRAGMA wal_checkpoint(PASSIVE)")
	default:
		select {
		case c.due <- struct{}{}:
		default: // it is at it
		}
	}
}

// checkpoint runs a checkpoint, to its end: it answers with a row. It returns how many pages are left in the log.
func checkpoint(on interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, query string) (left int, err error) {
	var busy, pages, carried int
	err = on.QueryRowContext(context.Background(), query).Scan(&busy, &pages, &carried) // half a checkpoint is of no use
	return pages - carried, err
}

func (c *checkpointer) stop() {
	close(c.due)
	<-c.done
}
