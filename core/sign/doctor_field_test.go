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
