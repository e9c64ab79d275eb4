package capture

import (
	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/store"
)

// Arrive takes in a capture that came through a team's space and was answered elsewhere: a source of that name checks its signature
// anew, as of its arrival, and sends it on. whole says that the capture is as it came. Where it is not, only a signature that holds
// all the same says anything. What is returned is to be stored with the capture.
func (s *Server) Arrive(name string, c *core.Capture, whole bool) *store.Kept {
	for _, h := range s.hosts() {
		if h.src.Name != name {
			continue
		}
		c.Source = h.src.ID
		in := platform.In{Now: c.At, Request: &c.Request, Via: c.Via}
		h.look(&in)
		seen := in.Seen
		c.Promise = in.Promise
		if e := seen.Event(); c.Event.Type == "" && c.Event.ID == "" {
			c.Event = core.Event{Type: e.Type, ID: e.ID}
		}
		if v := seen.Verdict(); v != nil && v.State != core.NoSecret && (whole || v.State == core.Verified) {
			c.Receipt.Verdict = v
		}
		kept, _ := s.kept(h, c, &platform.Out{}, nil) // whom it was for was answered
		return kept
	}
	return nil
}
