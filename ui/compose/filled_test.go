package compose

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/stage"
)

// withValues makes an environment and opens Compose on it.
func withValues(s *stage.Stage, base string) *Page {
	s.T.Helper()
	ref, err := s.E.Environments.KeepSecret("run", core.Text("t0ken-value"))
	if err == nil {
		err = s.E.Environments.Put(s.T.Context(), "", core.Environment{Name: "staging", Values: map[string]string{"base": base, "tier": "dev"}, Secrets: map[string]core.SecretRef{"token": ref}})
	}
	if err == nil {
		err = s.E.Environments.Choose(s.T.Context(), "staging")
	}
	if err != nil {
		s.T.Fatal(err)
	}
	p := stage.On(s, New)
	s.Settle()
	return p
}

// What goes out is seen before: the values, and not the secrets; it goes out with both, and the history has the secret's name.
func TestComposeFillsWhatIsTyped(t *testing.T) {
	came := make(chan string, 1)
	target := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		came <- r.URL.Path + " " + r.Header.Get("Authorization") + " " + string(body)
	}))
	defer target.Close()
	s := stage.New(t)
	attempt := s.Run()
	p := withValues(s, target.URL)
	p.put(composition{Method: "POST", URL: "{{env.base}}/hook", Header: core.Header{{Name: "Authorization", Value: "Bearer {{env.token}}"}}, Body: []byte(`{"tier":"{{env.tier}}","text":"{{{{env.tier}}"}`)})
	look(s, p)
	s.Has(p.where, "Sent as POST "+target.URL+"/hook", "Authorization: Bearer "+core.Masked, "under Code")
	c, secret, old := p.read()
	if code := previewOf(s.W, c, secret, old, time.Now()).code["curl"]; !strings.Contains(code, target.URL+"/hook") || !strings.Contains(code, core.Masked) || strings.Contains(code, "t0ken-value") {
		t.Errorf("the code is %s", code)
	}
	s.Lacks(p.Root, "t0ken-value")
	p.send()
	a := attempt()
	if got := <-came; got != `/hook Bearer t0ken-value {"tier":"dev","text":"{{env.tier}}"}` {
		t.Errorf("it came as %s", got)
	}
	if kept := a.Request.Header.Get("Authorization"); kept != "Bearer {{env.token}}" {
		t.Errorf("kept is %q", kept)
	}
	d, err := s.E.Store.Delivery(t.Context(), s.DeliveriesIn(store.DeliveryFilter{})[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	d.Request.Target = d.Target.URL
	p.OpenAgain(&core.Capture{Request: d.Request}, d.Target.Filled)
	s.Settle()
	if again, _, _ := p.read(); again.Header.Get("Authorization") != "Bearer {{env.token}}" || string(again.Body) != `{"tier":"dev","text":"{{{{env.tier}}"}` {
		t.Errorf("to edit and send again it is %+v", again)
	}
}

// A name that is not there is marked at its field before anything is sent.
func TestComposeMarksWhatIsNotThere(t *testing.T) {
	s := stage.New(t)
	p := withValues(s, "http://127.0.0.1:1")
	typed := composition{Method: "POST", URL: "{{env.bse}}/hook"}
	p.put(typed)
	look(s, p)
	if got := p.url.Problem(); !strings.Contains(got, "has no bse; it has base, tier or token") {
		t.Errorf("the address says %q", got)
	}
	p.send()
	if p.sending || len(s.DeliveriesIn(store.DeliveryFilter{})) != 0 {
		t.Error("it is sent all the same")
	}
	typed.URL, typed.Header = "{{env.base}}/hook", core.Header{{Name: "X-A", Value: "{{env.base}}"}, {Name: "X-B", Value: "{{env.nope}}"}}
	p.put(typed)
	look(s, p)
	if p.url.Problem() != "" || p.headers.rows[0].value.Problem() != "" || !strings.Contains(p.headers.rows[1].value.Problem(), "no nope") {
		t.Errorf("marked are %q, %q and %q", p.url.Problem(), p.headers.rows[0].value.Problem(), p.headers.rows[1].value.Problem())
	}
	typed.Header, typed.Body = nil, []byte("{{env.nope}}")
	p.put(typed)
	look(s, p)
	s.Has(p.body.view(), "has no nope")
	if err := s.E.Environments.Choose(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	typed.Body = nil
	p.put(typed)
	look(s, p)
	if got := p.url.Problem(); !strings.Contains(got, "choose one of staging") {
		t.Errorf("without an environment the address says %q", got)
	}
}

// What a stranger sent is text, also where it looks like a name: it is edited and sent as it came.
func TestACapturesTextIsNotFilled(t *testing.T) {
	s := stage.New(t)
	attempt := s.Run()
	p := withValues(s, "http://127.0.0.1:1")
	c := core.Capture{Request: core.Request{Method: "POST", Target: s.E.URL() + "/in/{{env.token}}", Header: core.Header{{Name: "X-A", Value: "{{env.token}}"}}, Body: []byte("{{{{env.token}} {{env.token}}")}}
	p.OpenCapture(&c)
	s.Settle()
	look(s, p)
	s.Lacks(p.Root, "t0ken-value", core.Masked)
	p.send()
	a := attempt()
	if a.Request.Header.Get("X-A") != "{{env.token}}" || string(a.Request.Body) != "{{{{env.token}} {{env.token}}" || !strings.HasSuffix(a.Request.Target, "/in/{{env.token}}") {
		t.Errorf("it went out as %q %+v %q", a.Request.Target, a.Request.Header, a.Request.Body)
	}
}
