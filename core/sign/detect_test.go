package sign_test

import (
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/sign"
)

// TestDetectNamesTheScheme holds detection against every valid vector: the right scheme is among the candidates,
// and where one is called sure it is the right one, or reads the request alike.
func TestDetectNamesTheScheme(t *testing.T) {
	first, all := 0, 0
	for _, v := range vectors(t) {
		if !v.Valid {
			continue
		}
		all++
		in := v.input()
		got := sign.Known().Detect(in.Request)
		at := slices.IndexFunc(got, func(m sign.Match) bool { return m.Scheme == v.Scheme })
		if at < 0 {
			t.Errorf("%s: %s is not among %v", v.ID, v.Scheme, got)
			continue
		}
		if at == 0 {
			first++
		}
		if s, _ := sign.Known().Find(got[0].Scheme); got[0].Sure && s.Verify(in).State != core.Verified {
			t.Errorf("%s: sure of %s, which does not verify: %s", v.ID, s.ID, got[0].Why)
		}
	}
	t.Logf("%d of %d valid vectors have their scheme first, the others further down", first, all)
}

func TestDetectSettlesSharedHeaders(t *testing.T) {
	hex64, hex40 := strings.Repeat("ab", 32), strings.Repeat("ab", 20)
	b64 := strings.Repeat("A", 43) + "="
	for _, c := range []struct {
		want   string
		sure   bool
		header core.Header
	}{
		{"github", true, core.Header{{Name: "X-GitHub-Event", Value: "push"}, {Name: "X-Hub-Signature", Value: "sha1=" + hex40}, {Name: "X-Hub-Signature-256", Value: "sha256=" + hex64}}},
		{"github-sha1", true, core.Header{{Name: "X-GitHub-Event", Value: "push"}, {Name: "X-Hub-Signature", Value: "sha1=" + hex40}}},
		{"gitea", true, core.Header{{Name: "X-GitHub-Event", Value: "push"}, {Name: "X-Gitea-Event", Value: "push"}, {Name: "X-Gitea-Signature", Value: hex64}, {Name: "X-Hub-Signature-256", Value: "sha256=" + hex64}}},
		{"bitbucket", true, core.Header{{Name: "X-Event-Key", Value: "repo:push"}, {Name: "X-Hook-UUID", Value: "u"}, {Name: "X-Hub-Signature", Value: "sha256=" + hex64}}},
		{"jira", true, core.Header{{Name: "X-Atlassian-Webhook-Identifier", Value: "u"}, {Name: "X-Hub-Signature", Value: "sha256=" + hex64}}},
		{"standard-webhooks", false, core.Header{{Name: "webhook-id", Value: "m"}, {Name: "webhook-timestamp", Value: "1"}, {Name: "webhook-signature", Value: "v1," + b64}}},
		{"openai", true, core.Header{{Name: "User-Agent", Value: "OpenAI-Webhooks/1"}, {Name: "webhook-id", Value: "m"}, {Name: "webhook-timestamp", Value: "1"}, {Name: "webhook-signature", Value: "v1," + b64}}},
		{"gocardless", true, core.Header{{Name: "Webhook-Signature", Value: hex64}}},
		{"cloudflare-stream", true, core.Header{{Name: "Webhook-Signature", Value: "time=1,sig1=" + hex64}}},
		{"hubspot-v2", true, core.Header{{Name: "X-HubSpot-Signature-Version", Value: "v2"}, {Name: "X-HubSpot-Signature", Value: hex64}}},
		{"airwallex", true, core.Header{{Name: "X-Timestamp", Value: "1759999997217"}, {Name: "X-Signature", Value: hex64}}},
		{"stripe", true, core.Header{{Name: "Stripe-Signature", Value: "t=1,v1=" + hex64}}},
		{"teams", true, core.Header{{Name: "Authorization", Value: "HMAC " + b64}}},
	} {
		got := sign.Known().Detect(&core.Request{Method: "POST", Header: c.header, Body: []byte("{}")})
		if len(got) == 0 || got[0].Scheme != c.want || got[0].Sure != c.sure || got[0].Why == "" {
			t.Errorf("want %s sure=%v, got %+v", c.want, c.sure, got)
		}
	}
}

func TestDetectNothing(t *testing.T) {
	if got := sign.Known().Detect(&core.Request{Method: "POST", Header: core.Header{{Name: "Content-Type", Value: "text/plain"}}, Body: []byte("hi")}); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

// TestEverySchemeIsDetected finds each scheme among those of the request that it signs, a user's own too.
func TestEverySchemeIsDetected(t *testing.T) {
	k := newKeys(t)
	first := 0
	for _, s := range sign.Known().All() {
		in, _ := signed(t, s, now, k.secret(s))
		got := sign.Known().Detect(in.Request)
		at := slices.IndexFunc(got, func(m sign.Match) bool { return m.Scheme == s.ID })
		if at < 0 {
			t.Errorf("%s is not among %+v", s.ID, got)
		}
		if at == 0 {
			first++
		}
	}
	mine := own(t, `{"id":"mine","sig":{"from":"header:X-Mine-Sig","format":"plain","prefix":"m="},"template":"{body}","alg":"hmac-sha512","enc":"base64","key":"utf8"}`)
	in, _ := signed(t, mine, now, core.Text("s"))
	got := sign.NewBook([]sign.Scheme{mine}).Detect(in.Request)
	if len(got) != 1 || got[0].Scheme != "mine" || !got[0].Sure {
		t.Errorf("an own scheme: %+v", got)
	}
	t.Logf("%d of %d first", first, len(sign.Known().All()))
}
