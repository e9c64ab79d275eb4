package lab

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/lab"
	"hookglass/core/platform"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// whatIf is the part of the Lab that runs a load against limits, outages and one or two retry policies in virtual time.
type whatIf struct {
	*foot
	load_    *loadForm
	receiver *receiverForm
	policies [2]*retryForm
	seed     *control.Field

	done atomic.Uint64 // of the run that is under way, in thousandths

	stage  *control.Box
	result *whatIfView // nil: nothing was run yet
	kept   []engine.WhatIf
	root   *control.Split
}

func newWhatIf(w *frame.Window) *whatIf {
	p := &whatIf{load_: newLoadForm(w), receiver: newReceiverForm(), stage: control.NewBox(control.Surface{}, nil)}
	p.policies = [2]*retryForm{newRetryForm("Retry policy", "", usualPreset()), newRetryForm("Compare with", "Nothing", "Nothing")}
	p.seed = control.NewField("Seed", "1", nil).WithTrail(control.NewTool("shuffle", "Another seed", func() { p.seed.Set(strconv.Itoa(1 + rand.IntN(999_999))) }))
	p.seed.SetQuiet("1")
	p.foot = newFoot(w, control.NewButton("Run", "play", control.Primary, p.start))
	p.root = control.NewSplit(p.settings(), p.stage, 346, 296, 392).Named("Settings", "Result")
	p.showEmpty()
	return p
}

// usualPreset is the policy that a what-if run begins with: that of the first platform.
func usualPreset() string { return platform.Senders()[0].Endpoints.Policy.Name }

func (p *whatIf) View() fyne.CanvasObject { return p.root }
func (p *whatIf) Find()                   { p.load_.fields["filter"].Focus() }

func (p *whatIf) Key(r rune) bool {
	if r == 'r' {
		p.start()
		return true
	}
	return false
}

// settings is the left side: what is asked, and the button that asks it.
func (p *whatIf) settings() fyne.CanvasObject {
	section := func(title string, o fyne.CanvasObject) fyne.CanvasObject {
		return control.Col(10, control.NewText(title, control.Caption), o)
	}
	form := control.Col(22,
		section("LOAD", p.load_.root),
		section("SENDER", control.Col(14, p.policies[0].view(), p.policies[1].view())),
		section("RECEIVER", p.receiver.view()),
		section("CHANCE", control.Col(4, p.seed, control.NewParagraph("The same seed gives the same result.", control.Small.In(control.Faint)))))
	return p.below(form)
}

// Load reads the kept runs.
func (p *whatIf) Load(ctx context.Context) func() {
	kept, err := p.w.Engine.Lab.WhatIfs(ctx)
	recount := p.load_.stale(ctx)
	return func() {
		p.w.Fail(err)
		recount()
		if len(kept) == len(p.kept) && (len(kept) == 0 || kept[0].At.Equal(p.kept[0].At)) {
			return
		}
		p.kept = kept
		if p.result == nil {
			p.showEmpty()
		}
	}
}

// showEmpty says what could be here.
func (p *whatIf) showEmpty() {
	more := []fyne.CanvasObject{control.Centre(control.NewButton("Show me an example", "sparkles", control.Secondary, p.example))}
	for _, k := range p.kept[:min(len(p.kept), 5)] {
		more = append(more, p.keptRow(k))
	}
	p.stage.SetChild(control.Pad(control.All(24), control.EmptyState("chart-line", "What if?",
		"Choose what arrives, how the sender retries and how the receiver fares, then Run. The rules are those that decide live; only the clock is made up.", more...)))
}

// scenarios are what the fields say: one, or two that differ in their policy.
func (p *whatIf) scenarios() ([]lab.Scenario, *core.Invalid) {
	var r part.Reader
	var s lab.Scenario
	s.Load = p.load_.load(&r)
	p.receiver.put(&r, &s)
	seed, _, reason := part.ReadNumber(p.seed.Text(), part.Bounds{Most: 1 << 53, Whole: true})
	r.Fail("seed", reason)
	s.Seed = uint64(seed)
	var all []lab.Scenario
	for _, f := range p.policies {
		if !f.on() {
			continue
		}
		next := s
		next.Policy = f.policy(&r)
		if next.Name = next.Policy.Name; len(all) > 0 && all[0].Name == next.Name {
			next.Name += " (2)"
		}
		all = append(all, next)
	}
	return all, r.Wrong
}

// show puts what is wrong where it belongs.
func (p *whatIf) show(invalid *core.Invalid) {
	shown := p.load_.show(invalid)
	shown = p.receiver.fields.Show(invalid) != nil || shown
	for _, f := range p.policies {
		if f.on() {
			shown = f.fields.Show(invalid) != nil || shown
		}
	}
	p.seed.SetProblem("")
	if invalid != nil && invalid.Field == "seed" {
		p.seed.SetProblem(core.Capital(invalid.Reason))
	}
	text := ""
	if invalid != nil && !shown {
		text = part.Sentence(invalid)
	}
	p.say(text)
}

func (p *whatIf) say(text string) {
	p.problem.Set(text)
	p.problem.Hidden = text == ""
	part.Relayout(p.root)
}

// start runs what the fields say.
func (p *whatIf) start() {
	scenarios, invalid := p.scenarios()
	for i := 0; invalid == nil && i < len(scenarios); i++ {
		check := scenarios[i]
		if check.Load.Kind == lab.History && check.Load.Arrivals == nil {
			check.Load = lab.Load{Kind: lab.Constant, Rate: 1, Count: 1} // the captures are read by the run
		}
		invalid, _ = check.Check().(*core.Invalid)
	}
	p.show(invalid)
	if invalid != nil || p.cancel != nil {
		return
	}
	p.root.Turn(true)
	p.load_.uncounted()
	ctx, cancel := context.WithCancel(p.w.Ctx)
	p.cancel = cancel
	p.done.Store(0)
	p.run.SetDisabled(true)
	p.busy(func() float64 { return float64(p.done.Load()) / 1000 })
	p.w.Pump.Task(ctx, func(ctx context.Context) func() {
		results, err := engine.Simulate(ctx, p.w.Engine.Store, scenarios, func(share float64) { p.done.Store(uint64(share * 1000)) })
		return func() {
			p.end()
			if wrong, ok := err.(*core.Invalid); ok {
				p.show(wrong)
			} else if p.w.Fail(err); err == nil {
				p.put("", results)
			}
		}
	})
}

// put shows results, under the name that they are kept by.
func (p *whatIf) put(name string, results []lab.Result) {
	p.result = newWhatIfView(p.w, name, results)
	p.result.actions(p.keep, p.export, p.reopenMenu)
	p.stage.SetChild(p.result.view())
}

// example fills in a run that shows much: a limit and an outage, and two policies that fare differently.
func (p *whatIf) example() {
	s := lab.Scenario{Load: lab.Load{Kind: lab.Poisson, Rate: 14, Duration: 12 * time.Minute}, Seed: 1, Timeout: 30 * time.Second,
		Limits:   []core.Limit{{Kind: "bucket", Count: 60, Rate: 40, RetryAfter: "seconds"}},
		Receiver: lab.Receiver{Outages: []lab.Outage{{From: 4 * time.Minute, To: 6 * time.Minute}}, ErrorRate: 0.02, Status: 500}}
	p.set(s)
	p.policies[0].choice.ChooseText(usualPreset())
	p.policies[1].set(core.RetryPolicy{Name: "custom", Retries: 8, Base: 2 * time.Second, Factor: 2, Max: 2 * time.Minute, Jitter: "full"})
	p.policies[0].show()
	p.start()
}

// set fills the fields with a scenario.
func (p *whatIf) set(s lab.Scenario) {
	p.load_.set(s.Load)
	p.receiver.set(s)
	p.policies[0].set(s.Policy)
	p.policies[1].choice.Choose(0)
	p.policies[1].show()
	p.seed.SetQuiet(fmt.Sprint(s.Seed))
	p.show(nil)
}
