package ui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// lastReplay is what the replay dialog remembers, as it was typed.
type lastReplay struct {
	To      []string         `json:"to"` // the last one first
	Mode    int              `json:"mode"`
	Host    bool             `json:"host,omitempty"`
	Rate    string           `json:"rate,omitempty"`
	Burst   string           `json:"burst,omitempty"`
	Shuffle bool             `json:"shuffle,omitempty"`
	Seed    string           `json:"seed,omitempty"`
	Copies  string           `json:"copies,omitempty"`
	Spacing string           `json:"spacing,omitempty"`
	Timeout string           `json:"timeout,omitempty"`
	SkipTLS bool             `json:"skip_tls,omitempty"`
	Policy  core.RetryPolicy `json:"policy,omitzero"`
}

// mostAddresses bounds the addresses that are remembered.
const mostAddresses = 8

// read takes what stands in the form, or says which field is wrong.
func (d *replayDialog) read() (lastReplay, error) {
	to := strings.TrimSpace(d.to.Text())
	l := lastReplay{Mode: d.mode.Selected(), Host: d.host.On(), Rate: d.rate.Text(), Burst: d.burst.Text(), Shuffle: d.shuffle.On(), Seed: d.seed.Text(),
		Copies: d.copies.Text(), Spacing: d.spacing.Text(), Timeout: d.timeout.Text(), SkipTLS: !d.certificate.On()}
	if err := engine.CheckURL("to", to); err != nil {
		return l, err
	}
	l.To = append([]string{to}, slices.DeleteFunc(slices.Clone(d.last.To), func(s string) bool { return s == to })...)
	l.To = l.To[:min(len(l.To), mostAddresses)]
	for _, n := range []struct {
		field, text string
		least, most float64
	}{{"rate", l.Rate, 0, 1e6}, {"burst", l.Burst, 1, 1e6}, {"duplicate", l.Copies, 0, 1000}, {"timeout", l.Timeout, 1, 300}, {"seed", l.Seed, 0, 1 << 53}} {
		if _, err := numberIn(n.field, n.text, n.least, n.most); err != nil {
			return l, err
		}
	}
	if _, err := delayOrNone(l.Spacing); err != nil {
		return l, &core.Invalid{Field: "spacing", Reason: err.Error()}
	}
	var err error
	l.Policy, err = d.policy.policy()
	return l, err
}

// numberIn reads a number within bounds; an empty text is 0.
func numberIn(field, text string, least, most float64) (float64, error) {
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(n >= least && n <= most) {
		return 0, &core.Invalid{Field: field, Reason: fmt.Sprintf("want a number from %s to %s", number(least), number(most))}
	}
	return n, nil
}

func delayOrNone(text string) (time.Duration, error) {
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	return view.ParseDelay(text)
}

// once is the same without what makes several of one: a quick replay sends one.
func (l lastReplay) once() lastReplay {
	l.Copies, l.Spacing, l.Rate, l.Burst, l.Shuffle = "", "", "", "", false
	return l
}

// request makes a replay of the choices. They were checked when they were typed.
func (l lastReplay) request(ids []core.CaptureID) engine.ReplayRequest {
	number := func(text string) float64 { n, _ := strconv.ParseFloat(strings.TrimSpace(text), 64); return n }
	r := engine.ReplayRequest{Captures: ids, To: l.To[0], Raw: l.Mode == veryBytes, Resign: l.Mode == signedAnew, Rate: number(l.Rate), Burst: int(number(l.Burst)),
		Duplicate: int(number(l.Copies)), Timeout: time.Duration(number(l.Timeout) * float64(time.Second)), SkipTLS: l.SkipTLS, Policy: l.Policy}
	r.KeepHost, r.NewHost = l.Host && l.Mode == asCaptured, l.Host && l.Mode == veryBytes
	r.Spacing, _ = delayOrNone(l.Spacing)
	if l.Shuffle {
		seed := uint64(number(l.Seed))
		r.Seed = &seed
	}
	return r
}

// sendAgain begins a replay. The dialog, where there is one, stays open until the engine took it. One delivery is
// followed by a toast with its answer; of several the batch is shown.
func (w *Window) sendAgain(r engine.ReplayRequest, d *replayDialog) {
	if len(r.Captures)*(1+r.Duplicate) == 1 {
		w.sendOne(r, d)
		return
	}
	r.Batch = engine.NewBatch(time.Now())
	begun := false
	begin := func() {
		if begun {
			return
		}
		begun = true
		if d != nil {
			d.accepted()
		}
		w.openBatch(r.Batch)
	}
	w.deliveriesPage().outbox.labour.start("Preparing the replay", func(ctx context.Context, p engine.Progress) (string, error) {
		r.Progress = func(done, total int) {
			p(done, total)
			w.pump.do(begin)
		}
		_, _, err := w.e.Outbox.Replay(ctx, r)
		if err != nil && d != nil {
			w.pump.do(func() {
				if !begun {
					d.wrong(err)
				}
			})
			return "", nil
		}
		return "", err
	})
}

// answerWait is how long a toast waits for the answer to one replay.
const answerWait = 5 * time.Second

func (w *Window) sendOne(r engine.ReplayRequest, d *replayDialog) {
	w.pump.task(w.ctx, func(ctx context.Context) func() {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		attempts := w.e.Outbox.Watch(ctx)
		ids, _, err := w.e.Outbox.Replay(ctx, r)
		if err != nil {
			return func() {
				if d != nil {
					d.wrong(err)
				} else {
					w.fail(err)
				}
			}
		}
		if d != nil {
			w.pump.do(d.accepted)
		}
		toast := answered(ctx, attempts, ids[0])
		toast.Action, toast.Do = "Show", func() { w.openDelivery(ids[0]) }
		return func() { w.layers.Toast(toast) }
	})
}

// answered waits for the first attempt of a delivery and says how it went.
func answered(ctx context.Context, attempts <-chan core.Attempt, id core.DeliveryID) control.Toast {
	timer := time.NewTimer(answerWait)
	defer timer.Stop()
	for {
		select {
		case a := <-attempts:
			if a.Delivery == id {
				_, tone := attemptLook(&a)
				return control.Toast{Text: fmt.Sprintf("Replayed: %s in %s", view.Answer(&a), view.Duration(a.Took)), Tone: tone}
			}
		case <-timer.C:
			return control.Toast{Text: "Replay under way: no answer yet"}
		case <-ctx.Done():
			return control.Toast{Text: "Replay under way"}
		}
	}
}
