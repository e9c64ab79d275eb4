package lab

import (
	"context"
	"fmt"
	"time"

	"hookglass/core"
)

// step is one check of the battery. Each is there to name one fault, so a step says which failures before it already
// explain its own: a handler that checks no signature at all is told that once, not six times.
type step struct {
	name  string
	needs need
	after []string // not run when one of these failed
	run   func(context.Context, *exam) outcome
}

// need is what a step cannot do without.
type need int

const (
	anything     need = 0
	acceptance   need = 1 << iota // a handler that accepts valid deliveries, in time
	signature                     // a scheme
	verification                  // a handler that does look at signatures
)

// battery is all checks in the order they are made: first what others build on.
func battery() []step {
	unverified := []string{"missing_signature", "wrong_secret"}
	return []step{
		{"valid", anything, nil, valid},
		{"redirects", anything, nil, redirects},
		{"header_case", acceptance, nil, headerCase},

		{"missing_signature", acceptance | signature, nil, missingSignature},
		{"wrong_secret", acceptance | verification, nil, wrongSecret},
		{"tampered_body", acceptance | verification, unverified, tamperedBody},
		{"partial_signature", acceptance | verification, unverified, partialSignature},
		{"malformed_signature", acceptance | verification, unverified, malformedSignature},
		{"moved_timestamp", acceptance | verification, unverified, movedTimestamp},
		{"old_timestamp", acceptance | verification, []string{"wrong_secret", "moved_timestamp"}, oldTimestamp},
		{"future_timestamp", acceptance | verification, []string{"wrong_secret", "moved_timestamp", "old_timestamp"}, futureTimestamp},
		{"rejection_status", acceptance | verification, nil, rejectionStatus},

		{"raw_bytes", acceptance | signature, nil, rawBytes},
		{"unicode", acceptance, nil, unicodeBody},
		{"content_type", acceptance, nil, contentType},
		{"empty_body", acceptance, nil, emptyBody},
		{"slow_sender", acceptance, nil, slowSender},
		{"large_body", acceptance, nil, largeBody},

		{"duplicate_later", acceptance, nil, duplicateLater},
		{"replayed_id", acceptance, []string{"duplicate_later"}, replayedID},
		{"duplicate_at_once", acceptance, []string{"duplicate_later", "replayed_id"}, duplicateAtOnce},
		{"idempotent", acceptance, []string{"duplicate_later"}, idempotent},
		{"out_of_order", acceptance, nil, outOfOrder},
		{"burst", acceptance, nil, burst},

		{"get", anything, nil, getMethod},
		{"head", anything, []string{"get"}, headMethod},
		{"answer_time", anything, nil, answerTime},
	}
}

// outcome is what a step found.
type outcome struct {
	ok             bool
	forgery        bool // accepted
	skip           string
	x              exchange
	sent, why, fix string
}

func held(x exchange, sent, why string) outcome {
	return outcome{ok: true, x: x, sent: sent, why: why}
}

func broken(x exchange, sent, why, fix string) outcome {
	return outcome{x: x, sent: sent, why: why, fix: fix}
}

// believed is broken where what was sent is a forgery, and the handler accepted it.
func believed(x exchange, sent, why, fix string) outcome {
	return outcome{forgery: true, x: x, sent: sent, why: why, fix: fix}
}

func skipped(format string, args ...any) outcome {
	return outcome{ok: true, skip: fmt.Sprintf(format, args...)}
}

// take runs a step, unless something speaks against it.
func (e *exam) take(ctx context.Context, s step) Check {
	start := time.Now()
	e.unsigned = nil
	o := skipped("%s", e.against(s))
	if o.skip == "" {
		o = s.run(ctx, e)
	}
	if e.unsigned != nil && o.skip == "" {
		o = skipped("it cannot be signed: %v", e.unsigned)
	}
	if o.x.limited() {
		o = skipped("the handler answered 429: its rate limit leaves no room for this check")
	}
	c := Check{
		Name: s.name, OK: o.ok, Skipped: o.skip, Sent: o.sent, Why: o.why, Fix: o.fix, Forgery: o.forgery && !o.ok && o.skip == "",
		Took: time.Since(start), Request: o.x.request, Response: o.x.response,
	}
	if o.skip == "" && o.sent != "" {
		c.Got = o.x.String()
	}
	e.failed[s.name] = !c.OK
	e.lookAlive(ctx, s, o)
	return c
}

// lookAlive sees, after a delivery without an answer, whether the handler still runs. A handler that fell over is not
// blamed for what it cannot answer any more; one that is started anew gets a moment for it.
func (e *exam) lookAlive(ctx context.Context, s step, o outcome) {
	if !e.base.accepted() || o.skip != "" || o.x.response != nil || o.x.took >= e.cfg.Patience {
		return
	}
	for range 10 {
		if x := e.send(ctx, e.valid(e.newEvent())); x.response != nil {
			return
		}
		if !core.Pause(ctx, 200*time.Millisecond) {
			return
		}
	}
	e.deadSince = s.name
}

// against says why a step is not run, or nothing.
func (e *exam) against(s step) string {
	needs := func(n need) bool { return s.needs&n != 0 }
	report := s.name == "valid" || s.name == "redirects" || s.name == "rejection_status" || s.name == "answer_time"
	switch {
	case e.deadSince != "" && !report:
		return "the handler has not answered since " + e.deadSince
	case e.base.response == nil && !report:
		return "the handler does not answer"
	case needs(acceptance) && !e.base.accepted():
		return "the handler accepts no valid delivery, so neither its yes nor its no would prove anything"
	case needs(signature|verification) && e.cfg.Scheme.ID == "":
		return "the deliveries of this check-up are not signed"
	case needs(verification) && e.blind:
		return "the handler looks at no signature at all, as missing_signature says"
	case !report && e.dawdles(s):
		return fmt.Sprintf("the handler takes %s to answer, too long to go on: mend answer_time first", core.Span(e.slowest.took))
	}
	for _, name := range s.after {
		if e.failed[name] {
			return "what " + name + " found explains it already"
		}
	}
	return ""
}

// dawdles reports whether a step would take too long. A handler that is late with every valid delivery may still
// refuse quickly.
func (e *exam) dawdles(s step) bool {
	late := e.base.took > e.cfg.AnswerLimit
	forges := s.needs&verification != 0 || s.name == "missing_signature" || s.needs == anything
	return late && (!forges || e.lateToRefuse)
}
