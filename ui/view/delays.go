package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseDelays reads delays as people write them: "5s, 5m, 2h, 1d". A plain number is seconds.
func ParseDelays(text string) ([]time.Duration, error) {
	var out []time.Duration
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		d, err := ParseDelay(word)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// ParseDelay reads one delay: "1.5", "90s", "5 min", "2h", "1d".
func ParseDelay(text string) (time.Duration, error) {
	s := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), " ", "")
	unit := time.Second
	for _, u := range []struct {
		suffix string
		unit   time.Duration
	}{{"ms", time.Millisecond}, {"min", time.Minute}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}} {
		if rest, ok := strings.CutSuffix(s, u.suffix); ok {
			s, unit = rest, u.unit
			break
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n >= 0 && n*float64(unit) < float64(1<<62)) {
		return 0, fmt.Errorf("%q is no time: want one like 5s, 10m, 2h or 1d", text)
	}
	return time.Duration(n * float64(unit)), nil
}

// WriteDelay is what ParseDelay reads, in the largest unit that leaves no fraction.
func WriteDelay(d time.Duration) string {
	for _, u := range []struct {
		suffix string
		unit   time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if d >= u.unit && d%u.unit == 0 {
			return fmt.Sprintf("%d%s", d/u.unit, u.suffix)
		}
	}
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
}

// WriteDelays is what ParseDelays reads.
func WriteDelays(ds []time.Duration) string {
	out := make([]string, len(ds))
	for i, d := range ds {
		out[i] = WriteDelay(d)
	}
	return strings.Join(out, ", ")
}
