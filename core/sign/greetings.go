package sign

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"hookglass/core"
)

// greetings are the handshakes that are known, in the order in which they are tried.
var greetings = []greeting{
	{
		name: "HEAD probe", source: "developer.atlassian.com/cloud/trello/guides/rest-api/webhooks",
		method: http.MethodHead, along: true,
		answer: func(*shake) (core.Response, bool) { return empty(200) },
	},
	{
		judge: judgeOrigin,
		name:  "CloudEvents WebHook-Request-Origin", source: "github.com/cloudevents/spec cloudevents/http-webhook.md 4; learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema",
		method: http.MethodOptions, header: "WebHook-Request-Origin",
		answer: func(h *shake) (core.Response, bool) {
			fields := core.Header{{Name: "Allow", Value: "OPTIONS, POST"}, {Name: "WebHook-Allowed-Origin", Value: h.r.Header.Get("WebHook-Request-Origin")}}
			if h.r.Header.Has("WebHook-Request-Rate") {
				fields = append(fields, core.Field{Name: "WebHook-Allowed-Rate", Value: "*"})
			}
			return inHeader(fields...)
		},
	},

	// Challenges in the query.
	{
		name: "X CRC", source: "docs.x.com/x-api/webhooks/quickstart",
		method: http.MethodGet, query: []string{"crc_token"}, needs: "secret",
		answer: func(h *shake) (core.Response, bool) {
			if h.secret() == nil {
				return core.Response{}, false
			}
			return inJSON("response_token", "sha256="+encodeSignature("base64", digest("hmac-sha256", h.secret(), one("", []byte(h.param("crc_token"))))))
		},
	},
	{
		name: "Strava hub.challenge", source: "developers.strava.com/docs/webhooks",
		method: http.MethodGet, query: []string{"hub.mode", "hub.challenge"},
		when: func(h *shake) bool { // the same parameters as Meta's, whose challenge is a number, and WebSub's, which names a topic
			c := h.param("hub.challenge")
			return h.param("hub.topic") == "" && len(c) >= 12 && strings.Trim(c, "0123456789abcdef") == "" && strings.Trim(c, "0123456789") != "" &&
				!strings.HasPrefix(strings.ToLower(h.r.Header.Get("User-Agent")), "facebook") && !strings.HasPrefix(h.scheme, "meta")
		},
		answer: func(h *shake) (core.Response, bool) {
			good, _ := inJSON("hub.challenge", h.param("hub.challenge"))
			return h.withToken(h.param("hub.verify_token"), good)
		},
	},
	{
		name: "Meta hub.challenge", source: "developers.facebook.com/docs/graph-api/webhooks/getting-started; W3C WebSub 5.3",
		method: http.MethodGet, query: []string{"hub.mode", "hub.challenge"},
		answer: func(h *shake) (core.Response, bool) {
			good, _ := inText(h.param("hub.challenge"))
			if h.param("hub.topic") != "" { // WebSub has no such token
				return good, true
			}
			return h.withToken(h.param("hub.verify_token"), good)
		},
	},
	{
		name: "eBay challenge_code", source: "developer.ebay.com/marketplace-account-deletion",
		method: http.MethodGet, query: []string{"challenge_code"}, needs: handshakeSecret,
		answer: func(h *shake) (core.Response, bool) {
			if len(h.tokens()) == 0 {
				return core.Response{}, false
			}
			sum := sha256.Sum256(slices.Concat([]byte(h.param("challenge_code")), h.tokens()[0], []byte(h.address())))
			return inJSON("challengeResponse", hex.EncodeToString(sum[:]))
		},
	},
	{
		name: "WeChat echostr", source: "developers.weixin.qq.com/doc/offiaccount/Basic_Information/Access_Overview.html",
		method: http.MethodGet, query: []string{"signature", "timestamp", "nonce", "echostr"}, needs: handshakeSecret,
		answer: func(h *shake) (core.Response, bool) {
			for _, token := range h.tokens() {
				parts := []string{string(token), h.param("timestamp"), h.param("nonce")}
				slices.Sort(parts)
				sum := sha1.Sum([]byte(strings.Join(parts, "")))
				if hex.EncodeToString(sum[:]) == strings.ToLower(h.param("signature")) {
					return inText(h.param("echostr"))
				}
			}
			if len(h.tokens()) == 0 {
				return core.Response{}, false
			}
			h.said = " with a signature of another token"
			return empty(403)
		},
	},
	{
		exact: true,
		name:  "Fitbit verify", source: "dev.fitbit.com/build/reference/web-api/developer-guide/using-subscriptions",
		method: http.MethodGet, query: []string{"verify"}, needs: handshakeSecret,
		when: func(h *shake) bool { return len(h.query) == 1 && len(h.r.Body) == 0 },
		answer: func(h *shake) (core.Response, bool) {
			switch {
			case len(h.tokens()) == 0:
				return core.Response{}, false
			case h.agreed(h.param("verify")):
				return empty(204)
			}
			h.said = " with a wrong code, as Fitbit sends one, too"
			return empty(404)
		},
	},
	{
		judge: judgeAdobe,
		name:  "Adobe Sign X-AdobeSign-ClientId", source: "helpx.adobe.com/sign/web/developers/webhooks/overview.html",
		method: http.MethodGet, header: adobeClient, needs: handshakeSecret,
		answer: adobe,
	},
	{
		name: "Okta verification", source: "developer.okta.com/docs/concepts/event-hooks",
		method: http.MethodGet, header: "X-Okta-Verification-Challenge",
		answer: func(h *shake) (core.Response, bool) {
			return inJSON("verification", h.r.Header.Get("X-Okta-Verification-Challenge"))
		},
	},
	{
		within: 10 * time.Second,
		name:   "Dropbox challenge", source: "dropbox.com/developers/reference/webhooks; developer.nylas.com/docs/v3/notifications", // Nylas asks and is answered alike
		method: http.MethodGet, query: []string{"challenge"},
		answer: func(h *shake) (core.Response, bool) { return inText(h.param("challenge")) },
	},
	{
		within: 10 * time.Second,
		name:   "Microsoft validationToken", source: "learn.microsoft.com/graph/change-notifications-delivery-webhooks; learn.microsoft.com/sharepoint/dev/apis/webhooks/overview-sharepoint-webhooks",
		method: http.MethodPost,
		when:   func(h *shake) bool { return len(h.r.Body) == 0 && validationToken(h) != "" }, // a notification has a body
		answer: func(h *shake) (core.Response, bool) { return inText(validationToken(h)) },
	},

	// Challenges in a header.
	{
		name: "Asana X-Hook-Secret", source: "developers.asana.com/docs/webhooks-guide",
		header: "X-Hook-Secret", method: http.MethodPost,
		when: func(h *shake) bool { return !h.r.Header.Has("X-Hook-Signature") }, // an event has the signature
		answer: func(h *shake) (core.Response, bool) {
			return inHeader(core.Field{Name: "X-Hook-Secret", Value: h.r.Header.Get("X-Hook-Secret")})
		},
	},
	{
		judge: judgeSmartsheet,
		name:  "Smartsheet-Hook-Challenge", source: "developers.smartsheet.com/api/smartsheet/guides/webhooks/webhook-verification",
		method: http.MethodPost, header: smartsheet,
		when: func(h *shake) bool { // the body repeats it, and has the webhook's id beside it
			return len(h.r.Body) == 0 || h.only("challenge", "webhookId") && h.string("challenge") == h.r.Header.Get(smartsheet)
		},
		answer: func(h *shake) (core.Response, bool) {
			c := h.r.Header.Get(smartsheet)
			r, _ := inJSON("smartsheetHookResponse", c)
			r.Header = append(r.Header, core.Field{Name: "Smartsheet-Hook-Response", Value: c})
			return r, true
		},
	},
	{
		judge: judgeAdobe,
		name:  "Adobe Sign X-AdobeSign-ClientId", source: "helpx.adobe.com/sign/web/developers/webhooks/overview.html",
		method: http.MethodPost, header: adobeClient, along: true, // of an event: it is answered, and the header with it
		answer: adobe,
	},

	// Challenges in a JSON body.
	{
		name: "Azure Event Grid validationCode", source: "learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema",
		method: http.MethodPost, word: "SubscriptionValidationEvent",
		when: func(h *shake) bool {
			kind, ok := h.r.Header.Lookup("aeg-event-type")
			return (!ok || strings.EqualFold(kind, "SubscriptionValidation")) && h.body().text("eventType") == "Microsoft.EventGrid.SubscriptionValidationEvent" &&
				h.body().text("data.validationCode") != ""
		},
		answer: func(h *shake) (core.Response, bool) {
			return inJSON("validationResponse", h.body().text("data.validationCode"))
		},
	},
	{
		name: "Twitch callback verification", source: "dev.twitch.tv/docs/eventsub/handling-webhook-events",
		method: http.MethodPost, header: "Twitch-Eventsub-Message-Type",
		when: func(h *shake) bool {
			return strings.EqualFold(h.r.Header.Get("Twitch-Eventsub-Message-Type"), "webhook_callback_verification") && h.string("challenge") != ""
		},
		answer: func(h *shake) (core.Response, bool) { return inText(h.string("challenge")) },
	},
	{
		within: 3 * time.Second, judge: judgeSlack,
		name: "Slack url_verification", source: "api.slack.com/events/url_verification",
		method: http.MethodPost, word: "url_verification",
		when: func(h *shake) bool {
			return urlVerification(h) && (h.r.Header.Has("X-Slack-Signature") || strings.HasPrefix(h.r.Header.Get("User-Agent"), "Slackbot") || h.scheme == "slack")
		},
		answer: func(h *shake) (core.Response, bool) { return inText(h.string("challenge")) },
	},
	{ // without Slack's headers: Slack takes JSON, and Feishu takes nothing else
		within: 3 * time.Second,
		name:   "Slack or Feishu url_verification", source: "open.feishu.cn/document (request URL configuration); api.slack.com/events/url_verification",
		method: http.MethodPost, word: "url_verification", when: urlVerification,
		answer: func(h *shake) (core.Response, bool) { return inJSON("challenge", h.string("challenge")) },
	},
	{
		name: "Feishu url_verification, encrypted", source: "open.feishu.cn/document (request URL configuration, Encrypt Key)",
		method: http.MethodPost, word: `"encrypt"`,
		when:   func(h *shake) bool { return h.only("encrypt") && feishu(h) != "" },
		answer: func(h *shake) (core.Response, bool) { return inJSON("challenge", feishu(h)) },
	},
	{
		name: "monday.com or Miro challenge", source: "developer.monday.com/api-reference/docs/webhooks; developers.miro.com/docs/getting-started-with-webhooks",
		method: http.MethodPost, word: `"challenge"`,
		when:   func(h *shake) bool { return h.only("challenge") && h.string("challenge") != "" },
		answer: func(h *shake) (core.Response, bool) { return inJSON("challenge", h.string("challenge")) },
	},
	{
		within: 3 * time.Second,
		name:   "Zoom endpoint.url_validation", source: "developers.zoom.us/docs/api/webhooks (validate your webhook endpoint)",
		method: http.MethodPost, word: "endpoint.url_validation", needs: "secret",
		when: func(h *shake) bool { return h.body().text("event") == "endpoint.url_validation" },
		answer: func(h *shake) (core.Response, bool) {
			token := h.body().text("payload.plainToken")
			if token == "" || h.secret() == nil {
				return core.Response{}, false
			}
			b, _ := json.Marshal(struct {
				Plain     string `json:"plainToken"`
				Encrypted string `json:"encryptedToken"`
			}{token, encodeSignature("hex", digest("hmac-sha256", h.secret(), one("", []byte(token))))})
			return respond("application/json", b), true
		},
	},
	{
		within: 3 * time.Second,
		name:   "Discord PING", source: "discord.com/developers/docs/interactions/overview",
		method: http.MethodPost, header: "X-Signature-Ed25519",
		when: func(h *shake) bool { return h.body().text("type") == "1" },
		answer: func(h *shake) (core.Response, bool) {
			return h.probe("discord", respond("application/json", []byte(`{"type":1}`)))
		},
	},
	{
		name: "Xero intent to receive", source: "developer.xero.com/documentation/guides/webhooks/overview",
		method: http.MethodPost, header: "X-Xero-Signature",
		when: func(h *shake) bool { return h.body().text("entropy") != "" && string(h.body()["events"]) == "[]" },
		answer: func(h *shake) (core.Response, bool) {
			return h.probe("xero", core.Response{Status: 200})
		},
	},
	{
		note: "whether the handler then visits the SubscribeURL cannot be seen from here",
		name: "Amazon SNS subscription confirmation (SubscribeURL not followed)", source: "docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html",
		method: http.MethodPost, word: "SubscriptionConfirmation",
		when: func(h *shake) bool {
			return h.body().text("Type") == "SubscriptionConfirmation" && h.body().text("SubscribeURL") != ""
		},
		answer: func(*shake) (core.Response, bool) { return empty(200) },
	},
	{
		note: "the token has to be shown to somebody who enters it at Notion",
		name: "Notion verification_token", source: "developers.notion.com/reference/webhooks",
		method: http.MethodPost, word: "verification_token",
		when:   func(h *shake) bool { return h.only("verification_token") && h.string("verification_token") != "" },
		answer: func(*shake) (core.Response, bool) { return empty(200) },
	},
}

const (
	handshakeSecret = "handshake_secret"
	adobeClient     = "X-AdobeSign-ClientId"
	smartsheet      = "Smartsheet-Hook-Challenge"
)

// adobe echoes the client's id; with a handshake token only that client's.
func adobe(h *shake) (core.Response, bool) {
	id := h.r.Header.Get(adobeClient)
	good, _ := inHeader(core.Field{Name: adobeClient, Value: id})
	return h.withToken(id, good)
}

// validationToken is spelled in two ways: validationToken by Graph, validationtoken by SharePoint.
func validationToken(h *shake) string {
	for _, p := range h.query {
		if strings.EqualFold(p.name, "validationToken") {
			return p.value
		}
	}
	return ""
}

func urlVerification(h *shake) bool {
	return h.body().text("type") == "url_verification" && h.string("challenge") != ""
}

// feishu is the challenge in a body that is encrypted with the Encrypt Key, or "": AES-256-CBC under the key's SHA-256, the first
// block the vector.
func feishu(h *shake) string {
	data, err := base64.StdEncoding.DecodeString(h.string("encrypt"))
	if err != nil || len(data) < 2*aes.BlockSize || len(data)%aes.BlockSize != 0 {
		return ""
	}
	for _, secret := range h.tokens() {
		key := sha256.Sum256(secret)
		block, _ := aes.NewCipher(key[:]) // 32 bytes are a key
		plain := make([]byte, len(data)-aes.BlockSize)
		cipher.NewCBCDecrypter(block, data[:aes.BlockSize]).CryptBlocks(plain, data[aes.BlockSize:])
		if end := bytes.LastIndexByte(plain, '}'); end >= 0 {
			if o := readObject(plain[:end+1]); o.text("type") == "url_verification" {
				return o.text("challenge")
			}
		}
	}
	return ""
}
