// Package answer decides what a source answers: the first of its rules that fits, with texts that are templates of the request. It does
// no I/O. What a template may use is said by [Functions] and [Fields]; what it may take is bounded.
package answer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// Rule is one answer, with the filter under which it is given.
type Rule struct {
	When           string // a filter that the request has to match; empty: all
	Times          int    // used so often, then passed over; 0: always
	Status         int
	Header         core.Header
	Body           string
	Delay          time.Duration
	StatusFromPath bool // a status at the end of the path is the answer's: /in/x/404
}

// Config is what rules are read with.
type Config struct {
	// Filter reads a filter for before the answer is decided; nil: there are none.
	Filter func(text string) (func(*core.Capture) bool, error)
	// Secret is the value of a secret that a template names: one of the source by its setting, else a reference.
	Secret func(name string) (core.Secret, error)
	// Listed says that the rules are named by their place: "[1].body". Else there is one, and its fields are "body".
	Listed bool
}

// Request is what an answer is made of.
type Request struct {
	Capture *core.Capture // as far as it is known: its answer is not, its id may not be
	Now     time.Time
	Seed    uint64 // drives uuid and random
}

// Answer is what a rule says to a request.
type Answer struct {
	Response core.Response
	Delay    time.Duration
	Rule     int    // its place; -1: none fits
	Failed   string // why a template failed; the response is then a 500
	NeedsID  bool   // it tells the id of the capture, which has to be known
	Marked   bool   // a mark stands for the id, and Number puts the id there; else it is made again
}

// Rules are those of one source at work. Only one goroutine may use them.
type Rules struct {
	rules []*rule
	run   *run
}

// rule is a Rule that has been read.
type rule struct {
	Rule
	holds  func(*core.Capture) bool
	used   int
	header []*text // the values of Rule.Header
	body   *text
	plain  core.Response // where nothing in it depends on the request
	fixed  bool
	marks  bool // a mark can stand for the id wherever it is told
}

const (
	mostRules    = 100
	longestDelay = 10 * time.Minute
)

// New reads rules. What is wrong with them is a *core.Invalid that names the field, and the place where a template goes wrong.
func New(all []Rule, cfg Config) (*Rules, error) {
	if len(all) > mostRules {
		return nil, &core.Invalid{Reason: fmt.Sprintf("%d rules; want %d at the most", len(all), mostRules)}
	}
	rs := &Rules{run: &run{}}
	for i, r := range all {
		name := func(field string) string {
			if cfg.Listed {
				return fmt.Sprintf("[%d].%s", i, field)
			}
			return field
		}
		made := &rule{Rule: r, holds: func(*core.Capture) bool { return true }}
		if r.When != "" && cfg.Filter != nil {
			holds, err := cfg.Filter(r.When)
			if err != nil {
				return nil, &core.Invalid{Field: name("when"), Reason: err.Error()}
			}
			made.holds = holds
		}
		if r.Delay < 0 || r.Delay > longestDelay {
			return nil, &core.Invalid{Field: name("delay_ms"), Reason: fmt.Sprintf("want 0 to %d", longestDelay.Milliseconds())}
		}
		var err error
		for _, f := range r.Header {
			if !core.IsToken(f.Name) || strings.ContainsAny(f.Value, "\r\n\x00") {
				return nil, &core.Invalid{Field: name("headers." + f.Name), Reason: "is no header that HTTP can carry"}
			}
			value, err := read(f.Value, name("headers."+f.Name), rs.run, cfg.Secret)
			if err != nil {
				return nil, err
			}
			made.header = append(made.header, value)
		}
		if made.body, err = read(r.Body, name("body"), rs.run, cfg.Secret); err != nil {
			return nil, err
		}
		made.fix()
		rs.rules = append(rs.rules, made)
	}
	return rs, nil
}

// fix makes the response beforehand where no request can change it.
func (r *rule) fix() {
	r.fixed = r.body.fixed()
	for _, t := range r.header {
		r.fixed = r.fixed && t.fixed()
	}
	texts, marks := append([]*text{r.body}, r.header...), true
	for _, t := range texts {
		marks = marks && (t.fixed() || t.marks)
	}
	r.marks = marks
	if r.fixed {
		r.plain = r.response(r.Status, r.Header.Clone(), []byte(r.Body))
	}
}

// Answer is what the first rule that fits says, and counts it as used. Where none fits it is 200 and nothing.
func (rs *Rules) Answer(in Request) Answer {
	for i, r := range rs.rules {
		if r.Times > 0 && r.used >= r.Times || !r.holds(in.Capture) {
			continue
		}
		if r.Times > 0 {
			r.used++
		}
		return rs.say(i, in)
	}
	return Answer{Rule: -1, Response: core.Response{Status: 200}}
}

// Again is the answer of the rule that gave a, for a request of which more is known by now. Nothing is counted.
func (rs *Rules) Again(a Answer, in Request) Answer { return rs.say(a.Rule, in) }

// Plain is the answer to every request, where none can change it.
func (rs *Rules) Plain() (core.Response, bool) {
	if len(rs.rules) != 1 {
		return core.Response{}, false
	}
	r := rs.rules[0]
	if !r.fixed || r.When != "" || r.Times > 0 || r.Delay > 0 || r.StatusFromPath {
		return core.Response{}, false
	}
	plain := r.plain
	plain.Header = plain.Header.Clone()
	return plain, true
}

// AskContract says whether what is answered depends on the contract of the source.
func (rs *Rules) AskContract() bool {
	for _, r := range rs.rules {
		if strings.Contains(r.When, "contract:") || r.body.wanted("violations") || slices.ContainsFunc(r.header, func(t *text) bool { return t.wanted("violations") }) {
			return true
		}
	}
	return false
}

// Len is how many rules there are.
func (rs *Rules) Len() int { return len(rs.rules) }

// When is the filter of a rule.
func (rs *Rules) When(i int) string { return rs.rules[i].When }

func (rs *Rules) say(i int, in Request) Answer {
	r := rs.rules[i]
	a := Answer{Rule: i, Delay: r.Delay}
	status := r.Status
	if r.StatusFromPath {
		status = statusOf(in.Capture.Request.Path(), status)
	}
	if r.fixed {
		a.Response = r.plain
		a.Response.Status, a.Response.Header = status, r.plain.Header.Clone()
		return a
	}
	rs.run.begin(in)
	rs.run.marks = r.marks && in.Capture.ID == 0
	header := make(core.Header, len(r.Header), len(r.Header)+1)
	var err error
	for k, f := range r.Header {
		value, failed := r.header[k].render(rs.run)
		if failed == nil && strings.ContainsAny(value, "\r\n\x00") {
			failed = fmt.Errorf("%s: its value has a line break", r.header[k].name)
		}
		if err == nil {
			err = failed
		}
		header[k] = core.Field{Name: f.Name, Value: value}
	}
	body, failed := r.body.render(rs.run)
	if err == nil {
		err = failed
	}
	a.NeedsID, a.Marked = rs.run.told, rs.run.told && rs.run.marks
	if err != nil {
		a.Failed = err.Error()
		a.Response = core.Response{Status: 500, Header: core.Header{{Name: "Content-Type", Value: "application/json"}},
			Body: []byte(`{"error":"the template of this answer failed; Hookglass has the reason with the capture"}` + "\n")}
		a.Response.Size = int64(len(a.Response.Body))
		return a
	}
	a.Response = r.response(status, header, []byte(body))
	return a
}

// response is a response with a Content-Type that fits the body where the rule names none.
func (r *rule) response(status int, header core.Header, body []byte) core.Response {
	if len(body) > 0 && !header.Has("Content-Type") {
		kind := "text/plain; charset=utf-8"
		if (body[0] == '{' || body[0] == '[') && json.Valid(body) {
			kind = "application/json"
		}
		header = append(header, core.Field{Name: "Content-Type", Value: kind})
	}
	return core.Response{Status: status, Header: header, Body: body, Size: int64(len(body))}
}

// statusOf is the status that a path ends with, or fallback.
func statusOf(path string, fallback int) int {
	last := path[strings.LastIndexByte(path, '/')+1:]
	if n, err := strconv.Atoi(last); err == nil && len(last) == 3 && n >= 200 && n <= 599 {
		return n
	}
	return fallback
}
