package exchange_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/exchange"
)

var at = time.Date(2026, 3, 14, 9, 20, 0, 123456789, time.UTC)

// randomCapture is a capture as it may come: bodies of any bytes, repeated and odd fields, cut or whole.
func randomCapture(r *rand.Rand, n int) core.Capture {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	bodies := [][]byte{nil, []byte(`{"a": 1.0,  "ü":"\u00e9 </script> \/"}`), []byte("a=b&c=%20d+e"), {0, 1, 2, 0xff, 0xfe, '\r', '\n'},
		[]byte("line\r\nline\n"), []byte("@file"), []byte("it's \\ \"quoted\" $HOME `x` 100%"), []byte("\xef\xbb\xbf{}"), []byte("\u2028\ufeff\u202e"), []byte("caf\xe9")}
	h := core.Header{{Name: "Host", Value: "hooks.example.com"}}
	for range r.IntN(6) {
		h = append(h, core.Field{Name: pick("X-A", "x-a", "X-JoAi-Secret-Token", "Content-Type", "Accept", "X-Empty", "Authorization", "Cookie", "User-Agent", "X-Signature"),
			Value: pick("1", "", "Bearer abcdefghijk", "a=1; b=2", "application/json; charset=utf-8", "it's \"x\" \\ $Y", "caf\xe9", "grün, 100 %")})
	}
	var head bytes.Buffer
	target := pick("/in/stripe", "/in/x?a=1&b=%20c&b=", "/a/../b/./c", "//double", "/in/%zz?x=%", "/q?f[0]={a,b}&u=ü", "/?", "/in/x?token=verysecret1")
	fmt.Fprintf(&head, "POST %s HTTP/1.1\r\n", target)
	for _, f := range h {
		fmt.Fprintf(&head, "%s: %s\r\n", f.Name, f.Value)
	}
	head.WriteString("\r\n")
	body := bodies[r.IntN(len(bodies))]
	c := core.Capture{ID: core.CaptureID(n + 1), At: at.Add(time.Duration(r.Int64N(1e12))), Name: pick("stripe", "", "gh"), Took: time.Duration(r.Int64N(1e9)), Via: pick("", "ngrok"),
		Event: core.Event{Type: pick("", "invoice.paid", "push"), ID: pick("", "evt_1")},
		Request: core.Request{Method: "POST", Target: target, Proto: "HTTP/1.1", Host: "hooks.example.com", Base: pick("", "https://hooks.example.com"), Header: h, Head: head.Bytes(),
			Body: body, Size: int64(len(body)), Remote: "192.0.2.7:5000"},
		Response: core.Response{Status: []int{0, 200, 401, 429}[r.IntN(4)], Header: core.Header{{Name: "Content-Type", Value: "text/plain"}, {Name: "Set-Cookie", Value: "sid=abcdefgh"}}, Body: []byte("ok"), Size: 2},
		Receipt:  core.Receipt{Outcome: core.Accepted, Platform: "generic", Checks: []core.Check{{Name: "signature", Want: "a", Got: "b"}}, Faults: []string{"latency"}},
	}
	if r.IntN(2) == 0 {
		c.Request.Size, c.Request.Truncated = c.Request.Size+100, true
	}
	if r.IntN(2) == 0 {
		c.Receipt.Verdict = &core.Verdict{State: core.Mismatch, Scheme: "stripe", Wanted: "t=1,v1=aaaaaaaa", Got: "t=1,v1=bbbbbbbb", Notes: []string{"n"}, Tried: 7,
			Parts:     []core.Part{{Name: "timestamp", Bytes: []byte("1")}, {Name: "separator", Bytes: []byte(".")}, {Name: "body", Bytes: body}},
			Timestamp: time.Unix(1773480000, 0).UTC(), Age: 1500 * time.Millisecond, Tolerance: 5 * time.Minute, Where: "header Stripe-Signature", Covers: "timestamp and body",
			Findings: []core.Finding{{Cause: "stale", Proof: core.Structural, Detail: "d", Fix: "f", Code: map[string]string{"go": "x"}, Signed: []byte{0xff}, Offset: 3}}}
	}
	return c
}

// export writes captures into memory.
func export(format string, captures []core.Capture, opt exchange.Options) (data []byte, masked []string, err error) {
	f, err := exchange.FindFormat(format)
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	w, err := exchange.NewWriter(&b, f, opt)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range captures {
		if err := w.Add(c); err != nil {
			return nil, nil, err
		}
	}
	masked, err = w.Close()
	return b.Bytes(), masked, err
}

// captureFormats are the names of those formats that hold captures.
func captureFormats() (names []string) {
	for _, f := range exchange.Formats() {
		if !f.Setup {
			names = append(names, f.Name)
		}
	}
	return names
}

// readAll reads a file of which every entry must be readable.
func readAll(data []byte) ([]core.Capture, *exchange.Workspace, error) {
	f, err := exchange.Read(data)
	if err == nil && len(f.Unread) > 0 {
		err = f.Unread[0].Why
	}
	return f.Captures, f.Workspace, err
}

func randomCaptures(seed uint64, n int) []core.Capture {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]core.Capture, n)
	for i := range out {
		out[i] = randomCapture(r, i)
	}
	return out
}

func TestJSONLKeepsEverything(t *testing.T) {
	in := randomCaptures(1, 300)
	data, redacted, err := export("json", in, exchange.Options{Reveal: true})
	if err != nil || len(redacted) > 0 {
		t.Fatalf("redacted %q, error %v", redacted, err)
	}
	out, err := exchange.ParseJSONL(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != len(in) {
		t.Fatalf("%d captures came back of %d", len(out), len(in))
	}
	for i := range in {
		if !same(in[i], out[i]) {
			t.Fatalf("capture %d came back changed:\n%+v\n%+v", in[i].ID, in[i], out[i])
		}
	}
}

// same compares captures, nil and empty counting alike.
func same(a, b core.Capture) bool {
	for _, c := range []*core.Capture{&a, &b} {
		c.Request.Body, c.Response.Body = append([]byte{}, c.Request.Body...), append([]byte{}, c.Response.Body...)
		if c.Receipt.Verdict != nil {
			v := *c.Receipt.Verdict
			v.Parts = append([]core.Part{}, v.Parts...)
			for i := range v.Parts {
				v.Parts[i].Bytes = append([]byte{}, v.Parts[i].Bytes...)
			}
			c.Receipt.Verdict = &v
		}
	}
	return reflect.DeepEqual(a, b)
}

func TestHARKeepsRequests(t *testing.T) {
	in := randomCaptures(2, 300)
	data, _, err := export("har", in, exchange.Options{Reveal: true})
	if err != nil || !json.Valid(data) {
		t.Fatalf("not JSON: %v", err)
	}
	out, err := exchange.ParseHAR(data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range in {
		a, b := in[i].Request, out[i].Request
		if a.Method != b.Method || !bytes.Equal(a.Body, b.Body) || !reflect.DeepEqual(a.Header, b.Header) || a.Size != b.Size || a.Truncated != b.Truncated {
			t.Fatalf("request %d came back changed:\n%+v\n%+v", i, a, b)
		}
		if ascii(a.Target) && a.URL() != b.URL() {
			t.Errorf("URL %q came back as %q", a.URL(), b.URL())
		}
		if x, y := in[i].Response, out[i].Response; x.Status != y.Status || !bytes.Equal(x.Body, y.Body) || !reflect.DeepEqual(x.Header, y.Header) {
			t.Errorf("response %d came back changed:\n%+v\n%+v", i, x, y)
		}
		if !in[i].At.Equal(out[i].At) || in[i].Took != out[i].Took {
			t.Errorf("times %d: %v %v came back as %v %v", i, in[i].At, in[i].Took, out[i].At, out[i].Took)
		}
	}
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 0x7e || r <= ' ' }) < 0
}

// listed reports whether a format has no headers, where signatures would stand.
func listed(format string) bool {
	f, err := exchange.FindFormat(format)
	return err == nil && f.Lines
}

func TestExportMasksCredentials(t *testing.T) {
	h := core.Header{{Name: "Host", Value: "a.test"}, {Name: "AUTHORIZATION", Value: "Bearer sk_live_0123456789"}, {Name: "Cookie", Value: "sid=cookie-value-1"}, {Name: "X-Gitlab-Token", Value: "gitlab-token-1"},
		{Name: "X-Api-Key", Value: "api-key-value-1"}, {Name: "X-My-Secret", Value: "header-secret-1"}, {Name: "Verif-Hash", Value: "shared-hash-1"}, {Name: "X-Hub-Signature-256", Value: "sha256=signature-1"},
		{Name: "Referer", Value: "https://user:url-password-1@b.test/x"}, {Name: "I-Twilio-Idempotency-Token", Value: "attempt-1"}}
	head := "POST /in?access_token=query-token-1&a=1 HTTP/1.1\r\n"
	for _, f := range h {
		head += f.Name + ":  " + f.Value + "\r\n"
	}
	c := core.Capture{ID: 1, At: at, Request: core.Request{Method: "POST", Target: "/in?access_token=query-token-1&a=1", Proto: "HTTP/1.1", Host: "a.test", Header: h, Head: []byte(head + "\r\n"), Body: []byte("{}"), Size: 2},
		Response: core.Response{Status: 200, Header: core.Header{{Name: "Set-Cookie", Value: "sid=set-cookie-1"}}},
		Receipt: core.Receipt{Outcome: core.Rejected, Reason: "got gitlab-token-1", Checks: []core.Check{{Name: "token", Want: "the token", Got: "gitlab-token-1"}},
			Verdict: &core.Verdict{State: core.Mismatch, Scheme: "gitlab", Wanted: "the-real-secret-1", Got: "gitlab-token-1", Parts: []core.Part{{Name: "secret", Bytes: []byte("signing-secret-1")}}}}}
	secrets := []string{"sk_live_0123456789", "cookie-value-1", "gitlab-token-1", "api-key-value-1", "header-secret-1", "shared-hash-1", "url-password-1", "query-token-1", "set-cookie-1", "the-real-secret-1", "signing-secret-1"}
	before := fmt.Sprintf("%+v %+v", c, *c.Receipt.Verdict)
	for _, format := range captureFormats() {
		data, redacted, err := export(format, []core.Capture{c}, exchange.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range secrets {
			if leaked(data, s) {
				t.Errorf("%s: %q got out", format, s)
			}
		}
		if format != "pytest" && format != "jest" && format != "go" && !listed(format) && !leaked(data, "sha256=signature-1") {
			t.Errorf("%s: the signature is masked without being asked", format)
		}
		if len(redacted) < 10 {
			t.Errorf("%s: says that it masked only %q", format, redacted)
		}
	}
	data, redacted, _ := export("json", []core.Capture{c}, exchange.Options{Reveal: true})
	for _, s := range secrets[:9] {
		if !leaked(data, s) {
			t.Errorf("revealed, %q is missing", s)
		}
	}
	if leaked(data, "signing-secret-1") || leaked(data, "the-real-secret-1") || len(redacted) != 2 {
		t.Errorf("the signing secret got out with --reveal; masked %q", redacted)
	}
	data, _, _ = export("har", []core.Capture{c}, exchange.Options{Signatures: true})
	if leaked(data, "signature-1") || !leaked(data, "attempt-1") {
		t.Errorf("signatures are to be masked, and nothing that is no credential:\n%s", data)
	}
	if after := fmt.Sprintf("%+v %+v", c, *c.Receipt.Verdict); after != before {
		t.Error("Export changed the capture")
	}
}

// leaked looks for a text as it is and in every base64 value.
func leaked(data []byte, s string) bool {
	if bytes.Contains(data, []byte(s)) {
		return true
	}
	captures, err := exchange.ParseJSONL(data)
	if err != nil {
		return false
	}
	for _, c := range captures {
		if strings.Contains(fmt.Sprintf("%s %s %s %v", c.Request.Head, c.Request.Body, c.Response.Body, c), s) {
			return true
		}
		if c.Receipt.Verdict != nil && strings.Contains(fmt.Sprintf("%s %v", c.Receipt.Verdict.Parts, *c.Receipt.Verdict), s) {
			return true
		}
	}
	return false
}

func TestRedactedHeadFitsTheHeader(t *testing.T) {
	for _, c := range randomCaptures(3, 300) {
		exchange.Redact(&c, exchange.Options{})
		if got := core.ParseHead(c.Request.Head); !reflect.DeepEqual(got, c.Request.Header) {
			t.Fatalf("head and header differ:\n%v\n%v", got, c.Request.Header)
		}
		if !bytes.HasPrefix(c.Request.Head, []byte("POST "+c.Request.Target+" HTTP/1.1\r\n")) {
			t.Fatalf("target %q is not in %q", c.Request.Target, c.Request.Head)
		}
	}
}

func TestImportRecognises(t *testing.T) {
	c := []core.Capture{{ID: 9, At: at, Request: core.Request{Method: "POST", Target: "/in", Proto: "HTTP/1.1", Host: "a.test", Header: core.Header{{Name: "Host", Value: "a.test"}, {Name: "X-GitHub-Event", Value: "push"}}, Body: []byte("{}"), Size: 2}, Response: core.Response{Status: 429}}}
	for _, row := range []struct{ format, prefix string }{{"har", ""}, {"har", "\xef\xbb\xbf\r\n"}, {"json", ""}, {"curl", "\n"}, {"curl", "$ "}} {
		data, _, err := export(row.format, c, exchange.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if row.prefix == "$ " {
			data = []byte(exchange.Curl(c[0].Request))
		}
		got, w, err := readAll(append([]byte(row.prefix), data...))
		if err != nil || w != nil || len(got) != 1 {
			t.Fatalf("%s: %d captures, workspace %v, error %v", row.format, len(got), w, err)
		}
		if got[0].Event.Type != "push" || got[0].Note == "" || got[0].Receipt.Outcome == "" || string(got[0].Request.Body) != "{}" {
			t.Errorf("%s: %+v", row.format, got[0])
		}
	}
	if _, w, err := readAll([]byte(` {"pace": 2, "hookglass": 1, "sources": []}`)); err != nil || w == nil || w.Pace != 2 {
		t.Errorf("workspace: %+v, %v", w, err)
	}
	for _, text := range []string{"", "hello", "{", `{"a":1}`, "[]", `{"log":5}`, `{"log":{"entries":[{}]}}`, "curl", "curl -F a=@b http://x", `{"hookglass_capture":1}`, `{"hookglass_capture":2,"method":"GET","target":"/"}`} {
		if _, _, err := readAll([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestControlListenerShapeIsRead(t *testing.T) {
	line := `{"id":7,"at":"2026-03-14T09:20:00Z","source":"gh","method":"POST","target":"/in/gh?x=1","url":"https://x.test/in/gh?x=1","proto":"HTTP/1.1","headers":[["Host","x.test"],["X-A","1"],["x-a","2"]],` +
		`"head_b64":"","body_b64":"e30=","size":2,"truncated":false,"response":{"status":200,"headers":[],"body_b64":""},"receipt":{"outcome":"accepted","reason":"","checks":[]},"verdict":null,"work":[],"deliveries":[]}`
	got, _, err := readAll([]byte(line))
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if r := got[0].Request; r.Host != "x.test" || string(r.Body) != "{}" || len(r.Header.Values("x-a")) != 2 || got[0].Receipt.Outcome != core.Accepted {
		t.Errorf("%+v", got[0])
	}
}

func TestEditedFieldsBeatTheRecordedHead(t *testing.T) {
	data, _, _ := export("json", randomCaptures(4, 1), exchange.Options{Reveal: true})
	edited := bytes.Replace(data, []byte(`["Host","hooks.example.com"]`), []byte(`["Host","other.example.com"]`), 1)
	got, err := exchange.ParseJSONL(edited)
	if err != nil || got[0].Request.Header.Get("Host") != "other.example.com" || got[0].Request.Head != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestExportRefuses(t *testing.T) {
	if _, _, err := export("xls", nil, exchange.Options{}); err == nil || !strings.Contains(err.Error(), "har, curl, json") {
		t.Errorf("unknown format: %v", err)
	}
	if _, _, err := export("go", nil, exchange.Options{Scheme: "no-such"}); err == nil {
		t.Error("unknown scheme was taken")
	}
	for _, f := range captureFormats() {
		if _, _, err := export(f, nil, exchange.Options{}); err != nil {
			t.Errorf("%s of nothing: %v", f, err)
		}
	}
}
