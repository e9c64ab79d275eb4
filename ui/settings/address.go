package settings

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// addressSection sets the port on which the sources listen.
type addressSection struct {
	w     *frame.Window
	now   *control.Paragraph
	port  *control.Field
	keep  *control.Button
	set   int // as it is stored
	busy  bool
	known bool
	https *httpsCard
	root  *settingsForm
}

func newAddressSection(w *frame.Window) *addressSection {
	a := &addressSection{w: w, now: control.NewParagraph("", control.Body)}
	a.port = control.NewField("Port", "4600", func(string) { a.port.SetProblem(""); a.judge() }).AsCode()
	a.port.OnSubmit = func(string) { a.Save() }
	a.keep = control.NewButton("Apply", "check", control.Secondary, a.Save)
	a.https = newHTTPSCard(w, func() { a.put(a.set) })
	a.root = newSettingsForm(group("On this computer", "Where the sources listen. Only programs on this computer reach it; a tunnel makes a public address of it.",
		a.now, control.Wide(160, a.port),
		control.NewParagraph("It counts at once, and for hookglass serve too unless that is given --addr. Senders that know the old port have to be told.", control.Small), control.Row(0, a.keep)), a.https.view())
	return a
}

func (a *addressSection) Title() string           { return "Address" }
func (a *addressSection) Icon() string            { return "house" }
func (a *addressSection) view() fyne.CanvasObject { return a.root.Scroll }

func (a *addressSection) load(ctx context.Context) func() {
	set, https := a.w.Engine.Address.Port(ctx), a.https.load(ctx)
	return func() { https(); a.put(set) }
}

// put shows how it stands, without touching a field that is being typed in.
func (a *addressSection) put(set int) {
	changed := a.set != set || !a.known
	a.set, a.known = set, true
	if text := strconv.Itoa(set); changed && !a.port.Focused() {
		a.port.SetQuiet(text)
	}
	a.now.Put("Listening on "+a.w.Engine.URL(), control.Body)
	if taken := a.w.Engine.Address.Taken(); taken != "" {
		a.now.Put(taken+" is taken by another program, so it is "+a.w.Engine.Address.Addr()+" for this run.", control.Body.In(control.Amber))
	}
	a.judge()
	a.root.again()
}

// judge says whether there is something to apply: also where the port that was set is not the one in use.
func (a *addressSection) judge() {
	a.keep.SetDisabled(a.busy || strings.TrimSpace(a.port.Text()) == strconv.Itoa(a.set) && a.w.Engine.Address.Taken() == "")
}

// Save listens on the port that is typed.
func (a *addressSection) Save() {
	n, _, why := part.ReadNumber(a.port.Text(), part.Bounds{Least: 1, Most: 65535, Whole: true})
	if why != "" || a.busy {
		a.port.SetProblem(part.WholeSentence(why))
		return
	}
	a.busy = true
	a.judge()
	a.w.Pump.Task(a.w.Ctx, func(ctx context.Context) func() {
		err := a.w.Engine.Address.SetPort(ctx, int(n))
		return func() {
			a.busy = false
			var invalid *core.Invalid
			switch {
			case errors.As(err, &invalid):
				a.port.SetProblem(part.WholeSentence(invalid.Reason))
			case err != nil:
				a.w.Fail(err)
			default:
				a.put(int(n))
				a.w.Layers.Toast(control.Toast{Text: "Listening on " + a.w.Engine.URL(), Tone: control.Green})
				a.w.Pump.Again()
			}
			a.judge()
			a.root.again()
		}
	})
}
