package capture

import (
	"context"
	"net/http"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// decide lets the source's machine answer, behind the limit that the user put on the source.
func (s *Server) decide(h *host, c *core.Capture, readErr error, gone bool) (d decided) {
	in := platform.In{Now: time.Now(), Request: &c.Request, Via: c.Via}
	if out, ok := unread(gone, &c.Request, readErr); ok {
		if h != nil {
			c.Source, c.Name, out.Receipt.Platform = h.src.ID, h.src.Name, h.platform.Name
			d.host = h
		}
		if out.Response.Status != 0 {
			complete(&out.Response, in.Now)
		}
		c.Response, c.Receipt = out.Response, out.Receipt
		return decided{host: d.host, out: platform.Out{Response: out.Response, Receipt: out.Receipt}, unread: true}
	}
	if h == nil {
		out := s.unmatched(in)
		complete(&out.Response, in.Now)
		c.Response, c.Receipt, c.Event = out.Response, out.Receipt, out.Event
		c.Receipt.Outcome = core.Unmatched
		return decided{out: out}
	}
	if h.limiter == nil { // a source that refuses what is too much does not look at it either
		h.look(&in)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.moved != nil {
		h.mu.Unlock()
		<-h.moved
		h.mu.Lock()
		return s.decide(s.table.Load().route(c.Request.Path()), c, readErr, gone)
	}
	c.Source, c.Name, d.host = h.src.ID, h.src.Name, h
	in.Now = time.Now() // from here on requests have an order, which is that of their times and ids
	in.IDs, in.Endpoints = h.ids, s.endpoints(h.platform)
	d.fault = h.fault(c)
	d.out, d.held = h.receive(&in, d.fault)
	c.Promise = in.Promise
	d.turn = h.turn(&d.out)
	d.fault.Delay += d.out.Delay
	complete(&d.out.Response, in.Now)
	c.Response, c.Receipt, c.Event = d.out.Response, d.out.Receipt, d.out.Event
	c.Receipt.Platform = h.platform.Name
	c.Receipt.Faults = d.fault.Names
	if readErr != nil {
		c.Receipt.Checks = append(c.Receipt.Checks, core.Check{Name: "body", Want: "the whole body", Got: readErr.Error()})
	}
	return d
}

// look finds out what needs no more than the request: its event, its signature and, where somebody goes by it, whether it keeps the
// source's contract.
func (h *host) look(in *platform.In) {
	if in.Seen = h.machine.Look(*in); h.promise != nil {
		in.Promise = h.promise(in.Seen.Event().Type, in.Request)
	}
}

// endpoints are those of a platform as they stand now: the user may change them between two requests. Nil: not known.
func (s *Server) endpoints(p *platform.Platform) []core.Endpoint {
	if !p.Outbound {
		return nil
	}
	all, err := s.store.Endpoints(context.Background()) // a few rows; the answer waits for them
	if err != nil {
		s.log.Error("endpoints.unreadable", "platform", p.Name, "error", err)
		return nil
	}
	return endpointsOf(p.Name, all)
}

// decided is what becomes of a request, who said so, whether the source's limiter counts it as under way, and whether its body
// never came whole.
type decided struct {
	host   *host // that decided; nil: none
	out    platform.Out
	fault  Fault
	turn   *store.Turn // among what the source's machine decides; nil: nothing of it is kept
	held   bool
	unread bool

	answering core.DeliveryID // the forward whose answer is for the sender; 0: there is none
}

func (h *host) receive(in *platform.In, fault Fault) (out platform.Out, held bool) {
	if out, refused := h.platform.Management.Refusal(*in, h.src.Settings, h.token); refused {
		return out, false
	}
	if out, ok := h.limited(*in); ok {
		return out, false
	}
	if fault.Status != 0 {
		return platform.Out{Response: fault.Answer(core.Response{}, in.Now), Receipt: core.Receipt{Outcome: core.Rejected, Reason: "a fault on purpose answered instead of the platform"}}, true
	}
	if h.limiter != nil && h.promise != nil {
		h.look(in)
	}
	return h.machine.Receive(*in), true
}

// turn is the place of what the machine decided, taken while nobody else can ask it.
func (h *host) turn(out *platform.Out) *store.Turn {
	if alone(out) {
		return nil
	}
	return h.line.Turn()
}

// advance calls the machine when it is due and returns when it is next. Without a turn there is nothing to keep.
func (h *host) advance(now time.Time) (out platform.Out, turn *store.Turn, next time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.moved != nil {
		return platform.Out{}, nil, time.Time{}
	}
	if h.next.IsZero() || h.next.After(now) {
		return platform.Out{}, nil, h.next
	}
	out, h.next = h.machine.Advance(now, h.ids)
	return out, h.turn(&out), h.next
}

func (h *host) schedule(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.next.IsZero() || at.Before(h.next) {
		h.next = at
	}
}

// unmatched answers a request that no source has: with the platform's own words where its addresses look like that,
// so that a wrong id behaves as it would there.
func (s *Server) unmatched(in platform.In) platform.Out {
	in.IDs = platform.NewIDs(newRand(s.seed, ^s.asked.Add(1)))
	path := in.Request.Path()
	for _, h := range s.table.Load().firsts {
		if h.platform.Owns != nil && h.platform.Owns(path) && h.platform.Unknown != nil {
			out := h.platform.Unknown(in, h.src.Profile)
			out.Receipt.Platform = h.platform.Name
			if out.Receipt.Reason == "" {
				out.Receipt.Reason = "no " + h.platform.Title + " source has this address"
			}
			return out
		}
	}
	return platform.Out{
		Response: core.Response{Status: http.StatusNotFound, Header: core.Header{{Name: "Content-Type", Value: "application/json"}},
			Body: []byte(`{"error":"no source has this address; add one in Hookglass or correct the URL at the sender"}` + "\n")},
		Receipt: core.Receipt{Reason: "no source has the address " + path},
	}
}

// done ends what a request holds of a concurrency limit.
func (h *host) done(held bool) {
	if !held || h == nil || h.limiter == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.limiter.Release()
}

// fault plans what goes wrong with this request on purpose. It counts the request.
func (h *host) fault(c *core.Capture) Fault {
	f := h.src.Faults
	if !h.faulty {
		return Fault{}
	}
	key := faultKey(f, c)
	seen := h.seen[key]
	if f.FailFirst > 0 {
		h.seen[key]++
	}
	h.count++
	return Plan(f, key, seen, h.count)
}

func faultKey(f core.Faults, c *core.Capture) string {
	switch f.FailKey {
	case "path":
		return c.Request.Path()
	case "sender":
		return core.WithoutPort(c.Request.Remote)
	}
	if id := sign.Event(&c.Request).ID; id != "" {
		return id
	}
	return c.Request.Path()
}
