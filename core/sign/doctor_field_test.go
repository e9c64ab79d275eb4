package sign_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// fieldCase is one row of testdata/field_signature_cases.json: what somebody reported of a signature that did not verify, made
// anew, with the report that it stands for.
type fieldCase struct {
	ID, Kind, Report, Expected, Scheme, Secret, URL, Computed string
	Headers                                                   [][2]string
	Body                                                      []byte `json:"body_b64"`
	Now                                                       int64
}

func (c fieldCase) make(t *testing.T) sign.Case {
	t.Helper()
	s, ok := sign.Known().Find(c.Scheme)
	if !ok {
		t.Fatalf("no scheme %q", c.Scheme)
	}
	v := sdkVector{Method: "POST", URL: c.URL, Secret: c.Secret, Headers: c.Headers, Body: c.Body, Now: c.Now}
	return sign.Case{Scheme: s, Input: v.input(), Computed: c.Computed, Budget: time.Hour}
}

// What the field reports expect, as cause, who mends it, and words that the finding has to have; "" is a right signature.
var fieldAnswers = map[string]struct {
	cause string
	acts  core.Acts
	says  string
}{
	"charset-ascii-github":          {"signed_bytes_ascii", core.ByReceiver, "UTF-8"},
	"charset-ascii-ignore":          {"signed_bytes_ascii", core.ByReceiver, "left out"},
	"charset-chunk-split":           {"signed_bytes_split_characters", core.ByReceiver, "U+FFFD"},
	"charset-utf16-body":            {"signed_bytes_utf16", core.ByReceiver, "UTF-16LE"},
	"charset-twilio-form-latin1":    {"signed_bytes_latin1", core.ByReceiver, "Latin-1"},
	"charset-latin1-cut-body":       {"signed_bytes_latin1", core.ByReceiver, "Latin-1"},
	"serial-shopify-arrives-parsed": {"body_reserialized_shopify", core.ByBetween, "printed again"},
	"serial-sendgrid-multi-compact": {"body_reserialized_sendgrid", core.ByBetween, "CRLF"},
	"serial-line-astral-only":       {"signed_bytes_unicode_escaped", core.ByReceiver, "beyond U+FFFF"},
	"serial-stripe-pretty":          {"body_pretty_printed_2", core.ByBetween, "printed again"},
	"url-query-sorted-arrives":      {"url_query_differs", core.ByReceiver, "?b=456&a=123"},
	"url-query-normalised-computed": {"url_query_differs", core.ByReceiver, "sorted"},
	"url-quote-escaped-computed":    {"url_query_differs", core.ByReceiver, "%27"},
	"url-forwarded-prefix":          {"url_path_prefix_stripped", core.BySettings, "/api/h"},
	"url-internal-host-computed":    {"url_host_differs", core.ByReceiver, "http://localhost:"},
	"url-ok-forwarded":              {"url_host_differs", core.BySettings, "x.example.com"},
	"url-ok-rfc7239":                {"url_host_differs", core.BySettings, "x.example.com"},
	"spell-bitconverter-dashes":     {"hex_with_separators", core.ByReceiver, "lower case"},
	"spell-hex-no-leading-zeros":    {"hex_zeros_lost", core.ByReceiver, "leading zeros"},
	"spell-base64-prefixed-scheme":  {"encoding_base64_instead_of_hex", core.ByReceiver, "hex"},
	"spell-hex-for-base64":          {"encoding_hex_instead_of_base64", core.ByReceiver, "base64"},
	"literal-undefined":             {"signed_missing_body_literal", core.ByReceiver, "undefined"},
	"literal-None":                  {"signed_missing_body_literal", core.ByReceiver, "None"},
	"literal-object-object":         {"signed_literal_object_object", core.ByReceiver, "Buffer"},
	"name-json-string-body":         {"signed_bytes_json_string_decoded", core.ByBetween, "gateway"},
	"fixdir-readme-lf":              {"signed_bytes_lack_trailing_lf", core.ByBetween, "find what adds it"},
	"fixdir-crlf":                   {"signed_bytes_use_crlf", core.ByBetween, "CRLF into LF"},
	"fixdir-url-quote":              {"url_query_differs", core.ByReceiver, "?n=O'B"},
	"scheme-cloudinary-sha256":      {"timestamp_in_milliseconds", core.BySender, "The signature is right"}, // the published vector has a timestamp of the year 2222, in milliseconds
	"scheme-mailgun-form":           {},
	"scheme-mailgun-json":           {},
	"field-adyen-escaped-colon":     {"fields_escaped", core.ByReceiver, "backslash"},
	"field-adyen-second-item":       {"unexplained", core.BySettings, "item 2"},
	"field-hubspot-float-ts":        {"timestamp_reformatted", core.ByReceiver, "float"},
	"form-qs-rfc1738":               {"signed_form_reencoded", core.ByReceiver, "raw form"},
	"form-payload-param":            {"signed_form_payload_param", core.ByReceiver, "raw form"},
	"key-discord-bot-token":         {"secret_is_api_key", core.BySettings, "public key"},
	"key-gitlab-wrong-token":        {"secret_case_changed", core.BySettings, "upper and lower case"},
	"key-whitespace":                {"secret_should_be_trimmed", core.BySettings, "without space"},
	"square-legacy-header":          {"signature_in_other_header", core.BySettings, "Choose the scheme"},
	"square-body-then-url":          {"order_wrong", core.ByReceiver, "order"},
	"hubspot-v1-sent-v3-expected":   {"signature_in_other_header", core.BySettings, "Choose the scheme"},
	"twilio-http-proxy":             {"url_scheme_differs", core.BySettings, "https://app.example.com/t"},
	"twilio-port":                   {},
}

// TestDoctorAnswersFieldReports: every case of the file, those that passed before too.
func TestDoctorAnswersFieldReports(t *testing.T) {
	data, err := os.ReadFile("testdata/field_signature_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []fieldCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			want, known := fieldAnswers[c.ID]
			if !known {
				t.Fatalf("%s (%s) has no answer: %s", c.ID, c.Report, c.Expected)
			}
			seen++
			d := sign.Diagnose(context.Background(), c.make(t))
			if want.cause == "" {
				if len(d.Findings) > 0 {
					t.Errorf("a right signature got %+v", d.Findings)
				}
				return
			}
			if len(d.Findings) == 0 {
				t.Fatalf("no finding, want %s", want.cause)
			}
			f := d.Findings[0]
			about := core.AboutCame
			if c.Computed != "" {
				about = core.AboutComputed
			}
			said := f.Detail + " " + f.Fix
			if len(d.Findings) > 1 || f.Cause != want.cause || f.About != about || f.Acts != want.acts || !strings.Contains(said, want.says) {
				t.Errorf("want %s about %s by %s with %q (%s), got %d findings, the first:\n%s %v about %s by %s: %s\nfix: %s", want.cause, about, want.acts, want.says,
					c.Expected, len(d.Findings), f.Cause, f.Alternatives, f.About, f.Acts, f.Detail, f.Fix)
			}
			if slices.Contains(f.Alternatives, f.Cause) {
				t.Errorf("%s is its own alternative", f.Cause)
			}
		})
	}
	if seen != len(fieldAnswers) {
		t.Errorf("%d cases have an answer, and %d answers are written down", seen, len(fieldAnswers))
	}
}

// A message of SNS without a certificate is told one thing: that none was given.
func TestSNSWithoutCertificateSaysOneThing(t *testing.T) {
	s, _ := sign.Known().Find("aws-sns")
	r := core.Request{Method: "POST", Body: []byte(`{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:us-east-1:1:t","Message":"hi","Timestamp":"2026-01-01T00:00:00.000Z",` +
		`"SignatureVersion":"1","Signature":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","SigningCertURL":"https://sns.us-east-1.amazonaws.com/SimpleNotificationService-x.pem"}`)}
	v := s.Verify(sign.Input{Request: &r, Now: time.Unix(1767225600, 0)})
	said := strings.Join(v.Notes, " ")
	if v.State != core.NoSecret || strings.Contains(said, "you gave") || strings.Count(said, "certificate") != 1 {
		t.Errorf("%s: %q", v.State, v.Notes)
	}
}

// A missing signature is answered as the scheme has it: where it stands, and whether a secret has to be set.
func TestMissingSignatureFitsTheScheme(t *testing.T) {
	for scheme, says := range map[string][]string{
		"github": {"Set the secret", "X-Hub-Signature-256"}, "gitlab": {"token", "X-Gitlab-Token"}, "discord": {"signs every request", "X-Signature-Ed25519"},
		"mailgun": {"in the body", "whole body"}, "aws-sns": {"in the body"},
	} {
		s, _ := sign.Known().Find(scheme)
		r := core.Request{Method: "POST", Target: "/", Body: []byte(`{"a":1}`)}
		d := sign.Diagnose(context.Background(), sign.Case{Scheme: s, Input: sign.Input{Request: &r, Secrets: []core.Secret{core.Text("s")}}})
		if len(d.Findings) != 1 || d.Findings[0].Cause != "signature_header_missing" {
			t.Errorf("%s: %+v", scheme, d.Findings)
			continue
		}
		for _, want := range says {
			if !strings.Contains(d.Findings[0].Fix, want) {
				t.Errorf("%s: %q is not in: %s", scheme, want, d.Findings[0].Fix)
			}
		}
	}
}

// Keys that cannot have signed are named, and shared tokens get no advice about bodies.
func TestDoctorNamesTheWrongKindOfKey(t *testing.T) {
	wrong := strings.Repeat("ab", 32)
	for _, c := range []struct {
		scheme, secret, header, value, cause string
		not                                  string
	}{
		{"stripe", "sk_live_51HxAbCdEfGh", "Stripe-Signature", "t=1764216000,v1=" + wrong, "secret_is_api_key", ""},
		{"slack", "xoxb-1-2-abc", "X-Slack-Signature", "v0=" + wrong, "secret_is_api_key", ""},
		{"github", "ghp_abcdefghijklmnop1234", "X-Hub-Signature-256", "sha256=" + wrong, "secret_is_api_key", ""},
		{"paystack", "sk_live_51HxAbCdEfGh", "X-Paystack-Signature", wrong + wrong, "unexplained", ""}, // its API key does sign
		{"discord", "no key", "X-Signature-Ed25519", wrong + wrong, "secret_unusable", ""},
		{"gitlab", "t0k3n", "X-Gitlab-Token", "another", "unexplained", "ASCII"},
		{"telegram", "t0k3n", "X-Telegram-Bot-Api-Secret-Token", "another", "unexplained", "ASCII"},
	} {
		s, _ := sign.Known().Find(c.scheme)
		r := core.Request{Method: "POST", Target: "/", Body: []byte(`{"a":1}`), Header: core.Header{{Name: c.header, Value: c.value},
			{Name: "X-Slack-Request-Timestamp", Value: "1764216000"}, {Name: "X-Signature-Timestamp", Value: "1764216000"}}}
		d := sign.Diagnose(context.Background(), sign.Case{Scheme: s, Input: sign.Input{Request: &r, Secrets: []core.Secret{core.Text(c.secret)}, Now: time.Unix(1764216000, 0)}})
		if len(d.Findings) != 1 || d.Findings[0].Cause != c.cause {
			t.Errorf("%s with %s: want %s, got %+v", c.scheme, c.secret, c.cause, d.Findings)
			continue
		}
		f := d.Findings[0]
		if f.Acts != core.BySettings || c.not != "" && strings.Contains(f.Fix, c.not) || strings.Contains(f.Detail+f.Fix, c.secret+" ") {
			t.Errorf("%s: by %s: %s %s", c.scheme, f.Acts, f.Detail, f.Fix)
		}
	}
}
