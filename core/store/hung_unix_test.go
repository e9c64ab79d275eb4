//go:build unix

package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// A drive that never answers is told of, and ctrl-c ends the wait. A pipe stands in for it: nobody ever writes into it.
func TestDriveThatDoesNotAnswer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	must(t, syscall.Mkfifo(path, 0o600))
	back := store.SetAnswerWithin(time.Millisecond)
	var invalid *core.Invalid
	if _, err := store.Open(t.Context(), path); !errors.As(err, &invalid) || !strings.Contains(err.Error(), "the drive does not answer") {
		t.Errorf("got %v", err)
	}
	back()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Open(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}
