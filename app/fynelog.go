//go:build !nogui

package main

import (
	"bytes"
	"io"
	"sync"
)

// fyneLog passes on what Fyne logs, but for what is no fault of ours and nothing that a user can mend.
type fyneLog struct {
	out     io.Writer
	mu      sync.Mutex
	dropped bool // the lines that follow belong to what was dropped
}

// noFault is how such messages begin.
var noFault = [][]byte{
	// Without a session bus nobody tells that the system's brightness changes: the window has that of its start.
	[]byte("Fyne error:  failed to watch theme settings"),
	// Nothing of ours is kept in Fyne's preferences: it writes an empty file there when it is ended in the middle of that.
	[]byte("Fyne error:  Preferences load error:"),
	// Nobody shows notices, or has a place for an icon: see the settings.
	[]byte("Fyne error:  Unable to connect to session D-Bus"),
	[]byte("Fyne error:  Failed to send message to bus"),
	[]byte("systray error:"),
	// A display that does not open: see noWindow.
	[]byte("Fyne error:  failed to initialise GLFW"),
}

func (l *fyneLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dropped && (bytes.Contains(line, []byte("  Cause:")) || bytes.Contains(line, []byte("  At:"))) {
		return len(line), nil
	}
	l.dropped = false
	for _, words := range noFault {
		if bytes.Contains(line, words) {
			l.dropped = true
			return len(line), nil
		}
	}
	return l.out.Write(line)
}
