package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
	"hookglass/ui/control"
)

// signatureTab is the picture of a capture's signature: why it holds or not, the doctor's findings, and where no
// signature was looked for, what the request looks like and how to have it checked.
type signatureTab struct {
	w      *Window
	pane   *signaturePane
	doctor *doctorPane
	form   *signingForm
	own    *ownCode
	scroll *control.Scroll
	stage  *control.Box
	lang   string // of the fixes' code

	capture *core.Capture
	shown   *signatureView
}

// signatureView is what one load brings: the picture, or what the request looks like.
type signatureView struct {
	capture *core.Capture
	shot    *picture // nil: no signature was looked for
	seen    []sign.Match
	signing engine.Signing
	known   []SecretOffer
}

func newSignatureTab(w *Window) tab {
	t := &signatureTab{w: w, lang: "Go", stage: control.NewBox(control.Surface{}, nil)}
	t.pane = newSignaturePane(w)
	wheel := func(e *fyne.ScrollEvent) { t.scroll.Turn(e) }
	t.doctor = newDoctorPane(w, &t.lang, wheel, t.relayout)
	t.form = newSigningForm(w, t.relayout, t.reread)
	t.own = newOwnCode(w, &t.lang, wheel, t.relayout)
	t.scroll = control.NewScroll(control.Pad(control.XY(22, 16), t.stage))
	return t
}

func (t *signatureTab) label() string           { return "Signature" }
func (t *signatureTab) view() fyne.CanvasObject { return t.scroll }

func (t *signatureTab) relayout() { t.scroll.Refresh() }

// set forgets the capture before; the pump's load brings this one's picture in a moment.
func (t *signatureTab) set(c *core.Capture) {
	if t.capture == nil || c == nil || t.capture.ID != c.ID {
		t.shown = nil
		t.doctor.clear()
		t.own.clear()
		t.stage.SetChild(nil)
		t.scroll.Top()
	}
	t.capture = c
}

func (t *signatureTab) load(ctx context.Context, c *core.Capture) func() {
	v := &signatureView{capture: c}
	signing, err := t.w.e.SigningFor(ctx, c)
	if err != nil {
		return func() { t.w.fail(err) }
	}
	v.signing = signing
	if verdict := c.Receipt.Verdict; verdict != nil {
		v.shot = &picture{verdict: *verdict, scheme: schemeOf(t.w, verdict), capture: c.ID}
		if len(signing.Refs) > 0 {
			v.shot.kept = SecretWords(signing.Refs[0])
		} else if verdict.Key != "" {
			v.shot.kept = "as it was then; it is not set any more"
		}
	}
	if verdict := c.Receipt.Verdict; verdict == nil || verdict.State == core.NoSecret || verdict.State == core.Missing {
		v.seen = sign.Detect(&c.Request)
		v.known = StoredSecrets(ctx, t.w.e.Store)
	}
	return func() { t.put(v) }
}

// put shows what a load brought, unless it looks the same.
func (t *signatureTab) put(v *signatureView) {
	if t.capture == nil || v.capture.ID != t.capture.ID {
		return
	}
	if was := t.shown; was != nil && (was.shot == nil) == (v.shot == nil) && (v.shot == nil || sameVerdict(&was.shot.verdict, &v.shot.verdict) && was.shot.kept == v.shot.kept) {
		return
	}
	t.shown = v
	if v.shot == nil {
		t.form.set(v)
		t.stage.SetChild(control.Col(0, t.form.view()))
		t.relayout()
		return
	}
	t.pane.slot, t.pane.foot = t.slot(v), t.foot(v)
	t.pane.set(v.shot)
	t.stage.SetChild(t.pane.view())
	t.relayout()
}

// reread shows what is stored now, also where it looks as before.
func (t *signatureTab) reread() {
	t.shown = nil
	if t.capture != nil {
		t.w.to.rereadCapture(t.capture.ID)
	}
	t.w.pump.again()
}

// slot is what stands between the verdict and the recipe.
func (t *signatureTab) slot(v *signatureView) fyne.CanvasObject {
	switch v.shot.verdict.State {
	case core.Verified:
		t.doctor.clear()
		return nil
	case core.NoSecret:
		t.doctor.clear()
		t.form.set(v)
		return t.form.view()
	}
	t.doctor.set(v.capture.ID, diagnosisOf(&v.shot.verdict))
	rows := control.Col(10)
	if v.signing.Lost != nil {
		rows.Add(control.Banner(control.Red, Sentence(v.signing.Lost), nil))
	}
	if len(v.seen) > 0 && v.seen[0].Scheme != v.shot.verdict.Scheme {
		other, _ := t.w.e.Schemes.Book().Find(v.seen[0].Scheme)
		rows.Add(control.Banner(control.Amber, "This request looks like "+SchemeTitle(other)+" instead: "+v.seen[0].Why+".", control.NewButton("Check it so", "", control.Secondary, t.change)))
	}
	rows.Add(t.doctor.view())
	return rows
}

// foot is what stands below the recipe: other questions one may have.
func (t *signatureTab) foot(v *signatureView) fyne.CanvasObject {
	rows := control.Col(14)
	if s := v.shot.verdict.State; s != core.NoSecret && v.shot.kind() != "token" {
		t.own.set(v.capture.ID, v.shot)
		rows.Add(t.own.view())
	}
	change := control.NewButton("Check with another scheme or secret", "key-round", control.Ghost, t.change)
	rows.Add(control.Row(0, change))
	return rows
}

// change offers the form although there is a verdict.
func (t *signatureTab) change() {
	v := *t.shown
	ctx, c := t.w.ctx, t.capture
	t.w.pump.task(ctx, func(ctx context.Context) func() {
		v.seen, v.known = sign.Detect(&c.Request), StoredSecrets(ctx, t.w.e.Store)
		return func() {
			if t.capture == nil || t.capture.ID != v.capture.ID {
				return
			}
			t.form.set(&v)
			t.pane.slot = t.form.view()
			t.pane.build()
			t.scroll.Top()
			t.relayout()
		}
	})
}
