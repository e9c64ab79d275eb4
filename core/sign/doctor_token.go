package sign

import (
	"strings"

	"hookglass/core"
)

// tokenFaults finds what is wrong with a JSON Web Token where that can be seen: its form, its algorithm, the claims that
// bind the request and the times. known is false where the token's own signature has to be searched for.
func (d *doctor) tokenFaults() (fs []core.Finding, known bool) {
	s, in := d.scheme, d.c.Input
	one := func(cause, detail string) ([]core.Finding, bool) {
		return []core.Finding{d.finding(cause, core.Structural, detail)}, true
	}
	if d.found.problem != "" {
		return one("prefix_missing", "The token cannot be read: "+d.found.problem+".")
	}
	if why := s.undecodable(d.found); why != nil {
		if quotes := strings.Trim(d.found.raw, `"' `+"\r\n\t"); quotes != d.found.raw && strings.Count(quotes, ".") == 2 {
			if strings.ContainsAny(d.found.raw, `"'`) {
				return one("signature_has_quotes", "There are quotes around the token.")
			}
			return one("signature_has_whitespace", "There is white space around the token.")
		}
		if strings.Contains(why.Error(), "algorithm") {
			return one("token_algorithm_refused", "The token cannot be taken: "+why.Error()+".")
		}
		return one("bad_signature_encoding", "The token cannot be read: "+why.Error()+".")
	}
	if !d.hasSecret() {
		return nil, false
	}
	best := s.try(in, d.found)
	if best.match == nil {
		return nil, false
	}
	v := core.Verdict{State: core.Verified}
	s.checkClaims(&v, in, d.found, best)
	switch {
	case v.State == core.Verified:
		return nil, true
	case v.State == core.Stale && v.Age < 0:
		return one("timestamp_future", last(v.Notes))
	case v.State == core.Stale:
		return one("timestamp_stale", last(v.Notes))
	}
	o := claims(best.match.label)
	for _, e := range s.expected(s.values(in, d.found)) {
		w := core.Verdict{State: core.Verified}
		s.checkClaim(&w, in, o, e)
		if w.State == core.Verified {
			continue
		}
		cause := "token_claim_differs"
		switch text := strings.Join(e.claim.Is, ""); {
		case w.State == core.Missing:
			cause = "token_claim_missing"
		case strings.Contains(text, ":body}"):
			cause = "body_hash_mismatch"
		case strings.Contains(text, "url") || strings.Contains(text, "qsh"):
			cause = "token_url_differs"
		}
		return one(cause, last(w.Notes))
	}
	return one("token_claim_differs", last(v.Notes))
}

func last(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return notes[len(notes)-1]
}
