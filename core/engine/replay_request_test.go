package engine_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
)

// TestReplayRequestAtTheControlAddress holds the members that scripts send, and what they become.
func TestReplayRequestAtTheControlAddress(t *testing.T) {
	const all = `{"captures":[3,1],"query":"method:POST","to":"http://a.test/","resign":true,"raw":true,"keep_host":true,"new_host":true,"seed":18446744073709551615,` +
		`"window":4,"duplicate":2,"spacing_ms":1.5,"rate":0.5,"burst":6}`
	seed := uint64(1<<64 - 1)
	want := engine.ReplayRequest{Captures: []core.CaptureID{3, 1}, Query: "method:POST", To: "http://a.test/", Resign: true, Raw: true, KeepHost: true, NewHost: true,
		Seed: &seed, Window: 4, Duplicate: 2, Spacing: 1500 * time.Microsecond, Rate: 0.5, Burst: 6}
	var got engine.ReplayRequest
	if err := json.Unmarshal([]byte(all), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	text, err := json.Marshal(want)
	var again engine.ReplayRequest
	if err != nil || json.Unmarshal(text, &again) != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("written as %s, %v; read as %+v", text, err, again)
	}
	if text, _ := json.Marshal(engine.ReplayRequest{To: "u", Batch: "b", Timeout: time.Second}); string(text) != `{"to":"u"}` {
		t.Errorf("an option that was not asked for is written: %s", text)
	}
	for bad, word := range map[string]string{`{"to":"u","batch":"b"}`: `"batch"`, `{"window":1.5}`: "window", `{"raw":"yes"}`: "raw", `{"spacing_ms":"1s"}`: "spacing_ms"} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestReplayOptionsAreWhole(t *testing.T) {
	names := map[string]bool{}
	for _, o := range engine.ReplayOptions {
		if o.Name == "" || o.Label == "" || o.Kind == "" || o.Flag == "" || o.Usage == "" || names[o.Name] || names["--"+o.Flag] {
			t.Errorf("%q is not whole, or there twice", o.Name)
		}
		names[o.Name], names["--"+o.Flag] = true, true
		var r engine.ReplayRequest
		value := any(2.0)
		if o.Kind == "bool" {
			value = true
		}
		if err := r.Take(core.Values{o.Name: value}); err != nil || reflect.DeepEqual(r, engine.ReplayRequest{}) {
			t.Errorf("%s: a form cannot set it: %v", o.Name, err)
		}
	}
}
