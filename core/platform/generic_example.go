package platform

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"hookglass/assets"
	"hookglass/core"
	"hookglass/core/sign"
)

// genericExample is what the provider of the source's scheme sends: a sample of it, else a small event in the content type of
// the scheme; signed where the scheme can sign and a secret is set.
func genericExample(cfg Config, now time.Time) core.Request {
	scheme, known := cfg.Schemes.Find(cfg.Settings.Text("scheme"))
	r := genericUnsigned(cfg, scheme)
	if !known {
		return r
	}
	params := map[string]string{}
	for name, v := range group(cfg.Settings, "params") {
		params[name], _ = v.(string)
	}
	in := sign.Input{Request: &r, Secrets: []core.Secret{cfg.Secrets["secret"]}, Now: now, Params: params}
	set, body, err := scheme.Sign(in.At(cfg.Settings.Text("url"), genericPath(cfg.Settings, cfg.Profile)), "evt_1")
	if err != nil {
		return r // unsigned: no secret, or a scheme that only the provider can sign
	}
	for _, f := range set {
		r.Header = r.Header.With(f.Name, f.Value)
	}
	r.Body, r.Size = body, int64(len(body))
	return r
}

func genericUnsigned(cfg Config, scheme sign.Scheme) core.Request {
	media, body := scheme.Media(), leastEvent(scheme)
	h := core.Header{{Name: "Content-Type", Value: media}}
	if sample, ok := trial(scheme.ID); ok {
		h, body = core.Header{{Name: "Content-Type", Value: sample.ContentType}}, sample.Body
		for _, name := range slices.Sorted(maps.Keys(sample.Headers)) {
			h = append(h, core.Field{Name: name, Value: sample.Headers[name]})
		}
	}
	r := example(genericPath(cfg.Settings, cfg.Profile), h, body)
	r.Base = cfg.Base
	if name, ok := scheme.BodyHash(); ok { // the address that is signed says it
		sum := sha256.Sum256(body)
		r.Target += "?" + name + "=" + hex.EncodeToString(sum[:])
	}
	return r
}

// leastEvent is the smallest event that the scheme can sign.
func leastEvent(scheme sign.Scheme) []byte {
	if scheme.Media() == sign.FormMedia {
		body := "type=test&id=evt_1"
		for _, name := range scheme.FormFields() {
			body += "&" + url.QueryEscape(name) + "=evt_1"
		}
		return []byte(body)
	}
	path, inside := strings.CutPrefix(scheme.Sig.From, "json:")
	list, rest, inList := strings.Cut(path, ".0.")
	if !inside || !inList {
		return []byte(`{"type":"test","id":"evt_1"}`)
	}
	steps := strings.Split(rest, ".")
	item := map[string]any{"type": "test", "id": "evt_1"}
	for _, step := range slices.Backward(steps[:len(steps)-1]) {
		item = map[string]any{step: item}
	}
	body, _ := json.Marshal(map[string]any{list: []any{item}}) // plain data always marshals
	return body
}

// trial is the sample that an address is tried with: the ping of a provider that sends one, else its first.
func trial(scheme string) (assets.Sample, bool) {
	if scheme == "" {
		return assets.Sample{}, false
	}
	first, ok := assets.FindSample(scheme, "")
	for _, s := range assets.Samples() {
		if s.Provider == first.Provider && s.Scheme == scheme && strings.EqualFold(s.Event, "ping") {
			return s, true
		}
	}
	return first, ok
}
