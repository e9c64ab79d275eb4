package platform_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
)

// acme declares endpoints unlike JoAi's: any trigger, a list of delays, a setting of its own, no scheme.
var acme = platform.Platform{Name: "acme", Title: "Acme", Outbound: true, Endpoints: &platform.Endpoints{
	Settings: []platform.Setting{
		{Name: "id", Label: "ID", Kind: platform.TextKind},
		{Name: "name", Label: "Name", Kind: platform.TextKind, Required: true},
		{Name: "url", Label: "URL", Kind: platform.TextKind, Required: true},
		{Name: "trigger", Label: "Trigger", Kind: platform.TextKind},
		{Name: "timeout_seconds", Label: "Timeout", Kind: platform.NumberKind, Default: 5.0, Min: 1, Max: 10},
		{Name: "team", Label: "Team", Kind: platform.TextKind},
		{Name: "agreed", Label: "Terms", Kind: platform.BoolKind, Default: false, Once: true},
	},
	Policy: core.RetryPolicy{Name: "acme", Retries: 2, Delays: []time.Duration{time.Minute, time.Hour}},
	Header: core.Header{{Name: "X-Acme", Value: "1"}},
	Check: func(v core.Values) error {
		if v.Text("team") == "blue" {
			return &core.Invalid{Field: "team", Reason: "has left"}
		}
		return nil
	},
	Body: func(e core.Endpoint, event string, data json.RawMessage, _ time.Time) ([]byte, error) {
		return append([]byte(event+" for "+e.Settings.Text("team")+": "), data...), nil
	},
}}

func TestEndpointOfItsSettings(t *testing.T) {
	ids := platform.NewIDs(rand.New(rand.NewPCG(1, 2)))
	e, err := acme.Endpoint(core.Values{"name": "Orders", "url": "https://a.test/", "team": "red", "agreed": true}, ids)
	if err != nil || e.Platform != "acme" || e.WireID == "" || e.Target.Timeout != 5*time.Second || len(e.Target.Policy.Delays) != 2 || e.Target.Scheme != "" ||
		!reflect.DeepEqual(e.Settings, core.Values{"team": "red"}) || e.Target.Header.Get("X-Acme") != "1" {
		t.Fatalf("%+v, %v", e, err)
	}
	v := acme.EndpointValues(&e)
	if again, err := acme.Endpoint(v, ids); err != nil || !reflect.DeepEqual(again, e) {
		t.Errorf("of %v came %+v, %v", v, again, err)
	}
	body, err := acme.Endpoints.Body(e, "order.paid", json.RawMessage("{}"), start)
	if string(body) != "order.paid for red: {}" || err != nil {
		t.Errorf("%s, %v", body, err)
	}
}

// TestSettle: an endpoint that was changed keeps its own schedule, and what the platform says of it holds.
func TestSettle(t *testing.T) {
	mine := core.RetryPolicy{Name: "mine", Retries: 9, Delays: []time.Duration{time.Second}}
	e := core.Endpoint{Platform: "acme", Name: "Orders", Target: core.Target{URL: "https://a.test/", Timeout: 7 * time.Second, Scheme: "github", Policy: mine,
		Header: core.Header{{Name: "x-acme", Value: "forged"}}}}
	if err := acme.Settle(&e); err != nil {
		t.Fatal(err)
	}
	want := core.Header{{Name: "X-Acme", Value: "1"}}
	if !reflect.DeepEqual(e.Target.Header, want) || e.Target.Scheme != "" || !reflect.DeepEqual(e.Target.Policy, mine) || e.WireID != "" {
		t.Errorf("%+v", e)
	}
	for field, change := range map[string]func(){
		"timeout_seconds": func() { e.Target.Timeout = time.Minute },
		"headers":         func() { e.Target.Header = core.Header{{Name: "X-Team", Value: "t"}} },
		"team":            func() { e.Target.Timeout = time.Second; e.Settings = core.Values{"team": "blue"} },
	} {
		change()
		var invalid *core.Invalid
		if err := acme.Settle(&e); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
		e.Target.Timeout, e.Target.Header, e.Settings = time.Second, nil, nil
	}
}

func TestSendersAreWhole(t *testing.T) {
	for _, p := range platform.Senders() {
		o := p.Endpoints
		for _, name := range []string{"id", "name", "url", "trigger"} {
			if o.Setting(name).Name == "" {
				t.Errorf("%s: its endpoints have no setting %s", p.Name, name)
			}
		}
		if !p.Outbound || o.Policy.Name != p.Name || o.Policy.Source == "" {
			t.Errorf("%s: outbound %v, its policy %+v", p.Name, p.Outbound, o.Policy)
		}
	}
}
