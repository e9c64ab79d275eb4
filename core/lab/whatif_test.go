package lab_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/lab"
	"hookglass/core/limit"
)

func run(t *testing.T, s lab.Scenario) lab.Result {
	t.Helper()
	r, err := play(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkBooks(t, r)
	return r
}

// play is a comparison of one.
func play(ctx context.Context, s lab.Scenario, progress func(float64)) (lab.Result, error) {
	results, err := lab.Compare(ctx, []lab.Scenario{s}, progress)
	if err != nil {
		return lab.Result{}, err
	}
	return results[0], nil
}

// checkBooks looks whether a result agrees with itself, whatever the scenario.
func checkBooks(t *testing.T, r lab.Result) {
	t.Helper()
	n := r.Totals
	if n.Delivered+n.Exhausted != n.Arrived || n.Attempts != n.Arrived+n.Retries || n.Lost > n.Exhausted {
		t.Errorf("the totals do not add up: %+v", n)
	}
	var sum lab.Row
	for i, row := range r.Series {
		if row.At != time.Duration(i)*r.Width {
			t.Fatalf("row %d begins at %v with a width of %v", i, row.At, r.Width)
		}
		sum.Arrived, sum.Attempts, sum.Accepted, sum.Limited = sum.Arrived+row.Arrived, sum.Attempts+row.Attempts, sum.Accepted+row.Accepted, sum.Limited+row.Limited
		sum.Failed, sum.Retries, sum.Delivered, sum.Lost = sum.Failed+row.Failed, sum.Retries+row.Retries, sum.Delivered+row.Delivered, sum.Lost+row.Lost
		sum.Backlog = max(sum.Backlog, row.Backlog)
		sum.Queue = max(sum.Queue, row.Queue)
	}
	want := lab.Row{Arrived: n.Arrived, Attempts: n.Attempts, Accepted: n.Accepted, Limited: n.Limited, Failed: n.Failed, Retries: n.Retries, Delivered: n.Delivered, Lost: n.Lost, Backlog: n.Peak, Queue: n.Queue.Longest}
	if sum != want {
		t.Errorf("the series does not add up to the totals:\n got %+v\nwant %+v", sum, want)
	}
}

func TestWindowsAndBucketsLetThroughWhatTheirFormulasSay(t *testing.T) {
	for _, c := range []struct {
		name     string
		load     lab.Load
		limits   []core.Limit
		accepted int64
	}{
		// 10 a second for a minute are three windows of 20 s, each of which lets 100 of 200 through.
		{"fixed window", lab.Load{Kind: lab.Constant, Rate: 10, Duration: time.Minute}, []core.Limit{{Kind: limit.Fixed, Count: 100, Window: 20 * time.Second}}, 300},
		// A sliding window of the same size lets a burst through, then one for each that leaves: the same number here.
		{"sliding window", lab.Load{Kind: lab.Constant, Rate: 10, Duration: time.Minute}, []core.Limit{{Kind: limit.Sliding, Count: 100, Window: 20 * time.Second}}, 300},
		// A bucket that never fills up again lets burst + rate × time through; the last of 1200 comes at 59.95 s.
		{"token bucket", lab.Load{Kind: lab.Constant, Rate: 20, Duration: time.Minute}, []core.Limit{{Kind: limit.Bucket, Count: 50, Rate: 5}}, 50 + 299},
		// A load below the rate passes whole.
		{"token bucket at leisure", lab.Load{Kind: lab.Constant, Rate: 4, Duration: time.Minute}, []core.Limit{{Kind: limit.Bucket, Count: 1, Rate: 5}}, 240},
		{"fixed window, bursts", lab.Load{Kind: lab.Burst, Burst: 30, Every: time.Minute, Count: 300}, []core.Limit{{Kind: limit.Fixed, Count: 10, Window: time.Minute}}, 100},
		{"the narrower of two", lab.Load{Kind: lab.Constant, Rate: 10, Duration: time.Minute}, []core.Limit{{Kind: limit.Fixed, Count: 100, Window: 20 * time.Second}, {Kind: limit.Fixed, Count: 50, Window: time.Minute}}, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := run(t, lab.Scenario{Load: c.load, Limits: c.limits}).Totals
			if got.Accepted != c.accepted || got.Limited != got.Arrived-c.accepted || got.Lost != got.Limited || got.Retries != 0 {
				t.Errorf("accepted %d of %d, limited %d, lost %d; want %d accepted", got.Accepted, got.Arrived, got.Limited, got.Lost, c.accepted)
			}
		})
	}
}

func TestConcurrencyHoldsASlotWhileItServes(t *testing.T) {
	// Four a second, each served for a second, two at a time: the first two of each four.
	s := lab.Scenario{
		Load:     lab.Load{Kind: lab.Constant, Rate: 4, Duration: 10 * time.Second},
		Limits:   []core.Limit{{Kind: limit.Concurrency, Count: 2}},
		Receiver: lab.Receiver{Service: time.Second},
	}
	if got := run(t, s).Totals; got.Accepted != 20 || got.Limited != 20 {
		t.Errorf("accepted %d, limited %d, want 20 and 20", got.Accepted, got.Limited)
	}
}

func TestExponentialScheduleTotals(t *testing.T) {
	// 1 + 2 + 4 + 8 + 16 s after the first attempt, then given up.
	s := lab.Scenario{
		Load:     lab.Load{Kind: lab.Constant, Rate: 1, Count: 100},
		Policy:   core.RetryPolicy{Retries: 5, Base: time.Second},
		Receiver: lab.Receiver{ErrorRate: 1},
	}
	got := run(t, s).Totals
	if got.Attempts != 600 || got.Failed != 600 || got.Exhausted != 100 || got.Lost != 100 || got.Ended != (99+31)*time.Second || got.Drain != 31*time.Second {
		t.Errorf("got %+v", got)
	}
	if got.Peak != 32 { // one arrives each second and stays 31; the next comes as the first leaves
		t.Logf("peak %d", got.Peak)
		if got.Peak != 31 {
			t.Errorf("peak %d, want 31 or 32", got.Peak)
		}
	}
}

// An event that comes during an outage is delivered at the first rung of its ladder after the end.
func TestOutageDelaysFollowTheLadder(t *testing.T) {
	policy := core.RetryPolicy{Retries: 10, Base: 3 * time.Second, Max: time.Minute}
	const outage = 5 * time.Minute
	s := lab.Scenario{
		Load: lab.Load{Kind: lab.Constant, Rate: 1, Duration: 10 * time.Minute}, Policy: policy,
		Receiver: lab.Receiver{Outages: []lab.Outage{{To: outage}}},
	}
	got := run(t, s).Totals
	var sum, worst, drain time.Duration
	var tries int64
	for came := time.Duration(0); came < 10*time.Minute; came += time.Second {
		for n, at := range deliver.Ladder(policy, time.Unix(0, 0).Add(came)) {
			if at.Sub(time.Unix(0, 0)) >= outage {
				delay := at.Sub(time.Unix(0, 0)) - came
				sum, worst, tries = sum+delay, max(worst, delay), tries+int64(n)+1
				if came < outage {
					drain = max(drain, came+delay-outage)
				}
				break
			}
		}
	}
	if got.Delivered != 600 || got.Lost != 0 || got.Attempts != tries || got.Delay.Max != worst || got.Delay.Mean != sum/600 || got.Drain != drain {
		t.Errorf("delivered %d, %d attempts, mean %v, worst %v, drained in %v;\nwant 600, %d, %v, %v, %v", got.Delivered, got.Attempts, got.Delay.Mean, got.Delay.Max, got.Drain, tries, sum/600, worst, drain)
	}
}

// Little's law, L = λW, for the queue and for the whole system, with the queue measured by its length over time and the wait
// by request; and the waits themselves against the formulas of M/M/1 and M/D/1, within the noise of 200,000 arrivals.
func TestQueuesObeyTheory(t *testing.T) {
	const rate, service, n = 8.0, 100 * time.Millisecond, 200_000
	for _, c := range []struct {
		spread string
		wait   float64 // seconds, on average
	}{
		{"exponential", 0.8 / (10 - 8)},  // ρ/(μ-λ)
		{"", 0.8 / (2 * 10 * (1 - 0.8))}, // ρ/(2μ(1-ρ))
	} {
		s := lab.Scenario{
			Load:     lab.Load{Kind: lab.Poisson, Rate: rate, Count: n},
			Receiver: lab.Receiver{Servers: 1, Service: service, Spread: c.spread},
			Timeout:  time.Hour, Seed: 3,
		}
		got := run(t, s).Totals
		lambda := float64(n) / got.Ended.Seconds()
		if l, w := got.Queue.Mean, lambda*got.Queue.Wait.Seconds(); math.Abs(l-w) > 1e-6*w {
			t.Errorf("%q: %v in the queue on average, λW is %v", c.spread, l, w)
		}
		if l, w := got.Backlog, lambda*got.Delay.Mean.Seconds(); math.Abs(l-w) > 1e-3*w {
			t.Errorf("%q: %v in the system on average, λW is %v", c.spread, l, w)
		}
		if off := got.Queue.Wait.Seconds()/c.wait - 1; math.Abs(off) > 0.05 {
			t.Errorf("%q: a mean wait of %v is %.1f %% off the formula's %v s", c.spread, got.Queue.Wait, 100*off, c.wait)
		}
	}
}

func TestPoissonIsPoisson(t *testing.T) {
	s := lab.Scenario{Load: lab.Load{Kind: lab.Poisson, Rate: 5, Duration: 1000 * time.Second}, Seed: 9, Buckets: 1000}
	r := run(t, s)
	var mean, square float64
	for _, row := range r.Series {
		mean += float64(row.Arrived)
	}
	mean /= float64(len(r.Series))
	for _, row := range r.Series {
		square += (float64(row.Arrived) - mean) * (float64(row.Arrived) - mean)
	}
	variance := square / float64(len(r.Series))
	if math.Abs(mean/r.Width.Seconds()-5) > 0.3 || math.Abs(variance/mean-1) > 0.15 { // mean and variance are equal
		t.Errorf("mean %v, variance %v for each %v", mean, variance, r.Width)
	}
}

func TestTimeoutsMakeDuplicates(t *testing.T) {
	// The sender waits a second, the receiver takes three: it processes each attempt, and the sender knows of none.
	s := lab.Scenario{
		Load:   lab.Load{Kind: lab.Constant, Rate: 1, Count: 50},
		Policy: core.RetryPolicy{Retries: 2, Delays: []time.Duration{10 * time.Second}}, Timeout: time.Second,
		Receiver: lab.Receiver{Service: 3 * time.Second},
	}
	got := run(t, s).Totals
	if got.TimedOut != 150 || got.Duplicates != 100 || got.Lost != 0 || got.Exhausted != 50 || got.Accepted != 150 {
		t.Errorf("got %+v", got)
	}
}

func TestAFullQueueAnswers503(t *testing.T) {
	s := lab.Scenario{
		Load:     lab.Load{Kind: lab.Burst, Burst: 10, Every: time.Minute, Count: 10},
		Receiver: lab.Receiver{Servers: 2, Service: time.Second, Queue: 3},
	}
	got := run(t, s).Totals
	if got.Accepted != 5 || got.Failed != 5 || got.Queue.Longest != 3 || got.Delay.Max != 3*time.Second {
		t.Errorf("got %+v", got)
	}
}

func TestRetryAfterIsHeard(t *testing.T) {
	load := lab.Load{Kind: lab.Burst, Burst: 20, Every: time.Hour, Count: 20}
	limits := []core.Limit{{Kind: limit.Fixed, Count: 10, Window: time.Minute}}
	deaf := core.RetryPolicy{Retries: 100, Delays: []time.Duration{time.Second}}
	polite := deaf
	polite.RetryAfter = deliver.Honour
	results, err := lab.Compare(t.Context(), []lab.Scenario{{Load: load, Limits: limits, Policy: deaf}, {Load: load, Limits: limits, Policy: polite}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := results[0].Totals, results[1].Totals; a.Limited != 600 || b.Limited != 10 || a.Delivered != 20 || b.Delivered != 20 {
		t.Errorf("deaf: %d limited, %d delivered; polite: %d limited, %d delivered; want 600 and 10 limited", a.Limited, a.Delivered, b.Limited, b.Delivered)
	}
	if results[0].Width != results[1].Width {
		t.Errorf("rows of %v and %v cannot stand side by side", results[0].Width, results[1].Width)
	}
}

func TestTheSendersOwnRateHolds(t *testing.T) {
	s := lab.Scenario{Load: lab.Load{Kind: lab.Burst, Burst: 100, Every: time.Hour, Count: 100}, Sender: deliver.Limit{Rate: 10}}
	if got := run(t, s).Totals; got.Ended != 9900*time.Millisecond || got.Peak != 100 {
		t.Errorf("the last of 100 went at %v with a peak of %d", got.Ended, got.Peak)
	}
	s = lab.Scenario{
		Load: lab.Load{Kind: lab.Burst, Burst: 100, Every: time.Hour, Count: 100}, Sender: deliver.Limit{Concurrency: 4},
		Receiver: lab.Receiver{Service: time.Second},
	}
	if got := run(t, s).Totals; got.Ended != 25*time.Second {
		t.Errorf("100 requests of a second, four at a time, took %v", got.Ended)
	}
}

func TestHistoryCountsTriesOfAnEventOnce(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2026, 3, 2, 12, 0, s, 0, time.UTC) }
	s := lab.Scenario{Load: lab.Load{Kind: lab.History, Arrivals: []lab.Arrival{{at(9), "a"}, {at(1), ""}, {at(3), "a"}, {at(5), ""}, {at(7), "b"}}}}
	r := run(t, s)
	if r.Totals.Arrived != 4 || !r.Start.Equal(at(1)) || r.Totals.Ended != 6*time.Second {
		t.Errorf("%d arrived from %v over %v", r.Totals.Arrived, r.Start, r.Totals.Ended)
	}
}

func TestTheSameSeedGivesTheSameResult(t *testing.T) {
	s := million()
	s.Load.Count = 20_000
	a, b := run(t, s), run(t, s)
	if !reflect.DeepEqual(a, b) {
		t.Error("two runs of one scenario differ")
	}
	s.Seed++
	if c := run(t, s); reflect.DeepEqual(a.Totals, c.Totals) {
		t.Error("another seed gave the same totals")
	}
}

func TestPercentilesAreExactToOnePercent(t *testing.T) {
	// All come at once and one server takes a second for each: the n-th is delivered after n seconds.
	s := lab.Scenario{
		Load:     lab.Load{Kind: lab.Burst, Burst: 1000, Every: time.Hour, Count: 1000},
		Receiver: lab.Receiver{Servers: 1, Service: time.Second}, Timeout: time.Hour,
	}
	d := run(t, s).Totals.Delay
	for _, c := range []struct {
		name      string
		got, want time.Duration
	}{
		{"p50", d.P50, 500 * time.Second}, {"p90", d.P90, 900 * time.Second}, {"p95", d.P95, 950 * time.Second},
		{"p99", d.P99, 990 * time.Second}, {"max", d.Max, 1000 * time.Second}, {"mean", d.Mean, 500500 * time.Millisecond},
	} {
		if off := math.Abs(float64(c.got-c.want)) / float64(c.want); off > 0.01 || (c.name == "max" || c.name == "mean") && c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestRowsStayBounded(t *testing.T) {
	// A load of a second whose retries last for days.
	s := lab.Scenario{
		Load: lab.Load{Kind: lab.Constant, Rate: 100, Count: 100}, Policy: core.RetryPolicy{Retries: 12, Base: time.Second, Factor: 3},
		Receiver: lab.Receiver{ErrorRate: 1}, Buckets: 50,
	}
	if r := run(t, s); len(r.Series) > 50 || len(r.Series) < 20 {
		t.Errorf("%d rows of %v", len(r.Series), r.Width)
	}
}

func TestMemoryFollowsWhatIsUnderWay(t *testing.T) {
	s := million()
	s.Load.Count = 400_000
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	looked := false
	_, err := play(t.Context(), s, func(share float64) {
		if share > 0.9 && !looked {
			looked = true
			runtime.GC()
			runtime.ReadMemStats(&during)
		}
	})
	if err != nil || !looked {
		t.Fatal(err)
	}
	// 400,000 events at 24 bytes each would be 9.6 MB in the ledger alone.
	if grown := int64(during.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("%d KiB after 360,000 events of which few are under way", grown>>10)
	}
}

func TestRunStopsAndTellsItsProgress(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	last := -1.0
	_, err := play(ctx, million(), func(share float64) {
		if share < last || share > 1 {
			t.Errorf("progress went from %v to %v", last, share)
		}
		last = share
		if share > 0.05 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || last > 0.2 {
		t.Errorf("got %v at %v", err, last)
	}
}

func TestExports(t *testing.T) {
	s := million()
	s.Load.Count = 5_000
	s.Load.Query = "source:stripe since:1d"
	r := run(t, s)
	var text, table bytes.Buffer
	if err := r.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	var back lab.Result
	if err := json.Unmarshal(text.Bytes(), &back); err != nil || !reflect.DeepEqual(r, back) {
		t.Errorf("what was written does not read the same: %v", err)
	}
	if again := run(t, back.Scenario); !reflect.DeepEqual(r, again) {
		t.Error("the saved settings give another result")
	}
	if err := r.WriteCSV(&table); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&table).ReadAll()
	if err != nil || len(lines) != len(r.Series)+1 || lines[0][0] != "seconds" || len(lines[1]) != 12 {
		t.Errorf("%d lines for %d rows, %v", len(lines), len(r.Series), err)
	}
}

func TestScenariosThatMakeNoSense(t *testing.T) {
	load := lab.Load{Kind: lab.Constant, Rate: 1, Count: 1}
	for field, s := range map[string]lab.Scenario{
		"load.kind":           {},
		"load.rate":           {Load: lab.Load{Kind: lab.Poisson, Count: 1}},
		"load.burst":          {Load: lab.Load{Kind: lab.Burst, Count: 1}},
		"load.count":          {Load: lab.Load{Kind: lab.Constant, Rate: 1}},
		"load.duration":       {Load: lab.Load{Kind: lab.Constant, Rate: 1, Duration: -1}},
		"load.arrivals":       {Load: lab.Load{Kind: lab.History}},
		"limits[1].kind":      {Load: load, Limits: []core.Limit{{Kind: limit.Fixed, Count: 1, Window: time.Second}, {}}},
		"receiver.error_rate": {Load: load, Receiver: lab.Receiver{ErrorRate: math.NaN()}},
		"receiver.status":     {Load: load, Receiver: lab.Receiver{Status: 200}},
		"receiver.outages[0]": {Load: load, Receiver: lab.Receiver{Outages: []lab.Outage{{From: 2, To: 1}}}},
		"receiver.spread":     {Load: load, Receiver: lab.Receiver{Spread: "gauss"}},
		"receiver.servers":    {Load: load, Receiver: lab.Receiver{Servers: -1}},
		"policy.retries":      {Load: load, Policy: core.RetryPolicy{Retries: -1}},
		"timeout":             {Load: load, Timeout: -1},
		"buckets":             {Load: load, Buckets: -1},
	} {
		_, err := play(t.Context(), s, nil)
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("got %v, want field %s", err, field)
		}
	}
}

func TestReadArrivals(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	got, err := lab.ReadArrivals(strings.NewReader("time,key\n# a remark\n\n2026-03-02T12:00:00Z,evt_1\n1772452801.5, \"evt_2\"\n{\"at\":\"2026-03-02T13:00:02+01:00\",\"key\":\"evt_3\"}\n{\"at\":1772452803}\n"))
	want := []lab.Arrival{{noon, "evt_1"}, {noon.Add(1500 * time.Millisecond), "evt_2"}, {noon.Add(2 * time.Second), "evt_3"}, {noon.Add(3 * time.Second), ""}}
	if err != nil || len(got) != len(want) {
		t.Fatalf("%v, %v", got, err)
	}
	for i := range want {
		if !got[i].At.Equal(want[i].At) || got[i].Key != want[i].Key {
			t.Errorf("%d: got %v, want %v", i, got[i], want[i])
		}
	}
	for _, bad := range []string{"yesterday", "-5", "{\"key\":\"a\"}", "{", "1e300", "0001-01-01T00:00:00Z", "2\nnan"} {
		var invalid *core.Invalid
		if _, err := lab.ReadArrivals(strings.NewReader(bad)); !errors.As(err, &invalid) || !strings.HasPrefix(invalid.Field, "line ") {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func FuzzReadArrivals(f *testing.F) {
	f.Add("2026-03-02T12:00:00Z,evt_1\n12.5\n{\"at\":3}")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := lab.ReadArrivals(strings.NewReader(text))
		if err != nil || len(got) == 0 || len(got) > 1000 {
			return
		}
		s := lab.Scenario{Load: lab.Load{Kind: lab.History, Arrivals: got}}
		r, err := play(t.Context(), s, nil)
		if err == nil && (r.Totals.Delivered != r.Totals.Arrived || len(r.Series) > 240) {
			t.Errorf("%d of %d delivered in %d rows", r.Totals.Delivered, r.Totals.Arrived, len(r.Series))
		}
	})
}

// Where retries go on for days after a load of minutes, its minutes can still be looked at.
func TestTheLoadIsSeenCloselyHoweverLongRetriesLast(t *testing.T) {
	s := lab.Scenario{
		Load:     lab.Load{Kind: lab.Constant, Rate: 10, Duration: 10 * time.Minute},
		Policy:   core.RetryPolicy{Retries: 3, Delays: []time.Duration{time.Hour, 24 * time.Hour, 72 * time.Hour}},
		Receiver: lab.Receiver{Outages: []lab.Outage{{From: 2 * time.Minute, To: 12 * time.Minute}}},
	}
	r := run(t, s)
	if r.DuringWidth == 0 || r.DuringWidth > 5*time.Second || r.Width < r.DuringWidth || len(r.During) != 240 {
		t.Fatalf("%d rows of %v during the load, %d of %v in all", len(r.During), r.DuringWidth, len(r.Series), r.Width)
	}
	var arrived, atEnd int64
	for _, row := range r.During {
		arrived += row.Arrived
		if row.At == 12*time.Minute {
			atEnd = row.Backlog
		}
	}
	if arrived != r.Totals.Arrived || atEnd != 8*60*10 {
		t.Errorf("%d of %d arrivals, and %d under way at the end of the outage, want 4800", arrived, r.Totals.Arrived, atEnd)
	}
	s.Policy = core.RetryPolicy{}
	if r := run(t, s); r.During != nil {
		t.Error("a run that ends with its load needs no closer look")
	}
}
