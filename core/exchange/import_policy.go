package exchange

import (
	"fmt"
	"reflect"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/strict"
)

// plainPolicy is the policy that max_retries and backoff say: exponential, with jitter as a share of the delay.
func plainPolicy(p core.RetryPolicy) core.RetryPolicy {
	plain := core.RetryPolicy{Name: "exponential", Retries: p.Retries, Base: p.Base, Factor: p.Factor, Max: p.Max, Spread: p.Spread}
	if p.Spread > 0 {
		plain.Jitter = "fraction"
	}
	return plain
}

// policyValue is a policy as it is written: a known sender's by its name, any other whole.
func policyValue(p core.RetryPolicy) any {
	if preset, ok := deliver.Preset(p.Name); ok && reflect.DeepEqual(p, preset) {
		return p.Name
	}
	return policyObject(p)
}

// policyNamed finds the schedule of a known sender.
func policyNamed(f *strict.Object, name string) core.RetryPolicy {
	preset, ok := deliver.Preset(name)
	if !ok {
		var names []string
		for _, p := range deliver.Presets() {
			names = append(names, p.Name)
		}
		f.Fail("policy", fmt.Sprintf("unknown preset %q; want %s, or a policy whole", name, core.OrList(names)))
	}
	return preset
}

// policyOf reads a retry policy whole: the object that policyObject writes.
func policyOf(f *strict.Object) core.RetryPolicy {
	p := core.RetryPolicy{
		Name: f.Text("name", ""), Source: f.Text("source", ""), Retries: int(f.Whole("retries", 0, 0, 1000)),
		Base: f.Seconds("base_s", 0), Factor: f.Number("factor", 0, 0, 1e6), Max: f.Seconds("max_s", 0),
		Jitter: f.Choice("jitter", "", "", "full", "equal", "decorrelated", "fraction"), Spread: f.Number("spread", 0, 0, 1),
		RetryAfter: f.Choice("retry_after", "", "", "honour", "cap"), AfterCap: f.Seconds("after_cap_s", 0),
		Window: f.Seconds("window_s", 0), Control: f.Flag("control", false), Unanswered: f.Flag("unanswered", false),
	}
	for _, n := range f.Numbers("delays_s", 0, 1e9, "a number of seconds") {
		p.Delays = append(p.Delays, strict.Span(n))
	}
	p.StopOn = append(p.StopOn, f.Wholes("stop_on", 100, 599, "a status from 100 to 599")...)
	f.Done()
	return p
}

func policyObject(p core.RetryPolicy) object {
	var o object
	o.addIf(p.Name != "", "name", p.Name)
	o.addIf(p.Source != "", "source", p.Source)
	o.addIf(p.Retries != 0, "retries", p.Retries)
	if len(p.Delays) > 0 {
		delays := make([]float64, len(p.Delays))
		for i, d := range p.Delays {
			delays[i] = d.Seconds()
		}
		o.add("delays_s", delays)
	}
	for _, d := range []struct {
		key string
		d   time.Duration
	}{{"base_s", p.Base}, {"max_s", p.Max}, {"after_cap_s", p.AfterCap}, {"window_s", p.Window}} {
		o.addIf(d.d != 0, d.key, d.d.Seconds())
	}
	o.addIf(p.Factor != 0, "factor", p.Factor)
	o.addIf(p.Jitter != "", "jitter", p.Jitter)
	o.addIf(p.Spread != 0, "spread", p.Spread)
	o.addIf(p.RetryAfter != "", "retry_after", p.RetryAfter)
	o.addIf(len(p.StopOn) > 0, "stop_on", p.StopOn)
	o.addIf(p.Control, "control", true)
	o.addIf(p.Unanswered, "unanswered", true)
	return o
}
