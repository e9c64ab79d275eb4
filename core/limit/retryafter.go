package limit

import (
	"strconv"
	"strings"
	"time"
)

// Ways to tell a refused sender when to come back, the values of core.Limit.RetryAfter. An empty one means Seconds.
const (
	Seconds = "seconds"
	Date    = "date"  // an HTTP date
	Wrong   = "wrong" // a value that no rule of HTTP allows, to see what the sender makes of it
	None    = "none"
)

// httpDate is the preferred date format of RFC 9110, 5.6.7.
const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// RetryAfter renders the value of a Retry-After header for a wait that begins now; false means: send none. Both
// forms are rounded up to a whole second, as the header has no finer one: a sender that obeys is never early.
func RetryAfter(form string, wait time.Duration, now time.Time) (string, bool) {
	switch form {
	case Seconds, "":
		return strconv.FormatInt(max(1, int64((wait+time.Second-1)/time.Second)), 10), true
	case Date:
		return ceilSecond(now.Add(wait)).UTC().Format(httpDate), true
	case Wrong:
		return "in a moment", true
	default:
		return "", false
	}
}

func ceilSecond(t time.Time) time.Time {
	if floor := t.Truncate(time.Second); floor.Before(t) {
		return floor.Add(time.Second)
	}
	return t
}

// ParseRetryAfter reads a Retry-After header that arrived now: seconds or any of the three date formats of HTTP. A
// date in the past is no wait; false means that the value is neither.
func ParseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.Trim(value, " \t")
	if wait, ok := parseSeconds(value); ok {
		return wait, true
	}
	for _, layout := range []string{httpDate, time.RFC850, time.ANSIC} {
		if at, err := time.Parse(layout, value); err == nil {
			return min(max(0, at.Sub(now)), maxSpan), true
		}
	}
	return 0, false
}

func parseSeconds(value string) (time.Duration, bool) {
	if value == "" || strings.Trim(value, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n > int64(maxSpan/time.Second) {
		return maxSpan, true // all digits, so only too large
	}
	return time.Duration(n) * time.Second, true
}
