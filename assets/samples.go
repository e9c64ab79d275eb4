package assets

import (
	"encoding/json"
	"fmt"
)

// Sample is a payload to begin with, written by us after the provider's documents.
type Sample struct {
	Group       string            `json:"group"`    // "provider" or "platform": one of the five that Hookglass emulates
	Provider    string            `json:"provider"` // "stripe"
	Title       string            `json:"title"`    // "Stripe"
	Event       string            `json:"event"`    // "invoice.payment_failed"
	About       string            `json:"about"`    // what is special about it; often empty
	ContentType string            `json:"content_type"`
	Scheme      string            `json:"scheme"`  // signature scheme; empty for none, or as its platform says
	Headers     map[string]string `json:"headers"` // more fields that carry the event
	File        string            `json:"file"`
}

// Samples returns all samples, providers together, in the order to offer them.
func Samples() ([]Sample, error) {
	b, err := files.ReadFile("samples/index.json")
	if err != nil {
		return nil, fmt.Errorf("read samples: %w", err)
	}
	var all []Sample
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("read samples: %w", err)
	}
	return all, nil
}

// Body returns the payload's bytes as they go on the wire.
func (s Sample) Body() ([]byte, error) {
	b, err := files.ReadFile("samples/" + s.File)
	if err != nil {
		return nil, fmt.Errorf("read sample %s %s: %w", s.Provider, s.Event, err)
	}
	return b, nil
}
