package engine_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// TestFieldCases runs each row of testdata/field_other_cases.json through the engine. A row names the public report or document
// that it stands for; what it is to come to stands here.
func TestFieldCases(t *testing.T) {
	var all []struct{ ID, Kind, Expected, Report string }
	data, err := os.ReadFile("testdata/field_other_cases.json")
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil || len(all) < 30 {
		t.Fatal(len(all), err)
	}
	for _, c := range all {
		t.Run(c.ID, func(t *testing.T) {
			if id, ok := strings.CutPrefix(c.ID, "handshake-"); ok {
				fieldHandshake(t, id)
				return
			}
			run := fieldRuns[c.ID]
			if run == nil {
				t.Fatalf("nothing runs it: %s", c.Expected)
			}
			run(t)
		})
	}
}

// fieldHandshakes are the tests of an address that the rows name, as the provider sends them, and what it wants to see.
var fieldHandshakes = map[string]struct {
	scheme, secret, token string
	enforce, sign         bool
	method, query, body   string
	fields                [][2]string
	status                int
	want                  string   // the body
	header                []string // a field of the answer and its value
}{
	"slack-url_verification":                        {method: "POST", fields: [][2]string{{"X-Slack-Signature", "v0=00"}}, body: `{"token":"t","challenge":"abc123","type":"url_verification"}`, status: 200, want: "abc123"},
	"slack-url_verification-enforce-signed":         {scheme: "slack", secret: "s3cret", enforce: true, sign: true, method: "POST", body: `{"token":"t","challenge":"abc123","type":"url_verification"}`, status: 200, want: "abc123"},
	"feishu-lark-url_verification-JSON-answer":      {method: "POST", body: `{"challenge":"ajls384kdjx98XX","token":"xxxxxx","type":"url_verification"}`, status: 200, want: `{"challenge":"ajls384kdjx98XX"}`},
	"meta-hub-challenge":                            {method: "GET", query: "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=t", status: 200, want: "1158201444"},
	"strava-wants-JSON-hub-challenge-":              {method: "GET", query: "?hub.verify_token=STRAVA&hub.challenge=15f7d1a91c1f40f8a748fd134752feb3&hub.mode=subscribe", status: 200, want: `{"hub.challenge":"15f7d1a91c1f40f8a748fd134752feb3"}`},
	"x-crc":                                         {secret: "consumer", method: "GET", query: "?crc_token=foo", status: 200, want: `{"response_token":"sha256=` + mac64("consumer", "foo") + `"}`},
	"dropbox":                                       {method: "GET", query: "?challenge=ch", status: 200, want: "ch", header: []string{"X-Content-Type-Options", "nosniff"}},
	"nylas":                                         {method: "GET", query: "?challenge=ch", status: 200, want: "ch"},
	"xero-bad":                                      {secret: "key", method: "POST", fields: [][2]string{{"x-xero-signature", "AAAA"}}, body: `{"events":[],"entropy":"S0m3"}`, status: 401},
	"twitch":                                        {method: "POST", fields: [][2]string{{"Twitch-Eventsub-Message-Type", "webhook_callback_verification"}}, body: `{"challenge":"pogchamp","subscription":{}}`, status: 200, want: "pogchamp"},
	"asana-X-Hook-Secret":                           {method: "POST", fields: [][2]string{{"X-Hook-Secret", "s9"}}, status: 200, header: []string{"X-Hook-Secret", "s9"}},
	"okta":                                          {method: "GET", fields: [][2]string{{"X-Okta-Verification-Challenge", "vv"}}, status: 200, want: `{"verification":"vv"}`},
	"trello-HEAD":                                   {method: "HEAD", scheme: "trello", secret: "s", enforce: true, status: 200},
	"event-grid-SubscriptionValidationEvent":        {method: "POST", fields: [][2]string{{"aeg-event-type", "SubscriptionValidation"}}, body: `[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d38b6","validationUrl":"https://rp.test"}}]`, status: 200, want: `{"validationResponse":"512d38b6"}`},
	"microsoft-graph-validationToken":               {method: "POST", query: "?validationToken=Validation%3A+Testing%20client", status: 200, want: "Validation: Testing client", header: []string{"Content-Type", "text/plain; charset=utf-8"}},
	"sharepoint-validationtoken":                    {method: "POST", query: "?validationtoken=a-b", status: 200, want: "a-b", header: []string{"Content-Type", "text/plain; charset=utf-8"}},
	"smartsheet-Smartsheet-Hook-Challenge":          {method: "POST", fields: [][2]string{{"Smartsheet-Hook-Challenge", "c1"}}, body: `{"challenge":"c1","webhookId":1}`, status: 200, want: `{"smartsheetHookResponse":"c1"}`, header: []string{"Smartsheet-Hook-Response", "c1"}},
	"ebay-challenge_code":                           {token: "verification-token-of-32-characters", method: "GET", query: "?challenge_code=cc", status: 200, want: `{"challengeResponse":"` + sum256("cc"+"verification-token-of-32-characters"+"https://public.test/in/hs") + `"}`, header: []string{"Content-Type", "application/json"}},
	"fitbit-verify-204-404":                         {token: "code", method: "GET", query: "?verify=code", status: 204},
	"adobe-sign-X-AdobeSign-ClientId-echo":          {method: "GET", fields: [][2]string{{"X-AdobeSign-ClientId", "CL"}}, status: 200, header: []string{"X-AdobeSign-ClientId", "CL"}},
	"options-CORS":                                  {method: "OPTIONS", fields: [][2]string{{"Origin", "https://o.test"}, {"Access-Control-Request-Method", "POST"}}, status: 200, header: []string{"WebHook-Allowed-Origin", ""}},
	"fitbit-verify-204-404 with the wrong code":     {token: "code", method: "GET", query: "?verify=wrong", status: 404},
	"adobe-sign-X-AdobeSign-ClientId-echo an event": {method: "POST", fields: [][2]string{{"X-AdobeSign-ClientId", "CL"}}, body: `{"event":"AGREEMENT_CREATED"}`, status: 200, header: []string{"X-AdobeSign-ClientId", "CL"}},
}

func mac64(key, text string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

func sum256(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func fieldHandshake(t *testing.T, id string) {
	found := false
	for name, c := range fieldHandshakes {
		if name != id && !strings.HasPrefix(name, id+" ") {
			continue
		}
		found = true
		src := map[string]any{"platform": "generic", "path": "/in/hs", "url": "https://public.test", "enforce": c.enforce}
		for name, v := range map[string]string{"scheme": c.scheme, "secret": c.secret, "handshake_secret": c.token} {
			if v != "" {
				src[name] = v
			}
		}
		r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{src}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		fields := c.fields
		if c.sign {
			s, _ := sign.Known().Find(c.scheme)
			signed, err := engine.SignRequest(s, core.Request{Method: c.method, Target: "/in/hs", Body: []byte(c.body)}, "", core.Text(c.secret), time.Now(), "")
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range signed.Header {
				fields = append(fields, [2]string{f.Name, f.Value})
			}
		}
		got := r.send(c.method, "/in/hs"+c.query, fields, []byte(c.body))
		if got.status != c.status || string(got.body) != c.want || len(c.header) == 2 && got.header.Get(c.header[0]) != c.header[1] {
			t.Errorf("%s: %d %q %v; want %d %q %q", name, got.status, got.body, got.header, c.status, c.want, c.header)
		}
	}
	if !found {
		t.Fatal("nothing runs it")
	}
}

// fieldRuns are the rows that are no handshakes.
var fieldRuns = map[string]func(t *testing.T){
	"har-request-decoded": func(t *testing.T) {
		e, dir := openExchange(t)
		const text = `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[{"startedDateTime":"2026-03-14T09:20:00Z","time":1,"request":{"method":"POST","url":"http://a.test/in","httpVersion":"HTTP/1.1",
			"headers":[{"name":"Content-Encoding","value":"gzip"},{"name":"Content-Length","value":"40"}],"queryString":[],"cookies":[],"headersSize":-1,"bodySize":40,"postData":{"mimeType":"application/json","text":"{\"plain\":true}"}}}]}}`
		in, err := e.Exchange.Read(t.Context(), file(t, dir, "x.har", text))
		if err != nil || len(in.Captures) != 1 || !strings.Contains(in.Captures[0].Note, "Content-Encoding, gzip") {
			t.Errorf("not marked: %+v, %v", in, err)
		}
	},
	"har-own-http10": func(t *testing.T) {
		r, all := oddArrivals(t)
		roundTrip(t, r, "har", all)
		line := exportText(t, r, "curl")
		if strings.Contains(line, "http:///") || strings.Contains(line, "http://any/") {
			t.Errorf("the command calls nobody:\n%s", line)
		}
	},
	"har-roundtrip-42": func(t *testing.T) {
		r, all := oddArrivals(t)
		roundTrip(t, r, "har", all)
		roundTrip(t, r, "json", all)
	},
	"replay-latin1-header": replayLatin1,
	"export-curl-adds": func(t *testing.T) {
		r, _ := oddArrivals(t)
		line := exportText(t, r, "curl")
		for _, want := range []string{"-H 'User-Agent:'", "-H 'Accept:'", "Host: hooks.test:80"} {
			if !strings.Contains(line, want) {
				t.Errorf("no %s in\n%s", want, line)
			}
		}
	},
	"source-url-twilio-json": func(t *testing.T) {
		r := twilioSource(t, "twilio-json")
		for _, sub := range []string{"", "/sub/path"} { // bodySHA256 differs in each request
			body := `{"Body":"` + sub + `"}`
			q := "?bodySHA256=" + sum256(body)
			r.send("POST", "/in/tw"+sub+q, [][2]string{{"Content-Type", "application/json"}, {"X-Twilio-Signature", twilioSum("https://hooks.example.com/tw" + sub + q)}}, []byte(body))
			wantVerdict(t, r, core.Verified)
		}
	},
	"source-url-twilio-query": func(t *testing.T) {
		r := twilioSource(t, "twilio")
		for _, rest := range []string{"/status.php?service_body_id=1&From=%2B1", "?x=a%20b", ""} {
			r.send("POST", "/in/tw"+rest, [][2]string{{"Content-Type", "application/x-www-form-urlencoded"}, {"X-Twilio-Signature", twilioSum("https://hooks.example.com/tw" + rest + "Bodyhi")}}, []byte("Body=hi"))
			wantVerdict(t, r, core.Verified)
		}
		r.send("POST", "/in/tw?x=2", [][2]string{{"Content-Type", "application/x-www-form-urlencoded"}, {"X-Twilio-Signature", twilioSum("https://hooks.example.com/tw?x=1Bodyhi")}}, []byte("Body=hi"))
		wantVerdict(t, r, core.Mismatch)
	},
	"doctor-timeout-silent": func(t *testing.T) {
		s, _ := sign.Known().Find("github")
		r := core.Request{Method: "POST", Body: []byte(`{"a":` + strings.Repeat("[1.0],", 1) + `1}`), Header: core.Header{{Name: "X-Hub-Signature-256", Value: "sha256=" + strings.Repeat("ab", 32)}}}
		d := sign.Diagnose(t.Context(), sign.Case{Scheme: s, Input: sign.Input{Request: &r, Secrets: []core.Secret{core.Text("k")}}, Budget: time.Nanosecond})
		if len(d.Findings) != 1 || !strings.Contains(d.Findings[0].Detail, "ended before it had tried everything") {
			t.Errorf("silent: %+v", d.Findings)
		}
	},
	"sns-raw-delivery": func(t *testing.T) {
		s, _ := sign.Known().Find("aws-sns")
		r := core.Request{Method: "POST", Body: []byte(`hello`), Header: core.Header{{Name: "x-amz-sns-rawdelivery", Value: "true"}, {Name: "x-amz-sns-message-type", Value: "Notification"}}}
		d := sign.Diagnose(t.Context(), sign.Case{Scheme: s, Input: sign.Input{Request: &r}})
		if len(d.Findings) != 1 || !strings.Contains(d.Findings[0].Fix, "Raw message delivery carries no signature: turn it off") {
			t.Errorf("%+v", d.Findings)
		}
	},
}

func twilioSource(t *testing.T, scheme string) *rig {
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/tw", "scheme": scheme, "secret": "token", "url": "https://hooks.example.com/tw"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func twilioSum(text string) string {
	m := hmac.New(sha1.New, []byte("token"))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// wantVerdict looks at the newest capture.
func wantVerdict(t *testing.T, r *rig, want core.VerdictState) {
	t.Helper()
	all := storedCaptures(t, r.Engine)
	if c := all[len(all)-1]; c.Receipt.Verdict == nil || c.Receipt.Verdict.State != want {
		t.Errorf("%s: %+v; want %s", c.Request.Target, c.Receipt.Verdict, want)
	}
}

// oddArrivals are captures as tidy clients do not send them, over the wire.
func oddArrivals(t *testing.T) (*rig, []core.Capture) {
	t.Helper()
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/any"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"POST /any/10 HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi",
		"POST /any/port HTTP/1.1\r\nHost: hooks.test:80\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
		"POST /any/name HTTP/1.1\r\nhOST: hooks.test\r\nX-Name: caf\xe9\r\nx-a: 1\r\nX-A: 2\r\nContent-Length: 4\r\nConnection: close\r\n\r\n\x00\xff\r\n",
		"PUT /any/a/../b?x=%zz&x= HTTP/1.1\r\nHost: hooks.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"M-SEARCH * HTTP/1.1\r\nHost: hooks.test\r\nConnection: close\r\n\r\n",
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(r.URL(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, text)
		io.ReadAll(c)
		c.Close()
	}
	return r, storedCaptures(t, r.Engine)
}

func storedCaptures(t *testing.T, e *engine.Engine) (all []core.Capture) {
	t.Helper()
	ids, err := e.Store.CaptureIDs(t.Context(), store.Query{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ids)
	for _, id := range ids {
		c, err := e.Store.Capture(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

func exportText(t *testing.T, r *rig, format string) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := r.Exchange.Export(r.ctx, &out, engine.Export{Format: format, Options: exchange.Options{}}, nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// roundTrip writes what was captured and reads it into another history: the same requests.
func roundTrip(t *testing.T, r *rig, format string, want []core.Capture) {
	t.Helper()
	other, dir := openExchange(t)
	path := filepath.Join(dir, "all."+format)
	if err := os.WriteFile(path, []byte(exportText(t, r, format)), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := other.Exchange.Read(t.Context(), path)
	if err != nil || len(in.Unread) != 0 || len(in.Captures) != len(want) {
		t.Fatalf("%s: %d of %d read, %+v, %v", format, len(in.Captures), len(want), in.Unread, err)
	}
	if _, err := other.Exchange.Take(t.Context(), in.Name, in.Captures, nil); err != nil {
		t.Fatal(err)
	}
	byTarget := map[string]core.Capture{}
	for _, c := range storedCaptures(t, other) {
		byTarget[c.Request.Target] = c
	}
	for _, w := range want {
		g := byTarget[w.Request.Target]
		if g.Request.Method != w.Request.Method || g.Request.Proto != w.Request.Proto || !slices.Equal(g.Request.Header, w.Request.Header) || !bytes.Equal(g.Request.Body, w.Request.Body) {
			t.Errorf("%s: %+v\nwant %+v", format, g.Request, w.Request)
		}
	}
}

// replayLatin1 sends a capture on in every way, and looks at what the receiver reads from its socket.
func replayLatin1(t *testing.T) {
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/a", "scheme": "github", "secret": "s"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 8)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { got <- q.Header.Get("X-Name") })}
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
	r.send("POST", "/in/a", [][2]string{{"X-Name", "caf\xe9"}, {"X-Hub-Signature-256", "sha256=00"}}, []byte(`{"a":1}`))
	for _, way := range []map[string]any{{}, {"resign": true}, {"raw": true}} {
		way["captures"], way["to"] = []int{1}, "http://"+ln.Addr().String()+"/x"
		var out any
		r.ask("POST", "/_/replay", way, &out)
		if name := <-got; name != "caf\xe9" {
			t.Errorf("%v: the receiver read %q", way, name)
		}
	}
}
