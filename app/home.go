package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zalando/go-keyring"

	"hookglass/core/engine"
)

// folder is the home that all data lives in.
func (p *program) folder() string {
	if p.home != "" {
		return p.home
	}
	if h := os.Getenv("HOOKGLASS_HOME"); h != "" {
		return h
	}
	return defaultHome()
}

func defaultHome() string {
	user, _ := os.UserHomeDir()
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(user, "Library", "Application Support", "Hookglass")
	case "windows":
		if d := os.Getenv("LocalAppData"); d != "" {
			return filepath.Join(d, "Hookglass")
		}
	}
	if d := os.Getenv("XDG_DATA_HOME"); d != "" {
		return filepath.Join(d, "hookglass")
	}
	return filepath.Join(user, ".local", "share", "hookglass")
}

func homeHint() string {
	if runtime.GOOS == "linux" {
		return "~/.local/share/hookglass"
	}
	return "the system's folder for application data"
}

// system is the operating system's keyring.
type system struct{}

const keyringService = "hookglass"

func (system) Get(name string) (string, error) { return keyring.Get(keyringService, name) }
func (system) Set(name, value string) error    { return keyring.Set(keyringService, name, value) }
func (system) Delete(name string) error        { return keyring.Delete(keyringService, name) }

var _ engine.Keyring = system{}

// running is what a serving program leaves in its home, so that commands beside it can ask it.
type running struct {
	Control string `json:"control"`
	Token   string `json:"token"`
	PID     int    `json:"pid"`
}

func runningFile(home string) string { return filepath.Join(home, "running.json") }

// announce writes how to reach the control listener, for this user only, and returns what takes it away again.
func announce(home string, c *engine.Control) (func(), error) {
	b, err := json.Marshal(running{c.URL(), c.Token(), os.Getpid()})
	if err != nil {
		return nil, err
	}
	withdraw := func() { os.Remove(runningFile(home)) }
	withdraw() // what a program that was killed left may be open to others
	if err := os.WriteFile(runningFile(home), b, 0o600); err != nil {
		return withdraw, fmt.Errorf("write %s: %w", runningFile(home), err)
	}
	return withdraw, nil
}

// findRunning reads what announce left. A program that was killed leaves it too, so the caller asks before it believes.
func findRunning(home string) (running, bool) {
	var r running
	b, err := os.ReadFile(runningFile(home))
	if err != nil || json.Unmarshal(b, &r) != nil {
		return r, false
	}
	return r, r.Control != ""
}
