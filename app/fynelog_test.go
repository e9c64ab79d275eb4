//go:build !nogui

package main

import (
	"bytes"
	"errors"
	"io"
	"log"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

// What is no fault stays out of standard error with its cause and place, and nothing else does.
func TestFyneLogsWhatIsAFault(t *testing.T) {
	var out bytes.Buffer
	defer log.SetOutput(log.Writer())
	log.SetOutput(&fyneLog{out: &out})
	fyne.LogError("failed to watch theme settings", errors.New("no dbus-launch"))
	fyne.LogError("Preferences load error:", io.EOF)
	if out.Len() > 0 {
		t.Errorf("it logs %q", out.String())
	}
	fyne.LogError("Failed to do what was asked", errors.New("that is why"))
	if got := out.String(); strings.Count(got, "\n") != 3 || !strings.Contains(got, "that is why") {
		t.Errorf("of a fault it logs %q", got)
	}
}
