package capture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"hookglass/core"
	"hookglass/core/limit"
)

// Wire is a fault that shows below the level of HTTP: in the bytes, or in how the connection ends.
type Wire string

// The wire faults. A request meets at most one of them.
const (
	Sound       Wire = ""
	Drop        Wire = "drop"         // closed without a byte
	DropMidway  Wire = "drop_midway"  // closed after the status line
	Reset       Wire = "reset"        // reset without a byte
	Truncate    Wire = "truncate"     // a body shorter than its Content-Length
	Malformed   Wire = "malformed"    // a chunk whose size is no number
	WrongLength Wire = "wrong_length" // a Content-Length that is too small
)

// longest bounds every wait that a fault causes.
const longest = time.Hour

// Fault is what one answer does wrong. The zero value does nothing wrong.
type Fault struct {
	Delay    time.Duration // before the first byte
	Status   int           // answered in place of the real answer; 0: the real answer
	Wire     Wire
	SlowBody time.Duration // the body dribbles out over this long

	RetryAfter   string // with Status 429 and 503: the form, of core/limit
	RetryAfterIn time.Duration

	Names []string // for the receipt: "latency 250ms", "fail_first 1 of 3 (evt_1)", "reset"
}

// Plan decides what goes wrong with the n-th request of a source. seen is how many requests with the same key came
// before it, the key being what f.FailKey counts. It is pure: the same seed and n give the same fault, and turning
// one setting leaves what the others do as it was.
func Plan(f core.Faults, key string, seen int, n uint64) Fault {
	r := rand.New(rand.NewPCG(f.Seed, n))
	luck := draw(r)
	var p Fault
	p.wait("latency", latency(f.Latency, luck))
	p.wait("hang", f.Hang)
	p.breakWire(f, luck)
	p.fail(f, key, seen, luck)
	p.slow(f)
	return p
}

// luck is everything that chance has a say in. All of it is drawn each time, so that no draw shifts another.
type luck struct {
	uniform, normal      float64
	err                  float64
	status               uint64
	drop, midway, reset  float64
	truncate, bad, wrong float64
}

func draw(r *rand.Rand) luck {
	l := luck{uniform: r.Float64(), err: r.Float64(), status: r.Uint64()}
	l.drop, l.midway, l.reset = r.Float64(), r.Float64(), r.Float64()
	l.truncate, l.bad, l.wrong = r.Float64(), r.Float64(), r.Float64()
	l.normal = r.NormFloat64() // last: it takes as many numbers as it likes
	return l
}

func latency(l core.Latency, luck luck) time.Duration {
	switch l.Kind {
	case "fixed":
		return l.Base
	case "uniform":
		return l.Base + time.Duration(luck.uniform*float64(l.Spread))
	case "lognormal":
		if l.Base <= 0 {
			return 0
		}
		sigma := float64(l.Spread) / float64(l.Base)
		return time.Duration(min(float64(longest), float64(l.Base)*math.Exp(sigma*luck.normal)))
	default:
		return 0
	}
}

func (p *Fault) wait(name string, d time.Duration) {
	if d <= 0 {
		return
	}
	p.Delay = min(longest, p.Delay+min(longest, d))
	p.name("%s %v", name, d.Round(time.Microsecond))
}

// breakWire picks the first wire fault that chance hits, the worst first.
func (p *Fault) breakWire(f core.Faults, luck luck) {
	for _, c := range []struct {
		wire         Wire
		chance, luck float64
	}{
		{Drop, f.Drop, luck.drop},
		{Reset, f.Reset, luck.reset},
		{DropMidway, f.DropMidway, luck.midway},
		{Truncate, f.Truncate, luck.truncate},
		{Malformed, f.Malformed, luck.bad},
		{WrongLength, f.WrongLength, luck.wrong},
	} {
		if c.luck < c.chance {
			p.Wire = c.wire
			p.name("%s", c.wire)
			return
		}
	}
}

// fail replaces the answer, unless nobody would see it.
func (p *Fault) fail(f core.Faults, key string, seen int, luck luck) {
	if p.Wire == Drop || p.Wire == Reset {
		return
	}
	status := http.StatusInternalServerError
	if len(f.Statuses) > 0 {
		status = f.Statuses[luck.status%uint64(len(f.Statuses))]
	}
	switch {
	case seen < f.FailFirst:
		p.name("fail_first %d of %d%s", seen+1, f.FailFirst, inBrackets(key))
	case luck.err < f.ErrorRate:
		p.name("error_rate")
	default:
		return
	}
	p.Status = status
	p.name("status %d", status)
	if f.RetryAfter != "" && (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) {
		p.RetryAfter, p.RetryAfterIn = f.RetryAfter, f.RetryAfterIn
		p.name("retry_after %s", f.RetryAfter)
	}
}

func (p *Fault) slow(f core.Faults) {
	if f.SlowBody > 0 && (p.Wire == Sound || p.Wire == Truncate || p.Wire == WrongLength) {
		p.SlowBody = min(longest, f.SlowBody)
		p.name("slow_body %v", p.SlowBody)
	}
}

func (p *Fault) name(format string, args ...any) {
	p.Names = append(p.Names, fmt.Sprintf(format, args...))
}

func inBrackets(key string) string {
	if key == "" {
		return ""
	}
	return " (" + key + ")"
}

// Answer is the response that the sender is to get: the real one, or the failure in its place. It is what the capture
// keeps and what Write then sends.
func (p Fault) Answer(real core.Response, now time.Time) core.Response {
	if p.Status == 0 {
		return real
	}
	body := fmt.Sprintf("hookglass fault: %d %s\n", p.Status, http.StatusText(p.Status))
	header := core.Header{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}}
	if p.RetryAfter != "" {
		if value, ok := limit.RetryAfter(p.RetryAfter, p.RetryAfterIn, now); ok {
			header = append(header, core.Field{Name: "Retry-After", Value: value})
		}
	}
	return core.Response{Status: p.Status, Proto: real.Proto, Header: header, Body: []byte(body), Size: int64(len(body))}
}

// CheckFaults says what is wrong with the settings as a *core.Invalid, or nil.
func CheckFaults(f core.Faults) error {
	if !slices.Contains([]string{"", "fixed", "uniform", "lognormal"}, f.Latency.Kind) {
		return &core.Invalid{Field: "latency.kind", Reason: "want fixed, uniform or lognormal"}
	}
	if !slices.Contains([]string{"", "event", "path", "sender"}, f.FailKey) {
		return &core.Invalid{Field: "fail_key", Reason: "want event, path or sender"}
	}
	if !slices.Contains([]string{"", limit.Seconds, limit.Date, limit.Wrong, limit.None}, f.RetryAfter) {
		return &core.Invalid{Field: "retry_after", Reason: "want seconds, date, wrong or none"}
	}
	if f.FailFirst < 0 {
		return &core.Invalid{Field: "fail_first", Reason: "want 0 or more"}
	}
	for i, s := range f.Statuses {
		if s < 200 || s > 599 {
			return &core.Invalid{Field: fmt.Sprintf("statuses[%d]", i), Reason: "want 200 to 599"}
		}
	}
	if err := checkChances(f); err != nil {
		return err
	}
	return checkWaits(f)
}

func checkChances(f core.Faults) error {
	for _, c := range []struct {
		field  string
		chance float64
	}{
		{"error_rate", f.ErrorRate}, {"drop", f.Drop}, {"drop_midway", f.DropMidway}, {"reset", f.Reset},
		{"truncate", f.Truncate}, {"malformed", f.Malformed}, {"wrong_length", f.WrongLength},
	} {
		if !(c.chance >= 0 && c.chance <= 1) {
			return &core.Invalid{Field: c.field, Reason: "want a chance from 0 to 1"}
		}
	}
	return nil
}

func checkWaits(f core.Faults) error {
	for _, c := range []struct {
		field string
		d     time.Duration
	}{
		{"latency.base", f.Latency.Base}, {"latency.spread", f.Latency.Spread}, {"hang", f.Hang},
		{"slow_body", f.SlowBody}, {"retry_after_in", f.RetryAfterIn},
	} {
		if c.d < 0 || c.d > longest {
			return &core.Invalid{Field: c.field, Reason: "want 0 to 1 hour"}
		}
	}
	return nil
}
