package ui

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/platform"
	"hookglass/ui/control"
)

// endpointForm edits the settings of one endpoint.
type endpointForm struct {
	of *endpoints
	w  *Window

	title, meta            *control.Text
	save, pausing          *control.Button
	existing               []fyne.CanvasObject // buttons that need an endpoint that is stored
	kind                   *control.Segmented
	name, url, description *control.Field
	trigger                *control.Field
	triggers               *control.Select // what a platform sends
	active                 *control.Switch
	signing                *secretForm
	method                 *control.Select
	timeout                *control.Field
	certificate            *control.Switch
	ca, headers            *control.Field
	others                 *Form // what only a platform knows
	policy                 *policyForm
	rate, concurrency      *control.Field
	problem                *control.Box
	scroll                 *control.Scroll
	body                   *fyne.Container
	root                   fyne.CanvasObject

	ep    core.Endpoint // as it is stored
	dirty bool
	quiet bool // the form itself sets its fields

	narrow bool // there is no room for words on buttons
}

// usualTimeout is the timeout of an endpoint that no platform sends to, as the form writes it.
var usualTimeout = WriteNumber(core.DefaultTimeout.Seconds())

var endpointMethods = []string{"POST", "PUT", "PATCH", "GET", "DELETE"}

func newEndpointForm(e *endpoints) *endpointForm {
	f := &endpointForm{of: e, w: e.w, title: control.NewText("", control.Heading.At(16)).Ellipsis(), meta: control.NewText("", control.Small).Ellipsis()}
	changed := func(string) { f.changed() }
	f.kind = control.NewSegmented(func(int) { f.turn(); f.changed() }, receiverKinds()...)
	f.name = control.NewField("Name", "Orders service", changed)
	f.url = control.NewField("URL", "https://example.com/webhooks", changed).AsCode()
	f.description = control.NewField("Description", "optional", changed)
	f.trigger = control.NewField("Trigger", "every event", changed).WithHelp("The event type it subscribes to. Empty: every event.")
	f.triggers = control.NewSelect("Trigger", func(int) { f.changed() })
	f.active = control.NewSwitch(true, func(bool) { f.changed() })
	f.signing = newSecretForm(e.w, f.changed)
	f.method = control.NewSelect("Method", func(int) { f.changed() }, endpointMethods...)
	f.timeout = control.NewField("Timeout (s)", usualTimeout, changed).WithHelp("1 to 300.")
	f.certificate = control.NewSwitch(true, func(bool) { f.changed() })
	f.ca = control.NewField("CA file", "the system's authorities", changed).WithHelp("PEM file of an authority to trust beside them.")
	f.headers = control.NewTextArea("Custom headers", "X-Team: billing", 3, changed).AsCode().WithHelp("One a line, spelled as they are sent.")
	f.others = NewForm(e.w.host(), core.Values{}, f.changed)
	f.policy = newPolicyForm(f.changed)
	f.rate = control.NewField("Rate per second", "no limit", changed)
	f.concurrency = control.NewField("At a time", strconv.Itoa(deliver.DefaultConcurrency), changed).WithHelp("Attempts under way to it at once.")
	f.problem = control.NewBox(control.Surface{}, nil)
	f.problem.Hide()
	f.build()
	return f
}

func (f *endpointForm) build() {
	f.save = control.NewButton("Save", "save", control.Primary, f.store)
	f.pausing = control.NewButton("Pause", "pause", control.Secondary, func() { f.of.pause(f.ep, !f.ep.Paused) })
	test := control.NewButton("Send a test event", "send", control.Secondary, func() { f.of.test(f.ep) })
	bin := control.NewTool("trash-2", "Delete this endpoint", func() { f.of.askDelete(f.ep) })
	show := control.NewTool("funnel", "Its deliveries", func() { f.of.deliveries(f.ep.ID) })
	f.existing = []fyne.CanvasObject{show, bin, f.pausing, test}
	fold := foldAll(labelled{b: test, label: "Send a test event", icon: "send"}, labelled{b: f.save, label: "Save", icon: "save"})
	pausing := func(narrow bool) { fold(narrow); f.narrow = narrow; f.showPausing() }
	head := headLine(pausing, control.RowFill(10, control.Grow(f.title), control.Row(6, show, bin, f.pausing, test, f.save)))
	section := func(caption string, rows ...fyne.CanvasObject) fyne.CanvasObject {
		return control.Card(control.Col(12, append([]fyne.CanvasObject{control.NewText(caption, control.Caption)}, rows...)...))
	}
	f.body = control.Col(14, f.problem,
		section("RECEIVER", control.Row(0, f.kind), Pair(f.name, control.Stack(f.trigger, f.triggers)), f.url, f.description,
			control.Toggle(f.active, "Active", "Off: nothing new is sent to it, and what it is owed waits.")),
		section("SIGNATURE", f.signing.root),
		section("REQUEST", Pair(f.method, f.timeout), f.headers, Pair(control.Toggle(f.certificate, "Verify the certificate", "Off: self-signed and expired ones are taken."), f.ca), f.others.View()),
		section("RETRIES", f.policy.root),
		section("LIMITS", Pair(f.rate, f.concurrency)))
	f.scroll = control.NewScroll(control.Pad(control.Sides(16, 18, 22, 22), control.Wide(780, f.body))).ForForm()
	f.root = control.Col(0, control.Pad(control.Sides(16, 18, 4, 22), head), control.Pad(control.Sides(0, 18, 12, 22), f.meta), control.Hair(), control.Grow(f.scroll))
}

func (f *endpointForm) changed() {
	if f.quiet {
		return
	}
	f.dirty = true
	f.save.SetDisabled(false)
	f.body.Refresh()
}

// turn shows what belongs to the kind of receiver.
func (f *endpointForm) turn() {
	p, theirs := f.platform()
	f.signing.fix(p)
	if theirs {
		f.take(p.Endpoints)
	}
	show(f.others.View(), theirs)
	show(f.trigger, !theirs || f.fixedTriggers() == nil)
	show(f.triggers, theirs && f.fixedTriggers() != nil)
	f.body.Refresh()
}

// take puts in what a platform declares of its endpoints: its triggers, and for a new one its defaults.
func (f *endpointForm) take(o *platform.Endpoints) {
	trigger := o.Setting("trigger")
	chosen := f.triggers.Text()
	if f.quiet {
		chosen = f.ep.Trigger
	}
	f.triggers.WithHelp(trigger.Help).SetChoices(trigger.Choices...)
	if usual, _ := trigger.Default.(string); !f.triggers.ChooseText(chosen) {
		f.triggers.ChooseText(usual)
	}
	f.others.Draw(o.Others())
	if f.quiet || f.ep.ID != 0 {
		return
	}
	f.policy.set(o.Policy)
	if name, _ := o.Setting("name").Default.(string); f.name.Text() == "" {
		f.name.SetQuiet(name)
	}
	if n, ok := o.Setting("timeout_seconds").Default.(float64); ok && f.timeout.Text() == usualTimeout {
		f.timeout.SetQuiet(WriteNumber(n))
	}
}

// receiverKinds are any receiver, and the endpoints of each platform that has such.
func receiverKinds() []string {
	kinds := []string{"Any receiver"}
	for _, p := range platform.Senders() {
		kinds = append(kinds, p.Title+" webhook")
	}
	return kinds
}

// platform is the one that sends to the endpoint, and whether it is a platform at all.
func (f *endpointForm) platform() (platform.Platform, bool) {
	if i := f.kind.Selected() - 1; i >= 0 {
		return platform.Senders()[i], true
	}
	return platform.Platform{}, false
}

// fixedTriggers are the only events of the chosen platform; nil: any name will do.
func (f *endpointForm) fixedTriggers() []string {
	if p, ok := f.platform(); ok {
		return p.Endpoints.Setting("trigger").Choices
	}
	return nil
}

// set shows an endpoint; one without an ID is new.
func (f *endpointForm) set(ep core.Endpoint) {
	f.quiet = true
	f.ep = ep
	t := ep.Target
	f.kind.Select(1 + indexOf(platform.Names(platform.Senders()), ep.Platform))
	f.name.SetQuiet(ep.Name)
	f.url.SetQuiet(t.URL)
	f.description.SetQuiet(ep.Description)
	f.trigger.SetQuiet(ep.Trigger)
	f.active.Set(ep.Active)
	f.signing.set(t.Scheme, t.Secret)
	f.method.Choose(max(indexOf(endpointMethods, t.Method), 0))
	f.timeout.SetQuiet(usualTimeout)
	if t.Timeout > 0 {
		f.timeout.SetQuiet(WriteNumber(t.Timeout.Seconds()))
	}
	f.certificate.Set(!t.SkipTLS)
	f.ca.SetQuiet(t.CAFile)
	f.headers.SetQuiet(WriteHeader(customHeaders(&ep)))
	f.policy.set(t.Policy)
	f.others.Values = maps.Clone(ep.Settings)
	if f.others.Values == nil {
		f.others.Values = core.Values{}
	}
	f.rate.SetQuiet(WriteGiven(ep.Rate))
	f.concurrency.SetQuiet(WriteGiven(float64(ep.Concurrency)))
	for _, field := range f.fields() {
		field.SetProblem("")
	}
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
	f.title.Set("New endpoint")
	f.meta.Set("Events that it subscribes to are sent to it by themselves")
	for _, o := range f.existing {
		show(o, ep.ID != 0)
	}
	if ep.ID != 0 {
		f.title.Set(ep.Name)
		f.meta.Set(Capital(triggeredText(ep, time.Now())) + "  ·  " + successText(ep) + "  ·  id " + ep.WireID)
	}
	if !f.dirty {
		f.active.Set(ep.Active)
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

// customHeaders are the fields that the user gave: those of a platform's own come by themselves.
func customHeaders(ep *core.Endpoint) core.Header {
	if p, ok := platform.Sender(ep.Platform); ok {
		return p.Endpoints.Custom(ep.Target.Header)
	}
	return ep.Target.Header
}

// fields are the fields of the form by the names that the engine gives what is wrong.
func (f *endpointForm) fields() Fields {
	return Fields{"name": f.name, "url": f.url, "trigger": f.trigger, "description": f.description, "timeout": f.timeout,
		"timeout_seconds": f.timeout, "headers": f.headers, "ca_file": f.ca, "max_retries": f.policy.fields["policy.retries"], "policy.retries": f.policy.fields["policy.retries"], "rate": f.rate,
		"concurrency": f.concurrency}
}

// read makes an endpoint of the form.
func (f *endpointForm) read() (core.Endpoint, error) {
	ep := f.ep
	ep.Trigger = strings.TrimSpace(f.trigger.Text())
	p, _ := f.platform()
	ep.Platform = p.Name
	if f.fixedTriggers() != nil {
		ep.Trigger = f.triggers.Text()
	}
	if p.Name != "" {
		if unread := f.others.Unread(); unread != nil {
			return ep, unread
		}
		ep.Settings = maps.Clone(f.others.Values)
	}
	ep.Name, ep.Description, ep.Active = strings.TrimSpace(f.name.Text()), strings.TrimSpace(f.description.Text()), f.active.On()
	t := &ep.Target
	t.URL, t.Method, t.SkipTLS, t.CAFile = strings.TrimSpace(f.url.Text()), f.method.Text(), !f.certificate.On(), strings.TrimSpace(f.ca.Text())
	t.Scheme = f.signing.scheme
	var err error
	r := &Reader{Fields: f.fields()}
	t.Header = r.Header("headers")
	t.Timeout = time.Duration(r.Number("timeout", 0, Bounds{Least: 1, Most: 300}) * float64(time.Second))
	ep.Rate, ep.Concurrency = r.Number("rate", 0, Bounds{Most: 1e6}), r.Whole("concurrency", 0, 0, 256)
	if r.Wrong != nil {
		return ep, r.Wrong
	}
	t.Policy, err = f.policy.policy()
	return ep, err
}

// store checks the form, keeps the secret where there is a new one, and stores the endpoint.
func (f *endpointForm) store() {
	for _, field := range f.fields() {
		field.SetProblem("")
	}
	f.problem.Hide()
	f.signing.secret.Problem("")
	ep, err := f.read()
	if err != nil {
		f.wrong(err)
		return
	}
	choice := f.signing.secret.Choice()
	p, _ := f.platform()
	made := p.Name != "" && p.Endpoints.Secret != nil && choice.Empty()
	if made {
		choice.Typed, choice.Place = f.w.e.Endpoints.NewSecret(p.Name), cmp.Or(choice.Place, "run")
	}
	f.save.SetDisabled(true)
	f.w.pump.task(f.w.ctx, func(ctx context.Context) func() {
		ep.Target.Secret = ""
		var err error
		if ep.Target.Scheme != "" {
			ep.Target.Secret, err = choice.Keep(f.w.e.Vault, f.w.e.Endpoints.KeepSecret)
		}
		if err == nil {
			err = f.w.e.Endpoints.Put(ctx, &ep)
		}
		return func() {
			if err != nil {
				f.save.SetDisabled(false)
				f.wrong(err)
				return
			}
			f.dirty = false
			f.of.choose(ep.ID)
			f.w.layers.Toast(control.Toast{Text: ep.Name + " saved", Tone: control.Green})
			if made {
				f.showOnce(string(choice.Typed.Reveal()))
			}
		}
	})
}

// wrong shows what has to be corrected, under its field where it has one.
func (f *endpointForm) wrong(err error) {
	var trouble *SecretTrouble
	var invalid *core.Invalid
	switch {
	case errors.As(err, &trouble):
		f.signing.secret.Fail(trouble)
		return
	case errors.As(err, &invalid) && invalid.Field == "secret":
		f.signing.secret.Problem(Capital(invalid.Reason))
		f.signing.secret.Focus()
		return
	}
	if field := f.fields().Show(invalid); field != nil {
		field.Focus()
	} else if !f.others.Show(invalid) {
		f.problem.SetChild(control.Banner(control.Red, Sentence(err), nil))
		f.problem.Show()
		f.scroll.Top()
	}
	f.body.Refresh()
}

// showOnce shows a secret that was made: the only time that it can be read.
func (f *endpointForm) showOnce(secret string) {
	var popup *control.Popup
	box := control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 8, Pad: control.XY(12, 10)},
		control.RowFill(8, control.Grow(control.NewText(secret, control.Code).EllipsisMiddle()), control.NewTool("copy", "Copy", func() { f.w.copy("Secret", secret) })))
	text := control.NewParagraph("Copy it into the receiver now. It is shown this once: afterwards Hookglass only signs with it.", control.Body.In(control.Muted))
	popup = f.w.layers.Dialog("The webhook's secret", 520, control.Col(12, text, box),
		control.NewButton("Copy and close", "copy", control.Primary, func() { f.w.copy("Secret", secret); f.w.layers.Close(popup) }))
}
