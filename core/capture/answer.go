package capture

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"hookglass/core"
	"hookglass/core/limit"
	"hookglass/core/platform"
)

// answer sends what was decided and stored. What could not be stored is not acknowledged.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, c *core.Capture, d decided, err error) {
	h := d.host
	defer h.done(d.held)
	if err != nil {
		http.Error(w, "hookglass could not store this request: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	if d.out.Told != nil {
		s.tell(h, c, d.out.Told)
	}
	if d.answering != 0 && s.Await != nil {
		c.Response = s.handedBack(r.Context(), h, c, d.answering)
	}
	ctx := r.Context()
	if d.unread {
		ctx = context.WithoutCancel(ctx) // net/http ends it with the body, and the sender may listen still
	}
	err = Write(ctx, w, c.Response, d.fault)
	if err == nil && d.unread {
		err = http.NewResponseController(w).Flush() // now it shows whether anybody is there
	}
	if err != nil {
		s.log.Debug("answer.cut", "capture", c.ID, "error", err)
		if d.unread && c.Response.Status != 0 { // nobody was there any more
			if err := s.store.SetAnswer(c.ID, core.Response{}); err != nil {
				s.log.Error("answer.lost", "capture", c.ID, "error", err)
			}
		}
		panic(http.ErrAbortHandler) // net/http's way to close a connection whose answer is not complete
	}
}

// complete fills in what the sender will see, so that the kept answer is the sent one.
func complete(resp *core.Response, now time.Time) {
	if resp.Status < 100 || resp.Status > 999 {
		resp.Status = http.StatusOK
	}
	resp.Proto = "HTTP/1.1"
	resp.Size = int64(len(resp.Body))
	resp.Header = slices.Grow(resp.Header, 2)
	if !resp.Header.Has("Date") {
		resp.Header = append(resp.Header, core.Field{Name: "Date", Value: date(now)})
	}
	if bodyAllowed(resp.Status) && !resp.Header.Has("Content-Length") && !resp.Header.Has("Transfer-Encoding") {
		resp.Header = append(resp.Header, core.Field{Name: "Content-Length", Value: strconv.Itoa(len(resp.Body))})
	}
}

// date is a time as the field Date has it: the same text for a whole second.
func date(now time.Time) string {
	second := now.Unix()
	if d := lastDate.Load(); d != nil && d.second == second {
		return d.text
	}
	d := &dated{second, now.UTC().Format(http.TimeFormat)}
	lastDate.Store(d)
	return d.text
}

type dated struct {
	second int64
	text   string
}

var lastDate atomic.Pointer[dated]

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// tell makes the answer that tells the capture's id, and keeps it before it goes out.
func (s *Server) tell(h *host, c *core.Capture, told func(core.CaptureID) core.Response) {
	h.mu.Lock()
	resp := told(c.ID)
	h.mu.Unlock()
	complete(&resp, time.Now())
	resp.Proto = c.Response.Proto
	c.Response = resp
	if err := s.store.SetAnswer(c.ID, resp); err != nil {
		s.log.Error("answer.lost", "capture", c.ID, "error", err)
	}
}

// handedBack waits for the answer of a forward target and makes it the source's.
func (s *Server) handedBack(ctx context.Context, h *host, c *core.Capture, id core.DeliveryID) core.Response {
	f := h.src.Forwards[h.src.Forwards.Answering()]
	timeout := f.Wait()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	resp, ok := s.Await(ctx, id)
	if !ok {
		resp = core.Response{Status: http.StatusGatewayTimeout, Header: core.Header{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}},
			Body: []byte("no answer from " + core.HideUserinfo(f.URL) + " within " + core.Span(timeout) + "; the capture is kept and the forward goes on\n")}
	}
	resp.Header = resp.Header.EndToEnd().Without("Content-Length")
	complete(&resp, time.Now())
	if err := s.store.SetAnswer(c.ID, resp); err != nil {
		s.log.Error("answer.lost", "capture", c.ID, "error", err)
	}
	return resp
}

// limited applies the limit that the user put on a source.
func (h *host) limited(in platform.In) (platform.Out, bool) {
	if h.limiter == nil {
		return platform.Out{}, false
	}
	d := h.limiter.Allow(in.Now)
	if d.OK {
		return platform.Out{}, false
	}
	header := core.Header{{Name: "Content-Type", Value: "application/json"}}
	if v, ok := limit.RetryAfter(h.src.Limit.RetryAfter, d.RetryAfter, in.Now); ok {
		header = append(header, core.Field{Name: "Retry-After", Value: v})
	}
	return platform.Out{
		Response: core.Response{Status: http.StatusTooManyRequests, Header: header, Body: []byte(`{"error":"too many requests"}` + "\n")},
		Receipt: core.Receipt{Outcome: core.Limited, Reason: "over the source's limit; free again in " + core.Span(d.RetryAfter),
			Checks: []core.Check{{Name: "limit", Want: "at most " + strconv.Itoa(d.Limit) + " (" + h.src.Limit.Kind + ")", Got: "one more"}}},
	}, true
}
