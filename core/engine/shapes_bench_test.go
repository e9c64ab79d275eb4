package engine_test

import (
	"fmt"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
)

// benchLearning captures with learning on and off, in turn, and reads the shape of an event with many members.
func benchLearning(t *testing.T) {
	workspace := map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/bench"}}}
	on, err := open(t, workspace, nil)
	if err != nil {
		t.Fatal(err)
	}
	off, err := open(t, workspace, func(o *engine.Options) { o.NoLearn = true })
	if err != nil {
		t.Fatal(err)
	}
	learning, plain := on.URL()+"/in/bench", off.URL()+"/in/bench"
	drive(t, learning, time.Second/2, 0) // warm up
	drive(t, plain, time.Second/2, 0)
	var shares []float64
	var a, b measured
	for i := range 2 * benchRounds {
		if i%2 == 0 {
			a, b = drive(t, learning, benchLength, 0), drive(t, plain, benchLength, 0)
		} else {
			b, a = drive(t, plain, benchLength, 0), drive(t, learning, benchLength, 0)
		}
		shares = append(shares, a.rate()/b.rate())
	}
	row("durable captures/s, learning beside without", fmt.Sprintf("%.0f", a.rate()), fmt.Sprintf("%.0f", b.rate()), fmt.Sprintf("%.3f", middle(shares)), fmt.Sprintf("0.97 or more (runs: %.2f)", shares))
	row("processor time of the receiver per capture", a.CPU.Round(100*time.Nanosecond), b.CPU.Round(100*time.Nanosecond), fmt.Sprintf("%.2f", float64(b.CPU)/float64(a.CPU)), "")

	for i := range 300 {
		body := []byte("{")
		for k := range 40 {
			body = fmt.Appendf(body, `"m%c%c":{"id":"x_%d","n":%d,"list":[{"a":%d,"b":"text"}]},`, 'a'+byte(k%26), 'a'+byte((k+i)/26%26), i, i, k)
		}
		body = append(body, `"end":true}`...)
		c := core.Capture{At: time.Now(), Source: 1, Name: "wide", Event: core.Event{Type: "wide"}, Request: core.Request{Method: "POST", Target: "/in/bench", Body: body}}
		if err := off.Store.AddCapture(&c, nil); err != nil {
			t.Fatal(err)
		}
	}
	must(t, off.Shapes.Settle(t.Context()))
	places := 0
	var took []float64
	used := cpuTime()
	const reads = 21
	for range reads {
		began := time.Now()
		must1(off.Shapes.List(t.Context()))(t)
		e := must1(off.Shapes.Event(t.Context(), 1, "wide"))(t)
		places = len(e.Learned.Outline())
		must1(engine.Code("ts", e))(t)
		took = append(took, time.Since(began).Seconds()*1000)
	}
	used = (cpuTime() - used) / reads
	row(fmt.Sprintf("the page of an event with %d places", places), fmt.Sprintf("%.1f ms", middle(took)), "", "", fmt.Sprintf("50 ms or less; of them %v of processor time", used.Round(100*time.Microsecond)))
}
