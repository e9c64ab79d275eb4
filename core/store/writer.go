package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// maxGroup bounds what one commit holds, and so how long its last member waits. Large bodies are written one after the other:
// together they would not be on disk any sooner, and the log would outgrow what is kept of it.
const (
	maxGroup      = 512
	maxGroupBytes = 4 << 20 // of large bodies
)

// ErrClosed says that the history was closed while something was to be written.
var ErrClosed = errors.New("history is closed")

// writer is the only one who writes. What waits for it is the group commit: no timers, no linger.
type writer struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt // that read
	write *prepared            // that write
	feed  *Feed

	mu      sync.Mutex
	waiting []*write
	some    chan struct{} // has one when something waits
	shut    bool
	done    chan struct{}

	checkpoint *checkpointer
	commits    int
	heavy      int          // bytes of large bodies that were written since the log was looked at
	newest     atomic.Int64 // id of the newest delivery
	fresh      fresh
	ledger     ledger
	captures   sync.Pool // of *captureJob; not the package's, since a channel may not leave the bubble of a test
}

// write is one caller's work on the transaction. It may run twice, when another member of its group failed: what the first
// time left in the caller's hands, an id for instance, must not count the second time.
type write struct {
	do   func(*tx) error
	cut  int // bytes of the large body that it brings
	err  error
	done chan struct{} // has room for one
}

func newWrite(do func(*tx) error) *write { return &write{do: do, done: make(chan struct{}, 1)} }

// wait returns after the commit of a write that is queued.
func (job *write) wait() error {
	<-job.done
	return job.err
}

// tx is the transaction that a group shares.
type tx struct{ w *writer }

func startWriter(ctx context.Context, db, carrier *sql.DB, feed *Feed) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=%d; PRAGMA cache_size=-16000; PRAGMA secure_delete=ON", logMost*pageSize)); err != nil {
		return nil, err
	}
	w := &writer{conn: conn, stmts: map[string]*sql.Stmt{}, write: newPrepared(conn), feed: feed, some: make(chan struct{}, 1), done: make(chan struct{})}
	var newest int64
	if err := conn.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM delivery").Scan(&newest); err != nil {
		return nil, err
	}
	w.newest.Store(newest)
	if err := w.ledger.load(ctx, conn); err != nil {
		return nil, err
	}
	w.checkpoint = startCheckpointer(carrier)
	go w.run()
	return w, nil
}

var errReading = errors.New("history is open for reading only")

// update runs do in the next transaction and returns after its commit.
func (s *Store) update(do func(*tx) error) error {
	if s.writer == nil {
		return errReading
	}
	return s.writer.submit(newWrite(do))
}

// submit returns after the commit of a write.
func (w *writer) submit(job *write) error {
	w.queue(job)
	return job.wait()
}

// queue puts a write behind those that wait.
func (w *writer) queue(job *write) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shut {
		job.err = ErrClosed
		job.done <- struct{}{}
		return
	}
	if w.waiting = append(w.waiting, job); len(w.waiting) == 1 {
		select {
		case w.some <- struct{}{}:
		default: // the writer will look
		}
	}
}

func (w *writer) stop() {
	w.mu.Lock()
	if !w.shut {
		w.shut = true
		close(w.some)
	}
	w.mu.Unlock()
	<-w.done
}

func (w *writer) run() {
	defer close(w.done)
	defer w.release()
	defer w.checkpoint.stop()
	var group []*write
	for range w.some {
		for group = w.gather(group); len(group) > 0; group = w.gather(group) {
			w.commit(group)
			w.checkpoint.look(w)
		}
	}
}

// release closes the connection. Its statements go first: with one left, SQLite would keep it open, and the log beside the
// file would not be carried over by the last to close.
func (w *writer) release() {
	for _, st := range w.stmts {
		st.Close()
	}
	w.write.close()
	w.conn.Close()
}

// gather takes what waits, into the room of the group before. When nothing more does it yields once: requests that are ready
// to be queued get in.
func (w *writer) gather(room []*write) []*write {
	clear(room)
	group := w.take(room[:0])
	for n := 0; len(group) > n && len(group) < maxGroup; {
		n = len(group)
		runtime.Gosched()
		group = w.take(group)
	}
	return group
}

func (w *writer) take(group []*write) []*write {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, bytes := min(len(w.waiting), maxGroup-len(group)), 0
	for _, job := range group {
		bytes += job.cut
	}
	for i, job := range w.waiting[:n] {
		if bytes += job.cut; job.cut > 0 && bytes > maxGroupBytes && bytes > job.cut {
			n = i
			break
		}
	}
	group = append(group, w.waiting[:n]...)
	w.waiting = slices.Delete(w.waiting, 0, n)
	return group
}

// commit writes a group in one transaction. Where one member fails, each gets a transaction of its own, so that
// nobody suffers from a neighbour's mistake.
func (w *writer) commit(group []*write) {
	if err := w.transact(group...); err != nil && len(group) == 1 {
		group[0].err = err
	} else if err != nil {
		for _, job := range group {
			job.err = w.transact(job)
		}
	}
	w.feed.Bump()
	for _, job := range group {
		job.done <- struct{}{} // from here on it is the caller's
	}
}

func (w *writer) transact(group ...*write) error {
	if w.ledger.broken {
		if err := w.ledger.load(context.Background(), w.conn); err != nil {
			return fmt.Errorf("begin: %w", err)
		}
	}
	if _, err := w.write.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	t := &tx{w}
	for _, job := range group {
		if err := job.do(t); err != nil {
			w.undo()
			return worded(err)
		}
	}
	if err := w.ledger.flush(t); err != nil {
		w.undo()
		return err
	}
	if _, err := w.write.exec("COMMIT"); err != nil {
		w.undo()
		return fmt.Errorf("commit: %w", worded(err))
	}
	if w.ledger.begun {
		w.ledger.publish()
	}
	return nil
}

func (w *writer) undo() {
	w.write.exec("ROLLBACK")
	w.ledger.broken = w.ledger.broken || w.ledger.begun
}

// stmt is a query that reads, prepared once.
func (w *writer) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if st := w.stmts[query]; st != nil {
		return st, nil
	}
	st, err := w.conn.PrepareContext(ctx, query)
	if err == nil {
		w.stmts[query] = st
	}
	return st, err
}

// exec runs a literal query, prepared once.
func (t *tx) exec(query string, args ...any) error {
	_, err := t.w.write.exec(query, args...)
	return err
}

// insert is exec for a row whose id SQLite chooses.
func (t *tx) insert(query string, args ...any) (int64, error) {
	res, err := t.w.write.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// change is exec that tells how many rows it changed.
func (t *tx) change(query string, args ...any) (int64, error) {
	res, err := t.w.write.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// row reads one row inside the transaction.
func (t *tx) row(query string, args ...any) *sql.Row {
	st, err := t.w.stmt(context.Background(), query)
	if err != nil {
		return t.w.conn.QueryRowContext(context.Background(), query, args...) // reports the same error in Scan
	}
	return st.QueryRow(args...)
}

// rows reads rows inside the transaction.
func (t *tx) rows(query string, args ...any) (*sql.Rows, error) {
	st, err := t.w.stmt(context.Background(), query)
	if err != nil {
		return nil, err
	}
	return st.Query(args...)
}

// leavingTraces runs what deletes much that nobody asked to have wiped out: to overwrite it would write as much again.
// SQLite heeds this setting when it reads it, so it is not prepared.
func (t *tx) leavingTraces(do func() error) error {
	ctx := context.Background()
	if _, err := t.w.conn.ExecContext(ctx, "PRAGMA secure_delete=FAST"); err != nil {
		return err
	}
	err := do()
	_, back := t.w.conn.ExecContext(ctx, "PRAGMA secure_delete=ON")
	return errors.Join(err, back)
}

func (t *tx) number(query string) (n int64, err error) {
	err = t.row(query).Scan(&n)
	return n, err
}
