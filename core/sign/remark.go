package sign

import (
	"fmt"
	"strings"

	"hookglass/core"
)

// remark notes what is worth knowing about this verdict: why it is what it is, what the scheme does not protect,
// and where the official libraries read the same request more strictly or more loosely.
func (s Scheme) remark(v *core.Verdict, in Input, f found, a attempt, c clock) {
	note(v, s.cause(v, f, a, c))
	note(v, a.note)
	if a.match != nil && a.secret > 0 {
		note(v, fmt.Sprintf("It matches secret %d of those given; the earlier ones do not.", a.secret+1))
	}
	s.remarkSpelling(v, f, a)
	s.remarkTime(v, f, c)
	s.remarkRequest(v, in, f)
	note(v, s.Note)
	if s.Confidence == "secondary" {
		note(v, "This scheme is known from a third party's catalogue only; it was not checked against the provider.")
	}
}

// cause says in a sentence why the verdict is not better.
func (s Scheme) cause(v *core.Verdict, f found, a attempt, c clock) string {
	switch v.State {
	case core.Missing:
		if !f.has.signature {
			return "The request has no " + say(s.Sig.From) + "."
		}
		if lack := s.lacks(f); lack != "" {
			return "The request has no " + lack + ", and it is part of the signed bytes."
		}
	case core.Malformed:
		switch why := s.undecodable(f); {
		case f.problem != "":
			return "The signature cannot be read: " + f.problem + "."
		case why != nil:
			return "The signature cannot be read: " + why.Error() + "."
		case a.err != nil:
			return "The signed bytes cannot be made: " + a.err.Error() + "."
		case c.unreadable:
			return fmt.Sprintf("The signature is right, but the timestamp %q is not in the form %s, so its age cannot be checked.", f.ts, s.TS.Unit)
		}
	case core.Stale:
		if v.Age < 0 {
			return fmt.Sprintf("The signature is right, but its timestamp is %s in the future, and %s are allowed.", strings.TrimPrefix(core.Span(v.Age), "minus "), core.Span(v.Tolerance))
		}
		return fmt.Sprintf("The signature is right, but it is %s old, and %s are allowed.", core.Span(v.Age), core.Span(v.Tolerance))
	case core.NoSecret:
		if isNeeds(a.err) {
			return a.err.Error() + "."
		}
		if public(s.Alg) {
			return "No public key or certificate was given to check with; none is ever fetched."
		}
		return "No secret was given to check with."
	case core.Mismatch:
		if a.keyErr != nil {
			return "Nothing could be computed: " + a.keyErr.Error() + "."
		}
	}
	return ""
}

// remarkSpelling notes signatures that are right by their bytes and yet refused by libraries that compare text,
// and those that some library would let pass.
func (s Scheme) remarkSpelling(v *core.Verdict, f found, a attempt) {
	if s.Enc == "hex" && a.match != nil && a.match.text != strings.ToLower(a.match.text) {
		note(v, s.differ("upper_hex", "The digest is in upper-case hex", "libraries that compare bytes accept it, those that compare text reject it"))
	}
	if s.Exact && a.match == nil && len(f.candidates) > 0 && f.candidates[0].text != strings.ToLower(f.candidates[0].text) {
		note(v, "The digest is in upper-case hex; this receiver compares text and refuses it, whatever the bytes.")
	}
	if _, err := decodeSignature(s.Enc, f.raw); err == nil && s.Sig.Prefix != "" && f.problem != "" {
		note(v, s.differ("no_prefix", fmt.Sprintf("The prefix %q is missing", s.Sig.Prefix), ""))
	}
	if s.Sig.Multi && len(f.candidates) > 1 {
		note(v, s.differ("several", fmt.Sprintf("There are %d signatures, and one that matches is enough", len(f.candidates)), ""))
	}
	if s.Sig.Format == "plain" && len(f.others) > 0 && f.problem == "" {
		note(v, fmt.Sprintf("The header comes %d times; the first one counts here and in Go, while Node joins them with a comma and would reject it.", len(f.others)+1))
	}
}

// differ says what is unusual and how the official libraries take it.
func (s Scheme) differ(situation, what, otherwise string) string {
	how := s.SDK[situation]
	if how == "" {
		how = otherwise
	}
	if how == "" {
		return ""
	}
	return what + ": " + how + "."
}

func (s Scheme) remarkTime(v *core.Verdict, f found, c clock) {
	if c.outside {
		if s.TS.ToleranceSource == "none" {
			note(v, fmt.Sprintf("%s defines no tolerance; %s is the value used here.", s.Provider, core.Span(v.Tolerance)))
		}
		note(v, s.differ("stale", "It is older than the tolerance", ""))
		if v.Age < 0 {
			note(v, s.differ("future", "The timestamp is in the future", ""))
		}
	}
	if c.ahead {
		note(v, s.differ("future", "The timestamp is in the future by more than the tolerance, which this scheme does not check",
			"stricter receivers reject it"))
	}
	if numeric := s.TS.Unit == "s" || s.TS.Unit == "ms"; numeric && !v.Timestamp.IsZero() && f.ts != writeTime(s.TS.Unit, v.Timestamp) {
		note(v, s.differ("odd_timestamp", fmt.Sprintf("The timestamp %q has leading zeros", f.ts),
			"it is signed as text, and a library that prints the number anew rejects it"))
	}
}

func (s Scheme) remarkRequest(v *core.Verdict, in Input, f found) {
	if len(in.Request.Body) == 0 && uses(s.Template, "body") {
		note(v, s.differ("empty_body", "The body is empty", ""))
	}
	if in.Request.Truncated && s.Alg != "equal" {
		note(v, "The body was cut when it was recorded, so a mismatch is to be expected.")
	}
	if uses(s.Template, "form") {
		if name := repeatedParam(in.Request.Body); name != "" {
			note(v, s.differ("repeated_param", fmt.Sprintf("The parameter %s comes more than once", name), ""))
		}
	}
	if v.State == core.Verified {
		note(v, s.differ("reserialised", "The raw body was hashed here", ""))
	}
	if s.Template == "{sns}" {
		note(v, snsCertNote(in.Request.Body))
	}
}
