package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hookglass/core/engine"
)

// TestTheLogOfAgentsIsBounded: the newest are there, each short, and the file does not grow for ever.
func TestTheLogOfAgentsIsBounded(t *testing.T) {
	home := t.TempDir()
	if got, err := engine.AgentCalls(home, 10); err != nil || len(got) != 0 {
		t.Fatalf("with no file: %v %v", got, err)
	}
	var all sync.WaitGroup
	for w := range 4 { // as several agents do
		all.Go(func() {
			for i := range 600 {
				if err := engine.NoteAgent(home, engine.AgentCall{At: time.Unix(int64(i), 0).UTC(), Client: fmt.Sprint("w", w), Did: "get_capture", With: strings.Repeat("☃", 1000), Outcome: "done"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := engine.NoteAgent(home, engine.AgentCall{Did: "last", Why: "x\n\u202e"}); err != nil {
		t.Fatal(err)
	}
	file, err := os.Stat(filepath.Join(home, "agents.jsonl"))
	if err != nil || file.Size() > 600<<10 || file.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v %v", file, err)
	}
	got, err := engine.AgentCalls(home, 50)
	if err != nil || len(got) != 50 || got[0].Did != "last" || got[0].Why != "x\n\u202e" {
		t.Fatalf("%v: %+v", err, got)
	}
	if n := len(got[1].With); n > 510 {
		t.Errorf("a call is kept with %d bytes", n)
	}
}
