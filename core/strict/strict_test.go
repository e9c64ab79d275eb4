package strict_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/strict"
)

// read reads a document with a key of each kind.
func read(text string) (err error) {
	o := strict.Document([]byte(text), &err)
	o.Text("text", "")
	o.Flag("flag", false)
	o.Number("number", 0, 0, 10)
	o.Whole("whole", 0, -1, 1)
	o.Millis("millis")
	o.Seconds("seconds", 0)
	o.Choice("choice", "a", "a", "b", "c")
	o.Numbers("numbers", 0, 1, "a share")
	o.Wholes("wholes", 200, 599, "a status")
	if in := o.Object("in"); in != nil {
		in.Text("name", "")
		in.Done()
	}
	for i, v := range o.List("list") {
		item := o.Within("list["+string(rune('0'+i))+"]", v)
		item.Text("name", "")
		item.Done()
	}
	o.Done()
	return err
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	if err := read(`{"text": "a", "flag": true, "number": 1e1, "whole": -1, "millis": 0.29, "seconds": 1, "choice": "b", "numbers": [0, 0.5], "wholes": [200], "in": {"name": "x"}, "list": [{}, {"name": null}]}`); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"text": 1}`:                      "text: want a text",
		`{"flag": "yes"}`:                  "flag: want true or false",
		`{"number": 11}`:                   "number: want a number from 0 to 10",
		`{"number": "1"}`:                  "number: want a number from 0 to 10",
		`{"number": 1e400}`:                "number: is a number beyond all bounds",
		`{"whole": 0.5}`:                   "whole: want a whole number",
		`{"choice": "d"}`:                  "choice: want a, b or c",
		`{"numbers": [0, 2]}`:              "numbers[1]: want a share",
		`{"wholes": [200, 200.5]}`:         "wholes[1]: want a status",
		`{"in": []}`:                       "in: want an object",
		`{"in": {"nme": ""}}`:              "in.nme: unknown key; known are name",
		`{"list": {}}`:                     "list: want a list",
		`{"list": [{}, {"name": 1}]}`:      "list[1].name: want a text",
		`{"list": [1]}`:                    "list[0]: want an object",
		`{"text": "a", "text": "b"}`:       "text: stands twice",
		`{"list": [{"name":"", "name":""}`: "list[0].name: stands twice",
		`{"extra": 1}`:                     "extra: unknown key; known are text, flag,",
		`{} {}`:                            "file: not valid JSON at byte 4: more text",
		`{"text": "a"`:                     "file: not valid JSON at byte 12: it ends too early",
		`{"in": {"name"`:                   "in.name: not valid JSON",
		`[]`:                               "file: want an object",
		``:                                 "file: not valid JSON",
		strings.Repeat(`[`, 1000):          "[0][0]",
	} {
		err := read(text)
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60s\n got %v\nwant %s", text, err, want)
		}
	}
}

type part struct {
	Took time.Duration `json:"took,omitempty"`
	At   time.Time     `json:"at,omitzero"`
	Skip string        `json:"-"`
}

type form struct {
	Name  string
	Seed  uint64          `json:"seed"`
	Count int32           `json:"count,omitempty"`
	Share float64         `json:"share,omitempty"`
	Yes   bool            `json:"yes,omitempty"`
	Waits []time.Duration `json:"waits,omitempty"`
	Parts []part          `json:"parts,omitempty"`
}

func TestStructsGoOutAndIn(t *testing.T) {
	want := form{"n", math.MaxUint64, -3, 0.25, true, []time.Duration{time.Second, 1500 * time.Millisecond}, []part{{Took: time.Minute, At: time.Date(2026, 3, 14, 9, 20, 0, 5, time.UTC)}, {}}}
	text, err := strict.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	const written = `{"name":"n","seed":18446744073709551615,"count":-3,"share":0.25,"yes":true,"waits_s":[1,1.5],"parts":[{"took_s":60,"at":"2026-03-14T09:20:00.000000005Z"},{}]}`
	if string(text) != written {
		t.Errorf("written as %s", text)
	}
	var got form
	if err := strict.Unmarshal(text, &got, nil); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("came back as %+v, %v", got, err)
	}
	if keys := strings.Join(strict.Keys[part](), " "); keys != "took_s at" {
		t.Errorf("keys %q", keys)
	}
	for text, want := range map[string]string{
		`{"seed": -1}`:                     "seed: want a whole number",
		`{"count": 1e3}`:                   "count: want a whole number",
		`{"count": 9999999999}`:            "count: want a whole number",
		`{"share": "x"}`:                   "share: want a number",
		`{"waits_s": ["1m", "soon"]}`:      `waits_s[1]: want seconds, or a text such as "1m30s"`,
		`{"waits_s": [1e10]}`:              "waits_s[0]: want seconds",
		`{"parts": [{}, {"at": "now"}]}`:   "parts[1].at: want a time such as",
		`{"parts": [{"skip": ""}]}`:        "parts[0].skip: unknown key; known are took_s, at",
		`{"parts": [{"took": 1}]}`:         "parts[0].took: unknown key",
		`{"parts": {}}`:                    "parts: want a list",
		`{"yes": 1, "name": 2, "seed": 1}`: "name: want a text",
	} {
		if err := strict.Unmarshal([]byte(text), &form{}, nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestAnOwnWayOfReading(t *testing.T) {
	own := func(v any, path string, into any) (bool, error) {
		p, ok := into.(*part)
		if name, isText := v.(string); ok && isText {
			if name != "minute" {
				return true, &core.Invalid{Field: path, Reason: "want minute"}
			}
			p.Took = time.Minute
			return true, nil
		}
		return false, nil
	}
	var f form
	if err := strict.Unmarshal([]byte(`{"parts": ["minute", {"took_s": 1}]}`), &f, own); err != nil || len(f.Parts) != 2 || f.Parts[0].Took != time.Minute || f.Parts[1].Took != time.Second {
		t.Errorf("%+v, %v", f, err)
	}
	if err := strict.Unmarshal([]byte(`{"parts": ["hour"]}`), &f, own); err == nil || err.Error() != "parts[0]: want minute" {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"text": "a", "list": [{"name": "x"}], "number": 1e1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var invalid *core.Invalid
		if err := read(string(data)); err != nil && !errors.As(err, &invalid) {
			t.Fatalf("%v is no answer", err)
		}
		if err := strict.Unmarshal(data, &form{}, nil); err != nil && !errors.As(err, &invalid) {
			t.Fatalf("%v is no answer", err)
		}
	})
}
