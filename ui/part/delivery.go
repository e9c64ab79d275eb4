package part

import (
	"fmt"
	"net/url"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// DeliveryRow is one row of the outbox: where the delivery stands, what it is and where to, how the last attempt went
// and when the next one is due.
type DeliveryRow struct {
	widget.BaseWidget
	state        *control.Icon
	title, meta  *control.Text
	last, when   *control.Text
	attemptsText *control.Text
}

func NewDeliveryRow() *DeliveryRow {
	r := &DeliveryRow{
		state:        control.NewIcon("clock", control.Muted, 16),
		title:        control.NewText("", control.BodyBold).Ellipsis(),
		meta:         control.NewText("", control.Small).EllipsisMiddle(),
		last:         control.NewText("", control.Strong.At(12.5)).Aligned(fyne.TextAlignTrailing),
		when:         control.NewText("", control.Small.In(control.Faint)).Aligned(fyne.TextAlignTrailing),
		attemptsText: control.NewText("", control.Small).Aligned(fyne.TextAlignTrailing),
	}
	r.ExtendBaseWidget(r)
	return r
}

// ShownDelivery is a delivery as its row shows it.
type ShownDelivery struct {
	store.DeliveryRow
	Planned  int    // attempts that its policy allows
	Endpoint string // name, where it goes to one
	Held     bool   // its endpoint is paused or switched off
}

func (r *DeliveryRow) Set(d *ShownDelivery, paused bool, now time.Time) {
	icon, tone := StateLook(d.State, d.Attempts)
	r.state.Set(icon, tone)
	title := d.Event.Type
	if title == "" {
		title = d.Method + " " + PathOf(d.Target.URL)
	}
	r.title.Set(title)
	where := HostAndPath(d.Target.URL)
	if d.Endpoint != "" {
		where = d.Endpoint + "  ·  " + where
	}
	r.meta.Set(where)
	r.last.Put(lastWords(d))
	r.attemptsText.Set(attemptsText(d))
	r.count(d, paused, now)
	r.Refresh()
}

// count writes what changes as time goes by.
func (r *DeliveryRow) count(d *ShownDelivery, paused bool, now time.Time) {
	text, style := Clock(d.Created, now), control.Small.In(control.Faint)
	switch {
	case d.State == core.Waiting && (paused || d.Held):
		text, style = "paused", control.Small.In(control.Amber)
	case d.State == core.Waiting:
		text, style = view.Until(d.Due, now), control.SmallBold.In(control.Accent)
	case d.State == core.Sending:
		text, style = "sending", control.SmallBold.In(control.Accent)
	}
	r.when.Put(text, style)
}

// StateLook is the picture of a state.
func StateLook(s core.DeliveryState, attempts int) (icon string, tone control.Token) {
	switch s {
	case core.Waiting:
		if attempts > 0 {
			return "rotate-cw", control.Amber
		}
		return "clock", control.Blue
	case core.Sending:
		return "loader-circle", control.Accent
	case core.Delivered:
		return "circle-check", control.Green
	case core.Exhausted:
		return "circle-x", control.Red
	}
	return "ban", control.Faint
}

// StateWords says a state so that a newcomer understands it.
func StateWords(s core.DeliveryState) string {
	if s == "" {
		return "All"
	}
	return string(s[0]-'a'+'A') + string(s[1:])
}

// lastWords is how the last attempt ended, short.
func lastWords(d *ShownDelivery) (string, control.Style) {
	style := control.Strong.At(12.5)
	switch {
	case d.Failure != "":
		return shortFailure(d.Failure), control.SmallBold.In(control.Red)
	case d.Status > 0:
		return fmt.Sprint(d.Status), style.In(StatusTone(d.Status))
	}
	return "", style
}

func shortFailure(f core.Failure) string {
	switch f {
	case "connection refused":
		return "refused"
	case "connection reset":
		return "reset"
	}
	if len(f) > 4 && f[:4] == "tls:" {
		return "tls"
	}
	return string(f)
}

func attemptsText(d *ShownDelivery) string {
	switch {
	case d.Planned <= 1 && d.Attempts <= 1:
		return ""
	case d.Attempts > d.Planned:
		return fmt.Sprintf("%d attempts", d.Attempts)
	}
	return fmt.Sprintf("%d of %d", d.Attempts, d.Planned)
}

// HostAndPath is a URL without what all have in common.
func HostAndPath(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return raw
	}
	return u.Host + u.RequestURI()
}

func PathOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Path == "" {
		return "/"
	}
	return u.Path
}

// CreateRenderer is for Fyne.
func (r *DeliveryRow) CreateRenderer() fyne.WidgetRenderer {
	return control.Placed(r, fyne.NewSize(220, 52), r.place, r.state, r.title, r.meta, r.last, r.when, r.attemptsText)
}

func (r *DeliveryRow) place(put control.Put, s fyne.Size) {
	const left, edge = 42, 14
	right := s.Width - edge
	last, when := r.last.MinSize().Width+2, max(r.when.MinSize().Width, 40)+2
	attempts := r.attemptsText.MinSize().Width + 2
	put(r.state, 14, 11, 16, 16)
	put(r.last, right-last, 7, last, 19)
	put(r.title, left, 7, right-last-left-8, 19)
	put(r.when, right-when, 28, when, 17)
	put(r.attemptsText, right-when-attempts-10, 28, attempts, 17)
	put(r.meta, left, 28, right-when-attempts-20-left, 17)
}
