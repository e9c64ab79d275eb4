package tunnel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// What ends because the user gave it up is no error.
func TestWhatIsGivenUpIsNoError(t *testing.T) {
	var out bytes.Buffer
	log := quietLog(Config{Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelError}))})
	log.Error("failed to dial", "err", fmt.Errorf("dial: %w", context.Canceled))
	log.Error("failed to dial", "err", errors.New("dial tcp: operation was canceled"))
	if out.Len() > 0 {
		t.Errorf("it logs %s", out.String())
	}
	log.Error("failed to dial", "err", errors.New("no route to host"))
	if !strings.Contains(out.String(), "tunnel: failed to dial") || !strings.Contains(out.String(), "no route") {
		t.Errorf("of an error it logs %q", out.String())
	}
}
