package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// Wanted are captures that somebody waits for.
type Wanted struct {
	Query   string
	Count   int            // 0 means 1
	After   core.CaptureID // those with higher numbers count; below 0: those that come from now on
	Since   time.Duration  // instead of After: those of so long ago, and later
	Timeout time.Duration  // 0: only what is there already
}

// Waited is what came of it. That too few came is no error.
type Waited struct {
	Captures []CaptureJSON  `json:"captures"` // oldest first
	TimedOut bool           `json:"timed_out"`
	Others   int            `json:"others"` // that came and did not match
	Misses   []Miss         `json:"misses"` // the newest of them, where too few matched
	Last     core.CaptureID `json:"last"`   // the after of who wants to go on from here
	Reason   string         `json:"reason,omitempty"`
}

// Miss is a capture that did not match, and the words of the filter that it failed at.
type Miss struct {
	CaptureLine
	Failed []string `json:"failed"`
}

// mostWanted bounds one answer: captures are whole in it.
const mostWanted, mostWait, longestSince, mostMisses = 1000, 24 * time.Hour, 100 * 365 * 24 * time.Hour, 3

// Wait returns as soon as enough captures match, or with what there is when the time is over.
func (e *Engine) Wait(ctx context.Context, w Wanted) (Waited, error) {
	out := Waited{Captures: []CaptureJSON{}, Misses: []Miss{}}
	now := time.Now()
	q, err := store.ParseQuery(w.Query, now)
	if err != nil {
		return out, err
	}
	w.Count = max(w.Count, 1)
	scope := newcomers{after: max(w.After, 0), begun: now}
	switch {
	case w.Since > 0:
		scope.after, scope.within = 0, from(now.Add(-w.Since))
	case w.After < 0:
		if scope.after, err = newest(ctx, e.Store); err != nil {
			return out, err
		}
	}
	short, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	var ids []core.CaptureID
	for {
		rev := e.Store.Feed().Rev()
		if ids, err = scope.matching(ctx, e.Store, q); err != nil {
			return out, err
		}
		if len(ids) >= w.Count {
			break
		}
		if _, err := e.Store.Feed().Wait(short, rev); err != nil {
			if ctx.Err() != nil {
				return out, ctx.Err()
			}
			out.TimedOut = true
			break
		}
	}
	return e.waited(ctx, out, scope, q, ids, w)
}

// waited fills in what came; ids are newest first.
func (e *Engine) waited(ctx context.Context, out Waited, scope newcomers, q store.Query, ids []core.CaptureID, w Wanted) (Waited, error) {
	ids = ids[max(0, len(ids)-w.Count):]
	for i := len(ids) - 1; i >= 0; i-- {
		c, err := e.Explained(ctx, ids[i])
		if errors.Is(err, core.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return out, err
		}
		out.Captures = append(out.Captures, CaptureOf(&c))
	}
	others := scope.query().Without(q)
	var err error
	if out.Others, err = e.Store.Count(ctx, others); err != nil {
		return out, err
	}
	out.Last = scope.after
	if len(ids) > 0 {
		out.Last = ids[0]
	}
	if !out.TimedOut {
		return out, nil
	}
	if out.Misses, err = misses(ctx, e.Store, q, others); err != nil {
		return out, err
	}
	out.Reason = out.why(w)
	return out, nil
}

// newcomers are the captures that count for somebody who waits.
type newcomers struct {
	after  core.CaptureID
	within store.Query // narrows them to a time; all where it is the zero value
	begun  time.Time
}

func (n *newcomers) query() store.Query {
	return n.within.Within(store.IDRange{From: n.after + 1, To: math.MaxInt64})
}

// matching are those that match q now, newest first. All of them are asked again each time: an answer that is known later, or
// a note, may make one match.
func (n *newcomers) matching(ctx context.Context, st *store.Store, q store.Query) ([]core.CaptureID, error) {
	top, err := newest(ctx, st)
	if err != nil {
		return nil, err
	}
	if top < n.after { // of a history that was thrown away: only time tells which are new
		n.after, n.within = 0, from(n.begun)
	}
	return st.CaptureIDs(ctx, q.And(n.within), n.after)
}

// newest is the number of the newest capture, 0 where there is none.
func newest(ctx context.Context, st *store.Store) (core.CaptureID, error) {
	rows, err := st.Captures(ctx, store.Query{}, 0, 1)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].ID, nil
}

// from is the query for what came at a time or later.
func from(t time.Time) store.Query {
	q, _ := store.ParseQuery("since:"+t.UTC().Format(time.RFC3339Nano), t) // a time in this form is always read
	return q
}

// misses says for the newest of some captures which words of a filter they fail at.
func misses(ctx context.Context, st *store.Store, q, others store.Query) ([]Miss, error) {
	rows, err := st.Captures(ctx, others, 0, mostMisses)
	all := []Miss{}
	for _, r := range rows {
		m := Miss{LineOf(r), []string{}}
		for _, word := range q.Words() {
			n, err := st.Count(ctx, word.And(One(r.ID)))
			if err != nil {
				return all, err
			}
			if n == 0 {
				m.Failed = append(m.Failed, word.String())
			}
		}
		all = append(all, m)
	}
	return all, err
}

// why says on one line how many came and what the nearest misses failed at.
func (w *Waited) why(wanted Wanted) string {
	text := fmt.Sprintf("%d of %d came in %s", len(w.Captures), wanted.Count, core.Span(wanted.Timeout))
	switch w.Others {
	case 0:
		return text + ", and nothing else came either; does the sender reach the address of the source?"
	case 1:
		text += "; 1 other did not match: "
	default:
		text += fmt.Sprintf("; %d others did not match, the newest: ", w.Others)
	}
	var each []string
	for _, m := range w.Misses {
		each = append(each, fmt.Sprintf("capture %d %s %s (%s) is not %s", m.ID, m.Method, m.Target, m.about(), strings.Join(m.Failed, " ")))
	}
	return text + strings.Join(each, "; ")
}

// about is what a filter mostly asks for.
func (m *Miss) about() string {
	var all []string
	for _, text := range []string{m.Source, m.Event, core.VerdictState(m.Verdict).Words(), strconv.Itoa(m.Status)} {
		if text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}

func (c *Control) wait(r *http.Request) (any, error) {
	v := r.URL.Query()
	w := Wanted{Query: v.Get("query"), After: -1, Timeout: 30 * time.Second}
	var err error
	if w.Count, err = count(v.Get("count"), "count", 1, mostWanted); err != nil {
		return nil, err
	}
	if text := v.Get("after"); text != "" {
		after, err := count(text, "after", 0, 1<<62)
		if err != nil {
			return nil, err
		}
		w.After = core.CaptureID(after)
	}
	if w.Since, err = seconds(v.Get("since_s"), "since_s", 0, longestSince); err != nil {
		return nil, err
	}
	if w.Timeout, err = seconds(v.Get("timeout_s"), "timeout_s", w.Timeout, mostWait); err != nil {
		return nil, err
	}
	return c.e.Wait(r.Context(), w)
}

func seconds(text, field string, fallback, most time.Duration) (time.Duration, error) {
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= most.Seconds()) {
		return 0, &core.Invalid{Field: field, Reason: fmt.Sprintf("want seconds from 0 to %.0f, like 2.5", most.Seconds())}
	}
	return time.Duration(n * float64(time.Second)), nil
}
