package frame

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"sync"
	"time"
)

// GaugeVar names the folder into which the window writes how long the UI goroutine keeps others waiting, and a CPU profile
// of it. For those who work on the program: script/frames reads both.
const GaugeVar = "HOOKGLASS_FRAMES"

// How often the UI goroutine is asked whether it has time, and how often a line is written.
const (
	gaugeEvery = 50 * time.Millisecond
	gaugeLine  = time.Second
)

// gauge measures the UI goroutine from outside: what it is asked to do waits while Fyne lays out and paints, and while our own
// functions run.
type gauge struct {
	do func(func())

	mu        sync.Mutex
	waits     []time.Duration // of what only asks
	own       time.Duration   // what functions of ours took, beside layout and painting
	ownLonger time.Duration   // the longest
	rounds    int
}

// gaugeLineJSON is one second, as it is written.
type gaugeLineJSON struct {
	At    int64     `json:"at"`
	Waits []float64 `json:"waits_ms"`
	Own   float64   `json:"own_ms"`
	Most  float64   `json:"own_most_ms"`
	Calls int       `json:"calls"`
}

// measure begins to measure, where that was asked for.
func (w *Window) measure() (end func()) {
	if w.gauge == nil {
		return func() {}
	}
	end, err := w.gauge.begin(w.Ctx, os.Getenv(GaugeVar))
	if err != nil {
		w.Fail(err)
		return func() {}
	}
	return end
}

// run is do with a look at the clock.
func (g *gauge) run(f func()) {
	g.do(func() {
		begun := time.Now()
		f()
		took := time.Since(begun)
		g.mu.Lock()
		defer g.mu.Unlock()
		g.own, g.ownLonger = g.own+took, max(g.ownLonger, took)
		g.rounds++
	})
}

// begin measures until ctx ends. What it returns writes the rest.
func (g *gauge) begin(ctx context.Context, dir string) (end func(), err error) {
	out, err := os.Create(filepath.Join(dir, "frames.jsonl"))
	if err != nil {
		return nil, err
	}
	profile, err := os.Create(filepath.Join(dir, "cpu.pprof"))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(profile); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var jobs sync.WaitGroup
	jobs.Go(func() { g.ask(ctx) })
	jobs.Go(func() { g.write(ctx, out) })
	return func() {
		cancel()
		jobs.Wait()
		pprof.StopCPUProfile()
		_ = profile.Close()
		_ = out.Close()
	}, nil
}

// ask measures how long it takes until the UI goroutine comes to something new.
func (g *gauge) ask(ctx context.Context) {
	tick := time.NewTicker(gaugeEvery)
	defer tick.Stop()
	named := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asked, came := time.Now(), make(chan struct{})
		g.do(func() {
			if !named {
				named = true
				pprof.SetGoroutineLabels(pprof.WithLabels(ctx, pprof.Labels("goroutine", "ui")))
			}
			close(came)
		})
		select {
		case <-ctx.Done():
			return
		case <-came:
		}
		wait := time.Since(asked)
		g.mu.Lock()
		g.waits = append(g.waits, wait)
		g.mu.Unlock()
	}
}

func (g *gauge) write(ctx context.Context, out *os.File) {
	tick := time.NewTicker(gaugeLine)
	defer tick.Stop()
	lines := json.NewEncoder(out)
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := lines.Encode(g.line(now)); err != nil {
				return // the disk is full, or the folder is gone
			}
		}
	}
}

// line is what was measured since the last one.
func (g *gauge) line(now time.Time) gaugeLineJSON {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := gaugeLineJSON{At: now.Unix(), Own: milliseconds(g.own), Most: milliseconds(g.ownLonger), Calls: g.rounds, Waits: []float64{}}
	slices.Sort(g.waits)
	for _, w := range g.waits {
		l.Waits = append(l.Waits, milliseconds(w))
	}
	g.waits, g.own, g.ownLonger, g.rounds = g.waits[:0], 0, 0, 0
	return l
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
