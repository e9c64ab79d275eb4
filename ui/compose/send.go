package compose

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/engine"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/picture"
)

func signedInput(r *core.Request, url string, secret core.Secret, now time.Time) sign.Input {
	return sign.Input{Request: r, URL: url, Secrets: []core.Secret{secret}, Now: now}
}

// send sends what is composed through the engine; the answer comes with a later load.
func (p *Page) send() {
	if p.sending {
		return
	}
	c, secret, old := p.read()
	as, err := c.shown(p.w)
	if p.mark(err); err != nil {
		p.w.Fail(err)
		return
	}
	if err := engine.CheckURL("url", as.URL); err != nil {
		var invalid *core.Invalid
		errors.As(err, &invalid)
		part.Fields{"url": p.url}.Show(invalid)
		p.url.Focus()
		return
	}
	p.url.SetProblem("")
	if c.Scheme != "" && secret.Empty() {
		p.signing.secret.Problem("Enter the secret to sign with, or choose “Not signed”")
		return
	}
	p.sending = true
	p.sendButton.SetDisabled(true)
	p.split.Turn(true)
	p.right.Select(answerTab)
	p.turn(answerTab)
	p.answerStage.SetChild(p.waiting())
	p.right.SetCount(answerTab, "")
	p.mu.Lock()
	p.sent, p.stopped = 0, false // what was sent before is over
	p.mu.Unlock()
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		trouble := keepComposed(p.w, c.Scheme, map[string]*part.SecretChoice{"secret": &secret, "old": &old})
		var id core.DeliveryID
		var wrong forged
		err := trouble
		if err == nil {
			wrong = forgeryOf(p.w, c, secret, time.Now())
			id, err = sendComposed(ctx, p.w, c, secret, old, time.Now())
			signed, _ := secret.Resolve(p.w.Engine.Vault) // sending says what is wrong with it
			p.mu.Lock()
			p.asked = map[core.DeliveryID]asked{id: {c.Scheme, signed}}
			p.mu.Unlock()
		}
		return func() {
			p.sending = false
			p.sendButton.SetDisabled(false)
			p.signing.kept(secret, old)
			if err != nil {
				if !p.signing.fail(trouble, p.send) {
					p.w.Fail(err)
				}
				p.answerStage.SetChild(p.unsent())
				p.right.Select(pictureTab)
				p.turn(pictureTab)
				return
			}
			p.mu.Lock()
			p.sent = id
			stopped := p.stopped
			p.mu.Unlock()
			if wrong.says != "" {
				p.forged[id] = wrong
			}
			if stopped {
				p.cancel()
			}
			p.w.Pump.Again()
		}
	})
}

// chooseWrong offers the ways to be wrong. What is chosen is sent at once, and once: what is composed stays as it is.
func (p *Page) chooseWrong() {
	var items []control.MenuItem
	for i, way := range picture.WrongWays {
		if way.Way == "" || way.Way == picture.WrongOld { // that one wants a second secret, which its field asks for
			continue
		}
		items = append(items, control.MenuItem{Label: way.Label, Off: p.sending || p.signing.chosen.ID == "", Do: func() { p.sendWrong(i) }})
	}
	p.w.Layers.MenuUnder(p.wrongly, items...)
}

func (p *Page) sendWrong(way int) {
	before := max(p.signing.wrong.Selected(), 0)
	p.signing.wrong.Choose(way)
	p.send()
	p.signing.wrong.Choose(before)
}

// forged is what was sent wrong on purpose, and where its receiver can be examined.
type forged struct {
	says   string
	url    string
	scheme string
	secret core.SecretRef
}

// forgeryOf is what a receiver does wrong that accepts c; nothing where its scheme cannot tell, or c is right.
func forgeryOf(w *frame.Window, c composition, secret part.SecretChoice, now time.Time) forged {
	says := deliver.Believed(c.Wrong)
	if says == "" || c.Scheme == "" {
		return forged{}
	}
	right, err := secret.Resolve(w.Engine.Vault)
	if err != nil {
		return forged{} // sending says it
	}
	at, _, err := c.at(now)
	if err != nil {
		return forged{}
	}
	if c, err = c.shown(w); err != nil {
		return forged{}
	}
	if _, v, err := w.Engine.Outbox.Preview(c.delivery(), right, right, at); err != nil || !v.State.Bad() {
		return forged{}
	}
	return forged{says, c.URL, c.Scheme, secret.Ref}
}

// keepComposed keeps the typed secrets that are to outlast this run; the choices are then those that are kept.
func keepComposed(w *frame.Window, scheme string, secrets map[string]*part.SecretChoice) error {
	for name, c := range secrets {
		if c.Place == "" || c.Place == "run" || !c.Changed() {
			continue
		}
		ref, err := c.Keep(w.Engine.Vault, func(place string, s core.Secret) (core.SecretRef, error) {
			return w.Engine.Vault.Put(place, "compose/"+scheme+"/"+name, s)
		})
		var trouble *part.SecretTrouble
		if errors.As(err, &trouble) {
			trouble.Field = name
		}
		if err != nil {
			return err
		}
		*c = part.SecretChoice{Ref: ref}
	}
	return nil
}

// sendComposed owes the delivery. A fixed time and the old secret of a rotation are signed here, since the sender signs
// at the moment it sends.
func sendComposed(ctx context.Context, w *frame.Window, c composition, secret, old part.SecretChoice, now time.Time) (core.DeliveryID, error) {
	d := c.delivery()
	if c.usesValues() {
		var err error
		if d, err = w.Engine.Outbox.Fill(d, ""); err != nil {
			return 0, err
		}
	}
	value := secret
	if c.Wrong == picture.WrongOld {
		value = old
	}
	with, err := value.Resolve(w.Engine.Vault)
	if err != nil {
		return 0, err
	}
	at, fixed, err := c.at(now)
	if err != nil {
		return 0, err
	}
	if d.Target.Scheme != "" && fixed && len(d.Target.Hidden) > 0 {
		return 0, &core.Invalid{Field: "time", Reason: "is fixed, and a secret of the environment is put in only as the request goes out, so that it cannot be signed before; take one of the two out"}
	}
	if d.Target.Scheme != "" && fixed {
		signed, _, err := w.Engine.Outbox.Preview(d, with, with, at)
		if err != nil {
			return 0, err
		}
		d.Request.Header, d.Request.Body, d.Target.Scheme, d.Target.Wrong = signed.Header, signed.Body, "", ""
	}
	if d.Target.Scheme == "" {
		return w.Engine.Outbox.Send(ctx, d)
	}
	return w.Engine.Outbox.SendWith(ctx, d, with)
}

// waiting stands where the answer will be.
func (p *Page) waiting() fyne.CanvasObject {
	bar := control.NewProgress()
	bar.Busy()
	cancel := control.NewButton("Cancel", "x", control.Secondary, p.cancel)
	return control.Centre(control.Fixed(320, control.Col(12, control.Centre(control.NewText("Waiting for the answer", control.Body)), bar, control.Centre(cancel))))
}

func (p *Page) cancel() {
	p.mu.Lock()
	id := p.sent
	p.stopped = id == 0 // it is not in the outbox yet
	p.mu.Unlock()
	if id == 0 {
		return
	}
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		err := p.w.Engine.Outbox.Cancel(ctx, id)
		return func() { p.w.Fail(err) }
	})
}

// Load reads how far what was sent has come.
func (p *Page) Load(ctx context.Context) func() {
	known := part.StoredSecrets(ctx, p.w.Engine.Store)
	urls := knownTargets(ctx, p.w)
	p.mu.Lock()
	id := p.sent
	p.mu.Unlock()
	var answer func()
	if id != 0 {
		answer = p.loadAnswer(ctx, id, urls)
	}
	return func() {
		p.urls = urls
		p.signing.offer(known)
		if !p.started {
			p.started = true
			p.begin()
		}
		if answer != nil {
			answer()
		}
	}
}

func (p *Page) loadAnswer(ctx context.Context, id core.DeliveryID, known []target) func() {
	d, err := p.w.Engine.Store.Delivery(ctx, id)
	if err != nil {
		return nil
	}
	attempts, err := p.w.Engine.Store.Attempts(ctx, id)
	if err != nil || !d.State.Final() && len(attempts) == 0 {
		return nil
	}
	var last *core.Attempt
	if n := len(attempts); n > 0 {
		last = &attempts[n-1]
		if last.Response == nil && last.Failure == "" {
			return nil // under way
		}
	}
	p.mu.Lock()
	of := p.asked[id]
	p.mu.Unlock()
	var said *sign.Judgement
	if len(attempts) > 0 {
		said = judged(&d, attempts, of)
	}
	arrived := p.arrivedAs(ctx, d.Target.URL, known, last)
	return func() {
		wrong := p.forged[id]
		p.answer.Forgery = wrong.says
		p.answer.Doubt = control.NewButton("Check up the handler", "stethoscope", control.Secondary, func() { p.w.Go.CheckUp(wrong.url, wrong.scheme, wrong.secret) })
		if p.answer.Judged = ""; said != nil {
			p.answer.Judged, p.answer.JudgedTone = judgement(said)
		}
		p.answer.Put(&d, last)
		p.answer.Say(arrived())
		p.answerStage.SetChild(p.answer.View())
		if last != nil && last.Response != nil && !p.answered[id] {
			p.answered[id] = true
			p.right.SetCount(answerTab, statusText(last.Response.Status))
		}
	}
}

// arrivedAs leads to the capture that an attempt became, where it went to a source of our own.
func (p *Page) arrivedAs(ctx context.Context, url string, known []target, a *core.Attempt) (line func() fyne.CanvasObject) {
	none := func() fyne.CanvasObject { return nil }
	if a == nil || a.Response == nil {
		return none
	}
	for _, t := range known {
		if t.source == "" || t.url != url {
			continue
		}
		row, found := p.w.Host().NewestCapture(ctx, t.source)
		if !found || row.At.Before(a.Started) {
			return none
		}
		return func() fyne.CanvasObject {
			says := "Your source " + t.source + " captured it."
			if row.Verdict.Bad() {
				says = "Your source " + t.source + " captured it, and can tell what is wrong with the signature."
				if a.OK() {
					says += " It answers all the same, unless “Refuse bad signatures” is on."
				}
			}
			return control.Banner(control.Accent, says, control.NewButton("Open the capture", "inbox", control.Secondary, func() { p.w.Go.OpenCapture(row.ID) }))
		}
	}
	return none
}
