package inbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
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
	without      func(column string) bool
}

// rowColumns are what a row shows beside its method, its name and how it was answered.
var rowColumns = []string{"Source", "Path", "Size", "Duration", "Time", "Signature"}

const (
	roomyRow   = 52 // two lines
	compactRow = 28 // one
)

func newCaptureRow(without func(column string) bool) *captureRow {
	r := &captureRow{
		without: without,
		method:  control.NewBadge("", control.Green).FixedWidth(54),
		title:   control.NewText("", control.BodyBold).Ellipsis(),
		meta:    control.NewText("", control.Small).Ellipsis(),
		status:  control.NewText("", control.Strong.At(12.5)).Aligned(fyne.TextAlignTrailing),
		when:    control.NewText("", control.Small.In(control.Faint)).Aligned(fyne.TextAlignTrailing),
		shield:  control.NewIcon("shield-check", control.Green, 14),
		pin:     control.NewIcon("pin", control.Amber, 12),
		note:    control.NewIcon("message-square", control.Faint, 12),
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
	r.meta.Set(metaOf(c, r.without))
	status := "–"
	if c.Status > 0 {
		status = fmt.Sprint(c.Status)
	}
	r.status.Put(status, control.Strong.At(12.5).In(part.StatusTone(c.Status)))
	r.when.Set("")
	if !r.without("Time") {
		r.when.Set(part.Clock(c.At, time.Now()))
	}
	if icon, tone := part.VerdictIcon(c.Verdict); icon != "" && !r.without("Signature") {
		r.shield.Set(icon, tone)
		r.shield.Show()
	} else {
		r.shield.Hide()
	}
	part.Show(r.pin, c.Pinned)
	part.Show(r.note, c.Note != "")
}

func metaOf(c store.Row, without func(column string) bool) string {
	var words []string
	add := func(column, word string) {
		if column == "" || !without(column) {
			words = append(words, word)
		}
	}
	source := c.Name
	if source == "" {
		source = "no source"
	}
	if space := part.SpaceOf(c.Via); space != "" {
		source = space + " › " + source
	}
	if c.Gap {
		add("", "captures missing before it")
	}
	add("Source", source)
	if c.Event != "" {
		add("Path", c.Target)
	}
	if c.Outcome != core.Accepted {
		add("", string(c.Outcome))
	}
	if c.Faulty {
		add("", "fault")
	}
	add("Size", view.Size(c.Size))
	if c.Took > 0 { // else nobody measured it: it was imported
		add("Duration", view.Duration(c.Took))
	}
	return strings.Join(words, "  ·  ")
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
	return control.Placed(r, fyne.NewSize(220, compactRow), r.place, r.method, r.title, r.meta, r.status, r.when, r.shield, r.pin, r.note)
}

func (r *captureRow) place(put control.Put, s fyne.Size) {
	if s.Height < roomyRow {
		r.placeLine(put, s)
		return
	}
	const left, right = 76, 82
	r.meta.Hidden = false
	put(r.method, 12, 10, 54, 19)
	put(r.title, left, 7, s.Width-left-right-20, 19)
	when := r.when.MinSize().Width
	put(r.meta, left, 28, s.Width-left-when-14-10, 17)
	put(r.status, s.Width-64, 7, 50, 19)
	put(r.when, s.Width-14-when, 28, when, 17)
	put(r.shield, s.Width-84, 10, 14, 14)
	put(r.pin, 12+12, 34, 12, 12)
	put(r.note, 12+30, 34, 12, 12)
}

// placeLine puts everything into one line: the rest stands where the width has room for it.
func (r *captureRow) placeLine(put control.Put, s fyne.Size) {
	const left = 72
	y := (s.Height - 19) / 2
	put(r.method, 12, y, 54, 19)
	right := s.Width - 14
	right -= 34
	put(r.status, right, y, 34, 19)
	right -= 20
	put(r.shield, right, y+2.5, 14, 14)
	if r.when.Text() != "" {
		right -= 66
		put(r.when, right, y+1, 60, 17)
	} else {
		put(r.when, right, y, 0, 17)
	}
	for _, mark := range []*control.Icon{r.note, r.pin} {
		if mark.Visible() {
			right -= 16
		}
		put(mark, right, y+3.5, 12, 12)
	}
	room := right - left - 8
	title := room
	if r.meta.Hidden = room <= 260; !r.meta.Hidden {
		title = max(room*0.45, 180)
	}
	put(r.title, left, y, title, 19)
	put(r.meta, left+title+10, y+1, room-title-10, 17)
}

// without reports whether the user left a column out.
func (p *Page) without(column string) bool { return slices.Contains(p.w.State.Rows.Without, column) }

// rowsAsSet gives the rows the height that is set.
func (p *Page) rowsAsSet() {
	p.list.RowHeight, p.list.Gap = roomyRow, 4
	if p.w.State.Rows.Compact {
		p.list.RowHeight, p.list.Gap = compactRow, 0
	}
}

// RowsChanged shows the rows as they are set now, with what is selected in sight.
func (p *Page) RowsChanged() {
	p.rowsAsSet()
	if row := p.list.Selected(); row >= 0 {
		p.list.ScrollTo(row)
	}
	p.list.Refresh()
}

// rowItems are the menu of how rows look.
func (p *Page) rowItems() []control.MenuItem {
	set := p.w.State.Rows
	items := []control.MenuItem{{Label: "One line each", Hint: "v", On: set.Compact, Do: func() { p.w.SetCompact(!set.Compact) }}}
	for i, c := range rowColumns {
		items = append(items, control.MenuItem{Label: c, On: !p.without(c), Divider: i == 0, Do: func() {
			left := slices.DeleteFunc(slices.Clone(set.Without), func(s string) bool { return s == c })
			if !p.without(c) {
				left = append(left, c)
			}
			p.w.SetRows(frame.Rows{Compact: set.Compact, Without: left})
		}})
	}
	return items
}
