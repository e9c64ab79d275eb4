package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hookglass/core"
)

// refuse sends a forgery, which the handler must not accept. How it refuses is the matter of rejection_status.
func (e *exam) refuse(ctx context.Context, r core.Request, sent, why, fix string) outcome {
	x := e.send(ctx, r)
	if x.took > e.cfg.AnswerLimit {
		e.lateToRefuse = true
	}
	if x.accepted() {
		return believed(x, sent, why, fix)
	}
	e.refusals = append(e.refusals, x)
	return held(x, sent, why)
}

const compareFix = "compute the signature over the raw body and compare it whole, in constant time: hmac.Equal in Go, crypto.timingSafeEqual in Node, hmac.compare_digest in Python"

func missingSignature(ctx context.Context, e *exam) outcome {
	if e.signatureHeader() == "" {
		return skipped("the signature stands in the body")
	}
	const sent = "a delivery without its signature header"
	r := e.valid(e.newEvent())
	r.Header = r.Header.Without(e.signatureHeader())
	o := e.refuse(ctx, r, sent, "anybody who knows the address could send it", "refuse a delivery that has no signature with 401 before you look at its body")
	if o.ok || o.x.limited() {
		return o
	}
	switch {
	case e.acceptsForgery(ctx, e.wronglySigned):
		e.blind = true
		o.why += "; a wrong signature was accepted as well, so none is looked at"
		o.fix = compareFix + "; refuse with 401"
	case e.acceptsForgery(ctx, e.cutShort):
		return skipped("no signature is as good as the start of one, as partial_signature says")
	}
	return o
}

// acceptsForgery tells two ways of accepting a delivery without signature apart.
func (e *exam) acceptsForgery(ctx context.Context, forge func(event) (core.Request, error)) bool {
	r, err := forge(e.newEvent())
	return err == nil && e.send(ctx, r).accepted()
}

// cutShort is a delivery with the first eight characters of its signature.
func (e *exam) cutShort(ev event) (core.Request, error) {
	r := e.valid(ev)
	name := e.signatureHeader()
	value := r.Header.Get(name)
	at := e.digestAt(r, ev, time.Now())
	r.Header = r.Header.With(spelledAs(r.Header, name), value[:min(at+8, len(value))])
	return r, nil
}

func wrongSecret(ctx context.Context, e *exam) outcome {
	r, err := e.wronglySigned(e.newEvent())
	if err != nil {
		return skipped("no other secret of this form can be made: %v", err)
	}
	return e.refuse(ctx, r, "a delivery signed with another secret", "it does not come from the holder of the secret", compareFix)
}

// wronglySigned picks a secret whose signature differs in its first character already: a handler that compares only the
// start of it is told so by partial_signature, not here.
func (e *exam) wronglySigned(ev event) (core.Request, error) {
	at := time.Now()
	r := e.request(ev, e.payload(ev))
	right, err := e.signed(r, ev, e.cfg.Secret, at)
	if err != nil {
		return r, err
	}
	var wrong core.Request
	for k := range 15 {
		if wrong, err = e.signed(r, ev, otherSecret(e.cfg.Secret, k), at); err != nil {
			return r, err
		}
		if e.differsAtOnce(right, wrong, ev, at) {
			break
		}
	}
	return wrong, nil
}

// digestAt is where the digest begins in the value of the signature header: where signatures of the same request with
// other secrets begin to differ.
func (e *exam) digestAt(r core.Request, ev event, at time.Time) int {
	name := e.signatureHeader()
	first, value := -1, r.Header.Get(name)
	for k := range 15 {
		other, err := e.signed(e.request(ev, r.Body), ev, otherSecret(e.cfg.Secret, k), at)
		if err != nil {
			continue
		}
		if i := differ(value, other.Header.Get(name)); first < 0 || i < first {
			first = i
		}
	}
	return max(first, 0)
}

func (e *exam) differsAtOnce(right, wrong core.Request, ev event, at time.Time) bool {
	name := e.signatureHeader()
	return name == "" || differ(right.Header.Get(name), wrong.Header.Get(name)) == e.digestAt(right, ev, at)
}

// differ is the first place at which two texts differ.
func differ(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func tamperedBody(ctx context.Context, e *exam) outcome {
	ev, at := e.newEvent(), time.Now()
	right := e.valid(ev)
	bad := right
	for k := range 30 { // until the right signature of the changed body starts with another character
		bad.Body = tampered(right.Body, ev, k)
		bad.Size = int64(len(bad.Body))
		resigned, err := e.signed(e.request(ev, bad.Body), ev, e.cfg.Secret, at)
		if err != nil || e.differsAtOnce(right, resigned, ev, at) {
			break
		}
	}
	if !e.protects(bad) {
		return skipped("this scheme does not protect the body: a valid signature covers %s", e.cfg.Scheme.Verify(e.input(&right, e.cfg.Secret, at)).Covers)
	}
	return e.refuse(ctx, bad, "a valid delivery of which one byte of the body was changed afterwards",
		"the signature is there to show just this", "compute the signature over every byte of the raw body")
}

// partialSignature sends signatures that are right in part.
func partialSignature(ctx context.Context, e *exam) outcome {
	name := e.signatureHeader()
	if name == "" {
		return skipped("the signature stands in the body")
	}
	const why = "a signature that is right in part can be found by trying: it must be right as a whole"
	var o outcome
	for _, forgery := range []struct {
		sent string
		part func(right, wrong string, at, end int) string
	}{
		{"a delivery whose signature is right in its first half only", func(r, w string, at, end int) string {
			half := (at + end) / 2
			return r[:half] + w[half:end] + r[end:]
		}},
		{"a delivery whose signature is right in its second half only", func(r, w string, at, end int) string {
			half := (at + end) / 2
			return w[:half] + r[half:]
		}},
		{"a delivery with the first eight characters of its signature", func(r, _ string, at, end int) string { return r[:min(at+8, end)] + behind(r, end) }},
		{"a delivery whose signature is empty", func(r, _ string, at, end int) string { return r[:at] + behind(r, end) }},
	} {
		ev, now := e.newEvent(), time.Now()
		right := e.valid(ev)
		wrong, err := e.wronglySigned(ev)
		if err != nil {
			return skipped("no other secret of this form can be made: %v", err)
		}
		r, w := right.Header.Get(name), wrong.Header.Get(name)
		at := e.digestAt(right, ev, now)
		end := len(r) - differ(reversed(r), reversed(w))
		if len(r) != len(w) || end-at < 8 {
			continue // too short a token to take apart
		}
		bad := right
		bad.Header = right.Header.With(spelledAs(right.Header, name), forgery.part(r, w, at, end))
		if !e.protects(bad) {
			continue
		}
		if o = e.refuse(ctx, bad, forgery.sent, why, compareFix); !o.ok {
			return o
		}
	}
	if o.sent == "" {
		return skipped("the signature is too short to be taken apart")
	}
	o.sent = "deliveries whose signature is right in one half, cut to eight characters, and empty"
	return o
}

// behind is what follows the digest, without the padding of base64, which belongs to it.
func behind(value string, end int) string { return strings.TrimLeft(value[end:], "=") }

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// spelledAs is a name as h has it, so that With keeps the spelling.
func spelledAs(h core.Header, name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Name
		}
	}
	return name
}

func malformedSignature(ctx context.Context, e *exam) outcome {
	name := e.signatureHeader()
	if name == "" {
		return skipped("the signature stands in the body")
	}
	ev := e.newEvent()
	r := e.valid(ev)
	digest := e.digestAt(r, ev, time.Now())
	r.Header = r.Header.With(spelledAs(r.Header, name), r.Header.Get(name)[:digest]+"not-a-signature")
	return e.refuse(ctx, r, "a delivery with text in place of its signature", "what cannot be read cannot be right",
		"refuse with 401 when the signature cannot be decoded: do not go on with what came out")
}

// movedTimestamp gives an old signature a fresh time, which is all that a replay needs where the time is not signed.
func movedTimestamp(ctx context.Context, e *exam) outcome {
	ts := e.cfg.Scheme.TS
	ev, now := e.newEvent(), time.Now()
	const back = 20 * time.Second
	fresh := e.valid(ev)
	old, err := e.signed(e.request(ev, e.payload(ev)), ev, e.cfg.Secret, now.Add(-back))
	bad := fresh
	switch key, inside := strings.CutPrefix(ts.From, "sig:"); {
	case err != nil || ts.From == "" || !inside && e.timestampHeader() == "":
		return skipped("this scheme has no timestamp beside the body")
	case inside:
		name := e.signatureHeader()
		was, is := element(fresh.Header.Get(name), key+e.cfg.Scheme.Sig.KV), element(old.Header.Get(name), key+e.cfg.Scheme.Sig.KV)
		bad.Header = fresh.Header.With(spelledAs(fresh.Header, name), strings.Replace(fresh.Header.Get(name), was, is, 1))
	default:
		name := e.timestampHeader()
		bad.Header = fresh.Header.With(spelledAs(fresh.Header, name), old.Header.Get(name))
	}
	if !e.protects(bad) {
		return skipped("this scheme does not sign its timestamp")
	}
	return e.refuse(ctx, bad, fmt.Sprintf("a delivery whose timestamp was moved by %s after it was signed", core.Span(back)),
		"where the time is not part of what is signed, an old delivery can be made to look new",
		"put the timestamp into the signed text as the provider does: "+e.cfg.Scheme.Template)
}

// element is the part of a key=value list that starts with key=, up to the separator.
func element(value, start string) string {
	i := strings.Index(value, start)
	if i < 0 {
		return start
	}
	end := strings.IndexAny(value[i:], ",; ")
	if end < 0 {
		return value[i:]
	}
	return value[i : i+end]
}

func oldTimestamp(ctx context.Context, e *exam) outcome {
	return e.atAnotherTime(ctx, -e.late(), "an hour older than the provider tolerates", "whoever recorded a delivery could send it again at any time")
}

func futureTimestamp(ctx context.Context, e *exam) outcome {
	if e.cfg.Scheme.TS.Tolerance > 0 && !e.cfg.Scheme.TS.Future {
		return skipped("this provider's own libraries accept timestamps in the future")
	}
	return e.atAnotherTime(ctx, e.late(), "an hour further in the future than the provider tolerates", "a timestamp that lies ahead keeps a delivery usable for as long")
}

func (e *exam) atAnotherTime(ctx context.Context, off time.Duration, which, why string) outcome {
	ts := e.cfg.Scheme.TS
	if ts.From == "" {
		return skipped("this scheme has no timestamp")
	}
	if ts.Tolerance == 0 || ts.ToleranceSource == "none" {
		return skipped("this provider defines no tolerance")
	}
	ev := e.newEvent()
	r, err := e.signed(e.request(ev, e.payload(ev)), ev, e.cfg.Secret, time.Now().Add(off))
	if err != nil {
		e.unsigned = err
		return outcome{}
	}
	o := e.refuse(ctx, r, "a delivery with a right signature, "+which, why,
		fmt.Sprintf("compare the signed timestamp with your clock and refuse what is off by more than %s", core.Span(time.Duration(ts.Tolerance)*time.Second)))
	o.forgery = false // whoever holds the secret made it, though not now
	return o
}

// rejectionStatus judges how the forgeries before it were refused.
func rejectionStatus(_ context.Context, e *exam) outcome {
	if len(e.refusals) == 0 {
		return skipped("nothing was refused")
	}
	const sent = "the forged deliveries of the checks above"
	for _, x := range e.refusals {
		if !x.refused() {
			return broken(x, sent, "a forgery is the sender's fault and wants a 4xx: a 5xx or a lost connection looks like trouble of your own, is retried, and raises alarms",
				"answer 401 or 403. Where a comparison throws on a missing signature or one of another length, look at that first")
		}
	}
	return held(e.refusals[0], sent, "a 4xx tells the sender that trying again is of no use")
}
