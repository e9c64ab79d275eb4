package sign_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

func own(t *testing.T, text string) sign.Scheme {
	t.Helper()
	s, err := sign.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestKeyLines reads secrets by the lines of the key column.
func TestKeyLines(t *testing.T) {
	for _, c := range []struct{ key, secret, same, how string }{
		{"utf8", "ab", "utf8:ab", "used as text"},
		{"need=k_|hex else utf8", "k_6162", "utf8:ab", "k_ stripped, hex"},
		{"need=k_|hex else utf8", "6162", "utf8:6162", "used as text"},
		{"need=k_|hex else need=m_|base64 else utf8", "m_YWI=", "utf8:ab", "m_ stripped, base64"},
		{"sha1", "ab", "hex:da23614e02469a0d7c7bd1bdab5c9c474b1904dc", "its sha1"},
		{"strip=x|sha256", "xab", "hex:fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603", "x stripped, its sha256"},
		{"nfkd", "é", "utf8:e\u0301", "decomposed (NFKD)"},
	} {
		row := `{"id":"own","sig":{"from":"header:S","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":%q}`
		how, plain, _ := strings.Cut(c.same, ":")
		in, _ := signed(t, own(t, fmt.Sprintf(row, how)), now, core.Text(plain))
		in.Secrets = []core.Secret{core.Text(c.secret)}
		v := own(t, fmt.Sprintf(row, c.key)).Verify(in)
		if v.State != core.Verified || !strings.HasPrefix(v.Key, c.how+":") {
			t.Errorf("%s of %q: %s, key %q, want %q", c.key, c.secret, v.State, v.Key, c.how)
		}
	}
	s := own(t, `{"id":"own","sig":{"from":"header:S","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"hex or utf8"}`)
	text := own(t, `{"id":"own","sig":{"from":"header:S","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"}`)
	for _, made := range []sign.Scheme{s, text} {
		in, _ := signed(t, made, now, core.Text("6162"))
		wantState(t, s, in, core.Verified, "either reading of "+made.Key)
		in.Secrets = []core.Secret{core.Text("6163")}
		wantState(t, s, in, core.Mismatch, "another secret")
	}
}

// TestNumbersAsTimes reads the time of a JSON body as JavaScript does, and nothing that is not a number.
func TestNumbersAsTimes(t *testing.T) {
	s := own(t, `{"id":"own","sig":{"from":"header:S","format":"plain"},"ts":{"from":"json:at","unit":"ms","tolerance":60,"future":true,"number":true},
		"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"}`)
	plain := own(t, `{"id":"own","sig":{"from":"header:S","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"}`)
	ms := now.UnixMilli()
	for body, want := range map[string]core.VerdictState{
		fmt.Sprintf(`{"at":%d}`, ms):         core.Verified,
		fmt.Sprintf(`{"at":%d.5}`, ms):       core.Verified,
		fmt.Sprintf(`{"at":%de-3}`, ms*1000): core.Verified,
		fmt.Sprintf(`{"at":%d}`, ms-61000):   core.Stale,
		fmt.Sprintf(`{"at":%d}`, ms+61000):   core.Stale,
		fmt.Sprintf(`{"at":"%d"}`, ms):       core.Malformed,
		`{"at":1e400}`:                       core.Malformed,
		`{"at":null}`:                        core.Missing,
		`{"at":true}`:                        core.Malformed,
		`{}`:                                 core.Missing,
		`[]`:                                 core.Missing,
		`at`:                                 core.Missing,
		"":                                   core.Missing,
	} {
		r := core.Request{Method: "POST", Target: "/", Body: []byte(body)}
		in := sign.Input{Request: &r, Secrets: []core.Secret{core.Text("s")}, Now: now}
		set, _, err := plain.Sign(in, "")
		if err != nil {
			t.Fatal(err)
		}
		r.Header = set
		wantState(t, s, in, want, body)
	}
}

// TestPastAndFuture has a tolerance for each.
func TestPastAndFuture(t *testing.T) {
	for unit, text := range map[string]string{"iso": "2025-10-09T08:53:20", "rfc3339": "2025-10-09T08:53:20Z"} {
		s := own(t, fmt.Sprintf(`{"id":"own","sig":{"from":"header:S","format":"plain"},"ts":{"from":"header:T","unit":%q,"tolerance":60,"ahead":5,"below":true},
			"template":"{ts}{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"}`, unit))
		in, set := signed(t, s, now, core.Text("s"))
		if set.Get("T") != text {
			t.Errorf("%s is written %q", unit, set.Get("T"))
		}
		for after, want := range map[time.Duration]core.VerdictState{
			59 * time.Second: core.Verified, 60 * time.Second: core.Stale,
			-5 * time.Second: core.Verified, -6 * time.Second: core.Stale,
		} {
			in.Now = now.Add(after)
			wantState(t, s, in, want, fmt.Sprint(unit, " after ", after))
		}
	}
}

// TestRequiredHeaders are looked at beside the signature.
func TestRequiredHeaders(t *testing.T) {
	s := own(t, `{"id":"own","sig":{"from":"header:S","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8",
		"require":{"X-Any":"","X-One":"1","X-Maybe":"?2","X-Hash":"{sha256.base64:body}"}}`)
	in, _ := signed(t, s, now, core.Text("s"))
	wantState(t, s, in, core.Verified, "as signed")
	for _, c := range []struct {
		name, value string
		want        core.VerdictState
	}{
		{"X-Any", "other", core.Verified}, {"X-Any", "-", core.Missing},
		{"X-One", "2", core.Mismatch}, {"X-One", "-", core.Missing},
		{"X-Maybe", "3", core.Mismatch}, {"X-Maybe", "-", core.Verified},
		{"X-Hash", "x", core.Mismatch}, {"X-Hash", "-", core.Missing},
	} {
		wantState(t, s, with(in, func(r *core.Request) {
			if r.Header = r.Header.Without(c.name); c.value != "-" {
				r.Header = append(r.Header, core.Field{Name: c.name, Value: c.value})
			}
		}), c.want, c.name+" "+c.value)
	}
	box, _ := sign.Known().Find("box")
	in, set := signed(t, box, now, core.Text("s"))
	if set.Get("Box-Signature-Version") != "1" || set.Get("Box-Signature-Algorithm") != "HmacSHA256" {
		t.Errorf("box signs %q", set)
	}
	wantState(t, box, with(in, func(r *core.Request) { r.Header = r.Header.With("Box-Signature-Version", "2") }), core.Mismatch, "version 2")
	in.Now = now.Add(-time.Second)
	wantState(t, box, in, core.Stale, "a second ahead")
}

const multipartBody = "--b\r\nContent-Disposition: form-data; name=\"timestamp\"\r\n\r\n1760000000\r\n--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\ntok\r\n--b\r\n" +
	"Content-Disposition: form-data; name=\"file\"; filename=\"signature\"\r\n\r\nsignature\r\n--b--\r\n"

// TestForms signs inside forms of both kinds, and reads them back.
func TestForms(t *testing.T) {
	s, _ := sign.Known().Find("mailgun")
	for kind, body := range map[string]string{
		"application/x-www-form-urlencoded":   "a=1&timestamp=1&token=old&b=%C3%A9&signature=00&signature=11",
		"multipart/form-data; boundary=b":     multipartBody,
		"multipart/form-data; boundary=\"b\"": multipartBody,
	} {
		r := core.Request{Method: "POST", Target: "/", Body: []byte(body), Header: core.Header{{Name: "Content-Type", Value: kind}}}
		in := sign.Input{Request: &r, Secrets: []core.Secret{core.Text("s")}, Now: now}
		_, out, err := s.Sign(in, "tok/é")
		if err != nil {
			t.Fatal(err)
		}
		r.Body = out
		v := s.Verify(in)
		if v.State != core.Verified || string(joined(v.Parts)) != "1760000000tok/é" || v.Where != "form field signature" {
			t.Errorf("%s: %s in %s over %q\n%q %q", kind, v.State, v.Where, joined(v.Parts), v.Notes, out)
		}
		if strings.HasPrefix(kind, "application") && !strings.HasPrefix(string(out), "a=1&timestamp=") {
			t.Errorf("the other fields are not as they were: %q", out)
		}
		if m := sign.Known().Detect(&r); len(m) == 0 {
			t.Errorf("%s: not detected", kind)
		}
		wantState(t, s, with(in, func(r *core.Request) { r.Body = []byte(strings.ReplaceAll(string(r.Body), "1760000000", "1760000001")) }), core.Mismatch, "another time")
	}
	r := core.Request{Method: "POST", Target: "/", Body: []byte(multipartBody), Header: core.Header{{Name: "Content-Type", Value: "multipart/form-data; boundary=other"}}}
	if _, _, err := s.Sign(sign.Input{Request: &r, Secrets: []core.Secret{core.Text("s")}, Now: now}, "t"); err == nil {
		t.Error("a multipart body under another boundary is signed")
	}
}

// TestListedHeaders is the newer form of Coinbase: further headers are signed, and the signature says which.
func TestListedHeaders(t *testing.T) {
	s, _ := sign.Known().Find("coinbase-cdp-v1")
	in, set := signed(t, s, now, core.Text("s"))
	if got := set.Get("X-Hook0-Signature"); !strings.HasPrefix(got, "t=1760000000,h=content-type,v1=") {
		t.Errorf("signature %q", got)
	}
	if v := s.Verify(in); string(joined(v.Parts)) != "1760000000.content-type.application/json."+string(in.Request.Body) {
		t.Errorf("signed %q", joined(v.Parts))
	}
	wantState(t, s, with(in, func(r *core.Request) { r.Header = r.Header.With("Content-Type", "text/plain") }), core.Mismatch, "another type")
	wantState(t, s, with(in, func(r *core.Request) { r.Header = r.Header.Without("Content-Type") }), core.Malformed, "without the header that is signed")
	infisical, _ := sign.Known().Find("infisical")
	_, set = signed(t, infisical, now, core.Text("s"))
	if got := set.Get("X-Infisical-Signature"); !strings.HasPrefix(got, "t=1760000000000;") || strings.Count(got, "=") != 1 {
		t.Errorf("signature %q", got)
	}
}

// TestPublishedVectors are those of providers' documents for schemes that no library checks.
func TestPublishedVectors(t *testing.T) {
	for _, c := range []struct{ scheme, header, value, secret, body string }{
		{"datasaur", "X-Datasaur-Signature", "0278b1a603de4c561ac0feb960354d0d00e8846b74813d81bddb43ad45bff767", "secret", `{"body":"sample"}`},
	} {
		s, _ := sign.Known().Find(c.scheme)
		r := core.Request{Method: "POST", Target: "/", Body: []byte(c.body), Header: core.Header{{Name: c.header, Value: c.value}}}
		wantState(t, s, sign.Input{Request: &r, Secrets: []core.Secret{core.Text(c.secret)}, Now: now}, core.Verified, c.scheme)
	}
}

// TestAdyenAmounts signs amounts as JavaScript prints them.
func TestAdyenAmounts(t *testing.T) {
	s, _ := sign.Known().Find("adyen-standard")
	for text, want := range map[string]string{
		"1130": "1130", "1130.0": "1130", "1.13e3": "1130", "-0": "0", "0.10": "0.1", "9007199254740993": "9007199254740992",
		"1e21": "1e+21", "123456789012345678901": "123456789012345680000", "1e-7": "1e-7", "0.000001": "0.000001", `"1130.0"`: "1130.0", "null": "",
	} {
		r := core.Request{Method: "POST", Body: fmt.Appendf(nil, `{"notificationItems":[{"NotificationRequestItem":{"pspReference":"p","amount":{"value":%s,"currency":"EUR"},"additionalData":{"hmacSignature":"x"}}}]}`, text)}
		v := s.Verify(sign.Input{Request: &r, Secrets: []core.Secret{core.Text("00")}, Now: now})
		if got := string(joined(v.Parts)); got != "p::::"+want+":EUR::" {
			t.Errorf("%s is signed as %q, want %q", text, got, want)
		}
	}
}

// TestAdyenBatch shows the item that fails.
func TestAdyenBatch(t *testing.T) {
	s, _ := sign.Known().Find("adyen-standard")
	in, _ := signed(t, s, now, core.Text("00ff"))
	item := strings.TrimSuffix(strings.TrimPrefix(string(in.Request.Body), `{"notificationItems":[`), `]}`)
	in.Request.Body = fmt.Appendf(nil, `{"notificationItems":[%s,%s]}`, item, strings.Replace(item, `"pspReference":"p"`, `"pspReference":"q"`, 1))
	v := s.Verify(in)
	if v.State != core.Mismatch || !strings.HasPrefix(string(joined(v.Parts)), "q:") || !strings.HasPrefix(v.Notes[0], "Item 2 ") {
		t.Errorf("%s over %q, notes %q", v.State, joined(v.Parts), v.Notes)
	}
}

// TestSNSMustBeRefused has right signatures on messages that every receiver has to refuse.
func TestSNSMustBeRefused(t *testing.T) {
	s, _ := sign.Known().Find("aws-sns")
	k := newKeys(t)
	for _, c := range []struct {
		old, fresh string
		want       core.VerdictState
	}{
		{"", "", core.Verified},
		{`"https://sns`, `"http://sns`, core.Malformed},
		{"amazonaws.com", "amazonaws.com.example.net", core.Malformed},
		{"x.pem", "x.txt", core.Malformed},
		{"SigningCertURL", "SigningCert", core.Malformed},
		{`"SignatureVersion":"2"`, `"SignatureVersion":2`, core.Malformed},
		{`"SignatureVersion":"2",`, ``, core.Malformed},
		{`"SignatureVersion":"2"`, `"SignatureVersion":"3"`, core.Malformed},
	} {
		r := request(s)
		r.Body = []byte(strings.Replace(string(r.Body), c.old, c.fresh, 1))
		in := sign.Input{Request: &r, Secrets: []core.Secret{k.secret(s)}, Now: now}
		_, body, err := s.Sign(in, "")
		if err != nil {
			t.Fatal(err)
		}
		r.Body = body
		wantState(t, s, in, c.want, c.old+" as "+c.fresh)
	}
}

// TestTwilioAddresses takes a signature over the address as JavaScript prints it, with its port or without.
func TestTwilioAddresses(t *testing.T) {
	s, _ := sign.Known().Find("twilio")
	for _, c := range []struct {
		signed, received string
		want             core.VerdictState
	}{
		{"https://example.com/", "https://example.com", core.Verified},
		{"https://example.com/a", "https://EXAMPLE.com/a", core.Verified},
		{"https://example.com/a?x=%27", "https://example.com/a?x='", core.Verified},
		{"https://xn--bcher-kva.example/a", "https://bücher.example/a", core.Verified},
		{"https://example.com/b", "https://example.com/a/../b", core.Verified},
		{"https://example.com/a", "https://example.com:443/a", core.Verified},
		{"https://a.example/x?y=1", "https://a.example:1234/x?y=1", core.Verified},
		{"https://a.example:443/x?y=1", "https://a.example/x?y=1", core.Verified},
		{"http://a.example:80/x", "http://a.example/x", core.Verified},
		{"https://a.example:1234/x", "https://a.example/x", core.Mismatch},
		{"https://a.example/x", "http://a.example/x", core.Mismatch},
		{"https://example.com/A", "https://example.com/a", core.Mismatch},
		{"https://example.com/a?x='", "https://example.com/a?x=%27", core.Mismatch},
	} {
		r := request(s)
		in := sign.Input{Request: &r, URL: c.signed, Secrets: []core.Secret{core.Text("t")}}
		set, _, err := s.Sign(in, "")
		if err != nil {
			t.Fatal(err)
		}
		r.Header = append(r.Header, set...)
		in.URL = c.received
		wantState(t, s, in, c.want, c.signed+" received as "+c.received)
	}
}

// TestFieldReports are cases that users reported of other tools; those about the doctor are not here.
func TestFieldReports(t *testing.T) {
	data, err := os.ReadFile("testdata/field_signature_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		ID, Kind, Expected, Scheme, Secret, URL string
		Headers                                 [][2]string
		Body                                    []byte `json:"body_b64"`
		Now                                     int64
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range cases {
		if !strings.HasPrefix(c.Expected, "verified") && !strings.HasPrefix(c.Expected, "accepted") {
			continue // what the doctor says
		}
		n++
		v := sdkVector{Method: "POST", URL: c.URL, Secret: c.Secret, Headers: c.Headers, Body: c.Body, Now: c.Now}
		s, _ := sign.Known().Find(c.Scheme)
		if got := s.Verify(v.input()); got.State != core.Verified && !(strings.Contains(c.Expected, "stale") && got.State == core.Stale) {
			t.Errorf("%s: %s %q, want %s", c.ID, got.State, got.Notes, c.Expected)
		}
	}
	if n < 4 {
		t.Errorf("only %d cases say what is verified", n)
	}
}

// TestUnsubscribe takes both texts of an SNS message that says that a subscription ended: Amazon's documents sign the Token, its
// own validator for JavaScript does not.
func TestUnsubscribe(t *testing.T) {
	s, _ := sign.Known().Find("aws-sns")
	k := newKeys(t)
	r := request(s)
	r.Body = []byte(strings.Replace(strings.Replace(snsBody, `"Notification"`, `"UnsubscribeConfirmation","Token":"t","SubscribeURL":"https://sns.eu-west-1.amazonaws.com/?a"`, 1), `"Subject":"s",`, "", 1))
	in := sign.Input{Request: &r, Secrets: []core.Secret{k.secret(s)}, Now: now}
	_, body, err := s.Sign(in, "")
	if err != nil {
		t.Fatal(err)
	}
	r.Body = body
	v := s.Verify(in)
	if v.State != core.Verified || !strings.Contains(string(joined(v.Parts)), "Token\nt\n") {
		t.Errorf("with Token: %s %q", v.State, v.Notes)
	}
	wantState(t, s, with(in, func(r *core.Request) {
		r.Body = []byte(strings.Replace(string(r.Body), `"Token":"t"`, `"Token":"u"`, 1))
	}), core.Mismatch, "another Token")
}
