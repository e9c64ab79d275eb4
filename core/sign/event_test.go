package sign_test

import (
	"bytes"
	"testing"

	"hookglass/core"
	"hookglass/core/sign"
)

func TestEvent(t *testing.T) {
	form := core.Field{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}
	for _, c := range []struct {
		provider, kind, id string
		header             core.Header
		body               string
	}{
		{"GitHub", "push", "72d3162e", core.Header{{Name: "x-github-event", Value: "push"}, {Name: "X-GitHub-Delivery", Value: "72d3162e"}}, `{"ref":"x","id":9}`},
		{"Gitea, which sends GitHub's headers too", "create", "g-1", core.Header{{Name: "X-GitHub-Event", Value: "create"}, {Name: "X-GitHub-Delivery", Value: "other"},
			{Name: "X-Gitea-Event", Value: "create"}, {Name: "X-Gitea-Delivery", Value: "g-1"}}, ``},
		{"Stripe", "charge.succeeded", "evt_1", nil, `{"id":"evt_1","object":"event","type":"charge.succeeded"}`},
		{"Slack event", "app_mention", "Ev08", nil, `{"type":"event_callback","event":{"type":"app_mention"},"event_id":"Ev08"}`},
		{"Slack command", "command /weather", "13345224609", core.Header{form}, `command=%2Fweather&trigger_id=13345224609`},
		{"Slack interaction", "block_actions", "t1", core.Header{form}, `payload=%7B%22type%22%3A%22block_actions%22%2C%22trigger_id%22%3A%22t1%22%7D`},
		{"Shopify", "orders/create", "98880550", core.Header{{Name: "X-Shopify-Topic", Value: "orders/create"}, {Name: "X-Shopify-Event-Id", Value: "98880550"}}, `{"id":820982911946154508}`},
		{"Svix", "user.created", "msg_1", core.Header{{Name: "svix-id", Value: "msg_1"}}, `{"type":"user.created","data":{"id":"u"}}`},
		{"Standard Webhooks", "invoice.paid", "msg_2", core.Header{{Name: "webhook-id", Value: "msg_2"}}, `{"type":"invoice.paid"}`},
		{"Twilio message", "message.delivered", "SM1", core.Header{form}, `MessageSid=SM1&MessageStatus=delivered`},
		{"Mandrill", "open", "m1", core.Header{form}, `mandrill_events=%5B%7B%22event%22%3A%22open%22%2C%22_id%22%3A%22m1%22%7D%5D`},
		{"Mailgun", "delivered", "CPg", nil, `{"signature":{"token":"a"},"event-data":{"event":"delivered","id":"CPg"}}`},
		{"Adyen", "AUTHORISATION", "7914", nil, `{"live":"false","notificationItems":[{"NotificationRequestItem":{"eventCode":"AUTHORISATION","pspReference":"7914"}}]}`},
		{"PagerDuty", "incident.triggered", "01B", nil, `{"event":{"id":"01B","event_type":"incident.triggered"}}`},
		{"HubSpot sends a list", "contact.creation", "531833541", nil, `[{"eventId":531833541,"subscriptionType":"contact.creation"}]`},
		{"PayPal", "PAYMENT.SALE.COMPLETED", "WH-7", nil, `{"id":"WH-7","event_type":"PAYMENT.SALE.COMPLETED"}`},
		{"Telegram", "message", "10000", nil, `{"update_id":10000,"message":{"text":"/start"}}`},
		{"JoAi", "agent.message", "", nil, `{"event":"agent.message","webhook":{"id":"w"},"data":{}}`},
		{"SNS", "Notification", "22b8", core.Header{{Name: "X-Amz-Sns-Message-Type", Value: "Notification"}, {Name: "X-Amz-Sns-Message-Id", Value: "22b8"}}, ``},
		{"plain text", "", "", nil, `type=x`},
		{"no event", "", "", nil, `{"a":[1,2]}`},
		{"null", "", "", nil, `null`},
	} {
		t.Run(c.provider, func(t *testing.T) {
			got := sign.Event(&core.Request{Method: "POST", Header: c.header, Body: []byte(c.body)})
			if got.Type != c.kind || got.ID != c.id || got.Payload != nil {
				t.Errorf("got %q %q %q, want %q %q", got.Type, got.ID, got.Payload, c.kind, c.id)
			}
		})
	}
}

// TestEventLeavesLargeBodies holds the reading of bodies to small ones, since every capture goes through it.
func TestEventLeavesLargeBodies(t *testing.T) {
	body := append([]byte(`{"type":"t","pad":"`), bytes.Repeat([]byte("x"), 1<<20)...)
	if got := sign.Event(&core.Request{Method: "POST", Body: append(body, `"}`...)}); got.Type != "" {
		t.Errorf("got %q from a body of 1 MiB", got.Type)
	}
}
