package core

import "time"

// DefaultTimeout is how long an attempt waits where its target says nothing else.
const DefaultTimeout = 30 * time.Second

// Target says how a request goes out: settings that an endpoint keeps and that each delivery copies, so
// that changing the endpoint does not change what is already owed.
type Target struct {
	URL      string        `json:"url"`
	Method   string        `json:"method,omitempty"` // empty means POST
	Header   Header        `json:"header,omitempty"` // custom headers, spelled as configured
	Scheme   string        `json:"scheme,omitempty"` // signature scheme; empty: unsigned, or as the request carries it
	Secret   SecretRef     `json:"secret,omitempty"`
	Timeout  time.Duration `json:"timeout,omitempty"`  // 0 means DefaultTimeout
	SkipTLS  bool          `json:"skip_tls,omitempty"` // do not verify the certificate
	CAFile   string        `json:"ca_file,omitempty"`
	Client   ClientCert    `json:"client,omitzero"` // what we show a receiver that asks for a certificate
	Policy   RetryPolicy   `json:"policy,omitzero"`
	Raw      bool          `json:"raw,omitempty"`       // send the very bytes of the request's head
	KeepHost bool          `json:"keep_host,omitempty"` // send the request's own Host instead of the URL's
	Outward  bool          `json:"outward,omitempty"`   // a stranger chose the URL: it may not lead into a private network, whatever its name resolves to
	Wrong    string        `json:"wrong,omitempty"`     // wrong on purpose: "stale", "future", "tampered", "secret", "missing", "other_body"

	// Hidden are secrets of an environment. {{env.NAME}} stands for each in URL and Header, and the value takes its place as it is
	// sent; literal braces before env are doubled then. Filled: in the request's header and body, too, since the user wrote them.
	Hidden map[string]SecretRef `json:"hidden,omitempty"`
	Filled bool                 `json:"filled,omitempty"`
}

// ClientCert is a certificate of ours, by where it is: a PEM file, and its key in the same file or under a reference.
type ClientCert struct {
	File string    `json:"file,omitempty"`
	Key  SecretRef `json:"key,omitempty"` // empty: in the file
}

// Endpoint is an outbound address.
type Endpoint struct {
	ID                EndpointID
	Platform          string // name of the platform that sends to it, or "" for any
	WireID            string // the id that the platform shows: "webhook-id"
	Name              string
	Description       string
	Trigger           string // the event type it subscribes to; empty means all
	Active            bool
	Target            Target
	Settings          Values  // what only its platform knows: serializer
	Rate              float64 // deliveries per second; 0 means no limit
	Concurrency       int     // attempts at a time; 0 means the default
	Paused            bool
	Created           time.Time
	LastTriggered     time.Time
	Delivered, Failed int64 // finished deliveries, for the success rate
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// waiting → sending → delivered | exhausted | cancelled; sending → waiting for a retry.
const (
	Waiting   DeliveryState = "waiting"
	Sending   DeliveryState = "sending"
	Delivered DeliveryState = "delivered"
	Exhausted DeliveryState = "exhausted"
	Cancelled DeliveryState = "cancelled"
)

// Final reports whether no further attempt follows by itself.
func (s DeliveryState) Final() bool { return s == Delivered || s == Exhausted || s == Cancelled }

// Delivery is one event owed to one target. The row is the queue item.
type Delivery struct {
	ID       DeliveryID
	Endpoint EndpointID // 0 when the target was typed for this delivery
	Target   Target
	Event    Event   // Payload is empty: the body is the request's
	Request  Request // what goes out, before it is signed anew
	Resign   bool    // sign each attempt with a fresh timestamp, same event id
	State    DeliveryState
	Reason   string // why it is exhausted or cancelled
	Due      time.Time
	Created  time.Time
	Began    time.Time // when the first attempt began; zero before, and where the attempts were not read
	Attempts int       // attempts begun
	ReplayOf CaptureID
	Work     string // wire id of the work item that sends it
	Batch    string // groups the deliveries of one replay
}

// Failure names what kept an attempt from a response. Empty means that there was a response.
type Failure string

// Attempt is one try, numbered from 1: a response or a failure, never both.
type Attempt struct {
	Delivery DeliveryID
	Number   int
	Started  time.Time
	Took     time.Duration
	Request  Request // as sent, signature and all
	Response *Response
	Failure  Failure // "timeout", "connection refused", "interrupted" ...
	Detail   string  // the failure in full
	Timings  Timings
	Peer     string    // address connected to
	TLS      string    // version and certificate subject
	Retry    time.Time // when the next attempt is due; zero when none follows
}

// OK reports whether the policy's success rule, any 2xx, is met.
func (a *Attempt) OK() bool {
	return a.Response != nil && a.Response.Status >= 200 && a.Response.Status < 300
}

// RetryPolicy is a schedule of attempts as data. The zero value tries once.
type RetryPolicy struct {
	Name    string          `json:"name,omitempty"`
	Source  string          `json:"source,omitempty"`  // the document it comes from
	Retries int             `json:"retries,omitempty"` // attempts after the first
	Delays  []time.Duration `json:"delays,omitempty"`  // a list of delays; the last repeats. Empty: exponential
	Base    time.Duration   `json:"base,omitempty"`
	Factor  float64         `json:"factor,omitempty"` // 0 means 2
	Max     time.Duration   `json:"max,omitempty"`    // 0 means no cap
	Jitter  string          `json:"jitter,omitempty"` // "" none, "full", "equal", "decorrelated", "fraction"
	Spread  float64         `json:"spread,omitempty"` // with "fraction": plus or minus this share of the delay

	RetryAfter string        `json:"retry_after,omitempty"` // "" ignored, "honour", "cap"
	AfterCap   time.Duration `json:"after_cap,omitempty"`
	StopOn     []int         `json:"stop_on,omitempty"`    // statuses that end it: 410
	Window     time.Duration `json:"window,omitempty"`     // give up this long after the first attempt; 0 means never
	Control    bool          `json:"control,omitempty"`    // obey the response header "webhook-delivery" (Svix)
	Unanswered bool          `json:"unanswered,omitempty"` // retry only attempts that got no response at all (Twilio)
}
