package lab

import (
	"context"
	"net/url"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/assets"
	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/lab"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// checkupForm says which handler is examined, and with what.
type checkupForm struct {
	w       *frame.Window
	fields  part.Fields
	scheme  sign.Scheme // the zero scheme: unsigned
	picker  *part.SchemeField
	secret  *part.SecretField
	samples *control.Select
	offered []assets.Sample
	sample  *control.Field
	tls     *control.Switch
	root    *fyne.Container
}

func newCheckupForm(w *frame.Window) *checkupForm {
	f := &checkupForm{w: w, fields: part.Fields{}, tls: control.NewSwitch(true, nil)}
	f.picker = part.NewSchemeField(w.Host(), part.SchemeSpec{Label: "Signature scheme", None: "None: deliveries are not signed", Hint: "Checks of signatures are left out.", About: aboutAnswers, Chosen: f.setScheme})
	f.secret = part.NewSecretField(w.Host(), part.SecretSpec{Label: "Secret", Verb: "Run the check-up", Random: true})
	edited := func() {}
	part.Hinted("http://127.0.0.1:3000/webhooks", f.fields.Add("url", "Your handler's URL", "", edited)).AsCode()
	f.sample = control.NewTextArea("", `{"id":"evt_1","type":"invoice.paid"}`, 6, nil).AsCode().WithHelp("What your handler accepts. Its id is made new for each event.")
	f.fields["sample"] = f.sample
	f.samples = control.NewSelect("Sample event", f.takeSample)
	more := part.NewFold("More", "Answer limit, headers, effects, sizes", control.Col(12,
		part.Abreast(f.fields.Add("answer_limit", "Must answer within", "", edited), f.fields.Add("burst", "Deliveries at a time", "20", edited)),
		part.Abreast(f.fields.Add("large_body", "Large body", "1048576", edited), f.fields.Add("slow_sender", "Slow sender takes", "2s", edited)),
		part.Hinted("http://127.0.0.1:3000/processed", f.fields.Add("effects", "Where the number of processed events is told", "", edited)).AsCode().
			WithHelp(`Answers a number, or {"count":N}. Shows duplicates that your answers do not show.`),
		f.area("headers", "Headers of every delivery", "X-My-Header: value"), f.area("params", "Values that are signed but not sent", "webhook_id: WH-1"),
		control.Toggle(f.tls, "Verify the certificate", "")))
	f.root = control.Col(16, f.fields["url"], f.picker.View(), f.secret.View(), f.samples, f.sample, more.View())
	f.setScheme(sign.Scheme{})
	return f
}

// area is a field for lines of name and value.
func (f *checkupForm) area(name, label, hint string) *control.Field {
	field := control.NewTextArea(label, hint, 2, nil).AsCode()
	f.fields[name] = field
	return field
}

// setScheme changes what follows from a scheme: the secret, the samples and the answer limit.
func (f *checkupForm) setScheme(s sign.Scheme) {
	f.scheme = s
	limit, _ := lab.AnswerLimit(s.ID)
	f.fields["answer_limit"].SetPlaceholder(part.WriteSpanGiven(limit))
	f.picker.Set(s.ID)
	f.secret.Set("")
	f.secret.Root.Hidden = s.ID == ""
	f.offerSamples()
	part.Relayout(f.root)
}

// aboutAnswers says how long the provider of a scheme waits.
func aboutAnswers(s sign.Scheme) string {
	limit, source := lab.AnswerLimit(s.ID)
	return "Waits " + view.Duration(limit) + " for an answer: " + source + "."
}

// offerSamples lists the payloads that are known for the scheme.
func (f *checkupForm) offerSamples() {
	f.offered = nil
	items := []control.MenuItem{{Label: "Made for the scheme"}}
	for _, s := range assets.Samples() {
		if f.scheme.ID != "" && (s.Scheme == f.scheme.ID || s.Provider == f.scheme.ID) {
			f.offered = append(f.offered, s)
			items = append(items, control.MenuItem{Label: s.Event, Hint: s.Title})
		}
	}
	f.samples.SetItems(append(items, control.MenuItem{Label: "Mine…", Divider: true}))
	f.takeSample(0)
}

// takeSample shows the chosen payload; one of the user's own begins with what stands there.
func (f *checkupForm) takeSample(i int) {
	f.sample.Hidden = i == 0
	if i > 0 && i <= len(f.offered) {
		f.sample.SetQuiet(string(f.offered[i-1].Body))
	}
	part.Relayout(f.root)
}

// handler is what the fields say, with the secret as it is to be kept.
func (f *checkupForm) handler() (engine.Handler, lab.Config, *core.Invalid) {
	r := &part.Reader{Fields: f.fields}
	h := engine.Handler{URL: strings.TrimSpace(f.fields["url"].Text()), Scheme: f.scheme.ID, Effects: strings.TrimSpace(f.fields["effects"].Text())}
	if u, err := url.Parse(h.URL); err != nil || u.Host == "" {
		r.Fail("url", "want the address of your handler, like http://127.0.0.1:3000/webhooks")
	}
	c := lab.Config{AnswerLimit: r.Span("answer_limit"), SlowSender: r.Span("slow_sender"), Burst: r.Whole("burst", 0, 0, 1000), LargeBody: int(r.Size("large_body", 1<<30)), SkipTLS: !f.tls.On()}
	if !f.sample.Hidden {
		if h.Sample = f.sample.Text(); h.Sample != "" {
			c.Sample = []byte(h.Sample)
		}
	}
	c.Header, c.Params = r.Header("headers"), map[string]string{}
	for _, p := range r.Header("params") {
		c.Params[p.Name] = p.Value
	}
	if f.scheme.ID != "" && f.secret.Choice().Empty() {
		r.Fail("secret", "is needed to sign for "+f.scheme.Provider)
	}
	return h, c, r.Wrong
}

// keep stores the secret where the user wants it. It runs off the UI goroutine.
func (f *checkupForm) keep(ctx context.Context, c part.SecretChoice, h *engine.Handler) error {
	if h.Scheme == "" {
		return nil
	}
	name := "check-up"
	if u, err := url.Parse(h.URL); err == nil {
		name += " " + u.Host
	}
	var err error
	h.Secret, err = c.Keep(f.w.Engine.Vault, func(place string, s core.Secret) (core.SecretRef, error) {
		return f.w.Engine.KeepSecret(ctx, place, core.Source{Name: name}, "secret", s)
	})
	return err
}

// show puts a problem at its field. It returns false where there is none of that name.
func (f *checkupForm) show(invalid *core.Invalid) bool {
	f.secret.Problem("")
	if invalid != nil && invalid.Field == "secret" {
		f.secret.Problem("Enter it: it " + invalid.Reason)
		return true
	}
	return f.fields.Show(invalid) != nil
}

// set shows a handler that was examined before.
func (f *checkupForm) set(h engine.Handler) {
	scheme, _ := f.w.Engine.Schemes.Book().Find(h.Scheme)
	f.setScheme(scheme)
	f.fields["url"].SetQuiet(h.URL)
	f.fields["effects"].SetQuiet(h.Effects)
	if h.Scheme != "" && h.Secret != "" {
		f.secret.Set(h.Secret)
	}
	if h.Sample != "" {
		f.samples.Choose(len(f.offered) + 1)
		f.takeSample(len(f.offered) + 1)
		f.sample.SetQuiet(h.Sample)
	}
	f.show(nil)
}

// recent is a handler in a menu: where it is and how it did.
func recent(h engine.Handler, now time.Time) string {
	return view.Ago(h.At, now) + "  ·  " + part.WriteNumber(float64(h.Score))
}
