package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

// TestDamagedPages: whatever pages of a history are spoilt, it is said in words, nothing ends the program, and what lies on other
// pages comes out whole. Both the opening for writing and for reading are tried.
func TestDamagedPages(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.db")
	s, err := store.Open(t.Context(), whole)
	must(t, err)
	const captures = 200
	keep(t, s, captures, func(i int, c *core.Capture) {
		c.Request.Body = fmt.Appendf(nil, "%d %s", i, strings.Repeat("x", 900))
	})
	must(t, s.Close())
	file, err := os.ReadFile(whole)
	must(t, err)
	const page = 4096
	saved := 0
	for seed := range uint64(6) {
		chance := rand.New(rand.NewPCG(seed, 1))
		spoilt := append([]byte(nil), file...)
		n := 1 + 3*int(seed)
		for range n {
			at := (1 + chance.IntN(len(file)/page-1)) * page
			for i := range page {
				spoilt[at+i] = byte(chance.Uint32())
			}
		}
		path := filepath.Join(dir, fmt.Sprintf("spoilt-%d.db", seed))
		must(t, os.WriteFile(path, spoilt, 0o600))
		for _, open := range []func() (*store.Store, error){
			func() (*store.Store, error) { return store.OpenRead(t.Context(), path) },
			func() (*store.Store, error) { return store.Open(t.Context(), path) },
		} {
			s, err := open()
			if err != nil {
				told(t, seed, err)
				continue
			}
			_, err = s.Captures(t.Context(), store.Query{}, 0, 1000)
			told(t, seed, err)
			_, err = s.Sources(t.Context())
			told(t, seed, err)
			ids, err := s.Salvage(t.Context())
			told(t, seed, err)
			for id := range ids.Backward() {
				c, err := s.Capture(t.Context(), id)
				told(t, seed, err)
				if err == nil && !strings.HasPrefix(string(c.Request.Body), fmt.Sprintf("%d x", id-1)) {
					t.Errorf("seed %d: capture %d has the body %.20q", seed, id, c.Request.Body)
				}
				if err == nil {
					saved++
				}
			}
			told(t, seed, s.AddCapture(&core.Capture{At: noon}, nil))
			s.Close()
		}
	}
	if saved < captures { // what the seeds leave, by far
		t.Errorf("%d captures came out", saved)
	}
	t.Logf("%d captures came out of 12 openings of 6 spoilt files", saved)
}

// told wants an error that says what to do, or none.
func told(t *testing.T, seed uint64, err error) {
	t.Helper()
	var damaged *store.Damaged
	var invalid *core.Invalid
	if err != nil && !errors.As(err, &damaged) && !errors.As(err, &invalid) && !strings.Contains(err.Error(), "reading only") {
		t.Errorf("seed %d: %T %v", seed, err, err)
	}
}
