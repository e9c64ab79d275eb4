package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// Match reports whether a capture matches a filter, as the query of the same text would find it once it is stored.
type Match func(*core.Capture) bool

// ParseMatch reads a filter for a request that has just arrived. What is known of it only later, like its note, is refused.
func ParseMatch(text string) (Match, error) { return parseMatch(text, nil) }

// ParseMatchEarly is ParseMatch for before it is decided what is answered.
func ParseMatchEarly(text string) (Match, error) { return parseMatch(text, decidedLater) }

// What is known of a capture neither when it arrives nor when it is answered, and what only then.
var (
	knownLater   = []string{"id", "note", "is:pinned", "is:noted"}
	decidedLater = []string{"status", "outcome", "took", "is:error", "is:limited", "is:unmatched", "is:faulty"}
)

func parseMatch(text string, without []string) (Match, error) {
	words, err := split(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	all := make([]Match, len(words))
	for i, w := range words {
		if _, err := w.positive(time.Time{}); err != nil { // what is wrong with a word is said in one place
			return nil, err
		}
		name := w.key
		if w.key == "is" {
			name = "is:" + w.value
		}
		if slices.Contains(knownLater, name) {
			return nil, w.invalid("is not known of a request that has just arrived; take this word out")
		}
		if slices.Contains(without, name) {
			return nil, w.invalid("is not known before it is answered; take this word out")
		}
		m, ok := w.match()
		if !ok {
			return nil, w.invalid("can be looked for in the history only; take this word out")
		}
		if w.not {
			all[i] = func(c *core.Capture) bool { return !m(c) }
		} else {
			all[i] = m
		}
	}
	return func(c *core.Capture) bool {
		for _, m := range all {
			if !m(c) {
				return false
			}
		}
		return true
	}, nil
}

// match does in memory what the SQL of [word.positive] does.
func (w word) match() (Match, bool) {
	switch w.key {
	case "":
		v := lower(w.value)
		return func(c *core.Capture) bool {
			return strings.Contains(lower(c.Request.Target), v) || strings.Contains(lower(c.Event.Type), v) || strings.Contains(lower(c.Name), v) || lower(c.Request.Method) == v
		}, true
	case "source":
		return w.any(func(c *core.Capture) string { return c.Name }), true
	case "platform":
		return w.any(func(c *core.Capture) string { return c.Receipt.Platform }), true
	case "event":
		return w.any(func(c *core.Capture) string { return c.Event.Type }), true
	case "outcome":
		return w.any(func(c *core.Capture) string { return string(c.Receipt.Outcome) }), true
	case "method":
		up := w
		up.value = strings.ToUpper(w.value)
		return up.any(func(c *core.Capture) string { return strings.ToUpper(c.Request.Method) }), true
	case "sig":
		return w.matchSignature(), true
	case "path":
		v := lower(w.value)
		return func(c *core.Capture) bool { return strings.Contains(lower(c.Request.Target), v) }, true
	case "body":
		v := []byte(w.value)
		return func(c *core.Capture) bool { return bytes.Contains(c.Request.Body, v) }, true
	case "header":
		v := lower(w.value)
		return func(c *core.Capture) bool { return strings.Contains(lower(headText(&c.Request)), v) }, true
	case "contract":
		v := w.value
		return func(c *core.Capture) bool { return c.Promise.Word() == v }, true
	case "since", "until":
		return w.matchTime(), true
	case "status":
		return w.matchStatus(), true
	case "size":
		return w.matchNumber(parseSize, func(c *core.Capture) int64 { return c.Request.Size }), true
	case "took":
		parse := func(s string) (int64, error) { d, err := time.ParseDuration(s); return int64(d), err }
		return w.matchNumber(parse, func(c *core.Capture) int64 { return int64(c.Took) }), true
	case "is":
		m, ok := matchFlags[w.value]
		return m, ok
	}
	return nil, false
}

// matchFlags are those of flags that are known of a request that has just arrived.
var matchFlags = map[string]Match{
	"error":     func(c *core.Capture) bool { return c.Response.Status >= 400 || c.Response.Status == 0 },
	"limited":   func(c *core.Capture) bool { return c.Receipt.Outcome == core.Limited },
	"unmatched": func(c *core.Capture) bool { return c.Receipt.Outcome == core.Unmatched },
	"replay":    func(c *core.Capture) bool { return c.ReplayOf > 0 },
	"faulty":    func(c *core.Capture) bool { return len(c.Receipt.Faults) > 0 },
	"cut":       func(c *core.Capture) bool { return c.Request.Truncated },
	"tunnel":    func(c *core.Capture) bool { return c.Via != "" },
}

// any compares with each of the comma-separated values; a * stands for any run.
func (w word) any(of func(*core.Capture) string) Match {
	values := strings.Split(w.value, ",")
	return func(c *core.Capture) bool {
		have := of(c)
		for _, v := range values {
			if v == have || strings.Contains(v, "*") && like(lower(v), lower(have)) {
				return true
			}
		}
		return false
	}
}

// like reports whether text is pattern, in which a * stands for any run.
func like(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		if _, text, ok = strings.Cut(text, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(text, parts[last])
}

func (w word) matchSignature() Match {
	values := strings.Split(w.value, ",")
	return func(c *core.Capture) bool {
		state := "none"
		if c.Receipt.Verdict != nil {
			state = string(c.Receipt.Verdict.State)
		}
		return slices.Contains(values, state) || slices.Contains(values, "bad") && slices.Contains([]string{"mismatch", "missing", "malformed", "stale"}, state)
	}
}

// matchTime counts a time ago from when the capture arrived.
func (w word) matchTime() Match {
	return func(c *core.Capture) bool {
		at, err := parseTime(w.value, c.At)
		if err != nil {
			return false
		}
		if w.key == "since" {
			return !c.At.Before(at)
		}
		return !c.At.After(at)
	}
}

func (w word) matchStatus() Match {
	v := strings.ToLower(w.value)
	of := func(c *core.Capture) int64 { return int64(c.Response.Status) }
	if len(v) == 3 && v[1:] == "xx" && v[0] >= '1' && v[0] <= '9' {
		n := int64(v[0]-'0') * 100
		return func(c *core.Capture) bool { return of(c) >= n && of(c) <= n+99 }
	}
	return w.matchNumber(func(s string) (int64, error) { return strconv.ParseInt(s, 10, 32) }, of)
}

func (w word) matchNumber(parse func(string) (int64, error), of func(*core.Capture) int64) Match {
	op, v := compared(w.value)
	n, err := parse(v)
	if err != nil {
		return func(*core.Capture) bool { return false } // positive has refused it
	}
	return func(c *core.Capture) bool {
		switch have := of(c); op {
		case ">=":
			return have >= n
		case "<=":
			return have <= n
		case ">":
			return have > n
		case "<":
			return have < n
		default:
			return have == n
		}
	}
}

// headText is what header: looks into.
func headText(r *core.Request) string {
	if r.Head != nil {
		return string(r.Head)
	}
	text, err := json.Marshal(r.Header)
	if err != nil {
		panic(fmt.Sprintf("a header is plain data: %v", err))
	}
	return string(text)
}

// lower folds the letters that SQLite's LIKE does.
func lower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
