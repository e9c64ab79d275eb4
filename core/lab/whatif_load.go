package lab

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// Kinds of load.
const (
	History  = "history"  // Arrivals, as they were
	Constant = "constant" // Rate per second, evenly
	Poisson  = "poisson"  // Rate per second on average, each arrival independent of the others
	Burst    = "burst"    // Burst at once, every Every
)

// Load is when events come.
type Load struct {
	Kind     string        `json:"kind"`
	Rate     float64       `json:"rate,omitempty"`
	Burst    int           `json:"burst,omitempty"`
	Every    time.Duration `json:"every,omitempty"`
	Duration time.Duration `json:"duration,omitempty"` // of a synthetic load; 0: until Count
	Count    int           `json:"count,omitempty"`    // events of a synthetic load; 0: until Duration

	Query    string    `json:"query,omitempty"` // where the arrivals are from: a filter, a file
	Arrivals []Arrival `json:"-"`               // of History; at the same time, in the order given
}

// Arrival is an event as it came. Arrivals with the same Key are tries of one event, of which the first counts: what
// follows is for the policy to say. An empty Key is an event of its own.
type Arrival struct {
	At  time.Time
	Key string
}

// maxEvents bounds a run.
const maxEvents = 20_000_000

func (l *Load) check() error {
	switch {
	case l.Kind == History && len(l.Arrivals) == 0:
		return &core.Invalid{Field: "arrivals", Reason: "nothing arrived: choose a longer time or another filter"}
	case l.Kind == History && len(l.Arrivals) > maxEvents:
		return &core.Invalid{Field: "arrivals", Reason: "want 20 million at most: choose a shorter time"}
	case l.Kind == History && l.span() > 100*longestSpan:
		return &core.Invalid{Field: "arrivals", Reason: "want arrivals within 100 years"}
	case l.Kind == History:
		return nil
	case l.Kind != Constant && l.Kind != Poisson && l.Kind != Burst:
		return &core.Invalid{Field: "kind", Reason: "want history, constant, poisson or burst"}
	case l.Kind != Burst && !(l.Rate > 0 && l.Rate <= 1e6):
		return &core.Invalid{Field: "rate", Reason: "want events per second above 0, at most 1000000"}
	case l.Kind == Burst && (l.Burst < 1 || l.Every <= 0 || l.Every > longestSpan):
		return &core.Invalid{Field: "burst", Reason: "want how many at once, and how often"}
	case l.Duration < 0 || l.Duration > longestSpan:
		return &core.Invalid{Field: "duration", Reason: "want up to 366 days"}
	case l.Count < 0 || l.expected() < 1 || l.expected() > maxEvents:
		return &core.Invalid{Field: "count", Reason: "want a count or a duration that make 1 to 20000000 events"}
	}
	return nil
}

// perSecond is the rate on average.
func (l *Load) perSecond() float64 {
	if l.Kind == Burst {
		return float64(l.Burst) / l.Every.Seconds()
	}
	return l.Rate
}

// expected is how many events will come, about.
func (l *Load) expected() float64 {
	if l.Kind == History {
		return float64(len(l.Arrivals))
	}
	n := math.Inf(1)
	if l.Count > 0 {
		n = float64(l.Count)
	}
	if l.Duration > 0 {
		n = min(n, math.Ceil(l.perSecond()*l.Duration.Seconds())+float64(l.Burst))
	}
	if math.IsInf(n, 1) {
		return 0
	}
	return n
}

// span is how long the load lasts, about.
func (l *Load) span() time.Duration {
	if l.Kind == History {
		first, last := l.Arrivals[0].At, l.Arrivals[0].At
		for _, a := range l.Arrivals {
			if a.At.Before(first) {
				first = a.At
			}
			if a.At.After(last) {
				last = a.At
			}
		}
		return last.Sub(first)
	}
	return time.Duration(min(l.expected()/l.perSecond()*1e9, float64(longestSpan)))
}

// arrivals returns the nanoseconds since 1970 at which events come, one after the other, and false after the last.
func (l *Load) arrivals(seed uint64) func() (int64, bool) {
	if l.Kind == History {
		return replayed(l.Arrivals)
	}
	at := l.clock(seed)
	n := 0
	return func() (int64, bool) {
		since := at(n)
		if l.Count > 0 && n >= l.Count || l.Duration > 0 && since >= int64(l.Duration) {
			return 0, false
		}
		n++
		return syntheticStart + since, true
	}
}

// syntheticStart is when synthetic loads begin: a Monday, at midnight UTC.
var syntheticStart = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()

// clock returns when the n-th event comes, in nanoseconds since the start. It is called for 0, 1, 2 …
func (l *Load) clock(seed uint64) func(n int) int64 {
	switch l.Kind {
	case Constant:
		return func(n int) int64 { return int64(float64(n) / l.Rate * 1e9) }
	case Burst:
		return func(n int) int64 { return int64(n/l.Burst) * int64(l.Every) }
	default:
		r := rand.New(rand.NewPCG(seed, 0x61727269))
		next := 0.0
		return func(int) int64 {
			at := next
			next += r.ExpFloat64() / l.Rate * 1e9
			return int64(at)
		}
	}
}

func replayed(arrivals []Arrival) func() (int64, bool) {
	times := make([]int64, 0, len(arrivals))
	seen := map[string]bool{}
	for _, a := range slices.SortedStableFunc(slices.Values(arrivals), func(a, b Arrival) int { return a.At.Compare(b.At) }) {
		if a.Key != "" && seen[a.Key] {
			continue
		}
		if a.Key != "" {
			seen[a.Key] = true
		}
		times = append(times, a.At.UnixNano())
	}
	n := 0
	return func() (int64, bool) {
		if n == len(times) {
			return 0, false
		}
		n++
		return times[n-1], true
	}
}

// ReadArrivals reads arrivals from a file: one per line, as "TIME" or "TIME,KEY", or as a JSON object {"at":TIME,"key":KEY}.
// TIME is RFC 3339 or seconds, counted from whatever moment. Empty lines, lines that begin with # and a heading are
// skipped.
func ReadArrivals(r io.Reader) ([]Arrival, error) {
	var out []Arrival
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<10)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\uFEFF"))
		if line == "" || line[0] == '#' || n == 1 && isHeading(line) {
			continue
		}
		a, err := parseArrival(line)
		if err != nil {
			return nil, &core.Invalid{Field: fmt.Sprintf("line %d", n), Reason: err.Error()}
		}
		if len(out) == maxEvents {
			return nil, &core.Invalid{Field: fmt.Sprintf("line %d", n), Reason: "want 20 million arrivals at most"}
		}
		out = append(out, a)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read arrivals: %w", err)
	}
	return out, nil
}

func isHeading(line string) bool {
	first, _, _ := strings.Cut(line, ",")
	first = strings.Trim(strings.ToLower(first), `" `)
	return first == "at" || first == "time" || first == "timestamp" || first == "date"
}

func parseArrival(line string) (Arrival, error) {
	if line[0] == '{' {
		var row struct {
			At  json.RawMessage `json:"at"`
			Key string          `json:"key"`
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			return Arrival{}, fmt.Errorf("want {\"at\":TIME,\"key\":KEY}: %w", err)
		}
		at, err := parseMoment(strings.Trim(string(row.At), `"`))
		return Arrival{at, row.Key}, err
	}
	when, key, _ := strings.Cut(line, ",")
	at, err := parseMoment(strings.Trim(when, `" `))
	return Arrival{at, strings.Trim(key, `" `)}, err
}

// parseMoment refuses times whose nanoseconds since 1970 do not fit.
func parseMoment(text string) (time.Time, error) {
	if s, err := strconv.ParseFloat(text, 64); err == nil && s >= 0 && s < 9e9 {
		whole, part := math.Modf(s)
		return time.Unix(int64(whole), int64(math.Round(part*1e6))*1e3), nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.Year() < 1970 || at.Year() > 2250 {
		return time.Time{}, fmt.Errorf("%q is no time: want 2026-01-31T12:00:00Z or seconds", text)
	}
	return at, nil
}
