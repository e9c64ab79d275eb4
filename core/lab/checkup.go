package lab

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// Config says which handler is checked, and with what.
type Config struct {
	URL    string
	Scheme sign.Scheme // the zero scheme: deliveries are not signed, and nothing about signatures is checked
	Secret core.Secret
	Params map[string]string // what the scheme signs and does not send

	Sample []byte      // a payload that the handler accepts; nil: one made for the scheme
	Header core.Header // sent with every delivery: the event's type, where the handler wants one

	AnswerLimit time.Duration // the provider's patience; 0: what is known of the scheme's provider, else 10 s
	Patience    time.Duration // how long we wait for any answer; 0: three times AnswerLimit, 30 s at least
	SlowSender  time.Duration // over which the slow sender sends its body; 0: 2 s
	LargeBody   int           // bytes of the very large body; 0: 1 MiB
	Burst       int           // deliveries at a time; 0: 20

	// Effects tells how many events the handler has processed, where something can tell. Without it, whether a duplicate
	// was processed twice is read from the handler's answers, as far as they show it.
	Effects func(context.Context) (int, error)

	Transport http.RoundTripper // nil: one of our own, a new connection for each delivery
	SkipTLS   bool              // do not verify the certificate
}

// Progress is told before each check; done of total are behind.
type Progress func(done, total int, name string)

// Scorecard is the outcome of a check-up.
type Scorecard struct {
	URL    string
	Scheme string
	Began  time.Time
	Took   time.Duration
	Score  int  // 0 to 100, the share of checks that hold, within Cap; 0 where not even a valid delivery is accepted
	Cap    *Cap // nil: no forgery was accepted
	Checks []Check
}

// Cap is what a score cannot exceed: whatever else holds, a handler that believes a forgery is not a good one.
type Cap struct {
	Score  int    `json:"score"`
	Check  string `json:"check"`  // the check that says so
	Reason string `json:"reason"` // one sentence
}

// The caps.
const (
	capUnchecked = 20 // no signature is checked at all
	capPassedBy  = 40 // the check can be passed by
)

// Check is one thing tried on the handler.
type Check struct {
	Name    string
	OK      bool   // also true of a skipped check
	Skipped string // why it was not run; it does not count
	Sent    string // what was sent
	Got     string // what came back
	Why     string // why that is right or wrong
	Fix     string // how to mend it; empty where nothing is wrong
	Forgery bool   // the handler accepted one
	Took    time.Duration

	Request  core.Request   // the delivery that decided it, to be opened and sent again
	Response *core.Response // nil when there was no answer
}

// Failed returns the checks that do not hold.
func (s *Scorecard) Failed() []Check {
	var failed []Check
	for _, c := range s.Checks {
		if !c.OK {
			failed = append(failed, c)
		}
	}
	return failed
}

// Checkup runs the battery. A handler that does everything wrong, or does not answer, is a scorecard; an error means
// that the settings do not allow a check, or that ctx ended, and then the scorecard holds what was found so far.
func Checkup(ctx context.Context, c Config, progress Progress) (Scorecard, error) {
	e, err := newExam(c)
	if err != nil {
		return Scorecard{}, err
	}
	card := Scorecard{URL: c.URL, Scheme: c.Scheme.ID, Began: e.start}
	if err := e.settle(ctx); err != nil {
		return card, fmt.Errorf("make a valid delivery: %w", err)
	}
	steps := battery()
	for i, s := range steps {
		if progress != nil {
			progress(i, len(steps), s.name)
		}
		check := e.take(ctx, s)
		if err := ctx.Err(); err != nil {
			return card, fmt.Errorf("check-up stopped before %s: %w", s.name, context.Cause(ctx))
		}
		card.Checks = append(card.Checks, check)
	}
	card.Took = time.Since(e.start)
	if e.base.accepted() {
		card.Score, card.Cap = score(card.Checks), e.cap(card.Checks)
		if card.Cap != nil {
			card.Score = min(card.Score, card.Cap.Score)
		}
	}
	return card, nil
}

// score is rounded down, so that 100 means all.
func score(checks []Check) int {
	counted, held := 0, 0
	for _, c := range checks {
		switch {
		case c.Skipped != "":
		case c.OK:
			held++
			fallthrough
		default:
			counted++
		}
	}
	if counted == 0 {
		return 0
	}
	return 100 * held / counted
}

// cap is the lowest that an accepted forgery calls for.
func (e *exam) cap(checks []Check) (lowest *Cap) {
	for _, c := range checks {
		if !c.Forgery {
			continue
		}
		found := Cap{capPassedBy, c.Name, "Its signature check can be passed by: it accepted " + c.Sent + "."}
		if e.blind || c.Name == "wrong_secret" {
			found = Cap{capUnchecked, c.Name, "It checks no signature at all: whoever knows the address can send it whatever they like."}
		}
		if lowest == nil || found.Score < lowest.Score {
			lowest = &found
		}
	}
	return lowest
}

// validate fills what is left open and refuses what cannot be checked.
func (c Config) validate() (Config, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return c, &core.Invalid{Field: "url", Reason: "want http://HOST/PATH or https://HOST/PATH"}
	}
	if c.Scheme.ID != "" && c.Secret.Empty() {
		return c, &core.Invalid{Field: "secret", Reason: "a secret is needed to sign for " + c.Scheme.ID}
	}
	if c.AnswerLimit <= 0 {
		c.AnswerLimit, _ = AnswerLimit(c.Scheme.ID)
	}
	if c.Patience <= 0 {
		c.Patience = max(30*time.Second, 3*c.AnswerLimit)
	}
	if c.SlowSender <= 0 {
		c.SlowSender = 2 * time.Second
	}
	if c.LargeBody <= 0 {
		c.LargeBody = 1 << 20
	}
	if c.Burst <= 0 {
		c.Burst = 20
	}
	if c.Transport == nil {
		c.Transport = ownTransport(c.SkipTLS)
	}
	return c, nil
}
