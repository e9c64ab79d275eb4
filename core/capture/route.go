package capture

import (
	"hookglass/core"
	"hookglass/core/platform"
)

// table is the sources that are hosted, and what keeps others from it. To route costs the same however many they are: those
// whose machines name an anchor are asked only where a path has it.
type table struct {
	hosts    []*host
	problems map[core.SourceID]error
	asOf     uint64

	under   map[string][]int // hosts by the path that theirs begin with
	having  map[string][]int // hosts by a segment that their paths have
	longest int              // of under
	loose   []int            // hosts that may have any path
	firsts  []*host          // the oldest of each platform
}

// add puts the next host in.
func (t *table) add(h *host) {
	i := len(t.hosts)
	t.hosts = append(t.hosts, h)
	first := true
	for _, f := range t.firsts {
		first = first && f.platform.Name != h.platform.Name
	}
	if first {
		t.firsts = append(t.firsts, h)
	}
	a, ok := h.machine.(platform.Anchored)
	if !ok {
		t.loose = append(t.loose, i)
		return
	}
	if t.under == nil {
		t.under, t.having = map[string][]int{}, map[string][]int{}
	}
	for _, anchor := range a.Anchors() {
		if anchor.Under {
			t.under[anchor.Text] = append(t.under[anchor.Text], i)
			t.longest = max(t.longest, len(anchor.Text))
		} else {
			t.having[anchor.Text] = append(t.having[anchor.Text], i)
		}
	}
}

// route finds the source whose address a request has, by path; the best match wins, the older source among equals.
func (t *table) route(path string) *host {
	best, score := -1, 0
	try := func(some []int) {
		for _, i := range some {
			if n := t.hosts[i].machine.Match(path); n > score || n == score && n > 0 && i < best {
				best, score = i, n
			}
		}
	}
	try(t.loose)
	if len(t.under) > 0 {
		for i := 0; i < len(path) && i <= t.longest; i++ {
			if path[i] == '/' {
				try(t.under[path[:i]])
			}
		}
		if len(path) <= t.longest {
			try(t.under[path])
		}
	}
	if len(t.having) > 0 {
		for _, part := range platform.Segments(path) {
			try(t.having[part])
		}
	}
	if best < 0 {
		return nil
	}
	return t.hosts[best]
}
