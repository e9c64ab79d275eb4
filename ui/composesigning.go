package ui

import (
	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/core/sign"
	"hookglass/ui/control"
)

// signingEditor edits how a request is signed: scheme, secret, id, time, and what is wrong on purpose.
type signingEditor struct {
	w      *Window
	change func()

	scheme  *choiceField
	chosen  sign.Scheme
	secret  *secretInput
	old     *secretInput // of a rotation
	id      *control.Field
	when    *control.Select
	at      *control.Field
	wrong   *control.Select
	root    *fyne.Container
	keyed   fyne.CanvasObject // what needs a scheme
	pair    *control.Button
	pairing *fyne.Container
	known   []secretWay // stored secrets
}

func newSigningEditor(w *Window, change func()) *signingEditor {
	s := &signingEditor{w: w, change: change}
	s.scheme = newChoiceField(w, "Signature scheme", "Not signed", s.options)
	s.secret = newSecretInput(w.e.Vault, "Secret", change)
	s.old = newSecretInput(w.e.Vault, "Old secret, from before the rotation", change)
	s.id = control.NewField("Event ID", "A new one each time", func(string) { change() }).AsCode()
	s.at = control.NewField("", "Unix seconds, or 2026-11-21T14:05:00Z", func(string) { change() }).AsCode()
	s.when = control.NewSelect("Signed at", func(int) { s.show(); change() }, "Now, anew for each attempt", "A fixed time")
	labels := make([]string, len(wrongWays))
	for i, way := range wrongWays {
		labels[i] = way.label
	}
	s.wrong = control.NewSelect("Wrong on purpose", func(int) { s.show(); change() }, labels...)
	s.pair = control.NewButton("Make a key pair to try it with", "key-round", control.Ghost, s.makePair)
	s.pairing = control.Row(0, s.pair)
	times := control.Col(6, s.when, s.at)
	s.keyed = control.Col(12, control.Col(4, s.secret.view(), s.pairing), sideBySide(s.id, times), s.wrong, s.old.view())
	s.root = control.Col(12, s.scheme.view(), s.keyed)
	s.show()
	return s
}

func (s *signingEditor) view() fyne.CanvasObject { return s.root }

func (s *signingEditor) options() []control.Command {
	none := control.Command{Label: "Not signed", Hint: "as it is", Icon: "lock-open", Do: func() { s.choose(sign.Scheme{}) }}
	return append([]control.Command{none}, s.w.schemeOptions(s.choose)...)
}

func (s *signingEditor) choose(scheme sign.Scheme) {
	s.put(scheme)
	s.change()
}

func (s *signingEditor) put(scheme sign.Scheme) {
	s.chosen = scheme
	s.scheme.set(schemeTitle(scheme))
	s.secret.hint("As the provider shows it")
	if s.public() {
		s.secret.hint("The private key to sign with: hex, base64 or PEM")
	}
	s.offer(s.known)
	s.show()
}

// public reports whether the scheme signs with a private key, which is not what sources hold.
func (s *signingEditor) public() bool {
	x := picture{scheme: s.chosen}
	return s.chosen.ID != "" && x.kind() == "public"
}

// offer shows the stored secrets. Those of a public-key scheme are public keys: they check, and cannot sign.
func (s *signingEditor) offer(known []secretWay) {
	s.known = known
	if s.public() {
		s.secret.forget()
		known = nil
	}
	s.secret.offer(known)
	s.old.offer(known)
}

// makePair signs with a new private key, and gives its public key to whom one tries it with.
func (s *signingEditor) makePair() {
	private, public, ok := engine.KeyPair(s.chosen)
	if !ok {
		return
	}
	s.secret.choosePlace("run")
	s.secret.field.Set(string(private.Reveal()))
	s.w.copy("Public key, to be set where this is received, is", public)
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
	s.old.view().(*fyne.Container).Hidden = wrongWays[max(s.wrong.Selected(), 0)].way != wrongOld
	relayout(s.root)
}

// set shows what a composition says. known are the stored secrets.
func (s *signingEditor) set(c composition) {
	scheme, _ := s.w.e.Schemes.Find(c.Scheme)
	s.put(scheme)
	s.id.SetQuiet(c.EventID)
	s.at.SetQuiet(c.At)
	s.when.Choose(0)
	if c.At != "" {
		s.when.Choose(1)
	}
	for i, way := range wrongWays {
		if way.way == c.Wrong {
			s.wrong.Choose(i)
		}
	}
	if !s.public() {
		s.secret.want(c.Secret)
		s.old.want(c.Old)
	}
	s.show()
}

// read puts what is chosen into a composition; the secrets are returned beside it.
func (s *signingEditor) read(c *composition) (secret, old secretValue) {
	c.Scheme, c.EventID, c.At = s.chosen.ID, s.id.Text(), ""
	if c.Scheme == "" {
		return
	}
	if s.when.Selected() == 1 {
		c.At = s.at.Text()
	}
	c.Wrong = wrongWays[max(s.wrong.Selected(), 0)].way
	secret, old = s.secret.value(), s.old.value()
	c.Secret, c.Old = secret.ref, old.ref
	return
}
