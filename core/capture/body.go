package capture

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
)

// room is the memory that the bodies under way share. What a sender announces takes none of it: what came does.
type room struct {
	mu         sync.Mutex
	used, most int64
	given      chan struct{} // closed when some is given back; nil: nobody waits
}

// errCrowded says that a body found no room.
var errCrowded = errors.New("the bodies under way together are at their bound")

// take takes more for a body that has own already. One that is alone may be as large as its source allows.
func (r *room) take(own, more int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.used+more > r.most && r.used > own {
		return errCrowded
	}
	r.used += more
	return nil
}

func (r *room) give(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.used -= n; n > 0 && r.given != nil {
		close(r.given)
		r.given = nil
	}
}

// line has a large body wait while others are at it: to read all of them at once takes more memory and brings none of them in
// sooner. It waits no longer where none of them comes to an end, so that who is slow does not hold up the others.
func (r *room) line(own, more int64) {
	var patience *time.Timer
	for began := time.Now(); time.Since(began) < lineMost; {
		r.mu.Lock()
		if r.used+more <= calm || r.used <= own {
			r.mu.Unlock()
			return
		}
		if r.given == nil {
			r.given = make(chan struct{})
		}
		given := r.given
		r.mu.Unlock()
		if patience == nil {
			patience = time.NewTimer(lineWait)
			defer patience.Stop()
		} else {
			patience.Reset(lineWait)
		}
		select {
		case <-given:
		case <-patience.C:
			return
		}
	}
}

const (
	firstPiece = 8 << 10
	known      = 64 << 10         // a body of known length up to this is read in one piece
	free       = known            // a body up to this always finds room: the number of connections bounds how many there are
	large      = 1 << 20          // of a body of known length of which so much came, the rest is taken to come as well
	calm       = 24 << 20         // bytes of large bodies that are read at once
	lineWait   = 2 * time.Second  // while none comes to its end
	lineMost   = 20 * time.Second // in all, of readTimeout
)

// readBody reads a body up to limit into req. It returns what it holds of the room, which is given back when the capture
// is stored and answered.
func (r *room) readBody(req *core.Request, body io.Reader, length, limit int64) (held int64, err error) {
	end := limit // where to stop
	if length >= 0 && length < limit {
		end = length
	}
	var b []byte
	for int64(len(b)) < end {
		if len(b) == cap(b) {
			size := max(firstPiece, 2*int64(cap(b)))
			if cap(b) == 0 && length > 0 {
				size = min(length, known)
			}
			if size = min(size, end); size > large {
				if length > 0 { // to grow by doubling would copy all of it once more
					size = end
				}
				r.line(held, size-held)
			}
			if size > free {
				if err = r.take(held, size-held); err != nil {
					break
				}
				held = size
			}
			grown := make([]byte, len(b), size)
			copy(grown, b)
			b = grown
		}
		var n int
		n, err = body.Read(b[len(b):cap(b)])
		if b = b[:len(b)+n]; err != nil {
			break
		}
	}
	if err == io.EOF {
		if err = nil; int64(len(b)) < length && int64(len(b)) < limit {
			err = io.ErrUnexpectedEOF
		}
	}
	req.Body, req.Size = b, int64(len(b))
	if err == nil && req.Size == limit && length != limit {
		var rest int64
		rest, err = io.Copy(io.Discard, io.LimitReader(body, drainLimit))
		req.Size += rest
		req.Truncated = rest > 0
	}
	if errors.Is(err, errCrowded) {
		r.give(held)
		req.Body, held = nil, 0
	}
	req.Truncated = req.Truncated || err != nil || length > req.Size
	req.Size = max(req.Size, length)
	return held, err
}

// unread answers a request whose body did not come as announced, in the place of its source: what a source does with a part
// of a body would say nothing. A body that is too long came as announced. gone says that the sender is known to have left.
func unread(gone bool, r *core.Request, err error) (out platform.Out, ok bool) {
	if err == nil {
		return out, false
	}
	var tooLong *http.MaxBytesError // not before: it would be made for every request
	if errors.As(err, &tooLong) {
		return out, false
	}
	var slow net.Error
	status, outcome, why := http.StatusBadRequest, core.Rejected, ""
	got := fmt.Sprintf("%d bytes", len(r.Body))
	switch {
	case errors.Is(err, errCrowded):
		status, outcome, why = http.StatusServiceUnavailable, core.Limited, err.Error()+"; the body was not read"
	case errors.As(err, &slow) && slow.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		status, why = http.StatusRequestTimeout, "the body did not come to its end in time"
	case gone, errors.Is(err, syscall.ECONNRESET), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		status, why = 0, "the sender broke the connection off before the body was whole, and got no answer"
	case errors.Is(err, io.ErrUnexpectedEOF):
		why = "the body ended before it was whole"
	default:
		why = "the body's chunks are not valid: " + err.Error()
	}
	out.Receipt = core.Receipt{Outcome: outcome, Reason: why, Checks: []core.Check{{Name: "body", Want: wanted(r), Got: got}}}
	if status == 0 {
		return out, true
	}
	out.Response = core.Response{Status: status, Body: []byte(why + "\n"), Header: core.Header{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}, {Name: "Connection", Value: "close"}}}
	if status == http.StatusServiceUnavailable {
		out.Response.Header = append(out.Response.Header, core.Field{Name: "Retry-After", Value: "5"})
	}
	return out, true
}

func wanted(r *core.Request) string {
	if r.Header.Has("Content-Length") && !r.Header.Has("Transfer-Encoding") {
		return fmt.Sprintf("%d bytes, as announced", r.Size)
	}
	return "the whole body"
}
