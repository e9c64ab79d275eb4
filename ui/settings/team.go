package settings

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// teamSection is a team's inbox: the spaces that are followed here, and this program as a hub with its readers.
type teamSection struct {
	w      *frame.Window
	spaces []engine.SpaceJSON
	hub    engine.HubJSON
	known  bool // they were read once

	rows   *fyne.Container // of the spaces
	invite *control.Field
	queue  *control.Field
	joins  *control.Button
	readers
	root *settingsForm
}

func newTeamSection(w *frame.Window) *teamSection {
	t := &teamSection{w: w, rows: control.Col(0)}
	t.invite = control.NewField("Invite", "hookglass://join/…", func(string) { t.invite.SetProblem("") }).AsCode()
	t.invite.OnSubmit = func(string) { t.join() }
	t.queue = control.NewField("Queue", "", func(string) { t.queue.SetProblem("") }).WithHelp("Only for a work queue, of which each capture goes to one of those that joined it.").AsCode()
	t.joins = control.NewButton("Join", "link", control.Primary, t.join)
	t.readers.init(w, t)
	t.root = newSettingsForm(
		group("Spaces", "A hub publishes what it captures to its team's space. What you follow arrives in the inbox as if it had been sent here, also what came while this computer was off.", t.rows),
		group("Join a space", "Paste the line that the hub's owner gave you. It is as good as a password.", t.invite, control.Wide(360, t.queue), control.Row(0, t.joins)),
		t.readers.view())
	return t
}

func (t *teamSection) Title() string           { return "Team" }
func (t *teamSection) Icon() string            { return "radio" }
func (t *teamSection) view() fyne.CanvasObject { return t.root.Scroll }

func (t *teamSection) load(ctx context.Context) func() {
	spaces, err := t.w.Engine.Spaces.Status(ctx)
	hub, err2 := t.w.Engine.Hub.Status(ctx)
	return func() {
		if err := errors.Join(err, err2); err != nil {
			if ctx.Err() == nil {
				t.w.Fail(err)
			}
			return
		}
		if t.known && reflect.DeepEqual(spaces, t.spaces) && reflect.DeepEqual(hub, t.hub) {
			return
		}
		t.spaces, t.hub, t.known = spaces, hub, true
		t.draw()
		t.readers.draw(hub)
		t.root.again()
	}
}

// again has the section read anew.
func (t *teamSection) again() { t.w.Pump.Again() }

func (t *teamSection) draw() {
	t.rows.Objects = nil
	for i := range t.spaces {
		if i > 0 {
			t.rows.Add(control.Hair())
		}
		t.rows.Add(t.space(&t.spaces[i]))
	}
	if len(t.spaces) == 0 {
		t.rows.Add(control.NewParagraph("None yet.", control.Body.In(control.Muted)))
	}
	t.rows.Refresh()
}

func (t *teamSection) space(s *engine.SpaceJSON) fyne.CanvasObject {
	icon, tone := part.SpaceLook(s.State)
	about := "as " + s.Reader + " at " + strings.Join(s.URLs, ", ")
	if s.Queue != "" {
		about += ", queue " + s.Queue
	}
	words := []fyne.CanvasObject{control.NewText(s.Name, control.BodyBold).EllipsisMiddle(), control.NewText(about, control.Small).EllipsisMiddle(),
		control.NewParagraph(spaceWords(s), control.Body.In(tone))}
	top := func(o fyne.CanvasObject) fyne.CanvasObject { return control.Col(0, o) }
	head := control.RowFill(10, top(control.NewIcon(icon, tone, 16)), control.Grow(control.Col(3, words...)),
		top(control.NewButton("Show", "inbox", control.Ghost, func() { t.w.Go.FilterInbox("space", s.Name) })),
		top(control.NewButton("Leave", "unplug", control.Ghost, func() { t.askLeave(s.Name) })))
	rows := []fyne.CanvasObject{head}
	for _, x := range s.Sources {
		rows = append(rows, control.Pad(control.Sides(0, 0, 0, 26), t.source(s, x)))
	}
	if gaps := t.gaps(s); gaps != nil {
		rows = append(rows, gaps)
	}
	return control.Pad(control.XY(0, 10), control.Col(8, rows...))
}

// spaceWords says how it stands with a space.
func spaceWords(s *engine.SpaceJSON) string {
	switch s.State {
	case "connected":
		return "Connected: all that the space has is here."
	case "catching up":
		return "Catching up: " + core.Counted(int(s.Pending), "capture") + " to come."
	case "gap":
		return "Connected, and captures may be missing: see below."
	case "connecting":
		return "Connecting…"
	case "refused":
		return part.WholeSentence(s.Trouble)
	}
	words := "Behind: there is no connection, so nobody knows how much there is."
	if s.Trouble != "" {
		words += " " + part.WholeSentence(view.Visible(s.Trouble))
	}
	return words
}

// source is one whose captures came, and the way to have them checked and sent on here.
func (t *teamSection) source(s *engine.SpaceJSON, x engine.SpaceSourceJSON) fyne.CanvasObject {
	name := x.Source
	if name == "" {
		name = "no source"
	}
	last, _ := time.Parse(time.RFC3339Nano, x.Last) // ours
	row := []fyne.CanvasObject{control.Grow(control.NewText(name, control.Code).EllipsisMiddle()), control.NewText(core.Counted(int(x.Count), "capture")+", last "+part.Clock(last, time.Now()), control.Small)}
	if x.Source != "" {
		check := control.NewButton("Check and forward here", "arrow-down-left", control.Ghost, func() { t.receive(s.Name, x.Source) })
		check.Tip = "A source " + x.Local + " with your own secret and forward"
		row = append(row, check)
	}
	return control.RowFill(10, row...)
}

func (t *teamSection) receive(space, source string) {
	t.w.Pump.Task(t.w.Ctx, func(ctx context.Context) func() {
		id, err := t.w.Engine.Spaces.Receive(ctx, t.w.Engine.PutSource, space, source)
		return func() {
			if t.w.Fail(err); err == nil {
				t.w.Go.OpenSource(id, "")
			}
		}
	})
}

// gaps says where captures may be missing.
func (t *teamSection) gaps(s *engine.SpaceJSON) fyne.CanvasObject {
	var rows []fyne.CanvasObject
	unseen := 0
	for _, g := range s.Gaps {
		if g.Seen {
			continue
		}
		if unseen++; unseen > 5 {
			continue
		}
		since, _ := time.Parse(time.RFC3339Nano, g.Since)
		until, _ := time.Parse(time.RFC3339Nano, g.Until)
		text := fmt.Sprintf("Of %s, up to %s may be missing between %s and %s: the space keeps them no more.", view.Visible(g.Source), core.Counted(int(g.Most), "capture"),
			since.Local().Format("2 Jan 15:04:05"), until.Local().Format("2 Jan 15:04:05"))
		rows = append(rows, control.RowFill(8, control.Grow(control.NewParagraph(text, control.Body)), control.Col(0, control.NewButton("Show", "", control.Ghost, func() { t.w.Go.OpenCapture(g.Capture) }))))
	}
	if unseen == 0 {
		return nil
	}
	if unseen > 5 {
		rows = append(rows, control.NewText(fmt.Sprintf("and %d more", unseen-5), control.Small))
	}
	rows = append(rows, control.Row(0, control.NewButton("I have seen it", "check", control.Secondary, func() {
		t.w.Pump.Task(t.w.Ctx, func(ctx context.Context) func() {
			err := t.w.Engine.Spaces.SeeGaps(ctx, s.Name)
			return func() { t.w.Fail(err); t.again() }
		})
	})))
	return control.NewBox(control.Surface{Fill: control.Amber, Alpha: 0x14, Border: control.Line, Radius: 9, Pad: control.XY(14, 10)}, control.Col(8, rows...))
}

// offer puts an invite into the field, to be joined or not.
func (t *teamSection) offer(invite string) {
	t.invite.Set(invite)
	t.queue.Set("")
	t.invite.Focus()
}

func (t *teamSection) join() {
	ask := engine.Joining{Invite: t.invite.Text(), Queue: strings.TrimSpace(t.queue.Text())}
	t.joins.SetDisabled(true)
	t.w.Pump.Task(t.w.Ctx, func(ctx context.Context) func() {
		s, err := t.w.Engine.Spaces.Join(ctx, ask) // it may wait for the keyring
		return func() {
			t.joins.SetDisabled(false)
			var invalid *core.Invalid
			switch {
			case errors.As(err, &invalid) && invalid.Field == "queue":
				t.queue.SetProblem(part.WholeSentence(invalid.Reason))
			case errors.As(err, &invalid):
				t.invite.SetProblem(part.WholeSentence(invalid.Reason))
			case err != nil:
				t.w.Fail(err)
			default:
				t.invite.Set("")
				t.queue.Set("")
				t.w.Layers.Toast(control.Toast{Text: "You follow the space " + s.Name, Tone: control.Green})
				t.again()
			}
			t.root.again()
		}
	})
}

func (t *teamSection) askLeave(name string) {
	t.w.Layers.Ask(control.Question{Title: "Leave the space " + name + "?", Text: "Its captures stay. To come back you need a new invite: the key is forgotten.", Yes: "Leave it", Danger: true, Do: func() {
		t.w.Pump.Task(t.w.Ctx, func(ctx context.Context) func() {
			err := t.w.Engine.Spaces.Leave(ctx, name)
			return func() { t.w.Fail(err); t.again() }
		})
	}})
}
