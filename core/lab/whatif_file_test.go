package lab_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/lab"
	"hookglass/core/limit"
)

func TestScenarioFiles(t *testing.T) {
	stripe, _ := deliver.Preset("stripe")
	free, _ := limit.FindPreset("almyty-free")
	for name, c := range map[string]struct {
		text string
		want lab.Scenario
	}{
		"whole": {
			`{"name":"n","load":{"kind":"poisson","rate":2.5,"duration_s":600},"limits":[{"kind":"fixed","count":100,"window_s":60}],
			  "policy":{"retries":2,"delays_s":[0.5,60]},"timeout_s":"1m30s","receiver":{"error_rate":0.1,"outages":[{"from_s":1,"to_s":2.25,"hang":true}],
			  "servers":2,"service_s":0.05,"spread":"exponential"},"sender":{"rate":3},"seed":18446744073709551615,"buckets":10}`,
			lab.Scenario{Name: "n", Load: lab.Load{Kind: lab.Poisson, Rate: 2.5, Duration: 10 * time.Minute},
				Limits: []core.Limit{{Kind: limit.Fixed, Count: 100, Window: time.Minute}}, Policy: core.RetryPolicy{Retries: 2, Delays: []time.Duration{500 * time.Millisecond, time.Minute}},
				Timeout: 90 * time.Second, Receiver: lab.Receiver{ErrorRate: 0.1, Outages: []lab.Outage{{From: time.Second, To: 2250 * time.Millisecond, Hang: true}},
					Servers: 2, Service: 50 * time.Millisecond, Spread: "exponential"}, Sender: deliver.Limit{Rate: 3}, Seed: 1<<64 - 1, Buckets: 10},
		},
		"names of presets":          {`{"policy":"stripe","limits":"almyty-free"}`, lab.Scenario{Policy: stripe, Limits: free.Limits}},
		"a name among the limits":   {`{"limits":["almyty-free",{"kind":"concurrency","count":1}]}`, lab.Scenario{Limits: append(free.Limits, core.Limit{Kind: limit.Concurrency, Count: 1})}},
		"a policy alone":            {`{"name":"mine","retries":3,"base_s":1,"factor":2}`, lab.Scenario{Policy: core.RetryPolicy{Name: "mine", Retries: 3, Base: time.Second, Factor: 2}}},
		"a name alone is of a what": {`{"name":"mine"}`, lab.Scenario{Name: "mine"}},
	} {
		got, err := lab.ParseScenario([]byte(c.text))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, c.want)
			continue
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		var back lab.Scenario
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, c.want) {
			t.Errorf("%s: what was written reads as\n%+v, %v\n%s", name, back, err, text)
		}
	}
}

func TestScenarioFilesThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		`{"load":{"kind":"poisson","rat":1}}`:          "load.rat: unknown key; known are kind, rate,",
		`{"policy":"strip"}`:                           "policy: there is no retry policy",
		`{"policy":{"retries":1.5}}`:                   "policy.retries: want a whole number",
		`{"retries":"3"}`:                              "policy.retries: want a whole number",
		`{"limits":["almyty"]}`:                        "limits[0]: there is no limit",
		`{"limits":[{"kind":1}]}`:                      "limits[0].kind: want a text",
		`{"receiver":{"outages":[{"from_s":"soon"}]}}`: "receiver.outages[0].from_s: want seconds",
		`{"receiver":[]}`:                              "receiver: want an object",
		`{"load":{"arrivals":[]}}`:                     "load.arrivals: unknown key",
		`{"load":{"rate":1,"rate":2}}`:                 "load.rate: stands twice",
		`{"seed":-1}`:                                  "seed: want a whole number",
		`{"timeout_s":1e99}`:                           "timeout_s: want seconds",
		`{"name":"x"`:                                  "file: not valid JSON",
		`{"name":"x"} {}`:                              "file: not valid JSON",
		`[]`:                                           "file: want an object",
		``:                                             "file: not valid JSON",
	} {
		_, err := lab.ParseScenario([]byte(text))
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// Whatever is read is written so that it reads the same again.
func FuzzScenarioFile(f *testing.F) {
	f.Add([]byte(`{"load":{"kind":"burst","burst":3,"every_s":1},"policy":"svix","limits":["almyty-pro"]}`))
	f.Add([]byte(`{"retries":3,"delays_s":["1s",2]}`))
	f.Add([]byte(`{"receiver":{"outages":[{"from_s":1,"to_s":2}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := lab.ParseScenario(text)
		if err != nil || s.Check() != nil {
			return
		}
		written, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := lab.ParseScenario(written)
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if second, _ := json.Marshal(again); string(second) != string(written) {
			t.Fatalf("%s\nbecame\n%s", written, second)
		}
	})
}
