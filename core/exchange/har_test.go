package exchange_test

import (
	"reflect"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/exchange"
)

// TestParseHAROfOthers reads what browsers and proxies write, deviations included.
func TestParseHAROfOthers(t *testing.T) {
	for _, row := range []struct {
		name, entry string
		want        core.Request
		status      int
	}{
		{"browser over HTTP/2", `{"startedDateTime":"2026-03-14T09:20:00.123Z","time":12.5,"request":{"method":"POST","url":"https://a.test/x?y=1#frag","httpVersion":"h2","headers":[{"name":":authority","value":"a.test"},{"name":"content-type","value":"application/json"}],"queryString":[],"cookies":[],"headersSize":-1,"bodySize":2,"postData":{"mimeType":"application/json","text":"{}"}},"response":{"status":204,"statusText":"","httpVersion":"h2","headers":[],"cookies":[],"content":{"size":0,"mimeType":"x-unknown"},"redirectURL":"","headersSize":-1,"bodySize":0},"cache":{},"timings":{"send":0,"wait":1,"receive":0}}`,
			core.Request{Method: "POST", Target: "/x?y=1", Proto: "HTTP/2.0", Host: "a.test", Base: "https://a.test", Header: core.Header{{Name: "content-type", Value: "application/json"}}, Body: []byte("{}"), Size: 2}, 204},
		{"form given by its parameters", `{"startedDateTime":"2026-03-14T10:20:00+0100","request":{"method":"POST","url":"http://u:p@a.test:8080","httpVersion":"unknown","headers":[],"postData":{"mimeType":"application/x-www-form-urlencoded; charset=UTF-8","params":[{"name":"a b","value":"ü"},{"name":"c","value":""}],"text":""}}}`,
			core.Request{Method: "POST", Target: "/", Proto: "HTTP/1.1", Host: "a.test:8080", Base: "http://a.test:8080", Header: core.Header{{Name: "Host", Value: "a.test:8080"}, {Name: "Content-Type", Value: "application/x-www-form-urlencoded; charset=UTF-8"}}, Body: []byte("a+b=%C3%BC&c="), Size: 13}, 0},
		{"binary, cut, status in quotes", `{"request":{"method":"PUT","url":"http://a.test/?","headers":[{"name":"Host","value":"b.test"}],"bodySize":"10","postData":{"mimeType":"x","text":"/wA=","encoding":"base64"}},"response":{"status":"200","content":{"text":"aGk=","encoding":"base64"}}}`,
			core.Request{Method: "PUT", Target: "/?", Proto: "HTTP/1.1", Host: "b.test", Base: "http://a.test", Header: core.Header{{Name: "Host", Value: "b.test"}, {Name: "Content-Type", Value: "x"}}, Body: []byte{0xff, 0}, Size: 10, Truncated: true}, 200},
	} {
		got, err := exchange.ParseHAR([]byte(`{"log":{"version":"1.2","creator":{},"pages":[],"entries":[` + row.entry + `]}}`))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if !reflect.DeepEqual(got[0].Request, row.want) || got[0].Response.Status != row.status {
			t.Errorf("%s:\n got %+v\nwant %+v", row.name, got[0].Request, row.want)
		}
	}
}

func TestParseHARRefuses(t *testing.T) {
	for entry, field := range map[string]string{
		`{}`:                              "log.entries[0].request",
		`{"request":{"url":"ftp://x"}}`:   "log.entries[0].request.url",
		`{"request":{"url":"http://x/"}}`: "log.entries[0].request.method",
		`{"request":{"headers":"x"}}`:     "log.entries[0].request.headers",
		`"text"`:                          "log.entries[0]",
		`{"startedDateTime":"yesterday"}`: "log.entries[0].startedDateTime",
		`{"request":{"method":"A","url":"http://x/","postData":{"text":"%","encoding":"base64"}}}`:                           "log.entries[0].request.postData",
		`{"request":{"method":"A","url":"http://x/","postData":{"mimeType":"multipart/form-data","params":[{"name":"a"}]}}}`: "log.entries[0].request.postData",
		`{"request":{"method":"A","url":"http://x/"},"response":{"content":{"text":"x","encoding":"rot13"}}}`:                "log.entries[0].response.content",
	} {
		_, err := exchange.ParseHAR([]byte(`{"log":{"entries":[` + entry + `]}}`))
		if err == nil || !strings.HasPrefix(err.Error(), field+":") {
			t.Errorf("%s: %v, want a complaint about %s", entry, err, field)
		}
	}
}

// TestParseHARLeavesOutWhatIsOfAnotherType: one odd entry does not cost us the others.
func TestParseHARLeavesOutWhatIsOfAnotherType(t *testing.T) {
	f, err := exchange.Read([]byte(`{"log":{"entries":[{"request":{"headers":"x"}},{"request":{"method":"A","url":"http://x/"}}]}}`))
	if err != nil || len(f.Captures) != 1 || len(f.Unread) != 1 {
		t.Errorf("%d captures, unread %v, %v; want one of each", len(f.Captures), f.Unread, err)
	}
}
