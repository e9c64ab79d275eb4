package compose

import (
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// handshakeOptions are the tests of an address that can be sent. Those that are made of a token which is no signature's secret are left
// to the command, which takes one.
func (p *Page) handshakeOptions() (out []control.Command) {
	for _, a := range sign.Asks() {
		if a.Needs == "" {
			out = append(out, control.Command{Label: a.Title, Hint: "handshake", Icon: "plug", Words: "handshake challenge verification test address " + a.ID, Do: func() { p.useAsk(a) }})
		}
	}
	return out
}

// useAsk puts a provider's handshake up, with a challenge that was never there before.
func (p *Page) useAsk(a sign.Ask) {
	c, _, _ := p.read()
	if c.URL == p.askURL { // without what an earlier handshake put into the address
		c.URL = p.askedOf
	}
	t, fits := p.fitting(a.ID, a.Scheme)
	if fits || c.URL == "" {
		c.URL = t.url
	}
	if engine.CheckURL("url", c.URL) != nil {
		c.URL = "http://127.0.0.1:3000/webhooks"
	}
	c.Secret = ""
	if fits {
		c.Secret = t.secret
	}
	p.made++
	now := time.Now()
	r, err := a.Request(c.URL, core.Secret{}, uint64(now.UnixNano())+p.made, now)
	if err != nil {
		p.w.Fail(err)
		return
	}
	p.askedOf, p.askURL = c.URL, r.URL()
	c.Provider, c.Event, c.EventID, c.Wrong, c.At = "", a.Title, "", "", ""
	c.Method, c.URL, c.Scheme, c.Header, c.Body = r.Method, r.URL(), a.Scheme, r.Header, r.Body
	p.draft = store.Draft{}
	p.put(c)
}

// judged says whether the answer to a handshake is what its provider wants to see; nil where what was sent is none.
func judged(d *core.Delivery, attempts []core.Attempt, a asked) *sign.Judgement {
	if j := engine.JudgeAnswer(d, attempts, a.scheme, a.secret); j.Handshake != "" {
		return &j
	}
	return nil
}

// asked is what a handshake was signed with.
type asked struct {
	scheme string
	secret core.Secret
}

// judgement is what the provider would say, in words, and how bad it is.
func judgement(j *sign.Judgement) (string, control.Token) {
	words := view.Visible(j.Handshake + ": " + j.Says + ".")
	for _, n := range j.Notes {
		words += " " + strings.ToUpper(n[:1]) + view.Visible(n[1:]) + "."
	}
	words += " (" + j.Source + ")"
	switch {
	case j.Right:
		return words, control.Green
	case j.Unknown:
		return words, control.Amber
	}
	return words, control.Red
}
