package view

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Size writes a number of bytes: "812 B", "2.4 KB", "10 MB". A KB is 1024 bytes.
func Size(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	v := float64(n)
	for _, unit := range []string{"KB", "MB", "GB", "TB"} {
		v /= 1024
		if v < 1023.5 || unit == "TB" {
			return short(v) + " " + unit
		}
	}
	return ""
}

// short writes one decimal below ten, and none from there on.
func short(v float64) string {
	if v < 9.95 && math.Round(v*10) != math.Round(v)*10 {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
}

// Duration writes how long something took: "340 µs", "12 ms", "2.1 s", "3 min 20 s", "2 h 5 min", "4 d 3 h".
func Duration(d time.Duration) string {
	if d < 0 {
		return "−" + Duration(-d)
	}
	switch {
	case d == 0:
		return "0 ms"
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", max(d.Microseconds(), 1))
	case d < 10*time.Second:
		if d < 999500*time.Microsecond {
			return short(float64(d)/float64(time.Millisecond)) + " ms"
		}
		return short(d.Seconds()) + " s"
	case d < time.Minute-500*time.Millisecond:
		return short(d.Seconds()) + " s"
	}
	d = d.Round(time.Second)
	switch {
	case d < time.Hour:
		return two(int(d/time.Minute), "min", int(d%time.Minute/time.Second), "s")
	case d < 24*time.Hour:
		return two(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "min")
	case d < 365*24*time.Hour:
		return two(int(d/(24*time.Hour)), "d", int(d%(24*time.Hour)/time.Hour), "h")
	}
	days := int(d / (24 * time.Hour))
	return two(days/365, "y", days%365, "d")
}

func two(a int, unitA string, b int, unitB string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, unitA)
	}
	return fmt.Sprintf("%d %s %d %s", a, unitA, b, unitB)
}

// Ago writes the time since t in one unit, for the edge of a row: "now", "4s", "12m", "3h", "5d". What is to come
// carries "in".
func Ago(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	if d < -time.Second {
		return "in " + oneUnit(-d)
	}
	if d < 2*time.Second {
		return "now"
	}
	return oneUnit(d)
}

func oneUnit(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d < 365*24*time.Hour:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	return fmt.Sprintf("%dy", d/(365*24*time.Hour))
}

// Old writes an age for a clock bar: "3 min 20 s old", "12 min in the future".
func Old(age time.Duration) string {
	switch {
	case age < 0:
		return Duration(-age) + " in the future"
	case age < time.Second:
		return "from this second"
	}
	return Duration(age.Round(time.Second)) + " old"
}

// Clock writes the time of day, with the day where it is not now's: "14:05:27.318", "21 Nov 14:05:27".
func Clock(t, now time.Time) string {
	if t.IsZero() {
		return "—"
	}
	t = t.In(now.Location())
	y, m, d := t.Date()
	ny, nm, nd := now.Date()
	switch {
	case y == ny && m == nm && d == nd:
		return t.Format("15:04:05.000")
	case y == ny:
		return t.Format("2 Jan 15:04:05")
	}
	return t.Format("2 Jan 2006 15:04")
}

// Count writes a number with thousands apart: "1,284".
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(int64(n)) + " " + many
}

// Plural is Count with the right form of a noun: "1 attempt", "3 attempts".
func Plural(n int, one, many string) string { return count(n, one, many) }

// Percent writes a share: "99.2 %".
func Percent(share float64) string {
	v := share * 100
	if v > 99 && v < 100 || v > 0 && v < 10 {
		return strconv.FormatFloat(v, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(math.Round(v), 'f', 0, 64) + " %"
}
