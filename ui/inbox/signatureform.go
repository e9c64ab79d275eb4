package inbox

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/picture"
	"hookglass/ui/view"
)

// signingForm says what a request looks like and has it checked: scheme and secret in one place, kept on its source,
// and old captures checked again.
type signingForm struct {
	w       *frame.Window
	changed func()
	done    func() // checked, or given up: show what there is now

	title, why *control.Paragraph
	scheme     *part.SchemeField
	secret     *part.SecretField
	check      *control.Button
	once       *control.Button
	cancel     *control.Button
	likely     *fyne.Container
	root       fyne.CanvasObject

	view_  *signatureView
	chosen sign.Scheme
}

func newSigningForm(w *frame.Window, changed, done func()) *signingForm {
	f := &signingForm{w: w, changed: changed, done: done, title: control.NewParagraph("", control.Heading.At(17)), why: control.NewParagraph("", control.Body.In(control.Muted)), likely: control.Wrap(6)}
	f.scheme = part.NewSchemeField(w.Host(), part.SchemeSpec{Label: "Signature scheme", About: func(sign.Scheme) string { return "" }, Chosen: f.choose})
	f.secret = part.NewSecretField(w.Host(), part.SecretSpec{Label: "Secret", Verb: "Check"})
	f.check = control.NewButton("Check signatures", "shield-check", control.Primary, f.apply)
	f.once = control.NewButton("Only this request", "", control.Secondary, f.applyOnce)
	f.cancel = control.NewButton("Cancel", "", control.Ghost, done)
	mark := control.NewBox(control.Surface{Fill: control.Amber, Alpha: 0x24, Radius: 22, Pad: control.All(10)}, control.NewIcon("fingerprint-pattern", control.Amber, 24))
	head := control.RowFill(14, control.Centre(mark), control.Grow(control.Col(3, f.title, f.why)))
	form := control.Wide(520, control.Col(12, f.likely, f.scheme.View(), f.secret.View(), control.Row(8, f.check, f.once, f.cancel)))
	f.root = picture.TintedCard(control.Amber, control.Col(16, head, form))
	return f
}

func (f *signingForm) view() fyne.CanvasObject { return f.root }

func (f *signingForm) set(v *signatureView) {
	f.view_ = v
	f.secret.Offer(v.known)
	f.chosen = v.signing.Scheme
	if v.shot != nil && f.chosen.ID == "" {
		f.chosen = v.shot.Scheme
	}
	if len(v.seen) > 0 && (f.chosen.ID == "" || v.shot != nil && v.shot.Verdict.State == core.Missing) {
		f.chosen, _ = f.w.Engine.Schemes.Book().Find(v.seen[0].Scheme)
	}
	f.words(v)
	f.offerLikely(v)
	f.scheme.Set(f.chosen.ID)
	f.once.Hidden = v.signing.Source == nil
	f.cancel.Hidden = v.shot == nil || v.shot.Verdict.State == core.NoSecret
	f.check.Set("Check signatures", "shield-check")
	if v.signing.Source == nil {
		f.check.Set("Check this request", "shield-check")
	}
}

// words say what the request looks like.
func (f *signingForm) words(v *signatureView) {
	switch {
	case v.shot != nil && v.shot.Verdict.State == core.NoSecret:
		f.title.Set("Give the secret, and it is checked at once")
		f.why.Set(v.shot.Provider() + " shows it where the webhook is set up. Hookglass never stores it in its history.")
	case v.shot != nil:
		f.title.Set("Check it in another way")
		f.why.Set("Choose the scheme and the secret. The request is judged as of the moment it arrived.")
	case len(v.seen) == 0:
		f.title.Set("No signature is recognised in this request")
		f.why.Set("None of the known providers' headers is there. If it is signed all the same, choose how.")
	default:
		name := part.ProviderOf(f.w.Host(), v.seen[0].Scheme)
		set := "and no scheme is set"
		if len(v.signing.Refs) == 0 {
			set = "and no secret is set"
		}
		if v.seen[0].Sure {
			f.title.Set("This looks like " + name + ", " + set)
		} else {
			f.title.Set("This may be " + name + ", " + set)
		}
		f.why.Set("What says so: " + v.seen[0].Why + ".")
	}
}

// offerLikely puts up the other schemes that fit, for one click.
func (f *signingForm) offerLikely(v *signatureView) {
	f.likely.Objects = nil
	if len(v.seen) > 1 {
		f.likely.Add(control.NewText("Also possible:", control.Small))
		for _, m := range v.seen[:min(len(v.seen), 7)] {
			if s, ok := f.w.Engine.Schemes.Book().Find(m.Scheme); ok && s.ID != f.chosen.ID {
				f.likely.Add(control.NewChip(part.SchemeTitle(s), false, func(bool) { f.choose(s) }))
			}
		}
	}
	f.likely.Refresh()
}

func (f *signingForm) choose(s sign.Scheme) {
	f.chosen = s
	f.scheme.Set(s.ID)
	f.offerLikely(f.view_)
	f.changed()
}

// ready reports whether there is enough to check with, and says at its field what is not.
func (f *signingForm) ready() bool {
	if f.chosen.ID == "" {
		f.scheme.Open()
		return false
	}
	if f.secret.Choice().Empty() {
		f.secret.Problem("Enter the secret: without it nothing can be checked")
		return false
	}
	return true
}

// apply keeps scheme and secret on the source and checks what it got again; a request without a source is checked
// alone.
func (f *signingForm) apply() {
	src := f.view_.signing.Source
	if src == nil || src.Platform != "generic" && f.chosen.ID != f.view_.signing.Scheme.ID {
		f.applyOnce()
		return
	}
	if !f.ready() {
		return
	}
	value, scheme := f.secret.Choice(), f.chosen
	f.check.SetDisabled(true)
	f.w.Pump.Task(f.w.Ctx, func(ctx context.Context) func() {
		n, err := f.store(ctx, *src, scheme.ID, value)
		return func() {
			f.check.SetDisabled(false)
			if err != nil {
				f.secret.Fail(err, f.apply)
				return
			}
			f.w.Layers.Toast(control.Toast{Text: fmt.Sprintf("%s is checked on %s from now on; %s checked again", scheme.Provider, src.Name, view.Plural(n, "capture", "captures")), Tone: control.Green})
			f.done()
		}
	})
}

// store keeps scheme and secret on a source and checks its captures again.
func (f *signingForm) store(ctx context.Context, src core.Source, scheme string, value part.SecretChoice) (int, error) {
	e := f.w.Engine
	if _, err := value.Resolve(e.Vault); err != nil { // better said now than at the next request
		return 0, err
	}
	ref, err := value.Keep(e.Vault, func(place string, s core.Secret) (core.SecretRef, error) {
		return e.KeepSecret(ctx, place, src, "secret", s)
	})
	if err != nil {
		return 0, err
	}
	if src, err = e.SetSigning(ctx, src.ID, scheme, ref); err != nil {
		return 0, err
	}
	r, err := e.ReverifySource(ctx, src, nil)
	return r.Captures, err
}

// applyOnce checks this one request.
func (f *signingForm) applyOnce() {
	if !f.ready() {
		return
	}
	value, scheme, id := f.secret.Choice(), f.chosen, f.view_.capture.ID
	e := f.w.Engine
	f.w.Pump.Task(f.w.Ctx, func(ctx context.Context) func() {
		secret, err := value.Resolve(e.Vault)
		if err == nil {
			_, err = e.Reverify(ctx, id, scheme.ID, secret)
		}
		return func() {
			if err != nil {
				f.secret.Fail(err, f.applyOnce)
				return
			}
			f.done()
		}
	})
}
