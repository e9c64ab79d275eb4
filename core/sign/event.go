package sign

import (
	"strings"

	"hookglass/core"
)

// Event recognises type and id of the event that a request brings: from headers where the provider sends them,
// else from a small body. What is not recognised stays empty. Payload is never set: it is the request's body.
func Event(r *core.Request) core.Event {
	e := eventFromHeaders(r.Header)
	if e.Type != "" && e.ID != "" || len(r.Body) == 0 || len(r.Body) > smallBody {
		return e
	}
	b := eventFromBody(r)
	if e.Type == "" {
		e.Type = b.Type
	}
	if e.ID == "" {
		e.ID = b.ID
	}
	return e
}

// headerEvent is a provider that names type or id in headers. The id must be the same over all retries, which rules
// out request ids.
type headerEvent struct{ kind, id string }

var headerEvents = [...]headerEvent{
	{"X-Gitea-Event", "X-Gitea-Delivery"}, // before GitHub and Gogs: Gitea sends their headers too
	{"X-Forgejo-Event", "X-Forgejo-Delivery"},
	{"X-Gogs-Event", "X-Gogs-Delivery"},
	{"X-GitHub-Event", "X-GitHub-Delivery"},
	{"X-Gitlab-Event", "X-Gitlab-Event-UUID"},
	{"X-Event-Key", "X-Request-UUID"},
	{"X-Shopify-Topic", "X-Shopify-Event-Id"},
	{"X-WC-Webhook-Topic", "X-WC-Webhook-Delivery-ID"},
	{"Linear-Event", "Linear-Delivery"},
	{"Sentry-Hook-Resource", ""},
	{"Twitch-Eventsub-Subscription-Type", "Twitch-Eventsub-Message-Id"},
	{"X-Contentful-Topic", ""},
	{"X-Buildkite-Event", ""},
	{"X-Event-Name", ""}, // Lemon Squeezy
	{"X-Amz-Sns-Message-Type", "X-Amz-Sns-Message-Id"},
	{"X-Webhook-Event", ""},
	{"", "svix-id"},
	{"", "webhook-id"},
	{"", "X-Razorpay-Event-Id"},
	{"", "X-Atlassian-Webhook-Identifier"},
}

func eventFromHeaders(h core.Header) core.Event {
	for _, p := range headerEvents {
		e := core.Event{Type: get(h, p.kind), ID: get(h, p.id)}
		if e.Type != "" || p.kind == "" && e.ID != "" {
			return e
		}
	}
	return core.Event{}
}

func get(h core.Header, name string) string {
	if name == "" {
		return ""
	}
	return strings.TrimSpace(h.Get(name))
}

// eventFromBody reads a JSON or form body.
func eventFromBody(r *core.Request) core.Event {
	kind := strings.ToLower(r.Header.Get("Content-Type"))
	if strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		return eventFromForm(r.Body)
	}
	if first := strings.TrimLeft(string(r.Body[:min(len(r.Body), 64)]), " \t\r\n"); first == "" || first[0] != '{' && first[0] != '[' {
		return core.Event{}
	}
	return eventFromJSON(readObject(r.Body))
}

// eventFromJSON looks where providers put type and id. Inner events come first: Slack's outer type is always
// "event_callback", PagerDuty's and Zendesk's names are inside as well.
func eventFromJSON(o object) core.Event {
	const adyen = "notificationItems.NotificationRequestItem."
	e := core.Event{
		Type: o.first("event.type", "event.event_type", "event-data.event", adyen+"eventCode",
			"subscriptionType", "webhookEvent", "event_type", "eventType", "event_name", "type", "event", "trigger", "topic", "object", "action"),
		ID: o.first("event_id", "event-data.id", "event.id", adyen+"pspReference", "eventId", "id", "uuid", "webhookId", "MessageId", "update_id"),
	}
	if o.text("update_id") != "" && e.Type == "" {
		e.Type = telegramKind(o)
	}
	return e
}

// telegramKind is the name of the one member that an update has beside its id.
func telegramKind(o object) string {
	if len(o) != 2 {
		return ""
	}
	for name := range o {
		if name != "update_id" {
			return name
		}
	}
	return ""
}

// eventFromForm reads the forms of Slack (commands and interactions), Twilio and Mandrill.
func eventFromForm(body []byte) core.Event {
	form := map[string]string{}
	for _, p := range formPairs(body) {
		form[p.name] = p.value
	}
	for _, name := range []string{"payload", "mandrill_events"} {
		if form[name] != "" {
			o := readObject([]byte(form[name]))
			return core.Event{Type: o.first("type", "event", "action"), ID: o.first("trigger_id", "_id", "id")}
		}
	}
	switch {
	case form["command"] != "":
		return core.Event{Type: "command " + form["command"], ID: form["trigger_id"]}
	case form["MessageSid"] != "":
		return core.Event{Type: status("message", form["MessageStatus"]), ID: form["MessageSid"]}
	case form["CallSid"] != "":
		return core.Event{Type: status("call", form["CallStatus"]), ID: form["CallSid"]}
	}
	return core.Event{Type: form["event"], ID: form["id"]}
}

func status(kind, status string) string {
	if status == "" {
		return kind
	}
	return kind + "." + status
}
