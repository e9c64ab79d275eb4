package part

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core/sign"
	"hookglass/ui/eye"
)

func TestSchemeSearch(t *testing.T) {
	s := newHost(t)
	l := NewSchemeList(s.Host, "None: it is not checked", sign.Known().All(), func(sign.Scheme) {})
	all := len(l.found)
	if got := eye.Texts(l.View()); !strings.Contains(got, "None\n") || !strings.Contains(got, "It is not") {
		t.Errorf("no way to take none in\n%s", got)
	}
	l.search.Set("x-hub git")
	if len(l.found) == 0 || len(l.found) >= all {
		t.Fatalf("%d of %d found", len(l.found), all)
	}
	for _, e := range l.found {
		if text := strings.ToLower(e.scheme.ID + e.scheme.Provider + e.scheme.Sig.From); !strings.Contains(text, "x-hub") || !strings.Contains(text, "git") {
			t.Errorf("%s does not fit", e.scheme.ID)
		}
	}
	var chosen sign.Scheme
	l = NewSchemeList(s.Host, "", sign.Known().All(), func(s sign.Scheme) { chosen = s })
	l.search.Set("stripe")
	l.search.OnKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	l.search.OnSubmit("")
	if chosen.ID != "stripe" {
		t.Errorf("Enter chose %q", chosen.ID)
	}
	chosen = sign.Scheme{}
	l.search.Set("vipps")
	l.search.OnSubmit("")
	if got := eye.Line(s.layers); chosen.ID != "" || !strings.Contains(got, "Vipps MobilePay (header Authorization, HMAC-SHA256) cannot be checked here.") {
		t.Errorf("a provider that cannot be checked: chosen %q\n%s", chosen.ID, got)
	}
}

func TestSchemeFieldKnowsTheUsersOwnSchemes(t *testing.T) {
	h := newHost(t)
	if _, err := h.Engine.Schemes.Put(t.Context(), "", []byte(`{"id": "my-api", "provider": "My API", "sig": {"from": "header:X-Mine", "format": "plain"}, "template": "{body}", "alg": "hmac-sha256", "enc": "hex", "key": "utf8"}`)); err != nil {
		t.Fatal(err)
	}
	f := NewSchemeField(h.Host, SchemeSpec{Label: "Scheme"})
	f.Open()
	h.settle()
	if got := eye.Line(h.layers); !strings.Contains(got, "my-api") {
		t.Error("the list does not begin with the user's own")
	}
	h.layers.Back()
	f.Set("my-api")
	if got := f.name.Text(); got != "My API" {
		t.Errorf("it shows %q", got)
	}
	f.Set("gone")
	if got := f.below.Text(); got != "There is no such scheme." {
		t.Errorf("of one that is gone it says %q", got)
	}
}
