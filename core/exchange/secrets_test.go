package exchange_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/core/sign"
)

// marks counts the secrets that a history is marked with.
type marks struct{ all []string }

func (m *marks) next() string {
	m.all = append(m.all, fmt.Sprintf("mark%02dsecret", len(m.all)))
	return m.all[len(m.all)-1]
}

// markedCaptures have a secret under every name that the findings named, and some in each kind of body.
func markedCaptures(m *marks) []core.Capture {
	var h core.Header
	for _, name := range []string{"Token", "X-Auth-Email", "X-Auth-Key", "X-Functions-Key", "Ocp-Apim-Subscription-Key", "Cookie", "Cookie2", "X-CSRFToken", "Proxy-Authorization", "X-Api-Key", "Private-Token"} {
		h = append(h, core.Field{Name: name, Value: m.next()})
	}
	h = append(h, core.Field{Name: "Authorization ", Value: "Bearer " + m.next()}, core.Field{Name: "Referer", Value: "https://u:" + m.next() + "@b.test/?pwd=" + m.next()})
	target := "/in?a=1"
	for _, name := range []string{"key", "sig", "code", "pwd", "jwt", "accessToken", "X-Amz-Signature", "%74oken", "access_token", "client_secret"} {
		target += "&" + name + "=" + m.next()
	}
	bodies := []struct{ kind, text string }{
		{"application/json", fmt.Sprintf(`{"id": 1, "token" : %q, "user":{"password":%q,"tags":["a"]},"api_key":[%q,{"x":%q}], "url":"https:\/\/u:%s@c.test\/?sig=%s", "Message":%q, "accessT\u006fken":%q}`,
			m.next(), m.next(), m.next(), m.next(), m.next(), m.next(), `{"secret":"`+m.next()+`"}`, m.next())},
		{"application/x-www-form-urlencoded", "a=1&%74oken=" + m.next() + "&user%5Bpassword%5D=" + m.next() + "&payload=" + url.QueryEscape(`{"client_secret":"`+m.next()+`"}`)},
		{"multipart/form-data; boundary=xyz", "--xyz\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\n" + m.next() + "\r\n--xyz\r\nContent-Disposition: form-data; name=\"doc\"\r\nContent-Type: application/json\r\n\r\n{\"jwt\":\"" + m.next() + "\"}\r\n--xyz--\r\n"},
		{"application/xml", "<a><AccessToken>" + m.next() + "</AccessToken><b password=\"" + m.next() + "\"/></a>"},
		{"application/json", `{"broken": true, "token": "` + m.next()},
	}
	var out []core.Capture
	for i, b := range bodies {
		header := append(h.Clone(), core.Field{Name: "Content-Type", Value: b.kind}, core.Field{Name: "Content-Length", Value: fmt.Sprint(len(b.text))})
		head := "POST " + target + " HTTP/1.1\r\n"
		for _, f := range header {
			head += f.Name + ": " + f.Value + "\r\n"
		}
		out = append(out, core.Capture{ID: core.CaptureID(i + 1), At: at, Request: core.Request{Method: "POST", Target: target, Proto: "HTTP/1.1", Host: "a.test", Header: header, Head: []byte(head + "\r\n"),
			Body: []byte(b.text), Size: int64(len(b.text))},
			Response: core.Response{Status: 200, Header: core.Header{{Name: "Set-Cookie", Value: m.next()}, {Name: "Content-Type", Value: "application/json"}}, Body: []byte(`{"refresh_token":"` + m.next() + `"}`)}})
	}
	return out
}

// TestNoMarkedSecretLeaves: none of the marks is in any export, nor in what the export says of itself.
func TestNoMarkedSecretLeaves(t *testing.T) {
	var m marks
	captures := markedCaptures(&m)
	w := &exchange.Workspace{
		Sources: []core.Source{{Name: "s", Platform: "generic", Settings: core.Values{"path": "/in", "answer": map[string]any{"status": 200.0, "headers": map[string]any{"Set-Cookie": m.next()}}},
			Forwards: core.Forwards{{URL: "http://u:" + m.next() + "@127.0.0.1:9/?code=" + m.next()}, {URL: "http://u:" + m.next() + "@127.0.0.1:9/?code=" + m.next(), Set: core.Header{{Name: "Authorization", Value: m.next()}}}}}, {Name: "w", Platform: "workjet", Settings: core.Values{"id": "wh_1", "output_url": "http://127.0.0.1:9/?key=" + m.next()}}},
		Endpoints: []core.Endpoint{{WireID: "e", Name: "e", Target: core.Target{URL: "https://u:" + m.next() + "@a.test/?token=" + m.next(), Header: core.Header{{Name: "X-Functions-Key", Value: m.next()}, {Name: "Authorization", Value: "Bearer " + m.next()}}}},
			{WireID: "j", Platform: "joai", Name: "j", Trigger: "agent.message", Target: core.Target{URL: "https://a.test/?sig=" + m.next(), Header: core.Header{{Name: "X-JoAi-Secret-Token", Value: m.next()}}}}},
	}
	if len(m.all) < 40 {
		t.Fatalf("only %d marks", len(m.all))
	}
	check := func(format string, data []byte, said []string) {
		t.Helper()
		for _, mark := range m.all {
			if leaked(data, mark) || strings.Contains(strings.Join(said, "\n"), mark) {
				t.Errorf("%s: %s got out", format, mark)
			}
		}
	}
	for _, f := range exchange.Formats() {
		if f.Setup {
			data, said, err := exchange.WriteWorkspace(w, exchange.Options{})
			if err != nil {
				t.Fatal(err)
			}
			check(f.Name, data, said)
			if _, err := exchange.ParseWorkspace(data); err != nil {
				t.Errorf("what is masked cannot be read back: %v", err)
			}
			if len(said) < 7 {
				t.Errorf("says only %q", said)
			}
			continue
		}
		data, said, err := export(f.Name, captures, exchange.Options{Bodies: true})
		if err != nil {
			t.Fatal(err)
		}
		check(f.Name, data, said)
		if !strings.Contains(strings.Join(said, "\n"), "request body token") {
			t.Errorf("%s does not say what it masked in bodies: %q", f.Name, said)
		}
	}
	data, _, _ := export("json", captures, exchange.Options{Reveal: true, Bodies: true})
	if !leaked(data, m.all[0]) || !leaked(data, "broken") {
		t.Error("revealed, the marks are missing: does the test look in the right place?")
	}
}

// TestMaskedBodiesKeepTheRest: what is no credential stays to the byte.
func TestMaskedBodiesKeepTheRest(t *testing.T) {
	for _, row := range []struct{ kind, in, want string }{
		{"application/json", `{ "a" : 1.0, "token":"abcdefgh" , "n":[1e3,{"b":null}] }` + "\n", `{ "a" : 1.0, "token":"REDACTED" , "n":[1e3,{"b":null}] }` + "\n"},
		{"application/json", `{"pin_secret":12345678,"\u0061":"\u00e9"}`, `{"pin_secret":"REDACTED","\u0061":"\u00e9"}`},
		{"application/json", `[1,2]`, `[1,2]`},
		{"application/x-www-form-urlencoded", "b=%41+c&token=abcdefgh&x", "b=%41+c&token=REDACTED&x"},
		{"text/plain", "hello, world", "hello, world"},
	} {
		c := core.Capture{Request: core.Request{Header: core.Header{{Name: "Content-Type", Value: row.kind}}, Body: []byte(row.in)}}
		exchange.Redact(&c, exchange.Options{Bodies: true})
		if string(c.Request.Body) != row.want {
			t.Errorf("%s: %s, want %s", row.in, c.Request.Body, row.want)
		}
	}
	gz := core.Capture{Request: core.Request{Header: core.Header{{Name: "Content-Encoding", Value: "gzip"}}, Body: []byte("\x1f\x8bsecret")}}
	if said := exchange.Redact(&gz, exchange.Options{Bodies: true}); len(gz.Request.Body) != 0 || !strings.Contains(strings.Join(said, ""), "compressed") {
		t.Errorf("%q, %q", gz.Request.Body, said)
	}
}

// TestMaskedCapturesVerify: signed anew, what is shared verifies with the key that the export names, and with no other.
func TestMaskedCapturesVerify(t *testing.T) {
	for _, scheme := range []string{"github", "stripe", "slack", "standard-webhooks", "shopify"} {
		s, ok := sign.Known().Find(scheme)
		if !ok {
			t.Fatalf("there is no scheme %s", scheme)
		}
		secret := "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		r := core.Request{Method: "POST", Target: "/in?token=marked-one", Proto: "HTTP/1.1", Host: "a.test", Header: core.Header{{Name: "Content-Type", Value: "application/json"}}, Body: []byte(`{"id":"evt_1","token":"marked-two"}`)}
		header, body, err := s.Sign(sign.Input{Request: &r, Secrets: []core.Secret{core.Text(secret)}, Now: at}, "msg_1")
		if err != nil {
			t.Fatal(err)
		}
		r.Header, r.Body, r.Size = append(r.Header, header...), body, int64(len(body))
		v := s.Verify(sign.Input{Request: &r, Secrets: []core.Secret{core.Text(secret)}, Now: at})
		c := core.Capture{ID: 1, At: at, Request: r, Receipt: core.Receipt{Verdict: &v}}
		data, said, err := export("json", []core.Capture{c}, exchange.Options{Bodies: true, Substitute: true})
		if err != nil || leaked(data, "marked-") {
			t.Fatalf("%s: %v, or a mark got out", scheme, err)
		}
		back, err := exchange.ParseJSONL(data)
		if err != nil || len(back) != 1 {
			t.Fatal(err)
		}
		key := ""
		for _, line := range said {
			if _, k, ok := strings.Cut(line, "with the substitute key "); ok {
				key = k
			}
		}
		if bytes.Contains(data, []byte(secret)) || key == "" {
			t.Fatalf("%s: says %q", scheme, said)
		}
		for k, want := range map[string]core.VerdictState{key: core.Verified, secret: core.Mismatch} {
			if got := s.Verify(sign.Input{Request: &back[0].Request, Secrets: []core.Secret{core.Text(k)}, Now: at}); got.State != want {
				t.Errorf("%s: %s with %s, want %s", scheme, got.State, k, want)
			}
		}
	}
}
