package compose

import (
	"errors"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/picture"
)

// signingEditor edits how a request is signed: scheme, secret, id, time, and what is wrong on purpose.
type signingEditor struct {
	w      *frame.Window
	change func()

	scheme  *part.SchemeField
	chosen  sign.Scheme
	secret  *part.SecretField
	old     *part.SecretField // of a rotation
	id      *control.Field
	when    *control.Select
	at      *control.Field
	wrong   *control.Select
	root    *fyne.Container
	keyed   fyne.CanvasObject // what needs a scheme
	pair    *control.Button
	pairing *fyne.Container
	known   []part.SecretOffer // stored secrets
}

func newSigningEditor(w *frame.Window, change func()) *signingEditor {
	s := &signingEditor{w: w, change: change}
	s.scheme = part.NewSchemeField(w.Host(), part.SchemeSpec{Label: "Signature scheme", None: "Not signed: sent as it is", About: func(sign.Scheme) string { return "" }, Chosen: s.choose})
	s.secret = part.NewSecretField(w.Host(), part.SecretSpec{Label: "Secret", Verb: "Send", Passing: true, Changed: change})
	s.old = part.NewSecretField(w.Host(), part.SecretSpec{Label: "Old secret, from before the rotation", Verb: "Send", Passing: true, Changed: change})
	s.id = control.NewField("Event ID", "A new one each time", func(string) { change() }).AsCode()
	s.at = control.NewField("", "Unix seconds, or 2026-11-21T14:05:00Z", func(string) { change() }).AsCode()
	s.when = control.NewSelect("Signed at", func(int) { s.show(); change() }, "Now, anew for each attempt", "A fixed time")
	labels := make([]string, len(picture.WrongWays))
	for i, way := range picture.WrongWays {
		labels[i] = way.Label
	}
	s.wrong = control.NewSelect("Wrong on purpose", func(int) { s.show(); change() }, labels...)
	s.pair = control.NewButton("Make a key pair to try it with", "key-round", control.Ghost, s.makePair)
	s.pairing = control.Row(0, s.pair)
	times := control.Col(6, s.when, s.at)
	s.keyed = control.Col(12, control.Col(4, s.secret.View(), s.pairing), part.Abreast(s.id, times), s.wrong, s.old.View())
	s.root = control.Col(12, s.scheme.View(), s.keyed)
	s.show()
	return s
}

func (s *signingEditor) view() fyne.CanvasObject { return s.root }

func (s *signingEditor) choose(scheme sign.Scheme) {
	s.put(scheme)
	s.change()
}

func (s *signingEditor) put(scheme sign.Scheme) {
	s.chosen = scheme
	s.scheme.Set(scheme.ID)
	s.secret.None("")
	if s.public() {
		s.secret.None("The private key to sign with: hex, base64 or PEM.")
	}
	s.offer(s.known)
	s.show()
}

// public reports whether the scheme signs with a private key, which is not what sources hold.
func (s *signingEditor) public() bool {
	x := picture.Picture{Scheme: s.chosen}
	return s.chosen.ID != "" && x.Kind() == "public"
}

// offer shows the stored secrets. Those of a public-key scheme are public keys: they check, and cannot sign.
func (s *signingEditor) offer(known []part.SecretOffer) {
	s.known = known
	if s.public() {
		if s.secret.Choice().Ref != "" {
			s.secret.Set("")
		}
		known = nil
	}
	s.secret.Offer(known)
	s.old.Offer(known)
}

// makePair signs with a new private key, and gives its public key to whom one tries it with.
func (s *signingEditor) makePair() {
	private, public, ok := engine.KeyPair(s.chosen)
	if !ok {
		return
	}
	s.secret.Set("")
	s.secret.Type(string(private.Reveal()))
	s.w.Copy("Public key, to be set where this is received, is", public)
	s.change()
}

// show hides what means nothing now.
func (s *signingEditor) show() {
	if s.chosen.ID == "" {
		s.keyed.Hide()
	} else {
		s.keyed.Show()
	}
	s.pairing.Hidden = s.chosen.Alg != "ed25519" && s.chosen.Alg != "ecdsa-p256-sha256"
	s.at.Hidden = s.when.Selected() != 1
	s.old.Root.Hidden = picture.WrongWays[max(s.wrong.Selected(), 0)].Way != picture.WrongOld
	part.Relayout(s.root)
}

// set shows what a composition says. known are the stored secrets.
func (s *signingEditor) set(c composition) {
	scheme, _ := s.w.Engine.Schemes.Book().Find(c.Scheme)
	s.put(scheme)
	s.id.SetQuiet(c.EventID)
	s.at.SetQuiet(c.At)
	s.when.Choose(0)
	if c.At != "" {
		s.when.Choose(1)
	}
	for i, way := range picture.WrongWays {
		if way.Way == c.Wrong {
			s.wrong.Choose(i)
		}
	}
	if !s.public() && c.Secret != "" {
		s.secret.Set(c.Secret)
	}
	if !s.public() && c.Old != "" {
		s.old.Set(c.Old)
	}
	s.show()
}

// read puts what is chosen into a composition; the secrets are returned beside it.
func (s *signingEditor) read(c *composition) (secret, old part.SecretChoice) {
	c.Scheme, c.EventID, c.At = s.chosen.ID, s.id.Text(), ""
	if c.Scheme == "" {
		return
	}
	if s.when.Selected() == 1 {
		c.At = s.at.Text()
	}
	c.Wrong = picture.WrongWays[max(s.wrong.Selected(), 0)].Way
	secret, old = s.secret.Choice(), s.old.Choice()
	c.Secret, c.Old = secret.Ref, old.Ref
	return
}

// kept shows the secrets that were kept just now as such.
func (s *signingEditor) kept(secret, old part.SecretChoice) {
	for f, c := range map[*part.SecretField]part.SecretChoice{s.secret: secret, s.old: old} {
		if c.Ref != "" && f.Choice().Ref != c.Ref {
			f.Set(c.Ref)
		}
	}
}

// fail shows at its field why a secret could not be kept. It returns false for any other error.
func (s *signingEditor) fail(err error, again func()) bool {
	var trouble *part.SecretTrouble
	if !errors.As(err, &trouble) {
		return false
	}
	field := s.secret
	if trouble.Field == "old" {
		field = s.old
	}
	field.Fail(trouble, again)
	return true
}
