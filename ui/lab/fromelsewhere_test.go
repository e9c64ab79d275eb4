package lab

import (
	"testing"

	"hookglass/ui/stage"
)

// Another page asks for the check-up of a handler: the part is in front, and its fields are filled.
func TestTheCheckupOfAHandlerNamedElsewhere(t *testing.T) {
	s := stage.New(t)
	p := openLab(s, 0)
	p.CheckUp("http://127.0.0.1:1/hook", "github", "")
	s.Settle()
	c, ok := p.front().(*checkup)
	if !ok || c.form.fields["url"].Text() != "http://127.0.0.1:1/hook" || c.form.scheme.ID != "github" {
		t.Fatalf("in front is %T", p.front())
	}
	s.Has(p.View(), "Run check-up", "http://127.0.0.1:1/hook")
}
