package relay

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"hookglass/core"
	"hookglass/core/store"
)

// Retention is how long a space keeps captures, and how much of them.
type Retention struct {
	Age   time.Duration `json:"age"`
	Bytes int64         `json:"bytes"`
}

// DefaultRetention is that of a new space.
var DefaultRetention = Retention{Age: 14 * 24 * time.Hour, Bytes: 8 << 30}

// dedupe is how long the broker knows a message that it has.
const dedupe = 2 * time.Minute

// Cursor is how far a hub has published, and what it knows of the stream then.
type Cursor struct {
	Began    core.CaptureID `json:"began"` // nothing up to it is the space's: it was here before the hub was one
	Done     core.CaptureID `json:"done"`
	Epoch    string         `json:"epoch"`
	Sequence uint64         `json:"sequence"` // the last that was acknowledged
}

// cursorOf is the setting that holds the cursor of a space.
func cursorOf(space string) string { return "hub/cursor/" + space }

// Publisher publishes the captures of a history to a space: Begin, then Run.
type Publisher struct {
	Store     *store.Store
	JS        jetstream.JetStream
	Space     string
	Hub       string // what this hub is called in messages
	Retention Retention
	Replicas  int // of stream and bodies; 0: three in a cluster that has them, else one
	Redact    func(*core.Capture) (masked []string, byToken bool)
	Readers   func() []Reader
	Bucketed  func(source string) error // told before the first large body of a source is put away

	mu      sync.Mutex
	status  Published
	buckets map[string]bool
}

// Published is how a publisher stands.
type Published struct {
	Cursor   Cursor
	Stream   uint64 // messages that the space holds
	Bytes    uint64
	Refilled int    // how often it found that the broker had lost something, and gave it again
	Trouble  string // why nothing is published now; empty: it is
}

// Status is how the publisher stands.
func (p *Publisher) Status() Published {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

func (p *Publisher) note(change func(*Published)) {
	p.mu.Lock()
	change(&p.status)
	p.mu.Unlock()
}

// batch bounds how much is under way at once.
const (
	batchCount = 200
	batchBytes = 8 << 20
)

// Run publishes until ctx ends. Nothing that goes wrong ends it: the cursor waits, and the same is tried again, under the same id.
func (p *Publisher) Run(ctx context.Context) error {
	p.buckets = map[string]bool{}
	wait := time.Duration(0)
	for ready := false; ctx.Err() == nil; {
		rev := p.Store.Feed().Rev()
		n, err := 0, error(nil)
		if !ready {
			err = p.prepare(ctx)
		}
		if err == nil {
			n, err = p.publish(ctx)
		}
		if ready = err == nil; !ready && ctx.Err() == nil {
			p.note(func(s *Published) { s.Trouble = err.Error() })
			wait = min(max(2*wait, 250*time.Millisecond), 15*time.Second)
			core.Pause(ctx, wait)
			continue
		}
		wait = 0
		p.note(func(s *Published) { s.Trouble = "" })
		if n == 0 {
			short, cancel := context.WithTimeout(ctx, lookEvery)
			_, err := p.Store.Feed().Wait(short, rev)
			cancel()
			ready = err == nil // from time to time it is looked whether the broker still has what it had
		}
	}
	return nil
}

// lookEvery is how often a hub with nothing to publish looks at the stream.
const lookEvery = 15 * time.Second

// prepare makes what is missing at the broker, and moves the cursor back to where the broker's own knowledge ends.
func (p *Publisher) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	s, err := p.stream(ctx)
	if err != nil {
		return err
	}
	info := s.CachedInfo()
	epoch := EpochOf(info)
	for _, r := range p.Readers() {
		if err := Admit(ctx, p.JS, p.Space, epoch, &r); err != nil {
			return err
		}
	}
	now := p.Status().Cursor
	if now.Epoch == epoch && info.State.LastSeq >= now.Sequence {
		p.note(func(st *Published) { st.Cursor, st.Stream, st.Bytes = now, info.State.Msgs, info.State.Bytes })
		return nil
	}
	again := now.Epoch != ""
	if now, err = p.resume(ctx, s, now, epoch); err != nil {
		return err
	}
	p.note(func(st *Published) {
		if st.Cursor, st.Stream, st.Bytes = now, info.State.Msgs, info.State.Bytes; again {
			st.Refilled++
		}
	})
	return p.Store.PutSetting(cursorOf(p.Space), now)
}

// Begin reads where the hub stands. A new one begins with what comes from now on.
func (p *Publisher) Begin(ctx context.Context) error {
	c := Cursor{Began: -1}
	if err := p.Store.Setting(ctx, cursorOf(p.Space), &c); err != nil {
		return err
	}
	if c.Began < 0 {
		newest, err := p.Store.NumberAt(ctx, farFuture)
		if err != nil {
			return err
		}
		c.Began, c.Done = newest, newest
		if err := p.Store.PutSetting(cursorOf(p.Space), c); err != nil {
			return err
		}
	}
	p.note(func(s *Published) { s.Cursor = c })
	return nil
}

var farFuture = time.Unix(1<<33, 0)

// resume finds where to go on in a stream that is another, or has less, than the cursor knew: behind its last message of this hub,
// else where its retention begins.
func (p *Publisher) resume(ctx context.Context, s jetstream.Stream, now Cursor, epoch string) (Cursor, error) {
	info := s.CachedInfo()
	now.Epoch, now.Sequence = epoch, info.State.LastSeq
	if info.State.Msgs > 0 {
		m, err := s.GetMsg(ctx, info.State.LastSeq)
		if err != nil {
			return now, fmt.Errorf("read the last message of the space: %w", err)
		}
		hub, number, _ := strings.Cut(m.Header.Get(jetstream.MsgIDHeader), ".")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil && hub == p.Hub {
			now.Done = max(core.CaptureID(n), now.Began)
			return now, nil
		}
	}
	old, err := p.Store.NumberAt(ctx, time.Now().Add(-p.Retention.Age))
	now.Done = max(old, now.Began)
	return now, err
}

// EpochOf tells a stream from another one that has its name later.
func EpochOf(info *jetstream.StreamInfo) string {
	return strconv.FormatInt(info.Created.UnixNano(), 36)
}

// stream is the space's, made where there is none.
func (p *Publisher) stream(ctx context.Context) (jetstream.Stream, error) {
	s, err := p.JS.Stream(ctx, Stream(p.Space))
	if err == nil {
		cfg := s.CachedInfo().Config
		if cfg.MaxAge != p.Retention.Age || cfg.MaxBytes != p.Retention.Bytes {
			cfg.MaxAge, cfg.MaxBytes, cfg.Duplicates = p.Retention.Age, p.Retention.Bytes, min(dedupe, p.Retention.Age)
			s, err = p.JS.UpdateStream(ctx, cfg)
		}
		return s, err
	}
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("ask for the space's stream: %w", err)
	}
	cfg := jetstream.StreamConfig{Name: Stream(p.Space), Description: "Captures of the space " + p.Space, Subjects: []string{Everything(p.Space)}, Storage: jetstream.FileStorage,
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, MaxAge: p.Retention.Age, MaxBytes: p.Retention.Bytes, Duplicates: min(dedupe, p.Retention.Age), Replicas: p.replicas()}
	if s, err = p.JS.CreateStream(ctx, cfg); err != nil {
		return nil, fmt.Errorf("make the space's stream: %w", err)
	}
	return s, nil
}

func (p *Publisher) replicas() int {
	switch nc := p.JS.Conn(); {
	case p.Replicas > 0:
		return p.Replicas
	case nc.ConnectedClusterName() != "" && len(nc.Servers()) > 2:
		return 3
	}
	return 1
}

// flying is a capture that was sent and is not acknowledged yet.
type flying struct {
	id  core.CaptureID
	ack jetstream.PubAckFuture
}

// publish publishes what there is, and says how many. What was acknowledged in order is behind the cursor, whatever became of the rest.
// While the broker writes what was sent, the next captures are read.
func (p *Publisher) publish(ctx context.Context) (n int, err error) {
	sent := p.Status().Cursor.Done
	last := map[string]core.CaptureID{} // by source, among those that were sent
	var flight []flying
	for ctx.Err() == nil {
		all, err := p.Store.Outgoing(ctx, sent, batchCount, batchBytes)
		if err != nil {
			return n, err
		}
		for i := range all {
			m, err := p.pack(ctx, &all[i], last)
			if err != nil {
				return n, err
			}
			ack, err := p.JS.PublishMsgAsync(m, jetstream.WithExpectStream(Stream(p.Space)))
			if err != nil {
				return n, err
			}
			sent = all[i].ID
			flight = append(flight, flying{sent, ack})
		}
		if len(flight) == 0 {
			return n, nil
		}
		settle := len(flight)
		if len(all) == batchCount { // more is to come: this batch is on its way while the next one is read
			settle = max(settle-batchCount, 0)
		}
		done, err := p.settle(ctx, flight[:settle])
		if n += done; err != nil {
			return n, err
		}
		flight = flight[settle:]
	}
	return n, ctx.Err()
}

// settle waits for acknowledgements and moves the cursor behind those that came, in order.
func (p *Publisher) settle(ctx context.Context, flight []flying) (n int, err error) {
	if len(flight) == 0 {
		return 0, nil
	}
	now := p.Status().Cursor
	timeout := time.NewTimer(30 * time.Second)
	defer timeout.Stop()
	for _, f := range flight {
		select {
		case ok := <-f.ack.Ok():
			now.Done, now.Sequence = f.id, max(now.Sequence, ok.Sequence)
			n++
			continue
		case err = <-f.ack.Err():
		case <-timeout.C:
			err = errors.New("the broker does not acknowledge")
		case <-ctx.Done():
			err = ctx.Err()
		}
		break
	}
	if n == 0 {
		return 0, err
	}
	p.note(func(s *Published) { s.Cursor = now })
	return n, errors.Join(err, p.Store.PutSetting(cursorOf(p.Space), now))
}

// pack makes the message of a capture; a large body is put away first.
func (p *Publisher) pack(ctx context.Context, c *core.Capture, last map[string]core.CaptureID) (*nats.Msg, error) {
	key := fmt.Sprint(c.Source, " ", c.Name)
	previous, ok := last[key]
	if !ok {
		var err error
		if previous, err = p.Store.Previous(ctx, c); err != nil {
			return nil, err
		}
	}
	if last[key] = c.ID; previous <= p.Status().Cursor.Began {
		previous = 0 // it was never the space's
	}
	masked, byToken := p.Redact(c)
	m := Pack(c, p.Hub, previous, masked, byToken)
	if len(m.Body) > Inline {
		bucket := Bucket(p.Space, c.Name)
		if !p.buckets[bucket] {
			if err := p.Bucketed(c.Name); err != nil {
				return nil, err
			}
			p.buckets[bucket] = true
		}
		if err := putObject(ctx, p.JS, bucket, m.Meta.SHA256, m.Body, p.Retention.Age, p.replicas()); err != nil {
			return nil, err
		}
		m.Meta.Object, m.Body = bucket, nil
	}
	data, err := m.Encode()
	if err != nil {
		return nil, err
	}
	return &nats.Msg{Subject: Subject(p.Space, c.Name, c.Event.Type), Data: data, Header: nats.Header{jetstream.MsgIDHeader: {m.Meta.ID()}}}, nil
}
