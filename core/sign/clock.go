package sign

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"hookglass/core"
)

// clock is what the timestamp of a signature says.
type clock struct {
	unreadable bool // there is a timestamp, its age matters, and it cannot be read
	outside    bool // beyond the tolerance
	ahead      bool // in the future by more than the tolerance, which this scheme allows
}

// clock reads the timestamp and puts time and age into the verdict.
func (s Scheme) clock(v *core.Verdict, f found, now time.Time) clock {
	if s.TS.From == "" || !f.has.ts {
		return clock{}
	}
	at, err := readTime(s.TS.Unit, f.ts)
	if s.TS.Number {
		at, err = readNumber(s.TS.Unit, f.ts)
		if f.tsText { // a number in quotes is text
			err = fmt.Errorf("%q is text", f.ts)
		}
	}
	if err != nil {
		return clock{unreadable: s.TS.Tolerance > 0}
	}
	v.Timestamp, v.Age = at, now.Sub(at)
	if s.TS.Tolerance == 0 {
		return clock{}
	}
	late := v.Age > v.Tolerance || s.TS.Below && v.Age == v.Tolerance
	limit, bounded := s.TS.ahead()
	early := v.Age < -limit // Age saturates, so it must not be negated
	if early && bounded {
		v.Tolerance = limit
	}
	return clock{outside: late || early && bounded, ahead: early && !bounded}
}

// readNumber reads a number of JSON as JavaScript does: 1.79e12 and fractions are numbers too.
func readNumber(unit, text string) (time.Time, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) || math.Abs(n) > 1<<53 {
		return time.Time{}, fmt.Errorf("%q is not a number that can be a time", text)
	}
	if unit == "ms" {
		return time.UnixMilli(int64(n)).UTC(), nil
	}
	return time.Unix(int64(n), 0).UTC(), nil
}

// readTime reads a timestamp strictly: digits only, or the one format.
func readTime(unit, text string) (time.Time, error) {
	switch unit {
	case "rfc3339":
		return time.Parse(time.RFC3339Nano, text)
	case "iso":
		if t, err := time.Parse("2006-01-02T15:04:05.999999999", text); err == nil {
			return t, nil
		}
		return time.Parse(time.RFC3339Nano, text)
	case "imf":
		return http.ParseTime(text)
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return time.Time{}, fmt.Errorf("%q is not a number", text)
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, err
	}
	if unit == "ms" {
		return time.UnixMilli(n).UTC(), nil
	}
	return time.Unix(n, 0).UTC(), nil
}

// writeTime is the timestamp as the provider writes it.
func writeTime(unit string, t time.Time) string {
	switch unit {
	case "ms":
		return strconv.FormatInt(t.UnixMilli(), 10)
	case "rfc3339":
		return t.UTC().Format(time.RFC3339)
	case "iso":
		return t.UTC().Format("2006-01-02T15:04:05")
	case "imf":
		return t.UTC().Format(http.TimeFormat)
	}
	return strconv.FormatInt(t.Unix(), 10)
}
