package ui

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
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// checkupForm says which handler is examined, and with what.
type checkupForm struct {
	w       *Window
	fields  labFields
	scheme  sign.Scheme // the zero scheme: unsigned
	picked  *control.Text
	about   *control.Paragraph
	slot    *control.Box // the secret
	draft   *secretDraft
	samples *control.Select
	offered []assets.Sample
	sample  *control.Field
	tls     *control.Switch
	root    *fyne.Container
}

func newCheckupForm(w *Window) *checkupForm {
	f := &checkupForm{w: w, fields: labFields{}, picked: control.NewText("", control.Body).Ellipsis(), about: control.NewParagraph("", control.Small.In(control.Faint)),
		slot: control.NewBox(control.Surface{}, nil), tls: control.NewSwitch(true, nil)}
	edited := func() {}
	hinted("http://127.0.0.1:3000/webhooks", f.fields.add("url", "Your handler's URL", "", edited)).AsCode()
	f.sample = control.NewTextArea("", `{"id":"evt_1","type":"invoice.paid"}`, 6, nil).AsCode().WithHelp("What your handler accepts. Its id is made new for each event.")
	f.fields["sample"] = f.sample
	f.samples = control.NewSelect("Sample event", f.takeSample)
	more := newFold("More", "Answer limit, headers, effects, sizes", control.Col(12,
		sideBySide(f.fields.add("answer_limit", "Must answer within", "", edited), f.fields.add("burst", "Deliveries at a time", "20", edited)),
		sideBySide(f.fields.add("large_body", "Large body, bytes", "1048576", edited), f.fields.add("slow_sender", "Slow sender takes", "2s", edited)),
		hinted("http://127.0.0.1:3000/processed", f.fields.add("effects", "Where the number of processed events is told", "", edited)).AsCode().
			WithHelp(`Answers a number, or {"count":N}. Shows duplicates that your answers do not show.`),
		f.area("headers", "Headers of every delivery", "X-My-Header: value"), f.area("params", "Values that are signed but not sent", "webhook_id: WH-1"),
		control.Toggle(f.tls, "Verify the certificate", "")))
	f.root = control.Col(16, f.fields["url"], f.schemeView(), f.slot, f.samples, f.sample, more.view())
	f.setScheme(sign.Scheme{})
	return f
}

// area is a field for lines of name and value.
func (f *checkupForm) area(name, label, hint string) *control.Field {
	field := control.NewTextArea(label, hint, 2, nil).AsCode()
	f.fields[name] = field
	return field
}

func (f *checkupForm) schemeView() fyne.CanvasObject {
	row := control.RowFill(8, control.NewIcon("fingerprint-pattern", control.Muted, 14), control.Grow(f.picked), control.NewIcon("chevrons-up-down", control.Faint, 14))
	field := control.NewPress(control.Surface{Fill: control.SurfaceField, Border: control.FieldLine, Radius: 8, Pad: control.XY(11, 8)}, row, nil)
	field.OnTap = func() { pickScheme(f.w, field, true, f.setScheme) }
	return control.Col(5, control.NewText("Signature scheme", control.Body.At(12).As(control.Medium)), field, f.about)
}

// setScheme changes what follows from a scheme: the secret, the samples and the answer limit.
func (f *checkupForm) setScheme(s sign.Scheme) {
	f.scheme = s
	limit, source := lab.AnswerLimit(s.ID)
	f.fields["answer_limit"].SetPlaceholder(writeSpan(limit))
	if s.ID == "" {
		f.picked.Put("None: deliveries are not signed", control.Body.In(control.Muted))
		f.about.Set("Checks of signatures are left out.")
		f.slot.SetChild(nil)
	} else {
		f.picked.Put(s.Provider, control.Body)
		f.about.Set("Waits " + view.Duration(limit) + " for an answer: " + source + ".")
		f.showSecret(&secretDraft{})
	}
	f.slot.Hidden = s.ID == ""
	f.offerSamples()
	relayout(f.root)
}

// showSecret makes the fields of the secret anew.
func (f *checkupForm) showSecret(d *secretDraft) {
	if *d == (secretDraft{}) {
		d = newSecretDraft("", f.w.e.Vault.HasKeyring())
	}
	f.draft = d
	field := newSecretField(f.w, platform.Setting{Label: "Secret"}, d, func() {})
	var borrow *control.Button
	borrow = control.NewTool("webhook", "Take a source's secret", func() { f.borrow(borrow) })
	field.root.Objects = []fyne.CanvasObject{control.NewText("Secret", control.Body.At(12).As(control.Medium)),
		control.RowFill(6, control.Grow(field.slot), borrow, field.remove), field.place, field.status}
	f.slot.SetChild(field.root)
	f.fields["secret"] = field.value
	relayout(f.root)
}

// borrow lists the secrets that sources have: a handler often stands behind one.
func (f *checkupForm) borrow(anchor fyne.CanvasObject) {
	f.w.pump.task(f.w.ctx, func(ctx context.Context) func() {
		sources, err := f.w.e.Store.Sources(ctx)
		return func() {
			var items []control.MenuItem
			for _, src := range sources {
				for setting, ref := range src.Secrets {
					if ref != "" {
						items = append(items, control.MenuItem{Label: src.Name, Hint: setting, Icon: "key-round", Do: func() { f.showSecret(newSecretDraft(ref, true)) }})
					}
				}
			}
			if len(items) == 0 {
				items = []control.MenuItem{{Label: "No source has a secret", Off: true}}
			}
			f.w.fail(err)
			f.w.layers.MenuUnder(anchor, items...)
		}
	})
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
	relayout(f.root)
}

// handler is what the fields say, with the secret as it is to be kept.
func (f *checkupForm) handler() (engine.Handler, lab.Config, *core.Invalid) {
	r := &reader{fields: f.fields}
	h := engine.Handler{URL: strings.TrimSpace(f.fields["url"].Text()), Scheme: f.scheme.ID, Effects: strings.TrimSpace(f.fields["effects"].Text())}
	if u, err := url.Parse(h.URL); err != nil || u.Host == "" {
		r.fail("url", "want the address of your handler, like http://127.0.0.1:3000/webhooks")
	}
	c := lab.Config{AnswerLimit: r.span("answer_limit"), SlowSender: r.span("slow_sender"), Burst: r.whole("burst", 0, 0), LargeBody: r.whole("large_body", 0, 0), SkipTLS: !f.tls.On()}
	if c.Burst > 1000 {
		r.fail("burst", "want 1000 at the most")
	}
	if c.LargeBody > 1<<30 {
		r.fail("large_body", "want 1073741824 bytes at the most")
	}
	if !f.sample.Hidden {
		if h.Sample = f.sample.Text(); h.Sample != "" {
			c.Sample = []byte(h.Sample)
		}
	}
	f.lines(r, "headers", func(name, value string) { c.Header = append(c.Header, core.Field{Name: name, Value: value}) })
	c.Params = map[string]string{}
	f.lines(r, "params", func(name, value string) { c.Params[name] = value })
	if f.scheme.ID != "" && f.draft.ref == "" && !f.draft.changed() {
		r.fail("secret", "is needed to sign for "+f.scheme.Provider)
	}
	return h, c, r.wrong
}

func (f *checkupForm) lines(r *reader, field string, put func(name, value string)) {
	pairs, reason := readPairs(f.fields[field].Text())
	if reason != "" {
		r.fail(field, reason)
	}
	for name, value := range pairs {
		put(name, value.(string))
	}
}

// keep stores the secret where the user wants it. It runs off the UI goroutine.
func (f *checkupForm) keep(ctx context.Context, d secretDraft, h *engine.Handler) error {
	if h.Scheme == "" {
		return nil
	}
	name := "check-up"
	if u, err := url.Parse(h.URL); err == nil {
		name += " " + u.Host
	}
	var err error
	h.Secret, err = d.keep(ctx, f.w, core.Source{Name: name}, "secret")
	return err
}

// set shows a handler that was examined before.
func (f *checkupForm) set(h engine.Handler) {
	scheme, _ := f.w.e.Schemes.Find(h.Scheme)
	f.setScheme(scheme)
	f.fields["url"].SetQuiet(h.URL)
	f.fields["effects"].SetQuiet(h.Effects)
	if h.Scheme != "" && h.Secret != "" {
		f.showSecret(newSecretDraft(h.Secret, true))
	}
	if h.Sample != "" {
		f.samples.Choose(len(f.offered) + 1)
		f.takeSample(len(f.offered) + 1)
		f.sample.SetQuiet(h.Sample)
	}
	f.fields.show(nil)
}

// recent is a handler in a menu: where it is and how it did.
func recent(h engine.Handler, now time.Time) string {
	return view.Ago(h.At, now) + "  ·  " + numberText(float64(h.Score))
}
