package work

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/message"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// workDetail is one work item whole: its states, its timeline, what it was given and what came of it.
type workDetail struct {
	w *frame.Window

	mark           *part.PlatformMark
	title, meta    *control.Text
	state          *control.Badge
	path, links    *fyne.Container
	tabs           *control.Tabs
	stage          *control.Box
	fall           *message.WaterfallPane
	trouble        *control.Box
	notes          *fyne.Container
	data           *workData
	parts          []fyne.CanvasObject
	content, blank fyne.CanvasObject
	root           *control.Box

	item *core.WorkItem
	row  int64
}

func newWorkDetail(w *frame.Window) *workDetail {
	d := &workDetail{w: w, mark: part.NewPlatformMark(38), title: control.NewText("", control.Heading.At(16)).Ellipsis(), meta: control.NewText("", control.Small).EllipsisMiddle(),
		state: control.NewBadge("", control.Blue), path: control.Wrap(8), links: control.Wrap(8), stage: control.NewBox(control.Surface{}, nil), trouble: control.NewBox(control.Surface{}, nil), notes: control.Col(10)}
	d.fall = message.NewWaterfallPane(d.pressed)
	d.data = newWorkData(w)
	scrolled := func(o fyne.CanvasObject) fyne.CanvasObject {
		return control.NewScroll(control.Pad(control.Sides(14, 20, 20, 20), o))
	}
	d.parts = []fyne.CanvasObject{scrolled(control.Col(12, d.trouble, d.fall.View())), d.data.view(), scrolled(d.notes)}
	d.tabs = control.NewTabs(d.turn, "Timeline", "Payload, input, output", "Notifications")
	head := control.RowFill(12, control.Centre(d.mark.View()), control.Grow(control.Col(2, d.title, d.meta)), control.Centre(part.Leads(d.state, "Show the steps", func() { d.turn(0) })),
		control.NewTool("copy", "Copy the work item's id", func() {
			if d.item != nil {
				w.Copy("Work item's id", d.item.ID)
			}
		}))
	d.content = control.Col(0, control.Pad(control.Sides(16, 18, 10, 22), head), control.Pad(control.Sides(0, 18, 8, 22), d.path), control.Pad(control.Sides(0, 18, 10, 20), d.links),
		control.Pad(control.XY(20, 0), d.tabs), control.Hair(), control.Grow(d.stage))
	d.blank = control.EmptyState("workflow", "What became of a request", "Select a work item to see its states, its steps on a time axis and what each of them cost.")
	d.stage.SetChild(d.parts[0])
	d.root = control.NewBox(control.Surface{Fill: control.SurfaceDetail}, d.blank)
	return d
}

func (d *workDetail) view() fyne.CanvasObject { return d.root }
func (d *workDetail) underWay() bool          { return d.item != nil && !d.item.Final }

// load reads an item and what it sent.
func (d *workDetail) load(ctx context.Context, row int64) func() {
	if row == 0 {
		return nil
	}
	item, err := d.w.Engine.Store.WorkAt(ctx, row)
	if err != nil {
		return nil // removed meanwhile: what is shown stays
	}
	deliveries := message.ReadSent(ctx, d.w.Engine.Store, item.Deliveries)
	return func() { d.put(row, &item, deliveries) }
}

func (d *workDetail) put(row int64, item *core.WorkItem, deliveries []message.Sent) {
	d.item, d.row = item, row
	d.mark.Set(item.Platform)
	title := item.Title
	if title == "" {
		title = item.ID
	}
	d.title.Set(title)
	d.meta.Set(d.metaText())
	d.state.Set(item.State, stateTone(item.Final, item.Failed))
	d.path.Objects = statePath(item)
	d.path.Refresh()
	d.links.Objects = d.linkButtons(deliveries)
	d.links.Refresh()
	now := time.Now()
	ms := message.WorkMoments(item, now)
	for _, s := range deliveries {
		ms = append(ms, message.DeliveryMoments(s, now)...)
	}
	d.fall.Set(message.InOrder(ms))
	d.trouble.SetChild(nil)
	if why := whyFailed(item); why != "" {
		d.trouble.SetChild(control.Banner(control.Red, core.Capital(why)+".", nil))
	}
	d.trouble.Hidden = d.trouble.MinSize().Height == 0
	d.showNotes()
	d.data.set(item)
	d.root.SetChild(d.content)
}

func (d *workDetail) metaText() string {
	text := d.item.ID + "  ·  " + part.PlatformTitle(d.item.Platform) + "  ·  " + d.item.SourceName + "  ·  " + d.item.Created.Local().Format("2 Jan, 15:04:05.000")
	if d.item.Cost > 0 {
		text += "  ·  " + message.CostText(d.item.Cost)
	}
	if d.item.Session != "" {
		text += "  ·  session " + d.item.Session
	}
	return text
}

// whyFailed is what the last step that went wrong says, where the item failed.
func whyFailed(item *core.WorkItem) string {
	for _, s := range slices.Backward(item.Steps) {
		if item.Failed && s.Error != "" {
			return s.Error
		}
	}
	return ""
}

// statePath is every state with when it began: the first by the clock, the others after it.
func statePath(item *core.WorkItem) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for i, s := range item.States {
		tone, when := control.Faint, s.At.Local().Format("15:04:05.000")
		if i > 0 {
			when = "+" + view.Duration(s.At.Sub(item.States[0].At))
			out = append(out, control.Pad(control.Sides(5, 0, 0, 0), control.NewIcon("arrow-right", control.Faint, 13)))
		}
		if i == len(item.States)-1 {
			tone = stateTone(item.Final, item.Failed)
		}
		out = append(out, control.Row(6, control.NewBadge(s.State, tone), control.NewText(when, control.CodeSmall)))
	}
	return out
}

// linkButtons lead to what the item came from and to what it sent.
func (d *workDetail) linkButtons(deliveries []message.Sent) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	item := d.item
	if item.Capture != 0 {
		out = append(out, control.NewButton(fmt.Sprintf("Capture #%d", item.Capture), "inbox", control.Secondary, d.openCapture))
	}
	out = append(out, control.NewButton(item.SourceName, "webhook", control.Secondary, func() { d.w.Go.OpenSource(item.Source, "") }))
	for _, s := range deliveries {
		label := fmt.Sprintf("Delivery #%d to %s, %s", s.ID, message.HostOfURL(s.Target.URL), s.State)
		out = append(out, control.NewButton(label, "send", control.Secondary, func() { d.w.Go.OpenDelivery(s.ID) }))
	}
	return out
}

func (d *workDetail) openCapture() {
	if d.item != nil && d.item.Capture != 0 {
		d.w.Go.OpenCapture(d.item.Capture)
	}
}

func (d *workDetail) pressed(m message.Moment) {
	if m.Leads == "delivery" {
		d.w.Go.OpenDelivery(m.Delivery)
	}
	if m.Name == "notification" {
		d.turn(2)
	}
}

// turn shows a tab.
func (d *workDetail) turn(i int) {
	d.tabs.Select(i)
	d.stage.SetChild(d.parts[i])
}

// showNotes are the messages that a handler would have sent to a chat.
func (d *workDetail) showNotes() {
	n := len(d.item.Notes)
	d.tabs.SetCount(2, part.CountText(n))
	d.notes.Objects = nil
	if n == 0 {
		d.notes.Objects = []fyne.CanvasObject{control.NewText("This work item told nobody anything.", control.Body.In(control.Muted))}
	}
	for _, note := range d.item.Notes {
		head := control.RowFill(8, control.NewIcon("message-square", control.Violet, 15), control.Grow(control.NewText(note.Chat, control.BodyBold).EllipsisMiddle()),
			control.NewText(note.At.Local().Format("15:04:05.000"), control.CodeSmall), control.NewTool("copy", "Copy the message", func() { d.w.Copy("Message", note.Text) }))
		d.notes.Objects = append(d.notes.Objects, control.Wide(760, control.Card(control.Col(6, head, control.NewParagraph(note.Text, control.Body)))))
	}
	d.notes.Refresh()
}

// workData shows what the platform stored, what the agent was given, and what came of it.
type workData struct {
	w     *frame.Window
	pane  *message.BodyPane
	which *control.Segmented
	item  *core.WorkItem
	shown string
	root  fyne.CanvasObject
}

func newWorkData(w *frame.Window) *workData {
	t := &workData{w: w, pane: message.NewBodyPane(w)}
	t.which = control.NewSegmented(func(int) { t.refresh() }, "Payload", "Input", "Output")
	t.root = control.Pad(control.Sides(12, 20, 14, 20), control.Col(10, control.Row(0, t.which), control.Grow(t.pane.View())))
	return t
}

func (t *workData) view() fyne.CanvasObject { return t.root }

func (t *workData) set(item *core.WorkItem) {
	t.item = item
	t.refresh()
}

// refresh shows the chosen value, unless it stands there already.
func (t *workData) refresh() {
	if t.item == nil {
		return
	}
	i := t.which.Selected()
	value := []any{t.item.Payload, t.item.Input, t.item.Output}[i]
	name := []string{"payload", "input", "output"}[i]
	b, err := json.Marshal(value)
	if value == nil || err != nil {
		b = nil
	}
	key := t.item.ID + name + string(b)
	if key == t.shown {
		return
	}
	t.shown = key
	t.pane.Set("work-"+t.item.ID+"-"+name, &view.Body{Type: "application/json", Bytes: b})
}
