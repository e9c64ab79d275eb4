package engine

import (
	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/sign"
)

// Forgery says that a receiver accepted what was sent wrong on purpose, or nothing where it did not. It judges by what went
// out: a scheme that does not sign the body, or the time, cannot tell that one of them was changed, and then the receiver
// did right.
func (o *Outbox) Forgery(d *core.Delivery, attempts []core.Attempt) string {
	if d.Target.Wrong == "" {
		return ""
	}
	scheme, ok := o.schemes.Book().Find(d.Target.Scheme)
	if !ok {
		return ""
	}
	for i := range attempts {
		a := &attempts[i]
		if !a.OK() {
			continue
		}
		secret, err := o.vault.Resolve(d.Target.Secret)
		if err != nil || secret.Empty() {
			return "" // forgotten meanwhile: nobody can tell any more
		}
		v := scheme.Verify(sign.Input{Request: &a.Request, URL: d.Target.URL, Secrets: []core.Secret{secret}, Now: a.Started})
		if v.State.Bad() {
			return deliver.Believed(d.Target.Wrong)
		}
	}
	return ""
}
