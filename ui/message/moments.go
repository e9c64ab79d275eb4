package message

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// Moment is one thing of a timeline: what it was, when, and where a press leads.
type Moment struct {
	Name, detail string
	at           time.Time
	took         time.Duration
	tone         control.Token
	cost         float64
	open         bool   // still going on
	Leads        string // "", "work" or "delivery"
	work         string
	Delivery     core.DeliveryID
}

// stepTones give the spans of a work item their colours: waiting is grey, thinking violet, tools amber, sending blue.
var stepTones = map[string]control.Token{
	"received": control.Teal, "verified": control.Teal, "dispatched": control.Blue, "inference": control.Violet, "tool": control.Amber,
	"delivered": control.Green, "background job": control.Violet,
}

// WorkMoments are the steps of an item, and what goes on right now where it is not final.
func WorkMoments(w *core.WorkItem, now time.Time) []Moment {
	var out []Moment
	last := w.Created
	for _, s := range w.Steps {
		tone, ok := stepTones[s.Name]
		if !ok {
			tone = control.Blue
		}
		detail := s.Detail
		if s.Error != "" {
			tone, detail = control.Red, s.Error
		}
		out = append(out, Moment{Name: s.Name, detail: detail, at: s.Started, took: s.Took, tone: tone, cost: s.Cost, Leads: "work", work: w.ID})
		if end := s.Started.Add(s.Took); end.After(last) {
			last = end
		}
	}
	if !w.Final {
		out = append(out, Moment{Name: strings.ToLower(w.State), detail: "goes on", at: last, took: max(now.Sub(last), 0), tone: control.Faint, open: true, Leads: "work", work: w.ID})
	}
	for _, n := range w.Notes {
		out = append(out, Moment{Name: "notification", detail: n.Chat, at: n.At, tone: control.Violet, Leads: "work", work: w.ID})
	}
	return out
}

// Sent is a delivery with its attempts.
type Sent struct {
	core.Delivery
	attempts []core.Attempt
}

// isForward reports whether a delivery is a capture sent on, as its source says.
func isForward(s Sent) bool { return strings.HasPrefix(s.Batch, "forward:") }

// DeliveryMoments are the attempts of a delivery, and the wait for the next.
func DeliveryMoments(s Sent, now time.Time) []Moment {
	kind := "delivery"
	if isForward(s) {
		kind = "forward"
	}
	var out []Moment
	for i := range s.attempts {
		a := &s.attempts[i]
		m := Moment{Name: kind, detail: HostOfURL(s.Target.URL), at: a.Started, took: a.Took, tone: control.Green, Leads: "delivery", Delivery: s.ID}
		if len(s.attempts) > 1 || a.Number > 1 {
			m.Name = fmt.Sprintf("%s, attempt %d", kind, a.Number)
		}
		switch {
		case a.Response == nil && a.Failure == "":
			m.open, m.tone, m.took = true, control.Faint, max(now.Sub(a.Started), 0)
		case a.Failure != "":
			m.tone, m.detail = control.Red, m.detail+": "+string(a.Failure)
		default:
			m.tone, m.detail = part.StatusTone(a.Response.Status), fmt.Sprintf("%s answered %d", m.detail, a.Response.Status)
		}
		out = append(out, m)
	}
	if len(s.attempts) == 0 && !s.State.Final() {
		out = append(out, Moment{Name: kind, detail: "waits", at: s.Due, tone: control.Faint, Leads: "delivery", Delivery: s.ID})
	}
	return out
}

func HostOfURL(raw string) string { return cmp.Or(core.HostOf(raw), raw) }

// captureMoments are the way of a request through Hookglass: received, checked, decided, stored, answered.
func captureMoments(c *core.Capture, deliveries []Sent) []Moment {
	r := &c.Request
	decided := c.At.Add(c.Took)
	out := []Moment{{Name: "received", detail: fmt.Sprintf("%s, %s of body, from %s", r.Method, view.Size(r.Size), r.Remote), at: c.At, took: c.Receipt.Read, tone: control.Teal}}
	if n := len(c.Receipt.Checks); n > 0 {
		m := Moment{Name: "checked", detail: checksText(c.Receipt.Checks), at: c.At.Add(c.Receipt.Read), took: c.Took - c.Receipt.Read, tone: control.Blue}
		if failed(c.Receipt.Checks) != "" {
			m.tone = control.Red
		}
		out = append(out, m)
	}
	_, tone, _ := part.OutcomeLook(c.Receipt.Outcome)
	out = append(out, Moment{Name: "decided", detail: string(c.Receipt.Outcome), at: decided, tone: tone},
		Moment{Name: "stored", detail: "before the answer", at: decided, tone: control.Violet})
	answered := decided
	if c.Receipt.Delayed > 0 {
		out = append(out, Moment{Name: "put off", detail: "fault: " + strings.Join(c.Receipt.Faults, ", "), at: decided, took: c.Receipt.Delayed, tone: control.Amber})
		answered = decided.Add(c.Receipt.Delayed)
	}
	if end := handedBack(c, deliveries); end.After(answered) {
		answered = end
	}
	return append(out, answerMoment(c, answered))
}

func answerMoment(c *core.Capture, at time.Time) Moment {
	if c.Response.Status == 0 {
		return Moment{Name: "answered", detail: "no answer was sent", at: at, tone: control.Red}
	}
	return Moment{Name: "answered", detail: fmt.Sprintf("%d %s, %s", c.Response.Status, http.StatusText(c.Response.Status), view.Size(int64(len(c.Response.Body)))),
		at: at, tone: part.StatusTone(c.Response.Status)}
}

// handedBack is when the forward's answer came that was given to the sender, or zero.
func handedBack(c *core.Capture, deliveries []Sent) time.Time {
	for _, s := range deliveries {
		if !isForward(s) || len(s.attempts) == 0 {
			continue
		}
		if a := &s.attempts[0]; a.Response != nil && a.Response.Status == c.Response.Status && string(a.Response.Body) == string(c.Response.Body) {
			return a.Started.Add(a.Took)
		}
	}
	return time.Time{}
}

func failed(checks []core.Check) string {
	for _, k := range checks {
		if !k.OK {
			return k.Name
		}
	}
	return ""
}

func checksText(checks []core.Check) string {
	if name := failed(checks); name != "" {
		return name + " did not hold"
	}
	return view.Plural(len(checks), "check", "checks") + ", all held"
}

// CostText writes what a step cost: cents say little of it, so up to four decimals, and no fewer than two.
func CostText(usd float64) string {
	s := strings.TrimRight(fmt.Sprintf("%.4f", usd), "0")
	for len(s)-strings.IndexByte(s, '.') < 3 {
		s += "0"
	}
	return "$" + s
}

// InOrder sorts moments by when they began; what began at once keeps its order.
func InOrder(ms []Moment) []Moment {
	sort.SliceStable(ms, func(i, j int) bool { return ms[i].at.Before(ms[j].at) })
	return ms
}

// barsOf places moments on the axis of a waterfall.
func barsOf(ms []Moment) (bars []control.Bar, total string) {
	if len(ms) == 0 {
		return nil, ""
	}
	start, end, cost := ms[0].at, ms[0].at, 0.0
	for _, m := range ms {
		if m.at.Before(start) {
			start = m.at
		}
		if e := m.at.Add(m.took); e.After(end) {
			end = e
		}
		cost += m.cost
	}
	for _, m := range ms {
		b := control.Bar{Name: m.Name, Detail: m.detail, Start: m.at.Sub(start), Took: m.took, Tone: m.tone, Open: m.open}
		if m.cost > 0 {
			b.Note = CostText(m.cost)
		}
		bars = append(bars, b)
	}
	total = view.Duration(end.Sub(start))
	if cost > 0 {
		total += "   " + CostText(cost)
	}
	return bars, total
}

// ReadSent reads deliveries with their attempts; those that are gone are left out.
func ReadSent(ctx context.Context, st *store.Store, ids []core.DeliveryID) []Sent {
	var out []Sent
	for _, id := range ids {
		d, err := st.Delivery(ctx, id)
		if err != nil {
			continue
		}
		attempts, err := st.Attempts(ctx, id)
		if err != nil {
			continue
		}
		out = append(out, Sent{d, attempts})
	}
	return out
}
