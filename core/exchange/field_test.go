package exchange_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/exchange"
)

// fieldCase is a row of testdata/field_import_cases.json: a command or a HAR log that other tools, or curl, were asked
// about, with the public report that it stands for.
type fieldCase struct {
	ID, Kind, Report, Command, Expected string
	HAR                                 []byte `json:"har_b64"`
}

func fieldCases(t *testing.T) (all []fieldCase) {
	t.Helper()
	data, err := os.ReadFile("testdata/field_import_cases.json")
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil || len(all) < 30 {
		t.Fatal(len(all), err)
	}
	return all
}

// fieldWanted is what each command is to become: the request line, fields that must be there, and the body. A "-" before
// a field says that there must be none of that name.
var fieldWanted = map[string][]struct {
	line   string
	fields []string
	body   string
}{
	"curl-edge-b-twice":                    {{"GET / HTTP/1.1", []string{"Cookie: a=1;b=2"}, ""}},
	"curl-edge-A-twice":                    {{"GET / HTTP/1.1", []string{"User-Agent: two"}, ""}},
	"curl-edge-u-twice":                    {{"GET / HTTP/1.1", []string{"Authorization: Basic Yzpk"}, ""}},
	"curl-edge-A-empty":                    {{"GET / HTTP/1.1", []string{"-User-Agent"}, ""}},
	"curl-edge-r-open":                     {{"GET / HTTP/1.1", []string{"Range: bytes=4-"}, ""}},
	"curl-edge-url-dots":                   {{"GET /b/c HTTP/1.1", nil, ""}},
	"curl-edge-G-I-d":                      {{"HEAD /?b=2 HTTP/1.1", nil, ""}},
	"curl-edge-json-and-d":                 {{"POST / HTTP/1.1", []string{"Content-Type: application/json"}, `{"a":1}&x=1`}},
	"curl-edge-url-host-braces":            {{"GET / HTTP/1.1", []string{"Host: a.test"}, ""}, {"GET / HTTP/1.1", []string{"Host: b.test"}, ""}}, // as curl does
	"curl-edge-http10":                     {{"GET / HTTP/1.0", nil, ""}},
	"curl-edge-e-auto":                     {{"GET / HTTP/1.1", []string{"Referer: http://r.test"}, ""}},
	"curl-edge-url-default-port":           {{"GET /x HTTP/1.1", []string{"Host: h.test"}, ""}},
	"curl-edge-ansi-octal":                 {{"POST / HTTP/1.1", nil, "AAé😀\x1b\x01?"}},
	"curl-edge-ansi-surrogate-pair":        {{"POST / HTTP/1.1", nil, `{"e":"😀"}`}},
	"curl-edge-win-firefox-dq":             {{"POST /something HTTP/1.1", []string{"User-Agent: M", "content-type: application/json"}, `{"data":{"type":"x","n":1}}`}},
	"curl-edge-url-brackets-query":         {{"GET /?a[]=1&a[]=2 HTTP/1.1", nil, ""}},
	"curl-edge-heredoc":                    {{"POST / HTTP/1.1", nil, `{"a": 1}`}},
	"curl-edge-var-set":                    {{"GET / HTTP/1.1", []string{"Authorization: Bearer abc"}, ""}},
	"curl-edge-F-text":                     {{"POST / HTTP/1.1", nil, "--BOUNDARY\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--BOUNDARY\r\nContent-Disposition: form-data; name=\"c\"\r\nContent-Type: application/json\r\n\r\n{\"x\":1}\r\n--BOUNDARY--\r\n"}},
	"curl-edge-url-query":                  {{"GET /?x=1&a=b+c&d=e HTTP/1.1", nil, ""}},
	"curl-edge-basic":                      {{"GET / HTTP/1.1", []string{"Authorization: Basic YTpi"}, ""}},
	"curl-edge-no-opts":                    {{"GET / HTTP/1.1", nil, ""}},
	"curl-edge-path-curl":                  {{"GET /a HTTP/1.1", nil, ""}},
	"curl-edge-b-empty":                    {{"GET / HTTP/1.1", []string{"-Cookie"}, ""}},
	"curl-edge-one-bad-of-two":             {{"POST /a HTTP/1.1", nil, "good"}, {"POST /b HTTP/1.1", nil, "--BOUNDARY\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n--BOUNDARY--\r\n"}}, // a form of text alone is none that is bad
	"curl-edge-postman-2791-single-quotes": {{"POST /a HTTP/1.1", nil, `{"q":"it's \"ok\""}`}},
	"curl-edge-urlencode-plus":             {{"POST / HTTP/1.1", nil, "param=mp%2B8%2Fay70X"}},
	"curl-edge-multipart-ansi":             {{"POST / HTTP/1.1", nil, "------WebKitFormBoundary7o\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\nsé\r\n------WebKitFormBoundary7o--\r\n"}},
	"curl-edge-two-data":                   {{"POST / HTTP/1.1", nil, "Hello=world&foo=baz"}},
	"curl-edge-nul-body":                   {{"POST / HTTP/1.1", nil, "a\x00b"}},
	"curl-edge-empty-header-semicolon":     {{"POST /fbi HTTP/1.1", []string{"x-rpc-fake: miyin", "x-rpc-god: "}, "{\n    \"page\": 1\n}"}},
}

func TestFieldCommands(t *testing.T) {
	passed := 0
	for _, c := range fieldCases(t) {
		if c.Command == "" {
			continue
		}
		want, ok := fieldWanted[c.ID]
		f, err := exchange.Read([]byte(c.Command))
		if !ok || err != nil || len(f.Unread) > 0 || len(f.Captures) != len(want) {
			t.Errorf("%s: %d requests of %d, %v, %v\n%s", c.ID, len(f.Captures), len(want), err, f.Unread, c.Command)
			continue
		}
		fine := true
		for i, w := range want {
			r := f.Captures[i].Request
			if line, body := r.Method+" "+r.Target+" "+r.Proto, alike(string(r.Body)); line != w.line || body != w.body {
				t.Errorf("%s: %s %q, want %s %q", c.ID, line, body, w.line, w.body)
				fine = false
			}
			for _, field := range w.fields {
				name, value, _ := strings.Cut(strings.TrimPrefix(field, "-"), ": ")
				got := r.Header.Values(name)
				if gone := strings.HasPrefix(field, "-"); gone && len(got) > 0 || !gone && (len(got) != 1 || got[0] != value) {
					t.Errorf("%s: %s is %q, want %s", c.ID, name, got, field)
					fine = false
				}
			}
		}
		if fine {
			passed++
		}
	}
	t.Logf("%d commands", passed)
}

func TestFieldHARs(t *testing.T) {
	bodies := map[string]string{"har-form-params-encoded": "a%5B%5D=b%20c", "har-form-params-pct20": "a=b%20c"}
	for _, c := range fieldCases(t) {
		if c.HAR == nil {
			continue
		}
		f, err := exchange.Read(c.HAR)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		if want, ok := bodies[c.ID]; ok {
			if len(f.Captures) != 1 || string(f.Captures[0].Request.Body) != want || f.Captures[0].Request.Truncated || len(f.Marks) != 1 || f.Captures[0].Note != f.Marks[0].Says {
				t.Errorf("%s: %+v, marks %v", c.ID, f.Captures, f.Marks)
			}
			continue
		}
		if len(f.Captures) != 1 || len(f.Unread) != 1 || string(f.Captures[0].Request.Body) != `{"a":1}` || f.Unread[0].Next == "" || f.Unread[0].Index < 1 {
			t.Errorf("%s: %d captures, unread %+v", c.ID, len(f.Captures), f.Unread)
		}
	}
}

// TestHARBodiesAreHonest: what the file has of a body is weighed against the length that it recorded.
func TestHARBodiesAreHonest(t *testing.T) {
	for _, row := range []struct {
		name, request, body, says string
		truncated                 bool
	}{
		{"decoded", `"headers":[{"name":"Content-Encoding","value":"gzip"},{"name":"Content-Length","value":"9"}],"postData":{"text":"{\"a\":1234567}"}`, `{"a":1234567}`, "the body is decoded: Content-Encoding, gzip", false},
		{"decoded, shorter", `"headers":[{"name":"Content-Encoding","value":"gzip"}],"bodySize":90,"postData":{"text":"{}"}`, `{}`, "the body is decoded", false},
		{"encoded", `"headers":[{"name":"Content-Encoding","value":"gzip"}],"bodySize":3,"postData":{"text":"H4sI","encoding":"base64"}`, "\x1f\x8b\x08", "", false},
		{"latin-1", `"headers":[],"bodySize":4,"postData":{"text":"caf\u00e9"}`, "caf\xe9", "Latin-1", false},
		{"utf-8", `"headers":[],"bodySize":5,"postData":{"text":"caf\u00e9"}`, "café", "", false},
		{"line ends", `"headers":[{"name":"Content-Length","value":"5"}],"bodySize":-1,"postData":{"text":"a\nb\n"}`, "a\nb\n", "5 bytes were sent, and 4 are in the file", true},
		{"line ends that fit", `"headers":[],"bodySize":6,"postData":{"text":"a\nb\n"}`, "a\r\nb\r\n", "CR LF", false},
		{"fields before it", `"headers":[],"bodySize":3,"postData":{"text":"Content-Type: a/b\r\nContent-Length: 3\r\n\r\na=b"}`, "a=b", "stood before the body", false},
		{"longer", `"headers":[],"bodySize":2,"postData":{"text":"abc"}`, "abc", "2 bytes were sent, and 3 are in the file", false},
		{"missing", `"headers":[],"bodySize":2`, "", "the body, of 2 bytes, is not in the file", true},
		{"params, no length", `"headers":[],"postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a","value":"b c"}]}`, "a=b+c", "made of its parameters", false},
		{"params, escaped, no length", `"headers":[],"postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a","value":"b%20c"}]}`, "a=b%20c", "escaped already", false},
		{"text beside params", `"headers":[],"bodySize":5,"postData":{"mimeType":"application/x-www-form-urlencoded","text":"a=b c","params":[{"name":"a","value":"b c"}]}`, "a=b c", "", false},
		{"text decoded, params not", `"headers":[],"bodySize":7,"postData":{"mimeType":"application/x-www-form-urlencoded","text":"a=b c","params":[{"name":"a","value":"b%20c"}]}`, "a=b%20c", "escaped already", false},
	} {
		f, err := exchange.Read([]byte(`{"log":{"entries":[{"request":{"method":"POST","url":"http://h.test/","httpVersion":"HTTP/1.1",` + row.request + `}}]}}`))
		if err != nil || len(f.Captures) != 1 {
			t.Errorf("%s: %v %v", row.name, err, f.Unread)
			continue
		}
		says := ""
		if len(f.Marks) > 0 {
			says = f.Marks[0].Says
		}
		if r := f.Captures[0].Request; string(r.Body) != row.body || r.Truncated != row.truncated || !strings.Contains(says, row.says) || (row.says == "") != (says == "") {
			t.Errorf("%s: %q, truncated %v, says %q", row.name, r.Body, r.Truncated, says)
		}
	}
}

// TestHARThatBreaksOff: what stands before the damage is kept.
func TestHARThatBreaksOff(t *testing.T) {
	const entry = `{"request":{"method":"GET","url":"http://h.test/","headers":[{"name":"A","value":5}]}}`
	for _, text := range []string{`{"log":{"version":"1.2","entries":[` + entry + `,` + entry[:30], `{"log":{"entries":[` + entry + `,` + entry} {
		f, err := exchange.Read([]byte(text))
		if err != nil || len(f.Captures) == 0 || len(f.Unread) != 1 || !strings.Contains(f.Unread[0].Why.Error(), "breaks off") {
			t.Errorf("%s: %d, %v, %v", text, len(f.Captures), f.Unread, err)
		}
	}
	var h core.Header
	if f, _ := exchange.Read([]byte(`{"log":{"entries":[` + entry + `]}}`)); len(f.Captures) == 1 {
		h = f.Captures[0].Request.Header
	}
	if h.Get("A") != "5" {
		t.Errorf("a value that is a number: %q", h)
	}
}
