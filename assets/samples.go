package assets

import (
	"encoding/json"
	"sync"
)

// Sample is a payload written by us that looks like a provider's.
type Sample struct {
	Provider    string            `json:"provider"` // the scheme's or platform's name: "stripe"
	Title       string            `json:"title"`    // the provider as people say it: "Stripe"
	Event       string            `json:"event"`    // "invoice.paid"
	ContentType string            `json:"content_type"`
	Scheme      string            `json:"scheme,omitempty"`  // signature scheme; empty: unsigned
	Method      string            `json:"method,omitempty"`  // empty: POST
	Headers     map[string]string `json:"headers,omitempty"` // what the provider sends beside the signature
	File        string            `json:"file"`              // in samples/
	Body        []byte            `json:"-"`
}

var samples = sync.OnceValue(func() []Sample {
	var all []Sample
	if err := json.Unmarshal(mustRead("samples/index.json"), &all); err != nil {
		panic("samples/index.json: " + err.Error()) // embedded, so a test finds it first
	}
	for i := range all {
		all[i].Body = mustRead("samples/" + all[i].File)
	}
	return all
})

// Samples are all sample payloads, by provider.
func Samples() []Sample { return samples() }

// FindSample returns a provider's sample of that event; with an empty event its first, with an empty provider
// the first of that event.
func FindSample(provider, event string) (Sample, bool) {
	for _, s := range samples() {
		if (provider == "" || s.Provider == provider || s.Scheme == provider) && (event == "" || s.Event == event) {
			return s, true
		}
	}
	return Sample{}, false
}
