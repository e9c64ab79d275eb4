package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

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
