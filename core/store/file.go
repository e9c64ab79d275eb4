package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"hookglass/core"
)

// answerWithin is how long a drive may take to show the first bytes of a file: one that spins up needs some seconds, one
// whose network is gone never answers.
var answerWithin = 20 * time.Second

// prepare makes sure that the folder and the file are there, last through a power cut, and are this user's alone.
func prepare(ctx context.Context, path string) error {
	return within(ctx, path, func() error {
		if err := makeFolder(filepath.Dir(path)); err != nil {
			return fmt.Errorf("open history: %w; choose another folder with --home DIR", err)
		}
		for _, end := range []string{"", ".lock"} {
			if err := makePrivate(path+end, os.O_CREATE|os.O_RDWR); err != nil {
				return fmt.Errorf("open history: %w; choose another folder with --home DIR", err)
			}
		}
		for _, end := range []string{"-wal", "-shm"} { // SQLite makes them like the file itself, and may have left open ones
			if err := makePrivate(path+end, os.O_RDWR); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("open history: %w; choose another folder with --home DIR", err)
			}
		}
		syncFolder(filepath.Dir(path))
		return nil
	})
}

// within gives a drive time to answer: it may be a share whose server is gone, and then nothing comes back, not even an
// error. What was begun is left behind in that case.
func within(ctx context.Context, path string, do func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, answerWithin, &core.Invalid{Field: path,
		Reason: "the drive does not answer; see whether it is connected, or choose a folder on another one with --home DIR"})
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- do() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// makeFolder makes a folder and those above it. Each new entry is brought to the disk: what is stored below one that a power
// cut takes away is lost, however well it was written.
func makeFolder(dir string) error {
	var made []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		made = append(made, filepath.Dir(d))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, d := range made {
		syncFolder(d)
	}
	return nil
}

// syncFolder brings a folder's entries to the disk. Where a system has no such thing, it keeps them by itself.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}

// makePrivate takes a file from everybody else: it holds bodies and credentials of others, and the folder may be open to all.
func makePrivate(path string, flag int) error {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		f.Chmod(0o600) // of another user's file the mode is theirs
	}
	var first [16]byte
	if _, err := f.Read(first[:]); err != nil && err != io.EOF {
		return err
	}
	return nil
}

// address is where SQLite finds the file at path, of this system.
func address(path string, v url.Values) string {
	return uri(path, runtime.GOOS == "windows") + "?" + v.Encode()
}

// uri writes a path as SQLite wants it in a file: address. The part behind "file://" is the name of a host, which SQLite does
// not know, so an absolute path begins behind an empty one: that of a share has four slashes then.
func uri(path string, windows bool) string {
	if windows {
		path = strings.ReplaceAll(path, `\`, "/")
		if len(path) > 2 && path[1] == ':' && path[2] == '/' {
			path = "/" + path
		}
	}
	escaped := strings.NewReplacer("%2F", "/", "+", "%20").Replace(url.QueryEscape(path))
	if strings.HasPrefix(path, "/") {
		return "file://" + escaped
	}
	return "file:" + escaped
}
