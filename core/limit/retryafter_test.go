package limit_test

import (
	"testing"
	"time"

	"hookglass/core/limit"
)

func TestRetryAfter(t *testing.T) {
	half := noon.Add(500 * time.Millisecond)
	for _, c := range []struct {
		form string
		wait time.Duration
		now  time.Time
		want string
		sent bool
	}{
		{"", 40 * time.Second, noon, "40", true},
		{limit.Seconds, 1500 * time.Millisecond, noon, "2", true},
		{limit.Seconds, 0, noon, "1", true},
		{limit.Date, 40 * time.Second, noon, "Mon, 02 Mar 2026 12:00:40 GMT", true},
		{limit.Date, 40 * time.Second, half, "Mon, 02 Mar 2026 12:00:41 GMT", true},
		{limit.Date, time.Second, noon.In(time.FixedZone("CET", 3600)), "Mon, 02 Mar 2026 12:00:01 GMT", true},
		{limit.Wrong, time.Second, noon, "in a moment", true},
		{limit.None, time.Second, noon, "", false},
	} {
		got, sent := limit.RetryAfter(c.form, c.wait, c.now)
		if got != c.want || sent != c.sent {
			t.Errorf("%q %v at %v: got %q %v, want %q %v", c.form, c.wait, c.now, got, sent, c.want, c.sent)
		}
	}
}

func TestParseRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"40":                             40 * time.Second,
		" 0\t":                           0,
		"Mon, 02 Mar 2026 12:00:40 GMT":  40 * time.Second,
		"Monday, 02-Mar-26 12:01:00 GMT": time.Minute,
		"Mon Mar  2 12:00:05 2026":       5 * time.Second,
		"Mon, 02 Mar 2026 11:00:00 GMT":  0,
		"99999999999999999999999999999":  366 * 24 * time.Hour,
		"Fri, 31 Dec 9999 23:59:59 GMT":  366 * 24 * time.Hour,
	} {
		if got, ok := limit.ParseRetryAfter(value, noon); !ok || got != want {
			t.Errorf("%q: got %v %v, want %v", value, got, ok, want)
		}
	}
	for _, value := range []string{"", "in a moment", "-5", "1.5", "+3", "12 s", "0x10"} {
		if got, ok := limit.ParseRetryAfter(value, noon); ok {
			t.Errorf("%q: read as %v", value, got)
		}
	}
}

// A sender that obeys what we render is never early, however the wait was rounded.
func FuzzRetryAfterIsNeverEarly(f *testing.F) {
	f.Add(int64(1), int64(999_999_999), true)
	f.Add(int64(time.Hour), int64(0), false)
	f.Fuzz(func(t *testing.T, wait, offset int64, date bool) {
		if wait < 0 || wait > int64(24*time.Hour) || offset < 0 {
			t.Skip("a wait that no limit asks for")
		}
		form := limit.Seconds
		if date {
			form = limit.Date
		}
		now := noon.Add(time.Duration(offset % int64(time.Hour)))
		value, _ := limit.RetryAfter(form, time.Duration(wait), now)
		got, ok := limit.ParseRetryAfter(value, now)
		if !ok || got < time.Duration(wait) || got > time.Duration(wait)+time.Second {
			t.Errorf("%v as %q reads %v, %v", time.Duration(wait), value, got, ok)
		}
	})
}

func FuzzParseRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add("Mon, 02 Mar 2026 12:00:40 GMT")
	f.Fuzz(func(t *testing.T, value string) {
		if got, ok := limit.ParseRetryAfter(value, noon); got < 0 || (!ok && got != 0) {
			t.Errorf("%q: %v %v", value, got, ok)
		}
	})
}
