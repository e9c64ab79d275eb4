package relay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"hookglass/core"
	"hookglass/core/store"
)

// State is how a space stands at a reader.
type State string

// The states of a space.
const (
	Connecting State = "connecting"
	Connected  State = "connected"   // all that the space has is here
	CatchingUp State = "catching up" // more is coming
	Behind     State = "behind"      // no connection, so nobody knows how much there is
	Refused    State = "refused"     // the hub lets this reader in no more
)

// Followed is how a reader stands with a space.
type Followed struct {
	State    State
	Pending  uint64    // captures that are still to come
	Received int64     // taken in since the program began
	Again    int64     // came again, and were known
	Broken   int64     // messages that could not be read
	Trouble  string    // the last thing that went wrong; empty where it is over
	Since    time.Time // of the state
}

// Follower follows a space: it takes captures in, one transaction for what has come, and acknowledges after the commit.
type Follower struct {
	Invite Invite
	Queue  string
	// Take stores captures that came. An error leaves them unacknowledged: they come again.
	Take func(context.Context, []store.Arrival) error
	// Judge finishes a capture before it is stored, and says what follows from it.
	Judge func(*core.Capture, *Meta) *store.Kept
	// Changed is told that the status is another.
	Changed func()

	mu     sync.Mutex
	status Followed
	link   chan struct{} // has one when the connection changed
}

// Status is how it stands.
func (f *Follower) Status() Followed {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.status
}

func (f *Follower) note(change func(*Followed)) {
	f.mu.Lock()
	before := f.status
	change(&f.status)
	if f.status.State != before.State {
		f.status.Since = time.Now()
	}
	changed := f.status != before
	f.mu.Unlock()
	if changed && f.Changed != nil {
		f.Changed()
	}
}

// trouble puts down what keeps a reader from the space.
func (f *Follower) trouble(err error) {
	refused := errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) || errors.Is(err, nats.ErrAuthRevoked) || errors.Is(err, nats.ErrAccountAuthExpired) || errors.Is(err, nats.ErrPermissionViolation)
	f.note(func(s *Followed) {
		s.Trouble = err.Error()
		switch {
		case refused:
			s.State, s.Trouble = Refused, "the hub lets this reader in no more: the invite was revoked, or is over; ask for a new one"
		case s.State != Refused:
			s.State = Behind
		}
	})
}

// Run follows until ctx ends. What goes wrong is told by Status, and tried again.
func (f *Follower) Run(ctx context.Context) error {
	f.link = make(chan struct{}, 1)
	f.note(func(s *Followed) { s.State = Connecting })
	nc, err := f.Invite.Dial(func(*nats.Conn) {
		select {
		case f.link <- struct{}{}:
		default:
		}
	}, f.trouble)
	if err != nil {
		return fmt.Errorf("follow space %s: %w", f.Invite.Space, err)
	}
	defer nc.Close()
	js, err := jetstream.NewWithAPIPrefix(nc, apiPrefix)
	if err != nil {
		return fmt.Errorf("follow space %s: %w", f.Invite.Space, err)
	}
	for wait := time.Duration(0); ctx.Err() == nil; {
		if !nc.IsConnected() {
			select {
			case <-f.link:
			case <-ctx.Done():
			}
			continue
		}
		got, err := f.follow(ctx, nc, js)
		if ctx.Err() != nil {
			break
		}
		if err != nil && nc.IsConnected() {
			f.note(func(s *Followed) { s.State, s.Trouble = Behind, err.Error() })
		}
		if wait = min(max(2*wait, 250*time.Millisecond), 15*time.Second); got {
			wait = 250 * time.Millisecond
		}
		core.Pause(ctx, wait)
	}
	return nil
}

// A pull of a reader, and a batch of what it takes in together.
const (
	pullCount = 500
	pullBytes = 16 << 20
	takeCount = 256
)

// follow reads until something ends the pull, and says whether anything came.
func (f *Follower) follow(ctx context.Context, nc *nats.Conn, js jetstream.JetStream) (got bool, err error) {
	asking, cancel := context.WithTimeout(ctx, 15*time.Second)
	cons, err := js.Consumer(asking, Stream(f.Invite.Space), Consumer(f.Invite.Reader, f.Queue))
	cancel()
	switch {
	case errors.Is(err, jetstream.ErrConsumerNotFound), errors.Is(err, nats.ErrNoResponders):
		return false, errors.New("the hub has nothing for this reader yet; it comes when the hub is there")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
		return false, errSilent
	}
	if err != nil {
		return false, fmt.Errorf("ask for the reader's place in the space: %w", err)
	}
	info := cons.CachedInfo()
	f.pending(info.NumPending + uint64(info.NumAckPending))
	pull, err := cons.Messages(jetstream.PullMaxMessagesWithBytesLimit(pullCount, pullBytes), jetstream.PullExpiry(30*time.Second), jetstream.PullHeartbeat(5*time.Second))
	if err != nil {
		return false, fmt.Errorf("read the space: %w", err)
	}
	come := make(chan jetstream.Msg, takeCount)
	ended := make(chan error, 1)
	go func() {
		defer close(come)
		for {
			m, err := pull.Next()
			if errors.Is(err, jetstream.ErrNoHeartbeat) {
				err = errSilent // a link that is cut says nothing: it is asked anew
			}
			if err != nil {
				ended <- err
				return
			}
			come <- m
		}
	}()
	defer pull.Stop()
	defer context.AfterFunc(ctx, pull.Stop)()
	for m := range come {
		batch := []jetstream.Msg{m}
		for more := true; more && len(batch) < takeCount; {
			select {
			case m, open := <-come:
				if more = open; open {
					batch = append(batch, m)
				}
			default:
				more = false
			}
		}
		if err := f.take(ctx, nc, batch, info.Config.Metadata[epochKey]); err != nil {
			pull.Stop()
			for range come {
			}
			return got, err
		}
		got = true
	}
	err = <-ended
	if errors.Is(err, jetstream.ErrMsgIteratorClosed) {
		err = nil
	}
	return got, err
}

var errSilent = errors.New("the hub does not answer")

func (f *Follower) pending(n uint64) {
	f.note(func(s *Followed) {
		s.Pending, s.State, s.Trouble = n, Connected, ""
		if n > 0 {
			s.State = CatchingUp
		}
	})
}

// take stores what has come and acknowledges it.
func (f *Follower) take(ctx context.Context, nc *nats.Conn, batch []jetstream.Msg, epoch string) error {
	arrivals, good := make([]store.Arrival, 0, len(batch)), make([]jetstream.Msg, 0, len(batch))
	left := uint64(0)
	for _, m := range batch {
		where, err := m.Metadata()
		if err != nil {
			continue // no message of a stream
		}
		left = where.NumPending
		a, err := f.arrival(ctx, nc, m, where.Sequence.Stream, epoch, batch)
		if err != nil && ctx.Err() == nil && isBroken(err) {
			m.TermWithReason(err.Error()) // it would come for ever
			f.note(func(s *Followed) { s.Broken++; s.Trouble = err.Error() })
			continue
		}
		if err != nil {
			return err
		}
		arrivals, good = append(arrivals, a), append(good, m)
	}
	if len(arrivals) > 0 {
		if err := f.Take(ctx, arrivals); err != nil {
			return err
		}
	}
	known := int64(0)
	for i := range arrivals {
		if arrivals[i].Known {
			known++
		}
	}
	for _, m := range good {
		if err := m.Ack(); err != nil {
			return fmt.Errorf("acknowledge: %w", err) // it comes again, and is known
		}
	}
	f.note(func(s *Followed) { s.Received, s.Again = s.Received+int64(len(good))-known, s.Again+known })
	f.pending(left)
	return nil
}

// broken is a message that no second try makes readable.
type broken struct{ error }

func isBroken(err error) bool { return errors.As(err, new(broken)) }

// arrival reads a message, and its body where the object store has it. others are kept from coming again meanwhile.
func (f *Follower) arrival(ctx context.Context, nc *nats.Conn, msg jetstream.Msg, sequence uint64, epoch string, others []jetstream.Msg) (store.Arrival, error) {
	m, err := Decode(msg.Data())
	if err != nil {
		return store.Arrival{}, broken{err}
	}
	gone := false
	if x := &m.Meta; x.Object != "" {
		beat := time.Now()
		m.Body, err = getObject(ctx, nc, x.Object, x.SHA256, x.Kept, func() {
			if time.Since(beat) > 5*time.Second {
				beat = time.Now()
				for _, o := range others {
					o.InProgress()
				}
			}
		})
		switch {
		case errors.Is(err, errGone):
			gone = true
		case err != nil:
			return store.Arrival{}, err
		default:
			if err := m.Check(m.Body); err != nil {
				return store.Arrival{}, broken{err}
			}
		}
	}
	c := m.Unpack(f.Invite.Space)
	if gone {
		c.Request.Truncated = true
		c.Receipt.Checks = append(c.Receipt.Checks, core.Check{Name: CheckBody, Want: fmt.Sprintf("%d bytes", m.Meta.Kept), Got: "none: " + errGone.Error()})
	}
	a := store.Arrival{Space: f.Invite.Space, Hub: m.Meta.Hub, Number: m.Meta.Capture, Previous: m.Meta.Previous, Epoch: epoch, Sequence: sequence, Shared: f.Queue != "", Capture: &c}
	a.Kept = f.Judge(&c, &m.Meta)
	return a, nil
}
