package engine

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// What the program holds is little, and what a capture leaves behind is much beside it: by Go's own rule, which collects when
// as much garbage has gathered as is alive, a sixth of the time under load went into collecting. So more may gather while what
// is alive is small; once it is large, Go's rule holds again.
const (
	gcMost  = 400 // percent of what is alive
	gcLeast = 100 // Go's own
	gcRoom  = 32 << 20
)

// gcPercent is how much garbage may gather beside so many live bytes.
func gcPercent(live uint64) int {
	return int(min(max(gcRoom*100/max(live, 1), gcLeast), gcMost))
}

// TuneCollector has the collector keep to gcPercent from now on, unless the user has set one in the environment, and gives memory
// back when it is quiet. It is for programs: it sets what all of a process shares.
func TuneCollector() {
	if os.Getenv("GOGC") == "" {
		followHeap(gcLeast)
	}
	tuneMalloc()
	go giveBack()
}

// Go gives memory back after collections, and where nothing happens nothing is collected: after some large bodies the program
// would hold what they took.
const (
	quietAfter  = 10 * time.Second
	quietBytes  = 4 << 20  // taken in that time: nothing happens
	worthGiving = 32 << 20 // taken since something was given back
)

// givesBack is the decision: so many bytes were taken since it was last asked, so many since it last said yes.
func givesBack(now, since uint64) bool { return now < quietBytes && since > worthGiving }

// giveBack returns to the system what is not in use, whenever it has become quiet.
func giveBack() {
	taken := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	asked, given := uint64(0), uint64(0)
	for range time.Tick(quietAfter) {
		metrics.Read(taken)
		all := taken[0].Value.Uint64()
		if givesBack(all-asked, all-given) {
			debug.FreeOSMemory()
			trimMalloc()
			given = all
		}
		asked = all
	}
}

// followHeap adjusts the percentage now and after each collection.
func followHeap(before int) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	now := before
	if live[0].Value.Kind() == metrics.KindUint64 {
		now = gcPercent(live[0].Value.Uint64())
	}
	if now != before {
		debug.SetGCPercent(now)
	}
	sign := &struct{ held *int }{} // with a pointer, so that it has memory of its own
	runtime.AddCleanup(sign, followHeap, now)
}
