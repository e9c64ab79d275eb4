package shapes

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/shape"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// detail is one event: its members, its changes, and code beside them.
type detail struct {
	w              *frame.Window
	title, meta    *control.Text
	tabs           *control.Tabs
	stage          *control.Box
	members        *control.List
	changes        *control.List
	parts          []fyne.CanvasObject
	code           *code
	samples        *control.Button // a body, for Compose
	content, blank fyne.CanvasObject
	root           *control.Box

	event engine.EventShape
	nodes []shape.Node
	known string // what is shown, so that the same is not drawn again
}

func newDetail(w *frame.Window) *detail {
	d := &detail{w: w, title: control.NewText("", control.Heading.At(16)).EllipsisMiddle(), meta: control.NewText("", control.Small).Ellipsis(), stage: control.NewBox(control.Surface{}, nil)}
	d.members = control.NewList(control.ShareLineHeight, func() int { return len(d.nodes) }, func() fyne.CanvasObject { return control.NewShareLine() },
		func(i int, o fyne.CanvasObject) { o.(*control.ShareLine).Set(d.line(d.nodes[i])) })
	d.members.OnMenu = d.menu
	d.changes = control.NewList(46, func() int { return len(d.event.Drifts) }, func() fyne.CanvasObject { return newChangeCell() },
		func(i int, o fyne.CanvasObject) { o.(*changeCell).set(d.event.Drifts[i]) })
	d.changes.OnSelect = func(i int) { w.Go.OpenCapture(d.event.Drifts[i].Capture) }
	d.changes.Empty = control.EmptyState("git-compare", "Nothing changed", "Once enough bodies have come, one that lacks what all had, or brings what none had, is named here.")
	d.parts = []fyne.CanvasObject{control.Pad(control.Sides(6, 6, 6, 6), d.members), control.Pad(control.Sides(6, 6, 6, 6), d.changes)}
	d.tabs = control.NewTabs(func(i int) { d.stage.SetChild(d.parts[i]) }, "Members", "Changes")
	d.stage.SetChild(d.parts[0])
	d.code = newCode(w)
	d.samples = control.NewButton("Compose", "square-pen", control.Secondary, d.compose)
	head := control.RowFill(10, control.Grow(control.Col(2, d.title, d.meta)),
		control.NewButton("Captures", "inbox", control.Secondary, d.captures), d.samples)
	left := control.Col(0, control.Pad(control.Sides(16, 18, 10, 20), head), control.Pad(control.XY(18, 0), d.tabs), control.Hair(), control.Grow(d.stage))
	d.content = control.NewSplit(left, control.NewBox(control.Surface{Fill: control.SurfacePanel}, d.code.root), 510, 340, 300).Named("Members", "Code")
	d.blank = control.EmptyState("braces", "What each event looks like", "Send a source some JSON: what is always there, what sometimes, and what changed is learned here, with types and schemas to copy.",
		control.Centre(control.NewButton("Open sources", "webhook", control.Secondary, func() { w.Open("Sources") })))
	d.root = control.NewBox(control.Surface{Fill: control.SurfaceDetail}, d.blank)
	return d
}

func (d *detail) clear() {
	d.known = ""
	d.root.SetChild(d.blank)
}

// load reads an event whole, and writes its code.
func (d *detail) load(ctx context.Context, k key) (func(), error) {
	e, err := d.w.Engine.Shapes.Event(ctx, k.source, k.event)
	if errors.Is(err, core.ErrNotFound) {
		return nil, nil // it went between two looks
	}
	if err != nil {
		return nil, err
	}
	nodes := e.Learned.Outline()[1:]
	code, err := d.code.load(e)
	if err != nil {
		return nil, err
	}
	return func() { d.put(e, nodes, code) }, nil
}

func (d *detail) put(e engine.EventShape, nodes []shape.Node, code func()) {
	other := keyOf(e) != keyOf(d.event)
	known := fmt.Sprint(keyOf(e), e.Count, e.Changes, e.Learned.Count, len(nodes))
	code()
	if known == d.known {
		return
	}
	d.known, d.event, d.nodes = known, e, nodes
	d.title.Set(eventTitle(e.Event))
	d.meta.Set(metaText(e))
	d.tabs.SetCount(1, "")
	if e.Changes > 0 {
		d.tabs.SetCount(1, view.Count(int64(e.Changes)))
	}
	if other {
		d.members.ScrollToTop()
		d.members.Unselect()
		d.changes.ScrollToTop()
	}
	d.changes.Unselect()
	d.members.Refresh()
	d.changes.Refresh()
	d.root.SetChild(d.content)
}

func metaText(e engine.EventShape) string {
	text := view.Visible(e.Name) + "  ·  " + view.Plural(int(e.Count), "capture", "captures") + "  ·  " + e.First.Local().Format("2 Jan 15:04") + " to " + e.Last.Local().Format("2 Jan 15:04")
	if len(e.Drifts) > 0 {
		last := e.Drifts[0]
		text += "  ·  since " + last.At.Local().Format("2 Jan") + ": " + view.Visible(shortChange(last.Drift))
	}
	if e.Learned.Cut() {
		text += "  ·  more members than are learned"
	}
	return text
}

// line is a member in a row.
func (d *detail) line(n shape.Node) control.Share {
	s := control.Share{Depth: n.Depth - 1, Name: view.Visible(n.Name), Share: n.Presence, Tone: control.Green, Kind: kindText(n)}
	switch {
	case n.Item:
		s.Name = "each item"
	case n.Name == shape.Any:
		s.Name = "any name that is data"
	}
	switch {
	case n.Presence < 0.5:
		s.Tone = control.Muted
	case n.Presence < 1:
		s.Tone = control.Blue
	}
	for _, c := range d.event.Drifts {
		if c.Path == n.Path {
			s.Mark = control.Amber
		}
	}
	s.About = view.Visible(aboutText(n))
	return s
}

func kindText(n shape.Node) string {
	var kinds []string
	for _, k := range n.Kinds() {
		if k != shape.Integer || !n.Has(shape.Number) {
			kinds = append(kinds, k.String())
		}
	}
	return strings.Join(kinds, " | ")
}

// aboutText is what is known of the values of a member.
func aboutText(n shape.Node) string {
	switch {
	case n.Secret() && n.Has(shape.String):
		return "masked"
	case len(n.Values()) > 0:
		return strings.Join(n.Values(), ", ")
	case n.Format() != "":
		return n.Format()
	case n.Has(shape.Array):
		return fmt.Sprintf("%d to %d items", n.Fewest, n.Largest)
	case n.Numbers != nil:
		if n.Numbers.Min == n.Numbers.Max {
			return core.Plain(n.Numbers.Min)
		}
		return core.Plain(n.Numbers.Min) + " to " + core.Plain(n.Numbers.Max)
	}
	if all := n.Examples(); len(all) > 0 {
		return "like " + strings.Join(all, ", ")
	}
	return ""
}

// menu is what can be done with a member.
func (d *detail) menu(row int, at fyne.Position) {
	n := d.nodes[row]
	d.w.Layers.Menu(at, control.MenuItem{Label: "Copy the path", Icon: "copy", Do: func() { d.w.Copy("Path", n.Path) }},
		control.MenuItem{Label: fmt.Sprintf("First capture that had it, #%d", n.First.ID), Icon: "inbox", Do: func() { d.w.Go.OpenCapture(n.First.ID) }},
		control.MenuItem{Label: fmt.Sprintf("Last capture that had it, #%d", n.Last.ID), Icon: "inbox", Do: func() { d.w.Go.OpenCapture(n.Last.ID) }})
}

func (d *detail) captures() {
	if d.event.Event != "" {
		d.w.Go.FilterInbox("event", d.event.Event)
		return
	}
	d.w.Go.FilterInbox("source", d.event.Name)
}

// compose offers the bodies of the event to edit and send.
func (d *detail) compose() {
	var items []control.MenuItem
	for _, kind := range engine.SampleKinds {
		items = append(items, control.MenuItem{Label: sampleTitles[kind], Icon: "square-pen", Do: func() { d.take(kind) }})
	}
	d.w.Layers.MenuUnder(d.samples, items...)
}

// sampleTitles say what the kinds of samples are.
var sampleTitles = map[string]string{"median": "The body in the middle", "minimal": "The smallest body", "full": "The fullest body", "synthetic": "One made up"}

func (d *detail) take(kind string) {
	e := d.event
	d.w.Pump.Task(d.w.Ctx, func(ctx context.Context) func() {
		got, err := d.w.Engine.Shapes.Sample(ctx, e, kind, 0)
		var c core.Capture
		if err == nil {
			c, err = d.w.Engine.Shapes.Draft(ctx, got)
		}
		return func() {
			if d.w.Fail(err); err == nil {
				d.w.Go.Compose(&c)
			}
		}
	})
}
