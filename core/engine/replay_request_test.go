package engine_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
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
	for bad, want := range map[string]string{
		`{"to":"u","batch":"b"}`: `unknown field "batch"`, `{"to":1}`: "to: want a text", `{"window":1.5}`: "window: want a whole number", `{"raw":"yes"}`: "raw: want true or false",
		`{"spacing_ms":"1s"}`: "spacing_ms: want a number", `{"seed":-1}`: "seed: want a whole number of 0 or more", `{"captures":"c1"}`: "captures: want a list of the numbers of captures",
		`[]`: "want an object",
	} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", bad, err, want)
		}
	}
	if err := (&engine.ReplayRequest{Rate: math.NaN()}).Check(); err == nil || err.Error() != "rate: want 0 or more" {
		t.Errorf("a rate that is no number: %v", err)
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

// TestALargeReplayIsAnsweredAtOnce: it is owed after the answer, and cancelled as a whole while it is.
func TestALargeReplayIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Outbox.PauseAll()
	for range 3 {
		if err := r.Store.AddCapture(&core.Capture{At: time.Now(), Request: core.Request{Method: "POST", Target: "/in/a", Body: []byte("x")}, Receipt: core.Receipt{Outcome: core.Accepted}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	var begun struct {
		Deliveries []int
		Batch      string
		Of         int
	}
	states := func() (waiting, cancelled int64) {
		all, err := r.Store.DeliveryStates(r.ctx, store.DeliveryFilter{Batch: begun.Batch})
		if err != nil {
			t.Fatal(err)
		}
		return all[core.Waiting], all[core.Cancelled]
	}
	request := func(duplicate int) map[string]any {
		return map[string]any{"query": "method:POST", "to": "http://127.0.0.1:9/", "duplicate": duplicate}
	}
	r.ask("POST", "/_/replay", request(999), &begun)
	if begun.Of != 3000 || len(begun.Deliveries) == 0 || len(begun.Deliveries) >= 3000 || begun.Batch == "" {
		t.Fatalf("answered %d deliveries of %d, batch %q", len(begun.Deliveries), begun.Of, begun.Batch)
	}
	r.until("all is owed", func() bool { waiting, _ := states(); return waiting == 3000 })

	r.ask("POST", "/_/replay", request(1000), &begun)
	var ended struct{ Cancelled int64 }
	r.ask("POST", "/_/deliveries/cancel?batch="+begun.Batch, nil, &ended)
	waiting, cancelled := states()
	if waiting != 0 || cancelled != ended.Cancelled || cancelled == 0 || cancelled > 3003 {
		t.Errorf("cancelled %d: %d wait still and %d are cancelled", ended.Cancelled, waiting, cancelled)
	}
	before := cancelled
	r.ask("POST", "/_/replay?wait=true", request(400), &begun)
	if len(begun.Deliveries) != 1203 {
		t.Errorf("waited for, it answers %d deliveries", len(begun.Deliveries))
	}
	begun.Batch = ""
	if all, err := r.Store.DeliveryStates(r.ctx, store.DeliveryFilter{State: core.Cancelled}); err != nil || all[core.Cancelled] != before {
		t.Errorf("more is owed after the cancel: %v, %v", all, err)
	}
}
