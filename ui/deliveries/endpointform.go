package deliveries

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// endpointForm edits the settings of one endpoint.
type endpointForm struct {
	of *endpoints
	w  *frame.Window

	title, meta   *control.Text
	save, pausing *control.Button
	existing      []fyne.CanvasObject // buttons that need an endpoint that is stored
	kind          *control.Segmented
	form          *part.Form
	scheme        *part.SchemeField
	chosenScheme  string
	secret        *part.SecretField
	headers       *control.Field
	policy        *part.PolicyForm
	unfit         *control.Paragraph // what is wrong with the policy as a whole
	problem       *control.Box
	scroll        *control.Scroll
	body          *fyne.Container
	root          fyne.CanvasObject

	ep    core.Endpoint // as it is stored
	now   core.Endpoint // as the store has it by now: somebody else may have changed it
	dirty bool
	quiet bool // the form itself sets its fields
	shown int  // which endpoint was put up, and edits of it: a save that ends late is about an earlier one
	edits int
	agree bool // the user saves over what somebody else changed

	narrow bool // there is no room for words on buttons
}

func newEndpointForm(e *endpoints) *endpointForm {
	f := &endpointForm{of: e, w: e.w, title: control.NewText("", control.Heading.At(16)).Ellipsis(), meta: control.NewText("", control.Small).Ellipsis()}
	f.kind = control.NewSegmented(func(int) { f.turn(); f.changed() }, receiverKinds()...)
	f.form = part.NewForm(e.w.Host(), core.Values{}, f.changed)
	f.buildParts()
	f.problem = control.NewBox(control.Surface{}, nil)
	f.problem.Hide()
	f.build()
	return f
}

// buildParts makes what the form does not draw by itself.
func (f *endpointForm) buildParts() {
	ours := func(s sign.Scheme) bool { // we have no private keys of others
		return s.SecretKind == "" || s.SecretKind == "shared" || s.SecretKind == "token"
	}
	f.scheme = part.NewSchemeField(f.w.Host(), part.SchemeSpec{Label: "Scheme", None: "Not signed", Fits: ours, About: func(sign.Scheme) string { return "" },
		Chosen: func(s sign.Scheme) { f.chosenScheme = s.ID; f.draw(); f.changed() }})
	f.secret = part.NewSecretField(f.w.Host(), part.SecretSpec{Label: "Secret", Random: true, Changed: f.changed})
	f.headers = control.NewTextArea("Custom headers", "X-Team: billing", 3, func(string) { f.headers.SetProblem(""); f.changed() }).AsCode().WithHelp("One a line, spelled as they are sent.")
	f.policy, f.unfit = part.NewPolicyForm(f.changed), control.NewParagraph("", control.Small.In(control.Red))
	drawn := func(view fyne.CanvasObject, problem func(string)) func(platform.Setting) part.FormItem {
		return func(platform.Setting) part.FormItem { return part.FormItem{View: view, Problem: problem} }
	}
	policy := control.Col(8, f.policy.Root, f.unfit)
	f.form.Custom = map[string]func(platform.Setting) part.FormItem{
		"scheme": drawn(f.scheme.View(), f.scheme.Problem), "secret": drawn(f.secret.View(), f.secret.Problem), "headers": drawn(f.headers, f.headers.SetProblem),
		"policy": drawn(policy, func(reason string) { f.unfit.Set(reason); f.unfit.Hidden = reason == "" }),
	}
}

func (f *endpointForm) build() {
	f.save = control.NewButton("Save", "save", control.Primary, f.store)
	f.pausing = control.NewButton("Pause", "pause", control.Secondary, func() { f.of.pause(f.ep, !f.ep.Paused) })
	test := control.NewButton("Send a test event", "send", control.Secondary, func() { f.of.test(f.ep) })
	bin := control.NewTool("trash-2", "Delete this endpoint", func() { f.of.askDelete(f.ep) })
	show := control.NewTool("funnel", "Its deliveries", func() { f.of.deliveries(f.ep.ID) })
	f.existing = []fyne.CanvasObject{show, bin, f.pausing, test}
	fold := part.FoldAll(part.Labelled{B: test, Label: "Send a test event", Icon: "send"}, part.Labelled{B: f.save, Label: "Save", Icon: "save"})
	pausing := func(narrow bool) { fold(narrow); f.narrow = narrow; f.showPausing() }
	head := part.HeadLine(pausing, control.RowFill(10, control.Grow(f.title), control.Row(6, show, bin, f.pausing, test, f.save)))
	f.body = control.Col(14, f.problem, control.Row(0, f.kind), f.form.View())
	f.scroll = control.NewScroll(control.Pad(control.Sides(16, 18, 22, 22), control.Wide(780, f.body))).ForForm()
	f.root = control.Col(0, control.Pad(control.Sides(16, 18, 4, 22), head), control.Pad(control.Sides(0, 18, 12, 22), f.meta), control.Hair(), control.Grow(f.scroll))
}

func (f *endpointForm) changed() {
	if f.quiet {
		return
	}
	f.dirty = true
	f.edits++
	f.save.SetDisabled(false)
	f.body.Refresh()
}

// platform is the one that sends to the endpoint; the zero platform is none.
func (f *endpointForm) platform() platform.Platform {
	if i := f.kind.Selected() - 1; i >= 0 {
		return platform.Senders()[i]
	}
	return platform.Platform{}
}

// turn shows what belongs to the kind of receiver.
func (f *endpointForm) turn() {
	p, none := f.platform(), ""
	if p.Name != "" {
		fresh := !f.quiet && f.ep.ID == 0
		if endpointDefaults(f.form.Values, p, fresh); fresh {
			f.policy.Set(p.Endpoints.Policy)
		}
		if p.Endpoints.Secret != nil {
			none = "Left empty, one is made as " + p.Title + " does, and shown once."
		}
	}
	f.secret.None(none)
	f.draw()
}

func (f *endpointForm) draw() {
	p := f.platform()
	scheme := f.chosenScheme
	if p.Name != "" {
		scheme = p.Endpoints.Scheme
	}
	f.form.DrawIn(sectionsFor(p, scheme)...)
	f.form.Show(nil)
	f.body.Refresh()
}

// set shows an endpoint; one without an ID is new.
func (f *endpointForm) set(ep core.Endpoint) {
	f.quiet = true
	f.ep, f.now, f.agree = ep, ep, false
	f.shown++
	f.form.Values = endpointValues(&ep)
	f.kind.Select(1 + part.IndexOf(platform.Names(platform.Senders()), ep.Platform))
	f.chosenScheme = ep.Target.Scheme // as it is, where there is no such scheme any more
	f.scheme.Set(f.chosenScheme)
	f.secret.Set(ep.Target.Secret)
	f.headers.SetQuiet(part.WriteHeader(customHeaders(&ep)))
	f.policy.Set(ep.Target.Policy)
	f.problem.Hide()
	f.turn()
	f.quiet, f.dirty = false, false
	f.save.SetDisabled(true)
	f.refresh(&ep)
	f.scroll.Top()
}

// refresh brings up to date what changes by itself; what is typed stays.
func (f *endpointForm) refresh(ep *core.Endpoint) {
	f.ep.Paused, f.ep.Active = ep.Paused, ep.Active
	f.now = *ep
	f.title.Set("New endpoint")
	f.meta.Set("Events that it subscribes to are sent to it by themselves")
	for _, o := range f.existing {
		part.Show(o, ep.ID != 0)
	}
	if ep.ID != 0 {
		f.title.Set(ep.Name)
		f.meta.Set(core.Capital(triggeredText(ep, time.Now())) + "  ·  " + successText(ep) + "  ·  id " + ep.WireID)
	}
	if !f.dirty && f.form.Values["active"] != ep.Active {
		f.form.Values["active"] = ep.Active
		f.draw()
	}
	f.showPausing()
}

func (f *endpointForm) showPausing() {
	label, icon := "Pause", "pause"
	if f.ep.Paused {
		label, icon = "Resume", "play"
	}
	f.pausing.Tip = label
	if f.narrow {
		label = ""
	}
	f.pausing.Set(label, icon)
}

// read makes an endpoint of the form.
func (f *endpointForm) read() (core.Endpoint, error) {
	ep := f.ep
	if unread := f.form.Unread(); unread != nil {
		return ep, unread
	}
	ep.Target.Scheme = f.chosenScheme
	putEndpoint(&ep, f.platform(), f.form.Values)
	r := &part.Reader{Fields: part.Fields{"headers": f.headers}}
	if ep.Target.Header = r.Header("headers"); r.Wrong != nil {
		return ep, r.Wrong
	}
	var err error
	ep.Target.Policy, err = f.policy.Policy()
	return ep, err
}

// store checks the form, keeps the secret where there is a new one, and stores the endpoint.
func (f *endpointForm) store() {
	f.form.Show(nil)
	f.problem.Hide()
	if f.save.Disabled() {
		return // nothing is changed, or it is being saved
	}
	ep, err := f.read()
	if err != nil {
		f.wrong(err)
		return
	}
	if !f.agree && f.ep.ID != 0 && !sameSettings(f.ep, f.now) {
		f.w.Layers.Ask(control.Question{Title: "Save over what was changed meanwhile?", Yes: "Save mine", Do: func() { f.agree = true; f.store() },
			Text: f.now.Name + " was changed by somebody else, by a command or by its platform, since you began. Saving puts all of its settings back to what stands here."})
		return
	}
	p, choice := f.platform(), f.secret.Choice()
	made := p.Name != "" && p.Endpoints.Secret != nil && choice.Empty()
	if made {
		choice.Typed, choice.Place = f.w.Engine.Endpoints.NewSecret(p.Name), cmp.Or(choice.Place, "run")
	}
	f.save.SetDisabled(true)
	shown, edits := f.shown, f.edits
	f.w.Pump.Task(f.w.Ctx, func(ctx context.Context) func() {
		ep.Target.Secret = ""
		var err error
		if ep.Target.Scheme != "" {
			ep.Target.Secret, err = choice.Keep(f.w.Engine.Vault, f.w.Engine.Endpoints.KeepSecret)
		}
		if err == nil {
			err = f.w.Engine.Endpoints.Put(ctx, &ep)
		}
		return func() {
			inFront := shown == f.shown
			if err != nil && !inFront {
				f.w.Fail(fmt.Errorf("%s was not saved. %s", ep.Name, part.Sentence(err)))
				return
			}
			if err != nil {
				f.save.SetDisabled(false)
				f.wrong(err)
				return
			}
			switch {
			case inFront && edits == f.edits:
				f.dirty = false
				f.of.choose(ep.ID)
			case inFront: // what was typed since is not saved yet
				f.ep, f.now, f.agree, f.of.chosen = ep, ep, false, ep.ID
				f.secret.Set(ep.Target.Secret)
				f.save.SetDisabled(false)
			}
			f.w.Layers.Toast(control.Toast{Text: ep.Name + " saved", Tone: control.Green})
			if made {
				f.showOnce(string(choice.Typed.Reveal()))
			}
		}
	})
}

// sameSettings reports whether two states of an endpoint differ only in what changes by itself.
func sameSettings(a, b core.Endpoint) bool {
	plain := func(e core.Endpoint) string {
		e.Paused, e.Active, e.LastTriggered, e.Created, e.Delivered, e.Failed = false, false, time.Time{}, time.Time{}, 0, 0
		if len(e.Settings) == 0 {
			e.Settings = nil
		}
		text, _ := json.Marshal(e) // plain data always marshals
		return string(text)
	}
	return plain(a) == plain(b)
}

// wrong shows what has to be corrected, under its field where it has one.
func (f *endpointForm) wrong(err error) {
	var trouble *part.SecretTrouble
	if errors.As(err, &trouble) {
		f.secret.Fail(trouble, f.store)
		return
	}
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		invalid = &core.Invalid{Field: cmp.Or(endpointFields[invalid.Field], invalid.Field), Reason: invalid.Reason}
	}
	if field := f.policy.Fields.Show(invalid); field != nil {
		field.Focus()
	} else if f.form.Show(invalid) {
		f.form.Focus(invalid.Field)
	} else {
		f.problem.SetChild(control.Banner(control.Red, part.Sentence(err), nil))
		f.problem.Show()
		f.scroll.Top()
	}
	f.body.Refresh()
}

// showOnce shows a secret that was made: the only time that it can be read.
func (f *endpointForm) showOnce(secret string) {
	var popup *control.Popup
	box := control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 8, Pad: control.XY(12, 10)},
		control.RowFill(8, control.Grow(control.NewText(secret, control.Code).EllipsisMiddle()), control.NewTool("copy", "Copy", func() { f.w.Copy("Secret", secret) })))
	text := control.NewParagraph("Copy it into the receiver now. It is shown this once: afterwards Hookglass only signs with it.", control.Body.In(control.Muted))
	popup = f.w.Layers.Dialog("The webhook's secret", 520, control.Col(12, text, box),
		control.NewButton("Copy and close", "copy", control.Primary, func() { f.w.Copy("Secret", secret); f.w.Layers.Close(popup) }))
}
