package deliveries

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// outbox is the section of the deliveries: their list under filters, and the detail of one or of a batch.
type outbox struct {
	page   *Page
	w      *frame.Window
	list   *control.List
	filter *control.Field
	states []*stateChip
	scope  *scopeCard
	bulk   *control.Button
	Labour *frame.LongWork
	root   fyne.CanvasObject

	side   *control.Box
	detail *deliveryDetail
	batch  *batchView
	blank  fyne.CanvasObject

	rows    []part.ShownDelivery
	counts  map[core.DeliveryState]int64
	more    bool
	names   map[core.EndpointID]core.Endpoint
	batches []store.Batch
	f       store.DeliveryFilter
	chosen  core.DeliveryID
	typing  func()
	sight   outboxSight
	planned map[core.DeliveryID]int // the pump's
}

func newOutbox(p *Page) *outbox {
	o := &outbox{page: p, w: p.w, planned: map[core.DeliveryID]int{}}
	o.sight.want = outboxPage
	funnel := control.NewTool("funnel", "Only one endpoint or batch", nil)
	funnel.OnTap = func() { o.w.Layers.MenuUnder(funnel, o.scopes()...) }
	o.filter = control.NewField("", "Filter by event or URL", o.typed).WithIcon("search").WithTrail(funnel)
	o.filter.OnSubmit = func(string) { o.applyText() }
	o.scope = newScopeCard(func() { o.choose(0) }, func() { o.narrow(store.DeliveryFilter{State: o.f.State, Text: o.f.Text}) })
	chips := control.Wrap(2)
	for _, s := range []core.DeliveryState{"", core.Waiting, core.Sending, core.Delivered, core.Exhausted, core.Cancelled} {
		chip := newStateChip(s, func() { f := o.f; f.State = s; o.narrow(f) })
		o.states = append(o.states, chip)
		chips.Add(chip.Press)
	}
	o.bulk = control.NewTool("ellipsis", "Cancel or resend all that match", nil)
	o.bulk.OnTap = func() { o.w.Layers.MenuUnder(o.bulk, o.bulkItems()...) }
	o.list = control.NewList(52, func() int { return len(o.rows) }, func() fyne.CanvasObject { return part.NewDeliveryRow() }, o.bind)
	o.list.Gap = 4
	o.list.OnSelect = func(row int) { o.choose(o.rows[row].ID) }
	o.list.OnMenu = o.menu
	o.list.OnRune = o.key
	o.list.OnScroll = o.scrolled
	o.list.Empty = o.empty()
	o.Labour = frame.NewLabour(o.w)
	head := control.Pad(control.Sides(0, 12, 8, 12), control.Col(8, o.filter, chips, o.scope.card))
	o.root = control.Col(0, head, control.Grow(control.Pad(control.XY(6, 0), o.list)), o.Labour.Root)

	o.side = control.NewBox(control.Surface{Fill: control.SurfaceDetail}, nil)
	o.detail, o.batch = newDeliveryDetail(o), newBatchView(o)
	o.blank = control.EmptyState("send", "Select a delivery", "Its schedule, every attempt and both sides of the wire are shown here.")
	o.showSide()
	o.showFilter()
	return o
}

func (o *outbox) view() fyne.CanvasObject { return o.root }

func (o *outbox) load(ctx context.Context) func() {
	l := o.read(ctx)
	return func() {
		if l.err != nil {
			if !errors.Is(l.err, core.ErrNotFound) {
				o.w.Fail(l.err)
			}
			return
		}
		if l.filter == o.f {
			o.take(l)
		}
		if l.whole != nil && l.whole.stamp.id == o.chosen {
			o.detail.put(l.whole)
			o.sight.mu.Lock()
			o.sight.seen = l.whole.stamp
			o.sight.mu.Unlock()
		}
	}
}

// take puts a load into the list, which keeps its place unless it stands at its top with nothing selected.
func (o *outbox) take(l outboxLoad) {
	anchor, at := o.anchor()
	o.rows, o.counts, o.more, o.names, o.batches = l.rows, l.counts, l.more, l.names, l.batches
	o.list.Unselect()
	for i := range o.rows {
		if anchor != 0 && o.rows[i].ID <= anchor {
			o.list.SetOffset(float64(i)*56 + at)
			anchor = 0
		}
	}
	offset := o.list.Offset()
	o.list.Refresh()
	for i := range o.rows {
		if o.rows[i].ID == o.chosen {
			o.list.Select(i)
			o.list.SetOffset(offset)
		}
	}
	o.showCounts()
	o.batch.put(l.batch)
}

// anchor is the delivery in the first row in sight, and how far it is scrolled out; none while the list follows what is
// new.
func (o *outbox) anchor() (core.DeliveryID, float64) {
	if o.list.AtTop() && o.chosen == 0 {
		return 0, 0
	}
	first, last := o.list.InSight()
	if first >= last || first >= len(o.rows) {
		return 0, 0
	}
	return o.rows[first].ID, o.list.Offset() - float64(first)*56
}

func (o *outbox) bind(row int, c fyne.CanvasObject) {
	c.(*part.DeliveryRow).Set(&o.rows[row], o.w.Engine.Outbox.Paused(), time.Now())
}

// counting reports whether anything in sight counts down.
func (o *outbox) counting() bool {
	return o.counts[core.Waiting]+o.counts[core.Sending] > 0 || o.detail.counting()
}

// count brings the countdowns up to date.
func (o *outbox) count(now time.Time) {
	o.list.Refresh()
	o.detail.count(now)
}

// scrolled reads more rows before the user comes to the end of those that were read.
func (o *outbox) scrolled(_, last int, _ bool) {
	o.sight.mu.Lock()
	grow := o.more && last+outboxPage/2 > o.sight.want
	if grow {
		o.sight.want = min(o.sight.want+2*outboxPage, mostOutboxRows)
	}
	o.sight.mu.Unlock()
	if grow {
		o.w.Pump.Again()
	}
}

// choose shows a delivery; 0 shows the batch, where the list is one, or nothing.
func (o *outbox) choose(id core.DeliveryID) {
	if id != o.chosen {
		o.detail.clear()
	}
	o.chosen = id
	o.sight.mu.Lock()
	o.sight.chosen, o.sight.seen = id, deliveryStamp{}
	o.sight.mu.Unlock()
	if id == 0 {
		o.list.Unselect()
	}
	for i := range o.rows {
		if o.rows[i].ID == id {
			o.list.Select(i)
		}
	}
	o.showSide()
	o.w.Pump.Again()
}

func (o *outbox) showSide() {
	switch {
	case o.chosen != 0:
		o.side.SetChild(o.detail.view())
	case o.f.Batch != "":
		o.side.SetChild(o.batch.view())
	default:
		o.side.SetChild(o.blank)
	}
	o.scope.mark(o.f.Batch != "" && o.chosen == 0)
}

func (o *outbox) typed(string) {
	if o.typing != nil {
		o.typing()
	}
	o.typing = o.w.Pump.After(250*time.Millisecond, o.applyText)
}

func (o *outbox) applyText() {
	f := o.f
	f.Text = strings.TrimSpace(o.filter.Text())
	o.narrow(f)
}

// narrow puts a filter in force.
func (o *outbox) narrow(f store.DeliveryFilter) {
	if f.Text != strings.TrimSpace(o.filter.Text()) {
		o.filter.SetQuiet(f.Text)
	}
	if f == o.f {
		return
	}
	left := f.Batch != o.f.Batch || f.Endpoint != o.f.Endpoint
	o.f = f
	o.sight.mu.Lock()
	o.sight.filter, o.sight.want = f, outboxPage
	o.sight.mu.Unlock()
	if left {
		o.batch.clear()
		o.choose(0)
	}
	o.list.ScrollToTop()
	o.showFilter()
	o.showSide()
	o.w.Pump.Again()
}

func (o *outbox) showFilter() {
	for _, c := range o.states {
		c.Mark(c.state == o.f.State)
	}
	o.showScope()
}

func (o *outbox) showScope() {
	defer o.root.Refresh() // the card may have come or gone
	switch {
	case o.f.Batch != "":
		b := store.Batch{Name: o.f.Batch}
		for _, known := range o.batches {
			if known.Name == o.f.Batch {
				b = known
			}
		}
		o.scope.show(batchIcon(b.Name), batchTitle(b), o.share())
	case o.f.Endpoint != 0:
		o.scope.show("webhook", "To "+o.names[o.f.Endpoint].Name, -1)
	default:
		o.scope.card.Hide()
	}
}

// share is how much of what is shown has ended.
func (o *outbox) share() float64 {
	total, open := int64(0), o.counts[core.Waiting]+o.counts[core.Sending]
	for _, n := range o.counts {
		total += n
	}
	if total == 0 {
		return 0
	}
	return 1 - float64(open)/float64(total)
}

func (o *outbox) showCounts() {
	total := int64(0)
	for _, n := range o.counts {
		total += n
	}
	for _, c := range o.states {
		if c.state == "" {
			c.Count(total)
		} else {
			c.Count(o.counts[c.state])
		}
	}
	o.showScope()
}

// batchTitle names a batch for people.
func batchTitle(b store.Batch) string {
	if source, ok := strings.CutPrefix(b.Name, "forward:"); ok {
		return "Forwarded by " + source
	}
	if b.Count == 0 {
		return "Replay"
	}
	return fmt.Sprintf("Replay of %s to %s", view.Plural(int(b.Count), "delivery", "deliveries"), part.HostAndPath(b.URL))
}

func batchIcon(name string) string {
	if strings.HasPrefix(name, "forward:") {
		return "route"
	}
	return "repeat"
}

// scopes are the endpoints and batches that the list can be narrowed to.
func (o *outbox) scopes() []control.MenuItem {
	items := []control.MenuItem{{Label: "Everything", Icon: "send", On: o.f.Batch == "" && o.f.Endpoint == 0,
		Do: func() { o.narrow(store.DeliveryFilter{State: o.f.State, Text: o.f.Text}) }}}
	first := true
	for _, ep := range sortedEndpoints(o.names) {
		items = append(items, control.MenuItem{Label: "To " + ep.Name, Icon: "webhook", On: o.f.Endpoint == ep.ID, Divider: first,
			Do: func() { o.narrow(store.DeliveryFilter{State: o.f.State, Text: o.f.Text, Endpoint: ep.ID}) }})
		first = false
	}
	first = true
	for _, b := range o.batches {
		items = append(items, control.MenuItem{Label: batchTitle(b), Icon: batchIcon(b.Name), Hint: part.Clock(b.Created, time.Now()), On: o.f.Batch == b.Name,
			Divider: first, Do: func() { o.narrow(store.DeliveryFilter{State: o.f.State, Text: o.f.Text, Batch: b.Name}) }})
		first = false
	}
	return items
}

func (o *outbox) key(r rune) bool {
	d := o.detail.delivery()
	switch {
	case r == '/':
		o.filter.Focus()
	case d == nil:
		return false
	case r == 'r':
		o.resend(d)
	case r == 'x':
		o.cancel(d)
	case r == 'e':
		o.detail.edit()
	case r == 'c':
		o.detail.copyCurl()
	case r == 'd':
		o.detail.compare()
	default:
		return false
	}
	return true
}

func (o *outbox) empty() fyne.CanvasObject {
	text := control.NewParagraph("No deliveries here. Replay a capture from the Inbox, send one from Compose, or add an endpoint and emit an event to it.", control.Body.In(control.Muted)).Centred()
	return control.Pad(control.XY(24, 40), control.Col(14, control.Centre(control.NewIcon("send", control.Faint, 32)), text,
		control.Centre(control.Row(8, control.NewButton("Open Inbox", "inbox", control.Secondary, func() { o.w.Open("Inbox") }),
			control.NewButton("Endpoints", "webhook", control.Secondary, func() { o.page.turn(showEndpoints) })))))
}
