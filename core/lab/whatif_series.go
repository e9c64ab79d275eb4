package lab

import (
	"math/bits"
	"slices"
	"time"
)

// Row is one stretch of a series: how many of each happened in it, and the highest level in it.
type Row struct {
	At        time.Duration `json:"at"` // its beginning, since the start
	Arrived   int64         `json:"arrived"`
	Attempts  int64         `json:"attempts"`
	Accepted  int64         `json:"accepted"`
	Limited   int64         `json:"limited"`
	Failed    int64         `json:"failed"`
	Retries   int64         `json:"retries"`
	Delivered int64         `json:"delivered"`
	Lost      int64         `json:"lost"`
	Retrying  int64         `json:"retrying"` // most events that waited for another attempt
	Queue     int64         `json:"queue"`    // most requests that waited for a server
	Backlog   int64         `json:"backlog"`  // most events neither delivered nor given up
}

// row is a Row in the making.
type row struct {
	counts [counters]int64
	levels [levels]int64
}

// counter is something that happens.
type counter int

const (
	arrived counter = iota
	attempts
	accepted
	limited
	failed
	retries
	delivered
	lost
	counters
)

// level is something that stands at a height.
type level int

const (
	retrying level = iota // events that wait for another attempt
	queue                 // requests that wait for a server
	backlog               // events neither delivered nor given up
	levels
)

// series cuts a run of unknown length into a bounded number of rows: when they are full, each two become one.
type series struct {
	start  int64
	width  time.Duration
	most   int
	rows   []row
	fine   []row         // as they stood before the first two became one
	grain  time.Duration // the width of those
	now    int64
	height [levels]int64 // now
	top    [levels]int64 // ever
	since  [levels]int64 // the height is what it is
	area   [levels]float64
}

func newSeries(start int64, span time.Duration, most int) *series {
	if most == 0 {
		most = 240
	}
	most += most % 2 // rows are merged in pairs
	return &series{start: start, now: start, since: [levels]int64{start, start, start}, width: roundWidth(span / time.Duration(most)), most: most, rows: make([]row, 1, most)}
}

// roundWidth is a width that people can read off an axis, at least as wide as asked.
func roundWidth(at time.Duration) time.Duration {
	for _, unit := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second} {
		for _, n := range []time.Duration{1, 2, 5} {
			if n*unit >= at {
				return n * unit
			}
		}
	}
	for _, w := range []time.Duration{10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400} {
		if w*time.Second >= at {
			return w * time.Second
		}
	}
	return 7 * 24 * time.Hour
}

// at moves to the row of t. Rows passed on the way keep the present levels.
func (s *series) at(t int64) {
	i := int((t - s.start) / int64(s.width))
	for i >= s.most {
		s.halve()
		i = int((t - s.start) / int64(s.width))
	}
	for len(s.rows) <= i {
		s.rows = append(s.rows, row{levels: s.height})
	}
	s.now = t
}

func (s *series) count(c counter) { s.rows[len(s.rows)-1].counts[c]++ }

func (s *series) move(l level, by int64) { s.level(l, s.height[l]+by) }

func (s *series) level(l level, height int64) {
	s.area[l] += float64(s.height[l]) * float64(s.now-s.since[l])
	s.height[l], s.since[l] = height, s.now
	r := &s.rows[len(s.rows)-1]
	r.levels[l] = max(r.levels[l], height)
	s.top[l] = max(s.top[l], height)
}

// mean is a level on average over a time from the start. It must have come down to 0 by then.
func (s *series) mean(l level, over time.Duration) float64 {
	if over <= 0 {
		return 0
	}
	return s.area[l] / float64(over)
}

func (s *series) halve() {
	if s.fine == nil {
		s.fine, s.grain = slices.Clone(s.rows), s.width
		for len(s.fine) < s.most { // nothing happens until then
			s.fine = append(s.fine, row{levels: s.height})
		}
	}
	s.rows = halved(s.rows)
	s.width *= 2
}

func halved(rows []row) []row {
	for i := 0; i < len(rows); i += 2 {
		r := rows[i]
		if i+1 < len(rows) {
			for c := range r.counts {
				r.counts[c] += rows[i+1].counts[c]
			}
			for l := range r.levels {
				r.levels[l] = max(r.levels[l], rows[i+1].levels[l])
			}
		}
		rows[i/2] = r
	}
	return rows[:(len(rows)+1)/2]
}

// align gives series the same width.
func align(all []*series) {
	var widest time.Duration
	for _, s := range all {
		widest = max(widest, s.width)
	}
	for _, s := range all {
		for s.width < widest && widest%(2*s.width) == 0 {
			s.halve()
		}
	}
}

// table is rows as they are shown.
func table(rows []row, width time.Duration) []Row {
	out := make([]Row, len(rows))
	for i, r := range rows {
		c, l := r.counts, r.levels
		out[i] = Row{
			At:      time.Duration(i) * width,
			Arrived: c[arrived], Attempts: c[attempts], Accepted: c[accepted], Limited: c[limited],
			Failed: c[failed], Retries: c[retries], Delivered: c[delivered], Lost: c[lost],
			Retrying: l[retrying], Queue: l[queue], Backlog: l[backlog],
		}
	}
	return out
}

// histogram counts durations in bins of under 1 % width, 128 to each power of two.
type histogram struct {
	bins     [64 * 128]uint32
	n        int64
	sum, max int64
}

func (h *histogram) add(d int64) {
	h.n++
	h.sum += d / 1000 // in microseconds, so that a million delays of a year do not overflow
	h.max = max(h.max, d)
	h.bins[bin(d)]++
}

func bin(d int64) int {
	if d < 128 {
		return int(max(d, 0))
	}
	shift := bits.Len64(uint64(d)) - 8
	return (shift+1)*128 + int(d>>shift) - 128
}

// floor is the least duration in a bin.
func floor(bin int) int64 {
	if bin < 128 {
		return int64(bin)
	}
	return int64(bin%128+128) << (bin/128 - 1)
}

func (h *histogram) percentile(p float64) time.Duration {
	want, n := int64(p*float64(h.n)+0.999999), int64(0)
	for b, c := range h.bins {
		if n += int64(c); n >= want && c > 0 {
			if b < 128 {
				return time.Duration(b)
			}
			return time.Duration(min(h.max, (floor(b)+floor(b+1))/2))
		}
	}
	return time.Duration(h.max)
}

func (h *histogram) delay() Delay {
	if h.n == 0 {
		return Delay{}
	}
	return Delay{
		P50: h.percentile(0.50), P90: h.percentile(0.90), P95: h.percentile(0.95), P99: h.percentile(0.99),
		Max: time.Duration(h.max), Mean: time.Duration(h.sum/h.n) * time.Microsecond,
	}
}
