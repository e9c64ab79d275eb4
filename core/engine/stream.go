package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// CaptureNews is a capture that came, as serve prints it and the stream tells it. Event is "capture", so that the event's own
// type stands beside.
type CaptureNews struct {
	Event string `json:"event"`
	CaptureLine
	Type string `json:"type,omitempty"`
}

// CaptureNewsOf makes it of a row.
func CaptureNewsOf(r store.Row) CaptureNews { return CaptureNews{"capture", LineOf(r), r.Event} }

// AttemptNews is an attempt that ended.
type AttemptNews struct {
	Event    string          `json:"event"`
	Delivery core.DeliveryID `json:"delivery"`
	AttemptJSON
}

// AttemptNewsOf makes it of an attempt.
func AttemptNewsOf(a *core.Attempt) AttemptNews {
	return AttemptNews{"attempt", a.Delivery, AttemptOf(a)}
}

// told is how much of what happened somebody was told. Attempts end in another order than they begin, so those that were passed
// over while they were under way are named.
type told struct {
	capture core.CaptureID
	attempt int64
	open    []int64
}

// mostOpen bounds how many attempts under way an id names; beyond, the oldest are not told to who comes back.
const mostOpen = 64

// String is what Last-Event-ID brings back: the capture, the attempt, and the attempts passed over.
func (t told) String() string {
	text := fmt.Sprintf("%d-%d", t.capture, t.attempt)
	for _, place := range t.open[max(0, len(t.open)-mostOpen):] {
		text += "." + strconv.FormatInt(place, 10)
	}
	return text
}

func parseTold(text string) (t told, err error) {
	capture, rest, ok := strings.Cut(text, "-")
	var numbers []int64
	for _, part := range append([]string{capture}, strings.Split(rest, ".")...) {
		n, err := strconv.ParseInt(part, 10, 64)
		ok = ok && err == nil && n >= 0 && len(numbers) < mostOpen+2
		if !ok {
			return t, &core.Invalid{Field: "Last-Event-ID", Reason: "is no id of this stream; send the last one that it gave, or none to begin now"}
		}
		numbers = append(numbers, n)
	}
	return told{core.CaptureID(numbers[0]), numbers[1], numbers[2:]}, nil
}

// toldSoFar is where one begins who wants to hear what happens from now on.
func toldSoFar(ctx context.Context, st *store.Store) (t told, err error) {
	if t.capture, err = newest(ctx, st); err == nil {
		t.attempt, t.open, err = st.TriedSoFar(ctx)
	}
	return t, err
}

// follower tells what happens, in the order in which it is seen, to tell, with how much was told by then.
type follower struct {
	st   *store.Store
	q    store.Query
	at   told
	new  newcomers // of captures
	tell func(at told, event string, news any) error
}

// News is what happens from a moment on: captures as they are stored, attempts as they end.
type News struct{ f *follower }

// NewsFromNow begins with the next capture and the next attempt.
func NewsFromNow(ctx context.Context, st *store.Store) (News, error) {
	at, err := toldSoFar(ctx, st)
	return News{&follower{st: st, at: at, new: newcomers{begun: time.Now()}}}, err
}

// Tell hands on each CaptureNews and AttemptNews, until ctx ends. What could not be read is looked for again with the next change.
func (n News) Tell(ctx context.Context, tell func(news any)) {
	n.f.tell = func(_ told, _ string, news any) error { tell(news); return nil }
	for {
		rev := n.f.st.Feed().Rev()
		n.f.look(ctx)
		if _, err := n.f.st.Feed().Wait(ctx, rev); err != nil {
			return
		}
	}
}

// look tells what happened since the last look. A capture comes before the attempts to send it on: those are listed first.
func (f *follower) look(ctx context.Context) error {
	for {
		tried, err := f.st.TriedAfter(ctx, f.at.attempt, f.at.open, together)
		if err != nil {
			return err
		}
		if err := f.captures(ctx); err != nil {
			return err
		}
		more, err := f.attempts(ctx, tried)
		if err != nil || !more {
			return err
		}
	}
}

// together is how many rows are read at once.
const together = 500

func (f *follower) captures(ctx context.Context) error {
	now := time.Now()
	top, err := newest(ctx, f.st)
	if err != nil {
		return err
	}
	f.new.after = f.at.capture
	ids, err := f.new.matching(ctx, f.st, f.q)
	if err != nil {
		return err
	}
	for to := len(ids); to > 0; {
		from := max(0, to-together)
		rows, err := f.st.Rows(ctx, f.q, ids[to-1], ids[from])
		if err != nil {
			return err
		}
		for i := len(rows) - 1; i >= 0; i-- {
			f.at.capture = rows[i].ID
			if err := f.tell(f.at, "capture", CaptureNewsOf(rows[i])); err != nil {
				return err
			}
		}
		to = from
	}
	f.at.capture, f.new.begun = top, now
	if len(ids) > 0 {
		f.at.capture = max(top, ids[0])
	}
	return nil
}

// attempts tells of one portion, and whether there may be more.
func (f *follower) attempts(ctx context.Context, tried []store.Tried) (more bool, err error) {
	if len(tried) == 0 { // the newest may have been deleted, and their places are given anew
		last, _, err := f.st.TriedSoFar(ctx)
		f.at.attempt, f.at.open = min(f.at.attempt, last), nil
		return false, err
	}
	behind := 0
	f.at.open = slices.DeleteFunc(slices.Clone(f.at.open), func(place int64) bool { // those whose rows are gone
		return !slices.ContainsFunc(tried, func(t store.Tried) bool { return t.Place == place })
	})
	for _, t := range tried {
		if t.Place > f.at.attempt {
			f.at.attempt = t.Place
			behind++
			if !t.Done {
				f.at.open = append(f.at.open, t.Place)
			}
		} else if t.Done {
			f.at.open = slices.DeleteFunc(slices.Clone(f.at.open), func(place int64) bool { return place == t.Place })
		}
		if !t.Done {
			continue
		}
		if err := f.attempt(ctx, t); err != nil {
			return false, err
		}
	}
	return behind >= together, nil
}

func (f *follower) attempt(ctx context.Context, t store.Tried) error {
	if !f.q.Everything() {
		if n, err := f.st.Count(ctx, f.q.And(One(t.ReplayOf))); err != nil || n == 0 {
			return err
		}
	}
	a, err := f.st.Attempt(ctx, t.Delivery, t.Number)
	if errors.Is(err, core.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	return f.tell(f.at, "attempt", AttemptNewsOf(&a))
}

// stillHere is how often a quiet stream shows that it is open.
const stillHere = 15 * time.Second

// stream tells what happens as server-sent events, until the caller goes.
func (c *Control) stream(w http.ResponseWriter, r *http.Request) {
	f, err := c.follower(r)
	if err != nil {
		reply(w, http.StatusOK, nil, err)
		return
	}
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	f.tell = func(at told, event string, news any) error {
		if _, err := fmt.Fprintf(w, "id: %s\nevent: %s\ndata: ", at, event); err != nil {
			return err
		}
		if err := WriteJSON(w, news); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\n")
		return err
	}
	fmt.Fprintf(w, "id: %s\n: what happens from here on\n\n", f.at)
	for {
		rev := c.e.Store.Feed().Rev()
		if f.look(r.Context()) != nil || out.Flush() != nil {
			return // it takes the stream up again at the last event
		}
		for {
			short, cancel := context.WithTimeout(r.Context(), stillHere)
			_, err := c.e.Store.Feed().Wait(short, rev)
			cancel()
			if err == nil {
				break
			}
			if r.Context().Err() != nil {
				return
			}
			io.WriteString(w, ": still here\n\n")
			if out.Flush() != nil {
				return
			}
		}
	}
}

// follower begins where the caller asks: behind the last event that it has, behind a capture, at a time, or now.
func (c *Control) follower(r *http.Request) (*follower, error) {
	v := r.URL.Query()
	q, err := store.ParseQuery(v.Get("query"), time.Now())
	if err != nil {
		return nil, err
	}
	f := &follower{st: c.e.Store, q: q, new: newcomers{begun: time.Now()}}
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		f.at, err = parseTold(last)
		return f, err
	}
	if f.at, err = toldSoFar(r.Context(), c.e.Store); err != nil {
		return nil, err
	}
	since, err := seconds(v.Get("since_s"), "since_s", 0, longestSince)
	if err != nil {
		return nil, err
	}
	if since > 0 {
		f.at.capture, f.new.within = 0, from(time.Now().Add(-since))
	}
	if text := v.Get("after"); text != "" {
		after, err := count(text, "after", 0, 1<<62)
		if err != nil {
			return nil, err
		}
		f.at.capture = core.CaptureID(after)
	}
	return f, nil
}

// ReadStream reads server-sent events to their end, and yields each.
func ReadStream(in io.Reader, yield func(event string, data []byte) error) error {
	lines := bufio.NewReader(in)
	event, data := "", []byte(nil)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			event = value
		case "data":
			data = append(data, value...)
		case "":
			if line == "" && data != nil {
				if err := yield(event, data); err != nil {
					return err
				}
			}
			if line == "" {
				event, data = "", nil
			}
		}
	}
}
