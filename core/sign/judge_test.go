package sign_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

var askedAt = time.Unix(1_790_000_000, 0)

// question is a handshake as it is sent, signed where its provider signs it.
func question(t *testing.T, id string, secret core.Secret) (sign.Ask, sign.Input) {
	t.Helper()
	a, err := sign.FindAsk(id)
	if err != nil {
		t.Fatal(err)
	}
	address := "http://127.0.0.1:3000/hooks?x=1"
	if id == "fitbit" { // whose question is known by having nothing else in its query
		address = "http://127.0.0.1:3000/hooks"
	}
	r, err := a.Request(address, secret, 7, askedAt)
	if err != nil {
		t.Fatal(err)
	}
	if a.Scheme != "" {
		s, _ := sign.Known().Find(a.Scheme)
		header, body, err := s.Sign(sign.Input{Request: &r, URL: r.URL(), Secrets: []core.Secret{secret}, Now: askedAt}, "msg_1")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range header {
			r.Header = r.Header.With(f.Name, f.Value)
		}
		r.Body = body
	}
	return a, sign.Input{Request: &r, Secrets: []core.Secret{secret}, Now: askedAt}
}

// TestAsksAreHandshakes: what is sent is what a source of ours would take for that provider's handshake, its answer is judged right, and
// nothing and a plain page are judged wrong.
func TestAsksAreHandshakes(t *testing.T) {
	asked, k := map[string]bool{}, newKeys(t)
	for _, a := range sign.Asks() {
		secret := core.Text("a-secret-of-some-length")
		if a.Scheme != "" {
			s, _ := sign.Known().Find(a.Scheme)
			secret = k.secret(s)
		}
		_, in := question(t, a.ID, secret)
		if q := in.Request.Query(); !strings.HasPrefix(q, "x=1") && a.ID != "fitbit" {
			t.Errorf("%s: the query of the address is lost: %s", a.ID, in.Request.Target)
		}
		shake := sign.Handshake(in, a.Scheme, core.Secret{})
		if !shake.OK {
			t.Errorf("%s is not answered: %+v", a.ID, shake)
			continue
		}
		asked[shake.Name] = true
		if j := sign.Judge(in, a.Scheme, core.Secret{}, &shake.Answer, time.Second); !j.Right || j.Handshake != shake.Name || j.Source != shake.Source {
			t.Errorf("%s: our own answer is judged %+v", a.ID, j)
		}
		page := core.Response{Status: 200, Header: core.Header{{Name: "Content-Type", Value: "text/html"}}, Body: []byte("<p>It works</p>")}
		bare := len(shake.Answer.Body) == 0 && !strings.Contains("adobe-sign asana cloudevents fitbit", a.ID) // the status is all
		for what, answer := range map[string]*core.Response{"nothing": nil, "500": {Status: 500}, "a redirect": {Status: 302}, "a page": &page} {
			if j := sign.Judge(in, a.Scheme, core.Secret{}, answer, time.Second); j.Right != (bare && what == "a page") || j.Unknown || j.Says == "" {
				t.Errorf("%s: %s is judged %+v", a.ID, what, j)
			}
		}
		if other, _ := a.Request("http://a.test", secret, 8, askedAt); string(other.Body)+other.Target+fmt.Sprint(other.Header) == string(in.Request.Body)+in.Request.Target+fmt.Sprint(in.Request.Header) && a.ID != "trello" {
			t.Errorf("%s asks the same each time", a.ID)
		}
	}
	for _, name := range sign.Handshakes() {
		if !asked[name] && !strings.Contains(name, "encrypted") { // it is Feishu's other form, and answered alike
			t.Errorf("%s cannot be asked", name)
		}
	}
}

// TestJudgement says what is wrong with an answer.
func TestJudgement(t *testing.T) {
	secret := core.Text("zoom-secret-1")
	for _, tt := range []struct {
		id, body string
		status   int
		header   core.Header
		took     time.Duration
		want     string // a part of what is said; empty: it is right
	}{
		{id: "slack", body: "C"},
		{id: "slack", body: `{"challenge":"C"}`},
		{id: "slack", body: `challenge=C`},
		{id: "slack", body: `{"challenge":"x"}`, want: "JSON object"},
		{id: "slack", body: "C", took: 4 * time.Second, want: "waits for 3 s"},
		{id: "slack", body: `"C"`, want: "in quotes"},
		{id: "feishu", body: "C", want: "no JSON object"},
		{id: "meta", body: "C\n"},
		{id: "meta", body: "hub.challenge=C", want: "more around it"},
		{id: "meta", body: `{"hub.challenge":"C"}`, want: "wants the plain text"},
		{id: "strava", body: `{"hub.challenge":"C"}`},
		{id: "strava", body: `C`, want: "no JSON object"},
		{id: "microsoft", body: "C"},
		{id: "microsoft", body: "E", want: "still escaped"},
		{id: "microsoft", body: "C", status: 202},
		{id: "microsoft", body: "", want: "is empty"},
		{id: "zoom", body: `{"plainToken":"C","encryptedToken":"H"}`},
		{id: "zoom", body: `{"plainToken":"C","encryptedToken":"00"}`, want: "encryptedToken is"},
		{id: "zoom", body: `{"plainToken":"C"}`, want: "encryptedToken is missing"},
		{id: "twitch", body: `{"challenge":"C"}`, want: "JSON object"},
		{id: "cloudevents", header: core.Header{{Name: "WebHook-Allowed-Origin", Value: "*"}, {Name: "WebHook-Allowed-Rate", Value: "100"}}},
		{id: "cloudevents", header: core.Header{{Name: "WebHook-Allowed-Origin", Value: "other.example"}}, want: "which asks, or *"},
		{id: "cloudevents", header: core.Header{{Name: "WebHook-Allowed-Origin", Value: "*"}}, want: "WebHook-Allowed-Rate is missing"},
		{id: "asana", header: core.Header{{Name: "x-hook-secret", Value: "other"}}, want: "is \"other\""},
		{id: "smartsheet", body: `{"smartsheetHookResponse":"C"}`},
		{id: "smartsheet", header: core.Header{{Name: "Smartsheet-Hook-Response", Value: "C"}}},
		{id: "fitbit", status: 200, want: "the status is 200; the provider wants 204"},
		{id: "event-grid", body: `{"validationResponse":"C"}`},
		{id: "event-grid", body: `{"ValidationResponse":"C"}`, want: "validationResponse is missing"},
	} {
		a, in := question(t, tt.id, secret)
		good := sign.Handshake(in, a.Scheme, core.Secret{}).Answer
		challenge := challengeOf(in.Request, &good)
		body := strings.NewReplacer("C", challenge, "E", strings.ReplaceAll(strings.ReplaceAll(challenge, ":", "%3A"), " ", "+")).Replace(tt.body)
		if strings.Contains(body, `"H"`) {
			body = string(good.Body)
		}
		got := core.Response{Status: tt.status, Header: tt.header.Clone(), Body: []byte(body)}
		for i := range got.Header {
			got.Header[i].Value = strings.Replace(got.Header[i].Value, "C", challenge, 1)
		}
		if got.Status == 0 {
			got.Status = 200
		}
		j := sign.Judge(in, a.Scheme, core.Secret{}, &got, tt.took)
		if j.Right != (tt.want == "") || !strings.Contains(j.Says, tt.want) {
			t.Errorf("%s answered with %d %q %v: %v, %s; want %q", tt.id, got.Status, body, tt.header, j.Right, j.Says, tt.want)
		}
	}
	_, in := question(t, "ebay", secret)
	in.Secrets = nil
	if j := sign.Judge(in, "", core.Secret{}, &core.Response{Status: 200, Body: []byte(`{"challengeResponse":"x"}`)}, 0); !j.Unknown || j.Right {
		t.Errorf("without the token: %+v", j)
	}
	if _, err := sign.Asks()[0].Request("no address", secret, 1, askedAt); err == nil {
		t.Error("an address that is none is taken")
	}
	if a, _ := sign.FindAsk("wechat"); true {
		if _, err := a.Request("http://a.test", core.Secret{}, 1, askedAt); err == nil || !strings.Contains(err.Error(), "token that was agreed") {
			t.Errorf("WeChat without its token: %v", err)
		}
	}
	event := core.Request{Method: "POST", Target: "/", Body: []byte(`{"challenge":"x","type":"event"}`)}
	if j := sign.Judge(sign.Input{Request: &event}, "", core.Secret{}, &core.Response{Status: 200}, 0); j.Handshake != "" {
		t.Errorf("an event is judged as %+v", j)
	}
}

// TestBadSignatureOfAProbe: who asks with a bad signature wants a 401.
func TestBadSignatureOfAProbe(t *testing.T) {
	a, in := question(t, "xero", core.Text("right"))
	in.Request.Header = in.Request.Header.With("X-Xero-Signature", "AAAA")
	for status, right := range map[int]bool{200: false, 401: true, 403: false} {
		if j := sign.Judge(in, a.Scheme, core.Secret{}, &core.Response{Status: status}, 0); j.Right != right || !strings.Contains(j.Handshake, "bad signature") {
			t.Errorf("%d is judged %+v", status, j)
		}
	}
}

// challengeOf is the text that a handshake's right answer hands back.
func challengeOf(r *core.Request, good *core.Response) string {
	for _, name := range []string{"hub.challenge", "challenge", "validationToken", "crc_token"} {
		for _, p := range strings.Split(r.Query(), "&") {
			if value, ok := strings.CutPrefix(p, name+"="); ok && name != "validationToken" {
				return value
			}
		}
	}
	if strings.HasPrefix(good.Header.Get("Content-Type"), "text/plain") {
		return string(good.Body)
	}
	for _, part := range strings.Split(string(r.Body), `"`) {
		if len(part) > 20 && strings.Contains(string(good.Body), part) {
			return part
		}
	}
	return ""
}
