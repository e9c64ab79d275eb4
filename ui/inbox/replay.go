package inbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// Replay asks where captures are sent again and how; quick sends at once to the last address.
func (p *Page) Replay(ids []core.CaptureID, quick bool) {
	ranges := make([]store.IDRange, len(ids))
	for i, id := range ids {
		ranges[i] = store.IDRange{From: id, To: id}
	}
	l := lot{query: store.Query{}.Within(ranges...), n: len(ids)}
	if l.n == 1 {
		l.one = ids[0]
	}
	p.replay(l, quick)
}

func (p *Page) replay(l lot, quick bool) {
	w, all, filtered := p.w, p.allLot(), p.filterText() != ""
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		var last lastReplay
		err := w.Engine.Store.Setting(ctx, "replay", &last)
		return func() {
			w.Fail(err)
			if quick && len(last.To) > 0 {
				sendAgain(w, last.once().request(l), l.n, nil)
				return
			}
			if quick {
				w.Layers.Toast(control.Toast{Text: "Choose an address once; Shift+R then sends there at once"})
			}
			newReplayDialog(w, l, all, filtered, last).open()
		}
	})
}

// The ways of sending a capture again, in the order of the dialog.
const (
	asCaptured = iota
	veryBytes
	signedAnew
)

// modeHelp says what each way does.
var modeHelp = [...]string{
	asCaptured: "Method, header fields and body as they came, to the new address. The old signature goes along: handlers that check its age will refuse it.",
	veryBytes:  "Every byte of the head and the body as it came, Host included. Only the connection is new.",
	signedAnew: "A fresh timestamp and signature, the same event id: what the provider itself does when it retries.",
}

// replayDialog is the form of a replay.
type replayDialog struct {
	w        *frame.Window
	one      lot  // what is chosen
	all      lot  // what the inbox lists
	filtered bool // by a filter
	last     lastReplay
	popup    *control.Popup

	scope, mode *control.Segmented
	to          *control.Field
	help        *control.Paragraph
	host        *control.Switch
	hostLine    *fyne.Container
	scheme      *part.SchemeField
	chosenAs    string // the scheme to sign anew with; "": each one's own
	secret      *part.SecretField
	signing     *fyne.Container

	more    *control.Button
	form    *part.Form // the options
	policy  *part.PolicyForm
	problem *control.Paragraph
	send    *control.Button
	scroll  *control.Scroll
	room    *control.Box // how high the dialog is
	body    *fyne.Container
}

func newReplayDialog(w *frame.Window, one, all lot, filtered bool, last lastReplay) *replayDialog {
	d := &replayDialog{w: w, one: one, all: all, filtered: filtered, last: last}
	d.build()
	d.restore()
	d.turn(d.mode.Selected())
	return d
}

func (d *replayDialog) build() {
	d.scope = control.NewSegmented(func(int) { d.named() }, scopes(d.one, d.all, d.filtered)...)
	recent := control.NewTool("history", "Addresses used before", nil)
	recent.OnTap = func() { d.w.Layers.MenuUnder(recent, d.recent()...) }
	d.to = control.NewField("To", "http://127.0.0.1:3000/webhooks", func(string) { d.to.SetProblem("") }).AsCode().WithTrail(recent)
	d.to.OnSubmit = func(string) { d.start() }
	d.mode = control.NewSegmented(d.turn, "As captured", "The very bytes", "Signed anew")
	d.help = control.NewParagraph("", control.Small)
	d.host = control.NewSwitch(false, nil)
	d.hostLine = control.Row(0)
	d.scheme = part.NewSchemeField(d.w.Host(), part.SchemeSpec{Label: "Scheme", None: "As each was verified by its source", About: func(sign.Scheme) string { return "" }, Chosen: func(s sign.Scheme) {
		d.chosenAs = s.ID
		part.Show(d.secret.View(), s.ID != "")
		d.body.Refresh()
	}})
	d.secret = part.NewSecretField(d.w.Host(), part.SecretSpec{Label: "Secret", Verb: "Replay", Passing: true})
	d.secret.View().Hide()
	d.signing = control.Col(10, d.scheme.View(), d.secret.View())
	d.policy = part.NewPolicyForm(func() { part.Relayout(d.body) })
	d.form = part.NewForm(d.w.Host(), core.Values{}, func() {})
	d.form.Custom = map[string]func(platform.Setting) part.FormItem{"policy": func(platform.Setting) part.FormItem {
		return part.FormItem{View: d.policy.Root, Problem: func(string) {}}
	}}
	d.form.View().Hide()
	d.problem = control.NewParagraph("", control.Small.In(control.Red))
	d.problem.Hide()
	d.more = control.NewButton("", "chevron-right", control.Ghost, d.unfold)
	d.send = control.NewButton("Replay", "rotate-cw", control.Primary, d.start)
	d.body = control.Col(12, control.Row(0, d.scope), d.to, control.Row(0, d.mode), d.help, d.hostLine, d.signing, control.Row(0, d.more), d.form.View(), d.problem)
}

// open shows the dialog with the keyboard in the address.
func (d *replayDialog) open() {
	d.scroll = control.NewScroll(control.Pad(control.Sides(0, 12, 0, 0), d.body)).ForForm()
	cancel := control.NewButton("Cancel", "", control.Secondary, func() { d.w.Layers.Close(d.popup) })
	d.room = control.Gap(0, foldedHeight)
	d.popup = d.w.Layers.Dialog("Replay", 640, control.Stack(d.room, d.scroll), cancel, d.send)
	d.named()
	d.to.Focus()
}

// The heights of what scrolls in the dialog.
const (
	foldedHeight   = 268
	unfoldedHeight = 500
)

// chosen are the captures to send.
func (d *replayDialog) chosen() lot {
	if d.scope.Visible() && d.scope.Selected() == 1 {
		return d.all
	}
	return d.one
}

// scopes are the choices between what is chosen and all that the list shows.
func scopes(one, all lot, filtered bool) []string {
	of, in := "This capture", " in the list"
	if one.n > 1 {
		of = view.Count(int64(one.n)) + " selected"
	}
	if filtered {
		in = " that match the filter"
	}
	return []string{of, "All " + view.Count(int64(all.n)) + in}
}

// named puts on the button what it will do.
func (d *replayDialog) named() {
	d.scope.Hidden = d.all.n <= d.one.n
	label, title := "Replay", "Replay"
	if chosen := d.chosen(); chosen.one != 0 {
		title = fmt.Sprintf("Replay capture %d", chosen.one)
	} else {
		label = "Replay " + chosen.String()
		title = label
	}
	d.popup.SetTitle(title)
	d.send.Set(label, "rotate-cw")
	d.body.Refresh()
}

func (d *replayDialog) recent() []control.MenuItem {
	var items []control.MenuItem
	for _, to := range d.last.To {
		items = append(items, control.MenuItem{Label: to, Icon: "history", Do: func() { d.to.Set(to) }})
	}
	if len(items) == 0 {
		items = append(items, control.MenuItem{Label: "No addresses used yet", Off: true})
	}
	return items
}

// turn shows what belongs to a way of sending.
func (d *replayDialog) turn(mode int) {
	d.help.Set(modeHelp[mode])
	d.hostLine.Objects = nil
	switch mode {
	case asCaptured:
		d.hostLine.Add(control.Grow(control.Toggle(d.host, "Keep the captured Host", "")))
	case veryBytes:
		d.hostLine.Add(control.Grow(control.Toggle(d.host, "Put the address's Host in", "")))
	}
	part.Show(d.hostLine, mode != signedAnew)
	part.Show(d.signing, mode == signedAnew)
	d.body.Refresh()
}

func (d *replayDialog) unfold() {
	on := !d.form.View().Visible()
	part.Show(d.form.View(), on)
	icon := "chevron-right"
	if on {
		icon = "chevron-down"
	}
	d.more.Set(d.optionsText(), icon)
	height := float32(foldedHeight)
	if on {
		height = unfoldedHeight
	}
	d.room.SetSurface(control.Surface{Min: fyne.NewSize(0, height)})
	d.body.Refresh()
	d.w.Layers.Refresh()
}

// restore puts the choices of the last replay in.
func (d *replayDialog) restore() {
	l := d.last
	if len(l.To) > 0 {
		d.to.SetQuiet(l.To[0])
	}
	d.mode.Select(l.Mode)
	d.host.Set(l.Host)
	maps.Copy(d.form.Values, l.Options)
	d.form.Draw(replaySettings())
	if l.Policy.Retries > 0 {
		d.policy.Set(l.Policy)
	}
	d.more.Set(d.optionsText(), "chevron-right")
}

// optionsText names the options, or those that are set: what is folded away must not surprise.
func (d *replayDialog) optionsText() string {
	var set []string
	for _, s := range replaySettings() {
		switch v := d.form.Values[s.Name].(type) {
		case float64:
			if v != s.Default {
				set = append(set, core.LowerFirst(s.Label)+" "+part.WriteNumber(v))
			}
		case bool:
			if v && s.Default != true {
				set = append(set, core.LowerFirst(s.Label))
			} else if !v && s.Default == true {
				set = append(set, "do not "+core.LowerFirst(s.Label))
			}
		}
	}
	if p, err := d.policy.Policy(); err == nil && p.Retries > 0 {
		set = append(set, view.Plural(p.Retries, "retry", "retries"))
	}
	if len(set) == 0 || d.form.View().Visible() {
		return "Speed, order, duplicates, retries"
	}
	return "As last time: " + strings.Join(set, ", ")
}

// start checks the form and sends.
func (d *replayDialog) start() {
	if d.send.Disabled() {
		return
	}
	l, err := d.read()
	if err != nil {
		d.wrong(err)
		return
	}
	r := l.request(d.chosen())
	secret := d.secret.Choice()
	if l.Mode == signedAnew && d.chosenAs != "" {
		if r.Scheme = d.chosenAs; secret.Empty() {
			d.secret.Problem("Enter the secret that the receiver knows")
			return
		}
	}
	d.problem.Hide()
	d.send.SetDisabled(true)
	d.w.Pump.Task(d.w.Ctx, func(context.Context) func() {
		err := d.w.Engine.Store.PutSetting("replay", l)
		if r.Scheme != "" && err == nil {
			r.Secret, err = secret.Keep(d.w.Engine.Vault, d.w.Engine.Endpoints.KeepSecret)
		}
		return func() {
			if err != nil {
				d.wrong(err)
				return
			}
			sendAgain(d.w, r, d.chosen().n, d)
		}
	})
}

// accepted closes the dialog: the replay has begun.
func (d *replayDialog) accepted() { d.w.Layers.Close(d.popup) }

// wrong shows what has to be corrected, under its field where it has one.
func (d *replayDialog) wrong(err error) {
	d.send.SetDisabled(false)
	var trouble *part.SecretTrouble
	if errors.As(err, &trouble) {
		d.secret.Fail(trouble, d.start)
		return
	}
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		if f := (part.Fields{"to": d.to, "url": d.to}).Show(invalid); f != nil {
			f.Focus()
			d.body.Refresh()
			return
		}
		if d.policy.Fields.Show(invalid) != nil || d.form.Show(invalid) {
			if !d.form.View().Visible() {
				d.unfold()
			}
			d.form.Focus(invalid.Field)
			d.body.Refresh()
			return
		}
	}
	d.problem.Set(part.Sentence(err))
	d.problem.Show()
	d.body.Refresh()
	d.scroll.Refresh()
	d.scroll.Bottom()
}
