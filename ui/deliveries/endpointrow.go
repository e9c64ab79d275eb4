package deliveries

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// endpointRow is one row of the endpoints: what it is, what it wants, how it fares, and whether it is active.
type endpointRow struct {
	widget.BaseWidget
	id              core.EndpointID
	name, url, meta *control.Text
	active          *control.Switch
	dot             *control.Box
}

func newEndpointRow(flip func(id core.EndpointID, on bool)) *endpointRow {
	r := &endpointRow{name: control.NewText("", control.BodyBold).Ellipsis(), url: control.NewText("", control.CodeSmall).EllipsisMiddle(),
		meta: control.NewText("", control.Small).Ellipsis(), dot: control.Dot(control.Green, 8)}
	r.active = control.NewSwitch(false, nil)
	r.active.OnChange = func(on bool) { flip(r.id, on) }
	r.ExtendBaseWidget(r)
	return r
}

func (r *endpointRow) set(ep *core.Endpoint, now time.Time) {
	r.id = ep.ID
	r.name.Set(ep.Name)
	r.url.Set(ep.Target.URL)
	r.meta.Set(endpointMeta(ep, now))
	r.active.Set(ep.Active)
	tone := control.Green
	switch {
	case !ep.Active:
		tone = control.Faint
	case ep.Paused:
		tone = control.Amber
	case ep.Failed > 0 && ep.Failed >= ep.Delivered:
		tone = control.Red
	}
	r.dot.SetSurface(control.Surface{Fill: tone, Radius: 4, Min: fyne.NewSquareSize(8)})
}

// endpointMeta is what an endpoint wants and how it fares.
func endpointMeta(ep *core.Endpoint, now time.Time) string {
	trigger := ep.Trigger
	if trigger == "" {
		trigger = "every event"
	}
	out := trigger + "  ·  " + successText(ep) + "  ·  " + triggeredText(ep, now)
	if ep.Paused {
		out = "paused  ·  " + out
	}
	return out
}

func successText(ep *core.Endpoint) string {
	n := ep.Delivered + ep.Failed
	if n == 0 {
		return "nothing sent yet"
	}
	return view.Percent(float64(ep.Delivered)/float64(n)) + " delivered"
}

func triggeredText(ep *core.Endpoint, now time.Time) string {
	switch ago := view.Ago(ep.LastTriggered, now); ago {
	case "never":
		return "never triggered"
	case "now":
		return "triggered just now"
	default:
		return fmt.Sprintf("last triggered %s ago", ago)
	}
}

// CreateRenderer is for Fyne.
func (r *endpointRow) CreateRenderer() fyne.WidgetRenderer {
	return control.Placed(r, fyne.NewSize(220, endpointHeight), r.place, r.dot, r.name, r.url, r.meta, r.active)
}

const endpointHeight = 72

func (r *endpointRow) place(put control.Put, s fyne.Size) {
	const left, right = 34, 58
	put(r.dot, 14, 14, 8, 8)
	put(r.name, left, 8, s.Width-left-right, 19)
	put(r.url, left, 28, s.Width-left-right, 17)
	put(r.meta, left, 48, s.Width-left-14, 17)
	put(r.active, s.Width-50, 8, 36, 22)
}
