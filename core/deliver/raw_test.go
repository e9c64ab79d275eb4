package deliver_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
)

// Heads as only a byte-for-byte writer sends them.
func TestRawReplayArrivesByteForByte(t *testing.T) {
	const body = "{\"a\": 1}\r\n"
	tests := []struct{ name, head string }{
		{"odd spelling, order and repeats", "POST /x?a=%7e;b HTTP/1.1\r\nhOsT: Captured.Test:99\r\nx-b:1\r\nX-B:   2  \r\nSet-Cookie: a\r\nx_under: \xff\xfe\r\ncontent-LENGTH: 10\r\nX-b: 3\r\n\r\n"},
		{"bare line feeds", "POST / HTTP/1.1\nHost: h\nContent-Length: 10\n\n"},
		{"folded line", "POST / HTTP/1.1\r\nHost: h\r\nX-Long: a\r\n\tb\r\nContent-Length: 10\r\n\r\n"},
		{"absolute target", "POST http://proxy.test/x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n"},
		{"old protocol", "POST / HTTP/1.0\r\nContent-Length:10\r\n\r\n"},
		{"hops and all", "POST / HTTP/1.1\r\nConnection: keep-alive, x\r\nX: y\r\nUser-Agent:\r\nContent-Length: 10\r\nHost:\r\n\r\n"},
		{"length twice", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nContent-Length: 10\r\n\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sendRaw(t, tt.head, body, true); got != tt.head+body {
				t.Errorf("\n got %q\nwant %q", got, tt.head+body)
			}
		})
	}
}

func TestRawReplayChangesOnlyTheFraming(t *testing.T) {
	tests := []struct {
		name, head, body, want string
		keepHost               bool
	}{
		{"host of the target", "POST / HTTP/1.1\r\nx: y\r\nhost:  old\r\nContent-Length: 1\r\n\r\n", "1",
			"POST / HTTP/1.1\r\nx: y\r\nhost:  a.test\r\nContent-Length: 1\r\n\r\n1", false},
		{"chunks become a length", "POST / HTTP/1.1\r\nTransfer-encoding:chunked\r\nHost: h\r\n\r\n", "abc",
			"POST / HTTP/1.1\r\nContent-Length:3\r\nHost: h\r\n\r\nabc", true},
		{"chunks and a length", "POST / HTTP/1.1\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\nHost: h\r\n\r\n", "abc",
			"POST / HTTP/1.1\r\nContent-Length: 3\r\nHost: h\r\n\r\nabc", true},
		{"a body cut or edited", "POST / HTTP/1.1\r\nHost: h\r\ncontent-length : 99\r\n\r\n", "ab",
			"POST / HTTP/1.1\r\nHost: h\r\ncontent-length : 2\r\n\r\nab", true},
		{"a body that had no length", "POST / HTTP/1.0\r\nHost: h\r\n\r\n", "ab",
			"POST / HTTP/1.0\r\nHost: h\r\nContent-Length: 2\r\n\r\nab", true},
		{"a head without its end", "GET / HTTP/1.1\r\nHost: h", "", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sendRaw(t, tt.head, tt.body, tt.keepHost); got != tt.want {
				t.Errorf("\n got %q\nwant %q", got, tt.want)
			}
		})
	}
}

func sendRaw(t *testing.T, head, body string, keepHost bool) (got string) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		seen := make(chan string, 1)
		n.put("a.test:80", socket(seen, len(body)))
		s := &deliver.Sender{Dial: n.dial, Sign: sign}
		defer s.Close()
		a := s.Send(t.Context(), core.Delivery{
			Target:  core.Target{URL: "http://a.test/elsewhere", Raw: true, KeepHost: keepHost, Scheme: "test", Header: core.Header{{Name: "Not", Value: "sent"}}},
			Request: core.Request{Head: []byte(head), Body: []byte(body)},
		}, 1, time.Now())
		if !a.OK() {
			t.Errorf("%s: %s", a.Failure, a.Detail)
			return
		}
		got = <-seen
		if recorded := string(a.Request.Head) + string(a.Request.Body); recorded != got {
			t.Errorf("recorded %q, sent %q", recorded, got)
		}
	})
	return got
}

func FuzzRawHead(f *testing.F) {
	f.Add("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n", "b")
	f.Add("\n\n:\n \n", "")
	f.Add("GET / HTTP/1.1\nTransfer-Encoding:\n x\n: \nContent-Length", "abc")
	f.Fuzz(func(t *testing.T, head, body string) {
		var n network
		n.put("a.test:80", nil)
		s := &deliver.Sender{Dial: n.dial}
		a := s.Send(t.Context(), core.Delivery{
			Target:  core.Target{URL: "http://a.test/", Raw: true, KeepHost: true},
			Request: core.Request{Head: []byte(head), Body: []byte(body)},
		}, 1, time.Now())
		if a.Failure == deliver.BadRequest {
			return
		}
		sent := string(a.Request.Head)
		if !strings.HasSuffix(sent, "\n\n") && !strings.HasSuffix(sent, "\n\r\n") {
			t.Errorf("head %q ends without an empty line", sent)
		}
	})
}
