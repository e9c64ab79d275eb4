package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
)

// labFields are the fields of a part of the Lab by the names under which the core says what is wrong.
type labFields map[string]*control.Field

// add makes a field of one line.
func (f labFields) add(name, label, value string, change func()) *control.Field {
	field := control.NewField(label, "", func(string) { change() })
	field.SetQuiet(value)
	f[name] = field
	return field
}

// hinted says in an empty field what that means.
func hinted(hint string, f *control.Field) *control.Field {
	f.SetPlaceholder(hint)
	return f
}

// show puts a problem at its field, and takes all others away. It returns false where no field has that name.
func (f labFields) show(invalid *core.Invalid) bool {
	shown := false
	for name, field := range f {
		reason := ""
		if invalid != nil && (invalid.Field == name || strings.HasPrefix(invalid.Field, name+"[")) {
			reason, shown = Capital(invalid.Reason), true
		}
		field.SetProblem(reason)
	}
	return shown
}

// reader reads fields one after the other and keeps the first mistake.
type reader struct {
	fields labFields
	wrong  *core.Invalid
}

func (r *reader) fail(name, reason string) {
	if r.wrong == nil {
		r.wrong = &core.Invalid{Field: name, Reason: reason}
	}
}

// span reads a time such as 90s, 1h30m or 2d; a bare number is seconds, and nothing is 0.
func (r *reader) span(name string) time.Duration {
	d, ok := readSpan(r.fields[name].Text())
	if !ok {
		r.fail(name, "want a time, like 90s, 10m or 1h30m")
	}
	return d
}

func readSpan(text string) (time.Duration, bool) {
	text = strings.ReplaceAll(strings.TrimSpace(text), " ", "")
	if text == "" {
		return 0, true
	}
	if s, err := strconv.ParseFloat(text, 64); err == nil && s >= 0 && s < 1e9 {
		return time.Duration(s * float64(time.Second)), true
	}
	var days time.Duration
	if head, tail, ok := strings.Cut(text, "d"); ok {
		n, err := strconv.Atoi(head)
		if err != nil || n < 0 || n > 36500 {
			return 0, false
		}
		if days = time.Duration(n) * 24 * time.Hour; tail == "" {
			return days, true
		}
		text = tail
	}
	d, err := time.ParseDuration(strings.ReplaceAll(text, "min", "m"))
	return days + d, err == nil && d >= 0
}

// writeSpan is a time as readSpan reads it.
func writeSpan(d time.Duration) string {
	if d == 0 {
		return ""
	}
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if cut, ok := strings.CutSuffix(text, zero); ok {
			text = cut + zero[:1]
		}
	}
	return text
}

// number reads a number; nothing is fallback.
func (r *reader) number(name string, fallback float64) float64 {
	n, given, reason := readNumber(r.fields[name].Text())
	if reason != "" {
		r.fail(name, reason)
	}
	if !given {
		return fallback
	}
	return n
}

// whole reads a whole number of at least least.
func (r *reader) whole(name string, fallback, least int) int {
	n := r.number(name, float64(fallback))
	if n != float64(int(n)) || n < float64(least) || n > 1e9 {
		r.fail(name, fmt.Sprintf("want a whole number, %d or more", least))
		return fallback
	}
	return int(n)
}

// abreast puts fields into one line of the same width each.
func abreast(objects ...fyne.CanvasObject) fyne.CanvasObject {
	parts := make([]fyne.CanvasObject, len(objects))
	for i, o := range objects {
		parts[i] = control.Grow(o)
	}
	return control.RowFill(10, parts...)
}
