package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/limit"
	"hookglass/core/store"
)

// Manners is how the senders of a source behaved after they were told to wait.
type Manners struct {
	limit.Manners
	Captures []core.CaptureID // by Early.Arrival
	More     bool             // older captures were not looked at
}

// mannersDepth is how many captures are looked at: each of them may have to be read whole.
const mannersDepth = 1000

// MannersOf scores the senders of a source by its newest captures. Who is told to wait is the event; where a refusal
// came before the event was recognised, as that of a limit does, it is the sender.
func MannersOf(ctx context.Context, st *store.Store, source core.SourceID) (Manners, error) {
	var m Manners
	src, err := st.Source(ctx, source)
	if err != nil {
		return m, err
	}
	q, err := store.ParseQuery(`source:"`+strings.ReplaceAll(src.Name, `"`, `\"`)+`"`, time.Now())
	if err != nil {
		return m, err
	}
	rows, err := st.Captures(ctx, q, 0, mannersDepth+1)
	if err != nil {
		return m, err
	}
	if m.More = len(rows) > mannersDepth; m.More {
		rows = rows[:mannersDepth]
	}
	whole := slices.ContainsFunc(rows, toldToWait)
	bySender := slices.ContainsFunc(rows, func(r store.Row) bool { return toldToWait(r) && r.EventID == "" })
	var arrivals []limit.Arrival
	for _, r := range slices.Backward(rows) {
		a := limit.Arrival{At: r.At, Answered: r.At.Add(r.Took), Key: "event " + r.EventID}
		if whole && (bySender || toldToWait(r) || r.EventID == "") {
			if err := readRefusal(ctx, st, r, bySender, &a); err != nil {
				return m, err
			}
		}
		arrivals, m.Captures = append(arrivals, a), append(m.Captures, r.ID)
	}
	m.Manners = limit.Score(arrivals)
	return m, nil
}

// toldToWait reports whether an answer is one of those that may carry a Retry-After.
func toldToWait(r store.Row) bool { return r.Status == 429 || r.Status == 503 }

// readRefusal reads what only the whole capture tells: who sent it, and how long it was told to wait.
func readRefusal(ctx context.Context, st *store.Store, r store.Row, bySender bool, a *limit.Arrival) error {
	c, err := st.Capture(ctx, r.ID)
	if err != nil {
		return err
	}
	if bySender || r.EventID == "" {
		a.Key = "sender " + core.WithoutPort(c.Request.Remote)
	}
	if value := c.Response.Header.Get("Retry-After"); value != "" && toldToWait(r) {
		a.Told, a.Limited = limit.ParseRetryAfter(value, a.Answered)
	}
	return nil
}
