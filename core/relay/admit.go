package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// epochKey is where a consumer says of which stream it is.
const epochKey = "hookglass-epoch"

// Admit makes the consumers of a reader, or takes them away where it is let in no more.
func Admit(ctx context.Context, js jetstream.JetStream, space, epoch string, r *Reader) error {
	if !r.Active(time.Now()) {
		return Expel(ctx, js, space, r)
	}
	for _, name := range r.Consumers() {
		cfg := jetstream.ConsumerConfig{Durable: name, Description: "Reader " + r.Name, AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverAllPolicy,
			AckWait: 30 * time.Second, MaxAckPending: 2000, MaxWaiting: 64, FilterSubjects: r.Filter(space), Metadata: map[string]string{epochKey: epoch}}
		if _, err := js.CreateOrUpdateConsumer(ctx, Stream(space), cfg); err != nil {
			return fmt.Errorf("let reader %s in: %w", r.Name, err)
		}
	}
	return nil
}

// Expel takes a reader's consumers away.
func Expel(ctx context.Context, js jetstream.JetStream, space string, r *Reader) error {
	for _, name := range r.Consumers() {
		err := js.DeleteConsumer(ctx, Stream(space), name)
		if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return fmt.Errorf("shut reader %s out: %w", r.Name, err)
		}
	}
	return nil
}

// Standing is how far a reader has read.
type Standing struct {
	Online   bool      // it waits for captures now
	LastSeen time.Time // when it last took or acknowledged something; zero: never
	Lag      uint64    // captures that it has not acknowledged yet
}

// StandingOf asks the broker for a reader's consumers, and sums them up.
func StandingOf(ctx context.Context, js jetstream.JetStream, space string, r *Reader) (s Standing, err error) {
	for i, name := range r.Consumers() {
		c, err := js.Consumer(ctx, Stream(space), name)
		if err != nil {
			return s, err
		}
		info := c.CachedInfo()
		s.Online = s.Online || info.NumWaiting > 0
		for _, t := range []*time.Time{info.Delivered.Last, info.AckFloor.Last} {
			if t != nil && t.After(s.LastSeen) {
				s.LastSeen = *t
			}
		}
		lag := info.NumPending + uint64(info.NumAckPending)
		if i == 0 && len(r.Queues) > 0 && info.Delivered.Consumer == 0 {
			continue // only its queues are used
		}
		s.Lag = max(s.Lag, lag)
	}
	return s, nil
}
