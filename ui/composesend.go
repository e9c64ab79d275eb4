package ui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
	"hookglass/ui/control"
)

func signedInput(r *core.Request, url string, secret core.Secret, now time.Time) sign.Input {
	return sign.Input{Request: r, URL: url, Secrets: []core.Secret{secret}, Now: now}
}

// send sends what is composed through the engine; the answer comes with a later load.
func (p *composePage) send() {
	if p.sending {
		return
	}
	c, secret, old := p.read()
	if err := engine.CheckURL("url", c.URL); err != nil {
		p.url.SetProblem(Sentence(err))
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
	p.right.Select(answerTab)
	p.turn(answerTab)
	p.w.pump.task(p.w.ctx, func(ctx context.Context) func() {
		trouble := keepComposed(p.w, c.Scheme, map[string]*SecretChoice{"secret": &secret, "old": &old})
		var id core.DeliveryID
		err := trouble
		if err == nil {
			id, err = sendComposed(ctx, p.w, c, secret, old, time.Now())
		}
		return func() {
			p.sending = false
			p.sendButton.SetDisabled(false)
			p.signing.kept(secret, old)
			if err != nil {
				if !p.signing.fail(trouble) {
					p.w.fail(err)
				}
				p.right.Select(pictureTab)
				p.turn(pictureTab)
				return
			}
			p.mu.Lock()
			p.sent = id
			p.mu.Unlock()
			p.answerStage.SetChild(p.waiting())
			p.w.pump.again()
		}
	})
}

// keepComposed keeps the typed secrets that are to outlast this run; the choices are then those that are kept.
func keepComposed(w *Window, scheme string, secrets map[string]*SecretChoice) error {
	for name, c := range secrets {
		if c.Place == "" || c.Place == "run" || !c.Changed() {
			continue
		}
		ref, err := c.Keep(w.e.Vault, func(place string, s core.Secret) (core.SecretRef, error) {
			return w.e.Vault.Put(place, "compose/"+scheme+"/"+name, s)
		})
		var trouble *SecretTrouble
		if errors.As(err, &trouble) {
			trouble.Field = name
		}
		if err != nil {
			return err
		}
		*c = SecretChoice{Ref: ref}
	}
	return nil
}

// sendComposed owes the delivery. A fixed time and the old secret of a rotation are signed here, since the sender signs
// at the moment it sends.
func sendComposed(ctx context.Context, w *Window, c composition, secret, old SecretChoice, now time.Time) (core.DeliveryID, error) {
	d := c.delivery()
	value := secret
	if c.Wrong == wrongOld {
		value = old
	}
	with, err := value.Resolve(w.e.Vault)
	if err != nil {
		return 0, err
	}
	at, fixed, err := c.at(now)
	if err != nil {
		return 0, err
	}
	if d.Target.Scheme != "" && fixed {
		signed, _, err := w.e.Outbox.Preview(d, with, with, at)
		if err != nil {
			return 0, err
		}
		d.Request.Header, d.Request.Body, d.Target.Scheme, d.Target.Wrong = signed.Header, signed.Body, "", ""
	}
	if d.Target.Scheme == "" {
		return w.e.Outbox.Send(ctx, d)
	}
	return w.e.Outbox.SendWith(ctx, d, with)
}

// waiting stands where the answer will be.
func (p *composePage) waiting() fyne.CanvasObject {
	bar := control.NewProgress()
	bar.Busy()
	cancel := control.NewButton("Cancel", "x", control.Secondary, p.cancel)
	return control.Centre(control.Fixed(320, control.Col(12, control.Centre(control.NewText("Waiting for the answer", control.Body)), bar, control.Centre(cancel))))
}

func (p *composePage) cancel() {
	p.mu.Lock()
	id := p.sent
	p.mu.Unlock()
	p.w.pump.task(p.w.ctx, func(ctx context.Context) func() {
		err := p.w.e.Outbox.Cancel(ctx, id)
		return func() { p.w.fail(err) }
	})
}

// load reads how far what was sent has come.
func (p *composePage) load(ctx context.Context) func() {
	known := StoredSecrets(ctx, p.w.e.Store)
	urls := knownTargets(ctx, p.w)
	p.mu.Lock()
	id := p.sent
	p.mu.Unlock()
	var answer func()
	if id != 0 {
		answer = p.loadAnswer(ctx, id)
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

func (p *composePage) loadAnswer(ctx context.Context, id core.DeliveryID) func() {
	d, err := p.w.e.Store.Delivery(ctx, id)
	if err != nil {
		return nil
	}
	attempts, err := p.w.e.Store.Attempts(ctx, id)
	if err != nil || !d.State.Final() && len(attempts) == 0 {
		return nil
	}
	return func() {
		var last *core.Attempt
		if n := len(attempts); n > 0 {
			last = &attempts[n-1]
			if last.Response == nil && last.Failure == "" {
				return // under way
			}
		}
		p.answer.put(&d, last)
		p.answerStage.SetChild(p.answer.view())
		if last != nil && last.Response != nil && !p.answered[id] {
			p.answered[id] = true
			p.right.SetCount(answerTab, statusText(last.Response.Status))
		}
	}
}
