package core

import (
	"encoding/json"
	"time"
)

// IDs of rows are typed so that one cannot be handed over for another.
type (
	SourceID   int64
	CaptureID  int64
	EndpointID int64
	DeliveryID int64
)

// Profiles of an emulated platform.
const (
	Docs = "docs" // as the platform documents itself; the default
	Code = "code" // as the platform's released software behaves
)

// Source is an inbound address: where requests arrive and which platform answers them.
type Source struct {
	ID       SourceID
	Name     string // unique; what lists show and the filter word source: matches
	Platform string // name of a platform; "generic" for any provider
	Profile  string // Docs or Code; empty means Docs
	Settings Values // what the platform declares, by setting name; secrets are in Secrets
	Secrets  map[string]SecretRef

	Faults   Faults
	Limit    *Limit   // nil: what the platform itself imposes, nothing more
	Forwards Forwards `json:"Forward,omitempty"`
	Created  time.Time

	// Contract is the document that its bodies are checked against, as JSON; nil: none. See package contract.
	Contract json.RawMessage `json:",omitempty"`
}

// Values are settings by name, with the types of JSON: string, float64, bool, nil, []any, map[string]any.
type Values map[string]any

// Text returns the string under name, or "".
func (v Values) Text(name string) string { s, _ := v[name].(string); return s }

// Number returns the number under name, or fallback.
func (v Values) Number(name string, fallback float64) float64 {
	switch n := v[name].(type) {
	case float64:
		return n
	case int:
		return float64(n)
	case int64:
		return float64(n)
	}
	return fallback
}

// Bool returns the flag under name, or fallback.
func (v Values) Bool(name string, fallback bool) bool {
	if b, ok := v[name].(bool); ok {
		return b
	}
	return fallback
}

// Faults are what a source does wrong on purpose. The zero value does nothing wrong.
// All chances are 0 to 1 and drawn from Seed, so that a run repeats.
type Faults struct {
	Latency Latency `json:"latency,omitzero"`

	FailFirst int    `json:"fail_first,omitempty"` // fail the first k requests of each key, then pass
	FailKey   string `json:"fail_key,omitempty"`   // what is counted: "event" (default), "path" or "sender"

	ErrorRate float64 `json:"error_rate,omitempty"`
	Statuses  []int   `json:"statuses,omitempty"` // drawn from for a failure; empty means 500

	Hang         time.Duration `json:"hang,omitempty"`         // answer only after this long: past the sender's timeout
	Drop         float64       `json:"drop,omitempty"`         // chance to close without a byte
	DropMidway   float64       `json:"drop_midway,omitempty"`  // chance to close after the status line
	Reset        float64       `json:"reset,omitempty"`        // chance to reset the connection
	SlowBody     time.Duration `json:"slow_body,omitempty"`    // the body dribbles out over this long
	Truncate     float64       `json:"truncate,omitempty"`     // chance of a body shorter than its Content-Length
	Malformed    float64       `json:"malformed,omitempty"`    // chance of a broken chunked body
	WrongLength  float64       `json:"wrong_length,omitempty"` // chance of a Content-Length that is too small
	RetryAfter   string        `json:"retry_after,omitempty"`  // with status 429 and 503: "seconds", "date", "wrong" or "" for none
	RetryAfterIn time.Duration `json:"retry_after_in,omitempty"`

	Seed uint64 `json:"seed,omitempty"`
}

// Latency is a delay before the answer.
type Latency struct {
	Kind   string        `json:"kind,omitempty"` // "" none, "fixed", "uniform" from Base to Base+Spread, "lognormal" with median Base and sigma Spread/Base
	Base   time.Duration `json:"base,omitempty"`
	Spread time.Duration `json:"spread,omitempty"`
}

// Limit is a rate limit that a source imposes on its senders.
type Limit struct {
	Kind       string        `json:"kind"`  // "fixed", "sliding", "bucket" or "concurrency"
	Count      int           `json:"count"` // requests per Window, bucket size, or requests at a time
	Window     time.Duration `json:"window,omitempty"`
	Rate       float64       `json:"rate,omitempty"`        // bucket: tokens per second
	RetryAfter string        `json:"retry_after,omitempty"` // "seconds" (default), "date", "wrong" or "none"
}
