package inbox

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
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// lastReplay is what the replay dialog remembers.
type lastReplay struct {
	To      []string         `json:"to"` // the last one first
	Mode    int              `json:"mode"`
	Host    bool             `json:"host,omitempty"`
	Options core.Values      `json:"options,omitempty"` // by the names of replaySettings
	Policy  core.RetryPolicy `json:"policy,omitzero"`
}

// replaySettings are the engine's options, but for those that the dialog's first questions answer, and how the deliveries
// are made.
func replaySettings() []platform.Setting {
	var out []platform.Setting
	for _, o := range engine.ReplayOptions {
		if !o.Way {
			out = append(out, o.Setting)
		}
	}
	return append(out, deliverySettings...)
}

var deliverySettings = []platform.Setting{
	{Name: "timeout", Label: "Timeout (s)", Kind: platform.NumberKind, Default: core.DefaultTimeout.Seconds(), Min: 1, Max: 300},
	{Name: "verify_ssl", Label: "Verify the certificate", Kind: platform.BoolKind, Default: true, Help: "Off: self-signed ones are taken."},
	{Name: "policy", Label: "Retries", Kind: platform.ObjectKind},
}

// mostAddresses bounds the addresses that are remembered.
const mostAddresses = 8

// read takes what stands in the form, or says which field is wrong.
func (d *replayDialog) read() (lastReplay, error) {
	to := strings.TrimSpace(d.to.Text())
	l := lastReplay{Mode: d.mode.Selected(), Host: d.host.On(), Options: maps.Clone(d.form.Values)}
	if err := d.w.Engine.Environments.CheckTyped("to", to); err != nil {
		return l, err
	}
	l.To = append([]string{to}, slices.DeleteFunc(slices.Clone(d.last.To), func(s string) bool { return s == to })...)
	l.To = l.To[:min(len(l.To), mostAddresses)]
	if unread := d.form.Unread(); unread != nil {
		return l, unread
	}
	if err := platform.Check(maps.Clone(l.Options), replaySettings()); err != nil {
		return l, err
	}
	var err error
	l.Policy, err = d.policy.Policy()
	return l, err
}

// once is the same without what makes several of one: a quick replay sends one.
func (l lastReplay) once() lastReplay {
	l.Options = maps.Clone(l.Options)
	maps.DeleteFunc(l.Options, func(name string, _ any) bool { return !isDeliverySetting(name) })
	return l
}

func isDeliverySetting(name string) bool {
	return slices.ContainsFunc(deliverySettings, func(s platform.Setting) bool { return s.Name == name })
}

// request makes a replay of the choices. They were checked when they were typed.
func (l lastReplay) request(of lot) engine.ReplayRequest {
	r := engine.ReplayRequest{Match: &of.query, To: l.To[0], Raw: l.Mode == veryBytes, Resign: l.Mode == signedAnew, Policy: l.Policy,
		Timeout: time.Duration(l.Options.Number("timeout", 0) * float64(time.Second)), SkipTLS: !l.Options.Bool("verify_ssl", true)}
	r.KeepHost, r.NewHost = l.Host && l.Mode == asCaptured, l.Host && l.Mode == veryBytes
	options := maps.Clone(l.Options)
	maps.DeleteFunc(options, func(name string, _ any) bool { return isDeliverySetting(name) })
	_ = r.Take(options) // read took them
	return r
}

// sendAgain begins a replay. The dialog, where there is one, stays open until the engine took it. One delivery is
// followed by a toast with its answer; of several, which n says, the batch is shown.
func sendAgain(w *frame.Window, r engine.ReplayRequest, n int, d *replayDialog) {
	if n*(1+r.Duplicate) == 1 {
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
		w.Go.OpenBatch(r.Batch)
	}
	w.Go.Prepare("Preparing the replay", func(ctx context.Context, p engine.Progress) (string, error) {
		r.Progress = func(done, total int) {
			p(done, total)
			w.Pump.Do(begin)
		}
		_, _, err := w.Engine.Outbox.Replay(ctx, r)
		if err != nil && d != nil {
			w.Pump.Do(func() {
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

func sendOne(w *frame.Window, r engine.ReplayRequest, d *replayDialog) {
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		attempts := w.Engine.Outbox.Watch(ctx)
		ids, _, err := w.Engine.Outbox.Replay(ctx, r)
		if err != nil {
			return func() {
				if d != nil {
					d.wrong(err)
				} else {
					w.Fail(err)
				}
			}
		}
		if d != nil {
			w.Pump.Do(d.accepted)
		}
		toast := answered(ctx, attempts, ids[0])
		toast.Action, toast.Do = "Show", func() { w.Go.OpenDelivery(ids[0]) }
		return func() { w.Layers.Toast(toast) }
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
				_, tone := part.AttemptLook(&a)
				return control.Toast{Text: fmt.Sprintf("Replayed: %s in %s", view.Answer(&a), view.Duration(a.Took)), Tone: tone}
			}
		case <-timer.C:
			return control.Toast{Text: "Replay under way: no answer yet"}
		case <-ctx.Done():
			return control.Toast{Text: "Replay under way"}
		}
	}
}
