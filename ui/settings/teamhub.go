package settings

import (
	"context"
	"errors"
	"fmt"
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

// readers is this program as a hub: how it stands, who reads, and letting others in.
type readers struct {
	w    *frame.Window
	team *teamSection
	body *fyne.Container
}

func (r *readers) init(w *frame.Window, t *teamSection) {
	r.w, r.team, r.body = w, t, control.Col(12)
}

func (r *readers) view() fyne.CanvasObject {
	return group("Hub", "What this program captures, published to a space of your team.", r.body)
}

func (r *readers) draw(h engine.HubJSON) {
	r.body.Objects = nil
	defer r.body.Refresh()
	if !h.On {
		r.body.Add(r.off())
		return
	}
	icon, tone, words := hubLook(h)
	state := control.RowFill(10, control.NewIcon(icon, tone, 16), control.Grow(control.Col(3, control.NewText("Space "+h.Space+" at "+strings.Join(h.URLs, ", "), control.BodyBold).EllipsisMiddle(), control.NewParagraph(words, control.Body.In(tone)))))
	r.body.Add(state)
	rows := control.Col(0)
	for i := range h.Readers {
		if i > 0 {
			rows.Add(control.Hair())
		}
		rows.Add(r.row(&h.Readers[i]))
	}
	if len(h.Readers) == 0 {
		rows.Add(control.NewParagraph("Nobody reads yet.", control.Body.In(control.Muted)))
	}
	r.body.Add(rows)
	buttons := []fyne.CanvasObject{control.NewButton("Invite a reader", "plus", control.Primary, r.ask)}
	if h.Here {
		buttons = append(buttons, control.NewButton("Be no hub from the next start on", "", control.Ghost, func() { r.be(false) }))
	}
	r.body.Add(control.Row(8, buttons...))
}

// off says how to become a hub.
func (r *readers) off() fyne.CanvasObject {
	text := "This program is no hub. A hub is best a server that senders always reach: hookglass serve --hub DIR there."
	if !r.w.Engine.Hub.CanBeHere() {
		return control.NewParagraph(text+" The program without a window has the broker in it; this one has not.", control.Body.In(control.Muted))
	}
	return control.Col(10, control.NewParagraph(text+" For a team in one network, this computer may be one, too: readers reach it on port 4222 while the window is open.", control.Body.In(control.Muted)),
		control.Row(0, control.NewButton("Be a hub", "server", control.Secondary, func() { r.be(true) })))
}

func (r *readers) be(on bool) {
	r.w.Pump.Task(r.w.Ctx, func(ctx context.Context) func() {
		err := r.w.Engine.Hub.BeHere(r.w.Ctx, on)
		return func() { r.w.Fail(err); r.team.again() }
	})
}

func hubLook(h engine.HubJSON) (icon string, tone control.Token, words string) {
	left := ""
	if h.Left > 0 {
		left = " " + part.WholeSentence(core.Counted(h.Left, "capture")+" wait to be published")
	}
	switch {
	case h.Trouble != "":
		return "triangle-alert", control.Amber, "The broker is away, and captures wait: " + part.WholeSentence(view.Visible(h.Trouble)) + left
	case !h.Connected:
		return "loader-circle", control.Muted, "Connecting to the broker…" + left
	}
	return "circle-check", control.Green, "Publishing." + left
}

func (r *readers) row(x *engine.ReaderJSON) fyne.CanvasObject {
	tone, state := control.Faint, x.State
	switch x.State {
	case "online":
		tone = control.Green
		if x.Lag > 0 {
			tone, state = control.Blue, core.Counted(int(x.Lag), "capture")+" behind"
		}
	case "away", "never":
		if state = "away"; x.State == "never" {
			state = "not here yet"
		}
		if x.Lag > 0 {
			tone, state = control.Amber, state+", "+core.Counted(int(x.Lag), "capture")+" behind"
		}
	}
	about := "all sources"
	if len(x.Sources) > 0 {
		about = strings.Join(x.Sources, ", ")
	}
	if len(x.Queues) > 0 {
		about += "  ·  queue " + strings.Join(x.Queues, ", ")
	}
	if at, err := time.Parse(time.RFC3339Nano, x.LastSeen); err == nil {
		about += "  ·  last seen " + part.Clock(at, time.Now())
	}
	if at, err := time.Parse(time.RFC3339Nano, x.Expires); err == nil && x.State != "expired" {
		about += "  ·  until " + at.Local().Format("2 Jan 2006, 15:04")
	}
	revoke := control.NewButton("Revoke", "ban", control.Ghost, func() { r.askRevoke(x.Name) })
	revoke.SetDisabled(x.State == "revoked")
	return control.Pad(control.XY(0, 9), control.RowFill(10, control.NewIcon("circle", tone, 12),
		control.Grow(control.Col(2, control.NewText(x.Name, control.BodyBold).EllipsisMiddle(), control.NewText(about, control.Small).Ellipsis())), control.NewBadge(state, tone), revoke))
}

func (r *readers) askRevoke(name string) {
	r.w.Layers.Ask(control.Question{Title: "Shut " + name + " out?", Text: "At once, also while it is connected. What it has read stays with it.", Yes: "Revoke", Danger: true, Do: func() {
		r.w.Pump.Task(r.w.Ctx, func(ctx context.Context) func() {
			err := r.w.Engine.Hub.Revoke(ctx, name)
			return func() { r.w.Fail(err); r.team.again() }
		})
	}})
}

// ask opens the form of an invite.
func (r *readers) ask() {
	var p *control.Popup
	name := control.NewField("Name", "alice", nil).WithHelp("Of the person, the computer or the job.").AsCode()
	sources := control.NewField("Sources", "shop, billing", nil).WithHelp("That it may read; empty is all.").AsCode()
	queues := control.NewField("Work queue", "", nil).WithHelp("For CI: each capture goes to one of the jobs that join it.").AsCode()
	days := control.NewField("Days", "", nil).WithHelp("Until it is shut out; empty is never.")
	fields := map[string]*control.Field{"name": name, "sources": sources, "queues": queues, "expires": days}
	invite := control.NewButton("Invite", "check", control.Primary, nil)
	invite.OnTap = func() {
		for _, f := range fields {
			f.SetProblem("")
		}
		n, _, why := part.ReadNumber(days.Text(), part.Bounds{Least: 0, Most: 36500})
		if why != "" && strings.TrimSpace(days.Text()) != "" {
			days.SetProblem(part.WholeSentence(why))
			return
		}
		ask := engine.ReaderAsked{Name: strings.TrimSpace(name.Text()), Sources: listed(sources.Text()), Queues: listed(queues.Text())}
		if strings.TrimSpace(days.Text()) != "" {
			ask.ExpiresS = n * 86400
		}
		invite.SetDisabled(true)
		r.w.Pump.Task(r.w.Ctx, func(ctx context.Context) func() {
			v, err := r.w.Engine.Hub.Invite(ctx, ask)
			return func() {
				invite.SetDisabled(false)
				var invalid *core.Invalid
				if errors.As(err, &invalid) && fields[invalid.Field] != nil {
					fields[invalid.Field].SetProblem(part.WholeSentence(invalid.Reason))
					return
				}
				if r.w.Fail(err); err == nil {
					r.w.Layers.Close(p)
					r.show(v.Reader, v.String())
					r.team.again()
				}
			}
		})
	}
	p = r.w.Layers.Dialog("Invite a reader", 460, control.Col(10, name, sources, queues, control.Wide(140, days)),
		control.NewButton("Cancel", "", control.Secondary, func() { r.w.Layers.Close(p) }), invite)
	name.Focus()
}

// listed reads words with commas or spaces between them; a source's name may have spaces, so commas alone part where there are any.
func listed(text string) (all []string) {
	parts := strings.Fields(text)
	if strings.Contains(text, ",") {
		parts = strings.Split(text, ",")
	}
	for _, s := range parts {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// show shows an invite, this once.
func (r *readers) show(name, text string) {
	var p *control.Popup
	block := control.NewCodeBlock(control.Snippet{Label: "invite", Text: text})
	block.SetMost(6)
	block.OnCopy = func(string) { r.w.Layers.Toast(control.Toast{Text: "Invite copied", Tone: control.Green}) }
	content := []fyne.CanvasObject{control.NewParagraph(fmt.Sprintf("Whoever has this line reads the space as %s. It is kept nowhere here: take it now.", name), control.Body)}
	if code := control.NewQR(text, 260); code != nil {
		content = append(content, control.Centre(code))
	}
	content = append(content, block)
	p = r.w.Layers.Dialog("Invite of "+name, 560, control.Col(12, content...),
		control.NewButton("Done", "", control.Secondary, func() { r.w.Layers.Close(p) }),
		control.NewButton("Copy", "copy", control.Primary, func() { r.w.Copy("Invite", text) }))
}
