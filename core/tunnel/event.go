package tunnel

import (
	"sync"
	"time"

	"hookglass/core"
)

// State is how a tunnel stands.
type State string

// The states of a tunnel. Failed and Stopped are final: no event follows them.
const (
	Connecting   State = "connecting" // not yet online; with a code: the last try failed and Retry says when the next begins
	Online       State = "online"
	Reconnecting State = "reconnecting" // was online; the same address is being restored
	Failed       State = "failed"       // trying again would not help; Next says what would
	Stopped      State = "stopped"
)

// Event is a change of a tunnel's state.
type Event struct {
	State State
	URL   string    // the public address, once known
	Local string    // own: where the user's tunnel must point
	Retry time.Time // when the next try begins; zero: at once, or none
	Trouble
}

// Trouble is what went wrong, in words for the user. The zero value is none. Nothing in it is secret.
type Trouble struct {
	Code   string `json:"code,omitempty"`   // stable: "ERR_NGROK_105", "dns", "host_key_changed"
	Text   string `json:"text,omitempty"`   // what happened, one sentence
	Next   string `json:"next,omitempty"`   // what to do about it
	Field  string `json:"field,omitempty"`  // the setting to correct, named as in Config: "authtoken"
	Link   string `json:"link,omitempty"`   // where the provider lets one do it
	Detail string `json:"detail,omitempty"` // the provider's own words, redacted
}

// Error is a trouble as a Go error. It wraps nothing, because the errors of providers repeat secrets.
type Error struct{ Trouble }

func (e *Error) Error() string {
	s := "tunnel: " + e.Text
	if e.Code != "" {
		s += " (" + e.Code + ")"
	}
	if e.Next != "" {
		s += " " + e.Next
	}
	return s
}

// reporter hands events to the caller one at a time, redacted, and none after a final one.
type reporter struct {
	mu      sync.Mutex
	secrets []core.Secret
	report  func(Event)
	last    Event
	closed  bool
}

func (r *reporter) event(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Trouble = r.clean(e.Trouble)
	if r.closed || e == r.last {
		return
	}
	r.last = e
	r.closed = e.State == Failed || e.State == Stopped
	if r.report != nil {
		r.report(e)
	}
}

// clean takes the secrets out of the words that came from elsewhere.
func (r *reporter) clean(t Trouble) Trouble {
	t.Text = Redact(t.Text, r.secrets...)
	t.Detail = Redact(t.Detail, r.secrets...)
	return t
}
