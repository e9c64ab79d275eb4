package exchange_test

import (
	"bytes"
	"testing"

	"hookglass/core"
	"hookglass/core/exchange"
)

// smallHAR and smallCapture are all that a seed needs: a longer one keeps the fuzzer busy with making it shorter.
const (
	smallHAR     = `{"log":{"entries":[{"startedDateTime":"2026-03-14T09:20:00Z","time":1,"request":{"method":"POST","url":"http://a/x?b=c","headers":[{"name":"A","value":"b"}],"postData":{"mimeType":"a/b","text":"e30=","encoding":"base64"}},"response":{"status":200}}]}}`
	smallCapture = `{"at":"2026-03-14T09:20:00Z","method":"POST","target":"/x","headers":[["A","b"]],"body_b64":"e30=","response":{"status":200}}`
)

func FuzzParseHAR(f *testing.F) {
	f.Add([]byte(smallHAR))
	f.Add([]byte(`{"log":{"entries":[{"startedDateTime":"2026-03-14T09:20:00Z","time":"1e400","request":{"method":"A","url":"http://a?","headers":[{"name":":a","value":"\u00ff"}],"bodySize":1e300,"postData":{"params":[{"name":"a"}],"mimeType":"application/x-www-form-urlencoded"}},"response":{"status":null}}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		captures, err := exchange.ParseHAR(data)
		if err != nil {
			return
		}
		out, _, err := export("har", captures, exchange.Options{Reveal: true})
		if err != nil {
			return // a year that JSON's times cannot hold
		}
		again, err := exchange.ParseHAR(out)
		if err != nil || len(again) != len(captures) {
			t.Fatalf("what we wrote cannot be read: %v\n%s", err, out)
		}
		for i := range captures {
			if !bytes.Equal(captures[i].Request.Body, again[i].Request.Body) {
				t.Fatalf("body %q became %q", captures[i].Request.Body, again[i].Request.Body)
			}
		}
	})
}

func FuzzParseCurl(f *testing.F) {
	for _, r := range sendable("http://a.test", 20) {
		f.Add(exchange.Curl(r))
	}
	f.Add("$ curl -sSLXPOST \"http://a/\\\"$'\" $'\\x4\\u00e9\\777' 2>&1 | jq . ; # x")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := exchange.ParseCurl(text)
		if err != nil {
			return
		}
		again, err := exchange.ParseCurl(exchange.Curl(r))
		if err != nil {
			t.Fatalf("what we wrote cannot be read: %v\n%s", err, exchange.Curl(r))
		}
		if again.Method != r.Method || again.URL() != r.URL() || !bytes.Equal(again.Body, r.Body) {
			t.Fatalf("%+v\nbecame\n%+v\nby %s", r, again, exchange.Curl(r))
		}
	})
}

func FuzzParseWorkspace(f *testing.F) {
	f.Add([]byte(everything))
	f.Add([]byte(`{"hookglass": 1, "sources": [{"platform": "generic", "path": "/in/a", "scheme": "stripe", "secret": "s", "forward": "http://a", "faults": {"latency_ms": 1}, "limit": {}}]}`))
	f.Add([]byte(`{"hookglass": 1, "endpoints": [{"url": "http://a", "headers": [["b", "c"]], "policy": {"delays_s": [1]}}, {"platform": "joai", "id": "x", "url": "https://a"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := exchange.ParseWorkspace(data)
		if err != nil {
			return
		}
		out, moved, err := exchange.WriteWorkspace(w, exchange.Options{Reveal: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := exchange.ParseWorkspace(out); err != nil {
			t.Fatalf("what we wrote cannot be read: %v (moved %q)\n%s", err, moved, out)
		}
	})
}

func FuzzImport(f *testing.F) {
	for _, seed := range []string{smallHAR, smallCapture, "curl -d a=b 'http://a/x'", `{"hookglass":1,"sources":[]}`} {
		if _, _, err := readAll([]byte(seed)); err != nil {
			f.Fatal(seed, err)
		}
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		captures, _, err := readAll(data)
		if err != nil {
			return
		}
		for _, format := range captureFormats() {
			if _, _, err := export(format, captures, exchange.Options{}); err != nil && format == "go" {
				t.Fatalf("%s: %v", format, err)
			}
		}
	})
}

func FuzzCodes(f *testing.F) {
	f.Add("POST", "/x?y", "X-A", "it's", []byte("@\x00"))
	f.Fuzz(func(t *testing.T, method, target, name, value string, body []byte) {
		r := core.Request{Method: method, Target: target, Host: "h", Header: core.Header{{Name: name, Value: value}}, Body: body}
		for _, c := range exchange.Codes() {
			if c.Write(r) == "" {
				t.Fatal("no code in " + c.Title)
			}
		}
	})
}
