package part

import (
	"fmt"
	"math"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
)

// What the functions below cannot read is a reason in words, for the field that it stands in. "" means that it was read.

// Bounds are the numbers that a field takes.
type Bounds struct {
	Least, Most float64 // both 0: any; Most 0: no upper bound
	Whole       bool
}

// BoundsOf are those of a declared setting.
func BoundsOf(s platform.Setting) Bounds { return Bounds{s.Min, s.Max, s.Whole} }

// words say what is wanted: "a whole number from 1 to 300".
func (b Bounds) words() string {
	out := "a number"
	if b.Whole {
		out = "a whole number"
	}
	switch {
	case b.Most > 0:
		out += " from " + WriteNumber(b.Least) + " to " + WriteNumber(b.Most)
	case b.Least != 0 || b.Whole:
		out += ", " + WriteNumber(b.Least) + " or more"
	}
	return out
}

func (b Bounds) hold(n float64) bool {
	return !(b.Whole && n != math.Trunc(n)) && (b == Bounds{} || n >= b.Least) && (b.Most == 0 || n <= b.Most)
}

// thousands are apart by commas, as in what is shown.
var thousands = regexp.MustCompile(`^-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$`)

// ReadNumber reads "1500", "1,500", "0.25" or "0,25"; given is false for an empty text.
func ReadNumber(text string, b Bounds) (n float64, given bool, reason string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, false, ""
	}
	digits := strings.ReplaceAll(text, ",", ".")
	if thousands.MatchString(text) {
		digits = strings.ReplaceAll(text, ",", "")
	}
	n, err := strconv.ParseFloat(digits, 64)
	switch {
	case err != nil || math.IsNaN(n) || math.IsInf(n, 0):
		return 0, true, fmt.Sprintf("%q is no number: want %s", text, b.words())
	case !b.hold(n):
		return 0, true, "want " + b.words()
	}
	return n, true, ""
}

// WriteNumber writes a number without an exponent, as ReadNumber reads it.
func WriteNumber(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// WriteGiven is WriteNumber for a number of which 0 means that there is none.
func WriteGiven(n float64) string {
	if n == 0 {
		return ""
	}
	return WriteNumber(n)
}

// ReadShare reads a percentage, "98" or "98 %", as a share.
func ReadShare(text string) (share float64, given bool, reason string) {
	n, given, reason := ReadNumber(strings.TrimSuffix(strings.TrimSpace(text), "%"), Bounds{Most: 100})
	if reason != "" {
		reason = fmt.Sprintf("%q is no percentage: want 0 to 100", text)
	}
	return n / 100, given, reason
}

var sizeUnits = map[string]float64{"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}

var sizeForm = regexp.MustCompile(`^([\d.,]+)\s*([A-Za-z]*)$`)

// ReadSize reads bytes: "1048576", "512 KiB", "10 MB". Nothing is 0.
func ReadSize(text string, most int64) (bytes int64, reason string) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, ""
	}
	wrong := fmt.Sprintf("%q is no size: want one like 65536, 512 KiB or 10 MB", text)
	m := sizeForm.FindStringSubmatch(text)
	if m == nil {
		return 0, wrong
	}
	n, _, reason := ReadNumber(m[1], Bounds{})
	unit, ok := sizeUnits[strings.ToLower(m[2])]
	switch {
	case reason != "" || !ok:
		return 0, wrong
	case n*unit > float64(most):
		return 0, fmt.Sprintf("want %d bytes at the most", most)
	}
	return int64(n * unit), ""
}

var spanUnits = []struct {
	name string
	unit time.Duration
}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}}

var spanForm = regexp.MustCompile(`^([\d.]+)(ms|min|d|h|m|s)`)

// ReadSpan reads a time: "90s", "1h30m", "5 min", "2d", "250ms". A bare number is seconds, and nothing is 0.
func ReadSpan(text string) (d time.Duration, reason string) {
	wrong := fmt.Sprintf("%q is no time: want one like 90s, 10m, 1h30m or 2d", strings.TrimSpace(text))
	rest := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), " ", "")
	if rest == "" {
		return 0, ""
	}
	if _, err := strconv.ParseFloat(rest, 64); err == nil {
		rest += "s"
	}
	total := 0.0
	for rest != "" {
		m := spanForm.FindStringSubmatch(rest)
		if m == nil {
			return 0, wrong
		}
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return 0, wrong
		}
		for _, u := range spanUnits {
			if u.name == strings.TrimSuffix(m[2], "in") {
				total += n * float64(u.unit)
			}
		}
		rest = rest[len(m[0]):]
	}
	if total >= float64(1<<62) {
		return 0, wrong
	}
	return time.Duration(math.Round(total)), ""
}

// WriteSpan is a time as ReadSpan reads it: "1h30m". 0 is "0s".
func WriteSpan(d time.Duration) string {
	out := ""
	for _, u := range spanUnits {
		if u.unit == time.Second && d%time.Second != 0 && d > time.Second {
			return out + WriteNumber(d.Seconds()) + "s"
		}
		if n := d / u.unit; n > 0 {
			out += strconv.Itoa(int(n)) + u.name
			d -= n * u.unit
		}
	}
	switch {
	case d > 0: // shorter than a millisecond
		return out + WriteNumber(d.Seconds()) + "s"
	case out == "":
		return "0s"
	}
	return out
}

// WriteSpanGiven is WriteSpan for a time of which 0 means that there is none.
func WriteSpanGiven(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return WriteSpan(d)
}

// ReadSpans reads times with commas between: "5s, 5m, 2h".
func ReadSpans(text string) (out []time.Duration, reason string) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if strings.TrimSpace(word) == "" {
			continue
		}
		d, reason := ReadSpan(word)
		if reason != "" {
			return nil, reason
		}
		out = append(out, d)
	}
	return out, ""
}

// WriteSpans is what ReadSpans reads.
func WriteSpans(ds []time.Duration) string {
	out := make([]string, len(ds))
	for i, d := range ds {
		out[i] = WriteSpan(d)
	}
	return strings.Join(out, ", ")
}

// ReadHeader reads "Name: value", one a line, in order and spelled as typed.
func ReadHeader(text string) (h core.Header, reason string) {
	for n, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, fmt.Sprintf("line %d has no colon; write it as name: value", n+1)
		}
		h = append(h, core.Field{Name: name, Value: strings.TrimSpace(value)})
	}
	return h, ""
}

// WriteHeader is what ReadHeader reads.
func WriteHeader(h core.Header) string {
	var lines []string
	for _, f := range h {
		lines = append(lines, f.Name+": "+f.Value)
	}
	return strings.Join(lines, "\n")
}

// ReadPairs is ReadHeader for values of which each name has one.
func ReadPairs(text string) (pairs map[string]any, reason string) {
	h, reason := ReadHeader(text)
	pairs = map[string]any{}
	for _, f := range h {
		if _, twice := pairs[f.Name]; twice {
			return nil, fmt.Sprintf("%s has a second value; keep one", f.Name)
		}
		pairs[f.Name] = f.Value
	}
	return pairs, reason
}

// WritePairs is what ReadPairs reads, by name.
func WritePairs(pairs core.Values) string {
	var lines []string
	for name, v := range pairs {
		lines = append(lines, name+": "+fmt.Sprint(v))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}
