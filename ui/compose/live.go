package compose

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/picture"
	"hookglass/ui/view"
)

// typingPause is how long the picture waits for the next key.
const typingPause = 120 * time.Millisecond

// mostInCode bounds a body that generated code carries.
const mostInCode = 256 << 10

// preview is what one look ahead brings: the request as it would go out, and what a receiver would say.
type preview struct {
	shot  *picture.Picture
	added core.Header
	code  map[string]string
	sends []string // what the environment fills
	wrong error    // what it cannot
	err   error
}

// edited is called at each change: the picture follows after a pause.
func (p *Page) edited() {
	p.serial++
	if !p.started {
		return // nobody has seen the page yet
	}
	if p.stopTyping != nil {
		p.stopTyping()
	}
	p.stopTyping = p.w.Pump.After(typingPause, p.look)
}

// look signs what is composed, off the UI goroutine, and shows it.
func (p *Page) look() {
	c, secret, old := p.read()
	serial := p.serial
	p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
		v := previewOf(p.w, c, secret, old, time.Now())
		return func() {
			if serial == p.serial {
				p.showPreview(&v)
			}
		}
	})
}

// previewOf looks ahead. It runs off the UI goroutine.
func previewOf(w *frame.Window, c composition, secret, old part.SecretChoice, now time.Time) preview {
	var v preview
	typed := c
	if c, v.wrong = c.shown(w); v.wrong == nil {
		v.sends = sends(&typed, &c)
	} else {
		return preview{wrong: v.wrong, err: v.wrong}
	}
	right, err := secret.Resolve(w.Engine.Vault)
	if err != nil {
		v.err = err
		return v
	}
	with := right
	if c.Wrong == picture.WrongOld {
		if with, err = old.Resolve(w.Engine.Vault); err != nil {
			v.err = err
			return v
		}
	}
	at, fixed, err := c.at(now)
	if err != nil {
		v.err = err
		return v
	}
	d := c.delivery()
	if d.Target.Scheme != "" && (right.Empty() || with.Empty()) {
		v.err = &core.Invalid{Field: "secret", Reason: "enter it, and the signature appears here as you type"}
		d.Target.Scheme = ""
	}
	signed, verdict, err := w.Engine.Outbox.Preview(d, with, right, at)
	if err != nil {
		v.err = err
		return v
	}
	if d.Target.Scheme != "" {
		scheme, _ := w.Engine.Schemes.Book().Find(d.Target.Scheme)
		if fixed {
			in := signedInput(&signed, c.URL, right, now)
			verdict = scheme.Verify(in)
		}
		v.shot = &picture.Picture{Verdict: verdict, Scheme: scheme, Kept: keptWords(secret), Live: true, Wrong: c.Wrong}
		if c.Wrong == "tampered" {
			v.shot.Changed = c.Body
		}
		v.added = addedFields(c.Header, signed.Header)
	}
	v.code = codeOf(w, &c, &d, &signed, v.shot)
	v.hide(right, with)
	return v
}

// keptWords say where a secret that is named in Compose is kept.
func keptWords(c part.SecretChoice) string {
	if !c.Typed.Empty() {
		return "typed here"
	}
	return part.SecretWords(c.Ref)
}

// addedFields are those that signing put in or changed.
func addedFields(before, after core.Header) core.Header {
	var out core.Header
	for _, f := range after {
		if before.Get(f.Name) != f.Value {
			out = append(out, f)
		}
	}
	return out
}

// codeOf is code that sends the same: signed anew by a script where a shell can, else with this very signature.
func codeOf(w *frame.Window, c *composition, d *core.Delivery, signed *core.Request, shot *picture.Picture) map[string]string {
	if len(signed.Body) > mostInCode {
		return nil
	}
	code := map[string]string{}
	for _, way := range exchange.Codes() {
		code[way.Name] = way.Write(*signed)
	}
	if shot != nil && c.Wrong == "" {
		unsigned := *signed
		unsigned.Header, unsigned.Body = d.Request.Header, d.Request.Body
		if script, ok := exchange.OpensslCurl(unsigned, shot.Scheme, "WEBHOOK_SECRET"); ok {
			code["curl"] = script
		}
	}
	return code
}

// hide takes secrets out of what is shown: a token stands in the request itself.
func (v *preview) hide(secrets ...core.Secret) {
	if v.shot == nil || v.shot.Kind() != "token" {
		return
	}
	for _, s := range secrets {
		text := string(s.Reveal())
		if text == "" {
			continue
		}
		for lang, code := range v.code {
			v.code[lang] = strings.ReplaceAll(code, text, "YOUR_SECRET")
		}
		for i := range v.added {
			v.added[i].Value = strings.ReplaceAll(v.added[i].Value, text, strings.Repeat(string(picture.Mask), 8))
		}
	}
}

func (p *Page) showPreview(v *preview) {
	p.headers.showAdded(v.added)
	p.showFilled(v.sends, v.wrong)
	if v.code != nil {
		p.code.Set(picture.Snippets(v.code)...)
		p.code.Choose(p.lang)
		p.codeStage.SetChild(p.code)
	} else {
		p.codeStage.SetChild(control.Centre(control.NewParagraph(fmt.Sprintf("Code is written for bodies up to %s.", view.Size(mostInCode)), control.Body.In(control.Muted)).Centred()))
	}
	switch {
	case v.shot != nil:
		p.pane.Set(v.shot)
		p.pictureStage.SetChild(control.Col(0, p.pane.View()))
	case v.err != nil:
		p.pictureStage.SetChild(control.Col(12, control.Banner(control.Amber, part.Sentence(v.err), nil), p.unsigned()))
	default:
		p.pictureStage.SetChild(p.unsigned())
	}
	p.picture.Refresh()
}
