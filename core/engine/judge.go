package engine

import (
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// JudgeAnswer says whether the answer to a delivery is what the provider wants to see, where what was sent is a provider's handshake;
// secret is what it was signed with, or what was agreed with the provider.
func JudgeAnswer(d *core.Delivery, attempts []core.Attempt, scheme string, secret core.Secret) sign.Judgement {
	in := sign.Input{Request: &d.Request, URL: d.Target.URL, Now: time.Now()}
	var got *core.Response
	var took time.Duration
	if n := len(attempts); n > 0 {
		last := &attempts[n-1]
		in.Request, in.Now, got, took = &last.Request, last.Started, last.Response, last.Took
	}
	if !secret.Empty() {
		in.Secrets = []core.Secret{secret}
	}
	return sign.Judge(in, scheme, core.Secret{}, got, took)
}
