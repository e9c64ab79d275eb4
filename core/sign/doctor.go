package sign

import (
	"bytes"
	"context"
	"slices"
	"time"

	"hookglass/core"
)

// Case is a signature to be explained: that of a request, or the value that the user's own code came to.
type Case struct {
	Scheme    Scheme
	Input     Input
	Computed  string          // what the user's code computed; empty: explain the signature that came
	Others    []Labelled      // other secrets that the user has stored
	KnownURLs []string        // other addresses of the user: public bases, registered URLs
	Requests  []*core.Request // other captures, for mixed-up ids, bodies and timestamps
	Budget    time.Duration   // bound on the search; 0 means 5 s
}

// Labelled is a stored secret under the name that the user gave it.
type Labelled struct {
	Label  string
	Secret core.Secret
}

// Diagnosis is what the doctor found out. No findings: the signature is right.
type Diagnosis struct {
	Findings []core.Finding // best first
	Tried    int            // digests computed
	Excluded []string       // what was tried in vain, in words
	Stage    int            // 0 visible in the request or right at once, 1 one deviation, 2 two, 3 three
	Address  string         // the address that was signed, where it is another than the one that was called
}

const (
	defaultBudget = 5 * time.Second
	mostTried     = 10_000 // digests, and as many times the length of the signed bytes: a tenth of a second over 10 KB
	mostTriples   = 2_500  // of them with three deviations
	largeBody     = 64 << 10
)

// Diagnose explains why a signature does not verify. It looks at what is visible in the request, then recomputes the
// signature with one deviation from the scheme, then with a shifted clock, two deviations and three, and stops at the first stage
// that fits. Every recomputed finding is proof of the bytes and the key that were used, not of how they came about;
// where nothing fits, the one finding is "unexplained". It returns early when ctx ends.
func Diagnose(ctx context.Context, c Case) Diagnosis {
	if c.Budget <= 0 {
		c.Budget = defaultBudget
	}
	ctx, cancel := context.WithTimeout(ctx, c.Budget)
	defer cancel()
	c.KnownURLs = slices.Concat(c.KnownURLs, c.Input.others)
	c.Input, _ = c.Scheme.settle(c.Input)
	d := newDoctor(ctx, c)
	if c.Computed != "" {
		d.aim([]string{c.Computed}, true)
		m := d.asIs()
		switch {
		case m == nil, m.faulty():
			return d.search(m)
		case c.Scheme.Verify(c.Input).State == core.Verified:
			return d.right()
		}
		// The user's value is right and the one that came is not: explain that one.
	}
	if fs := d.absent(); fs != nil {
		return d.done(0, fs...)
	}
	if d.scheme.Sig.Format == "jwt" {
		if fs, known := d.tokenFaults(); known {
			return d.done(0, fs...)
		}
	}
	d.aim(d.texts, false)
	if fs := d.unstamped(); fs != nil {
		return d.done(0, fs...)
	}
	return d.search(d.asIs())
}

// search runs the stages until one fits. m is what the scheme itself gave.
func (d *doctor) search(m *match) Diagnosis {
	if m != nil {
		fs := d.explain(m)
		if !d.target.computed {
			if !d.coversBody() {
				fs = append(fs, d.digests()...)
			}
			fs = append(fs, d.times()...)
			fs = d.agreed(fs)
		}
		return d.done(0, fs...)
	}
	for i, stage := range []func() *match{d.one, d.shifted, d.two, d.three} {
		if m := stage(); m != nil {
			out := d.done(max(1, i), d.explain(m)...)
			if slices.ContainsFunc(m.groups, func(g group) bool { return g.dim == inURL }) {
				out.Address = m.trial.values.url
			}
			return out
		}
	}
	d.stage = 3
	return d.done(3, d.unexplained())
}

// doctor is one search.
type doctor struct {
	ctx    context.Context
	c      Case
	scheme Scheme // under the header names that the request uses
	found  found
	texts  []string // the signature as it came
	lines  []string // the ways to read the secret of which any may be right
	target *target
	bases  []trial // the scheme's own trials: one for each secret and accepted spelling of the address
	body   *material
	*hasher

	changes []change // every single deviation, smallest first
	groups  []group  // those that give bytes of their own
	stage   int
	item    int // of a batch the one that fails, from 1; 0 where there is no batch
	most    int // digests before the search has to end
	// mostBytes is how much may be hashed: forms of a body may be longer than the body.
	mostBytes int64
}

// group is the changes that give the same bytes.
type group struct {
	change
	base int
	also []change
}

// match is a trial that came out.
type match struct {
	trial    trial
	parts    []core.Part
	groups   []group // the deviations; none: only the spelling differs
	spelling *spelling
	weak     bool
}

func (m *match) faulty() bool { return len(m.groups) > 0 || len(m.spelling.causes) > 0 }

func newDoctor(ctx context.Context, c Case) *doctor {
	item := 0
	if c.Computed == "" {
		c.Input, item = c.Scheme.failingItem(c.Input)
	}
	d := &doctor{item: item, ctx: ctx, c: c, scheme: c.Scheme.as(c.Input.Request), hasher: newHasher(), most: mostTried}
	d.found = d.scheme.find(c.Input.Request)
	d.scheme = d.scheme.concrete(c.Input.Request, d.found)
	d.lines = alternatives(d.scheme.Key)
	d.scheme.Key = d.lines[0]
	d.texts, _ = d.scheme.signatures(c.Input.Request)
	d.body = newMaterial(c.Input.Request.Body)
	return d
}

// aim sets the signature to be explained and makes the trials to start from.
func (d *doctor) aim(texts []string, computed bool) {
	if (d.scheme.Sig.Format == "rfc9421" || d.scheme.Sig.Format == "jwt") && !computed {
		d.target = d.scheme.targetOf(d.found)
	} else {
		d.target = d.scheme.newTarget(texts, computed)
	}
	if !d.found.has.ts {
		for _, sp := range d.target.spellings {
			if sp.ts != "" {
				d.found.ts, d.found.has.ts = sp.ts, true
				break
			}
		}
	}
	if computed {
		d.lines = d.used()
	}
	d.bases = d.trials()
	if computed {
		d.bases = d.received()
	}
	d.mostBytes = mostTried * int64(len(d.body.raw)+1024)
}

// used is the way to read the secret under which the request verifies, where that is known: the user's own code, which
// reads it in another of the ways that the scheme allows, differs from it.
func (d *doctor) used() []string {
	for _, line := range d.lines {
		s := d.scheme
		s.Key = line
		if len(d.lines) > 1 && s.try(d.c.Input, d.found).match != nil {
			return []string{line}
		}
	}
	return d.lines
}

// received are the trials under the reading of the address that the request verifies under, where that is known: another
// reading, which the scheme accepts too, is not what was signed.
func (d *doctor) received() []trial {
	for i := range d.bases {
		t := &d.bases[i]
		parts, err := t.parts()
		if t.unusable || err != nil {
			continue
		}
		for _, c := range d.found.candidates {
			if c.err == nil && (t.public != "" && matches(t.public, t.key, parts, nil, c.bytes) || t.public == "" && bytes.Equal(d.sum(t, parts), c.bytes)) {
				return slices.DeleteFunc(slices.Clone(d.bases), func(o trial) bool { return o.values.url != t.values.url })
			}
		}
	}
	return d.bases
}

// targetOf takes the candidates of a format that has its own grammar.
func (s Scheme) targetOf(f found) *target {
	t := &target{exact: map[string][]int{}}
	for _, c := range f.candidates {
		if c.err == nil {
			t.exact[string(c.bytes)] = append(t.exact[string(c.bytes)], len(t.spellings))
			t.spellings = append(t.spellings, spelling{raw: c.bytes, text: c.text})
		}
	}
	return t
}

// trials are the ways in which the scheme itself may have made the signature.
func (d *doctor) trials() []trial {
	s := d.scheme
	hash, sum := digestHash(s.Alg)
	start := trial{template: s.Template, hash: hash, sum: sum}
	if public(s.Alg) {
		start.public = s.Alg
	}
	var out []trial
	for _, secret := range d.secrets() {
		for _, line := range d.lines {
			s.Key = line
			for _, r := range s.readings(d.c.Input, d.found) {
				t := start
				t.values, t.values.secret = r.values, secret
				k, err := s.key(secret)
				t.key, t.unusable = k, err != nil
				out = append(out, t)
			}
		}
	}
	return out
}

// secrets are those given; without any there is the empty one, for the changes to start from.
func (d *doctor) secrets() [][]byte {
	if keys := d.c.Input.keys(d.scheme); len(keys) > 0 {
		return keys[:min(len(keys), 4)]
	}
	return [][]byte{nil}
}

func (d *doctor) hasSecret() bool { return len(d.c.Input.keys(d.scheme)) > 0 }

// asIs tries what the scheme itself says. Only the spelling of a signature found here can be wrong.
func (d *doctor) asIs() *match {
	if !d.hasSecret() {
		return nil
	}
	for i := range d.bases {
		if m := d.try(&d.bases[i]); m != nil {
			return m
		}
	}
	return nil
}

func (d *doctor) right() Diagnosis { return d.done(0) }

func (d *doctor) done(stage int, fs ...core.Finding) Diagnosis {
	return Diagnosis{Findings: fs, Tried: d.tried, Excluded: d.excluded(stage), Stage: stage}
}

// excluded says in words what does not explain the signature.
func (d *doctor) excluded(stage int) []string {
	if d.stage < 3 {
		return nil
	}
	var out []string
	for _, dim := range []struct {
		dim  dimension
		what string
	}{
		{inBody, "form of the body"}, {inKey, "key made from the stored secrets"}, {inTemplate, "way to put the signed bytes together"},
		{inSum, "use of the hash function"}, {inURL, "form of the address"}, {inTime, "form of the timestamp"}, {inID, "id of another request"},
		{inRequest, "other captured request"},
	} {
		n := 0
		for _, g := range d.groups {
			if g.dim == dim.dim && g.base == 0 {
				n++
			}
		}
		if n > 0 {
			out = append(out, counted(n, dim.what))
		}
	}
	if slices.ContainsFunc(d.bases, func(t trial) bool { return uses(t.template, "ts") }) {
		out = append(out, "every timestamp within 15 minutes")
	}
	return out
}
