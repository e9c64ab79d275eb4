package sign

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hookglass/core"
)

// Match is a scheme that a request may be signed with.
type Match struct {
	Scheme string // its id
	Why    string // what in the request says so
	Sure   bool   // nothing else fits as well
}

// Detect names the schemes that fit a request, best first, the user's own among them: by the header that carries the
// signature, the shape of its value, companion headers and the User-Agent. Header names are shared by many providers, so
// several may fit equally; verifying with each and the secrets at hand then settles it, since a match is proof.
func (b Book) Detect(r *core.Request) []Match {
	var all []scored
	for _, s := range b.All() {
		if c, ok := s.score(r); ok {
			all = append(all, c)
		}
	}
	if slices.ContainsFunc(all, func(c scored) bool { return c.shaped }) {
		all = slices.DeleteFunc(all, func(c scored) bool { return !c.shaped })
	}
	slices.SortStableFunc(all, func(a, b scored) int { return b.points - a.points })
	out := make([]Match, len(all))
	for i, c := range all {
		out[i] = Match{Scheme: c.scheme, Why: strings.Join(c.why, "; ")}
	}
	if len(all) > 0 {
		lead := all[0].points
		out[0].Sure = all[0].shaped && (len(all) == 1 || lead > all[1].points && (all[0].marked || lead-all[1].points >= shapePoints))
	}
	return out
}

// scored is a scheme under consideration.
type scored struct {
	scheme         string
	points         int
	why            []string
	shaped, marked bool
}

// What the kinds of evidence weigh: a companion header beats the shape of a value, which beats the rest.
const (
	markPoints  = 16
	shapePoints = 8
	withPoints  = 4 // timestamp and id are where the scheme has them
	ownPoints   = -2
)

// score weighs a scheme. Without a signature in its place it does not come into question; a body is searched only
// when it is small.
func (s Scheme) score(r *core.Request) (scored, bool) {
	s = s.as(r)
	if strings.HasPrefix(s.Sig.From, "json:") && !s.mayBeIn(r) {
		return scored{}, false
	}
	if name, ok := strings.CutPrefix(s.Sig.From, "form:"); ok && (!isFormType(r.Header) || len(r.Body) > smallBody || !bytes.Contains(r.Body, []byte(name))) {
		return scored{}, false
	}
	f := s.find(r)
	if !f.has.signature {
		return scored{}, false
	}
	s = s.concrete(r, f)
	c := scored{scheme: s.ID, why: []string{say(s.Sig.From)}}
	s.scoreShape(&c, f)
	s.scoreMarks(&c, r)
	if s.lacks(f) == "" && (s.MsgID != "" || strings.HasPrefix(s.TS.From, "header:")) {
		c.points += withPoints
		c.why = append(c.why, "with "+list(beside(s)))
	} else if s.lacks(f) != "" {
		c.points -= shapePoints
	}
	if s.Confidence == "own" || s.Confidence == "secondary" {
		c.points += ownPoints // known less well: behind what fits equally
	}
	if strings.HasSuffix(s.Alg, "sha1") {
		c.points-- // GitHub sends both; the stronger one comes first
	}
	return c, true
}

// mayBeIn keeps large or other bodies from being parsed for every scheme that signs inside the body.
func (s Scheme) mayBeIn(r *core.Request) bool {
	path := strings.Split(strings.TrimPrefix(s.Sig.From, "json:"), ".")
	return len(r.Body) <= smallBody && bytes.Contains(r.Body, []byte(`"`+path[len(path)-1]+`"`))
}

func beside(s Scheme) []string {
	var out []string
	for _, place := range []string{s.MsgID, s.TS.From} {
		if name, ok := strings.CutPrefix(place, "header:"); ok {
			out = append(out, name)
		}
	}
	return out
}

// scoreShape asks whether the value could be a signature of this scheme.
func (s Scheme) scoreShape(c *scored, f found) {
	switch {
	case s.Alg == "equal":
		c.shaped = true
	case f.problem != "" || s.undecodable(f) != nil:
		c.points -= shapePoints
	default:
		c.shaped = true
		c.points += shapePoints
		c.why = append(c.why, s.shape())
	}
}

// shape is the form of the value in words: "sha256= and 64 hex".
func (s Scheme) shape() string {
	text := s.Enc
	if n := size(s.Alg); n > 0 {
		text = fmt.Sprintf("%d %s characters", len(encodeSignature(s.Enc, make([]byte, n))), s.Enc)
	}
	switch {
	case s.Sig.Format == "jwt":
		return "a JSON Web Token"
	case s.Sig.Format == "kv" && s.Sig.Field != "*" && s.Sig.Field != "-":
		return s.Sig.Field + s.Sig.KV + " and " + text
	case s.Sig.Prefix != "":
		return strings.TrimSpace(s.Sig.Prefix) + " and " + text
	}
	return text
}

// scoreMarks looks for what only this provider sends. A row without marks has nothing to show and loses nothing.
func (s Scheme) scoreMarks(c *scored, r *core.Request) {
	for _, name := range slices.Sorted(maps.Keys(s.Require)) {
		if !r.Header.Has(name) && !strings.HasPrefix(s.Require[name], "?") {
			c.points -= shapePoints
		}
	}
	for _, mark := range s.Marks {
		if !marked(r, mark) {
			continue
		}
		kind, text, _ := strings.Cut(mark, ":")
		points := markPoints
		switch kind {
		case "not":
			c.points -= markPoints
			continue
		case "body":
			points /= 4 // words in a body are a hint
		}
		c.points += points
		c.marked = c.marked || kind != "body"
		c.why = append(c.why, map[string]string{"header": "header ", "agent": "User-Agent ", "body": "body has ", "query": "query has ", "type": "Content-Type "}[kind]+text)
	}
}

// marked reports whether a mark of the table is on the request: "header:NAME", "header:NAME=VALUE", "agent:PREFIX",
// "body:TEXT", "query:NAME", "type:CONTENT-TYPE". "not:NAME" is a header that only others send.
func marked(r *core.Request, mark string) bool {
	kind, text, _ := strings.Cut(mark, ":")
	switch kind {
	case "header":
		name, want, exact := strings.Cut(text, "=")
		got, ok := r.Header.Lookup(name)
		return ok && (!exact || got == want)
	case "not":
		return r.Header.Has(text)
	case "agent":
		return hasPrefixFold(r.Header.Get("User-Agent"), text)
	case "type":
		return hasPrefixFold(r.Header.Get("Content-Type"), text)
	case "query":
		_, ok := queryValue(r.URL(), text)
		return ok
	case "body":
		return bytes.Contains(r.Body[:min(len(r.Body), smallBody)], []byte(text))
	}
	return false
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
