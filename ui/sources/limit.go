package sources

import (
	"time"

	"hookglass/core"
	"hookglass/core/limit"
	"hookglass/core/platform"
	"hookglass/ui/part"
)

// limitSettings declare the limit of a source; which of them count depends on its kind.
func limitSettings(kind string) []platform.Setting {
	count := platform.Setting{Name: "count", Label: "Requests", Kind: platform.NumberKind, Whole: true, Required: true}
	window := platform.Setting{Name: "window", Label: "In how many seconds", Kind: platform.NumberKind}
	all := []platform.Setting{{Name: "kind", Label: "Kind", Kind: platform.ChoiceKind, Choices: []string{limit.Fixed, limit.Sliding, limit.Bucket, limit.Concurrency},
		Help: limitHelp[kind]}}
	switch kind {
	case limit.Bucket:
		count.Label = "Size of the bucket"
		all = append(all, count, platform.Setting{Name: "rate", Label: "Tokens a second", Kind: platform.NumberKind})
	case limit.Concurrency:
		count.Label = "Requests at a time"
		all = append(all, count)
	default:
		all = append(all, count, window)
	}
	return append(all, platform.Setting{Name: "retry_after", Label: "Retry-After", Kind: platform.ChoiceKind,
		Choices: []string{limit.Seconds, limit.Date, limit.Wrong, limit.None}, Help: "How the 429 says when to come again."})
}

var limitHelp = map[string]string{
	limit.Fixed:       "Counts from the first request of a window; at its end everything is free again.",
	limit.Sliding:     "Counts what came within the window before each request.",
	limit.Bucket:      "Each request takes a token; tokens come back at a steady rate.",
	limit.Concurrency: "Counts the requests that are being answered.",
}

var limitWords = map[string]map[string]string{
	"kind":        {limit.Fixed: "Fixed window", limit.Sliding: "Sliding window", limit.Bucket: "Token bucket", limit.Concurrency: "At a time"},
	"retry_after": {limit.Seconds: "Seconds", limit.Date: "Date", limit.Wrong: "Wrong: not a number, not a date", limit.None: "None"},
}

// firstLimit is what a limit begins with.
var firstLimit = core.Limit{Kind: limit.Fixed, Count: 100, Window: time.Minute, RetryAfter: limit.Seconds}

func limitValues(l core.Limit) core.Values {
	v := core.Values{"kind": l.Kind, "count": float64(l.Count), "retry_after": l.RetryAfter}
	if l.RetryAfter == "" {
		v["retry_after"] = limit.Seconds
	}
	setNumber(v, "window", l.Window.Seconds())
	setNumber(v, "rate", l.Rate)
	return v
}

// limitOf reads the form back; what does not count for the kind is left out.
func limitOf(v core.Values) core.Limit {
	l := core.Limit{Kind: v.Text("kind"), Count: int(v.Number("count", 0)), RetryAfter: v.Text("retry_after")}
	switch l.Kind {
	case limit.Bucket:
		l.Rate = v.Number("rate", 0)
	case limit.Fixed, limit.Sliding:
		l.Window = time.Duration(v.Number("window", 0) * float64(time.Second))
	}
	return l
}

// limitChoice is one limit that a platform documents.
type limitChoice struct {
	label string
	limit core.Limit
}

// limitChoices are the documented limits one by one: a source imposes one of them.
func limitChoices() []limitChoice {
	var out []limitChoice
	for _, p := range limit.Presets() {
		for _, l := range p.Limits {
			out = append(out, limitChoice{p.Name + ": " + part.LimitInWords(l), l})
		}
	}
	return out
}
