package engine_test

import (
	"context"
	"testing"

	"hookglass/core/engine"
)

// TestRunThatEndsAsItBegins: a program that is stopped at once has nothing to complain about.
func TestRunThatEndsAsItBegins(t *testing.T) {
	t.Parallel()
	e, err := engine.Open(t.Context(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Run(ctx); err != nil {
		t.Errorf("run: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
