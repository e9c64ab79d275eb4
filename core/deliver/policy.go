package deliver

import (
	"math"
	"math/rand/v2"
	"time"

	"hookglass/core"
)

// How a policy treats a receiver's Retry-After. Neither lets a retry come before its own schedule.
const (
	Honour = "honour" // wait as long as the receiver asks
	Cap    = "cap"    // wait as asked, but at most AfterCap behind the schedule
)

// Jitter of a policy: how a delay is spread so that many senders do not come back at the same moment.
const (
	FullJitter         = "full"         // anywhere from nothing to the delay
	EqualJitter        = "equal"        // half the delay, and up to as much again
	DecorrelatedJitter = "decorrelated" // from the base to three times the delay before
	FractionJitter     = "fraction"     // plus or minus Spread of the delay
)

// longest bounds every delay. No schedule means more, and the nanoseconds since 1970 of a due time fit an int64.
const longest = 100 * 365 * 24 * time.Hour

// Delay is the time from the failure of an attempt, numbered from 1, to the next one. prev is the delay before
// it, 0 for the first. A nil rng leaves the jitter out, for a plan.
func Delay(p core.RetryPolicy, attempt int, prev time.Duration, rng *rand.Rand) time.Duration {
	d := listed(p, attempt)
	if len(p.Delays) == 0 {
		d = exponential(p, attempt)
	}
	d = jittered(p, limited(p, d), prev, rng)
	return limited(p, d)
}

func listed(p core.RetryPolicy, attempt int) time.Duration {
	if len(p.Delays) == 0 {
		return 0
	}
	return p.Delays[min(max(attempt, 1), len(p.Delays))-1]
}

func exponential(p core.RetryPolicy, attempt int) time.Duration {
	factor := p.Factor
	if factor == 0 {
		factor = 2
	}
	return duration(float64(p.Base) * math.Pow(factor, float64(max(attempt, 1)-1)))
}

func limited(p core.RetryPolicy, d time.Duration) time.Duration {
	if p.Max > 0 {
		d = min(d, p.Max)
	}
	return min(max(d, 0), longest)
}

func jittered(p core.RetryPolicy, d, prev time.Duration, rng *rand.Rand) time.Duration {
	if rng == nil {
		return d
	}
	share := rng.Float64()
	switch p.Jitter {
	case FullJitter:
		return duration(share * float64(d))
	case EqualJitter:
		return duration((0.5 + share/2) * float64(d))
	case FractionJitter:
		return duration((1 + p.Spread*(2*share-1)) * float64(d))
	case DecorrelatedJitter:
		base := float64(p.Base)
		if len(p.Delays) > 0 {
			base = float64(p.Delays[0])
		}
		upper := max(base, 3*max(float64(prev), base))
		return duration(base + share*(upper-base))
	}
	return d
}

// duration converts without overflow: what is too long, or not a number, is the longest.
func duration(ns float64) time.Duration {
	if !(ns < float64(longest)) {
		return longest
	}
	return time.Duration(math.Round(max(ns, 0)))
}

// Ladder is the planned schedule of a delivery whose first attempt is at start: the times of all attempts if each
// failed at once. It leaves out jitter and whatever a receiver may ask for.
func Ladder(p core.RetryPolicy, start time.Time) []time.Time {
	const most = 1000 // more rungs than anybody looks at
	at := start
	rungs := []time.Time{at}
	for n := 1; n <= p.Retries && len(rungs) < most; n++ {
		at = at.Add(Delay(p, n, 0, nil))
		if p.Window > 0 && at.Sub(start) > p.Window || at.Sub(start) >= longest {
			break
		}
		rungs = append(rungs, at)
	}
	return rungs
}
