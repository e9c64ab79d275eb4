package sign_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/sign"
)

// shakeCase is a request with which a provider tests an address, and what its document wants to see.
type shakeCase struct {
	name, method, target string
	header               core.Header
	body, secret, token  string
	scheme, url          string
	status               int
	answer               string // the body; "" means empty
	kind                 string // its Content-Type begins so; "" is text/plain where there is a body
	fields               core.Header
	along                bool
}

func field(name, value string) core.Header { return core.Header{{Name: name, Value: value}} }

// weChat signs as the document says: SHA-1 over token, timestamp and nonce in order.
func weChat(token string) string {
	parts := []string{token, "1409304348", "xxxxxx"}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return "/w?signature=" + hex.EncodeToString(sum[:]) + "&timestamp=1409304348&nonce=xxxxxx&echostr=4375120948345356249"
}

// feishuBody is text as Feishu encrypts it under an Encrypt Key.
func feishuBody(key, text string) string {
	sum := sha256.Sum256([]byte(key))
	block, _ := aes.NewCipher(sum[:])
	pad := aes.BlockSize - len(text)%aes.BlockSize
	plain := []byte(text + strings.Repeat(string(rune(pad)), pad))
	iv := []byte("0123456789abcdef")
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(plain, plain)
	return `{"encrypt":"` + base64.StdEncoding.EncodeToString(append(iv, plain...)) + `"}`
}

const (
	eventGrid = `[{"id":"2d1781af","topic":"/subscriptions/x","subject":"","data":{"validationCode":"512d38b6-c7b8-40c8","validationUrl":"https://rp.test/validate"},"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","eventTime":"2018-01-25T22:12:19Z","metadataVersion":"1","dataVersion":"1"}]`
	ebayToken = "71745723-d031-455c-bfa5-f90d11b4f20a_eb"
)

// The examples are those that the providers' documents print, as far as they print any.
func shakeCases() []shakeCase {
	ebay := sha256.Sum256([]byte("a8628072-3d33-45ee-9004-bee86830a22d" + ebayToken + "https://ebay.test/deletion"))
	ebayWant := `{"challengeResponse":"` + hex.EncodeToString(ebay[:]) + `"}`
	ebayHere := sha256.Sum256([]byte("c0de" + ebayToken + "http://h/in/ebay"))
	return []shakeCase{
		{name: "Zoom endpoint.url_validation", method: "POST", body: `{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1,"event":"endpoint.url_validation"}`,
			secret: "zoom-secret-1", status: 200, kind: "application/json",
			answer: `{"plainToken":"qgg8vlvZRS6UYooatFL8Aw","encryptedToken":"4c681c316bb16f52684322c39233b9a55f1bb601732916778889c3eb05fb8e7f"}`},
		{name: "X CRC", method: "GET", target: "/x?crc_token=challenge_string&nonce=n",
			secret: "X-Consumer-Secret-8f2e1a7b4c9d0e3f5a6b7c8d9e0f1a2b", status: 200, kind: "application/json",
			answer: `{"response_token":"sha256=7e5EieVqz/ISXFbkHvQMGoKzMmPHro8BdQP9CL7itxU="}`},
		{name: "Meta hub.challenge", method: "GET", target: "/m?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=v", secret: "s", status: 200, answer: "1158201444"},
		{name: "Meta hub.challenge", method: "GET", target: "/m?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=v", token: "v", status: 200, answer: "1158201444"},
		{name: "Meta hub.challenge with a token that is not", method: "GET", target: "/m?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=v", token: "w", status: 403},
		{name: "Meta hub.challenge", method: "GET", target: "/m?hub.mode=subscribe&hub.challenge=CHALLENGE_ACCEPTED&hub.verify_token=v", status: 200, answer: "CHALLENGE_ACCEPTED"},
		{name: "Meta hub.challenge", method: "GET", target: "/websub?hub.mode=subscribe&hub.topic=https%3A%2F%2Ft.test&hub.challenge=15f7d1a91c1f40f8a748fd134752feb3&hub.lease_seconds=1", token: "w", status: 200, answer: "15f7d1a91c1f40f8a748fd134752feb3"},
		{name: "Strava hub.challenge", method: "GET", target: "/s?hub.verify_token=STRAVA&hub.challenge=15f7d1a91c1f40f8a748fd134752feb3&hub.mode=subscribe", status: 200, kind: "application/json",
			answer: `{"hub.challenge":"15f7d1a91c1f40f8a748fd134752feb3"}`},
		{name: "Strava hub.challenge with a token that is not", method: "GET", target: "/s?hub.verify_token=STRAVA&hub.challenge=15f7d1a91c1f40f8a748fd134752feb3&hub.mode=subscribe", token: "t", status: 403},
		{name: "Dropbox challenge", method: "GET", target: "/d?challenge=a%2Bb", status: 200, answer: "a+b"},
		{name: "Okta verification", method: "GET", header: field("x-okta-verification-challenge", "v"), status: 200, kind: "application/json", answer: `{"verification":"v"}`},
		{name: "eBay challenge_code", method: "GET", target: "/in/ebay?challenge_code=a8628072-3d33-45ee-9004-bee86830a22d", url: "https://ebay.test/deletion", token: ebayToken, secret: "-----BEGIN PUBLIC KEY-----",
			status: 200, kind: "application/json", answer: ebayWant},
		{name: "eBay challenge_code", method: "GET", target: "/in/ebay?challenge_code=c0de", secret: ebayToken, status: 200, kind: "application/json",
			answer: `{"challengeResponse":"` + hex.EncodeToString(ebayHere[:]) + `"}`},
		{name: "WeChat echostr", method: "GET", target: weChat("weixin"), token: "weixin", status: 200, answer: "4375120948345356249"},
		{name: "WeChat echostr", method: "GET", target: weChat("weixin"), secret: "weixin", status: 200, answer: "4375120948345356249"},
		{name: "WeChat echostr with a signature of another token", method: "GET", target: weChat("weixin"), token: "other", status: 403},
		{name: "Fitbit verify", method: "GET", target: "/f?verify=6c0a3ea5", token: "6c0a3ea5", status: 204},
		{name: "Fitbit verify with a wrong code", method: "GET", target: "/f?verify=incorrect", token: "6c0a3ea5", status: 404},
		{name: "Adobe Sign X-AdobeSign-ClientId", method: "GET", header: field("X-ADOBESIGN-CLIENTID", "UB7E5BXCXY"), status: 200, fields: field("X-AdobeSign-ClientId", "UB7E5BXCXY")},
		{name: "Adobe Sign X-AdobeSign-ClientId", method: "POST", header: field("X-AdobeSign-ClientId", "UB7E5BXCXY"), body: `{"event":"AGREEMENT_CREATED"}`, status: 200, fields: field("X-AdobeSign-ClientId", "UB7E5BXCXY"), along: true},
		{name: "Adobe Sign X-AdobeSign-ClientId with a token that is not", method: "GET", header: field("X-AdobeSign-ClientId", "UB7E5BXCXY"), token: "ANOTHER", status: 403},
		{name: "Microsoft validationToken", method: "POST", target: "/g?validationToken=Validation%3a+Testing+client+application", header: field("Content-Type", "text/plain; charset=utf-8"), status: 200, answer: "Validation: Testing client application"},
		{name: "Microsoft validationToken", method: "POST", target: "/sp?tenant=1&validationtoken=0-a%2Bb", status: 200, answer: "0-a+b"},
		{name: "CloudEvents WebHook-Request-Origin", method: "OPTIONS", header: field("WebHook-Request-Origin", "eventgrid.azure.net"), status: 200, fields: field("WebHook-Allowed-Origin", "eventgrid.azure.net")},
		{name: "CloudEvents WebHook-Request-Origin", method: "OPTIONS", header: append(field("WebHook-Request-Origin", "eventemitter.example.com"), field("WebHook-Request-Rate", "120")...), status: 200, fields: field("WebHook-Allowed-Rate", "*")},
		{name: "Azure Event Grid validationCode", method: "POST", header: field("aeg-event-type", "SubscriptionValidation"), body: eventGrid, status: 200, kind: "application/json", answer: `{"validationResponse":"512d38b6-c7b8-40c8"}`},
		{name: "Azure Event Grid validationCode", method: "POST", body: eventGrid, status: 200, kind: "application/json", answer: `{"validationResponse":"512d38b6-c7b8-40c8"}`},
		{name: "Asana X-Hook-Secret", method: "POST", header: field("X-Hook-Secret", "b537"), body: `{"events":[]}`, status: 200, fields: field("X-Hook-Secret", "b537")},
		{name: "Smartsheet-Hook-Challenge", method: "POST", header: field("Smartsheet-Hook-Challenge", "d78dd1d3-01ce"), body: `{"challenge":"d78dd1d3-01ce","webhookId":7545280294086532}`, status: 200, kind: "application/json",
			answer: `{"smartsheetHookResponse":"d78dd1d3-01ce"}`, fields: field("Smartsheet-Hook-Response", "d78dd1d3-01ce")},
		{name: "Slack url_verification", method: "POST", header: field("X-Slack-Signature", "v0=00"), body: `{"token":"t","challenge":"3eZbrw1a","type":"url_verification"}`, status: 200, answer: "3eZbrw1a"},
		{name: "Slack url_verification", method: "POST", scheme: "slack", body: `{"token":"t","challenge":"3eZbrw1a","type":"url_verification"}`, status: 200, answer: "3eZbrw1a"},
		{name: "Slack or Feishu url_verification", method: "POST", body: `{"challenge":"ajls384kdjx98XX","token":"xxxxxx","type":"url_verification"}`, status: 200, kind: "application/json", answer: `{"challenge":"ajls384kdjx98XX"}`},
		{name: "Feishu url_verification, encrypted", method: "POST", token: "test key", body: feishuBody("test key", `{"challenge":"1b6aef1a","token":"x","type":"url_verification"}`), status: 200, kind: "application/json", answer: `{"challenge":"1b6aef1a"}`},
		{name: "monday.com or Miro challenge", method: "POST", body: `{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}`, status: 200, kind: "application/json", answer: `{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}`},
		{name: "Twitch callback verification", method: "POST", header: field("Twitch-Eventsub-Message-Type", "webhook_callback_verification"),
			body: `{"challenge":"pogchamp","subscription":{}}`, status: 200, answer: "pogchamp"},
		{name: "Notion verification_token", method: "POST", body: `{"verification_token":"secret_x"}`, status: 200},
		{name: "Amazon SNS subscription confirmation (SubscribeURL not followed)", method: "POST",
			body: `{"Type":"SubscriptionConfirmation","SubscribeURL":"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"}`, status: 200},
		{name: "Discord PING with a bad signature", method: "POST", header: field("X-Signature-Ed25519", "00"), body: `{"type":1}`, secret: strings.Repeat("ab", 32), status: 401},
		{name: "Xero intent to receive with a bad signature", method: "POST", header: field("X-Xero-Signature", "AAAA"), body: `{"events":[],"entropy":"S0m3"}`, secret: "s", status: 401},
		{name: "HEAD probe", method: "HEAD", status: 200, along: true},
	}
}

func TestHandshake(t *testing.T) {
	answered := map[string]bool{}
	for _, c := range shakeCases() {
		t.Run(c.name, func(t *testing.T) {
			in := sign.Input{Request: &core.Request{Method: c.method, Host: "h", Target: c.target, Header: c.header, Body: []byte(c.body)}, URL: c.url}
			if c.secret != "" {
				in.Secrets = []core.Secret{core.Text(c.secret)}
			}
			token := core.Secret{}
			if c.token != "" {
				token = core.Text(c.token)
			}
			got := sign.Handshake(in, c.scheme, token)
			if !got.OK || !strings.HasPrefix(got.Name, c.name) || got.Answer.Status != c.status || string(got.Answer.Body) != c.answer || got.Along != c.along || got.Source == "" {
				t.Errorf("got %+v %s, want %q %d %s", got, got.Answer.Body, c.name, c.status, c.answer)
			}
			kind := c.kind
			if kind == "" && c.answer != "" {
				kind = "text/plain"
			}
			if is := got.Answer.Header.Get("Content-Type"); !strings.HasPrefix(is, kind) || kind == "" && is != "" {
				t.Errorf("Content-Type %q, want %q", is, kind)
			}
			for _, f := range c.fields {
				if is := got.Answer.Header.Get(f.Name); is != f.Value {
					t.Errorf("%s: %q, want %q", f.Name, is, f.Value)
				}
			}
			for _, name := range sign.Handshakes() {
				if strings.HasPrefix(got.Name, name) {
					answered[name] = true
				}
			}
		})
	}
	for _, name := range sign.Handshakes() {
		if !answered[name] {
			t.Errorf("no case answers %s", name)
		}
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
		got := sign.Handshake(sign.Input{Request: &r, Secrets: []core.Secret{c.secret}, Now: now}, "", core.Secret{})
		if !got.OK || got.Answer.Status != c.status || string(got.Answer.Body) != c.body {
			t.Errorf("got %+v %s, want %d %s", got, got.Answer.Body, c.status, c.body)
		}
	}
}

// TestNoHandshake keeps ordinary events from being answered as handshakes: for each one, an event that has its field.
func TestNoHandshake(t *testing.T) {
	token := core.Text("6c0a3ea5")
	for _, r := range []core.Request{
		{Method: "GET", Target: "/"},
		{Method: "GET", Target: "/?hub.mode=subscribe"},
		{Method: "GET", Target: "/?hub.challenge=15f7d1a91c1f40f8a748fd134752feb3"},
		{Method: "POST", Target: "/?hub.mode=subscribe&hub.challenge=1", Body: []byte(`{"object":"page"}`)},
		{Method: "POST", Target: "/?crc_token=t", Body: []byte(`{"for_user_id":"1"}`)},
		{Method: "POST", Target: "/?challenge=c", Body: []byte(`{"list_folder":{}}`)},
		{Method: "POST", Target: "/?challenge_code=c", Body: []byte(`{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"}}`)},
		{Method: "GET", Target: "/?verify=6c0a3ea5&page=2"},
		{Method: "POST", Target: "/?verify=6c0a3ea5", Body: []byte(`[{"collectionType":"foods"}]`)},
		{Method: "POST", Target: weChat("weixin"), Body: []byte(`<xml/>`)},
		{Method: "GET", Target: "/?signature=s&timestamp=1&nonce=n"},
		{Method: "POST", Target: "/?validationToken=v", Body: []byte(`{"value":[{"subscriptionId":"x"}],"validationTokens":["jwt"]}`)},
		{Method: "GET", Target: "/?validationToken=v"},
		{Method: "OPTIONS", Header: core.Header{{Name: "Origin", Value: "https://o.test"}, {Name: "Access-Control-Request-Method", Value: "POST"}}},
		{Method: "POST", Header: field("WebHook-Request-Origin", "eventgrid.azure.net"), Body: []byte(`{"specversion":"1.0","type":"t"}`)},
		{Method: "POST", Header: field("aeg-event-type", "Notification"), Body: []byte(eventGrid)},
		{Method: "POST", Header: field("aeg-event-type", "Notification"), Body: []byte(`[{"eventType":"Microsoft.Storage.BlobCreated","data":{"validationCode":"v","note":"SubscriptionValidationEvent"}}]`)},
		{Method: "POST", Header: core.Header{{Name: "X-Hook-Secret", Value: "s"}, {Name: "X-Hook-Signature", Value: "00"}}, Body: []byte(`{"events":[{}]}`)},
		{Method: "POST", Header: field("Smartsheet-Hook-Challenge", "c"), Body: []byte(`{"nonce":"n","webhookId":1,"events":[]}`)},
		{Method: "POST", Body: []byte(`{"challenge":"c","webhookId":1}`)},
		{Method: "POST", Body: []byte(`{"challenge":"c","event":{"type":"update_column_value"}}`)},
		{Method: "POST", Body: []byte(`{"challenge":{"id":"c","status":"completed"}}`)},
		{Method: "POST", Body: []byte(`[{"challenge":"c"}]`)},
		{Method: "POST", Body: []byte(`{"encrypt":"AAAA"}`)},
		{Method: "POST", Body: []byte(feishuBody("6c0a3ea5", `{"schema":"2.0","header":{"event_type":"im.message.receive_v1"},"challenge":"c"}`))},
		{Method: "POST", Body: []byte(feishuBody("another key", `{"challenge":"c","type":"url_verification"}`))},
		{Method: "POST", Body: []byte(`{"type":"event_callback","challenge":"c","text":"url_verification"}`)},
		{Method: "POST", Body: []byte(`{"type":1}`)},
		{Method: "POST", Header: field("X-Signature-Ed25519", "00"), Body: []byte(`{"type":2}`)},
		{Method: "POST", Header: field("X-Xero-Signature", "AAAA"), Body: []byte(`{"events":[{"eventType":"UPDATE"}],"entropy":"e"}`)},
		{Method: "POST", Header: field("Twitch-Eventsub-Message-Type", "notification"), Body: []byte(`{"challenge":"c","event":{}}`)},
		{Method: "POST", Header: field("X-Okta-Verification-Challenge", "v"), Body: []byte(`{"eventType":"x"}`)},
		{Method: "POST", Body: []byte(`{"event":"meeting.started","payload":{"plainToken":"p","object":{"topic":"endpoint.url_validation"}}}`)},
		{Method: "POST", Body: []byte(`{"verification_token":"t","type":"page.created"}`)},
		{Method: "POST", Body: []byte(`{"Type":"Notification","SubscribeURL":"https://x","Message":"SubscriptionConfirmation"}`)},
		{Method: "POST", Body: []byte(`null`)},
		{Method: "POST"},
	} {
		if got := sign.Handshake(sign.Input{Request: &r, Secrets: []core.Secret{token}}, "", token); got.OK || got.Name != "" {
			t.Errorf("%s %s %s: got %q", r.Method, r.Target, r.Body, got.Name)
		}
	}
}

func TestHandshakeNeedsASecret(t *testing.T) {
	for _, c := range []struct {
		want, needs string
		r           core.Request
	}{
		{"X CRC", "secret", core.Request{Method: "GET", Target: "/?crc_token=t"}},
		{"Zoom endpoint.url_validation", "secret", core.Request{Method: "POST", Body: []byte(`{"event":"endpoint.url_validation","payload":{"plainToken":"p"}}`)}},
		{"eBay challenge_code", "handshake_secret", core.Request{Method: "GET", Target: "/?challenge_code=t"}},
		{"WeChat echostr", "handshake_secret", core.Request{Method: "GET", Target: weChat("weixin")}},
		{"Fitbit verify", "handshake_secret", core.Request{Method: "GET", Target: "/?verify=t"}},
	} {
		if got := sign.Handshake(sign.Input{Request: &c.r}, "", core.Secret{}); got.OK || got.Name != c.want || got.Needs != c.needs {
			t.Errorf("got %+v, want %q without an answer, which needs %s", got, c.want, c.needs)
		}
	}
}
