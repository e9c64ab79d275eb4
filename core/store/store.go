// Package store keeps everything in one SQLite file, and says through its feed that something changed.
//
// All writes go through one writer that commits in groups: what has queued while the last commit ran goes into
// the next. A method that writes returns after its commit, so a nil error means: on disk. Reads use a pool of
// read-only connections. A Store is safe for simultaneous use.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

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
}

// Locked says that another program holds the history.
type Locked struct{ Path string }

func (e *Locked) Error() string {
	return e.Path + ": another Hookglass has this history open; close it, or give this one its own folder with --home DIR"
}

// Open opens the history file at path, making it when there is none, and brings an older one up to date.
// Only one program at a time may have it open for writing: for the others, see OpenRead.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open history: %w; choose another folder with --home DIR", err)
	}
	s := &Store{path: path}
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, explain(path, err)
	}
	return s, nil
}

// OpenRead opens an existing history for reading only, beside a program that writes it.
func OpenRead(ctx context.Context, path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open history: %s: there is none yet; start hookglass once, or name its folder with --home DIR", path)
	}
	s := &Store{path: path}
	var err error
	if s.read, err = openReaders(path); err == nil {
		err = checkVersion(ctx, s.read)
	}
	if err != nil {
		s.Close()
		return nil, explain(path, err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if err = s.claim(ctx); err != nil {
		return err
	}
	if s.write, err = openWriter(s.path); err != nil {
		return err
	}
	if err = migrate(ctx, s.write); err != nil {
		return err
	}
	if s.read, err = openReaders(s.path); err != nil {
		return err
	}
	if s.carry, err = openWriter(s.path); err != nil {
		return err
	}
	s.writer, err = startWriter(ctx, s.write, s.carry, &s.feed)
	return err
}

// claim takes an exclusive lock on a small file beside the history and holds it until Close. SQLite's own
// locking does that the same way on every system, and the system drops it when the program dies.
func (s *Store) claim(ctx context.Context) (err error) {
	if s.lockDB, err = sql.Open("sqlite3", dsn(s.path+".lock", url.Values{"_busy_timeout": {"0"}})); err != nil {
		return err
	}
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

func openWriter(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", dsn(path, url.Values{
		"_auto_vacuum":  {"incremental"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_busy_timeout": {"5000"},
		"_foreign_keys": {"0"},
		"_txlock":       {"immediate"},
	}))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func openReaders(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", dsn(path, url.Values{
		"mode": {"ro"}, "_busy_timeout": {"5000"}, "_query_only": {"1"},
		"_stmt_cache_size": {"32"}, // the same few queries again and again: to prepare one costs as much as to run it
	}))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	return db, nil
}

func dsn(path string, v url.Values) string {
	p := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	return "file:" + p + "?" + v.Encode()
}

// explain turns what SQLite says of a file into a sentence with a next step.
func explain(path string, err error) error {
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
	case sqlite3.ErrCantOpen, sqlite3.ErrReadonly, sqlite3.ErrPerm:
		return fmt.Errorf("open history %s: %s; check the folder's permissions or choose another with --home DIR", path, e.Error())
	case sqlite3.ErrFull:
		return fmt.Errorf("write history %s: the disk is full; free some space or lower the history's cap", path)
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
	for _, db := range []*sql.DB{s.read, s.carry, s.write} {
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

// Check runs SQLite's own check of the whole file.
func (s *Store) Check(ctx context.Context) error {
	var out string
	if err := s.read.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&out); err != nil {
		return fmt.Errorf("check history: %w", err)
	}
	if out != "ok" {
		return fmt.Errorf("check history: %s", strings.ReplaceAll(out, "\n", "; "))
	}
	return nil
}
