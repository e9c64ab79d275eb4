package inbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// A glance is what stands between the filter and the list: arrivals of the last half hour, and how many captures of each kind
// there are. It is counted off the UI goroutine, at most once in a while however much arrives.

const (
	glanceEvery  = time.Second
	pulseWidth   = 30 * time.Second
	pulseBuckets = 60
)

// counts are what one glance brings.
type counts struct {
	beat  store.Pulse
	at    time.Time // when the last bucket ends
	kinds []int64   // by [kinds]; nil where the filter reads bodies
}

// look counts, for a filter as typed.
func look(ctx context.Context, st *store.Store, filter string) *counts {
	now := time.Now()
	c := &counts{at: now}
	if q, err := store.ParseQuery(withoutTimes(filter), now); err == nil && !q.Slow() {
		if c.beat, err = st.Pulse(ctx, q, now, pulseWidth, pulseBuckets); err != nil {
			return c
		}
	}
	rest, err := store.ParseQuery(withoutKinds(filter), now)
	if err != nil || rest.Slow() {
		return c
	}
	for _, k := range kinds {
		n := int64(0)
		if q, err := store.ParseQuery(k.word, now); err == nil {
			n, _ = st.CountWithin(ctx, q, rest) // what cannot be counted now is at the next look
		}
		c.kinds = append(c.kinds, n)
	}
	return c
}

// put shows what was counted.
func (p *Page) put(c *counts) {
	p.pulse = *c
	p.spark.Set(c.beat.All, c.beat.Wrong)
	if p.chips.set(c.kinds, p.filter) {
		p.column.Refresh() // the list makes room, or takes it
	}
	p.rest.Begin(p.w.Pump, glanceEvery)
	if p.sliding != nil {
		p.sliding()
	}
	p.sliding = p.w.Pump.After(pulseWidth, p.w.Pump.Again) // the line has moved on by a bar
}

// sayBeat is a bar of the line in words.
func (p *Page) sayBeat(i int) string {
	from, to := p.beatTimes(i)
	all, wrong := int(p.pulse.beat.All[i]), int(p.pulse.beat.Wrong[i])
	out := fmt.Sprintf("%s to %s  ·  %s", from.Format("15:04:05"), to.Format("15:04:05"), view.Plural(all, "request", "requests"))
	if wrong > 0 {
		out += fmt.Sprintf(", %s went wrong", view.Count(int64(wrong)))
	}
	return out
}

func (p *Page) beatTimes(i int) (from, to time.Time) {
	from = p.pulse.at.Add(-pulseWidth * time.Duration(len(p.pulse.beat.All)-i)).Local()
	return from, from.Add(pulseWidth)
}

// narrowToBeat shows what came within a bar.
func (p *Page) narrowToBeat(i int) {
	from, to := p.beatTimes(i)
	const layout = "2006-01-02T15:04:05"
	p.filter.Set("since:" + from.Format(layout) + " until:" + to.Format(layout) + " " + withoutTimes(p.filter.Query()))
	p.apply()
}

// withoutTimes is a filter without the words that say when.
func withoutTimes(filter string) string {
	return withoutWords(filter, func(word string) bool { return strings.HasPrefix(word, "since:") || strings.HasPrefix(word, "until:") })
}

// withoutKinds is a filter without the words of the chips.
func withoutKinds(filter string) string {
	return withoutWords(filter, func(word string) bool {
		for _, k := range kinds {
			if strings.TrimPrefix(word, "-") == k.word {
				return true
			}
		}
		return false
	})
}

func withoutWords(filter string, drop func(word string) bool) string {
	var kept []string
	for _, word := range control.SplitWords(filter) {
		if !drop(word) {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ")
}

// newSpark is the line of arrivals.
func newSpark(p *Page) *control.Sparkline {
	s := control.NewSparkline()
	s.From, s.To = view.Duration(pulseWidth*pulseBuckets)+" ago", "now"
	s.Say, s.OnTap = p.sayBeat, p.narrowToBeat
	return s
}

// remembered puts the filter of the last run in force.
func (p *Page) remembered(s frame.State) {
	if s.Filter != "" {
		p.filter.Set(s.Filter)
		p.apply()
	}
}
