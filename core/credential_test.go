package core_test

import (
	"strings"
	"testing"

	"hookglass/core"
)

func TestCredentialNames(t *testing.T) {
	for _, name := range []string{"Token", "X-Auth-Email", "X-Auth-Key", "X-Functions-Key", "Ocp-Apim-Subscription-Key", "Cookie2", "X-CSRFToken", "Authorization ", "AUTHORIZATION",
		"Proxy-Authorization", "Set-Cookie", "X-Api-Key", "apikey", "X-Gitlab-Token", "X-Amz-Security-Token", "X-Vault-Token", "Private-Token", "Sec-WebSocket-Password", "X-Slack-Client-Secret"} {
		if !core.CredentialHeader(name) {
			t.Errorf("the header %q is not hidden", name)
		}
	}
	for _, name := range strings.Fields("key sig code pwd jwt accessToken X-Amz-Signature %74oken access_token client_secret user[password] api_key apikey password refresh-token sv_secret") {
		if !core.CredentialField(name) {
			t.Errorf("the field %q is not hidden", name)
		}
	}
	for _, name := range []string{"X-Hub-Signature-256", "Stripe-Signature", "Idempotency-Key", "I-Twilio-Idempotency-Token", "Content-Type", "X-GitHub-Event", "Authority", "Host", "Key-Id"} {
		if core.CredentialHeader(name) {
			t.Errorf("the header %q is hidden", name)
		}
	}
	for _, name := range strings.Fields("id event monkey keyboard barcode status X-Amz-Date") {
		if core.CredentialField(name) {
			t.Errorf("the field %q is hidden", name)
		}
	}
	if got := core.HideUserinfo("https://u:p@a.test/x@y?z=1"); got != "https://••••@a.test/x@y?z=1" {
		t.Error(got)
	}
}
