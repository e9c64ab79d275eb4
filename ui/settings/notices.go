package settings

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// noticeSection sets what the system tells of while the window is not in front.
type noticeSection struct {
	w                               *frame.Window
	match, bad, drift, tunnel, tray *control.Switch
	filter                          *control.Field
	root                            *settingsForm
}

func newNoticeSection(w *frame.Window) *noticeSection {
	n := &noticeSection{w: w}
	flip := func(bool) { n.Save() }
	n.match, n.bad, n.drift, n.tunnel, n.tray = control.NewSwitch(false, flip), control.NewSwitch(false, flip), control.NewSwitch(false, flip), control.NewSwitch(false, flip), control.NewSwitch(false, flip)
	n.filter = control.NewField("Filter", "source:stripe status:>=400", func(string) { n.filter.SetProblem("") }).WithHelp("As in the inbox; empty is every capture.").AsCode()
	n.filter.OnSubmit = func(string) { n.Save() }
	try := control.NewButton("Show one", "bell", control.Secondary, func() {
		if !w.TryNotice() {
			w.Layers.Toast(control.Toast{Text: "This system has no session bus, so that nothing can show notices", Tone: control.Amber})
		}
	})
	n.root = newSettingsForm(
		group("Notices", "The system tells you while the window is not in front. Many at once become one.",
			control.Toggle(n.match, "A capture that a filter lets through", ""), n.filter,
			control.Row(0, control.NewButton("Apply the filter", "check", control.Secondary, n.Save)),
			control.Toggle(n.bad, "A signature that does not hold", ""),
			control.Toggle(n.drift, "A body that is not like those before it", "What its event looks like is on the page Shapes."),
			control.Toggle(n.tunnel, "The tunnel broke off", ""),
			control.Row(0, try)),
		group("Tray", "", control.Toggle(n.tray, "An icon in the system's tray", "From the next start on: opens the window, pauses deliveries, quits. Closing the window still ends the program.")))
	n.put(w.Notices())
	return n
}

func (n *noticeSection) Title() string           { return "Notices" }
func (n *noticeSection) Icon() string            { return "bell" }
func (n *noticeSection) view() fyne.CanvasObject { return n.root.Scroll }

func (n *noticeSection) load(context.Context) func() { return func() {} }

func (n *noticeSection) put(set frame.Notices) {
	n.match.Set(set.Match)
	n.bad.Set(set.Bad)
	n.drift.Set(set.Drift)
	n.tunnel.Set(set.Tunnel)
	n.tray.Set(set.Tray)
	n.filter.SetQuiet(set.Filter)
}

// Save puts in force what the switches and the field say. A filter that cannot be read is said, and the one before stays.
func (n *noticeSection) Save() {
	set := frame.Notices{Match: n.match.On(), Filter: n.filter.Text(), Bad: n.bad.On(), Drift: n.drift.On(), Tunnel: n.tunnel.On(), Tray: n.tray.On()}
	if err := n.w.SetNotices(set); err != nil {
		n.filter.SetProblem(part.Sentence(err))
		set.Filter = n.w.Notices().Filter
		n.w.Fail(n.w.SetNotices(set))
	} else {
		n.filter.SetProblem("")
	}
	n.root.again()
}
