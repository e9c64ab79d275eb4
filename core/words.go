package core

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Capital begins a text with a capital letter.
func Capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if first == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

// LowerFirst puts a headline into the middle of a sentence: what begins with a name or an abbreviation stays as it is.
func LowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' || strings.HasPrefix(s, "A ") {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// Counted is a number with its noun, which takes an s where it is not one: "1 minute", "5 minutes".
func Counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Span says how long something is in at most two units: "1 hour 1 second", "5 minutes", "250 ms".
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "minus " + Span(-max(d, -math.MaxInt64)) // the least has no opposite
	case d == 0:
		return "0 seconds"
	case d < time.Millisecond:
		return Plain(float64(d.Microseconds())) + " µs"
	case d < time.Second:
		return Plain(float64(d.Round(100*time.Microsecond).Microseconds())/1000) + " ms"
	case d%time.Second != 0 && d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " seconds"
	}
	var out []string
	d = d.Round(time.Second)
	for _, u := range []struct {
		unit time.Duration
		noun string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := int(d / u.unit); n > 0 && len(out) < 2 {
			out = append(out, Counted(n, u.noun))
			d -= time.Duration(n) * u.unit
		}
	}
	return strings.Join(out, " ")
}

// Plain writes a number without an exponent.
func Plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// OrList names what may be chosen: "json, python or php".
func OrList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
