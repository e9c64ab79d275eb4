package sign

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core/jsontext"
)

// timeChanges are the ways in which the timestamp may stand differently in the signed bytes.
func timeChanges(unit, ts string, others []string) []change {
	var out []change
	add := func(cause, how, text string) {
		if text != ts && text != "" {
			out = append(out, change{inTime, cause, how, func(t *trial) bool { t.values.ts = text; return true }})
		}
	}
	at, ok := parseTime(unit, ts)
	if ok && isDigits(ts) && len(ts) <= 11 {
		add("timestamp_ms_vs_s", "the timestamp in milliseconds", strconv.FormatInt(at.UnixMilli(), 10))
	}
	if ok && isDigits(ts) && len(ts) > 11 {
		add("timestamp_ms_vs_s", "the timestamp in seconds", strconv.FormatInt(at.Unix(), 10))
	}
	if ok {
		for _, f := range timeFormats {
			add("timestamp_reformatted", "the timestamp as "+f.how, f.print(at))
		}
	}
	if trimmed := strings.TrimLeft(ts, "0"); isDigits(ts) {
		add("timestamp_reformatted", "the timestamp without leading zeros", trimmed)
	}
	add("timestamp_reformatted", "the timestamp trimmed", strings.TrimSpace(ts))
	for _, o := range others {
		add("timestamp_header_changed", "the timestamp "+o, o)
	}
	return out
}

type timeFormat struct {
	how   string
	print func(time.Time) string
}

var timeFormats = []timeFormat{
	{"seconds", func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }},
	{"milliseconds", func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }},
	{"a float of seconds", func(t time.Time) string { return string(jsontext.Python.Float(nil, float64(t.UnixMilli())/1000)) }},
	{"a float of milliseconds", func(t time.Time) string { return string(jsontext.Python.Float(nil, float64(t.UnixMilli()))) }},
	{"a float of whole seconds", func(t time.Time) string { return string(jsontext.Python.Float(nil, float64(t.Unix()))) }},
	{"a float of milliseconds in Go", func(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli()), 'g', -1, 64) }},
	{"a float of seconds in Go", func(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'g', -1, 64) }},
	{"a double of milliseconds in Java", func(t time.Time) string { return string(jsontext.Newtonsoft.Float(nil, float64(t.UnixMilli()))) }},
	{"a double of seconds in Java", func(t time.Time) string { return string(jsontext.Newtonsoft.Float(nil, float64(t.UnixMilli())/1000)) }},
	{"nanoseconds", func(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }},
	{"2006-01-02T15:04:05Z", layout("2006-01-02T15:04:05Z")},
	{"toISOString() prints it", layout("2006-01-02T15:04:05.000Z")},
	{"datetime.isoformat() prints it", layout("2006-01-02T15:04:05+00:00")},
	{"2006-01-02T15:04:05", layout("2006-01-02T15:04:05")},
	{"str(datetime) prints it", layout("2006-01-02 15:04:05")},
	{"str(datetime) with its zone prints it", layout("2006-01-02 15:04:05+00:00")},
	{"time.Time prints it", layout("2006-01-02 15:04:05 +0000 UTC")},
	{"time.RFC3339Nano prints it", layout(time.RFC3339Nano)},
	{"RFC 3339 in its own zone", func(t time.Time) string { return t.Format(time.RFC3339) }},
	{"RFC 3339 with milliseconds in its own zone", func(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") }},
	{"RFC 3339 with a zone without colon", func(t time.Time) string { return t.Format("2006-01-02T15:04:05-0700") }},
	{"RFC 3339 with its fraction in its own zone", func(t time.Time) string { return t.Format(time.RFC3339Nano) }},
	{"an HTTP date", layout(http.TimeFormat)},
	{"RFC 1123 with a zone", layout(time.RFC1123Z)},
	{"Instant.toString() prints it", layout("2006-01-02T15:04:05.999999999Z")},
	{"isoformat() with milliseconds prints it", layout("2006-01-02T15:04:05.000+00:00")},
	{"isoformat() with microseconds prints it", layout("2006-01-02T15:04:05.000000+00:00")},
}

func layout(l string) func(time.Time) string {
	return func(t time.Time) string { return t.UTC().Format(l) }
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// parseTime reads a timestamp in whatever form it has.
func parseTime(unit, ts string) (time.Time, bool) {
	ts = strings.TrimSpace(ts)
	if isDigits(ts) {
		n, err := strconv.ParseInt(ts, 10, 64)
		if err != nil || len(ts) > 18 {
			return time.Time{}, false
		}
		if len(ts) > 11 {
			return time.UnixMilli(n).UTC(), true
		}
		return time.Unix(n, 0).UTC(), true
	}
	if t, err := readTime(unit, ts); err == nil {
		return t, true
	}
	for _, l := range []string{time.RFC3339Nano, http.TimeFormat, time.RFC1123Z, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(l, ts); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

const neighbourhood = 900 // seconds

// neighbours are the timestamps around ts in its own form, nearest first.
func neighbours(unit, ts string) func(yield func(string, time.Duration) bool) {
	return func(yield func(string, time.Duration) bool) {
		at, ok := parseTime(unit, ts)
		if !ok {
			return
		}
		print := printer(ts, at)
		if print == nil {
			return
		}
		for n := 1; n <= neighbourhood; n++ {
			for _, d := range []time.Duration{-time.Duration(n) * time.Second, time.Duration(n) * time.Second} {
				if !yield(print(at.Add(d)), d) {
					return
				}
			}
		}
	}
}

// printer returns what prints a time in the form of ts, or nil.
func printer(ts string, at time.Time) func(time.Time) string {
	i := slices.IndexFunc(timeFormats, func(f timeFormat) bool { return f.print(at) == ts })
	if i < 0 {
		return nil
	}
	return timeFormats[i].print
}
