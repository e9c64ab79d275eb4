package core

import (
	"bytes"
	"encoding/json"
	"reflect"
	"time"
)

// Forward is what a source sends on of its captures, and to whom.
type Forward struct {
	URL       string        `json:"url,omitempty"`
	When      string        `json:"when,omitempty"`      // a filter that the capture has to match; empty: all
	DropPath  bool          `json:"drop_path,omitempty"` // send to URL as it stands, without what follows the source's path and the query
	Resign    bool          `json:"resign,omitempty"`    // sign anew with the source's scheme and secret
	Set       Header        `json:"set,omitempty"`       // fields that take the place of those that came
	Remove    []string      `json:"remove,omitempty"`    // fields that are left out
	Policy    RetryPolicy   `json:"policy,omitzero"`     // zero: see Schedule
	Answer    bool          `json:"answer,omitempty"`    // its answer goes back to the sender
	Timeout   time.Duration `json:"timeout,omitempty"`   // 0 means DefaultForwardTimeout
	SkipTLS   bool          `json:"skip_tls,omitempty"`  // do not verify the certificate
	CAFile    string        `json:"ca_file,omitempty"`
	Client    ClientCert    `json:"client,omitzero"`
	KeepHost  bool          `json:"keep_host,omitempty"`
	Forwarded bool          `json:"forwarded,omitempty"` // add X-Forwarded-For, -Host and -Proto
	Confirmed bool          `json:"confirmed,omitempty"` // the user agreed to a host that is not loopback
	Agreed    []string      `json:"agreed,omitempty"`    // the hosts that the user agreed to, where URL has values of an environment
	Off       bool          `json:"off,omitempty"`
}

// DefaultForwardTimeout is how long an attempt of a forward waits where it says nothing else.
const DefaultForwardTimeout = 10 * time.Second

// Wait is how long an attempt of a forward may take.
func (f *Forward) Wait() time.Duration {
	if f.Timeout <= 0 {
		return DefaultForwardTimeout
	}
	return f.Timeout
}

// Schedule is the policy by which a forward is tried again: its own, else three tries, or one alone where a sender waits for its answer.
func (f *Forward) Schedule() RetryPolicy {
	switch {
	case !reflect.DeepEqual(f.Policy, RetryPolicy{}):
		return f.Policy
	case f.Answer:
		return RetryPolicy{Name: "none"}
	}
	return ForwardPolicy()
}

// ForwardPolicy is the schedule of a forward that names none.
func ForwardPolicy() RetryPolicy {
	return RetryPolicy{Name: "exponential", Retries: 2, Base: time.Second, Factor: 2, Max: time.Minute}
}

// Forwards are the targets of a source, in the user's order.
type Forwards []Forward

// UnmarshalJSON also reads the single target of older histories.
func (fs *Forwards) UnmarshalJSON(data []byte) error {
	*fs = nil
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, (*[]Forward)(fs))
	}
	var one Forward
	if err := json.Unmarshal(data, &one); err != nil || one.URL == "" {
		return err
	}
	*fs = Forwards{one}
	return nil
}

// Answering is the place of the target whose answer goes back to the sender, or -1.
func (fs Forwards) Answering() int {
	for i := range fs {
		if fs[i].Answer && !fs[i].Off {
			return i
		}
	}
	return -1
}
