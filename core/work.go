package core

import "time"

// WorkItem is what an emulated platform makes of a request that it accepted.
type WorkItem struct {
	ID         string // the wire id: "wi_…", "exec_…", a UUID
	Platform   string
	Source     SourceID
	SourceName string
	Capture    CaptureID
	Created    time.Time
	State      string    // in the platform's own words
	Final      bool      // no further state follows
	Failed     bool      // final, and the work did not succeed
	States     []StateAt // every state in order, the first one at acceptance
	Steps      []Step    // in order of start
	Cost       float64   // US dollars, the sum of the steps
	Session    string    // session key, where the platform has one
	Title      string
	Payload    any // what the platform stored, as JSON
	Input      any
	Output     any
	Notes      []Notification // what a handler would have sent to a chat
	Deliveries []DeliveryID
}

// StateAt is one state of a work item and when it began.
type StateAt struct {
	State string    `json:"state"`
	At    time.Time `json:"at"`
}

// Step is one span of a work item's timeline.
type Step struct {
	Name    string // "received", "verified", "dispatched", "inference", "tool", "delivered"
	Detail  string // model, tool name, channel
	Started time.Time
	Took    time.Duration
	Cost    float64
	Error   string
}

// Notification is a message that a platform would have sent to a chat.
type Notification struct {
	Chat string    `json:"chat"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}
