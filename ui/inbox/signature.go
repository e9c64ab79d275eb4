package inbox

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/message"
	"hookglass/ui/part"
	"hookglass/ui/picture"
)

// signatureTab is the picture of a capture's signature: why it holds or not, the doctor's findings, and where no
// signature was looked for, what the request looks like and how to have it checked.
type signatureTab struct {
	w      *frame.Window
	pane   *picture.Pane
	doctor *picture.DoctorPane
	form   *signingForm
	own    *picture.OwnCode
	scroll *control.Scroll
	stage  *control.Box
	lang   string // of the fixes' code

	capture *core.Capture
	shown   *signatureView
	reading part.Slow
}

// signatureView is what one load brings: the picture, or what the request looks like.
type signatureView struct {
	capture *core.Capture
	shot    *picture.Picture // nil: no signature was looked for
	seen    []sign.Match
	signing engine.Signing
	known   []part.SecretOffer
}

func newSignatureTab(w *frame.Window) message.Tab {
	t := &signatureTab{w: w, lang: "Go", stage: control.NewBox(control.Surface{}, nil)}
	t.pane = picture.NewPane(w)
	wheel := func(e *fyne.ScrollEvent) { t.scroll.Turn(e) }
	t.doctor = picture.NewDoctorPane(w, &t.lang, wheel, t.relayout)
	t.form = newSigningForm(w, t.relayout, t.reread)
	t.own = picture.NewOwnCode(w, &t.lang, wheel, t.relayout)
	t.scroll = control.NewScroll(control.Pad(control.XY(22, 16), t.stage))
	return t
}

func (t *signatureTab) Label() string           { return "Signature" }
func (t *signatureTab) View() fyne.CanvasObject { return t.scroll }

func (t *signatureTab) relayout() { t.scroll.Refresh() }

// Set forgets the capture before; the pump's load brings this one's picture in a moment.
func (t *signatureTab) Set(c *core.Capture) {
	if t.capture == nil || c == nil || t.capture.ID != c.ID {
		t.shown = nil
		t.doctor.Clear()
		t.own.Clear()
		t.stage.SetChild(nil)
		t.scroll.Top()
	}
	t.capture = c
}

func (t *signatureTab) Load(_ context.Context, c *core.Capture) func() {
	return func() { t.reading.Read(t.w.Host(), func(ctx context.Context) func() { return t.read(ctx, c) }) }
}

// read may wait for the keyring.
func (t *signatureTab) read(ctx context.Context, c *core.Capture) func() {
	v := &signatureView{capture: c}
	signing, err := t.w.Engine.SigningFor(ctx, c)
	if err != nil {
		return func() { t.w.Fail(err) }
	}
	v.signing = signing
	if verdict := c.Receipt.Verdict; verdict != nil {
		v.shot = &picture.Picture{Verdict: *verdict, Scheme: picture.SchemeOf(t.w, verdict), Capture: c.ID}
		if len(signing.Refs) > 0 {
			v.shot.Kept = part.SecretWords(signing.Refs[0])
		} else if verdict.Key != "" {
			v.shot.Kept = "as it was then; it is not set any more"
		}
	}
	if verdict := c.Receipt.Verdict; verdict == nil || verdict.State == core.NoSecret || verdict.State == core.Missing {
		v.seen = t.w.Engine.Schemes.Book().Detect(&c.Request)
		v.known = part.StoredSecrets(ctx, t.w.Engine.Store)
	}
	return func() { t.put(v) }
}

// put shows what a load brought, unless it looks the same.
func (t *signatureTab) put(v *signatureView) {
	if t.capture == nil || v.capture.ID != t.capture.ID {
		return
	}
	if was := t.shown; was != nil && (was.shot == nil) == (v.shot == nil) && (v.shot == nil || picture.SameVerdict(&was.shot.Verdict, &v.shot.Verdict) && was.shot.Kept == v.shot.Kept) {
		return
	}
	t.shown = v
	if v.shot == nil {
		t.form.set(v)
		t.stage.SetChild(control.Col(0, t.form.view()))
		t.relayout()
		return
	}
	t.pane.Slot, t.pane.Foot = t.slot(v), t.foot(v)
	t.pane.Set(v.shot)
	t.stage.SetChild(t.pane.View())
	t.relayout()
}

// reread shows what is stored now, also where it looks as before.
func (t *signatureTab) reread() {
	t.shown = nil
	if t.capture != nil {
		t.w.Go.RereadCapture(t.capture.ID)
	}
	t.w.Pump.Again()
}

// slot is what stands between the verdict and the recipe.
func (t *signatureTab) slot(v *signatureView) fyne.CanvasObject {
	switch v.shot.Verdict.State {
	case core.Verified:
		t.doctor.Clear()
		return nil
	case core.NoSecret:
		t.doctor.Clear()
		t.form.set(v)
		return t.form.view()
	}
	t.doctor.Set(v.capture.ID, picture.DiagnosisOf(&v.shot.Verdict))
	rows := control.Col(10)
	if v.signing.Lost != nil {
		rows.Add(control.Banner(control.Red, part.Sentence(v.signing.Lost), nil))
	}
	if len(v.seen) > 0 && v.seen[0].Scheme != v.shot.Verdict.Scheme {
		other, _ := t.w.Engine.Schemes.Book().Find(v.seen[0].Scheme)
		rows.Add(control.Banner(control.Amber, "This request looks like "+part.SchemeTitle(other)+" instead: "+v.seen[0].Why+".", control.NewButton("Check it so", "", control.Secondary, t.change)))
	}
	rows.Add(t.doctor.View())
	return rows
}

// foot is what stands below the recipe: other questions one may have.
func (t *signatureTab) foot(v *signatureView) fyne.CanvasObject {
	rows := control.Col(14)
	if s := v.shot.Verdict.State; s != core.NoSecret && v.shot.Kind() != "token" {
		t.own.Set(v.capture.ID, v.shot)
		rows.Add(t.own.View())
	}
	change := control.NewButton("Check with another scheme or secret", "key-round", control.Ghost, t.change)
	rows.Add(control.Row(0, change))
	return rows
}

// change offers the form although there is a verdict.
func (t *signatureTab) change() {
	v := *t.shown
	ctx, c := t.w.Ctx, t.capture
	t.w.Pump.Task(ctx, func(ctx context.Context) func() {
		v.seen, v.known = t.w.Engine.Schemes.Book().Detect(&c.Request), part.StoredSecrets(ctx, t.w.Engine.Store)
		return func() {
			if t.capture == nil || t.capture.ID != v.capture.ID {
				return
			}
			t.form.set(&v)
			t.pane.Slot = t.form.view()
			t.pane.Build()
			t.scroll.Top()
			t.relayout()
		}
	})
}
