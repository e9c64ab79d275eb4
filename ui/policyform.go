package ui

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// policyForm chooses a retry policy: one of the known senders', a list of delays, or exponential delays. Below it the
// schedule is drawn.
type policyForm struct {
	changed func()

	preset, jitter, after *control.Select
	retries, delays       *control.Field
	base, factor, most    *control.Field
	lists, grows, extras  fyne.CanvasObject
	steps                 *control.Steps
	sum                   *control.Text
	source                *control.Paragraph
	root                  *fyne.Container

	presets []core.RetryPolicy
	kept    core.RetryPolicy // what the form does not show is kept
}

const (
	ownList   = "My own list of delays"
	ownGrowth = "My own growing delays"
)

func newPolicyForm(changed func()) *policyForm {
	f := &policyForm{changed: changed, presets: deliver.Presets()}
	names := make([]string, 0, len(f.presets)+2)
	for _, p := range f.presets {
		names = append(names, presetTitle(p))
	}
	f.preset = control.NewSelect("Retry policy", func(int) { f.takePreset() }, append(names, ownList, ownGrowth)...)
	f.retries = control.NewField("Retries after the first attempt", "0", func(string) { f.edited() })
	f.delays = control.NewField("Delays", "5s, 5m, 30m, 2h", func(string) { f.edited() }).WithHelp("One after the other; the last repeats.")
	f.base = control.NewField("First delay", "1s", func(string) { f.edited() })
	f.factor = control.NewField("Factor", "2", func(string) { f.edited() })
	f.most = control.NewField("Longest delay", "no cap", func(string) { f.edited() })
	f.jitter = control.NewSelect("Jitter", func(int) { f.edited() }, "None", "Full", "Equal", "Decorrelated")
	f.after = control.NewSelect("Retry-After of the receiver", func(int) { f.edited() }, "Ignored", "Honoured", "Honoured up to 1 h")
	f.steps, f.sum = control.NewSteps(afterStart), control.NewText("", control.SmallBold.In(control.Ink))
	f.source = control.NewParagraph("", control.Small.In(control.Faint))
	f.lists = f.delays
	f.grows = pair(f.base, f.factor, f.most)
	f.extras = pair(f.after, f.jitter)
	f.root = control.Col(10, pair(f.preset, f.retries), f.lists, f.grows, f.extras, f.sum, f.steps, f.source)
	f.set(core.RetryPolicy{Name: "none"})
	return f
}

func afterStart(d time.Duration) string {
	if d <= 0 {
		return "at once"
	}
	return view.Duration(d)
}

// presetTitle names a preset for people.
func presetTitle(p core.RetryPolicy) string {
	known := map[string]string{"none": "No retry", "joai": "JoAi", "github": "GitHub (no retry)", "standard-webhooks": "Standard Webhooks", "nmi": "NMI"}
	if title := known[p.Name]; title != "" {
		return title
	}
	words := strings.Split(p.Name, "-")
	return Capital(strings.Join(words, " "))
}

// set shows a policy.
func (f *policyForm) set(p core.RetryPolicy) {
	f.kept = p
	chosen := -1
	for i, known := range f.presets {
		if known.Name == p.Name {
			chosen = i
		}
	}
	switch {
	case chosen >= 0:
		f.preset.Choose(chosen)
	case p.Retries == 0 && p.Base == 0 && len(p.Delays) == 0:
		f.preset.Choose(0)
	case len(p.Delays) > 0:
		f.preset.ChooseText(ownList)
	default:
		f.preset.ChooseText(ownGrowth)
	}
	f.retries.SetQuiet(strconv.Itoa(p.Retries))
	f.delays.SetQuiet(view.WriteDelays(p.Delays))
	f.base.SetQuiet(view.WriteDelay(p.Base))
	f.factor.SetQuiet(number(orNumber(p.Factor, 2)))
	f.most.SetQuiet("")
	if p.Max > 0 {
		f.most.SetQuiet(view.WriteDelay(p.Max))
	}
	f.jitter.Choose(max(indexOf([]string{"", deliver.FullJitter, deliver.EqualJitter, deliver.DecorrelatedJitter}, p.Jitter), 0))
	f.after.Choose(max(indexOf([]string{"", deliver.Honour, deliver.Cap}, p.RetryAfter), 0))
	f.show()
}

func (f *policyForm) takePreset() {
	switch i := f.preset.Selected(); {
	case i < len(f.presets):
		f.set(f.presets[i])
	case f.preset.Text() == ownList:
		p := f.kept
		p.Name, p.Source, p.Retries = "", "", max(p.Retries, 3)
		if len(p.Delays) == 0 {
			p.Delays = []time.Duration{5 * time.Second, time.Minute, 10 * time.Minute}
		}
		f.set(p)
	default:
		p := f.kept
		p.Name, p.Source, p.Retries, p.Delays = "", "", max(p.Retries, 3), nil
		if p.Base == 0 {
			p.Base, p.Factor, p.Max = time.Second, 2, time.Minute
		}
		f.set(p)
	}
	f.changed()
}

func (f *policyForm) edited() {
	f.show()
	f.changed()
}

// show draws the schedule, or says what is wrong.
func (f *policyForm) show() {
	own := f.preset.Selected() >= len(f.presets)
	show(f.lists, own && f.preset.Text() == ownList)
	show(f.grows, own && f.preset.Text() == ownGrowth)
	p, err := f.policy()
	show(f.steps, err == nil && p.Retries > 0)
	show(f.extras, p.Retries > 0)
	show(f.source, p.Source != "")
	f.source.Set(p.Source)
	f.sum.Set(view.LadderText(p))
	if err == nil {
		ladder := deliver.Ladder(p, time.Unix(0, 0))
		at := make([]time.Duration, min(len(ladder), 200))
		for i := range at {
			at[i] = ladder[i].Sub(ladder[0])
		}
		f.steps.Set(at...)
	}
	f.root.Refresh()
}

func show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// policy reads the form; what is wrong stands under its field too.
func (f *policyForm) policy() (core.RetryPolicy, error) {
	p := f.kept
	var errs []error
	check := func(field *control.Field, err error) {
		field.SetProblem("")
		if err != nil {
			field.SetProblem(Sentence(err))
			errs = append(errs, err)
		}
	}
	n, err := strconv.Atoi(strings.TrimSpace(f.retries.Text()))
	if err != nil || n < 0 || n > 1000 {
		err = errors.New("want a whole number from 0 to 1000")
	}
	check(f.retries, err)
	p.Retries = n
	if n > 0 && p.Base == 0 && len(p.Delays) == 0 { // more than the preset allows: at growing distances
		p.Name, p.Source, p.Base, p.Factor, p.Max = "", "", time.Second, 2, time.Minute
	}
	switch f.preset.Text() {
	case ownList:
		p.Delays, err = view.ParseDelays(f.delays.Text())
		if err == nil && len(p.Delays) == 0 {
			err = errors.New("want at least one delay, like 5s")
		}
		check(f.delays, err)
	case ownGrowth:
		p.Delays = nil
		p.Base, err = view.ParseDelay(f.base.Text())
		check(f.base, err)
		p.Factor, err = strconv.ParseFloat(strings.TrimSpace(f.factor.Text()), 64)
		if err != nil || p.Factor < 1 || p.Factor > 1000 {
			err = errors.New("want 1 to 1000")
		}
		check(f.factor, err)
		p.Max, err = 0, nil
		if f.most.Text() != "" {
			p.Max, err = view.ParseDelay(f.most.Text())
		}
		check(f.most, err)
	}
	p.Jitter = []string{"", deliver.FullJitter, deliver.EqualJitter, deliver.DecorrelatedJitter}[max(f.jitter.Selected(), 0)]
	p.RetryAfter = []string{"", deliver.Honour, deliver.Cap}[max(f.after.Selected(), 0)]
	if p.RetryAfter == deliver.Cap && p.AfterCap == 0 {
		p.AfterCap = time.Hour
	}
	if err := errors.Join(errs...); err != nil {
		return p, fmt.Errorf("retry policy: %w", errs[0])
	}
	return p, nil
}

func indexOf(words []string, word string) int {
	for i, w := range words {
		if w == word {
			return i
		}
	}
	return -1
}

func orNumber(n, fallback float64) float64 {
	if n == 0 {
		return fallback
	}
	return n
}

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
