package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// Query is a filter over captures. The zero value matches all.
//
// The language is words separated by spaces; all of them must hold. A word is key:value, or plain text that is
// looked for in path, event and source. Values with spaces stand in double quotes. A minus before a word turns it
// round; commas in a value mean "or".
//
//	source:stripe sig:mismatch status:>=400 body:"refund" since:1h -method:GET
type Query struct {
	text  string
	conds []cond
	body  bool // looks into bodies, which is slow
}

type cond struct {
	sql  string
	args []any
	body bool
	text string // the word as it was typed; empty for what no word made

	// What spares reading captures that it does not let through, where something does.
	index  string    // of SQLite's, which has all that it lets through
	since  int64     // when they arrived at the earliest; 0: at any time
	until  int64     // at the latest
	ranges []IDRange // among which they are; nil: anywhere
	sought sought    // the text that they have, where the index can be asked for it
}

// String is the query as it was typed.
func (q Query) String() string { return q.text }

// Everything reports whether q matches all captures.
func (q Query) Everything() bool { return len(q.conds) == 0 }

// Slow reports whether q reads bodies and so deserves a progress and a cancel button.
func (q Query) Slow() bool { return q.body }

// Key is a word of the language, for suggestions.
type Key struct{ Name, Help, Example string }

// Keys are the words of the language in the order a list of suggestions shows them.
func Keys() []Key {
	return []Key{
		{"source", "name of a source", "source:stripe"},
		{"sig", "bad (any that does not hold), verified, mismatch, missing, malformed, stale, no_secret or none", "sig:bad"},
		{"status", "status answered, with >, >=, <, <= or 4xx", "status:>=400"},
		{"method", "method as sent", "method:POST"},
		{"path", "part of the path or query", "path:/in/stripe"},
		{"event", "event type, * for any run", "event:invoice.*"},
		{"outcome", "accepted, ignored, rejected, limited or unmatched", "outcome:ignored"},
		{"platform", "platform that answered", "platform:nitejar"},
		{"body", "text in the body", `body:"refund"`},
		{"header", "text in the head, name and value", `header:"x-github-event: push"`},
		{"space", "name of a team's space, * for any", "space:team"},
		{"since", "a time ago or a date", "since:1h"},
		{"until", "a time ago or a date", "until:2026-11-20"},
		{"size", "bytes of body, with >, <, kb or mb", "size:>100kb"},
		{"took", "time to the answer", "took:>250ms"},
		{"note", "text in the note", "note:customer"},
		{"is", core.OrList(flagNames()), "is:error"},
		{"contract", "broken, kept or none: the source's contract", "contract:broken"},
		{"id", "number or range of captures", "id:120-140"},
	}
}

// ParseQuery reads a filter; now is what since:1h counts from. What it cannot read is a *core.Invalid that names the word.
func ParseQuery(text string, now time.Time) (Query, error) {
	q := Query{text: strings.TrimSpace(text)}
	words, err := split(q.text)
	if err != nil {
		return q, err
	}
	values := 0
	for _, w := range words {
		c, err := w.cond(now)
		if err != nil {
			return q, err
		}
		c.text = w.String()
		q.conds = append(q.conds, c)
		q.body = q.body || c.body
		if values += len(c.args); values > maxValues {
			return q, &core.Invalid{Field: "filter", Reason: fmt.Sprintf("it compares with more than %d values; ask in several filters", maxValues)}
		}
	}
	return q, nil
}

// What SQLite takes: 32,766 values in a query, of which others add a few, and 50,000 bytes in a pattern, which escapes make
// twice as long. How many conditions it takes in a row is nothing to ask of who types a filter: see joined.
const (
	maxValues = 30_000
	maxWord   = 20_000
)

// joined are conditions under AND or OR, as a balanced tree: SQLite takes one of a depth of 1,000.
func joined(parts []string, op string) string {
	if n := len(parts); n > 8 {
		return "(" + joined(parts[:n/2], op) + ")" + op + "(" + joined(parts[n/2:], op) + ")"
	}
	return strings.Join(parts, op)
}

// Words are the words of q, each a query of its own: what a capture that q does not match failed at.
func (q Query) Words() []Query {
	var all []Query
	for _, c := range q.conds {
		if c.text != "" {
			all = append(all, Query{text: c.text, conds: []cond{c}, body: c.body})
		}
	}
	return all
}

func (q Query) sql() (string, []any) {
	if len(q.conds) == 0 {
		return "1", nil
	}
	var parts []string
	var args []any
	for _, c := range q.conds {
		parts = append(parts, c.sql)
		args = append(args, c.args...)
	}
	return joined(parts, " AND "), args
}

func (q Query) join() string {
	if q.body {
		return " JOIN capture_body b ON b.id = c.id"
	}
	return ""
}

// word is one element of a filter as typed.
type word struct {
	not        bool
	key, value string
}

func split(text string) ([]word, error) {
	var words []word
	for i := 0; i < len(text); {
		if text[i] == ' ' {
			i++
			continue
		}
		start, quoted := i, false
		var b strings.Builder
		colon := -1
		for ; i < len(text) && (quoted || text[i] != ' '); i++ {
			switch {
			case text[i] == '"':
				quoted = !quoted
			case quoted && text[i] == '\\' && i+1 < len(text):
				i++
				b.WriteByte(text[i])
			default:
				if text[i] == ':' && !quoted && colon < 0 {
					colon = b.Len()
				}
				b.WriteByte(text[i])
			}
		}
		if quoted {
			return nil, &core.Invalid{Field: "filter", Reason: fmt.Sprintf("%s: the quote is not closed; add a \"", text[start:])}
		}
		words = append(words, newWord(b.String(), colon))
	}
	return words, nil
}

func newWord(s string, colon int) word {
	w := word{value: s}
	if strings.HasPrefix(s, "-") && len(s) > 1 {
		w.not, w.value, colon = true, s[1:], colon-1
	}
	if colon > 0 && !strings.HasPrefix(w.value, "http:") && !strings.HasPrefix(w.value, "https:") {
		w.key, w.value = strings.ToLower(w.value[:colon]), w.value[colon+1:]
	}
	return w
}

// String is the word as it is typed.
func (w word) String() string {
	text := w.value
	if strings.ContainsAny(text, ` "\\`) {
		text = strconv.Quote(text)
	}
	if w.key != "" {
		text = w.key + ":" + text
	}
	if w.not {
		text = "-" + text
	}
	return text
}

func (w word) cond(now time.Time) (cond, error) {
	c, err := w.positive(now)
	if err == nil && w.not {
		c = cond{sql: "NOT (" + c.sql + ")", args: c.args, body: c.body}
	}
	return c, err
}

func (w word) positive(now time.Time) (cond, error) {
	if w.key != "" && w.value == "" {
		return cond{}, w.invalid("a value is missing")
	}
	if len(w.value) > maxWord && w.key != "id" {
		return cond{}, &core.Invalid{Field: "filter " + w.key, Reason: fmt.Sprintf("a word is longer than %d bytes", maxWord)}
	}
	switch w.key {
	case "":
		like := contains(w.value)
		return cond{sql: `(c.target LIKE ? ESCAPE '\' OR c.event LIKE ? ESCAPE '\' OR c.name LIKE ? ESCAPE '\' OR upper(c.method) = upper(?))`,
			args: []any{like, like, like, w.value}}, nil
	case "source":
		return w.source()
	case "platform":
		return w.oneOf("c.platform", nil)
	case "event":
		return w.oneOf("c.event", nil)
	case "method":
		return w.oneOf("upper(c.method)", strings.ToUpper) // as it was sent, however that was spelled
	case "space":
		c, err := w.oneOf("c.via", nil)
		c.sql = "(" + c.sql + " AND NOT " + throughTunnel + " AND c.via > '')"
		return c, err
	case "sig":
		return w.signature()
	case "outcome":
		c, err := w.among("c.outcome", nil, "accepted", "ignored", "rejected", "limited", "unmatched")
		switch w.value {
		case "limited":
			c.sql, c.args, c.index = overLimit, nil, "capture_limited"
		case "unmatched":
			c.sql, c.args, c.index = unmatched, nil, "capture_unmatched"
		}
		return c, err
	case "path":
		return cond{sql: `c.target LIKE ? ESCAPE '\'`, args: []any{contains(w.value)}}, nil
	case "status":
		return w.status()
	case "body":
		return cond{sql: "instr(" + wholeBody + ", CAST(? AS BLOB)) > 0", args: []any{w.value}, body: true, sought: sought{"body", w.value}}, nil
	case "header":
		return cond{sql: `CAST(coalesce(b.head, b.header) AS TEXT) LIKE ? ESCAPE '\'`, args: []any{contains(w.value)}, body: true, sought: sought{"head", w.value}}, nil
	case "note":
		return cond{sql: isNoted + ` AND c.note LIKE ? ESCAPE '\'`, args: []any{contains(w.value)}, index: "capture_noted"}, nil
	case "since", "until":
		return w.time(now)
	case "size":
		return w.compare("c.size", parseSize)
	case "took":
		return w.compare("c.took", func(s string) (int64, error) { d, err := time.ParseDuration(s); return int64(d), err })
	case "is":
		return w.flag()
	case "contract":
		return w.contract()
	case "id":
		return w.ids()
	}
	return cond{}, w.invalid("unknown word; known are " + keyNames())
}

func (w word) invalid(reason string) error {
	f := w.value
	if w.key != "" {
		f = w.key + ":" + w.value
	}
	return &core.Invalid{Field: "filter " + f, Reason: reason}
}

func keyNames() string {
	var names []string
	for _, k := range Keys() {
		names = append(names, k.Name+":")
	}
	return strings.Join(names, " ")
}

func example(key string) string {
	for _, k := range Keys() {
		if k.Name == key {
			return k.Example
		}
	}
	return key
}
