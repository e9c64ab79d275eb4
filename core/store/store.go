// Package store keeps everything in one SQLite file, and says through its feed that something changed.
//
// All writes go through one writer that commits in groups: what has queued while the last commit ran goes into
// the next. A method that writes returns after its commit, so a nil error means: on disk. Reads use a pool of
// read-only connections. A Store is safe for simultaneous use.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"hookglass/core"
)

// Store is one open history file.
type Store struct {
	path   string
	lock   *sql.Conn
	lockDB *sql.DB
	write  *sql.DB
	carry  *sql.DB // for checkpoints
	read   *sql.DB
	feed   Feed
	marks  marks
	writer *writer
	finder finder
}

// Locked says that another program holds the history.
type Locked struct{ Path string }

func (e *Locked) Error() string {
	return e.Path + ": another Hookglass has this history open; close it, or give this one its own folder with --home DIR"
}

// Open opens the history file at path, making it when there is none, and brings an older one up to date.
// Only one program at a time may have it open for writing: for the others, see OpenRead.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := prepare(ctx, path); err != nil {
		return nil, explain(path, err)
	}
	s := &Store{path: path}
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, explain(path, err)
	}
	return s, nil
}

// OpenRead opens an existing history for reading only, beside a program that writes it, or where nothing can be written.
func OpenRead(ctx context.Context, path string) (*Store, error) {
	err := within(ctx, path, func() error { _, err := os.Stat(path); return err })
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open history: %s: there is none yet; start hookglass once, or name its folder with --home DIR", path)
	}
	if err != nil {
		return nil, explain(path, err)
	}
	s := &Store{path: path}
	if err = s.openRead(ctx, url.Values{}); unwritable(err) != "" {
		s.Close()
		s = &Store{path: path}
		err = s.openAlone(ctx)
	}
	if err != nil {
		s.Close()
		return nil, explain(path, err)
	}
	return s, nil
}

func (s *Store) openRead(ctx context.Context, how url.Values) (err error) {
	s.read = openReaders(s.path, how)
	return checkVersion(ctx, s.read)
}

// openAlone reads a history where not even the index of its log can be written, which readers share with a writer: the disk
// is full, or the folder is somebody else's. Where there is a log, each connection makes an index of its own then; and none
// locks anything, so there must be no writer.
func (s *Store) openAlone(ctx context.Context) error {
	if err := s.claim(ctx); err != nil {
		var locked *Locked
		if errors.As(err, &locked) {
			return err
		} // where the lock cannot be written, no writer can begin either
	}
	how := url.Values{"immutable": {"1"}}
	if log, err := os.Stat(s.path + "-wal"); err == nil && log.Size() > 0 {
		how = url.Values{"vfs": {"unix-none"}, "_locking_mode": {"EXCLUSIVE"}}
		if runtime.GOOS == "windows" {
			how.Set("vfs", "win32-none")
		}
	}
	return s.openRead(ctx, how)
}

func (s *Store) open(ctx context.Context) (err error) {
	if err = s.claim(ctx); err != nil {
		return err
	}
	if err = s.look(ctx); err != nil {
		return err
	}
	s.write = openWriter(s.path)
	if err = migrate(ctx, s.write); err != nil {
		return err
	}
	s.read, s.carry = openReaders(s.path, url.Values{}), openWriter(s.path)
	if s.writer, err = startWriter(ctx, s.write, s.carry, &s.feed); err != nil {
		return err
	}
	return s.tryOut()
}

// tryOut writes once, so that a disk that takes nothing is found out now, when the history can still be opened for reading,
// and not by the first sender.
func (s *Store) tryOut() error {
	return s.update(func(t *tx) error {
		have, err := t.number("PRAGMA user_version")
		if err != nil {
			return err
		}
		return t.exec("PRAGMA user_version=" + strconv.FormatInt(have, 10))
	})
}

// look refuses a file of another program before anything is written to it.
func (s *Store) look(ctx context.Context) error {
	db := openReaders(s.path, url.Values{})
	defer db.Close()
	_, _, err := ours(ctx, db)
	return err
}

// claim takes an exclusive lock on a small file beside the history and holds it until Close. SQLite's own
// locking does that the same way on every system, and the system drops it when the program dies.
func (s *Store) claim(ctx context.Context) (err error) {
	s.lockDB = connect(s.path+".lock", url.Values{"_busy_timeout": {"0"}})
	if s.lock, err = s.lockDB.Conn(ctx); err != nil {
		return err
	}
	if _, err = s.lock.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		var e sqlite3.Error
		if errors.As(err, &e) && e.Code == sqlite3.ErrBusy {
			return &Locked{s.path}
		}
	}
	return err
}

func openWriter(path string) *sql.DB {
	db := connect(path, url.Values{
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_busy_timeout": {"5000"},
		"_foreign_keys": {"0"},
		"_txlock":       {"immediate"},
	})
	db.SetMaxOpenConns(1)
	return db
}

func openReaders(path string, how url.Values) *sql.DB {
	how.Set("mode", "ro")
	how.Set("_busy_timeout", "5000")
	how.Set("_query_only", "1")
	how.Set("_stmt_cache_size", "32") // the same few queries again and again: to prepare one costs as much as to run it
	db := connect(path, how)
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	return db
}

// connector opens connections that trust nothing which the file says of itself: it may be another's.
type connector struct{ address string }

var wary = &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
	c.SetLimit(sqlite3.SQLITE_LIMIT_ATTACHED, 1) // which VACUUM takes; nothing else reaches for another file or runs in a trigger
	c.SetLimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1)
	_, err := c.Exec("PRAGMA trusted_schema=0; PRAGMA cell_size_check=1", nil)
	return err
}}

func (c connector) Connect(context.Context) (driver.Conn, error) { return wary.Open(c.address) }
func (c connector) Driver() driver.Driver                        { return wary }

func connect(path string, v url.Values) *sql.DB { return sql.OpenDB(connector{address(path, v)}) }

// Unwritable says that a history can be read at best: see OpenRead.
type Unwritable struct{ Path, Why string }

func (e *Unwritable) Error() string { return "history " + e.Path + ": " + e.Why }

const (
	whyFull   = "the disk is full; free some space, or choose a folder on another one with --home DIR"
	whyClosed = "it cannot be written; check the folder's permissions or choose another with --home DIR"
)

// unwritable says why nothing can be written where err comes from, or "".
func unwritable(err error) string {
	var e sqlite3.Error
	switch {
	case isFull(err):
		return whyFull
	case errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EROFS):
		return whyClosed
	case errors.As(err, &e) && (e.Code == sqlite3.ErrCantOpen || e.Code == sqlite3.ErrReadonly || e.Code == sqlite3.ErrPerm):
		return whyClosed + " (" + e.Error() + ")"
	case errors.As(err, &e) && slices.Contains(noWrite, e.ExtendedCode):
		return whyFull + " (" + e.Error() + ")"
	}
	return ""
}

// noWrite are the errors of input and output that a full disk shows where SQLite does not say so: of the index of the log
// above all.
var noWrite = []sqlite3.ErrNoExtended{sqlite3.ErrIoErrSHMSize, sqlite3.ErrIoErrSHMOpen, sqlite3.ErrIoErrSHMMap, sqlite3.ErrIoErrWrite, sqlite3.ErrIoErrFsync, sqlite3.ErrIoErrTruncate}

func isFull(err error) bool {
	var e sqlite3.Error
	if errors.As(err, &e) {
		return e.Code == sqlite3.ErrFull || e.Code == sqlite3.ErrIoErr && isFull(e.SystemErrno)
	}
	const diskFull = syscall.Errno(112) // of Windows
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || runtime.GOOS == "windows" && errors.Is(err, diskFull)
}

// explain turns what SQLite says of a file into a sentence with a next step.
func explain(path string, err error) error {
	if why := unwritable(err); why != "" {
		return &Unwritable{path, why}
	}
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case sqlite3.ErrNotADB:
		return &core.Invalid{Field: path, Reason: "not a Hookglass history; move it away or choose another folder with --home DIR"}
	case sqlite3.ErrCorrupt:
		return &core.Invalid{Field: path, Reason: "the file is damaged (" + e.Error() + "); restore a copy, or move it away to start afresh"}
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return &Locked{path}
	}
	return fmt.Errorf("open history %s: %w", path, err)
}

// Feed tells when something was committed.
func (s *Store) Feed() *Feed { return &s.feed }

// Path is the file's path.
func (s *Store) Path() string { return s.path }

// Close ends the writer after what is queued and releases the file.
func (s *Store) Close() error {
	if s.writer != nil {
		s.writer.stop()
	}
	var errs []error
	if x := s.finder.x; x != nil {
		errs = append(errs, x.close())
	}
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.writer != nil {
		checkpoint(s.carry, "PRAGMA wal_checkpoint(TRUNCATE)") // a reader of another program may be the last to close, and cannot do it
	}
	for _, db := range []*sql.DB{s.carry, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.lock != nil {
		s.lock.Close()
	}
	if s.lockDB != nil {
		errs = append(errs, s.lockDB.Close())
	}
	return errors.Join(errs...)
}

// Check runs SQLite's own check of the whole file, and compares what is kept of captures with the captures.
func (s *Store) Check(ctx context.Context) error {
	var out string
	if err := s.read.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&out); err != nil {
		return fmt.Errorf("check history: %w", err)
	}
	if out != "ok" {
		return fmt.Errorf("check history: %s", strings.ReplaceAll(out, "\n", "; "))
	}
	tx, err := s.read.BeginTx(ctx, nil) // one moment for all of it
	if err != nil {
		return fmt.Errorf("check history: %w", err)
	}
	defer tx.Rollback()
	if err := checkLedger(ctx, tx); err != nil {
		return fmt.Errorf("check history: %w", err)
	}
	return nil
}
