package sign

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hookglass/core"
)

// try computes one trial and compares it with the target.
func (d *doctor) try(t *trial) *match {
	if t.unusable || !d.useful(t) {
		return nil
	}
	parts, err := t.parts()
	if err != nil {
		return nil
	}
	return d.compare(t, parts)
}

func (d *doctor) compare(t *trial, parts []core.Part) *match {
	if t.public != "" {
		d.tried++
		for i := range d.target.spellings {
			if sp := &d.target.spellings[i]; matches(t.public, t.key, parts, nil, sp.raw) {
				return &match{trial: *t, parts: parts, spelling: sp}
			}
		}
		return nil
	}
	if sp, weak := d.target.match(d.sum(t, parts), d.scheme.Enc); sp != nil {
		return &match{trial: *t, parts: parts, spelling: sp, weak: weak}
	}
	return nil
}

// useful reports whether the digest of a trial can have the length of the target.
func (d *doctor) useful(t *trial) bool {
	if t.hash == "" {
		return true
	}
	n := size(t.hash)
	own, _ := digestHash(d.scheme.Alg)
	return slices.ContainsFunc(d.target.spellings, func(sp spelling) bool {
		return len(sp.raw) == n || t.hash == own && len(sp.raw) >= leastPrefix && len(sp.raw) < n
	})
}

// spent reports that the search has to end.
func (d *doctor) spent() bool {
	return d.tried >= d.most || d.bytes >= d.mostBytes || d.ctx.Err() != nil
}

// moreNames is how many bytes are gone through for other names of the same bytes when the body is large: as what is found
// must not depend on the speed of a machine, no clock ends it.
const moreNames = 64 << 20

// one tries every single deviation. Once one fits, the rest are only looked at for the same bytes.
func (d *doctor) one() *match {
	var hit *match
	var hitPrint imprint
	left := moreNames
	seen := d.own()
	for i := range d.bases {
		d.prepare(&d.bases[i])
		for _, c := range d.changes {
			if d.ctx.Err() != nil || hit != nil && len(d.body.raw) > largeBody && left <= 0 {
				break
			}
			t := d.bases[i]
			if !c.apply(&t) || t.unusable {
				continue
			}
			parts, err := t.parts()
			if err != nil {
				continue
			}
			p := d.imprint(&t, parts)
			if hit != nil {
				left -= p.size
				if p == hitPrint {
					hit.groups[0].also = append(hit.groups[0].also, c)
				}
				continue
			}
			if at, ok := seen[p]; ok {
				if at >= 0 {
					d.groups[at].also = append(d.groups[at].also, c)
				}
				continue
			}
			seen[p] = len(d.groups)
			d.groups = append(d.groups, group{change: c, base: i})
			if !d.useful(&t) {
				continue
			}
			if m := d.compare(&t, parts); m != nil {
				hit, hitPrint = m, p
				hit.groups = []group{d.groups[seen[p]]}
				hit.parts = cloneParts(m.parts)
			}
		}
		if hit != nil {
			return hit
		}
	}
	return nil
}

// own are the imprints of the scheme's own trials: a change that leads back to one of them is none.
func (d *doctor) own() map[imprint]int {
	seen := map[imprint]int{}
	for i := range d.bases {
		if t := &d.bases[i]; !t.unusable {
			if parts, err := t.parts(); err == nil {
				seen[d.imprint(t, parts)] = -1
			}
		}
	}
	return seen
}

// cloneParts copies what a later form would write over.
func cloneParts(parts []core.Part) []core.Part {
	out := slices.Clone(parts)
	for i := range out {
		out[i].Bytes = slices.Clone(out[i].Bytes)
	}
	return out
}

// prepare lists the single deviations from a trial, smallest first.
func (d *doctor) prepare(base *trial) {
	s := d.scheme
	var cs []change
	cs = append(cs, s.keyChanges(base.values.secret, d.c.Others)...)
	cs = append(cs, s.templateChanges(base, d.body.form())...)
	cs = append(cs, s.sumChanges(d.target.sizes())...)
	if uses(s.Template, "url") || uses(s.Template, "path") || uses(s.Template, "contentful") {
		cs = append(cs, addressChanges(d.c.Input.Request, base.values.url, d.c.KnownURLs)...)
		if d.target.computed {
			cs = append(cs, insideAddresses()...)
		}
	}
	if uses(s.Template, "ts") && base.values.ts != "" {
		cs = append(cs, timeChanges(s.TS.Unit, base.values.ts, d.otherTimes(base.values.ts))...)
	}
	cs = append(cs, s.requestChanges(d.c.Input, d.c.Requests)...)
	cs = append(cs, d.bodyChanges()...)
	if s.Template != "{body}" && (len(d.body.raw) <= largeBody || !uses(s.Template, "body")) {
		cs = append(cs, charsetChanges()...)
	}
	slices.SortStableFunc(cs, func(a, b change) int { return d.rank(a.cause) - d.rank(b.cause) })
	d.changes = cs
}

// rank is the place of a cause in the table, but nobody's own code escapes Unicode without printing the whole body
// anew, and over a large body what is rare comes last.
func (d *doctor) rank(cause string) int {
	if len(d.body.raw) > largeBody && rare(cause) {
		return rank(cause) + len(causes)
	}
	if cause == "signed_bytes_unicode_escaped" && d.target.computed {
		cause = "body_reserialized_jackson"
	}
	return rank(cause)
}

// otherTimes are timestamps that the target or the request carries beside the scheme's own.
func (d *doctor) otherTimes(ts string) []string {
	var out []string
	for _, sp := range d.target.spellings {
		if sp.ts != "" && sp.ts != ts && !slices.Contains(out, sp.ts) {
			out = append(out, sp.ts)
		}
	}
	if date, ok := parseTime("imf", d.c.Input.Request.Header.Get("Date")); ok {
		out = append(out, fmt.Sprint(date.Unix()))
	}
	return append(out, fmt.Sprint(d.c.Input.Now.Unix()), fmt.Sprint(d.c.Input.Now.UnixMilli()))
}

// bodyChanges are the forms of the body. Small ones are made once; large ones are made anew each time, in one buffer.
func (d *doctor) bodyChanges() []change {
	if !d.coversBody() {
		return nil
	}
	var buf []byte
	var out []change
	for _, f := range d.body.forms() {
		var made []byte
		done := false
		bytesOf := func() []byte {
			if len(d.body.raw) > largeBody {
				b := f.make(buf[:0])
				if cap(b) > cap(buf) {
					buf = b
				}
				return b
			}
			if !done {
				made, done = f.make(nil), true
			}
			return made
		}
		out = append(out, change{inBody, f.cause, f.how, func(t *trial) bool {
			b := bytesOf()
			if b == nil {
				return false
			}
			t.values.body = b
			return true
		}})
	}
	return out
}

// coversBody reports whether the body, or members of it, are among the signed bytes.
func (d *doctor) coversBody() bool {
	return slices.ContainsFunc(pieces(d.scheme.Template), func(p piece) bool {
		name, _, _ := strings.Cut(p.text, ":")
		return p.token && slices.Contains([]string{"body", "form", "crc32", "json", "contentful", "adyen", "sns"}, name)
	})
}

// shifted tries the timestamps around the one that came.
func (d *doctor) shifted() *match {
	if !uses(d.scheme.Template, "ts") {
		return nil
	}
	for _, base := range d.bases {
		for ts, by := range neighbours(d.scheme.TS.Unit, base.values.ts) {
			if d.spent() {
				return nil
			}
			t := base
			t.values.ts = ts
			if m := d.try(&t); m != nil {
				c := change{inTime, "timestamp_header_changed", fmt.Sprintf("the timestamp %s, %s", ts, shift(by)), nil}
				m.groups = []group{{change: c}}
				return m
			}
		}
	}
	return nil
}

func shift(by time.Duration) string {
	if by < 0 {
		return counted(int(-by/time.Second), "second") + " before the one that came"
	}
	return counted(int(by/time.Second), "second") + " after the one that came"
}

// two tries pairs of deviations, those that happen together most often first.
func (d *doctor) two() *match {
	pick := func(dim dimension) []group { return d.pick(dim, 4, 64) }
	pairs := []struct{ a, b []group }{
		{pick(inBody), pick(inKey)},
		{pick(inBody), pick(inURL)},
		{pick(inBody), pick(inSum)},
		{pick(inKey), pick(inTemplate)},
		{pick(inBody), pick(inTemplate)},
		{pick(inBody), pick(inTime)},
		{pick(inURL), pick(inURL)},
		{pick(inURL), pick(inKey)},
		{pick(inSum), pick(inKey)},
		{pick(inSum), pick(inTemplate)},
		{pick(inTime), pick(inKey)},
		{pick(inTime), pick(inTemplate)},
		{pick(inURL), pick(inTemplate)},
		{pick(inSum), pick(inURL)},
		{pick(inSum), pick(inTime)},
		{pick(inID), pick(inBody)},
	}
	if m := d.edged(); m != nil {
		return m
	}
	for _, p := range pairs {
		for _, a := range p.a {
			for _, b := range p.b {
				if d.spent() {
					return nil
				}
				if m := d.tryAll(a, b); m != nil {
					return m
				}
			}
		}
	}
	return nil
}

// tryAll applies deviations one after the other.
func (d *doctor) tryAll(gs ...group) *match {
	t := d.bases[0]
	for _, g := range gs {
		if !g.apply(&t) {
			return nil
		}
	}
	m := d.try(&t)
	if m != nil {
		m.groups, m.parts = gs, cloneParts(m.parts)
	}
	return m
}

// edged tries the body printed again and then given another end.
func (d *doctor) edged() *match {
	for _, g := range d.pick(inBody, 8, 64) {
		if !strings.HasPrefix(g.cause, "body_") {
			continue
		}
		for _, e := range []struct{ cause, how, end string }{
			{"signed_bytes_have_extra_lf", "a line end at its end", "\n"},
			{"signed_bytes_have_extra_crlf", "CRLF at its end", "\r\n"},
		} {
			end := group{change: change{inBody, e.cause, e.how, func(t *trial) bool {
				t.values.body = append(t.values.body[:len(t.values.body):len(t.values.body)], e.end...)
				return true
			}}}
			if d.spent() {
				return nil
			}
			if m := d.tryAll(g, end); m != nil {
				return m
			}
		}
	}
	return nil
}

// three tries the likeliest deviations of three dimensions together.
func (d *doctor) three() *match {
	if len(d.body.raw) > largeBody || public(d.scheme.Alg) {
		return nil
	}
	d.most = min(mostTried, d.tried+mostTriples)
	dims := [][]group{d.pick(inBody, 1, 14), d.pick(inKey, 1, 14), d.pick(inTemplate, 2, 10), d.pick(inSum, 1, 6), d.pick(inURL, 2, 10), d.pick(inTime, 1, 4)}
	for i := range dims {
		for k := i + 1; k < len(dims); k++ {
			for l := k + 1; l < len(dims); l++ {
				if m := d.triples(dims[i], dims[k], dims[l]); m != nil || d.spent() {
					return m
				}
			}
		}
	}
	return nil
}

func (d *doctor) triples(as, bs, cs []group) *match {
	for _, a := range as {
		for _, b := range bs {
			for _, c := range cs {
				if d.spent() {
					return nil
				}
				if m := d.tryAll(a, b, c); m != nil {
					return m
				}
			}
		}
	}
	return nil
}

// pick returns the deviations of a dimension from the first trial, at most perCause of each cause and most in all.
// Over a large body only what is cheap and common is worth a second deviation.
func (d *doctor) pick(dim dimension, perCause, most int) []group {
	count := map[string]int{}
	var out []group
	for _, g := range d.groups {
		if g.dim != dim || g.base != 0 || rare(g.cause) || count[g.cause] >= perCause || len(out) >= most {
			continue
		}
		if dim == inBody && len(d.body.raw) > largeBody && !strings.HasPrefix(g.cause, "body_reserialized") && !strings.Contains(g.cause, "trailing") {
			continue
		}
		count[g.cause]++
		out = append(out, g)
	}
	return out
}
