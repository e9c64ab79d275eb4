package ui

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/platform"
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
	Others  core.Values      `json:"others,omitempty"` // the options that have no field of the dialog's own, by name
}

// otherOptions are those that the dialog has no field of its own for.
func otherOptions() []platform.Setting {
	var out []platform.Setting
	for _, o := range engine.ReplayOptions {
		if !o.Way && !slices.Contains([]string{"rate", "burst", "duplicate", "spacing_ms", "seed"}, o.Name) {
			out = append(out, o.Setting)
		}
	}
	return out
}

// mostAddresses bounds the addresses that are remembered.
const mostAddresses = 8

// read takes what stands in the form, or says which field is wrong.
func (d *replayDialog) read() (lastReplay, error) {
	to := strings.TrimSpace(d.to.Text())
	l := lastReplay{Mode: d.mode.Selected(), Host: d.host.On(), Rate: d.rate.Text(), Burst: d.burst.Text(), Shuffle: d.shuffle.On(), Seed: d.seed.Text(),
		Copies: d.copies.Text(), Spacing: d.spacing.Text(), Timeout: d.timeout.Text(), SkipTLS: !d.certificate.On(), Others: maps.Clone(d.others.Values)}
	if err := engine.CheckURL("to", to); err != nil {
		return l, err
	}
	l.To = append([]string{to}, slices.DeleteFunc(slices.Clone(d.last.To), func(s string) bool { return s == to })...)
	l.To = l.To[:min(len(l.To), mostAddresses)]
	r := &Reader{Fields: d.fields()}
	r.Number("rate", 0, Bounds{Most: 1e6})
	r.Whole("burst", 1, 1, 1e6)
	r.Whole("duplicate", 0, 0, 1000)
	r.Number("timeout", 0, Bounds{Least: 1, Most: 300})
	r.Number("seed", 0, Bounds{Most: 1 << 53})
	r.Span("spacing_ms")
	if r.Wrong != nil {
		return l, r.Wrong
	}
	if unread := d.others.Unread(); unread != nil {
		return l, unread
	}
	if err := platform.Check(l.Others, otherOptions()); err != nil {
		return l, err
	}
	var err error
	l.Policy, err = d.policy.policy()
	return l, err
}

// once is the same without what makes several of one: a quick replay sends one.
func (l lastReplay) once() lastReplay {
	l.Copies, l.Spacing, l.Rate, l.Burst, l.Shuffle = "", "", "", "", false
	return l
}

// request makes a replay of the choices. They were checked when they were typed.
func (l lastReplay) request(ids []core.CaptureID) engine.ReplayRequest {
	number := func(text string) float64 { n, _, _ := ReadNumber(text, Bounds{}); return n }
	r := engine.ReplayRequest{Captures: ids, To: l.To[0], Raw: l.Mode == veryBytes, Resign: l.Mode == signedAnew, Rate: number(l.Rate), Burst: int(number(l.Burst)),
		Duplicate: int(number(l.Copies)), Timeout: time.Duration(number(l.Timeout) * float64(time.Second)), SkipTLS: l.SkipTLS, Policy: l.Policy}
	r.KeepHost, r.NewHost = l.Host && l.Mode == asCaptured, l.Host && l.Mode == veryBytes
	r.Spacing, _ = ReadSpan(l.Spacing)
	if l.Shuffle {
		seed := uint64(number(l.Seed))
		r.Seed = &seed
	}
	_ = r.Take(l.Others) // Check took it
	return r
}

// sendAgain begins a replay. The dialog, where there is one, stays open until the engine took it. One delivery is
// followed by a toast with its answer; of several the batch is shown.
func sendAgain(w *Window, r engine.ReplayRequest, d *replayDialog) {
	if len(r.Captures)*(1+r.Duplicate) == 1 {
		sendOne(w, r, d)
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
		w.to.openBatch(r.Batch)
	}
	w.to.prepare("Preparing the replay", func(ctx context.Context, p engine.Progress) (string, error) {
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

func sendOne(w *Window, r engine.ReplayRequest, d *replayDialog) {
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
		toast.Action, toast.Do = "Show", func() { w.to.openDelivery(ids[0]) }
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
