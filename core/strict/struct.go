package strict

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// A Go type may be the form of a document: the keys are those of its json tags, and a duration is a number of seconds, which
// its key says ("timeout_s").

// Own reads a value in a way of its own, such as a policy that may be a name; into points to what it is read into. False
// where it is read like any other.
type Own func(v any, path string, into any) (done bool, err error)

// Unmarshal reads a document into a struct.
func Unmarshal(data []byte, into any, own Own) error {
	v, err := Read(data)
	if err != nil {
		return err
	}
	return Fill(v, "", into, own)
}

// Fill reads a value that Read read, found at a path, into what into points to. Keys that are not there leave their fields
// as they are.
func Fill(v any, path string, into any, own Own) error {
	return filler{own}.fill(v, path, reflect.ValueOf(into).Elem())
}

// Marshal writes what Unmarshal reads.
func Marshal(v any) ([]byte, error) { return write(reflect.ValueOf(v)) }

// Keys are the keys of a document of type T.
func Keys[T any]() []string { return keys(reflect.TypeFor[T]()) }

var (
	durationType = reflect.TypeFor[time.Duration]()
	timeType     = reflect.TypeFor[time.Time]()
)

// key is the name of a field in a document, "" for one that is not in it, and whether it is left out when it is zero.
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

func keys(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		if name, _ := key(t.Field(i)); name != "" {
			names = append(names, name)
		}
	}
	return names
}

type filler struct{ own Own }

func (f filler) fill(v any, path string, into reflect.Value) error {
	if v == nil {
		return nil
	}
	if f.own != nil {
		if done, err := f.own(v, path, into.Addr().Interface()); done || err != nil {
			return err
		}
	}
	switch t := into.Type(); {
	case t != timeType && t.Kind() == reflect.Struct:
		return f.object(v, path, into)
	case t.Kind() == reflect.Slice:
		return f.list(v, path, into)
	}
	if want := scalar(v, into); want != "" {
		return &core.Invalid{Field: orFile(path), Reason: "want " + want}
	}
	return nil
}

func (f filler) object(v any, path string, into reflect.Value) (err error) {
	o := ObjectOf(v, path, &err)
	for i := range into.NumField() {
		name, _ := key(into.Type().Field(i))
		if name == "" {
			continue
		}
		if member, ok := o.Take(name); ok && err == nil {
			err = f.fill(member, o.At(name), into.Field(i))
		}
	}
	o.Done()
	return err
}

func (f filler) list(v any, path string, into reflect.Value) error {
	items, ok := v.([]any)
	if !ok {
		return &core.Invalid{Field: orFile(path), Reason: "want a list"}
	}
	list := reflect.MakeSlice(into.Type(), len(items), len(items))
	for i, item := range items {
		if err := f.fill(item, fmt.Sprintf("%s[%d]", path, i), list.Index(i)); err != nil {
			return err
		}
	}
	into.Set(list)
	return nil
}

// scalar reads a value that holds no others. It says what is wanted where that fails.
func scalar(v any, into reflect.Value) (want string) {
	text, isText := v.(string)
	n, _ := v.(json.Number)
	switch t := into.Type(); {
	case t == durationType:
		d, ok := span(v)
		if !ok {
			return `seconds, or a text such as "1m30s"`
		}
		into.SetInt(int64(d))
	case t == timeType:
		at, failed := time.Parse(time.RFC3339, text)
		if failed != nil {
			return "a time such as 2026-01-31T12:00:00Z"
		}
		into.Set(reflect.ValueOf(at))
	case t.Kind() == reflect.String:
		if !isText {
			return "a text"
		}
		into.SetString(text)
	case t.Kind() == reflect.Bool:
		yes, ok := v.(bool)
		if !ok {
			return "true or false"
		}
		into.SetBool(yes)
	case into.CanInt():
		i, err := strconv.ParseInt(string(n), 10, t.Bits())
		if err != nil {
			return "a whole number"
		}
		into.SetInt(i)
	case into.CanUint():
		u, err := strconv.ParseUint(string(n), 10, t.Bits())
		if err != nil {
			return "a whole number"
		}
		into.SetUint(u)
	default: // a float, or a panic that the first test sees
		x, ok := NumberOf(v)
		if !ok {
			return "a number"
		}
		into.SetFloat(x)
	}
	return ""
}

// span reads a number of seconds, or a text.
func span(v any) (time.Duration, bool) {
	if text, ok := v.(string); ok {
		d, err := time.ParseDuration(text)
		return d, err == nil
	}
	s, ok := NumberOf(v)
	return time.Duration(math.Round(s * 1e9)), ok && math.Abs(s) <= 9e9
}

func write(v reflect.Value) ([]byte, error) {
	switch {
	case v.Type() == durationType:
		return strconv.AppendFloat(nil, time.Duration(v.Int()).Seconds(), 'f', -1, 64), nil
	case v.Type() != timeType && v.Kind() == reflect.Struct:
		return writeObject(v)
	case v.Kind() == reflect.Slice:
		return writeList(v)
	}
	return json.Marshal(v.Interface())
}

func writeObject(v reflect.Value) ([]byte, error) {
	out := []byte{'{'}
	for i := range v.NumField() {
		name, optional := key(v.Type().Field(i))
		if name == "" || optional && v.Field(i).IsZero() {
			continue
		}
		value, err := write(v.Field(i))
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(strconv.AppendQuote(out, name), ':'), value...)
	}
	return append(out, '}'), nil
}

func writeList(v reflect.Value) ([]byte, error) {
	out := []byte{'['}
	for i := range v.Len() {
		value, err := write(v.Index(i))
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
