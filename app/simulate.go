package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/engine"
	"hookglass/core/lab"
	"hookglass/core/limit"
)

func (p *program) simulate() *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate --policy FILE|PRESET",
		Short: "Run a what-if: the history, or a made-up load, against limits, outages and a retry policy",
		Long: "Run a what-if in virtual time: what would have become of this load, with the very rules that decide live?\n" +
			"The load is the captures that --query matches, unless --load or --arrivals names another. Retry policies: " + presetNames() + ".\n" +
			"A file is JSON, all of it optional, durations in seconds or as \"1m30s\":\n\n" + scenarioExample,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			scenarios, err := f.scenarios(cmd)
			if err != nil {
				return err
			}
			results, err := p.runSimulate(cmd.Context(), scenarios, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return p.printSimulated(cmd.OutOrStdout(), results, f.csv)
		},
	}
	f.add(cmd)
	p.jsonFlag(cmd)
	return cmd
}

const scenarioExample = `  {"load": {"kind": "history|constant|poisson|burst", "query": "source:stripe", "rate": 20, "duration_s": 600, "count": 10000,
            "burst": 100, "every_s": 60},
   "policy": "stripe",           or {"retries": 3, "base_s": 1, "factor": 2, "max_s": 60, "delays_s": [5, 300], "jitter": "full",
                                     "retry_after": "honour", "window_s": 86400}
   "limits": "almyty-pro",       or [{"kind": "fixed|sliding|bucket|concurrency", "count": 100, "window_s": 60, "rate": 10}]
   "receiver": {"error_rate": 0.05, "status": 500, "outages": [{"from_s": 600, "to_s": 900, "status": 503}],
                "servers": 4, "service_s": 0.2, "spread": "exponential", "queue": 1000},
   "timeout_s": 30, "seed": 1}`

// simulateFlags are a scenario on the command line. What is given overrides the file.
type simulateFlags struct {
	policy, query, arrivals, csv string
	compare, limits, outages     []string
	load                         lab.Load
	success                      float64
	status, servers, queue       int
	service, timeout             time.Duration
	exponential                  bool
	seed                         uint64
	buckets                      int
}

func (f *simulateFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.policy, "policy", "", "retry policy: a preset's name, or a file with a scenario or a policy")
	fl.StringArrayVar(&f.compare, "compare", nil, "another preset or file to run beside it, with the same load; repeat for more")
	fl.StringVar(&f.query, "query", "", "a filter that chooses captures of the history as the load")
	fl.StringVar(&f.load.Kind, "load", "", "a made-up load instead: constant, poisson or burst")
	fl.StringVar(&f.arrivals, "arrivals", "", "a file with the load instead: a time per line, or TIME,EVENT; - for standard input")
	fl.Float64Var(&f.load.Rate, "rate", 10, "events per second of a constant or poisson load")
	fl.DurationVar(&f.load.Duration, "duration", 0, "how long a made-up load lasts (default 10m, without --count)")
	fl.IntVar(&f.load.Count, "count", 0, "events of a made-up load")
	fl.IntVar(&f.load.Burst, "burst", 100, "events of each burst")
	fl.DurationVar(&f.load.Every, "every", time.Minute, "time from burst to burst")
	fl.StringArrayVar(&f.limits, "limit", nil, "a preset ("+limitNames()+"), or fixed:100/1m, sliding:100/1m, bucket:50+10/s or concurrency:10; repeat for more")
	fl.StringArrayVar(&f.outages, "outage", nil, "a time in which the receiver serves nothing: 10m-15m (refuses connections), 10m-15m=503 or 10m-15m=hang; repeat for more")
	fl.Float64Var(&f.success, "success", 1, "chance from 0 to 1 that an attempt succeeds")
	fl.IntVar(&f.status, "status", 0, "what is answered otherwise (default 500)")
	fl.DurationVar(&f.service, "service", 0, "time that the receiver takes for a request")
	fl.BoolVar(&f.exponential, "exponential", false, "--service is the mean of an exponential distribution")
	fl.IntVar(&f.servers, "servers", 0, "requests served at a time (default: any number)")
	fl.IntVar(&f.queue, "queue", 0, "requests that may wait for a server; the next gets 503 (default: any number)")
	fl.DurationVar(&f.timeout, "timeout", 0, "how long the sender waits for an answer (default 30s)")
	fl.Uint64Var(&f.seed, "seed", 0, "the same seed gives the same result")
	fl.IntVar(&f.buckets, "buckets", 0, "rows of the series at the most (default 240)")
	fl.StringVar(&f.csv, "csv", "", "write the series to this file; - for standard output")
}

func limitNames() string {
	var names []string
	for _, p := range limit.Presets() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// scenarios are the one asked for, and those to compare it with: the same in all but the policy.
func (f *simulateFlags) scenarios(cmd *cobra.Command) ([]lab.Scenario, error) {
	if f.policy == "" {
		return nil, &core.Invalid{Field: "--policy", Reason: "is missing; want a file, or one of " + presetNames()}
	}
	first, err := readScenario("--policy", f.policy)
	if err != nil {
		return nil, err
	}
	if err := f.override(&first, cmd.Flags().Changed, cmd.InOrStdin()); err != nil {
		return nil, err
	}
	all := []lab.Scenario{first}
	for _, name := range f.compare {
		other, err := readScenario("--compare", name)
		if err != nil {
			return nil, err
		}
		next := first
		next.Policy, next.Name = other.Policy, other.Name
		all = append(all, next)
	}
	for i := range all {
		if all[i].Name == "" {
			all[i].Name = engine.PolicyName(all[i].Policy)
		}
	}
	return all, nil
}

// readScenario reads a file, or makes a scenario of a preset. A name that is both is the preset.
func readScenario(flag, name string) (lab.Scenario, error) {
	if p, ok := deliver.Preset(name); ok {
		return lab.Scenario{Policy: p}, nil
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return lab.Scenario{}, &core.Invalid{Field: flag, Reason: fmt.Sprintf("%q is neither a file nor a preset; presets are %s", name, presetNames())}
	}
	if err != nil {
		return lab.Scenario{}, &core.Invalid{Field: flag, Reason: err.Error()}
	}
	s, err := lab.ParseScenario(text)
	if err != nil {
		return s, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// override puts what the flags say over what the file said.
func (f *simulateFlags) override(s *lab.Scenario, given func(string) bool, stdin io.Reader) error {
	if err := f.overrideLoad(s, given, stdin); err != nil {
		return err
	}
	if given("limit") {
		s.Limits = nil
	}
	for _, text := range f.limits {
		limits, err := parseLimit(text)
		if err != nil {
			return err
		}
		s.Limits = append(s.Limits, limits...)
	}
	if given("outage") {
		s.Receiver.Outages = nil
	}
	for _, text := range f.outages {
		o, err := parseOutage(text)
		if err != nil {
			return err
		}
		s.Receiver.Outages = append(s.Receiver.Outages, o)
	}
	if !(f.success >= 0 && f.success <= 1) {
		return &core.Invalid{Field: "--success", Reason: "want a chance from 0 to 1"}
	}
	set := map[string]func(){
		"success":     func() { s.Receiver.ErrorRate = 1 - f.success },
		"status":      func() { s.Receiver.Status = f.status },
		"service":     func() { s.Receiver.Service = f.service },
		"exponential": func() { s.Receiver.Spread = map[bool]string{true: "exponential"}[f.exponential] },
		"servers":     func() { s.Receiver.Servers = f.servers },
		"queue":       func() { s.Receiver.Queue = f.queue },
		"timeout":     func() { s.Timeout = f.timeout },
		"seed":        func() { s.Seed = f.seed },
		"buckets":     func() { s.Buckets = f.buckets },
	}
	for name, do := range set {
		if given(name) {
			do()
		}
	}
	return nil
}

func (f *simulateFlags) overrideLoad(s *lab.Scenario, given func(string) bool, stdin io.Reader) error {
	sources := 0
	for _, name := range []string{"query", "load", "arrivals"} {
		if given(name) {
			sources++
		}
	}
	switch {
	case sources > 1:
		return &core.Invalid{Field: "--load", Reason: "want one of --query, --load and --arrivals"}
	case given("arrivals"):
		arrivals, err := readArrivals(f.arrivals, stdin)
		s.Load = lab.Load{Kind: lab.History, Query: f.arrivals, Arrivals: arrivals}
		return err
	case given("load"):
		s.Load = f.madeUp()
	case given("query") || s.Load.Kind == "":
		s.Load = lab.Load{Kind: lab.History, Query: f.query}
	}
	return nil
}

// madeUp is the load of the flags, without those that mean nothing to its kind.
func (f *simulateFlags) madeUp() lab.Load {
	l := f.load
	switch l.Kind {
	case lab.History:
		return lab.Load{Kind: lab.History}
	case lab.Burst:
		l.Rate = 0
	default:
		l.Burst, l.Every = 0, 0
	}
	if l.Duration == 0 && l.Count == 0 {
		l.Duration = 10 * time.Minute
	}
	return l
}

func readArrivals(path string, stdin io.Reader) ([]lab.Arrival, error) {
	in := stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, &core.Invalid{Field: "--arrivals", Reason: err.Error()}
		}
		defer file.Close()
		in = file
	}
	arrivals, err := lab.ReadArrivals(in)
	if err == nil && len(arrivals) == 0 {
		err = &core.Invalid{Field: "--arrivals", Reason: path + " has no arrivals; want a time per line"}
	}
	return arrivals, err
}

// parseLimit reads a preset, or KIND:COUNT/WINDOW, bucket:COUNT+RATE/s, concurrency:COUNT.
func parseLimit(text string) ([]core.Limit, error) {
	if p, ok := limit.FindPreset(text); ok {
		return p.Limits, nil
	}
	wrong := &core.Invalid{Field: "--limit", Reason: fmt.Sprintf("%q: want %s, fixed:100/1m, sliding:100/1m, bucket:50+10/s or concurrency:10", text, limitNames())}
	kind, rest, _ := strings.Cut(text, ":")
	l := core.Limit{Kind: kind}
	count, err := rest, error(nil)
	switch kind {
	case limit.Fixed, limit.Sliding:
		var window string
		count, window, _ = strings.Cut(rest, "/")
		l.Window, err = time.ParseDuration(window)
	case limit.Bucket:
		var rate string
		count, rate, _ = strings.Cut(rest, "+")
		l.Rate, err = strconv.ParseFloat(strings.TrimSuffix(rate, "/s"), 64)
	case limit.Concurrency:
	default:
		return nil, wrong
	}
	n, countErr := strconv.Atoi(count)
	if err != nil || countErr != nil {
		return nil, wrong
	}
	if l.Count = n; limit.Check(l) != nil {
		return nil, &core.Invalid{Field: "--limit", Reason: fmt.Sprintf("%q: %v", text, limit.Check(l))}
	}
	return []core.Limit{l}, nil
}

// parseOutage reads FROM-TO, with =STATUS or =hang behind it.
func parseOutage(text string) (lab.Outage, error) {
	wrong := &core.Invalid{Field: "--outage", Reason: fmt.Sprintf("%q: want 10m-15m, 10m-15m=503 or 10m-15m=hang, counted from the first arrival", text)}
	span, how, special := strings.Cut(text, "=")
	from, to, ok := strings.Cut(span, "-")
	var o lab.Outage
	var err1, err2, err3 error
	o.From, err1 = time.ParseDuration(from)
	o.To, err2 = time.ParseDuration(to)
	if o.Hang = how == "hang"; special && !o.Hang {
		o.Status, err3 = strconv.Atoi(how)
	}
	if !ok || err1 != nil || err2 != nil || err3 != nil {
		return o, wrong
	}
	return o, nil
}

// runSimulate opens the history only for a load that comes from it.
func (p *program) runSimulate(ctx context.Context, scenarios []lab.Scenario, errout io.Writer) ([]lab.Result, error) {
	progress := progressLine(errout)
	fromHistory := slices.ContainsFunc(scenarios, func(s lab.Scenario) bool { return s.Load.Kind == lab.History && s.Load.Arrivals == nil })
	if !fromHistory {
		return lab.Compare(ctx, scenarios, progress)
	}
	st, err := p.openRead(ctx)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	return engine.Simulate(ctx, st, scenarios, progress)
}

// progressLine says how far a long run is, on a line of its own that is written over and cleared at the end.
func progressLine(w io.Writer) func(float64) {
	over := terminal(w)
	if over == nil {
		return nil
	}
	last := -1
	return func(share float64) {
		if percent := int(share * 100); percent != last {
			last = percent
			putf(over, "\r%d %%", percent)
		}
		if share >= 1 {
			io.WriteString(over, "\r      \r")
		}
	}
}
