package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// The shapes of this file are what commands print with --json and what the control listener answers. They are a
// contract with scripts: names are added, never changed.

// Pairs are header fields in order, [[name, value] …].
type Pairs [][2]string

// UnmarshalJSON refuses a field that is no pair.
func (p *Pairs) UnmarshalJSON(data []byte) error {
	var all [][]string
	if err := json.Unmarshal(data, &all); err != nil {
		return &core.Invalid{Field: "headers", Reason: `want a list of pairs, like [["X-Signature","abc"]]`}
	}
	*p = make(Pairs, len(all))
	for i, pair := range all {
		if len(pair) != 2 || strings.TrimSpace(pair[0]) == "" {
			return &core.Invalid{Field: fmt.Sprintf("headers[%d]", i), Reason: "want a name and a value"}
		}
		(*p)[i] = [2]string(pair)
	}
	return nil
}

func pairs(h core.Header) Pairs {
	out := make(Pairs, len(h))
	for i, f := range h {
		out[i] = [2]string{f.Name, f.Value}
	}
	return out
}

// CaptureLine is a capture without header and body.
type CaptureLine struct {
	ID        core.CaptureID `json:"id"`
	At        string         `json:"at"`
	Source    string         `json:"source"`
	Platform  string         `json:"platform"`
	Method    string         `json:"method"`
	Target    string         `json:"target"`
	Event     string         `json:"event,omitempty"`
	EventID   string         `json:"event_id,omitempty"`
	Verdict   string         `json:"verdict,omitempty"`
	Outcome   string         `json:"outcome"`
	Status    int            `json:"status"`
	Size      int64          `json:"size"`
	TookMS    float64        `json:"took_ms"`
	Truncated bool           `json:"truncated,omitempty"`
	Pinned    bool           `json:"pinned,omitempty"`
	Via       string         `json:"via,omitempty"`
	ReplayOf  core.CaptureID `json:"replay_of,omitempty"`
	Note      string         `json:"note,omitempty"`
	Gap       bool           `json:"gap,omitempty"` // captures of its space may be missing before it
}

// LineOf makes a line of a row.
func LineOf(r store.Row) CaptureLine {
	return CaptureLine{ID: r.ID, At: stamp(r.At), Source: r.Name, Platform: r.Platform, Method: r.Method, Target: r.Target, Event: r.Event,
		EventID: r.EventID, Verdict: string(r.Verdict), Outcome: string(r.Outcome), Status: r.Status, Size: r.Size, TookMS: millis(r.Took),
		Truncated: r.Truncated, Pinned: r.Pinned, Via: r.Via, ReplayOf: r.ReplayOf, Note: r.Note, Gap: r.Gap}
}

// ListedCapture is a capture as far as a row knows it: without header and body.
func ListedCapture(r store.Row) core.Capture {
	c := core.Capture{ID: r.ID, At: r.At, Source: r.Source, Name: r.Name, Event: core.Event{Type: r.Event, ID: r.EventID}, Took: r.Took, Via: r.Via, Pinned: r.Pinned,
		Note: r.Note, ReplayOf: r.ReplayOf, Request: core.Request{Method: r.Method, Target: r.Target, Size: r.Size, Truncated: r.Truncated},
		Response: core.Response{Status: r.Status}, Receipt: core.Receipt{Outcome: r.Outcome, Platform: r.Platform}}
	if r.Verdict != "" {
		c.Receipt.Verdict = &core.Verdict{State: r.Verdict}
	}
	return c
}

// CaptureJSON is a capture whole.
type CaptureJSON struct {
	ID         core.CaptureID    `json:"id"`
	At         string            `json:"at"`
	Source     string            `json:"source"`
	Platform   string            `json:"platform"`
	Method     string            `json:"method"`
	Target     string            `json:"target"`
	URL        string            `json:"url"`
	Proto      string            `json:"proto"`
	Remote     string            `json:"remote"`
	Via        string            `json:"via,omitempty"`
	Headers    Pairs             `json:"headers"`
	HeadB64    []byte            `json:"head_b64"`
	BodyB64    []byte            `json:"body_b64"`
	Size       int64             `json:"size"`
	Truncated  bool              `json:"truncated"`
	Event      string            `json:"event,omitempty"`
	EventID    string            `json:"event_id,omitempty"`
	TookMS     float64           `json:"took_ms"`
	Pinned     bool              `json:"pinned,omitempty"`
	Note       string            `json:"note,omitempty"`
	Response   ResponseJSON      `json:"response"`
	Receipt    ReceiptJSON       `json:"receipt"`
	Verdict    *VerdictJSON      `json:"verdict"`
	Work       []string          `json:"work"`
	Deliveries []core.DeliveryID `json:"deliveries"`
	Contract   string            `json:"contract,omitempty"` // kept or broken, once it was looked at
	Violations []core.Violation  `json:"violations,omitempty"`
	Drift      []DriftJSON       `json:"drift,omitempty"` // from the captures before it
}

// RequestJSON is an outgoing request.
type RequestJSON struct {
	Method  string `json:"method"`
	URL     string `json:"url"`
	Target  string `json:"target"`
	Headers Pairs  `json:"headers"`
	HeadB64 []byte `json:"head_b64,omitempty"` // every byte of it, where it was recorded
	BodyB64 []byte `json:"body_b64"`
}

// ResponseJSON is a response, ours or a receiver's.
type ResponseJSON struct {
	Status    int    `json:"status"`
	Headers   Pairs  `json:"headers"`
	BodyB64   []byte `json:"body_b64"`
	Truncated bool   `json:"truncated,omitempty"`
}

// ReceiptJSON is what became of a capture.
type ReceiptJSON struct {
	Outcome string       `json:"outcome"`
	Reason  string       `json:"reason"`
	Checks  []core.Check `json:"checks"`
	Faults  []string     `json:"faults,omitempty"`
}

// VerdictJSON is the outcome of a signature check.
type VerdictJSON struct {
	Verdict     string        `json:"verdict"`
	Scheme      string        `json:"scheme"`
	Wanted      string        `json:"wanted"`
	Got         string        `json:"got"`
	SignedParts []PartJSON    `json:"signed_parts"`
	Notes       []string      `json:"notes"`
	Findings    []FindingJSON `json:"findings"`
	Tried       int           `json:"tried"`
	Where       string        `json:"where,omitempty"`
	Algorithm   string        `json:"algorithm,omitempty"`
	Encoding    string        `json:"encoding,omitempty"`
	Key         string        `json:"key,omitempty"`
	Timestamp   string        `json:"timestamp,omitempty"`
	AgeSeconds  float64       `json:"age_seconds,omitempty"`
	ToleranceS  float64       `json:"tolerance_seconds,omitempty"`
	Covers      string        `json:"covers,omitempty"`
}

// PartJSON is a run of the signed bytes.
type PartJSON struct {
	Name     string `json:"name"`
	BytesB64 []byte `json:"bytes_b64"`
}

// FindingJSON is one cause that the doctor found.
type FindingJSON struct {
	Cause        string            `json:"cause"`
	Alternatives []string          `json:"alternatives"`
	Proof        string            `json:"proof"`
	About        string            `json:"about,omitempty"` // "came" or "computed"; findings of older versions have none
	Acts         string            `json:"acts,omitempty"`  // "sender", "between", "receiver" or "settings"
	Detail       string            `json:"detail"`
	Fix          string            `json:"fix"`
	Code         map[string]string `json:"code,omitempty"`
	Offset       *int              `json:"offset,omitempty"`
}

// VerdictOf makes the JSON of a verdict; the wanted signature is a working credential and is masked unless shown.
func VerdictOf(v *core.Verdict, showWanted bool) *VerdictJSON {
	if v == nil {
		return nil
	}
	out := &VerdictJSON{Verdict: string(v.State), Scheme: v.Scheme, Wanted: v.Wanted, Got: v.Got, SignedParts: []PartJSON{}, Notes: []string{},
		Findings: []FindingJSON{}, Tried: v.Tried, Where: v.Where, Algorithm: v.Algorithm, Encoding: v.Encoding, Key: v.Key, Covers: v.Covers,
		AgeSeconds: v.Age.Seconds(), ToleranceS: v.Tolerance.Seconds()}
	switch {
	case showWanted || v.Wanted == "":
	case v.Algorithm == "equal": // the signature is the secret itself
		out.Wanted = core.Masked
	case v.State != core.Verified:
		out.Wanted = core.Mask(v.Wanted)
	}
	if !v.Timestamp.IsZero() {
		out.Timestamp = stamp(v.Timestamp)
	}
	out.Notes = append(out.Notes, v.Notes...)
	for _, p := range v.Parts {
		if p.Name == "secret" && !showWanted {
			p.Bytes = []byte(core.Masked) // not even its beginning
		}
		out.SignedParts = append(out.SignedParts, PartJSON{p.Name, notNil(p.Bytes)})
	}
	for _, f := range v.Findings {
		j := FindingJSON{f.Cause, append([]string{}, f.Alternatives...), string(f.Proof), string(f.About), string(f.Acts), f.Detail, f.Fix, f.Code, nil}
		if f.Signed != nil && f.Offset >= 0 {
			j.Offset = &f.Offset
		}
		out.Findings = append(out.Findings, j)
	}
	return out
}

// Tell puts the doctor's answer into a verdict that has none: a search that ran out of time is told and not kept.
func (v *VerdictJSON) Tell(into *core.Verdict) {
	if v == nil || into == nil || into.Tried > 0 || len(into.Findings) > 0 {
		return
	}
	into.Tried = v.Tried
	for _, f := range v.Findings {
		into.Findings = append(into.Findings, core.Finding{Cause: f.Cause, Alternatives: f.Alternatives, Proof: core.Proof(f.Proof), About: core.About(f.About),
			Acts: core.Acts(f.Acts), Detail: f.Detail, Fix: f.Fix, Code: f.Code, Offset: -1})
	}
}

// CaptureOf makes the JSON of a capture.
func CaptureOf(c *core.Capture) CaptureJSON {
	r := &c.Request
	return CaptureJSON{
		ID: c.ID, At: stamp(c.At), Source: c.Name, Platform: c.Receipt.Platform, Method: r.Method, Target: r.Target, URL: r.URL(), Proto: r.Proto,
		Remote: r.Remote, Via: c.Via, Headers: pairs(r.Header), HeadB64: notNil(r.Head), BodyB64: notNil(r.Body), Size: r.Size, Truncated: r.Truncated,
		Event: c.Event.Type, EventID: c.Event.ID, TookMS: millis(c.Took), Pinned: c.Pinned, Note: c.Note, Response: responseOf(&c.Response),
		Receipt: ReceiptJSON{string(c.Receipt.Outcome), c.Receipt.Reason, append([]core.Check{}, c.Receipt.Checks...), c.Receipt.Faults},
		Verdict: VerdictOf(c.Receipt.Verdict, false), Work: append([]string{}, c.Work...), Deliveries: append([]core.DeliveryID{}, c.Deliveries...),
	}
}

// Line is c without header and body.
func (c *CaptureJSON) Line() CaptureLine {
	verdict := ""
	if c.Verdict != nil {
		verdict = c.Verdict.Verdict
	}
	return CaptureLine{ID: c.ID, At: c.At, Source: c.Source, Platform: c.Platform, Method: c.Method, Target: c.Target, Event: c.Event, EventID: c.EventID,
		Verdict: verdict, Outcome: c.Receipt.Outcome, Status: c.Response.Status, Size: c.Size, TookMS: c.TookMS, Truncated: c.Truncated, Pinned: c.Pinned,
		Via: c.Via, Note: c.Note}
}

func responseOf(r *core.Response) ResponseJSON {
	return ResponseJSON{r.Status, pairs(r.Header), notNil(r.Body), r.Truncated}
}

// WorkJSON is a work item whole.
type WorkJSON struct {
	ID            string             `json:"id"`
	Platform      string             `json:"platform"`
	Source        string             `json:"source"`
	Capture       core.CaptureID     `json:"capture"`
	State         string             `json:"state"`
	Final         bool               `json:"final"`
	States        []core.StateAt     `json:"states"`
	Steps         []StepJSON         `json:"steps"`
	CostUSD       float64            `json:"cost_usd"`
	SessionKey    string             `json:"session_key,omitempty"`
	Title         string             `json:"title,omitempty"`
	Payload       any                `json:"payload,omitempty"`
	Input         any                `json:"input,omitempty"`
	Output        any                `json:"output,omitempty"`
	Notifications []NotificationJSON `json:"notifications"`
	Deliveries    []core.DeliveryID  `json:"deliveries"`
}

// StepJSON is one span of a work item's timeline.
type StepJSON struct {
	Name    string  `json:"name"`
	Detail  string  `json:"detail,omitempty"`
	Started string  `json:"started"`
	TookMS  float64 `json:"took_ms"`
	CostUSD float64 `json:"cost_usd"`
	Error   string  `json:"error,omitempty"`
}

// NotificationJSON is a message that a platform would have sent to a chat.
type NotificationJSON struct {
	Chat string `json:"chat"`
	Text string `json:"text"`
	At   string `json:"at"`
}

// WorkOf makes the JSON of a work item.
func WorkOf(w *core.WorkItem) WorkJSON {
	out := WorkJSON{ID: w.ID, Platform: w.Platform, Source: w.SourceName, Capture: w.Capture, State: w.State, Final: w.Final,
		States: append([]core.StateAt{}, w.States...), Steps: []StepJSON{}, CostUSD: w.Cost, SessionKey: w.Session, Title: w.Title,
		Payload: w.Payload, Input: w.Input, Output: w.Output, Notifications: []NotificationJSON{}, Deliveries: append([]core.DeliveryID{}, w.Deliveries...)}
	for i := range out.States {
		out.States[i].At = out.States[i].At.UTC()
	}
	for _, s := range w.Steps {
		out.Steps = append(out.Steps, StepJSON{s.Name, s.Detail, stamp(s.Started), millis(s.Took), s.Cost, s.Error})
	}
	for _, n := range w.Notes {
		out.Notifications = append(out.Notifications, NotificationJSON{n.Chat, n.Text, stamp(n.At)})
	}
	return out
}

// DeliveryJSON is a delivery whole, or without attempts in lists.
type DeliveryJSON struct {
	ID       core.DeliveryID `json:"id"`
	Endpoint string          `json:"endpoint"`
	URL      string          `json:"url"`
	Event    string          `json:"event"`
	EventID  string          `json:"event_id,omitempty"`
	State    string          `json:"state"`
	Reason   string          `json:"reason,omitempty"`
	Due      string          `json:"due"`
	ReplayOf core.CaptureID  `json:"replay_of,omitempty"`
	Work     string          `json:"work,omitempty"`
	Batch    string          `json:"batch,omitempty"`
	Wrong    string          `json:"wrong,omitempty"`   // wrong on purpose, in this way
	Forgery  string          `json:"forgery,omitempty"` // it was accepted all the same, in a sentence
	Attempts []AttemptJSON   `json:"attempts"`
}

// AttemptJSON is one try: a response or a failure.
type AttemptJSON struct {
	Number   int           `json:"number"`
	Started  string        `json:"started"`
	TookMS   float64       `json:"took_ms"`
	Request  RequestJSON   `json:"request"`
	Response *ResponseJSON `json:"response"`
	Failure  *string       `json:"failure"`
	Detail   string        `json:"detail,omitempty"`
	Timings  TimingsJSON   `json:"timings"`
	Peer     string        `json:"peer,omitempty"`
	TLS      string        `json:"tls,omitempty"`
	Next     string        `json:"next,omitempty"`
}

// TimingsJSON are the phases of an exchange.
type TimingsJSON struct {
	DNSMS       float64 `json:"dns_ms"`
	ConnectMS   float64 `json:"connect_ms"`
	TLSMS       float64 `json:"tls_ms"`
	FirstByteMS float64 `json:"first_byte_ms"`
	BodyMS      float64 `json:"body_ms"`
	TotalMS     float64 `json:"total_ms"`
}

// DeliveryOf makes the JSON of a delivery; endpoint is its endpoint's id as its platform shows it.
func DeliveryOf(d *core.Delivery, endpoint string, attempts []core.Attempt) DeliveryJSON {
	out := DeliveryJSON{ID: d.ID, Endpoint: endpoint, URL: d.Target.URL, Event: d.Event.Type, EventID: d.Event.ID, State: string(d.State), Reason: d.Reason,
		Due: stamp(d.Due), ReplayOf: d.ReplayOf, Work: d.Work, Batch: d.Batch, Wrong: d.Target.Wrong, Attempts: []AttemptJSON{}}
	for i := range attempts {
		out.Attempts = append(out.Attempts, AttemptOf(&attempts[i]))
	}
	return out
}

// AttemptOf makes the JSON of an attempt.
func AttemptOf(a *core.Attempt) AttemptJSON {
	t := a.Timings
	out := AttemptJSON{Number: a.Number, Started: stamp(a.Started), TookMS: millis(a.Took), Detail: a.Detail, Peer: a.Peer, TLS: a.TLS,
		Request: RequestJSON{a.Request.Method, a.Request.URL(), a.Request.Target, pairs(a.Request.Header), a.Request.Head, notNil(a.Request.Body)},
		Timings: TimingsJSON{millis(t.DNS), millis(t.Connect), millis(t.TLS), millis(t.FirstByte), millis(t.Body), millis(t.Total)}}
	if a.Response != nil {
		r := responseOf(a.Response)
		out.Response = &r
	}
	if a.Failure != "" {
		f := string(a.Failure)
		out.Failure = &f
	}
	if !a.Retry.IsZero() {
		out.Next = stamp(a.Retry)
	}
	return out
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// notNil keeps an empty body an empty string in JSON instead of null.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
