package store

import (
	"fmt"
	"slices"
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
		return cond{sql: "instr(b.body, CAST(? AS BLOB)) > 0", args: []any{w.value}, body: true, sought: sought{"body", w.value}}, nil
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

// oneOf compares with each of the comma-separated values; a * stands for any run.
func (w word) oneOf(column string, fold func(string) string) (cond, error) {
	var c cond
	var parts []string
	for _, v := range strings.Split(w.value, ",") {
		if fold != nil {
			v = fold(v)
		}
		if strings.Contains(v, "*") {
			parts = append(parts, column+` LIKE ? ESCAPE '\'`)
			v = strings.ReplaceAll(escape(v), "*", "%")
		} else {
			parts = append(parts, column+" = ?")
		}
		c.args = append(c.args, v)
	}
	c.sql = "(" + joined(parts, " OR ") + ")"
	return c, nil
}

func (w word) among(column string, fold func(string) string, known ...string) (cond, error) {
	for _, v := range strings.Split(w.value, ",") {
		ok := false
		for _, k := range known {
			ok = ok || k == v
		}
		if !ok {
			return cond{}, w.invalid("want " + strings.Join(known, ", "))
		}
	}
	return w.oneOf(column, fold)
}

// The conditions of which an index holds what they let through (migrations/0004_kinds.sql and 0006_blocks.sql); SQLite takes it
// where they stand in a query word for word.
const (
	badSignature = "c.verdict IN ('mismatch','missing','malformed','stale')"
	wentWrong    = "(c.status >= 400 OR c.status = 0)"
	overLimit    = "c.outcome = 'limited'"
	unmatched    = "c.outcome = 'unmatched'"
	isPinned     = "c.pinned = 1"
	isNoted      = "c.note > ''"
)

// source is the names of sources. Captures have an index of the numbers of their sources, which have a name each, or a few.
func (w word) source() (cond, error) {
	c, err := w.oneOf("c.name", nil)
	names := strings.ReplaceAll(c.sql, "c.name", "n.name")
	c.sql = "c.source IN (SELECT n.source FROM capture_name n WHERE " + names + ") AND " + c.sql
	c.args, c.index = append(c.args, c.args...), "capture_source"
	return c, err
}

// signature is what is known of a verdict; bad stands for all that do not hold.
func (w word) signature() (cond, error) {
	if w.value == "bad" {
		return cond{sql: badSignature, index: "capture_bad"}, nil
	}
	c, err := w.among("c.verdict", func(v string) string {
		if v == "none" {
			return ""
		}
		return v
	}, "bad", "verified", "mismatch", "missing", "malformed", "stale", "no_secret", "none")
	if err != nil {
		return c, err
	}
	all := strings.Split(w.value, ",")
	if slices.Contains(all, "bad") {
		c.sql = "(" + c.sql + " OR " + badSignature + ")"
	}
	if !slices.ContainsFunc(all, func(v string) bool { return v == "verified" || v == "no_secret" || v == "none" }) {
		c.sql, c.index = c.sql+" AND "+badSignature, "capture_bad"
	}
	return c, nil
}

func (w word) status() (cond, error) {
	v := strings.ToLower(w.value)
	var c cond
	if len(v) == 3 && v[1:] == "xx" && v[0] >= '1' && v[0] <= '9' {
		n := int64(v[0]-'0') * 100
		c = cond{sql: "c.status BETWEEN ? AND ?", args: []any{n, n + 99}}
	} else {
		var err error
		if c, err = w.compare("c.status", func(s string) (int64, error) { return strconv.ParseInt(s, 10, 32) }); err != nil {
			return c, err
		}
	}
	if least := c.args[0].(int64); !strings.HasPrefix(v, "<") && least >= 400 || v == "0" {
		c.sql, c.index = c.sql+" AND "+wentWrong, "capture_error"
	}
	return c, nil
}

func (w word) compare(column string, parse func(string) (int64, error)) (cond, error) {
	op, v := compared(w.value)
	n, err := parse(v)
	if err != nil {
		return cond{}, w.invalid("want a value like " + example(w.key))
	}
	return cond{sql: column + " " + op + " ?", args: []any{n}}, nil
}

// compared takes the operator off a value; "=" where it has none.
func compared(value string) (op, rest string) {
	for _, o := range []string{">=", "<=", ">", "<"} {
		if v, ok := strings.CutPrefix(value, o); ok {
			return o, v
		}
	}
	return "=", value
}

func (w word) time(now time.Time) (cond, error) {
	at, err := parseTime(w.value, now)
	if err != nil {
		return cond{}, w.invalid("want a time ago (15m, 2h, 3d), a date (2026-11-20) or a time (2026-11-20T14:05:00Z)")
	}
	if w.key == "since" {
		return cond{sql: "c.at >= ?", args: []any{at.UnixNano()}, since: at.UnixNano()}, nil
	}
	return cond{sql: "c.at <= ?", args: []any{at.UnixNano()}, until: at.UnixNano()}, nil
}

// throughTunnel is the ways in that are a tunnel's; another one is the name of a space.
const throughTunnel = "c.via IN ('ngrok','ssh','own')"

// flags are what is: asks for, in the order in which they are listed, with an index of each where there is one.
var flags = []struct{ name, sql, index string }{
	{"error", wentWrong, "capture_error"}, {"limited", overLimit, "capture_limited"}, {"unmatched", unmatched, "capture_unmatched"},
	{"pinned", isPinned, "capture_pinned"}, {"noted", isNoted, "capture_noted"}, {"replay", "c.replay_of > 0", "capture_replay"},
	{"faulty", "c.faulty = 1", "capture_faulty"}, {"cut", "c.truncated = 1", "capture_cut"}, {"tunnel", throughTunnel, ""},
	{"drift", "c.id IN (SELECT capture FROM drift)", ""},
}

func flagNames() (names []string) {
	for _, f := range flags {
		names = append(names, f.name)
	}
	return names
}

func (w word) flag() (cond, error) {
	for _, f := range flags {
		if f.name == w.value {
			return cond{sql: f.sql, index: f.index}, nil
		}
	}
	return cond{}, w.invalid("want " + core.OrList(flagNames()))
}

// contract is what was found of the source's contract: none where it had none, or was not looked at yet.
func (w word) contract() (cond, error) {
	switch w.value {
	case "broken":
		return cond{sql: "c.id IN (SELECT capture FROM contract_check WHERE broken = 1)"}, nil
	case "kept":
		return cond{sql: "c.id IN (SELECT capture FROM contract_check WHERE broken = 0)"}, nil
	case "none":
		return cond{sql: "c.id NOT IN (SELECT capture FROM contract_check)"}, nil
	}
	return cond{}, w.invalid("want broken, kept or none")
}

func (w word) ids() (cond, error) {
	var ranges []IDRange
	for _, v := range strings.Split(w.value, ",") {
		from, to, ranged := strings.Cut(v, "-")
		a, err := strconv.ParseInt(from, 10, 64)
		if err != nil {
			return cond{}, w.invalid("want a number like 120 or a range like 120-140")
		}
		b := a
		if ranged {
			if b, err = strconv.ParseInt(to, 10, 64); err != nil {
				return cond{}, w.invalid("want a number like 120 or a range like 120-140")
			}
		}
		ranges = append(ranges, IDRange{core.CaptureID(a), core.CaptureID(b)})
	}
	return among(ranges), nil
}

func parseTime(s string, now time.Time) (time.Time, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.ParseFloat(days, 64); err == nil {
			return now.Add(-time.Duration(n * 24 * float64(time.Hour))), nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("not a time: %q", s)
}

func parseSize(s string) (int64, error) {
	s = strings.ToLower(s)
	unit := int64(1)
	for suffix, n := range map[string]int64{"kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30} {
		if v, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = v, n
			break
		}
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, "b"), 64)
	return int64(n * float64(unit)), err
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

func escape(s string) string   { return likeEscaper.Replace(s) }
func contains(s string) string { return "%" + escape(s) + "%" }

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
