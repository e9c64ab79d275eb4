package core

import "time"

// Outcome is what became of a capture.
type Outcome string

// The outcomes of a receipt.
const (
	Accepted  Outcome = "accepted"
	Ignored   Outcome = "ignored" // dropped silently: the sender sees success
	Rejected  Outcome = "rejected"
	Limited   Outcome = "limited"
	Unmatched Outcome = "unmatched" // no source has that address
)

// Check is one thing looked at on the way in.
type Check struct {
	Name string `json:"name"`
	Want string `json:"want"`
	Got  string `json:"got"`
	OK   bool   `json:"ok"`
}

// Said is what was found, and where that is not what was wanted, that too.
func (c Check) Said() string {
	got := c.Got
	switch {
	case got == string(NoSecret):
		got = NoSecret.Words()
	case got == "":
		got = "nothing"
	}
	if c.OK {
		return got
	}
	return "wanted " + c.Want + ", got " + got
}

// Receipt is what became of a capture, with the checks in the order they were made.
type Receipt struct {
	Outcome  Outcome
	Reason   string // one sentence; empty when accepted without remark
	Checks   []Check
	Verdict  *Verdict // nil when no signature was looked for
	Faults   []string // the faults that touched the answer, by name
	Platform string   // the platform that answered; "" when unmatched

	Read    time.Duration // the part of the capture's Took in which the body came in; the rest went into the decision
	Delayed time.Duration // how long a fault put the answer off, as planned
}

// Capture is one request as it arrived, with our response and its receipt.
type Capture struct {
	ID       CaptureID
	At       time.Time
	Source   SourceID // 0 when unmatched
	Name     string   // the source's name at that time
	Request  Request
	Response Response
	Receipt  Receipt
	Event    Event         // recognised in the request; zero when not
	Took     time.Duration // from the head in to the answer decided
	Via      string        // the way in: "" for the local listener, the tunnel's provider, or the team's space
	Pinned   bool
	Note     string
	ReplayOf CaptureID

	// Promise is what was found of the contract of its source, where something asked for it before it was answered; nil: it has none, or
	// nobody asked. What is found behind the captures stands in the history.
	Promise *Promise

	Work       []string // wire ids of the work items it started
	Deliveries []DeliveryID
}

// Violation is one thing that a body does otherwise than its source's contract says.
type Violation struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// Promise is what was found of a body and what the contract of its source promises.
type Promise struct{ Violations []Violation }

// Word is it as filters say it.
func (p *Promise) Word() string {
	switch {
	case p == nil:
		return "none"
	case len(p.Violations) > 0:
		return "broken"
	}
	return "kept"
}

// Event is what happened: recognised in a capture, produced by a platform, or composed.
type Event struct {
	Type    string
	ID      string // the provider's id of the event, the same over all retries
	Payload []byte
}

// Tunnels are the ways in that are a tunnel's; another one is the name of a team's space.
func Tunnels() []string { return []string{"ngrok", "ssh", "own"} }
