package sign

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"hookglass/core"
)

// Ask is a provider's handshake as one sends it to one's own handler.
type Ask struct {
	ID     string // "slack"
	Title  string // "Slack url_verification"
	Scheme string // that signs it; empty: it is not signed, or what signs it is asked for in Needs
	Needs  string // what its question cannot be made without, beside a scheme's secret, in words; empty: nothing

	make func(d *draw) core.Request
}

// Asks are the handshakes that can be sent, by title.
func Asks() []Ask { return slices.Clone(asks) }

// FindAsk finds one by its id.
func FindAsk(id string) (Ask, error) {
	names := make([]string, len(asks))
	for i, a := range asks {
		if names[i] = a.ID; a.ID == id {
			return a, nil
		}
	}
	return Ask{}, &core.Invalid{Field: "handshake", Reason: fmt.Sprintf("there is no %q; want %s", id, core.OrList(names))}
}

// Request is the question for an address, drawn from seed: a challenge that was never there before. secret is what was agreed with the
// provider for it. It is not signed yet.
func (a Ask) Request(address string, secret core.Secret, seed uint64, now time.Time) (core.Request, error) {
	if a.Needs != "" && secret.Empty() {
		return core.Request{}, &core.Invalid{Field: "secret", Reason: "is missing: " + a.Needs}
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return core.Request{}, &core.Invalid{Field: "url", Reason: "want an address like http://127.0.0.1:3000/webhooks"}
	}
	r := a.make(&draw{rand.New(rand.NewPCG(seed, 0)), secret, now})
	r.Proto, r.Base, r.Host = "HTTP/1.1", u.Scheme+"://"+u.Host, u.Host
	query := strings.TrimPrefix(r.Target, "?")
	if u.RawQuery != "" && query != "" {
		query = u.RawQuery + "&" + query
	} else if query == "" {
		query = u.RawQuery
	}
	if r.Target = u.EscapedPath(); r.Target == "" {
		r.Target = "/"
	}
	if query != "" {
		r.Target += "?" + query
	}
	r.Size = int64(len(r.Body))
	return r, nil
}

// draw is what a question is made with.
type draw struct {
	chance *rand.Rand
	secret core.Secret
	now    time.Time
}

func (d *draw) text(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.chance.IntN(len(alphabet))]
	}
	return string(b)
}

const (
	digits  = "0123456789"
	hexes   = digits + "abcdef"
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" + digits
)

// asked asks with parameters of the query, name and value in turn.
func asked(params ...string) core.Request {
	return core.Request{Method: "GET", Target: inQuery(params...)}
}

func inQuery(params ...string) string {
	var parts []string
	for i := 0; i+1 < len(params); i += 2 {
		parts = append(parts, url.QueryEscape(params[i])+"="+url.QueryEscape(params[i+1]))
	}
	return "?" + strings.Join(parts, "&")
}

// post asks with JSON.
func post(body any, fields ...core.Field) core.Request {
	b, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("a question is plain data: %v", err))
	}
	return core.Request{Method: "POST", Header: append(core.Header{{Name: "Content-Type", Value: "application/json"}}, fields...), Body: b}
}

type members = map[string]any

func from(agent string) core.Field { return core.Field{Name: "User-Agent", Value: agent} }

// asks are as the documents of the greetings say that the providers ask.
var asks = []Ask{
	{ID: "adobe-sign", Title: "Adobe Sign X-AdobeSign-ClientId", make: func(d *draw) core.Request {
		r := asked()
		r.Target, r.Header = "", core.Header{{Name: adobeClient, Value: d.text(letters, 24)}}
		return r
	}},
	{ID: "sns", Title: "Amazon SNS subscription confirmation", make: func(d *draw) core.Request {
		token := d.text(hexes, 64)
		return post(members{"Type": "SubscriptionConfirmation", "MessageId": d.uuid(), "Token": token, "TopicArn": "arn:aws:sns:us-east-1:123456789012:MyTopic",
			"Message":      "You have chosen to subscribe to the topic arn:aws:sns:us-east-1:123456789012:MyTopic.\nTo confirm the subscription, visit the SubscribeURL included in this message.",
			"SubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:MyTopic&Token=" + token,
			"Timestamp":    d.now.UTC().Format("2006-01-02T15:04:05.000Z"), "SignatureVersion": "1"},
			core.Field{Name: "x-amz-sns-message-type", Value: "SubscriptionConfirmation"}, from("Amazon Simple Notification Service Agent"))
	}},
	{ID: "asana", Title: "Asana X-Hook-Secret", make: func(d *draw) core.Request {
		return post(members{}, core.Field{Name: "X-Hook-Secret", Value: d.text(hexes, 64)})
	}},
	{ID: "event-grid", Title: "Azure Event Grid validationCode", make: func(d *draw) core.Request {
		return post([]any{members{"id": d.uuid(), "topic": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.EventGrid/topics/t", "subject": "",
			"data":      members{"validationCode": strings.ToUpper(d.uuid()), "validationUrl": "https://rp-eastus.eventgrid.azure.net/validate?id=" + d.uuid()},
			"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "eventTime": d.now.UTC().Format(time.RFC3339), "metadataVersion": "1", "dataVersion": "1"}},
			core.Field{Name: "aeg-event-type", Value: "SubscriptionValidation"})
	}},
	{ID: "cloudevents", Title: "CloudEvents WebHook-Request-Origin", make: func(*draw) core.Request {
		return core.Request{Method: "OPTIONS", Header: core.Header{{Name: "WebHook-Request-Origin", Value: "eventemitter.example.com"}, {Name: "WebHook-Request-Rate", Value: "120"}}}
	}},
	{ID: "discord", Title: "Discord PING", Scheme: "discord", make: func(d *draw) core.Request {
		return post(members{"application_id": d.text(digits, 18), "id": d.text(digits, 18), "token": d.text(letters, 32), "type": 1, "version": 1}, from("Discord-Interactions/1.0 (+https://discord.com)"))
	}},
	{ID: "dropbox", Title: "Dropbox challenge", make: func(d *draw) core.Request { return asked("challenge", d.text(letters, 32)) }},
	{ID: "ebay", Title: "eBay challenge_code", Needs: "eBay's verification token, which its answer is made of", make: func(d *draw) core.Request { return asked("challenge_code", d.text(hexes, 32)) }},
	{ID: "feishu", Title: "Feishu url_verification", make: func(d *draw) core.Request {
		return post(members{"challenge": d.uuid(), "token": d.text(letters, 32), "type": "url_verification"})
	}},
	{ID: "fitbit", Title: "Fitbit verify", Needs: "the verification code, which is what Fitbit asks with", make: func(d *draw) core.Request { return asked("verify", string(d.secret.Reveal())) }},
	{ID: "trello", Title: "HEAD probe of Trello", make: func(*draw) core.Request { return core.Request{Method: "HEAD"} }},
	{ID: "meta", Title: "Meta hub.challenge", make: func(d *draw) core.Request {
		return asked("hub.mode", "subscribe", "hub.challenge", "1"+d.text(digits, 9), "hub.verify_token", d.agreed())
	}},
	{ID: "microsoft", Title: "Microsoft validationToken", make: func(d *draw) core.Request {
		r := core.Request{Method: "POST", Header: core.Header{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}}}
		r.Target = inQuery("validationToken", "Validation: Testing client application reachability for subscription Request-Id: "+d.uuid())
		return r
	}},
	{ID: "monday", Title: "monday.com or Miro challenge", make: func(d *draw) core.Request { return post(members{"challenge": d.text(letters, 32)}) }},
	{ID: "notion", Title: "Notion verification_token", make: func(d *draw) core.Request {
		return post(members{"verification_token": "secret_" + d.text(letters, 43)})
	}},
	{ID: "okta", Title: "Okta verification", make: func(d *draw) core.Request {
		return core.Request{Method: "GET", Header: core.Header{{Name: "X-Okta-Verification-Challenge", Value: d.text(letters, 32)}}}
	}},
	{ID: "slack", Title: "Slack url_verification", Scheme: "slack", make: func(d *draw) core.Request {
		return post(members{"challenge": d.text(letters, 52), "token": d.text(letters, 24), "type": "url_verification"}, from("Slackbot 1.0 (+https://api.slack.com/robots)"))
	}},
	{ID: "smartsheet", Title: "Smartsheet-Hook-Challenge", make: func(d *draw) core.Request {
		c := d.uuid()
		return post(members{"challenge": c, "webhookId": 1e15 + float64(d.chance.IntN(1e9))}, core.Field{Name: smartsheet, Value: c})
	}},
	{ID: "strava", Title: "Strava hub.challenge", make: func(d *draw) core.Request {
		return asked("hub.verify_token", d.agreed(), "hub.challenge", "f"+d.text(hexes, 31), "hub.mode", "subscribe")
	}},
	{ID: "twitch", Title: "Twitch callback verification", Scheme: "twitch", make: func(d *draw) core.Request {
		return post(members{"challenge": d.text(letters, 32), "subscription": members{"id": d.uuid(), "status": "webhook_callback_verification_pending", "type": "channel.follow", "version": "2",
			"created_at": d.now.UTC().Format(time.RFC3339Nano), "transport": members{"method": "webhook"}}},
			core.Field{Name: "Twitch-Eventsub-Message-Id", Value: d.uuid()}, core.Field{Name: "Twitch-Eventsub-Message-Type", Value: "webhook_callback_verification"}, core.Field{Name: "Twitch-Eventsub-Subscription-Type", Value: "channel.follow"})
	}},
	{ID: "websub", Title: "WebSub hub.challenge", make: func(d *draw) core.Request {
		return asked("hub.mode", "subscribe", "hub.topic", "https://example.com/feed", "hub.challenge", d.text(letters, 32), "hub.lease_seconds", "864000")
	}},
	{ID: "wechat", Title: "WeChat echostr", Needs: "the token that was agreed with WeChat, which signs its question", make: func(d *draw) core.Request {
		at, nonce := fmt.Sprint(d.now.Unix()), d.text(digits, 10)
		parts := []string{string(d.secret.Reveal()), at, nonce}
		slices.Sort(parts)
		sum := sha1.Sum([]byte(strings.Join(parts, "")))
		return asked("signature", hex.EncodeToString(sum[:]), "echostr", d.text(digits, 19), "timestamp", at, "nonce", nonce)
	}},
	{ID: "x", Title: "X CRC", Scheme: "x-twitter", make: func(d *draw) core.Request {
		return asked("crc_token", d.text(letters, 48), "nonce", d.text(letters, 24))
	}},
	{ID: "xero", Title: "Xero intent to receive", Scheme: "xero", make: func(d *draw) core.Request {
		return post(members{"events": []any{}, "firstEventSequence": 0, "lastEventSequence": 0, "entropy": strings.ToUpper(d.text("abcdefghijklmnopqrstuvwxyz", 20))})
	}},
	{ID: "zoom", Title: "Zoom endpoint.url_validation", Scheme: "zoom", make: func(d *draw) core.Request {
		return post(members{"payload": members{"plainToken": d.text(letters, 22)}, "event_ts": d.now.UnixMilli(), "event": "endpoint.url_validation"}, from("Zoom Marketplace/1.0a"))
	}},
}

func (d *draw) uuid() string {
	return d.text(hexes, 8) + "-" + d.text(hexes, 4) + "-4" + d.text(hexes, 3) + "-a" + d.text(hexes, 3) + "-" + d.text(hexes, 12)
}

// agreed is the token that was agreed with the provider; where none is given, one stands in to be put right.
func (d *draw) agreed() string {
	if d.secret.Empty() {
		return "YOUR_VERIFY_TOKEN"
	}
	return string(d.secret.Reveal())
}
