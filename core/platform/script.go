package platform

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"

	"hookglass/core"
)

// agentSetting lets a user decide what the emulated agent does with what it is given.
var agentSetting = Setting{
	Name: "agent", Label: "Agent's script", Kind: ObjectKind, Advanced: true,
	Help: "What the emulated agent does with each work item. The same seed gives the same run.",
	Fields: []Setting{
		{Name: "behaviour", Label: "Behaviour", Kind: ChoiceKind, Default: "succeed",
			Choices: []string{"succeed", "fail", "rate_limited", "slow", "no_agents"},
			Help:    "rate_limited: the model's provider answers 429. slow: everything takes ten times as long."},
		{Name: "inference", Label: "Inference calls", Kind: NumberKind, Default: 2.0, Max: 100, Whole: true},
		{Name: "tools", Label: "Tool calls", Kind: NumberKind, Default: 1.0, Max: 100, Whole: true},
		{Name: "step_ms", Label: "Time of an inference call (ms)", Kind: NumberKind, Default: 400.0, Max: 3_600_000,
			Help: "Give or take a quarter; a tool takes half of it."},
		{Name: "cost_usd", Label: "Cost of a run (US dollars)", Kind: NumberKind, Max: 1_000_000,
			Help: "Spread over the inference calls. Empty: between 0.002 and 0.02 for each call."},
		{Name: "output", Label: "Output", Kind: TextKind, Long: true, Help: "The agent's answer. Empty: a sentence about the input."},
	},
}

// script is what the emulated agent of one source does.
type script struct {
	behaviour        string
	inference, tools int
	step             time.Duration
	cost             float64 // NaN: by chance
	output           string
}

// scriptOf reads the setting, which Check has seen.
func scriptOf(settings core.Values) script {
	v := group(settings, "agent")
	s := script{
		behaviour: v.Text("behaviour"),
		inference: int(v.Number("inference", 2)),
		tools:     int(v.Number("tools", 1)),
		step:      time.Duration(v.Number("step_ms", 400) * float64(time.Millisecond)),
		cost:      v.Number("cost_usd", math.NaN()),
		output:    v.Text("output"),
	}
	if s.behaviour == "" {
		s.behaviour = "succeed"
	}
	return s
}

// life is the words of a platform for the states of its work items.
type life struct {
	waiting string // "" when work begins at once
	working string // "" when no such state is ever written
	done    string
	failed  string
	requeue string // what a provider's 429 puts an item back to; "" when it fails

	atOnce bool // no_agents fails before the answer is sent
	total  time.Duration
	fixed  bool // the whole run takes total, however many steps there are
}

// job is what one plan is made for.
type job struct {
	id       string
	accepted time.Time
	checked  string // what was verified on the way in; "" when nothing was
	output   string // unless the script has its own
	pace     float64
	seed     uint64
}

// plan is all that will become of a work item, made when it is accepted.
type plan struct {
	start  time.Time
	states []core.StateAt
	steps  []core.Step
	failed bool
	atOnce bool // it is final before the answer is sent
	output string
	error  string
}

// plan makes the plan of one job. It depends on the seed and the item's id alone, so that it can be made again
// after a restart.
func (s script) plan(l life, j job) plan {
	w := &writer{rand: rand.New(rand.NewPCG(j.seed, hash(j.id))), life: l, pause: s.wait()}
	w.begin(j)
	switch {
	case s.behaviour == "no_agents":
		w.nobody()
	case s.behaviour == "fail":
		w.work(s, s.inference-1)
		w.call(s, max(s.inference, 1), "the agent gave up: the model returned no usable answer")
		w.end(l.failed)
	case s.behaviour == "rate_limited" && l.requeue == "":
		for n := range 3 {
			w.call(s, n+1, "the model's provider answered 429 Too Many Requests")
			w.now += w.pause
		}
		w.end(l.failed)
	default:
		if s.behaviour == "rate_limited" {
			w.call(s, 1, "the model's provider answered 429 Too Many Requests")
			w.state(l.requeue)
			w.now += w.pause
		}
		w.work(s, s.inference)
		w.step("delivered", "", w.between(5, 25), "")
		w.end(l.done)
	}
	w.spread(s)
	return w.finish(s, j)
}

func (s script) wait() time.Duration { return max(5*s.step, time.Second) }

func hash(id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(id))
	return h.Sum64()
}

// writer puts a plan down step by step, in offsets from the acceptance.
type writer struct {
	rand  *rand.Rand
	life  life
	pause time.Duration
	now   time.Duration
	marks []mark
	steps []span
	error string
}

type mark struct {
	state string
	at    time.Duration
}

type span struct {
	core.Step
	at time.Duration
}

func (w *writer) between(lo, hi int) time.Duration {
	return time.Duration(lo*1000+w.rand.IntN((hi-lo)*1000)) * time.Microsecond
}

func (w *writer) state(name string) {
	if name != "" {
		w.marks = append(w.marks, mark{name, w.now})
	}
}

func (w *writer) step(name, detail string, took time.Duration, failure string) {
	w.steps = append(w.steps, span{core.Step{Name: name, Detail: detail, Took: took, Error: failure}, w.now})
	w.now += took
	if failure != "" {
		w.error = failure
	}
}

// begin is the way from acceptance to the agent: long enough that a poll right behind the answer sees the first state.
func (w *writer) begin(j job) {
	if w.state(w.life.waiting); w.life.waiting == "" {
		w.state(w.life.working)
	}
	w.step("received", "", w.between(1, 4), "")
	if j.checked != "" {
		w.step("verified", j.checked, w.between(1, 2), "")
	}
	if w.life.waiting != "" {
		w.now += w.between(700, 1000)
	}
}

// work is the calls of a run: tools stand between the calls of the model, which speaks last.
func (w *writer) work(s script, calls int) {
	w.dispatch("")
	last, used := max(calls-1, 1), 0
	for n := 1; n <= calls; n++ {
		w.call(s, n, "")
		for used < s.tools*min(n, last)/last {
			used++
			w.step("tool", fmt.Sprintf("tool %d of %d", used, s.tools), w.about(s, s.step/2), "")
		}
	}
}

func (w *writer) dispatch(failure string) {
	for _, st := range w.steps {
		if st.Name == "dispatched" {
			return
		}
	}
	if w.life.waiting != "" {
		w.state(w.life.working)
	}
	w.step("dispatched", "", w.between(2, 12), failure)
}

func (w *writer) call(s script, n int, failure string) {
	w.dispatch("")
	w.step("inference", fmt.Sprintf("call %d", n), w.about(s, s.step), failure)
}

// about is d, give or take a quarter.
func (w *writer) about(s script, d time.Duration) time.Duration {
	d = time.Duration(float64(d) * (0.75 + w.rand.Float64()/2))
	if s.behaviour == "slow" {
		d *= 10
	}
	return d
}

// nobody is a run that no agent takes.
func (w *writer) nobody() {
	if w.life.atOnce {
		w.now = 0
	}
	w.step("dispatched", "", 0, "no agent is assigned")
	w.state(w.life.failed)
}

// end closes a run. A run of a fixed length is stretched or pressed into it.
func (w *writer) end(state string) {
	if w.life.fixed {
		scale := float64(w.life.total) / float64(max(w.now, 1))
		for i := range w.steps {
			w.steps[i].at = time.Duration(float64(w.steps[i].at) * scale)
			w.steps[i].Took = time.Duration(float64(w.steps[i].Took) * scale)
		}
		for i := range w.marks {
			w.marks[i].at = time.Duration(float64(w.marks[i].at) * scale)
		}
		w.now = w.life.total
	}
	w.state(state)
}

// spread gives each call of the model its cost, to the millionth of a dollar; the last takes what is left.
func (w *writer) spread(s script) {
	var calls []int
	for i, st := range w.steps {
		if st.Name == "inference" && st.Error == "" {
			calls = append(calls, i)
		}
	}
	left := s.cost
	for k, i := range calls {
		switch {
		case math.IsNaN(s.cost):
			w.steps[i].Cost = float64(2000+w.rand.IntN(18001)) / 1e6
		case k == len(calls)-1:
			w.steps[i].Cost = math.Round(left*1e6) / 1e6
		default:
			w.steps[i].Cost = math.Floor(s.cost/float64(len(calls))*1e6) / 1e6
			left -= w.steps[i].Cost
		}
	}
}

func (w *writer) finish(s script, j job) plan {
	last := w.marks[len(w.marks)-1].state
	p := plan{start: j.accepted, failed: last == w.life.failed, error: w.error, output: s.output}
	p.atOnce = w.life.atOnce && s.behaviour == "no_agents"
	if p.output == "" {
		p.output = j.output
	}
	at := func(d time.Duration) time.Time { return j.accepted.Add(time.Duration(float64(d) / j.pace)) }
	for _, m := range w.marks {
		p.states = append(p.states, core.StateAt{State: m.state, At: at(m.at)})
	}
	for _, st := range w.steps {
		st.Started = at(st.at)
		st.Step.Took = at(st.at + st.Took).Sub(st.Started)
		p.steps = append(p.steps, st.Step)
	}
	if !p.failed {
		p.error = ""
	}
	return p
}
