package platform_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/platform"
)

func hubSigned(secret, event, body string) *core.Request {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(body))
	return &core.Request{Method: "POST", Target: "/api/plugin/dev.sample_webhook/webhook/github", Body: []byte(body), Header: core.Header{
		{Name: "X-GitHub-Event", Value: event}, {Name: "X-Hub-Signature-256", Value: "sha256=" + hex.EncodeToString(m.Sum(nil))}}}
}

// TestPushPayloads holds what the document's handler makes of pushes, CPython's exceptions among it.
func TestPushPayloads(t *testing.T) {
	const crash = "crash"
	message := func(repo, pusher, rest string) string {
		return "📦 Code push event\nRepository: " + repo + "\nPusher: " + pusher + "\nCommits: " + rest
	}
	for body, want := range map[string]string{
		`{}`: message("Unknown repository", "Unknown pusher", "0\n"),
		`{"repository":{"full_name":null},"pusher":{"name":1.0}}`: message("None", "1.0", "0\n"),
		`{"repository":{"full_name":["it's",true]},"commits":""}`: message(`["it's", True]`, "Unknown pusher", "0\n"),
		`{"commits":{}}`:                                message("Unknown repository", "Unknown pusher", "0\n"),
		`{"commits":[{"message":"a\u2028b"}]}`:          message("Unknown repository", "Unknown pusher", "1\nLatest commit: a"),
		`{"commits":[{"message":"\n"}]}`:                message("Unknown repository", "Unknown pusher", "1\nLatest commit: "),
		`{"commits":[{"message":"one\r\ntwo"},null,7]}`: message("Unknown repository", "Unknown pusher", "3\nLatest commit: one"),
		`{"commits":[{"message":""}]}`:                  crash,
		`{"commits":[{"message":null}]}`:                crash,
		`{"commits":["x"]}`:                             crash,
		`{"commits":"x"}`:                               crash,
		`{"commits":{"a":1}}`:                           crash,
		`{"commits":null}`:                              crash,
		`{"commits":3}`:                                 crash,
		`{"repository":null}`:                           crash,
		`{"pusher":"alice"}`:                            crash,
		`[1]`:                                           crash,
		`null`:                                          crash,
		`"text"`:                                        crash,
		"{\"a\":\"\xff\"}":                              crash,
		strings.Repeat("[", 5000) + strings.Repeat("]", 5000): crash,
	} {
		t.Run(body[:min(len(body), 50)], func(t *testing.T) {
			h := newHost(t, "nekro", configs()["nekro"])
			out := h.receive(start, hubSigned("s3cret", "push", body))
			checkReceipt(t, out)
			if want == crash {
				if r := out.Response; r.Status != 500 || string(r.Body) != "Internal Server Error" || r.Header.Get("Content-Type") != "text/plain; charset=utf-8" || len(out.Work) > 0 {
					t.Errorf("got %d %s, want the framework's 500", r.Status, r.Body)
				}
				return
			}
			if out.Response.Status != 200 || len(out.Work) != 1 || len(out.Work[0].Notes) != 1 || out.Work[0].Notes[0].Text != want {
				t.Errorf("got %d %s\n%+v\nwant %q", out.Response.Status, out.Response.Body, out.Work, want)
			}
		})
	}
}

func TestNekroSignatureThatCrashes(t *testing.T) {
	h := newHost(t, "nekro", configs()["nekro"])
	r := hubSigned("s3cret", "ping", "{}")
	for value, status := range map[string]int{"sha256=\xe9": 500, "\xe9": 403, "sha256=": 403} {
		r.Header = r.Header.With("X-Hub-Signature-256", value)
		if out := h.receive(start, r); out.Response.Status != status {
			t.Errorf("%q: got %d, want %d", value, out.Response.Status, status)
		}
	}
}

func TestEventNameIsLatin1(t *testing.T) {
	h := newHost(t, "nekro", configs()["nekro"])
	out := h.receive(start, hubSigned("s3cret", "caf\xe9", "{}"))
	if want := `{"status":"success","message":"Event 'café' received and acknowledged."}`; string(out.Response.Body) != want {
		t.Errorf("got %s, want %s", out.Response.Body, want)
	}
}

func upload(parts ...string) *core.Request {
	body := ""
	for _, p := range parts {
		body += "--B\r\nContent-Disposition: form-data; " + p + "\r\n"
	}
	return &core.Request{Method: "POST", Target: "/api/plugin/dev.sample_webhook/webhook/upload_report", Body: []byte(body + "--B--\r\n"),
		Header: core.Header{{Name: "Content-Type", Value: "multipart/form-data; boundary=B"}}}
}

func TestUpload(t *testing.T) {
	file := func(kind, text string) string {
		return "name=\"report_file\"; filename=\"r.txt\"\r\nContent-Type: " + kind + "\r\n\r\n" + text
	}
	const name, chat = "name=\"report_name\"\r\n\r\nWeekly", "name=\"target_chat\"\r\n\r\nc"
	missing := func(field string) string {
		return `{"type":"missing","loc":["body","` + field + `"],"msg":"Field required","input":null}`
	}
	for _, row := range []struct {
		title   string
		request *core.Request
		status  int
		body    string
		note    string
	}{
		{"more than 200 characters", upload(file("text/plain", strings.Repeat("ß", 300)), name, chat), 200, `{"status":"success","filename":"r.txt","size":600}`,
			"Received new report 'Weekly' (r.txt). Content summary:\n" + strings.Repeat("ß", 200) + "..."},
		{"an empty file", upload(file("text/plain", ""), name, chat), 200, `{"status":"success","filename":"r.txt","size":0}`,
			"Received new report 'Weekly' (r.txt). Content summary:\n..."},
		{"no text", upload(file("application/pdf", "x"), name, chat), 400, `{"detail":"Only text file uploads are supported."}`, ""},
		{"upper case", upload(file("Text/plain", "x"), name, chat), 400, `{"detail":"Only text file uploads are supported."}`, ""},
		{"no UTF-8", upload(file("text/plain", "\xff"), name, chat), 500, "Internal Server Error", ""},
		{"no type", upload("name=\"report_file\"; filename=\"r.txt\"\r\n\r\nx", name, chat), 500, "Internal Server Error", ""},
		{"nothing", upload(), 422, `{"detail":[` + missing("report_file") + "," + missing("report_name") + "," + missing("target_chat") + `]}`, ""},
		{"an empty name", upload(file("text/plain", "x"), "name=\"report_name\"\r\n\r\n", chat), 422, `{"detail":[` + missing("report_name") + `]}`, ""},
		{"a text for a file", upload("name=\"report_file\"\r\n\r\nx", name, chat), 422,
			`{"detail":[{"type":"value_error","loc":["body","report_file"],"msg":"Value error, Expected UploadFile, received: <class 'str'>","input":"x","ctx":{"error":{}}}]}`, ""},
		{"no boundary", &core.Request{Method: "POST", Target: "/api/plugin/dev.sample_webhook/webhook/upload_report",
			Header: core.Header{{Name: "Content-Type", Value: "multipart/form-data"}}}, 400, `{"detail":"Missing boundary in multipart."}`, ""},
	} {
		t.Run(row.title, func(t *testing.T) {
			h := newHost(t, "nekro", configs()["nekro upload_report"])
			out := h.receive(start, row.request)
			checkReceipt(t, out)
			if out.Response.Status != row.status || string(out.Response.Body) != row.body {
				t.Fatalf("got %d %s\nwant %d %s", out.Response.Status, out.Response.Body, row.status, row.body)
			}
			if row.note != "" && (out.Work[0].Notes[0].Text != row.note || out.Work[0].Notes[0].Chat != "c") {
				t.Errorf("note: %+v", out.Work[0].Notes)
			}
		})
	}
}

func TestNekroAddresses(t *testing.T) {
	docs := newHost(t, "nekro", configs()["nekro"])
	for path, want := range map[string]bool{
		"/api/plugin/dev.sample_webhook/webhook/github": true, "/api/plugin/sample_webhook/webhook/github": true, "/api/plugin/dev%2Esample_webhook/webhook/github": true,
		"/api/plugin/dev/webhook/github": false, "/api/plugin/dev.sample_webhook/webhook/other": false, "/api/plugin/dev.sample_webhook/webhookgithub": false,
		"/api/plugin/dev.sample_webhook/webhook/github/": false, "/api/webhook/github": false,
	} {
		if got := docs.m.Match(path) > 0; got != want {
			t.Errorf("%s: match %v", path, got)
		}
	}
	for _, row := range []struct {
		settings core.Values
		want     bool
	}{
		{core.Values{"plugin": "a.b", "path": "github"}, true},
		{core.Values{"plugin": "a.b", "path": "/github"}, false}, // as the document demands, and it never matches
		{core.Values{"plugin": "KroMiose.github", "path": "/github"}, true},
		{core.Values{"plugin": "a.b"}, true},
	} {
		h := newHost(t, "nekro", platform.Config{Profile: core.Code, Settings: row.settings})
		if got := h.m.Match("/api/webhook/github") > 0; got != row.want {
			t.Errorf("as shipped, %v: match %v", row.settings, got)
		}
	}
}

// TestShipped holds the released router's answers.
func TestShipped(t *testing.T) {
	const success = `{"success":true,"message":"Webhook 处理完成，成功: 0，失败: 0","data":{"results":[],"errors":[]}}`
	for _, row := range []struct {
		title, secret, kind, lang, body string
		status, items                   int
		want                            string
	}{
		{"ping", "", "application/json", "", "{}", 200, 1, success},
		{"a secret ignores all", "s", "application/json", "", "{}", 200, 0, success},
		{"an array", "", "application/json", "", "[1]", 400, 0, `{"error":"ValidationError","message":"请求参数无效: body: Input should be a valid dictionary","detail":null,"data":null}`},
		{"an array, in English", "", "application/json", "EN", "[1]", 400, 0, `{"error":"ValidationError","message":"Invalid request parameters: body: Input should be a valid dictionary","detail":null,"data":null}`},
		{"an array as text", "", "text/plain", "de,en", "[1]", 400, 0, `{"error":"ValidationError","message":"请求参数无效: body: Input should be a valid dictionary","detail":null,"data":null}`},
		{"BOM as JSON", "", "application/json", "", "\ufeff{}", 200, 1, success},
		{"BOM as text", "", "text/plain", "", "\ufeff{}", 200, 1, success},
		{"no UTF-8 as text", "", "text/plain", " en", "\xff", 500, 0, `{"error":"InternalServerError","message":"Internal server error","detail":null,"data":null}`},
		{"nothing", "", "", "", "", 200, 1, success},
	} {
		t.Run(row.title, func(t *testing.T) {
			h := newHost(t, "nekro", platform.Config{Profile: core.Code, Settings: core.Values{"plugin": "KroMiose.github"},
				Secrets: map[string]core.Secret{"secret": core.Text(row.secret)}})
			out := h.receive(start, &core.Request{Method: "POST", Target: "/api/webhook/github", Body: []byte(row.body),
				Header: core.Header{{Name: "Content-Type", Value: row.kind}, {Name: "Accept-Language", Value: row.lang}}})
			checkReceipt(t, out)
			if out.Response.Status != row.status || string(out.Response.Body) != row.want || len(out.Work) != row.items {
				t.Errorf("got %d %s, %d items", out.Response.Status, out.Response.Body, len(out.Work))
			}
			if timed := out.Response.Header.Has("X-Process-Time"); timed != (row.status != 500) {
				t.Errorf("X-Process-Time is there: %v", timed)
			}
		})
	}
}
