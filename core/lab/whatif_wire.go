package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/limit"
)

// Scenarios and results are files that people write and scripts read: a duration is a number of seconds, and its key says
// so ("timeout_s"). Reading is strict: an unknown key, a wrong type and text behind the end are refused with their path.

// MarshalJSON writes durations as seconds.
func (s Scenario) MarshalJSON() ([]byte, error) { return wire(reflect.ValueOf(s)) }

// UnmarshalJSON reads what MarshalJSON wrote, or a person: see [ParseScenario].
func (s *Scenario) UnmarshalJSON(b []byte) error { return readWire(b, s) }

// MarshalJSON writes durations as seconds.
func (r Result) MarshalJSON() ([]byte, error) { return wire(reflect.ValueOf(r)) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Result) UnmarshalJSON(b []byte) error { return readWire(b, r) }

// ParseScenario reads a scenario file. Durations are seconds, or texts such as "1m30s"; the policy may be the name of a
// preset, and so may the limits. A file with the members of a policy alone is a scenario with that policy.
func ParseScenario(text []byte) (Scenario, error) {
	var s Scenario
	var members map[string]json.RawMessage
	json.Unmarshal(text, &members) // whatever is wrong with it is told below
	isPolicy := false
	for name := range members {
		_, ofScenario := member(reflect.TypeFor[Scenario](), name)
		_, ofPolicy := member(policyType, name)
		if ofScenario && !ofPolicy { // both have a name
			return s, readWire(text, &s)
		}
		isPolicy = isPolicy || ofPolicy && !ofScenario
	}
	if isPolicy {
		return s, within("policy", readWire(text, &s.Policy))
	}
	return s, readWire(text, &s)
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	timeType     = reflect.TypeFor[time.Time]()
	policyType   = reflect.TypeFor[core.RetryPolicy]()
	limitsType   = reflect.TypeFor[[]core.Limit]()
)

// key is the name of a field in a file, "" for one that is not in it, and whether it is left out when it is zero.
func key(f reflect.StructField) (name string, optional bool) {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case name == "-":
		return "", false
	case name == "" && f.IsExported():
		name = strings.ToLower(f.Name)
	}
	t := f.Type
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t == durationType {
		name += "_s"
	}
	return name, options != "" || f.Tag.Get("json") == ""
}

func member(t reflect.Type, name string) (int, bool) {
	for i := range t.NumField() {
		if k, _ := key(t.Field(i)); k == name {
			return i, true
		}
	}
	return 0, false
}

func wire(v reflect.Value) ([]byte, error) {
	switch {
	case v.Type() == durationType:
		return strconv.AppendFloat(nil, time.Duration(v.Int()).Seconds(), 'f', -1, 64), nil
	case v.Type() == timeType:
		return json.Marshal(v.Interface())
	case v.Kind() == reflect.Struct:
		return wireStruct(v)
	case v.Kind() == reflect.Slice:
		return wireList(v)
	}
	return json.Marshal(v.Interface())
}

func wireStruct(v reflect.Value) ([]byte, error) {
	out := []byte{'{'}
	for i := range v.NumField() {
		name, optional := key(v.Type().Field(i))
		if name == "" || optional && v.Field(i).IsZero() {
			continue
		}
		value, err := wire(v.Field(i))
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(strconv.AppendQuote(out, name), ':')
		out = append(out, value...)
	}
	return append(out, '}'), nil
}

func wireList(v reflect.Value) ([]byte, error) {
	out := []byte{'['}
	for i := range v.Len() {
		value, err := wire(v.Index(i))
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, value...)
	}
	return append(out, ']'), nil
}

func readWire(text []byte, into any) error {
	if !json.Valid(text) {
		d := json.NewDecoder(bytes.NewReader(text))
		var v any
		err := d.Decode(&v)
		if err == nil {
			err = fmt.Errorf("more text behind the JSON value")
		}
		return &core.Invalid{Field: "file", Reason: fmt.Sprintf("not valid JSON at byte %d: %v", d.InputOffset(), err)}
	}
	return fill(text, "", reflect.ValueOf(into).Elem())
}

// fill reads one value. path is where it stands.
func fill(text json.RawMessage, path string, v reflect.Value) error {
	refuse := func(reason string) error { return &core.Invalid{Field: orFile(path), Reason: reason} }
	switch t := v.Type(); {
	case t == durationType:
		d, err := parseSpan(text)
		if err != nil {
			return refuse(err.Error())
		}
		v.SetInt(int64(d))
		return nil
	case t == policyType && isText(text):
		return fillPreset(text, path, v)
	case t == limitsType:
		return fillLimits(text, path, v)
	case t == timeType:
	case t.Kind() == reflect.Struct:
		return fillStruct(text, path, v)
	case t.Kind() == reflect.Slice:
		return fillList(text, path, v)
	}
	if err := json.Unmarshal(text, v.Addr().Interface()); err != nil {
		return refuse("want " + wanted(v.Type()))
	}
	return nil
}

func fillStruct(text json.RawMessage, path string, v reflect.Value) error {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return &core.Invalid{Field: orFile(path), Reason: "want an object"}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		i, ok := member(v.Type(), name)
		if !ok {
			return &core.Invalid{Field: under(path, name), Reason: "unknown key; known are " + strings.Join(known(v.Type()), ", ")}
		}
		if err := fill(members[name], under(path, name), v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func fillList(text json.RawMessage, path string, v reflect.Value) error {
	var items []json.RawMessage
	if json.Unmarshal(text, &items) != nil {
		return &core.Invalid{Field: orFile(path), Reason: "want a list"}
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if err := fill(item, fmt.Sprintf("%s[%d]", path, i), list.Index(i)); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

func fillPreset(text json.RawMessage, path string, v reflect.Value) error {
	name := textOf(text)
	p, ok := deliver.Preset(name)
	if !ok {
		return &core.Invalid{Field: path, Reason: fmt.Sprintf("there is no retry policy %q", name)}
	}
	v.Set(reflect.ValueOf(p))
	return nil
}

// fillLimits reads a list of limits; a name among them stands for all limits of that preset.
func fillLimits(text json.RawMessage, path string, v reflect.Value) error {
	var items []json.RawMessage
	if isText(text) {
		items = []json.RawMessage{text}
	} else if json.Unmarshal(text, &items) != nil {
		return &core.Invalid{Field: path, Reason: "want a list of limits, or the name of a preset"}
	}
	var all []core.Limit
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if isText(item) {
			p, ok := limit.FindPreset(textOf(item))
			if !ok {
				return &core.Invalid{Field: at, Reason: fmt.Sprintf("there is no limit %q", textOf(item))}
			}
			all = append(all, p.Limits...)
			continue
		}
		var l core.Limit
		if err := fill(item, at, reflect.ValueOf(&l).Elem()); err != nil {
			return err
		}
		all = append(all, l)
	}
	v.Set(reflect.ValueOf(all))
	return nil
}

func parseSpan(text json.RawMessage) (time.Duration, error) {
	if isText(text) {
		d, err := time.ParseDuration(textOf(text))
		if err != nil {
			return 0, fmt.Errorf("want seconds, or a text such as \"1m30s\"")
		}
		return d, nil
	}
	var s float64
	if json.Unmarshal(text, &s) != nil || math.Abs(s) > 9e9 {
		return 0, fmt.Errorf("want seconds, or a text such as \"1m30s\"")
	}
	return time.Duration(math.Round(s * 1e9)), nil
}

func isText(text json.RawMessage) bool { return len(text) > 0 && text[0] == '"' }

func textOf(text json.RawMessage) (s string) {
	json.Unmarshal(text, &s) // it is valid, and begins with a quote
	return s
}

func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	}
	return "a time such as 2026-01-31T12:00:00Z"
}

// known are the keys of an object.
func known(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if name, _ := key(t.Field(i)); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func under(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func orFile(path string) string {
	if path == "" {
		return "file"
	}
	return path
}
