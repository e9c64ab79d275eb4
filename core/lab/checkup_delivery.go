package lab

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"hookglass/core"
)

// duplicateLater sends an event again after another one, signed anew as a retry is.
func duplicateLater(ctx context.Context, e *exam) outcome {
	const sent = "an event, another one, then the first again with a fresh signature"
	ev := e.newEvent()
	if x := e.deliverFirst(ctx, ev); !x.accepted() {
		return broken(x, "one more valid delivery", "a delivery like the first was not accepted", "see what the handler keeps between deliveries")
	}
	e.deliver(ctx, e.newEvent())
	return duplicateOutcome(e.deliver(ctx, ev), sent)
}

func duplicateOutcome(x exchange, sent string) outcome {
	const why = "senders deliver at least once: a retry of an event that arrived is normal, and wants a 2xx"
	if x.accepted() {
		return held(x, sent, why)
	}
	return broken(x, sent, why+"; anything else makes the sender try again, and in the end switch the webhook off",
		"keep the ids of the events you have seen, and answer 200 to one that is among them without processing it")
}

// replayedID sends the very same bytes twice.
func replayedID(ctx context.Context, e *exam) outcome {
	const sent = "the very same request twice: id, timestamp and signature"
	r := e.valid(e.newEvent())
	if x := e.send(ctx, r); !x.accepted() {
		return duplicateOutcome(x, "one more valid delivery")
	}
	x := e.send(ctx, r)
	if x.accepted() || x.refused() {
		return held(x, sent, "a replay is answered like a duplicate or refused; either way it sets nothing in motion again")
	}
	return broken(x, sent, "a replay must not make the handler fall over", "keep the ids of the events you have seen, and answer 200 to one that is among them")
}

// duplicateAtOnce sends an event several times at the same moment, as a sender does that lost its patience.
func duplicateAtOnce(ctx context.Context, e *exam) outcome {
	const sent = "the same event four times at the same moment"
	ev := e.newEvent()
	requests := make([]core.Request, 4)
	for i := range requests {
		requests[i] = e.valid(ev)
	}
	var ok bool
	xs := e.together(ctx, requests)
	for _, x := range xs {
		switch {
		case x.accepted():
			ok = true
		case x.broke() && !patientRefusal(x), x.moved() && !x.accepted():
			return broken(x, sent, "two copies of an event may be under way at once", "let the database decide who comes first: insert the id under a unique key, and answer 200 where it is there already")
		}
	}
	if !ok {
		return broken(xs[0], sent, "one of them must be taken", "take the first and answer 200 to the others")
	}
	return held(firstAccepted(xs), sent, "each is taken, known already, or told to come back")
}

// patientRefusal reports whether an answer tells the sender to come back later.
func patientRefusal(x exchange) bool {
	return x.limited() || x.status() == http.StatusServiceUnavailable && x.response.Header.Has("Retry-After")
}

// firstAccepted stands for all of a burst in the report.
func firstAccepted(xs []exchange) exchange {
	for _, x := range xs {
		if x.accepted() {
			return x
		}
	}
	return xs[0]
}

// together sends all requests at the same time.
func (e *exam) together(ctx context.Context, requests []core.Request) []exchange {
	xs := make([]exchange, len(requests))
	var all sync.WaitGroup
	for i, r := range requests {
		all.Go(func() { xs[i] = e.exchange(ctx, r, bytes.NewReader(r.Body)) })
	}
	all.Wait()
	return xs
}

// idempotent looks whether a duplicate was processed again: by what Effects counts, else by the handler's answers.
func idempotent(ctx context.Context, e *exam) outcome {
	const sent = "an event, the same again, then a new one"
	const why = "at-least-once delivery means that duplicates arrive: processed twice, they charge, ship and notify twice"
	const fix = "record the event's id in the same transaction as its effect, and skip an event whose id is there"
	if e.cfg.Effects != nil {
		return e.countEffects(ctx, sent, why, fix)
	}
	first, next := e.newEvent(), e.newEvent()
	one, again, other := e.deliverFirst(ctx, first), e.deliver(ctx, first), e.deliver(ctx, next)
	for _, x := range []exchange{one, again, other} {
		if x.limited() {
			return outcome{ok: true, x: x}
		}
		if !x.accepted() {
			return broken(x, sent, "a delivery like the first was not accepted", "see what the handler keeps between deliveries")
		}
	}
	switch compareAnswers(answer{one, first}, answer{again, first}, answer{other, next}, time.Now()) {
	case processedOnce:
		return held(again, sent, why+". The handler's answers tell the duplicate from a new event")
	case processedTwice:
		return broken(again, sent, why+". The answers to the duplicate and to the new event show the same progress: "+
			fmt.Sprintf("%q, then %q, then %q", excerpt(one.response.Body), excerpt(again.response.Body), excerpt(other.response.Body)), fix)
	default:
		return skipped("the handler's answers do not show whether it processed the duplicate again")
	}
}

func (e *exam) countEffects(ctx context.Context, sent, why, fix string) outcome {
	before, err := e.cfg.Effects(ctx)
	if err != nil {
		return skipped("the effects could not be counted: %v", err)
	}
	first := e.newEvent()
	e.deliver(ctx, first)
	again := e.deliver(ctx, first)
	e.deliver(ctx, e.newEvent())
	after, err := e.effectsSettled(ctx, before+2)
	switch {
	case err != nil:
		return skipped("the effects could not be counted: %v", err)
	case after == before+2:
		return held(again, sent, why)
	case after < before+2:
		return broken(again, sent, fmt.Sprintf("two events arrived, and %d were processed within 5 s", after-before), "process every event whose id is new")
	default:
		return broken(again, sent, fmt.Sprintf("%s: two events arrived, and %d were processed", why, after-before), fix)
	}
}

// effectsSettled waits until want events are processed, and a little longer for those that should not be.
func (e *exam) effectsSettled(ctx context.Context, want int) (n int, err error) {
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		if n, err = e.cfg.Effects(ctx); err != nil || n > want {
			return n, err
		}
		if n == want {
			core.Pause(ctx, 300*time.Millisecond)
			return e.cfg.Effects(ctx)
		}
		if !core.Pause(ctx, 50*time.Millisecond) {
			break
		}
	}
	return n, err
}

// outOfOrder delivers an event that is older than one before it, as happens whenever a retry comes in between.
func outOfOrder(ctx context.Context, e *exam) outcome {
	if e.cfg.Sample != nil {
		return skipped("the sample stays as it is, so no older event can be made of it")
	}
	const sent = "an event, then one that was created an hour before it"
	newer := e.newEvent()
	older := e.newEvent()
	older.number = newer.number - 1
	older.created = newer.created.Add(-time.Hour)
	if x := e.deliver(ctx, newer); !x.accepted() {
		return broken(x, "one more valid delivery", "a delivery like the first was not accepted", "see what the handler keeps between deliveries")
	}
	x := e.deliver(ctx, older)
	if x.accepted() {
		return held(x, sent, "no sender promises an order")
	}
	return broken(x, sent, "no sender promises an order: an event that waits for its retry comes after younger ones",
		"accept it; compare its time with what you have stored, or fetch the present state, before you overwrite something younger")
}

// burst sends many events at the same moment.
func burst(ctx context.Context, e *exam) outcome {
	requests := make([]core.Request, e.cfg.Burst)
	for i := range requests {
		requests[i] = e.valid(e.newEvent())
	}
	sent := fmt.Sprintf("%d valid deliveries at the same moment", len(requests))
	xs := e.together(ctx, requests)
	for _, x := range xs {
		if !x.accepted() && !patientRefusal(x) {
			return broken(x, sent, "senders deliver in parallel, most of all after an outage", "answer at once and queue the work; where it is too much, answer 429 or 503 with Retry-After")
		}
	}
	return held(firstAccepted(xs), sent, "each was taken, or told to come back later")
}
