package engine

import "testing"

// TestGarbageIsBounded: much may gather beside little, and no more than Go itself allows beside much.
func TestGarbageIsBounded(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		live uint64
		want int
	}{{0, 400}, {4 * mb, 400}, {8 * mb, 400}, {16 * mb, 200}, {32 * mb, 100}, {2000 * mb, 100}} {
		if got := gcPercent(c.live); got != c.want {
			t.Errorf("%d MB alive: %d percent, want %d", c.live/mb, got, c.want)
		}
	}
}

// TestMemoryIsGivenBackWhenQuiet: not for a little, and not in the middle of work, which would take it again.
func TestMemoryIsGivenBackWhenQuiet(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		now, since uint64
		want       bool
	}{{1 * mb, 180 * mb, true}, {10 * mb, 180 * mb, false}, {0, 30 * mb, false}, {0, 0, false}} {
		if got := givesBack(c.now, c.since); got != c.want {
			t.Errorf("%d MB taken now, %d MB since: %v", c.now/mb, c.since/mb, got)
		}
	}
}
