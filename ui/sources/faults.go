package sources

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/ui/part"
)

const share = "Percent of the requests."

// faultSettings declare core.Faults as a form: times in milliseconds, chances in percent. Names are those under which
// the engine says what is wrong.
var faultSettings = []platform.Setting{
	{Name: "latency", Label: "Latency", Kind: platform.ObjectKind, Help: "A wait before each answer.", Fields: []platform.Setting{
		{Name: "kind", Label: "Distribution", Kind: platform.ChoiceKind, Choices: []string{"", "fixed", "uniform", "lognormal"}},
		{Name: "base", Label: "Wait (ms)", Kind: platform.NumberKind, Help: "The least, or with log-normal the median."},
		{Name: "spread", Label: "Spread (ms)", Kind: platform.NumberKind, Help: "Uniform: up to this much more. Log-normal: the larger, the longer the rare long waits."},
	}},
	{Name: "errors", Label: "Errors", Kind: platform.ObjectKind, Fields: []platform.Setting{
		{Name: "error_rate", Label: "Error rate (%)", Kind: platform.NumberKind, Help: share},
		{Name: "fail_first", Label: "Fail the first requests", Kind: platform.NumberKind, Help: "This many of each key fail, then they pass: what a retry should get over."},
		{Name: "fail_key", Label: "Counted by", Kind: platform.ChoiceKind, Choices: []string{"event", "path", "sender"}},
		{Name: "statuses", Label: "Statuses", Kind: platform.TextKind, Help: "One of these is drawn for each failure: 500, 503, 429. Empty: 500."},
		{Name: "retry_after", Label: "Retry-After", Kind: platform.ChoiceKind, Choices: []string{"", "seconds", "date", "wrong"}, Help: "With 429 and 503."},
		{Name: "retry_after_in", Label: "Retry after (ms)", Kind: platform.NumberKind},
	}},
	{Name: "slow", Label: "Too slow", Kind: platform.ObjectKind, Fields: []platform.Setting{
		{Name: "hang", Label: "Answer only after (ms)", Kind: platform.NumberKind, Help: "Past the sender's timeout: it gives up while the request is kept here."},
		{Name: "slow_body", Label: "Dribble the body over (ms)", Kind: platform.NumberKind},
	}},
	{Name: "broken", Label: "Broken connections and answers", Kind: platform.ObjectKind, Help: share, Fields: []platform.Setting{
		{Name: "drop", Label: "Close without a byte (%)", Kind: platform.NumberKind},
		{Name: "drop_midway", Label: "Close after the status line (%)", Kind: platform.NumberKind},
		{Name: "reset", Label: "Reset the connection (%)", Kind: platform.NumberKind},
		{Name: "truncate", Label: "Body shorter than its Content-Length (%)", Kind: platform.NumberKind},
		{Name: "malformed", Label: "Broken chunked body (%)", Kind: platform.NumberKind},
		{Name: "wrong_length", Label: "Content-Length that is too small (%)", Kind: platform.NumberKind},
	}},
	{Name: "seed", Label: "Seed", Kind: platform.NumberKind, Whole: true, Advanced: true, Help: "The same seed gives the same run of faults."},
}

var faultWords = map[string]map[string]string{
	"latency.kind":       {"": "None", "fixed": "Fixed", "uniform": "Uniform", "lognormal": "Log-normal"},
	"errors.fail_key":    {"event": "Event id", "path": "Path", "sender": "Sender's address"},
	"errors.retry_after": {"": "None", "seconds": "Seconds", "date": "Date", "wrong": "Wrong: not a number, not a date"},
}

// faultValues are faults as the form shows them; what is off is empty.
func faultValues(f core.Faults) core.Values {
	latency, errors, slow, broken := core.Values{"kind": f.Latency.Kind}, core.Values{"fail_key": f.FailKey, "retry_after": f.RetryAfter}, core.Values{}, core.Values{}
	if f.FailKey == "" {
		errors["fail_key"] = "event"
	}
	setMillis(latency, "base", f.Latency.Base)
	setMillis(latency, "spread", f.Latency.Spread)
	setNumber(errors, "error_rate", 100*f.ErrorRate)
	setNumber(errors, "fail_first", float64(f.FailFirst))
	setMillis(errors, "retry_after_in", f.RetryAfterIn)
	setMillis(slow, "hang", f.Hang)
	setMillis(slow, "slow_body", f.SlowBody)
	for name, chance := range chances(&f) {
		setNumber(broken, name, 100**chance)
	}
	var statuses []string
	for _, s := range f.Statuses {
		statuses = append(statuses, strconv.Itoa(s))
	}
	if len(statuses) > 0 {
		errors["statuses"] = strings.Join(statuses, ", ")
	}
	v := core.Values{"latency": map[string]any(latency), "errors": map[string]any(errors), "slow": map[string]any(slow), "broken": map[string]any(broken)}
	setNumber(v, "seed", float64(f.Seed))
	return v
}

// chances are the faults that are drawn, by name.
func chances(f *core.Faults) map[string]*float64 {
	return map[string]*float64{"drop": &f.Drop, "drop_midway": &f.DropMidway, "reset": &f.Reset, "truncate": &f.Truncate,
		"malformed": &f.Malformed, "wrong_length": &f.WrongLength}
}

func setMillis(v core.Values, name string, d time.Duration) {
	setNumber(v, name, float64(d)/float64(time.Millisecond))
}

func setNumber(v core.Values, name string, n float64) {
	if n != 0 {
		v[name] = n
	}
}

// faultsOf reads the form back.
func faultsOf(v core.Values) (core.Faults, error) {
	latency, errors, slow, broken := part.ValuesOf(v["latency"]), part.ValuesOf(v["errors"]), part.ValuesOf(v["slow"]), part.ValuesOf(v["broken"])
	f := core.Faults{
		Latency:   core.Latency{Kind: latency.Text("kind"), Base: millisOf(latency, "base"), Spread: millisOf(latency, "spread")},
		FailFirst: int(errors.Number("fail_first", 0)), ErrorRate: errors.Number("error_rate", 0) / 100,
		Hang: millisOf(slow, "hang"), SlowBody: millisOf(slow, "slow_body"),
		RetryAfter: errors.Text("retry_after"), RetryAfterIn: millisOf(errors, "retry_after_in"), Seed: uint64(max(v.Number("seed", 0), 0)),
	}
	if key := errors.Text("fail_key"); key != "event" {
		f.FailKey = key
	}
	for name, chance := range chances(&f) {
		*chance = broken.Number(name, 0) / 100
	}
	for _, word := range strings.FieldsFunc(errors.Text("statuses"), func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return f, &core.Invalid{Field: "faults.statuses", Reason: fmt.Sprintf("%q is no status; want numbers from 200 to 599, like 500, 503", word)}
		}
		f.Statuses = append(f.Statuses, n)
	}
	return f, nil
}

func millisOf(v core.Values, name string) time.Duration {
	return time.Duration(v.Number(name, 0) * float64(time.Millisecond))
}

// faultPaths say where in the form the engine's names stand.
var faultPaths = func() map[string]string {
	paths := map[string]string{"latency.kind": "latency.kind", "latency.base": "latency.base", "latency.spread": "latency.spread"}
	for _, group := range faultSettings {
		for _, s := range group.Fields {
			if group.Name != "latency" {
				paths[s.Name] = group.Name + "." + s.Name
			}
		}
	}
	return paths
}()

// faultPresets are mishaps that people try first.
var faultPresets = []struct {
	name   string
	faults core.Faults
}{
	{"Works as it should", core.Faults{}},
	{"Slow: 2 s", core.Faults{Latency: core.Latency{Kind: "fixed", Base: 2 * time.Second}}},
	{"Flaky: one in ten fails", core.Faults{ErrorRate: 0.1, Statuses: []int{500, 502, 503}, Seed: 1}},
	{"Fails twice, then passes", core.Faults{FailFirst: 2, Statuses: []int{503}}},
	{"Down: 503 for all", core.Faults{ErrorRate: 1, Statuses: []int{503}, RetryAfter: "seconds", RetryAfterIn: 30 * time.Second}},
	{"Never answers in time", core.Faults{Hang: 40 * time.Second}},
	{"Drops half of the connections", core.Faults{Drop: 0.25, Reset: 0.25, Seed: 1}},
}

// faultCount is how many kinds of faults are on.
func faultCount(f core.Faults) int {
	n := 0
	for _, on := range []bool{f.Latency.Kind != "", f.FailFirst > 0, f.ErrorRate > 0, f.Hang > 0, f.SlowBody > 0, f.Drop > 0, f.DropMidway > 0,
		f.Reset > 0, f.Truncate > 0, f.Malformed > 0, f.WrongLength > 0} {
		if on {
			n++
		}
	}
	return n
}
