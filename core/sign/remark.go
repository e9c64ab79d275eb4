package sign

import (
	"bytes"
	"encoding/base64"
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
	s.remarkRequest(v, in, f, a)
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
		if s.Sig.Format == "jwt" || s.Sig.Format == "rfc9421" {
			return "" // said beside the claim or parameter that says so
		}
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
	s.remarkElements(v, f, a)
	if a.keyErr != nil && strings.Contains(s.Key, "base64") && a.match == nil && len(f.candidates) > 0 {
		note(v, "JavaScript decodes such a secret all the same, by skipping what is no base64: a library written in it may accept what is refused here.")
	}
	if s.Enc == "base64" && a.match == nil && s.laxMatch(f, a) {
		note(v, "The digest is right but for its base64: characters too many, or padding too little. It is refused here; libraries in JavaScript that decode it accept it.")
	}
	if s.Sig.Format == "plain" && len(f.others) > 0 && f.problem == "" {
		note(v, fmt.Sprintf("The header comes %d times; the first one counts here and in Go, while Node joins them with a comma, which most libraries reject.", len(f.others)+1))
	}
}

// remarkElements notes a header of elements that is not as the provider writes it: some libraries read by position or by
// a pattern.
func (s Scheme) remarkElements(v *core.Verdict, f found, a attempt) {
	if s.Sig.Format != "kv" || a.match == nil {
		return
	}
	stamp, inside := strings.CutPrefix(s.TS.From, "sig:")
	var want []string
	if inside {
		want = append(want, stamp+s.Sig.KV+f.ts)
	}
	for _, name := range sortedKeys(f.elements) {
		if uses(s.Template, "sig") && strings.Contains(s.Template, "{sig:"+name+"}") {
			want = append(want, name+s.Sig.KV+f.elements[name])
		}
	}
	for i := range f.candidates {
		want = append(want, f.candidates[i].whole)
	}
	plain := strings.Join(want, s.Sig.Sep)
	if f.raw == plain || f.raw == strings.Join(want, s.Sig.Sep+" ") && s.ID == "workos" {
		return
	}
	note(v, s.differ("position", "The elements of the signature header are not written as the provider does: their order, space around them, or others beside them",
		"libraries that read by position or pattern reject it, and of elements that come twice some take the last"))
}

// laxMatch reports whether a reader that decodes base64 as JavaScript does would come to the wanted digest.
func (s Scheme) laxMatch(f found, a attempt) bool {
	if a.want == nil || s.Alg == "equal" {
		return false
	}
	for _, c := range f.candidates {
		text := strings.SplitN(c.text, ",", 2)[0]
		if got := lenientBase64(text); got == string(a.want) || len(text) > 4 && strings.HasPrefix(got, string(a.want)) {
			return true
		}
	}
	return false
}

// accompanied reports whether the headers are there that mark the provider's requests.
func (s Scheme) accompanied(r *core.Request) bool {
	for _, mark := range s.Marks {
		if strings.HasPrefix(mark, "header:") && !marked(r, mark) {
			return false
		}
	}
	return true
}

// remarkKey notes a base64 key in a spelling that stricter libraries do not read.
func remarkKey(v *core.Verdict, s Scheme, secret []byte) {
	if !strings.Contains(s.Key, "base64") || bytes.Contains(secret, []byte("-----BEGIN")) || looksLikeJWK(secret) {
		return
	}
	text := string(secret)
	for step := range strings.SplitSeq(s.keyLine(secret), "|") {
		_, prefix, _ := strings.Cut(step, "=")
		text = strings.TrimPrefix(text, prefix)
	}
	if _, err := decodeStrict(base64.StdEncoding, strings.TrimSpace(text)); err != nil {
		note(v, "The secret is base64 without its padding or in the alphabet of addresses; libraries that read it strictly reject it.")
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
	if s.oddTime(f) && v.State == core.Mismatch {
		note(v, fmt.Sprintf("The timestamp %q is not written as the provider does. It is signed as text here; a library that reads it as a number and prints it anew may accept the signature.", f.ts))
	}
	if numeric := s.TS.Unit == "s" || s.TS.Unit == "ms"; numeric && !v.Timestamp.IsZero() && f.ts != writeTime(s.TS.Unit, v.Timestamp) {
		note(v, s.differ("odd_timestamp", fmt.Sprintf("The timestamp %q has leading zeros", f.ts),
			"it is signed as text, and a library that prints the number anew rejects it"))
	}
}

// oddTime reports a numeric timestamp that is not its digits alone.
func (s Scheme) oddTime(f found) bool {
	if s.TS.Unit != "s" && s.TS.Unit != "ms" || !f.has.ts {
		return false
	}
	at, err := readTime(s.TS.Unit, f.ts)
	return err != nil || writeTime(s.TS.Unit, at) != f.ts
}

func (s Scheme) remarkRequest(v *core.Verdict, in Input, f found, a attempt) {
	if body := in.Request.Body; uses(s.Template, "body") && v.State == core.Verified {
		switch {
		case len(body) == 0:
			note(v, s.differ("empty_body", "The body is empty", "libraries that ask for one, or parse it first, reject it"))
		case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
			note(v, "The body begins with a byte order mark, which is signed here: libraries in JavaScript that turn the body into text drop it, and reject the signature.")
		case s.SDK["not_json"] != "" && checkJSON(body) != nil:
			note(v, s.differ("not_json", "The body is not JSON", ""))
		}
	}
	if v.State == core.Verified {
		note(v, s.differ("verified", "It is right here", ""))
	}
	if s.Template == "{adyen}" {
		if _, ok, _ := jsonText(in.Request.Body, adyenItem+".amount.value"); !ok {
			note(v, "The item has no amount, which is signed as an empty field; the Adyen library for Node cannot read such an item and rejects it.")
		}
	}
	if in.Request.Truncated && s.Alg != "equal" {
		note(v, "The body was cut when it was recorded, so a mismatch is to be expected.")
	}
	if uses(s.Template, "form") {
		if name := repeatedParam(in.Request.Body); name != "" {
			note(v, s.differ("repeated_param", fmt.Sprintf("The parameter %s comes more than once", name), ""))
		}
	}
	if v.State == core.Verified || v.State == core.Mismatch {
		note(v, s.differ("reserialised", "The raw body was hashed here", ""))
	}
	if v.State == core.Verified && !s.accompanied(in.Request) {
		note(v, s.differ("companions", "Headers that the provider always sends are missing", ""))
	}
	if s.TS.Quoted && f.has.ts && !f.tsText && strings.HasPrefix(s.TS.From, "json:") {
		note(v, "The timestamp is a number where the provider sends a text: libraries with types reject the body.")
	}
	if a.match != nil && a.match.bytes != nil {
		remarkKey(v, s, in.keys(s)[a.secret])
	}
}
