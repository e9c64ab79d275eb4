package inbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/message"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// detailTabs are the tabs of a capture in their order.
func detailTabs(w *frame.Window, open func(tab string)) []message.Tab {
	return []message.Tab{newOverview(w, open), message.NewBodyTab(w), message.NewHeadersTab(w), newSignatureTab(w), message.NewTimelineTab(w), newReplaysTab(w)}
}

// detail is the right side of the inbox: one capture whole.
type detail struct {
	w    *frame.Window
	list *Page

	method         *control.Badge
	title          *control.Text
	status, shield *control.Badge
	meta           *control.Text
	note           *noteLine
	pinned         *control.Button
	tabs           *control.Tabs
	parts          []message.Tab
	stage          *control.Box
	shieldPress    *control.Press
	head, line     *fyne.Container
	content, blank fyne.CanvasObject
	root           *control.Box

	mu      sync.Mutex // for the pump
	wanted  core.CaptureID
	on      int
	capture *core.Capture
	cancel  context.CancelFunc
	deleted atomic.Uint64 // what was deleted when the capture was looked for last
	last    lastRead
}

// lastRead is a capture as it was read last, and what had happened to captures before that. Until more happens it is what stands in
// the history: others may arrive by the thousand, and its body need not be read for each of them.
type lastRead struct {
	capture *core.Capture
	marks   store.Marks
}

func newDetail(w *frame.Window, list *Page) *detail {
	d := &detail{w: w, list: list,
		method: control.NewBadge("", control.Green), title: control.NewText("", control.Heading.At(16)).EllipsisMiddle(),
		status: control.NewBadge("", control.Green), shield: control.NewBadge("", control.Green),
		meta: control.NewText("", control.Small).Ellipsis(), stage: control.NewBox(control.Surface{}, nil),
	}
	d.parts = detailTabs(w, d.openTab)
	labels := make([]string, len(d.parts))
	for i, t := range d.parts {
		labels[i] = t.Label()
	}
	d.tabs = control.NewTabs(d.turn, labels...)
	d.note = newNoteLine(func() { list.Key('n') })
	d.pinned = control.NewTool("pin", "Pin: keep it when the history is trimmed (p)", func() { list.Key('p') })
	actions := []part.Labelled{
		{B: control.NewButton("Copy cURL", "copy", control.Secondary, func() { list.Key('c') }), Label: "Copy cURL", Icon: "copy"},
		{B: control.NewButton("Edit", "pencil", control.Secondary, func() { list.Key('e') }), Label: "Edit", Icon: "pencil"},
		{B: control.NewButton("Replay", "rotate-cw", control.Primary, func() { list.Key('r') }), Label: "Replay", Icon: "rotate-cw"}}
	d.head = control.RowFill(10, d.method, control.Grow(d.title), control.Row(6, d.pinned, actions[0].B, actions[1].B, actions[2].B))
	leads := func(b *control.Badge, tab string) *control.Press {
		return part.Leads(b, "Open "+tab, func() { d.openTab(tab) })
	}
	d.shieldPress = leads(d.shield, "Signature")
	d.line = control.RowFill(8, leads(d.status, "Timeline"), d.shieldPress, control.Grow(d.meta))
	d.content = control.Col(0, control.Pad(control.Sides(16, 18, 8, 22), part.HeadLine(part.FoldAll(actions...), d.head)), control.Pad(control.Sides(0, 18, 12, 22), d.line), d.note.root,
		control.Pad(control.XY(20, 0), d.tabs), control.Hair(), control.Grow(d.stage))
	d.blank = control.EmptyState("webhook", "Select a request to see it byte for byte",
		"Keys: j and k move, 1 to 6 turn the tabs, r replays, c copies as cURL, e edits and sends, n notes, x exports, d compares, p pins, / filters. Shift and Ctrl select several, Ctrl+K has everything.")
	d.root = control.NewBox(control.Surface{Fill: control.SurfaceDetail}, d.blank)
	return d
}

func (d *detail) view() fyne.CanvasObject { return d.root }

// show reads a capture and puts it up. A quicker selection cancels a slower one.
func (d *detail) show(id core.CaptureID) {
	d.mu.Lock()
	d.wanted = id
	d.mu.Unlock()
	if d.cancel != nil {
		d.cancel()
	}
	ctx, cancel := context.WithCancel(d.w.Ctx)
	d.cancel = cancel
	d.w.Pump.Task(ctx, func(ctx context.Context) func() {
		c, err := d.w.Engine.Store.Capture(ctx, id)
		if err != nil {
			return func() { d.w.Fail(err) }
		}
		later := d.loadTab(ctx, &c)
		return func() {
			d.put(&c)
			if later != nil {
				later()
			}
		}
	})
}

func (d *detail) loadTab(ctx context.Context, c *core.Capture) func() {
	d.mu.Lock()
	t := d.parts[d.on]
	d.mu.Unlock()
	return t.Load(ctx, c)
}

// load reads again what may have changed: deliveries, work, pin, verdict.
func (d *detail) load(ctx context.Context) func() {
	d.mu.Lock()
	id := d.wanted
	d.mu.Unlock()
	if id == 0 {
		d.last = lastRead{}
		return nil
	}
	deleted := d.w.Engine.Store.Marks().Deleted
	c, err := d.read(ctx, id)
	if errors.Is(err, core.ErrNotFound) && deleted != d.deleted.Swap(deleted) {
		return func() { d.list.gone(id) }
	}
	if err != nil {
		return nil // trimmed meanwhile: what is shown stays
	}
	d.deleted.Store(deleted)
	later := d.loadTab(ctx, &c)
	return func() {
		if d.capture == nil || d.capture.ID != c.ID {
			return
		}
		d.header(&c)
		d.capture = &c
		if later != nil {
			later()
		}
	}
}

// read is for the pump alone. A history of another program may change unseen.
func (d *detail) read(ctx context.Context, id core.CaptureID) (core.Capture, error) {
	marks := d.w.Engine.Store.Marks() // what changes while it is read is read again
	if l := d.last; l.capture != nil && l.capture.ID == id && l.marks == marks && d.w.Engine.ReadOnly() == "" {
		return *l.capture, nil
	}
	c, err := d.w.Engine.Store.Capture(ctx, id)
	if d.last = (lastRead{}); err == nil {
		d.last = lastRead{&c, marks}
	}
	return c, err
}

func (d *detail) put(c *core.Capture) {
	d.mu.Lock()
	stale := d.wanted != c.ID
	d.mu.Unlock()
	if stale {
		return
	}
	d.capture = c
	d.header(c)
	for _, t := range d.parts {
		t.Set(c)
	}
	d.root.SetChild(d.content)
	d.stage.SetChild(d.parts[d.on].View())
}

// header fills the lines above the tabs.
func (d *detail) header(c *core.Capture) {
	d.method.Set(c.Request.Method, methodTone(c.Request.Method))
	d.title.Set(c.Request.Target)
	if c.Response.Status > 0 {
		d.status.Set(fmt.Sprintf("%d %s", c.Response.Status, http.StatusText(c.Response.Status)), part.StatusTone(c.Response.Status))
	} else {
		d.status.Set("no answer", control.Red)
	}
	if v := c.Receipt.Verdict; v != nil {
		icon, tone := part.VerdictIcon(v.State)
		d.shield.SetAll(part.VerdictWords(v.State), icon, tone)
		d.shieldPress.Show()
	} else {
		d.shieldPress.Hide()
	}
	name := c.Name
	if name == "" {
		name = "no source"
	}
	via := ""
	if c.Via != "" {
		via = "through " + c.Via
		if space := part.SpaceOf(c.Via); space != "" {
			via = "of the space " + space
		}
	}
	about := []string{fmt.Sprintf("#%d", c.ID), name, c.At.Local().Format("2 Jan 2006, 15:04:05.000"), c.Request.Remote, via, view.Duration(c.Took), view.Size(c.Request.Size)}
	d.meta.Set(strings.Join(slices.DeleteFunc(about, func(s string) bool { return s == "" }), "  ·  ")) // what was imported came from nobody
	icon := "pin"
	if c.Pinned {
		icon = "pin-off"
	}
	d.pinned.Set("", icon)
	if d.note.set(c.Note) {
		d.content.Refresh()
	}
	d.head.Refresh() // badges are as wide as their words
	d.line.Refresh()
}

// openTab shows the tab of a label.
func (d *detail) openTab(label string) {
	for i, t := range d.parts {
		if t.Label() == label && i != d.tabs.Selected() {
			d.tabs.Select(i)
			d.turn(i)
		}
	}
}

// tabKey opens a tab by its number, and reports whether there is one.
func (d *detail) tabKey(r rune) bool {
	i := int(r - '1')
	if i < 0 || i >= len(d.parts) || d.list.Chosen == 0 {
		return false
	}
	d.list.split.Turn(true)
	d.openTab(d.parts[i].Label())
	return true
}

func (d *detail) turn(i int) {
	d.mu.Lock()
	d.on = i
	d.mu.Unlock()
	d.stage.SetChild(d.parts[i].View())
	c := d.capture
	if c == nil {
		return
	}
	d.w.Pump.Task(d.w.Ctx, func(ctx context.Context) func() { return d.parts[i].Load(ctx, c) })
}

// clear shows no capture.
func (d *detail) clear() {
	d.mu.Lock()
	d.wanted = 0
	d.mu.Unlock()
	d.capture = nil
	d.root.SetChild(d.blank)
}

// Reread brings a row up to date after the user changed it.
func (p *Page) Reread(id core.CaptureID) {
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		rows, err := p.w.Engine.Store.RowsOf(ctx, []core.CaptureID{id})
		return func() {
			p.w.Fail(err)
			p.shown.put(rows)
			if row := p.shown.index(id); row >= 0 {
				p.list.RefreshRow(row)
			}
		}
	})
}
