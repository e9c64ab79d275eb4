package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/shrink"
	"hookglass/core/store"
)

// ShrinkRequest asks for the smallest body that a handler still fails at.
type ShrinkRequest struct {
	Capture   core.CaptureID `json:"capture"`
	To        string         `json:"to"`
	Most      int            `json:"most,omitempty"`      // bodies that are sent; 0: 200
	Elsewhere bool           `json:"elsewhere,omitempty"` // the user agrees to an address that is not this machine

	Progress func(tries, size int) `json:"-"`
}

// Shrunk is what was found.
type Shrunk struct {
	Capture core.CaptureID `json:"capture"`
	To      string         `json:"to"`
	Answer  string         `json:"answer"` // how the handler fails
	Tries   int            `json:"tries"`
	Was     int            `json:"was"` // bytes
	Size    int            `json:"size"`
	Body    []byte         `json:"body_b64"`
	Whole   bool           `json:"whole"` // nothing smaller was left to try
	Draft   int64          `json:"draft"` // under which it is kept for Compose; 0: nothing smaller was found
}

// mostShrinkTries bounds what is sent.
const mostShrinkTries = 5000

// Check refuses what must not be sent.
func (r *ShrinkRequest) Check() error {
	if err := CheckURL("to", r.To); err != nil {
		return err
	}
	if !Loopback(r.To) && !r.Elsewhere {
		return &core.Invalid{Field: "to", Reason: "is not this machine, and up to 200 bodies would go there; say that you want that, or name a handler at 127.0.0.1"}
	}
	if r.Most < 0 || r.Most > mostShrinkTries || r.Most > 0 && r.Most < 3 {
		return &core.Invalid{Field: "most", Reason: fmt.Sprintf("want 3 to %d", mostShrinkTries)}
	}
	return nil
}

// Shrink sends ever smaller bodies of a capture to a handler that fails at it, each signed anew, and keeps the smallest that it
// still fails at, in the same way, as a draft. Nothing is sent but to the address that is named; ctx ends it.
func (o *Outbox) Shrink(ctx context.Context, r ShrinkRequest) (Shrunk, error) {
	if err := r.Check(); err != nil {
		return Shrunk{}, err
	}
	if r.Most == 0 {
		r.Most = shrink.Most
	}
	c, err := o.store.Capture(ctx, r.Capture)
	if errors.Is(err, core.ErrNotFound) {
		return Shrunk{}, &core.Invalid{Field: "capture", Reason: fmt.Sprintf("there is no capture %d", r.Capture)}
	}
	if err != nil {
		return Shrunk{}, err
	}
	if c.Request.Truncated || !json.Valid(c.Request.Body) {
		return Shrunk{}, &core.Invalid{Field: "capture", Reason: "its body is no JSON, or is not whole: only the parts of JSON can be taken away"}
	}
	try := shrinking{o: o, c: &c, to: r.To}
	if try.scheme, try.secret, err = o.signingOf(ctx, &c); err != nil {
		return Shrunk{}, err
	}
	if try.secret == "" {
		try.scheme = "" // it goes with the signature that it came with
	}
	first := try.send(ctx, c.Request.Body)
	if first.dead {
		return Shrunk{}, &core.Invalid{Field: "to", Reason: "no answer came: " + first.said + "; start the handler there, or name another address"}
	}
	if !first.fails {
		return Shrunk{}, &core.Invalid{Field: "to", Reason: "the handler does not fail at it: " + first.said + "; only what is answered with 5xx, or not at all, can be made smaller"}
	}
	second := try.send(ctx, c.Request.Body)
	if !second.fails {
		return Shrunk{}, &core.Invalid{Field: "to", Reason: "the handler failed once and then did not (" + first.said + ", then " + second.said + "): it does not go by the body alone"}
	}
	steady := first.print == second.print // else it says something else each time, and only its status counts
	tries := 2
	found := shrink.Find(c.Request.Body, r.Most-2, func(body []byte) (failed, stop bool) {
		tries++
		got := try.send(ctx, body)
		failed = got.fails && got.kind == first.kind && (!steady || got.print == first.print)
		if failed && r.Progress != nil {
			r.Progress(tries, len(body))
		}
		return failed, ctx.Err() != nil || got.dead
	})
	if ctx.Err() != nil {
		return Shrunk{}, ctx.Err()
	}
	out := Shrunk{Capture: r.Capture, To: r.To, Answer: first.said, Tries: tries, Was: len(c.Request.Body), Size: len(found.Body), Body: found.Body, Whole: found.Whole}
	if found.Smaller {
		out.Draft, err = try.keep(found.Body)
	}
	return out, err
}

// shrinking is the sending of one capture's bodies.
type shrinking struct {
	o      *Outbox
	c      *core.Capture
	to     string
	scheme string
	secret core.SecretRef
}

// outcome is how a handler took a body.
type outcome struct {
	fails bool
	dead  bool // nothing listens there any more
	kind  string
	print string // of the answer, without what is another each time
	said  string
}

// changing is what differs between two answers that mean the same: numbers, ids, addresses.
var changing = regexp.MustCompile(`[0-9a-fA-F]{6,}|[0-9]+`)

const shrinkTimeout = 10 * time.Second

func (s *shrinking) send(ctx context.Context, body []byte) outcome {
	r := s.c.Request
	r.Body, r.Size, r.Head = body, int64(len(body)), nil
	r.Header = r.Header.Without("Content-Length", "Content-Encoding")
	d := core.Delivery{Target: core.Target{URL: s.to, Method: r.Method, Scheme: s.scheme, Secret: s.secret, Timeout: shrinkTimeout}, Event: core.Event{Type: s.c.Event.Type, ID: s.c.Event.ID},
		Request: r, Resign: s.scheme != "", ReplayOf: s.c.ID}
	a := s.o.sender.Send(ctx, d, 1, time.Now())
	if a.Response == nil {
		dead := a.Failure == deliver.Refused || a.Failure == deliver.Unreachable || a.Failure == deliver.DNS || a.Failure == deliver.NotSigned || a.Failure == deliver.BadRequest || a.Failure == deliver.Cancelled
		return outcome{fails: !dead, dead: dead, kind: string(a.Failure), said: string(a.Failure) + detail(a.Detail)}
	}
	status := a.Response.Status
	return outcome{fails: status >= http.StatusInternalServerError, kind: strconv.Itoa(status), print: string(changing.ReplaceAll(bytes.TrimSpace(a.Response.Body), []byte("#"))), said: "it answered " + strconv.Itoa(status)}
}

func detail(text string) string {
	if text == "" {
		return ""
	}
	return ", " + text
}

// keep makes a draft of a body, as Compose reads one.
func (s *shrinking) keep(body []byte) (int64, error) {
	doc, err := json.Marshal(map[string]any{"event": s.c.Event.Type, "method": s.c.Request.Method, "url": s.to, "header": s.c.Request.Header.EndToEnd().Without("Host", "Content-Length"), "body": body,
		"scheme": s.scheme, "secret": s.secret, "event_id": s.c.Event.ID})
	if err != nil {
		return 0, err
	}
	d := store.Draft{Name: fmt.Sprintf("Smallest failing body of capture %d", s.c.ID), Doc: doc, Updated: time.Now()}
	err = s.o.store.PutDraft(&d)
	return d.ID, err
}

func (c *Control) shrink(r *http.Request) (any, error) {
	var in ShrinkRequest
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return c.e.Outbox.Shrink(r.Context(), in)
}
