package part

import (
	"context"
	"fmt"
	"time"

	"hookglass/core"
	"hookglass/core/limit"
	"hookglass/core/platform"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// Short prints a count in at most five characters.
func Short(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprint(n)
	case n < 1_000_000:
		return fmt.Sprintf("%dk", n/1000)
	}
	return fmt.Sprintf("%.1fM", float64(n)/1e6)
}

// ShortGiven is Short for a count of which 0 is not worth a number.
func ShortGiven(n int64) string {
	if n == 0 {
		return ""
	}
	return Short(n)
}

// Clock prints the time of a row: the day is left out while it is today's.
func Clock(t, now time.Time) string {
	t = t.Local()
	if y, d := t.Year(), t.YearDay(); y == now.Year() && d == now.YearDay() {
		return t.Format("15:04:05")
	}
	return t.Format("2 Jan 15:04")
}

func StatusTone(status int) control.Token {
	switch {
	case status >= 500 || status == 0:
		return control.Red
	case status >= 400:
		return control.Amber
	case status >= 300:
		return control.Blue
	}
	return control.Green
}

// VerdictIcon is the shield of a verdict; no verdict has none.
func VerdictIcon(v core.VerdictState) (string, control.Token) {
	switch v {
	case core.Verified:
		return "shield-check", control.Green
	case core.Mismatch, core.Malformed:
		return "shield-x", control.Red
	case core.Stale:
		return "timer", control.Amber
	case core.Missing:
		return "shield-question-mark", control.Red // it was wanted
	case core.NoSecret:
		return "shield-question-mark", control.Faint
	}
	return "", ""
}

// VerdictWords says a verdict so that a newcomer understands it.
func VerdictWords(v core.VerdictState) string {
	switch v {
	case core.Verified:
		return "Signature verified"
	case core.Mismatch:
		return "Signature does not match"
	case core.Missing:
		return "No signature"
	case core.Malformed:
		return "Signature unreadable"
	case core.Stale:
		return "Right, but too old"
	case core.NoSecret:
		return "No secret set"
	}
	return string(v)
}

func OutcomeLook(out core.Outcome) (icon string, tone control.Token, words string) {
	switch out {
	case core.Accepted:
		return "circle-check", control.Green, "Accepted"
	case core.Ignored:
		return "ban", control.Amber, "Ignored: dropped silently, the sender saw success"
	case core.Rejected:
		return "circle-x", control.Red, "Rejected"
	case core.Limited:
		return "gauge", control.Amber, "Over a rate limit"
	}
	return "route", control.Faint, "No source has this address"
}

// AttemptLook is the picture of how an attempt ended.
func AttemptLook(a *core.Attempt) (icon string, tone control.Token) {
	switch {
	case a.OK():
		return "circle-check", control.Green
	case a.Response == nil && a.Failure == "":
		return "loader-circle", control.Accent
	case a.Response != nil && a.Response.Status < 500:
		return "circle-alert", control.Amber
	}
	return "circle-x", control.Red
}

func CountText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func EndpointsByID(ctx context.Context, st *store.Store) (map[core.EndpointID]core.Endpoint, error) {
	all, err := st.Endpoints(ctx)
	names := make(map[core.EndpointID]core.Endpoint, len(all))
	for _, ep := range all {
		names[ep.ID] = ep
	}
	return names, err
}

func SourcePathOf(src core.Source) string {
	p, ok := platform.Find(src.Platform)
	if !ok || p.Path == nil {
		return "/"
	}
	return p.Path(src.Settings, src.Profile)
}

// ProviderOf is who signs with a scheme.
func ProviderOf(h Host, id string) string {
	if s, ok := h.Engine.Schemes.Book().Find(id); ok {
		return SchemeTitle(s)
	}
	return id
}

// LimitInWords says a limit in a few words: "100 a minute".
func LimitInWords(l core.Limit) string {
	switch l.Kind {
	case limit.Concurrency:
		return fmt.Sprintf("%d at a time", l.Count)
	case limit.Bucket:
		return fmt.Sprintf("%s a second, bursts of %d", WriteNumber(l.Rate), l.Count)
	}
	switch l.Window {
	case time.Second:
		return fmt.Sprintf("%d a second", l.Count)
	case time.Minute:
		return fmt.Sprintf("%d a minute", l.Count)
	case time.Hour:
		return fmt.Sprintf("%d an hour", l.Count)
	}
	return fmt.Sprintf("%d in %s", l.Count, view.Duration(l.Window))
}

// SpaceLook is how the state of a team's space looks.
func SpaceLook(state string) (icon string, tone control.Token) {
	switch state {
	case "connected":
		return "radio", control.Green
	case "catching up":
		return "arrow-down", control.Blue
	case "gap":
		return "triangle-alert", control.Amber
	case "behind":
		return "wifi-off", control.Amber
	case "refused":
		return "ban", control.Red
	}
	return "loader-circle", control.Muted
}
