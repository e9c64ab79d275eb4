package sign_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// TestNotes looks at what is said beside the verdict: where official libraries differ, and what is not protected.
func TestNotes(t *testing.T) {
	k := newKeys(t)
	for _, c := range []struct {
		scheme string
		after  time.Duration
		change func(*core.Request)
		state  core.VerdictState
		note   string
	}{
		{"github", 0, upper("X-Hub-Signature-256", "sha256="), core.Verified, "octokit"},
		{"stripe", 0, upperAfter("Stripe-Signature", "v1="), core.Verified, "stripe-node compares text and rejects it"},
		{"nekro", 0, upper("X-Hub-Signature-256", "sha256="), core.Mismatch, "compares text and refuses it"},
		{"github", 0, func(r *core.Request) {
			r.Header = r.Header.With("X-Hub-Signature-256", strings.TrimPrefix(r.Header.Get("X-Hub-Signature-256"), "sha256="))
		}, core.Malformed, "go-playground/webhooks trims the prefix"},
		{"github", 0, func(r *core.Request) {
			r.Header = append(r.Header, core.Field{Name: "x-hub-signature-256", Value: "sha256=00"})
		}, core.Verified, "The header comes 2 times"},
		{"stripe", -time.Hour, nil, core.Verified, "accept a timestamp in the future"},
		{"slack", -time.Hour, nil, core.Stale, "in the future"},
		{"slack", time.Hour, nil, core.Stale, "it is 1 hour old, and 5 minutes are allowed"},
		{"zoom", time.Hour, nil, core.Stale, "defines no tolerance"},
		{"paddle", time.Minute, nil, core.Stale, "paddle-go-sdk has no tolerance"},
		{"paddle", 0, func(r *core.Request) {
			r.Header = r.Header.With("Paddle-Signature", r.Header.Get("Paddle-Signature")+";h1="+strings.Repeat("0", 64))
		}, core.Verified, "paddle-go-sdk v4.1.0 rejects"},
		{"gitlab", 0, nil, core.Verified, "the body is not protected"},
		{"mailgun", 0, nil, core.Verified, "body is not protected"},
		{"aws-sns", 0, nil, core.Verified, "sns.eu-west-1.amazonaws.com and was not fetched"},
		{"mollie", 0, nil, core.Verified, "third party's catalogue"},
		{"workos", 0, nil, core.Verified, "JSON.stringify"},
		{"github", 0, func(r *core.Request) { r.Truncated = true }, core.Verified, "cut when it was recorded"},
		{"slack", 0, func(r *core.Request) { r.Header = r.Header.Without("X-Slack-Request-Timestamp") }, core.Missing, "header X-Slack-Request-Timestamp"},
	} {
		t.Run(c.scheme+" "+c.note, func(t *testing.T) {
			s, _ := sign.Known().Find(c.scheme)
			in, _ := signed(t, s, now, k.secret(s))
			in.Now = now.Add(c.after)
			if c.change != nil {
				in = with(in, c.change)
			}
			v := s.Verify(in)
			if v.State != c.state || !strings.Contains(strings.Join(v.Notes, "\n"), c.note) {
				t.Errorf("got %s, want %s and a note with %q\nnotes %q", v.State, c.state, c.note, v.Notes)
			}
		})
	}
}

func upper(name, prefix string) func(*core.Request) {
	return func(r *core.Request) {
		r.Header = r.Header.With(name, prefix+strings.ToUpper(strings.TrimPrefix(r.Header.Get(name), prefix)))
	}
}

func upperAfter(name, mark string) func(*core.Request) {
	return func(r *core.Request) {
		before, after, _ := strings.Cut(r.Header.Get(name), mark)
		r.Header = r.Header.With(name, before+mark+strings.ToUpper(after))
	}
}

// TestTimestampAsText signs a timestamp that no program would print: it is signed as it stands.
func TestTimestampAsText(t *testing.T) {
	s, _ := sign.Parse([]byte(`{"id":"own","sig":{"from":"header:S","format":"plain"},"ts":{"from":"header:T","unit":"s","tolerance":300,"future":true},
		"template":"{ts}","alg":"sha256","enc":"hex","key":"utf8"}`))
	for _, c := range []struct {
		ts    string
		state core.VerdictState
		note  string
	}{
		{fmt.Sprint(now.Unix()), core.Verified, ""},
		{fmt.Sprintf("0%d", now.Unix()), core.Verified, "leading zeros"},
		{"+" + fmt.Sprint(now.Unix()), core.Malformed, "its age cannot be checked"},
		{fmt.Sprint(now.Unix()) + ".5", core.Malformed, "its age cannot be checked"},
		{fmt.Sprint(now.UnixMilli()), core.Stale, "in the future"},
		{"99999999999999999999", core.Malformed, "its age cannot be checked"},
		{"9223372036854775807", core.Stale, ""},
	} {
		r := &core.Request{Header: core.Header{{Name: "T", Value: c.ts}, {Name: "S", Value: ""}}}
		in := sign.Input{Request: r, Secrets: []core.Secret{core.Text("s")}, Now: now}
		r.Header = r.Header.With("S", s.Verify(in).Wanted)
		v := s.Verify(in)
		if v.State != c.state || !strings.Contains(strings.Join(v.Notes, "\n"), c.note) {
			t.Errorf("%s: got %s %q, want %s", c.ts, v.State, v.Notes, c.state)
		}
	}
}

// TestSecretsInOtherForms reads the same key as different providers show it.
func TestSecretsInOtherForms(t *testing.T) {
	for _, c := range []struct {
		scheme, secret string
		state          core.VerdictState
		key            string
	}{
		{"standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", core.Verified, "whsec_ stripped, base64: 24 bytes"},
		{"standard-webhooks", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", core.Verified, "base64: 24 bytes"},
		{"supabase-auth", "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", core.Verified, "v1, stripped, whsec_ stripped, base64: 24 bytes"},
		{"polar-legacy", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", core.Mismatch, "used as text: 38 bytes"},
		{"standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", core.Mismatch, "cannot be used: the secret, whsec_ stripped, is not base64"},
		{"standard-webhooks", "whsec_!", core.Mismatch, "cannot be used: the secret, whsec_ stripped, is not base64"},
	} {
		s, _ := sign.Known().Find(c.scheme)
		standard, _ := sign.Known().Find("standard-webhooks")
		in, _ := signed(t, standard, now, core.Text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
		in.Secrets = []core.Secret{core.Text(c.secret)}
		if v := s.Verify(in); v.State != c.state || v.Key != c.key {
			t.Errorf("%s under %s: got %s, key %q, want %s, %q", c.scheme, c.secret, v.State, v.Key, c.state, c.key)
		}
	}
}

func TestCertificates(t *testing.T) {
	k := newKeys(t)
	for _, id := range []string{"aws-sns", "paypal"} {
		s, _ := sign.Known().Find(id)
		in, _ := signed(t, s, now, k.secret(s))
		in.Cert, in.Secrets = k.rsa, nil
		wantState(t, s, in, core.Verified, id+" under the certificate")
		in.Cert = []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
		wantState(t, s, in, core.Mismatch, id+" under a broken certificate")
		in.Cert = nil
		wantState(t, s, in, core.NoSecret, id+" without a certificate")
	}
	s, _ := sign.Known().Find("paypal")
	in, _ := signed(t, s, now, k.secret(s))
	in.Params = nil
	v := s.Verify(in)
	if v.State != core.NoSecret || !strings.Contains(v.Notes[0], "webhook_id") {
		t.Errorf("without webhook_id: got %s %q", v.State, v.Notes)
	}
}

// TestAdyenItems tampers with the second item of a notification, which has a signature of its own.
func TestAdyenItems(t *testing.T) {
	s, _ := sign.Known().Find("adyen-standard")
	in, _ := signed(t, s, now, core.Text("00ff"))
	item := strings.TrimSuffix(strings.TrimPrefix(string(in.Request.Body), `{"notificationItems":[`), `]}`)
	for _, c := range []struct {
		second string
		want   core.VerdictState
	}{
		{item, core.Verified},
		{strings.Replace(item, `"value":1`, `"value":9`, 1), core.Mismatch},
		{`{"NotificationRequestItem":{"pspReference":"p"}}`, core.Missing},
	} {
		changed := with(in, func(r *core.Request) { r.Body = fmt.Appendf(nil, `{"notificationItems":[%s,%s]}`, item, c.second) })
		wantState(t, s, changed, c.want, c.second)
	}
}
