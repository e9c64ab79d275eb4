package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/lab"
	"hookglass/core/store"
)

// arrivalsChunk is how many rows of the history are read at a time.
const arrivalsChunk = 5000

// Arrivals are the captures that match a filter, as a load: captures of one source with the same event id are tries of
// one event.
func Arrivals(ctx context.Context, st *store.Store, q store.Query) ([]lab.Arrival, error) {
	var out []lab.Arrival
	for before := core.CaptureID(0); ; {
		rows, err := st.Captures(ctx, q, before, arrivalsChunk)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			a := lab.Arrival{At: r.At}
			if r.EventID != "" {
				a.Key = fmt.Sprintf("%d %s", r.Source, r.EventID)
			}
			out = append(out, a)
		}
		if len(rows) < arrivalsChunk {
			slices.Reverse(out) // oldest first, as they came
			return out, nil
		}
		before = rows[len(rows)-1].ID
	}
}

// Simulate runs scenarios side by side. Those whose load is the history are given the captures that their query matches.
func Simulate(ctx context.Context, st *store.Store, scenarios []lab.Scenario, progress func(float64)) ([]lab.Result, error) {
	read := map[string][]lab.Arrival{}
	scenarios = slices.Clone(scenarios)
	for i := range scenarios {
		l := &scenarios[i].Load
		if l.Kind != lab.History || l.Arrivals != nil {
			continue
		}
		if _, ok := read[l.Query]; !ok {
			q, err := store.ParseQuery(l.Query, time.Now())
			if err != nil {
				return nil, err
			}
			if read[l.Query], err = Arrivals(ctx, st, q); err != nil {
				return nil, err
			}
		}
		l.Arrivals = read[l.Query]
	}
	return lab.Compare(ctx, scenarios, progress)
}

// PolicyName is what a what-if with a policy is called where it has no name of its own.
func PolicyName(p core.RetryPolicy) string {
	switch {
	case p.Name != "":
		return p.Name
	case p.Retries == 0:
		return "none"
	}
	return fmt.Sprintf("%d retries", p.Retries)
}

// WhatIf is a what-if run that was kept: its results carry their settings.
type WhatIf struct {
	Name    string       `json:"name"`
	At      time.Time    `json:"at"`
	Results []lab.Result `json:"results"`
}

// Lab has the check-up of a handler, and keeps what was found out: the runs, and the handlers that were checked.
type Lab struct {
	store   *store.Store
	vault   *Vault
	schemes *Schemes
}

const whatIfSetting = "scenarios"

// WhatIfs are the kept what-if runs, newest first.
func (l *Lab) WhatIfs(ctx context.Context) ([]WhatIf, error) {
	var all []WhatIf
	err := l.store.Setting(ctx, whatIfSetting, &all)
	return all, err
}

// KeepWhatIf keeps a run under its name, in the place of one that had it.
func (l *Lab) KeepWhatIf(w WhatIf) error {
	if w.Name = strings.TrimSpace(w.Name); w.Name == "" {
		return &core.Invalid{Field: "name", Reason: "is empty; the run is found again by it"}
	}
	return l.changeWhatIfs(func(all []WhatIf) []WhatIf { return append([]WhatIf{w}, without(all, w.Name)...) })
}

// DeleteWhatIf forgets a kept run.
func (l *Lab) DeleteWhatIf(name string) error {
	return l.changeWhatIfs(func(all []WhatIf) []WhatIf { return without(all, name) })
}

func (l *Lab) changeWhatIfs(change func([]WhatIf) []WhatIf) error {
	return store.ChangeSetting(l.store, whatIfSetting, func(all *[]WhatIf) error {
		*all = change(*all)
		return nil
	})
}

func without(all []WhatIf, name string) []WhatIf {
	return slices.DeleteFunc(all, func(w WhatIf) bool { return w.Name == name })
}

// Handler is a developer's endpoint that was checked, as the next check-up of it begins.
type Handler struct {
	URL     string         `json:"url"`
	Scheme  string         `json:"scheme"`
	Secret  core.SecretRef `json:"secret"`
	Sample  string         `json:"sample"`
	Effects string         `json:"effects"`
	At      time.Time      `json:"at"`
	Score   int            `json:"score"`
}

const handlerSetting = "handlers"

// Handlers are the endpoints that were checked, the last first.
func (l *Lab) Handlers(ctx context.Context) ([]Handler, error) {
	var all []Handler
	err := l.store.Setting(ctx, handlerSetting, &all)
	return all, err
}

// Checkup examines a handler with the secret behind a reference, and remembers the handler.
func (l *Lab) Checkup(ctx context.Context, h Handler, c lab.Config, progress lab.Progress) (lab.Scorecard, error) {
	var err error
	if c.Secret, err = l.vault.Resolve(h.Secret); err != nil {
		return lab.Scorecard{}, &core.Invalid{Field: "secret", Reason: err.Error()}
	}
	if c.URL = h.URL; h.Scheme != "" {
		var ok bool
		if c.Scheme, ok = l.schemes.Book().Find(h.Scheme); !ok {
			return lab.Scorecard{}, &core.Invalid{Field: "scheme", Reason: fmt.Sprintf("there is no scheme %q", h.Scheme)}
		}
	}
	if h.Effects != "" {
		if c.Effects, err = lab.EffectsAt(h.Effects, nil); err != nil {
			return lab.Scorecard{}, err
		}
	}
	card, err := lab.Checkup(ctx, c, progress)
	if err != nil {
		return card, err
	}
	h.At, h.Score = card.Began, card.Score
	return card, l.remember(h)
}

func (l *Lab) remember(h Handler) error {
	const most = 20
	return store.ChangeSetting(l.store, handlerSetting, func(all *[]Handler) error {
		others := slices.DeleteFunc(*all, func(o Handler) bool { return o.URL == h.URL })
		*all = append([]Handler{h}, others[:min(len(others), most-1)]...)
		return nil
	})
}
