package inbox

import (
	"fmt"
	"net/http"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// captureRow is one row of the inbox: what happened and where, how it was answered, and whether its signature held.
type captureRow struct {
	widget.BaseWidget
	method       *control.Badge
	title, meta  *control.Text
	status, when *control.Text
	shield, pin  *control.Icon
	note         *control.Icon
}

func newCaptureRow() *captureRow {
	r := &captureRow{
		method: control.NewBadge("", control.Green).FixedWidth(54),
		title:  control.NewText("", control.BodyBold).Ellipsis(),
		meta:   control.NewText("", control.Small).Ellipsis(),
		status: control.NewText("", control.Strong.At(12.5)).Aligned(fyne.TextAlignTrailing),
		when:   control.NewText("", control.Small.In(control.Faint)).Aligned(fyne.TextAlignTrailing),
		shield: control.NewIcon("shield-check", control.Green, 14),
		pin:    control.NewIcon("pin", control.Amber, 12),
		note:   control.NewIcon("message-square", control.Faint, 12),
	}
	r.ExtendBaseWidget(r)
	return r
}

// wait shows that the row is being read.
func (r *captureRow) wait() {
	r.method.Set("···", control.Faint)
	r.title.Put("…", control.BodyBold.In(control.Faint))
	r.meta.Set("")
	r.status.Set("")
	r.when.Set("")
	r.shield.Hide()
	r.pin.Hide()
	r.note.Hide()
}

func (r *captureRow) set(c store.Row, marked bool) {
	r.method.Set(shortMethod(c.Method), methodTone(c.Method))
	title, style := c.Event, control.BodyBold
	if title == "" {
		title = c.Target
	}
	if c.Outcome == core.Unmatched {
		style = style.In(control.Muted)
	}
	if marked {
		style = style.In(control.Accent)
	}
	r.title.Put(title, style)
	r.meta.Set(metaOf(c))
	status := "–"
	if c.Status > 0 {
		status = fmt.Sprint(c.Status)
	}
	r.status.Put(status, control.Strong.At(12.5).In(part.StatusTone(c.Status)))
	r.when.Set(part.Clock(c.At, time.Now()))
	if icon, tone := part.VerdictIcon(c.Verdict); icon != "" {
		r.shield.Set(icon, tone)
		r.shield.Show()
	} else {
		r.shield.Hide()
	}
	part.Show(r.pin, c.Pinned)
	part.Show(r.note, c.Note != "")
}

func metaOf(c store.Row) string {
	source := c.Name
	if source == "" {
		source = "no source"
	}
	out := source
	if c.Event != "" {
		out += "  ·  " + c.Target
	}
	if c.Outcome != core.Accepted {
		out += "  ·  " + string(c.Outcome)
	}
	if c.Faulty {
		out += "  ·  fault"
	}
	return out + "  ·  " + view.Size(c.Size) + "  ·  " + view.Duration(c.Took)
}

func shortMethod(m string) string {
	if len(m) > 7 {
		return m[:6] + "…"
	}
	return m
}

func methodTone(m string) control.Token {
	switch m {
	case http.MethodGet:
		return control.Blue
	case http.MethodPost:
		return control.Green
	case http.MethodPut:
		return control.Amber
	case http.MethodPatch:
		return control.Violet
	case http.MethodDelete:
		return control.Red
	}
	return control.Teal
}

// CreateRenderer is for Fyne.
func (r *captureRow) CreateRenderer() fyne.WidgetRenderer {
	return control.Placed(r, fyne.NewSize(220, 52), r.place, r.method, r.title, r.meta, r.status, r.when, r.shield, r.pin, r.note)
}

func (r *captureRow) place(put control.Put, s fyne.Size) {
	const left, right = 76, 82
	put(r.method, 12, 10, 54, 19)
	put(r.title, left, 7, s.Width-left-right-20, 19)
	put(r.meta, left, 28, s.Width-left-right, 17)
	put(r.status, s.Width-64, 7, 50, 19)
	put(r.when, s.Width-94, 28, 80, 17)
	put(r.shield, s.Width-84, 10, 14, 14)
	put(r.pin, 12+12, 34, 12, 12)
	put(r.note, 12+30, 34, 12, 12)
}
