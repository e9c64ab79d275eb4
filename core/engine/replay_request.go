package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/platform"
	"hookglass/core/store"
)

// ReplayRequest says which captures are sent again, where to and how. Its JSON, which the control address takes, has the
// captures, the query, the address and the options of [ReplayOptions].
type ReplayRequest struct {
	Captures []core.CaptureID
	Query    string       // instead of Captures
	Match    *store.Query // instead of both
	To       string

	Environment string // fills To; empty: the one that is chosen

	Batch string // name of the batch; empty: a new one, see NewBatch

	Resign    bool
	Raw       bool
	Scheme    string         // with Resign: instead of the one each capture was verified with
	Secret    core.SecretRef // with Scheme
	KeepHost  bool           // not raw: the captured Host instead of the target's
	NewHost   bool           // raw: the target's Host instead of the captured one
	Seed      *uint64        // shuffle
	Window    int
	Duplicate int
	Spacing   time.Duration
	Rate      float64
	Burst     int
	Timeout   time.Duration
	SkipTLS   bool
	Policy    core.RetryPolicy
	Edit      *core.Request // one capture, changed by hand
	Progress  Progress      // may be nil
}

// ReplayOption is one way in which a replay may differ from sending each capture once, at once and as it came. The flag of
// the command, the member of the control address and the field of the window are all made of it: a new one is a row here,
// with its field above and its place in the plan below.
type ReplayOption struct {
	platform.Setting // its name at the control address, and how a form asks for it; the zero value leaves it out

	Way   bool   // belongs to how a request is made: a form asks for these in one question and not with a field each
	Flag  string // its name in the command
	Usage string // the flag's line of help
	Like  string // a value of the flag that shows the unit which may stand behind it: "5/s"

	// Field is where the request has it: a *bool, *int, *float64, *time.Duration (in milliseconds outside), or a **uint64
	// where 0 says something, too.
	Field func(*ReplayRequest) any
}

// ReplayOptions are all options, in the order of a form.
var ReplayOptions = []ReplayOption{
	{Setting: platform.Setting{Name: "resign", Label: "Sign anew", Kind: platform.BoolKind, Help: "A fresh timestamp and signature, the same event id."}, Way: true,
		Flag: "resign", Usage: "sign anew: fresh timestamp, same event id", Field: func(r *ReplayRequest) any { return &r.Resign }},
	{Setting: platform.Setting{Name: "raw", Label: "The very bytes", Kind: platform.BoolKind, Help: "Every byte of the head and the body as it came."}, Way: true,
		Flag: "raw", Usage: "send the very bytes of the head", Field: func(r *ReplayRequest) any { return &r.Raw }},
	{Setting: platform.Setting{Name: "keep_host", Label: "Keep the captured Host", Kind: platform.BoolKind, Help: "The very bytes keep it anyway."}, Way: true,
		Flag: "keep-host", Usage: "keep the captured Host field (--raw keeps it anyway)", Field: func(r *ReplayRequest) any { return &r.KeepHost }},
	{Setting: platform.Setting{Name: "new_host", Label: "Put the address's Host in", Kind: platform.BoolKind, Help: "With the very bytes."}, Way: true,
		Flag: "new-host", Usage: "with --raw: the Host field of the address instead of the captured one", Field: func(r *ReplayRequest) any { return &r.NewHost }},
	{Setting: platform.Setting{Name: "rate", Label: "Rate", Kind: platform.NumberKind, Help: "Captures begun per second. Empty: all at once."},
		Flag: "rate", Usage: "captures begun per second, like 5/s", Like: "5/s", Field: func(r *ReplayRequest) any { return &r.Rate }},
	{Setting: platform.Setting{Name: "burst", Label: "Burst", Kind: platform.NumberKind, Whole: true, Help: "Begin together within the rate. Empty: one."},
		Flag: "burst", Usage: "with --rate: captures that begin together", Field: func(r *ReplayRequest) any { return &r.Burst }},
	{Setting: platform.Setting{Name: "duplicate", Label: "Duplicates", Kind: platform.NumberKind, Whole: true, Max: 1000, Help: "Copies of each beside the first. Empty: none."},
		Flag: "duplicate", Usage: "copies of each beside the first", Field: func(r *ReplayRequest) any { return &r.Duplicate }},
	{Setting: platform.Setting{Name: "spacing_ms", Label: "Time between copies (ms)", Kind: platform.NumberKind, Help: "Empty: all at once."},
		Flag: "spacing", Usage: "time between copies (default: all at once)", Field: func(r *ReplayRequest) any { return &r.Spacing }},
	{Setting: platform.Setting{Name: "seed", Label: "Seed of another order", Kind: platform.NumberKind, Whole: true, Help: "The same seed makes the same order. Empty: the order as it was."},
		Flag: "shuffle", Usage: "change the order, by this seed", Field: func(r *ReplayRequest) any { return &r.Seed }},
	{Setting: platform.Setting{Name: "window", Label: "Neighbours", Kind: platform.NumberKind, Whole: true, Help: "In another order a capture moves only among this many. Empty: among all."},
		Flag: "window", Usage: "with --shuffle: move only among this many neighbours", Field: func(r *ReplayRequest) any { return &r.Window }},
}

// plan is the request as the deliveries are made of it.
func (r *ReplayRequest) plan(batch string) deliver.Replay {
	p := deliver.Replay{
		Target: core.Target{URL: r.To, KeepHost: r.KeepHost, Timeout: r.Timeout, SkipTLS: r.SkipTLS, Policy: r.Policy}, Batch: batch, Resign: r.Resign,
		Raw: r.Raw && !r.Resign, NewHost: r.NewHost, Duplicate: r.Duplicate, Spacing: r.Spacing, Rate: r.Rate, Burst: r.Burst, Window: r.Window,
	}
	if r.Seed != nil {
		p.Shuffle, p.Seed = true, *r.Seed
	}
	return p
}

// Check refuses options out of their bounds, and those that contradict each other.
func (r *ReplayRequest) Check() error {
	if r.Resign && r.Raw {
		return &core.Invalid{Field: "raw", Reason: "does not go with signing anew: a new signature changes the head"}
	}
	for _, o := range ReplayOptions {
		if n := o.number(r); !(n >= o.Min) || o.Max > 0 && n > o.Max {
			return &core.Invalid{Field: o.Name, Reason: o.bounds()}
		}
	}
	return nil
}

// number is an option that is a number of a time, in its outside unit; 0 for any other.
func (o ReplayOption) number(r *ReplayRequest) float64 {
	switch v := o.Field(r).(type) {
	case *int:
		return float64(*v)
	case *float64:
		return *v
	case *time.Duration:
		return millis(*v)
	}
	return 0
}

func (o ReplayOption) bounds() string {
	if o.Max > 0 {
		return "want " + core.Plain(o.Min) + " to " + core.Plain(o.Max)
	}
	return "want " + core.Plain(o.Min) + " or more"
}

// wire is an option as JSON has it; nil where it is left out.
func (o ReplayOption) wire(r *ReplayRequest) any {
	switch v := o.Field(r).(type) {
	case *bool:
		if *v {
			return true
		}
	case **uint64:
		if *v != nil {
			return **v
		}
	default:
		if n := o.number(r); n != 0 {
			return n
		}
	}
	return nil
}

// MarshalJSON writes what the control address takes.
func (r ReplayRequest) MarshalJSON() ([]byte, error) {
	all := map[string]any{"to": r.To}
	if len(r.Captures) > 0 {
		all["captures"] = r.Captures
	}
	if r.Query != "" {
		all["query"] = r.Query
	}
	if r.Environment != "" {
		all["environment"] = r.Environment
	}
	for _, o := range ReplayOptions {
		if v := o.wire(&r); v != nil {
			all[o.Name] = v
		}
	}
	return json.Marshal(all)
}

// UnmarshalJSON reads what MarshalJSON writes, and refuses any other member. What is not among the members stays.
func (r *ReplayRequest) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return errors.New("want an object")
	}
	fields := map[string]any{"captures": &r.Captures, "query": &r.Query, "to": &r.To, "environment": &r.Environment}
	for _, o := range ReplayOptions {
		fields[o.Name] = o.Field(r)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		field, known := fields[strings.ToLower(name)]
		if !known {
			return fmt.Errorf("unknown field %q", name)
		}
		if readMember(members[name], field) != nil {
			return &core.Invalid{Field: name, Reason: "want " + wanted(field)}
		}
	}
	return nil
}

func readMember(text json.RawMessage, field any) error {
	span, ok := field.(*time.Duration)
	if !ok {
		return json.Unmarshal(text, field)
	}
	var ms float64
	err := json.Unmarshal(text, &ms)
	*span = time.Duration(ms * float64(time.Millisecond))
	return err
}

// wanted says what a member is to be.
func wanted(field any) string {
	switch field.(type) {
	case *bool:
		return "true or false"
	case *string:
		return "a text"
	case *int:
		return "a whole number"
	case **uint64:
		return "a whole number of 0 or more"
	case *[]core.CaptureID:
		return "a list of the numbers of captures"
	}
	return "a number"
}

// Take puts in the options of a form, by their names.
func (r *ReplayRequest) Take(options core.Values) error {
	text, err := json.Marshal(options)
	if err != nil {
		return err
	}
	return r.UnmarshalJSON(text)
}
