package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
)

// event is something that the sender tells of. Its retries carry the same id.
type event struct {
	id      string
	uuid    string
	number  int
	created time.Time
}

// newEvent makes one that this handler has never seen, also not in an earlier check-up.
func (e *exam) newEvent() event {
	e.events++
	stamp := e.start.UnixNano()
	return event{
		id:      fmt.Sprintf("evt_%x%04x", stamp, e.events),
		uuid:    fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", uint32(stamp>>28), uint16(stamp>>12), stamp&0xfff, e.events&0xfff, e.events),
		number:  e.events,
		created: time.Now(),
	}
}

// payload is the body of an event. Unless a check is about just that, it looks the same after any program has parsed and
// printed it again: sorted keys, no spaces, whole numbers, plain ASCII.
func (e *exam) payload(ev event) []byte {
	if e.cfg.Sample != nil {
		return renamed(e.cfg.Sample, ev)
	}
	return []byte(e.style.json(samplePayload(e.cfg.Scheme), ev))
}

// samplePayload is a template in which ID, UUID, CREATED and NUMBER stand for what differs between events.
func samplePayload(scheme sign.Scheme) string {
	template, place := scheme.Template, scheme.Sig.From
	switch {
	case scheme.Media() == sign.FormMedia:
		body := "Body=hello&From=%2B15550100&MessageSid=SMID&Number=NUMBER"
		for _, name := range scheme.FormFields() {
			body += "&" + url.QueryEscape(name) + "=ID"
		}
		return body
	case strings.HasPrefix(template, "{json:signature."): // Mailgun
		return `{"event-data":{"event":"delivered","id":"ID","timestamp":CREATED},"signature":{"signature":"","timestamp":"","token":"UUID"}}`
	case template == "{adyen}":
		return `{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":""},"amount":{"currency":"EUR","value":1000},"eventCode":"AUTHORISATION","merchantAccountCode":"Test","merchantReference":"NUMBER","originalReference":"","pspReference":"ID","success":"true"}}]}`
	case template == "{sns}":
		return `{"Message":"hello NUMBER","MessageId":"UUID","Signature":"","SignatureVersion":"2","SigningCertURL":"https://sns.us-east-1.amazonaws.com/cert.pem","Timestamp":"2026-01-01T00:00:00.000Z","TopicArn":"arn:aws:sns:us-east-1:000000000000:test","Type":"Notification"}`
	case place == "json:passcode": // Figma
		return `{"created":CREATED,"event_type":"FILE_UPDATE","id":"ID","passcode":"","webhook_id":"NUMBER"}`
	default:
		return `{"created":CREATED,"data":{"amount":1200,"currency":"usd","number":NUMBER},"event_id":"ID","id":"ID","type":"invoice.paid"}`
	}
}

// style is how a delivery is written. The first one that the handler accepts is kept; if that is not the plain one, the
// difference is a finding.
type style struct {
	spell  func(string) string // of header names; nil: as the provider documents them
	spaced bool                // a space behind each separator, as Python prints JSON
}

func (s style) json(template string, ev event) string {
	if s.spaced && strings.HasPrefix(template, "{") {
		template = strings.NewReplacer(`,`, `, `, `:`, `: `).Replace(template)
	}
	return strings.NewReplacer("UUID", ev.uuid, "ID", ev.id, "CREATED", fmt.Sprint(ev.created.Unix()), "NUMBER", fmt.Sprint(ev.number)).Replace(template)
}

// renamed is a sample given another event id, where it has one, without touching any other byte.
func renamed(sample []byte, ev event) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(sample, &members) != nil {
		return sample
	}
	out := sample
	for _, name := range []string{"id", "event_id", "eventId"} {
		var id string
		if json.Unmarshal(members[name], &id) == nil && id != "" {
			out = bytes.ReplaceAll(out, members[name], []byte(`"`+ev.id+`"`))
		}
	}
	return out
}

// with adds a member at the end of a JSON object, or a field to a form. value is JSON.
func with(body []byte, name, value string) []byte {
	trimmed := bytes.TrimRight(body, " \r\n\t")
	if inner, ok := bytes.CutSuffix(trimmed, []byte("}")); ok {
		comma, colon := ",", ":"
		if bytes.Contains(body, []byte(`": `)) {
			comma, colon = ", ", ": "
		}
		return fmt.Appendf(bytes.Clone(inner), "%s%q%s%s}", comma, name, colon, value)
	}
	var text string
	json.Unmarshal([]byte(value), &text)
	return fmt.Appendf(bytes.Clone(body), "&%s=%s", name, url.QueryEscape(text))
}

// withFirst adds a member in front, where no program that sorts keys would put it.
func withFirst(body []byte, name, value string) []byte {
	rest, ok := bytes.CutPrefix(body, []byte("{"))
	if !ok {
		return body
	}
	return fmt.Appendf(nil, "{%q:%s,%s", name, value, rest)
}

// tampered is the body with one digit changed, differently for each k, and still good JSON; the ids stay.
func tampered(body []byte, ev event, k int) []byte {
	out := bytes.Clone(body)
	guard := bytes.ReplaceAll(bytes.ReplaceAll(body, []byte(ev.id), bytes.Repeat([]byte("x"), len(ev.id))), []byte(ev.uuid), bytes.Repeat([]byte("x"), len(ev.uuid)))
	var digits []int
	for i, c := range guard {
		if c >= '1' && c <= '9' {
			digits = append(digits, i)
		}
	}
	if len(digits) == 0 {
		return append(out, bytes.Repeat([]byte(" "), 1+k)...)
	}
	i := digits[k%len(digits)]
	out[i] = '1' + (out[i]-'0'+byte(k/len(digits)))%9
	if out[i] == body[i] {
		out[i] = '1' + (out[i]-'0')%9
	}
	return out
}

// eventHeaders are the fields beside the signature that a provider sends with an event, as far as handlers go by them.
func eventHeaders(scheme string, ev event) core.Header {
	habit := core.Header{{Name: "X-Webhook-Id", Value: ev.id}, {Name: "X-Event-Id", Value: ev.id}} // nobody's contract, many handlers' habit
	if p, ok := platform.Find(scheme); ok {
		if p.StandsFor != "" {
			return eventHeaders(p.StandsFor, ev)
		}
		return habit
	}
	switch scheme {
	case "github", "github-sha1":
		return core.Header{{Name: "X-GitHub-Event", Value: "push"}, {Name: "X-GitHub-Delivery", Value: ev.uuid}}
	case "gitea", "forgejo":
		return core.Header{{Name: "X-Gitea-Event", Value: "push"}, {Name: "X-Gitea-Delivery", Value: ev.uuid}}
	case "gogs":
		return core.Header{{Name: "X-Gogs-Event", Value: "push"}, {Name: "X-Gogs-Delivery", Value: ev.uuid}}
	case "gitlab", "gitlab-signing":
		return core.Header{{Name: "X-Gitlab-Event", Value: "Push Hook"}, {Name: "X-Gitlab-Event-UUID", Value: ev.uuid}, {Name: "Idempotency-Key", Value: ev.uuid}}
	case "bitbucket", "bitbucket-server":
		return core.Header{{Name: "X-Event-Key", Value: "repo:push"}, {Name: "X-Request-UUID", Value: ev.uuid}}
	case "shopify":
		return core.Header{{Name: "X-Shopify-Topic", Value: "orders/paid"}, {Name: "X-Shopify-Webhook-Id", Value: ev.uuid}, {Name: "X-Shopify-Event-Id", Value: ev.uuid}}
	case "woocommerce":
		return core.Header{{Name: "X-WC-Webhook-Topic", Value: "order.updated"}, {Name: "X-WC-Webhook-Delivery-ID", Value: ev.uuid}}
	case "linear":
		return core.Header{{Name: "Linear-Event", Value: "Issue"}, {Name: "Linear-Delivery", Value: ev.uuid}}
	case "twitch":
		return core.Header{{Name: "Twitch-Eventsub-Message-Type", Value: "notification"}}
	case "box":
		return core.Header{{Name: "Box-Delivery-Id", Value: ev.uuid}}
	case "hmac-sha256-hex", "hmac-sha256-prefixed", "cursor":
		return habit
	}
	return nil
}

// AnswerLimit is how long a provider waits for the answer, and where that is from. Without a document it is our choice.
func AnswerLimit(scheme string) (time.Duration, string) {
	known := map[string]struct {
		seconds int
		source  string
	}{
		"github":         {10, "docs.github.com, best practices for using webhooks"},
		"github-sha1":    {10, "docs.github.com, best practices for using webhooks"},
		"gitlab":         {10, "docs.gitlab.com, webhook timeouts"},
		"gitlab-signing": {10, "docs.gitlab.com, webhook timeouts"},
		"bitbucket":      {10, "support.atlassian.com, manage webhooks"},
		"slack":          {3, "docs.slack.dev, Events API"},
		"shopify":        {5, "shopify.dev, HTTPS delivery"},
		"discord":        {3, "discord.com/developers, interactions"},
		"zoom":           {3, "developers.zoom.us, webhooks"},
		"twilio":         {15, "twilio.com/docs, webhooks"},
		"twilio-json":    {15, "twilio.com/docs, webhooks"},
		"svix":           {15, "docs.svix.com, receiving webhooks"},
		"clerk":          {15, "sent by Svix"},
		"resend":         {15, "sent by Svix"},
		"square":         {10, "developer.squareup.com, webhooks"},
		"linear":         {5, "linear.app/developers, webhooks"},
		"hubspot-v1":     {5, "developers.hubspot.com, webhooks"},
		"hubspot-v2":     {5, "developers.hubspot.com, webhooks"},
		"hubspot-v3":     {5, "developers.hubspot.com, webhooks"},
		"intercom":       {5, "developers.intercom.com, webhooks"},
	}
	if l, ok := known[scheme]; ok {
		return time.Duration(l.seconds) * time.Second, l.source
	}
	return 10 * time.Second, "no limit is documented that we know of: 10 s is our choice"
}
