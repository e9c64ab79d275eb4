package part

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/platform"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// PolicyForm chooses a retry policy: one of the known senders', a list of delays, or exponential delays. Below it the
// schedule is drawn.
type PolicyForm struct {
	changed func()

	preset, jitter, after *control.Select
	Fields                Fields
	lists, grows, extras  fyne.CanvasObject
	steps                 *control.Steps
	sum                   *control.Text
	source                *control.Paragraph
	Root                  *fyne.Container

	presets []core.RetryPolicy
	kept    core.RetryPolicy // what the form does not show is kept
}

const (
	ownList   = "My own list of delays"
	ownGrowth = "My own growing delays"
)

func NewPolicyForm(changed func()) *PolicyForm {
	f := &PolicyForm{changed: changed, presets: deliver.Presets(), Fields: Fields{}}
	names := make([]string, 0, len(f.presets)+2)
	for _, p := range f.presets {
		names = append(names, presetTitle(p))
	}
	f.preset = control.NewSelect("Retry policy", func(int) { f.takePreset() }, append(names, ownList, ownGrowth)...)
	retries := Hinted("0", f.Fields.Add("policy.retries", "Retries after the first attempt", "", f.edited))
	f.lists = Hinted("5s, 5m, 30m, 2h", f.Fields.Add("policy.delays", "Delays", "", f.edited)).WithHelp("One after the other; the last repeats.")
	f.grows = Pair(Hinted("1s", f.Fields.Add("policy.base", "First delay", "", f.edited)), Hinted("2", f.Fields.Add("policy.factor", "Factor", "", f.edited)),
		Hinted("no cap", f.Fields.Add("policy.max", "Longest delay", "", f.edited)))
	f.jitter = control.NewSelect("Jitter", func(int) { f.edited() }, "None", "Full", "Equal", "Decorrelated")
	f.after = control.NewSelect("Retry-After of the receiver", func(int) { f.edited() }, "Ignored", "Honoured", "Honoured up to 1 h")
	f.steps, f.sum = control.NewSteps(afterStart), control.NewText("", control.SmallBold.In(control.Ink))
	f.source = control.NewParagraph("", control.Small.In(control.Faint))
	f.extras = Pair(f.after, f.jitter)
	f.Root = control.Col(10, Pair(f.preset, retries), f.lists, f.grows, f.extras, f.sum, f.steps, f.source)
	f.Set(core.RetryPolicy{Name: "none"})
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
	known := map[string]string{"none": "No retry", "github": "GitHub (no retry)", "standard-webhooks": "Standard Webhooks", "nmi": "NMI"}
	if title := known[p.Name]; title != "" {
		return title
	}
	if sender, ok := platform.Sender(p.Name); ok {
		return sender.Title
	}
	words := strings.Split(p.Name, "-")
	return core.Capital(strings.Join(words, " "))
}

// Set shows a policy.
func (f *PolicyForm) Set(p core.RetryPolicy) {
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
	put := func(name, text string) { f.Fields["policy."+name].SetQuiet(text) }
	put("retries", strconv.Itoa(p.Retries))
	put("delays", WriteSpans(p.Delays))
	put("base", WriteSpan(p.Base))
	put("factor", WriteNumber(cmp.Or(p.Factor, 2)))
	put("max", WriteSpanGiven(p.Max))
	f.jitter.Choose(max(IndexOf([]string{"", deliver.FullJitter, deliver.EqualJitter, deliver.DecorrelatedJitter}, p.Jitter), 0))
	f.after.Choose(max(IndexOf([]string{"", deliver.Honour, deliver.Cap}, p.RetryAfter), 0))
	f.show()
}

func (f *PolicyForm) takePreset() {
	switch i := f.preset.Selected(); {
	case i < len(f.presets):
		f.Set(f.presets[i])
	case f.preset.Text() == ownList:
		p := f.kept
		p.Name, p.Source, p.Retries = "", "", max(p.Retries, 3)
		if len(p.Delays) == 0 {
			p.Delays = []time.Duration{5 * time.Second, time.Minute, 10 * time.Minute}
		}
		f.Set(p)
	default:
		p := f.kept
		p.Name, p.Source, p.Retries, p.Delays = "", "", max(p.Retries, 3), nil
		if p.Base == 0 {
			p.Base, p.Factor, p.Max = time.Second, 2, time.Minute
		}
		f.Set(p)
	}
	f.changed()
}

func (f *PolicyForm) edited() {
	f.show()
	f.changed()
}

// show draws the schedule, or says what is wrong.
func (f *PolicyForm) show() {
	own := f.preset.Selected() >= len(f.presets)
	Show(f.lists, own && f.preset.Text() == ownList)
	Show(f.grows, own && f.preset.Text() == ownGrowth)
	p, err := f.Policy()
	Show(f.steps, err == nil && p.Retries > 0)
	Show(f.extras, p.Retries > 0)
	Show(f.source, p.Source != "")
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
	f.Root.Refresh()
}

func Show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// Policy reads the form; what is wrong stands under its field too.
func (f *PolicyForm) Policy() (core.RetryPolicy, error) {
	p, r := f.kept, &Reader{Fields: f.Fields}
	p.Retries = r.Whole("policy.retries", 0, 0, 1000)
	if p.Retries > 0 && p.Base == 0 && len(p.Delays) == 0 { // more than the preset allows: at growing distances
		p.Name, p.Source, p.Base, p.Factor, p.Max = "", "", time.Second, 2, time.Minute
	}
	switch f.preset.Text() {
	case ownList:
		if p.Delays = r.Spans("policy.delays"); len(p.Delays) == 0 {
			r.Fail("policy.delays", "want at least one delay, like 5s")
		}
	case ownGrowth:
		p.Delays, p.Base, p.Max = nil, r.Span("policy.base"), r.Span("policy.max")
		p.Factor = r.Number("policy.factor", 2, Bounds{Least: 1, Most: 1000})
	}
	p.Jitter = []string{"", deliver.FullJitter, deliver.EqualJitter, deliver.DecorrelatedJitter}[max(f.jitter.Selected(), 0)]
	p.RetryAfter = []string{"", deliver.Honour, deliver.Cap}[max(f.after.Selected(), 0)]
	if p.RetryAfter == deliver.Cap && p.AfterCap == 0 {
		p.AfterCap = time.Hour
	}
	f.Fields.Show(r.Wrong)
	if r.Wrong != nil {
		return p, r.Wrong
	}
	return p, nil
}

func IndexOf(words []string, word string) int {
	for i, w := range words {
		if w == word {
			return i
		}
	}
	return -1
}
