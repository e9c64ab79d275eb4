package exchange_test

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/exchange"
)

// oddRequest is a request as it may come from anywhere: what HTTP allows, and what it does not.
func oddRequest(r *rand.Rand) core.Request {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write([]byte(`{"a":1}`))
	w.Close()
	q := core.Request{
		Method: pick("POST", "POST", "GET", "PUT", "DELETE", "M-SEARCH", "get", "PURGE", "OPTIONS"),
		Target: pick("/in", "/in", "/any/10", "/?a=1&b=%20c&b=", "*", "http://o.test/x?y", "/a/../b/./c", "//double", "/%zz?%", "/ü?x=caf\xe9", "/a#b", "?x", "/{{x}}?f[0]={a}", "/"),
		Proto:  pick("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"),
		Body: []byte(pick("", "", `{"a": 1.0,  "ü":"\u00e9"}`, "a=b&c=%20d+e", "\x00\x01\xff\r\n", "line\r\nline\n", "\n\n", "@file", "< file", "### not a request\n", "> {% x %}", "{{secret}} {% x %}",
			"caf\xe9", "\u2028\ufeff\u202e", zipped.String(), " ", "@a = b", "\xef\xbb\xbf{}", "GET / HTTP/1.1\r\n\r\n")),
	}
	if len(q.Body) == 0 {
		q.Body = nil
	}
	q.Host = pick("hooks.test", "hooks.test:8080", "hooks.test:80", "[::1]:81", "127.0.0.1")
	if q.Proto == "HTTP/1.0" && r.IntN(2) == 0 {
		q.Host = ""
	} else {
		q.Header = core.Header{{Name: pick("Host", "host"), Value: q.Host}}
	}
	for range r.IntN(6) {
		q.Header = append(q.Header, core.Field{Name: pick("X-A", "x-a", "X-A", "Content-Type", "Accept", "X-Empty", "Authorization", "Cookie", "User-Agent", "accept-encoding", "Content-Encoding", "Connection"),
			Value: pick("1", "", "Bearer abc", "a=1; b=2", "application/json; charset=utf-8", "it's \"x\" \\ $Y", "caf\xe9", "grün, 100 %", "a  b", "gzip", "{{x}}", "# no comment", "folded with more")})
	}
	switch chunked := r.IntN(4) == 0; {
	case len(q.Body) == 0:
	case chunked && q.Proto == "HTTP/1.1":
		q.Header = append(q.Header, core.Field{Name: "Transfer-Encoding", Value: "chunked"})
	case r.IntN(2) == 0:
		q.Header = slices.Insert(q.Header, r.IntN(len(q.Header)+1), core.Field{Name: "Content-Length", Value: strconv.Itoa(len(q.Body))})
	default:
		q.Header = append(q.Header, core.Field{Name: "Content-Length", Value: strconv.Itoa(len(q.Body))})
	}
	q.Size = int64(len(q.Body))
	return q
}

// kept is what a format keeps of a request: all, but for what it says it does not.
func kept(format string, q core.Request) (want core.Request) {
	want = q
	if format != "curl" {
		return want
	}
	// curl begins with Host, and says it itself
	if host, ok := q.Header.Lookup("Host"); ok {
		want.Header = append(core.Header{{Name: "Host", Value: host}}, q.Header.Without("Host")...)
	}
	return want
}

// TestWhatWeWriteIsReadBack, in every format that holds captures and that we read.
func TestWhatWeWriteIsReadBack(t *testing.T) {
	readable := map[string]bool{}
	for _, k := range exchange.Readable() {
		readable[k.Name] = true
	}
	formats := 0
	for _, format := range captureFormats() {
		if !readable[format] {
			continue
		}
		formats++
		t.Run(format, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, 7))
			var all []core.Capture
			for i := range 400 {
				all = append(all, core.Capture{ID: core.CaptureID(i + 1), At: at, Request: oddRequest(random), Response: core.Response{Status: 200}})
			}
			data, _, err := export(format, all, exchange.Options{Reveal: true})
			if err != nil {
				t.Fatal(err)
			}
			f, err := exchange.Read(data)
			if err != nil || len(f.Captures) != len(all) || f.Format != format {
				t.Fatalf("%d of %d as %s, %v, %v", len(f.Captures), len(all), f.Format, err, f.Unread[:min(3, len(f.Unread))])
			}
			wrong := 0
			for i := range all {
				want, got := kept(format, all[i].Request), f.Captures[i].Request
				if got.Method != want.Method || got.Target != want.Target || got.Proto != want.Proto || got.Host != want.Host || strings.Replace(got.URL(), ":80/", "/", 1) != strings.Replace(want.URL(), ":80/", "/", 1) && want.Host != "" && strings.HasPrefix(want.Target, "/") ||
					!bytes.Equal(got.Body, want.Body) || got.Size != want.Size || got.Truncated || !sameFields(got.Header, want.Header) {
					if wrong++; wrong < 4 {
						t.Errorf("%d came back changed:\n got %s %q %s %q %q %q\nwant %s %q %s %q %q %q", i, got.Method, got.Target, got.Proto, got.Host, got.Header, got.Body,
							want.Method, want.Target, want.Proto, want.Host, want.Header, want.Body)
					}
				}
			}
			if wrong > 0 {
				t.Errorf("%d of %d came back changed", wrong, len(all))
			}
		})
	}
	if formats < 5 {
		t.Errorf("only %d formats are written and read", formats)
	}
}

// sameFields compares fields; a Content-Length may have moved.
func sameFields(a, b core.Header) bool {
	return slices.Equal(a.Without("Content-Length"), b.Without("Content-Length")) && a.Get("Content-Length") == b.Get("Content-Length")
}

// TestAnEditBeatsTheExactComment: what somebody changed in a file is what is meant.
func TestAnEditBeatsTheExactComment(t *testing.T) {
	c := core.Capture{Request: core.Request{Method: "POST", Target: "/in", Proto: "HTTP/1.1", Host: "a.test", Header: core.Header{{Name: "Host", Value: "a.test"}, {Name: "X-A", Value: "1"}}, Body: []byte("a\r\nb")}}
	for _, format := range []string{"http", "postman"} {
		data, _, err := export(format, []core.Capture{c}, exchange.Options{Reveal: true})
		if err != nil || !strings.Contains(string(data), "hookglass-exact") && format == "http" {
			t.Fatalf("%v\n%s", err, data)
		}
		edited := strings.Replace(strings.Replace(string(data), "X-A: 1", "X-A: 2", 1), `"value": "1"`, `"value": "2"`, 1)
		f, err := exchange.Read([]byte(edited))
		if err != nil || len(f.Captures) != 1 || f.Captures[0].Request.Header.Get("X-A") != "2" {
			t.Errorf("%s: %+v, %v", format, f.Captures, err)
		}
	}
}
