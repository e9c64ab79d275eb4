package sign

import (
	"fmt"
	"slices"
	"strings"

	"hookglass/core"
)

// explain turns a match into findings: one for each thing that differs, none when nothing does.
func (d *doctor) explain(m *match) []core.Finding {
	var out []core.Finding
	signed := message(withoutSecret(m.parts))
	for _, g := range m.groups {
		f := d.finding(g.cause, core.Recomputed, d.sentence(m, g.change))
		f.Alternatives = names(g)
		if g.dim == inURL && f.About == core.AboutCame {
			f.Fix += " It is " + m.trial.values.url + "."
		}
		if g.dim != inKey && g.dim != inSum {
			f.Signed, f.Offset = d.difference(signed)
		}
		out = append(out, f)
	}
	out = append(out, d.spelled(m)...)
	if len(out) > 1 {
		var causes []string
		for _, f := range out {
			causes = append(causes, core.LowerFirst(Headline(f.Cause)))
		}
		for i := range out {
			out[i].Detail = fmt.Sprintf("%s things differ: %s. %s", map[int]string{2: "Two", 3: "Three"}[len(out)], strings.Join(causes, "; "), out[i].Detail)
		}
	}
	return out
}

// names are the other causes of a group, the smallest change first.
func names(g group) []string {
	var out []string
	for _, c := range g.also {
		if c.cause != g.cause && !slices.Contains(out, c.cause) {
			out = append(out, c.cause)
		}
	}
	return out
}

// subject is what was explained.
func (d *doctor) subject() string {
	if d.target.computed {
		return "Your value"
	}
	return "The signature that came"
}

// sentence says what the digest was made of.
func (d *doctor) sentence(m *match, c change) string {
	alg := d.scheme.Alg
	if m.trial.hash != "" {
		alg = algorithmName(m.trial.hash, m.trial.sum)
	}
	switch c.dim {
	case inKey:
		return fmt.Sprintf("%s is %s with another key: %s.", d.subject(), alg, c.how)
	case inSum:
		return fmt.Sprintf("%s is %s.", d.subject(), c.how)
	case inBody:
		return fmt.Sprintf("%s is %s over other bytes than the body as it came: %s.", d.subject(), alg, c.how)
	case inURL:
		return fmt.Sprintf("%s is %s over another address, %s: %s.", d.subject(), alg, m.trial.values.url, c.how)
	case inTime:
		return fmt.Sprintf("%s is %s over another timestamp: %s.", d.subject(), alg, c.how)
	}
	return fmt.Sprintf("%s is %s over other bytes: %s.", d.subject(), alg, c.how)
}

// difference returns the signed bytes where they are not ours, and the first byte that differs.
func (d *doctor) difference(signed []byte) ([]byte, int) {
	ours, err := d.bases[0].parts()
	if err != nil {
		return signed, 0
	}
	at := firstDifference(message(withoutSecret(ours)), signed)
	if at < 0 {
		return nil, -1
	}
	return signed, at
}

// withoutSecret leaves out the secret, which some schemes have among the signed bytes: findings are shown and stored.
func withoutSecret(parts []core.Part) []core.Part {
	return slices.DeleteFunc(slices.Clone(parts), func(p core.Part) bool { return p.Name == "secret" })
}

// firstDifference is the offset of the first byte in which a and b differ, or -1.
func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) == len(b) {
		return -1
	}
	return n
}

// spelled are the findings about the text of the signature. What a user pastes need not be written like the header,
// so there such faults count only when nothing else is wrong.
func (d *doctor) spelled(m *match) []core.Finding {
	var out []core.Finding
	wrong := len(m.groups) > 0 || slices.ContainsFunc(m.spelling.causes, func(c string) bool { return !soft(c) })
	for i, cause := range m.spelling.causes {
		if d.target.computed && wrong && soft(cause) {
			continue
		}
		if len(m.groups) > 0 && (cause == "hex_uppercase" || strings.HasPrefix(m.groups[0].cause, "algorithm_") && cause == "prefix_wrong") {
			continue
		}
		proof := core.Recomputed
		if cause == "signature_truncated" || cause == "signature_case_altered" {
			proof = core.Consistent
		}
		if cause == "no_signature_with_expected_version" {
			proof = core.Structural
		}
		how := ""
		if i < len(m.spelling.hows) {
			how = m.spelling.hows[i]
		}
		f := d.finding(cause, proof, fmt.Sprintf("%s has the right digest, but not as %s writes it: %s.", d.subject(), d.scheme.Provider, how))
		if m.weak {
			f.Detail = fmt.Sprintf("%s agrees with the right digest as far as it goes: %s.", d.subject(), how)
		}
		if i == len(m.spelling.causes)-1 {
			f.Alternatives = m.spelling.alts
		}
		out = append(out, f)
	}
	if d.target.computed { // what is pasted mostly lacks its prefix: how it is encoded says more
		slices.SortStableFunc(out, func(a, b core.Finding) int { return rankOfPrefix(a) - rankOfPrefix(b) })
	}
	return out
}

func rankOfPrefix(f core.Finding) int {
	if f.Cause == "prefix_missing" {
		return 1
	}
	return 0
}

// soft reports a fault that a value may have only because it was copied out of a log.
func soft(cause string) bool {
	switch cause {
	case "prefix_missing", "prefix_extra", "prefix_wrong", "signature_has_whitespace", "signature_has_quotes", "hex_uppercase", "no_signature_with_expected_version":
		return true
	}
	return false
}

// finding fills in what is known of a cause. The code is a receiver's check, so it goes with what the receiver can mend.
func (d *doctor) finding(cause string, proof core.Proof, detail string) core.Finding {
	f := core.Finding{Cause: cause, Proof: proof, About: d.about(), Detail: detail, Offset: -1}
	r := remedyOf(cause, f.About)
	f.Acts, f.Fix = r.acts, r.fix
	if f.Acts == core.ByReceiver || f.About == core.AboutComputed {
		f.Code = d.scheme.code(cause, f.About)
	}
	return f
}

// about is what the search explains; before it has a target, what came.
func (d *doctor) about() core.About {
	if d.target != nil && d.target.computed {
		return core.AboutComputed
	}
	return core.AboutCame
}
