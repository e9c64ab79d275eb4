package capture

import (
	"net/http"
	"time"

	"hookglass/core"
)

// Before is next, which answers some requests itself and hands the others to a Handler of ours, on connections of
// [Server.Record]. What it answered is let go, so that the next request on the connection finds its own head.
func (s *Server) Before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec, recorded := r.Context().Value(connKey{}).(*conn)
		if !recorded {
			next.ServeHTTP(w, r)
			return
		}
		before := rec.taken()
		defer func() { // next may panic to break off an answer
			if rec.taken() == before {
				rec.next(r)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// Refused keeps a request that was turned away before a Handler of ours saw it: why it does not arrive is what people
// look for. One that a Handler saw is kept already.
func (s *Server) Refused(r *http.Request, status int, why string, way Way) {
	rec, ok := r.Context().Value(connKey{}).(*conn)
	if !ok || status == 0 {
		return
	}
	got := rec.next(r)
	if got.head == nil {
		return
	}
	c := &core.Capture{At: time.Now(), Via: way.Via, Request: core.Request{
		Method: r.Method, Target: r.RequestURI, Proto: r.Proto, Host: r.Host, Base: way.base(), Remote: r.RemoteAddr,
		Head: got.head, Header: got.header, Truncated: r.ContentLength != 0, Size: max(r.ContentLength, 0),
	}}
	c.Response = core.Response{Status: status, Proto: r.Proto}
	c.Receipt = core.Receipt{Outcome: core.Rejected, Reason: "the tunnel turned it away: " + why}
	if err := s.store.AddCapture(c, nil); err != nil {
		s.log.Error("capture.lost", "error", err)
	}
}
