package exchange_test

import (
	"os"
	"strings"
	"testing"

	"hookglass/core/exchange"
)

// wanted is what is to be read of one request: the request line, the address, fields that must be there, the body.
type wanted struct {
	line, host string
	fields     []string
	body       string
}

// TestFilesOfOthers reads what API clients, browsers and people write; each was written here after their formats.
func TestFilesOfOthers(t *testing.T) {
	for _, row := range []struct {
		name, file, format string
		want               []wanted
		unread, marked     string // what they say, together
	}{
		{"Postman 2.1", "others/postman.json", "postman", []wanted{
			{"POST /v1/users/7?limit=10 HTTP/1.1", "api.test", []string{"Authorization: Bearer s3cret", "X-A: 1", "Content-Type: application/json"}, `{"name": "Ann"}`},
			{"GET /health HTTP/1.1", "api.test", []string{"Authorization: Bearer s3cret"}, ""},
			{"POST /form HTTP/1.1", "api.test", []string{"Content-Type: application/x-www-form-urlencoded", "Authorization: Basic dTpw"}, "a=b%20c&d=%C3%BC"},
			{"POST /up HTTP/1.1", "api.test", nil, "--BOUNDARY\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\nx\r\n--BOUNDARY--\r\n"},
			{"POST /graph HTTP/1.1", "api.test", []string{"Content-Type: application/json"}, `{"query":"{ me }","variables":{"a":1}}`},
			{"GET /plain HTTP/1.1", "api.test", []string{"X-Missing: {{nowhere}}"}, ""},
		}, `sends a file as "f"; {{elsewhere}}, which the file does not set`, `{{nowhere}} is not set in the file`},
		{"Insomnia 4", "others/insomnia4.json", "insomnia", []wanted{
			{"POST /v1/x?q=1%202 HTTP/1.1", "api.test", []string{"X-Key: k1", "Authorization: Bearer t1", "Content-Type: application/json"}, `{"a":1}`},
		}, "", ""},
		{"Insomnia 5", "others/insomnia5.yaml", "insomnia", []wanted{
			{"PUT /v5/y HTTP/1.1", "five.test", []string{"X-Num: 5", "Content-Type: text/plain"}, "hello\nworld\n"},
			{"GET /deep HTTP/1.1", "five.test", nil, ""},
		}, "", ""},
		{"Bruno JSON", "others/bruno.json", "bruno", []wanted{
			{"POST /things/42?x=1 HTTP/1.1", "bruno.test", []string{"X-On: yes", "X-Folder: f", "Authorization: Bearer tt", "Content-Type: application/json"}, "{\n  \"a\": 1\n}"},
		}, "", ""},
		{"Bruno .bru", "others/request.bru", "bru", []wanted{
			{"POST /a/9?q=1 HTTP/1.1", "bru.test", []string{"content-type: application/json", "X-Key: k"}, "{\n  \"a\": {\n    \"b\": 1\n  }\n}"},
		}, "", ""},
		{".http", "others/requests.http", "http", []wanted{
			{"GET /v1/items?page=2&size=10 HTTP/1.1", "h.test:8080", []string{"Accept: application/json", "X-Token: t0k"}, ""},
			{"POST /v1/items HTTP/1.1", "h.test:8080", []string{"Content-Type: application/json"}, "{\n  \"id\": \"{{$guid}}\"\n}"},
			{"POST /f HTTP/1.1", "h.test", []string{"Content-Type: application/x-www-form-urlencoded"}, "a=b&c=d"},
			{"GET /bare HTTP/1.1", "h.test", nil, ""},
		}, `reads the file "./body.json"`, "{{$guid}} is not set"},
		{"raw", "others/raw.txt", "raw", []wanted{
			{"POST /in?x=1 HTTP/1.1", "h.test", []string{"X-A: 1", "x-a: 2"}, `{"a":1}`},
			{"GET /next HTTP/1.0", "h.test", nil, ""},
			{"POST /chunks HTTP/1.1", "h.test", []string{"Transfer-Encoding: chunked"}, "hello world"},
		}, "", ""},
		{"cmd, Chrome", "others/chrome.cmd", "curl", []wanted{
			{"POST /hook?a=1&b=2 HTTP/1.1", "h.test", []string{"Accept: */*", `X-Q: say "hi"`, "Content-Type: application/json"}, "{\"a\":\"b c\",\"p\":\"100%\",\"n\":\"x^y\"}"},
			{"POST /lines HTTP/1.1", "h.test", nil, "one\ntwo"},
		}, "", ""},
		{"PowerShell, Chrome", "others/chrome.ps1", "curl", []wanted{
			{"POST /hook?a=1 HTTP/1.1", "h.test", []string{"User-Agent: Mozilla/5.0", "Cookie: sid=abc", "Content-Type: application/json", "x-q: a\"b$c"}, "{\"e\":\"\u00e9\U0001F600\"}"},
			{"GET /plain HTTP/1.1", "h.test", []string{"X-A: 1"}, ""},
			{"POST /native HTTP/1.1", "h.test", []string{"X-A: it's"}, `{"a":1}`},
			{"POST /form HTTP/1.1", "h.test", []string{"Content-Type: application/x-www-form-urlencoded"}, "a=b%20c"},
		}, "$secret is not set in the text", ""},
	} {
		data, err := os.ReadFile("testdata/" + row.file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := exchange.Read(data)
		if err != nil || f.Format != row.format || len(f.Captures) != len(row.want) {
			t.Errorf("%s: %d of %d as %q, %v, %v", row.name, len(f.Captures), len(row.want), f.Format, err, f.Unread)
			continue
		}
		var unread, marked []string
		for _, u := range f.Unread {
			unread = append(unread, u.Why.Error())
			if u.Next == "" {
				t.Errorf("%s: %v has no next step", row.name, u.Why)
			}
		}
		for _, m := range f.Marks {
			marked = append(marked, m.Says)
		}
		for _, says := range strings.Split(row.unread, "; ") {
			if !strings.Contains(strings.Join(unread, "\n"), says) || row.unread == "" && len(unread) > 0 {
				t.Errorf("%s: unread %q, want %q", row.name, unread, says)
			}
		}
		if !strings.Contains(strings.Join(marked, "\n"), row.marked) {
			t.Errorf("%s: marked %q, want %q", row.name, marked, row.marked)
		}
		for i, w := range row.want {
			r := f.Captures[i].Request
			if line, body := r.Method+" "+r.Target+" "+r.Proto, alike(string(r.Body)); line != w.line || body != w.body || r.Host != w.host {
				t.Errorf("%s, %d: %s %s %q, want %s %s %q", row.name, i, line, r.Host, body, w.line, w.host, w.body)
			}
			for _, field := range w.fields {
				name, value, _ := strings.Cut(field, ": ")
				found := false
				for _, v := range r.Header.Values(name) {
					found = found || v == value
				}
				if !found {
					t.Errorf("%s, %d: %s is %q, want %q", row.name, i, name, r.Header.Values(name), value)
				}
			}
		}
	}
}

// TestUTF16IsRead: what Windows' PowerShell puts into a file.
func TestUTF16IsRead(t *testing.T) {
	text := []byte("\xff\xfe")
	for _, c := range "curl http://h.test/ -d grün" {
		text = append(text, byte(c), byte(c>>8))
	}
	f, err := exchange.Read(text)
	if err != nil || len(f.Captures) != 1 || string(f.Captures[0].Request.Body) != "grün" {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestHTTPLinesThatAreNone: what stands where a request begins and is none is named, and those beside it are read.
func TestHTTPLinesThatAreNone(t *testing.T) {
	for _, line := range []string{"< ./body.json", "<b>hello</b>", "é prose of somebody"} {
		f, err := exchange.Read([]byte("GET http://a.test/1\n\n###\n" + line + "\n\n### two\nPOST {{base}}/x y\n\n###\nhttp://a.test/3\n"))
		if err != nil || len(f.Captures) != 2 || f.Captures[1].Request.Target != "/3" {
			t.Errorf("%q: %d captures, %v", line, len(f.Captures), err)
			continue
		}
		if len(f.Unread) == 0 || !strings.Contains(f.Unread[0].Why.Error(), "is no line of a request") || f.Unread[0].Next == "" {
			t.Errorf("%q: unread %+v", line, f.Unread)
		}
	}
}
