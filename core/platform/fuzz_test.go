package platform_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
)

// lenient are settings of every platform and profile that let requests through to where bodies are read.
func lenient() map[string]platform.Config {
	all := map[string]platform.Config{}
	for name, cfg := range configs() {
		cfg.Secrets = nil
		if strings.HasPrefix(name, "nekro") && cfg.Settings["handler"] == nil || strings.HasPrefix(name, "generic") {
			cfg.Secrets = configs()[name].Secrets // signed bodies are not in reach of chance; the others are
		}
		if cfg.Settings["auth"] != nil {
			continue
		}
		cfg.Settings = maps.Clone(cfg.Settings)
		if strings.Contains(name, "almyty") {
			cfg.Settings["per_minute"], cfg.Settings["max_concurrent"], cfg.Settings["body_limit_bytes"] = 0.0, 0.0, 0.0
		}
		all[name] = cfg
	}
	return all
}

// send gives one body to a machine as its example would come, and lets what follows happen.
func (h *host) send(t testing.TB, r core.Request, body []byte) platform.Out {
	t.Helper()
	r.Body, r.Size = body, int64(len(body))
	before := bytes.Clone(body)
	out := h.receive(start, &r)
	if !bytes.Equal(before, body) {
		t.Fatal("the machine changed the request's body")
	}
	if out.Response.Status < 100 || out.Response.Status > 599 || out.Receipt.Outcome == "" {
		t.Fatalf("got status %d, outcome %q", out.Response.Status, out.Receipt.Outcome)
	}
	if ct := out.Response.Header.Get("Content-Type"); strings.HasPrefix(ct, "application/json") && !json.Valid(out.Response.Body) {
		t.Fatalf("the answer says JSON and is none: %.200s", out.Response.Body)
	}
	for _, item := range out.Work {
		if _, err := json.Marshal([]any{item.Payload, item.Input, item.Output, item.Title}); err != nil {
			t.Fatalf("a work item that is no JSON: %v", err)
		}
	}
	return out
}

func FuzzBodies(f *testing.F) {
	lenient := lenient()
	names := slices.Sorted(maps.Keys(lenient))
	for i, b := range oddJSON()[:90] {
		f.Add(uint8(i), b, "application/json")
	}
	for i := range names {
		f.Add(uint8(i), []byte("--B\r\nContent-Disposition: form-data; name=\"report_file\"; filename=\"r\"\r\n\r\nx\r\n--B--"), "multipart/form-data; boundary=B")
		f.Add(uint8(i), []byte("report_name=a&target_chat=b"), "application/x-www-form-urlencoded")
		f.Add(uint8(i), []byte("\xff\xfe{\x00}\x00"), "text/plain")
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte, contentType string) {
		name := names[int(which)%len(names)] // one a run: all of them are 15 times as slow
		h := newHost(t, platformOf(name), lenient[name])
		r := h.p.Example(lenient[name], start)
		r.Header = r.Header.With("Content-Type", contentType)
		h.send(t, r, body)
		h.finish(t)
	})
}

func FuzzRequests(f *testing.F) {
	f.Add("POST", "/api/webhooks/plugins/webhook/pi_1", "X-Webhook-Signature", "00")
	f.Add("GET", "/agents/a1/executions/x", "Authorization", "Bearer tok")
	f.Add("PATCH", "/agents/a1", "Authorization", "Bearer  ")
	f.Add("POST", "/api/plugin/%2F/webhook/../%zz", "X-Hub-Signature-256", "sha256=\xff")
	f.Add("DELETE", "//api/v1/agents//webhooks/?a=b", "Accept-Language", ",en")
	f.Fuzz(func(t *testing.T, method, target, name, value string) {
		r := &core.Request{Method: method, Target: target, Header: core.Header{{Name: name, Value: value}}, Body: []byte(`{"webhookEnabled":true}`)}
		for source, cfg := range configs() {
			h := newHost(t, platformOf(source), cfg)
			h.receive(start, r)
			h.finish(t)
		}
	})
}

func FuzzJoaiBody(f *testing.F) {
	for _, b := range oddJSON()[:90] {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e := core.Endpoint{WireID: "w", Name: "n"}
		once, err := joai.Endpoints.Body(e, "agent.message", data, start)
		if err != nil || len(data) == 0 {
			return
		}
		var envelope struct{ Data json.RawMessage }
		if err := json.Unmarshal(once, &envelope); err != nil {
			t.Fatalf("%q became %q: %v", data, once, err)
		}
		twice, err := joai.Endpoints.Body(e, "agent.message", envelope.Data, start)
		if err != nil || !bytes.Equal(once, twice) { // canonical bytes are their own canonical bytes
			t.Fatalf("%q\n%q, %v", once, twice, err)
		}
	})
}

// TestHostileBodies gives every machine what is meant to hurt: it must answer.
func TestHostileBodies(t *testing.T) {
	const mib = 1 << 20
	keys := &bytes.Buffer{}
	keys.WriteByte('{')
	for i := range 200_000 {
		fmt.Fprintf(keys, `"%d":0,`, i)
	}
	keys.WriteString(`"x":1}`)
	bodies := map[string][]byte{
		"10 MiB text":       []byte(`{"text":"` + strings.Repeat("A", 10*mib) + `"}`),
		"10 MiB brackets":   bytes.Repeat([]byte("["), 10*mib),
		"10 MiB of {\"a\":": bytes.Repeat([]byte(`{"a":`), 2*mib),
		"deep and whole":    []byte(strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)),
		"escapes":           []byte(`{"text":"` + strings.Repeat(`\ud83d`, mib) + `"}`),
		"many keys":         keys.Bytes(),
		"long number":       []byte(`{"text":` + strings.Repeat("9", mib) + `}`),
		"zero bytes":        make([]byte, mib),
		"bad UTF-8":         bytes.Repeat([]byte{0xF0, 0x9F}, mib),
	}
	for name, cfg := range lenient() {
		h := newHost(t, platformOf(name), cfg)
		example := h.p.Example(cfg, start)
		for _, kind := range slices.Sorted(maps.Keys(bodies)) {
			h.send(t, example, bodies[kind])
		}
	}
}

// TestManyItems keeps a machine honest under load: every item ends, and advancing stays cheap.
func TestManyItems(t *testing.T) {
	cfg := configs()["nitejar"]
	cfg.Secrets = nil
	h := newHost(t, "nitejar", cfg)
	r := h.p.Example(cfg, start)
	random := rand.New(rand.NewPCG(5, 6))
	at := start
	for range 5000 {
		at = at.Add(time.Duration(random.IntN(2_000_000)))
		h.receive(at, &r)
	}
	h.finish(t)
	if len(h.items) != 5000 {
		t.Fatalf("%d items", len(h.items))
	}
	for id, item := range h.items {
		if item.State != "DONE" {
			t.Fatalf("%s ends as %s", id, item.State)
		}
	}
}
