package lab

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// evidence is what a handler's answers tell about a duplicate.
type evidence int

const (
	noEvidence evidence = iota
	processedOnce
	processedTwice
)

// answer is what came back for an event.
type answer struct {
	exchange
	event event
}

// compareAnswers looks at the answers to an event, to the same again, and to a new one. Where the duplicate's answer
// stays as the first one's and only the new event's moves on, or the duplicate alone is answered differently, the
// handler knows a duplicate. Where a counter or an id moves on with the duplicate just as with the new event, it does
// not. Times, and what names a request rather than an event, say nothing.
func compareAnswers(first, again, next answer, now time.Time) evidence {
	a, b, c := facts(first, now), facts(again, now), facts(next, now)
	if first.status() != again.status() && first.status() == next.status() {
		return processedOnce // 200 for known, 201 or 202 for new
	}
	found := noEvidence
	for _, name := range names(a, b, c) {
		x, y, z := a[name], b[name], c[name]
		switch {
		case x == y && y == z:
		case x == y, x == z:
			return processedOnce
		case countsOn(x, y, z) || x != "" && y != "" && z != "" && namesWork(name):
			found = processedTwice
		}
	}
	return found
}

// countsOn reports whether three values are a counter that moved with each of them.
func countsOn(x, y, z string) bool {
	a, err1 := strconv.ParseInt(x, 10, 64)
	b, err2 := strconv.ParseInt(y, 10, 64)
	c, err3 := strconv.ParseInt(z, 10, 64)
	return err1 == nil && err2 == nil && err3 == nil && a < b && b < c && b-a == c-b
}

// namesWork reports whether a value is the id of something that was made for the event.
func namesWork(name string) bool {
	last := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	return last == "id" || strings.HasSuffix(last, "id") || last == "uuid" || last == "location"
}

// facts are the values of an answer by name: members of a JSON body, words of any other, headers. The ids that we sent
// ourselves are taken out, and so is all that differs between any two answers.
func facts(a answer, now time.Time) map[string]string {
	out := map[string]string{}
	keep := func(name, value string) {
		if !noise(name, value, now) {
			out[name] = value
		}
	}
	body := a.response.Body
	for _, own := range []string{a.event.id, a.event.uuid} {
		body = bytes.ReplaceAll(body, []byte(own), []byte("ours"))
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&v) == nil {
		flatten("", v, keep)
	} else {
		for i, word := range strings.FieldsFunc(string(body), notInWord) {
			keep("word "+strconv.Itoa(i), word)
		}
	}
	for _, f := range telling(a.response.Header) {
		keep("header."+strings.ToLower(f.Name), strings.ReplaceAll(strings.ReplaceAll(f.Value, a.event.id, "ours"), a.event.uuid, "ours"))
	}
	return out
}

func notInWord(r rune) bool { return strings.ContainsRune(" \t\r\n,;:=\"'()[]{}#", r) }

func flatten(name string, v any, keep func(name, value string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			flatten(name+"."+k, e, keep)
		}
	case []any:
		for i, e := range v {
			flatten(name+"."+strconv.Itoa(i), e, keep)
		}
	case json.Number:
		keep(name, v.String())
	case string:
		keep(name, v)
	case bool:
		keep(name, strconv.FormatBool(v))
	case nil:
		keep(name, "null")
	}
}

// telling are the headers that may speak of the event: none that every answer has.
func telling(h core.Header) core.Header {
	return h.Without("Date", "Content-Length", "Content-Type", "Connection", "ETag", "Server", "Set-Cookie", "Age", "Vary",
		"Transfer-Encoding", "Keep-Alive", "Expires", "Last-Modified", "Alt-Svc", "Via")
}

var (
	noisyName = regexp.MustCompile(`(?i)request|trace|span|correlation|time|date|_at$|At$|took|duration|elapsed|latency|uptime|_ms$|nonce|ratelimit|cf-ray|number`)
	timestamp = regexp.MustCompile(`^\d{4}-\d\d-\d\d[T ]?`)
)

// noise reports whether a value differs between answers whatever the handler does. What we number ourselves is echoed
// as a number.
func noise(name, value string, now time.Time) bool {
	if noisyName.MatchString(name) || timestamp.MatchString(value) {
		return true
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return false
	}
	for unit := float64(1); unit <= 1e9; unit *= 1e3 { // seconds to nanoseconds since 1970
		if off := n/unit - float64(now.Unix()); off > -90000 && off < 90000 {
			return true
		}
	}
	return false
}

func names(maps ...map[string]string) []string {
	var all []string
	for _, m := range maps {
		for name := range m {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
