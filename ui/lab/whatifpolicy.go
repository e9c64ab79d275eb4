package lab

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/ui/control"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// retryForm chooses a retry policy: a known sender's, or one of the user's own.
type retryForm struct {
	presets []core.RetryPolicy
	choice  *control.Select
	none    bool // the first choice is no policy at all
	fields  part.Fields
	jitter  *control.Select
	custom  *fyne.Container
	words   *control.Paragraph
	source  *control.Paragraph
	root    *fyne.Container
}

var jitters = []string{"", deliver.FullJitter, deliver.EqualJitter, deliver.DecorrelatedJitter, deliver.FractionJitter}

// newRetryForm begins with a preset; none offers to leave the policy out, as what it says.
func newRetryForm(label, none, preset string) *retryForm {
	f := &retryForm{presets: deliver.Presets(), none: none != "", fields: part.Fields{},
		words: control.NewParagraph("", control.Small), source: control.NewParagraph("", control.Small.In(control.Faint)).Lines(3)}
	var items []control.MenuItem
	if f.none {
		items = append(items, control.MenuItem{Label: none})
	}
	for _, p := range f.presets {
		items = append(items, control.MenuItem{Label: p.Name, Hint: view.Plural(p.Retries, "retry", "retries")})
	}
	f.choice = control.NewSelect(label, func(int) { f.show() })
	f.choice.SetItems(append(items, control.MenuItem{Label: "Custom…", Divider: true}))
	f.jitter = control.NewSelect("Jitter", func(int) { f.show() }, "None", "Full", "Equal", "Decorrelated", "± 20 %")
	f.custom = control.Col(8,
		part.Abreast(f.fields.Add("policy.retries", "Retries", "5", f.show), f.fields.Add("policy.base", "First delay", "1s", f.show), f.fields.Add("policy.factor", "Times", "2", f.show)),
		part.Abreast(f.fields.Add("policy.max", "At most", "", f.show), f.fields.Add("policy.window", "Gives up after", "", f.show)), f.jitter,
		f.fields.Add("policy.delays", "Or delays, one by one", "", f.show))
	f.root = control.Col(8, f.choice, f.custom, f.words, f.source)
	f.choice.ChooseText(preset)
	f.show()
	return f
}

func (f *retryForm) view() fyne.CanvasObject { return f.root }

// on reports whether there is a policy.
func (f *retryForm) on() bool { return !f.none || f.choice.Selected() > 0 }

// preset is the chosen preset, and false for a custom policy or none.
func (f *retryForm) preset() (core.RetryPolicy, bool) {
	return deliver.Preset(f.choice.Text())
}

// policy is what the fields say.
func (f *retryForm) policy(r *part.Reader) core.RetryPolicy {
	if p, ok := f.preset(); ok || !f.on() {
		return p
	}
	own := &part.Reader{Fields: f.fields}
	p := core.RetryPolicy{Name: "custom", Retries: own.Whole("policy.retries", 0, 0, 1000), Base: own.Span("policy.base"), Factor: own.Number("policy.factor", 2, part.Bounds{}),
		Max: own.Span("policy.max"), Window: own.Span("policy.window"), Jitter: jitters[max(f.jitter.Selected(), 0)]}
	if p.Jitter == deliver.FractionJitter {
		p.Spread = 0.2
	}
	if p.Delays = own.Spans("policy.delays"); len(p.Delays) > 0 {
		p.Retries, p.Base, p.Factor = len(p.Delays), 0, 0
	}
	if err, ok := deliver.CheckPolicy(&p).(*core.Invalid); ok {
		own.Fail(err.Field, err.Reason)
	}
	r.Take(own)
	return p
}

// set shows a policy; one that is no preset is put into the fields.
func (f *retryForm) set(p core.RetryPolicy) {
	if known, ok := deliver.Preset(p.Name); ok && reflect.DeepEqual(known, p) {
		f.choice.ChooseText(p.Name)
		f.show()
		return
	}
	f.choice.ChooseText("Custom…")
	put := func(name, text string) { f.fields["policy."+name].SetQuiet(text) }
	put("retries", fmt.Sprint(p.Retries))
	put("base", part.WriteSpanGiven(p.Base))
	put("factor", part.WriteNumber(p.Factor))
	put("max", part.WriteSpanGiven(p.Max))
	put("window", part.WriteSpanGiven(p.Window))
	put("delays", part.WriteSpans(p.Delays))
	for i, j := range jitters {
		if j == p.Jitter {
			f.jitter.Choose(i)
		}
	}
	f.show()
}

// show says what the policy does, in words.
func (f *retryForm) show() {
	known, isKnown := f.preset()
	f.custom.Hidden = isKnown || !f.on()
	f.source.Set(known.Source)
	f.source.Hidden = known.Source == ""
	var r part.Reader
	p := f.policy(&r)
	f.fields.Show(r.Wrong)
	switch {
	case !f.on():
		f.words.Set("")
	case r.Wrong != nil:
		f.words.Set("")
	default:
		f.words.Set(policyInWords(p))
	}
	f.words.Hidden = f.words.Text() == ""
	part.Relayout(f.root)
}

// policyInWords says when a policy tries again: "Again after 1 s, 2 s and 4 s".
func policyInWords(p core.RetryPolicy) string {
	if p.Retries == 0 {
		return "Tries once."
	}
	const most = 6
	ladder := deliver.Ladder(p, time.Unix(0, 0))
	var delays []string
	for i := 1; i < min(len(ladder), most+1); i++ {
		delays = append(delays, view.Duration(ladder[i].Sub(ladder[i-1])))
	}
	text := "Tries again after " + strings.Join(delays, ", ")
	switch more := len(ladder) - 1 - most; {
	case more == 1:
		text += " and once more"
	case more > 1:
		text += fmt.Sprintf(" and %d times more", more)
	}
	if total := ladder[len(ladder)-1].Sub(ladder[0]); len(ladder) > 2 {
		text += "; gives up after " + view.Duration(total)
	}
	if p.Jitter != "" {
		text += ", with jitter"
	}
	return text + "."
}
