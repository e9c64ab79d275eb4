package sign_test

import (
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/sign"
)

// The examples of Zoom and X are those that the providers' documents print.
func TestHandshake(t *testing.T) {
	for _, c := range []struct {
		name, method, target string
		header               core.Header
		body, secret         string
		status               int
		answer               string // the body; "" means empty
	}{
		{name: "Zoom endpoint.url_validation", method: "POST", body: `{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1,"event":"endpoint.url_validation"}`,
			secret: "zoom-secret-1", status: 200,
			answer: `{"plainToken":"qgg8vlvZRS6UYooatFL8Aw","encryptedToken":"4c681c316bb16f52684322c39233b9a55f1bb601732916778889c3eb05fb8e7f"}`},
		{name: "X CRC", method: "GET", target: "/x?crc_token=challenge_string&nonce=n",
			secret: "X-Consumer-Secret-8f2e1a7b4c9d0e3f5a6b7c8d9e0f1a2b", status: 200,
			answer: `{"response_token":"sha256=7e5EieVqz/ISXFbkHvQMGoKzMmPHro8BdQP9CL7itxU="}`},
		{name: "Meta hub.challenge", method: "GET", target: "/m?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=v", status: 200, answer: "1158201444"},
		{name: "Dropbox challenge", method: "GET", target: "/d?challenge=a%2Bb", status: 200, answer: "a+b"},
		{name: "Okta verification", method: "GET", header: core.Header{{Name: "x-okta-verification-challenge", Value: "v"}}, status: 200, answer: `{"verification":"v"}`},
		{name: "Asana X-Hook-Secret", method: "POST", header: core.Header{{Name: "X-Hook-Secret", Value: "s"}}, body: `{"events":[]}`, status: 200},
		{name: "Slack url_verification", method: "POST", body: `{"token":"t","challenge":"3eZbrw1a","type":"url_verification"}`, status: 200, answer: "3eZbrw1a"},
		{name: "Twitch callback verification", method: "POST", header: core.Header{{Name: "Twitch-Eventsub-Message-Type", Value: "webhook_callback_verification"}},
			body: `{"challenge":"pogchamp","subscription":{}}`, status: 200, answer: "pogchamp"},
		{name: "Notion verification_token", method: "POST", body: `{"verification_token":"secret_x"}`, status: 200},
		{name: "Amazon SNS subscription confirmation (SubscribeURL not followed)", method: "POST",
			body: `{"Type":"SubscriptionConfirmation","SubscribeURL":"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"}`, status: 200},
		{name: "Discord PING", method: "POST", header: core.Header{{Name: "X-Signature-Ed25519", Value: "00"}}, body: `{"type":1}`, status: 401},
		{name: "HEAD probe", method: "HEAD", status: 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &core.Request{Method: c.method, Target: c.target, Header: c.header, Body: []byte(c.body)}
			got, name, ok := sign.Handshake(r, []core.Secret{core.Text(c.secret)})
			if !ok || !strings.HasPrefix(name, c.name) || got.Status != c.status || string(got.Body) != c.answer {
				t.Errorf("got %v %q %d %s, want %q %d %s", ok, name, got.Status, got.Body, c.name, c.status, c.answer)
			}
		})
	}
}

func TestDiscordPing(t *testing.T) {
	s, _ := sign.Known().Find("discord")
	k := newKeys(t)
	r := core.Request{Method: "POST", Body: []byte(`{"type":1}`)}
	set, _, err := s.Sign(sign.Input{Request: &r, Secrets: []core.Secret{k.secret(s)}, Now: now}, "")
	if err != nil {
		t.Fatal(err)
	}
	r.Header = set
	for _, c := range []struct {
		secret core.Secret
		status int
		body   string
	}{{k.secret(s), 200, `{"type":1}`}, {k.other(t, s), 401, ""}, {core.Secret{}, 200, `{"type":1}`}} {
		got, _, ok := sign.Handshake(&r, []core.Secret{c.secret})
		if !ok || got.Status != c.status || string(got.Body) != c.body {
			t.Errorf("got %v %d %s, want %d %s", ok, got.Status, got.Body, c.status, c.body)
		}
	}
}

func TestAsanaSecretIsEchoed(t *testing.T) {
	r := &core.Request{Method: "POST", Header: core.Header{{Name: "x-hook-secret", Value: "b537"}}}
	got, _, _ := sign.Handshake(r, nil)
	if got.Header.Get("X-Hook-Secret") != "b537" {
		t.Errorf("headers %q", got.Header)
	}
}

// TestNoHandshake keeps ordinary events from being answered as handshakes.
func TestNoHandshake(t *testing.T) {
	for _, r := range []core.Request{
		{Method: "GET", Target: "/"},
		{Method: "GET", Target: "/?hub.mode=subscribe"},
		{Method: "POST", Body: []byte(`{"type":"event_callback","challenge":"c"}`)},
		{Method: "POST", Body: []byte(`{"type":1}`)},
		{Method: "POST", Body: []byte(`{"verification_token":"t","type":"page.created"}`)},
		{Method: "POST", Body: []byte(`{"Type":"Notification","SubscribeURL":"https://x"}`)},
		{Method: "POST", Body: []byte(`null`)},
		{Method: "POST"},
	} {
		if _, name, ok := sign.Handshake(&r, nil); ok || name != "" {
			t.Errorf("%s %s %s: got %q", r.Method, r.Target, r.Body, name)
		}
	}
}

func TestHandshakeNeedsASecret(t *testing.T) {
	for want, r := range map[string]core.Request{
		"X CRC":                        {Method: "GET", Target: "/?crc_token=t"},
		"Zoom endpoint.url_validation": {Method: "POST", Body: []byte(`{"event":"endpoint.url_validation","payload":{"plainToken":"p"}}`)},
	} {
		if _, name, ok := sign.Handshake(&r, nil); ok || name != want {
			t.Errorf("got %q %v, want %q without an answer", name, ok, want)
		}
	}
}
