package core_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"hookglass/core"
)

func TestCapital(t *testing.T) {
	for in, want := range map[string]string{"": "", "a": "A", "want json": "Want json", "über": "Über", "ß": "ß", "日本": "日本", "Already": "Already", "\xff\x00": "\xff\x00"} {
		if got := core.Capital(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	for n, want := range map[float64]string{0: "0", 1 << 20: "1048576", 1e6: "1000000", 0.25: "0.25", -1.5: "-1.5"} {
		if got := core.Plain(n); got != want {
			t.Errorf("%v became %q, want %q", n, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0 seconds", 340 * time.Microsecond: "340 µs", 250 * time.Millisecond: "250 ms", 1500 * time.Microsecond: "1.5 ms",
		time.Second: "1 second", 2500 * time.Millisecond: "2.5 seconds", 10 * time.Second: "10 seconds", 5 * time.Minute: "5 minutes", time.Hour + time.Second: "1 hour 1 second",
		26*time.Hour + time.Minute: "1 day 2 hours", 59*time.Minute + 59900*time.Millisecond: "1 hour", -time.Minute: "minus 1 minute", math.MinInt64: "minus 106751 days 23 hours"} {
		if got := core.Span(d); got != want {
			t.Errorf("%v became %q, want %q", d, got, want)
		}
	}
}

func TestLowerFirst(t *testing.T) {
	for in, want := range map[string]string{"The id is missing": "the id is missing", "A hash": "a hash", "UTF-8 was read": "UTF-8 was read", "": "", "X": "X"} {
		if got := core.LowerFirst(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestOrList(t *testing.T) {
	for want, words := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := core.OrList(words); got != want {
			t.Errorf("%q became %q, want %q", words, got, want)
		}
	}
}

func TestIsToken(t *testing.T) {
	for c := range 256 {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		want := letter
		for _, mark := range []byte("!#$%&'*+-.^_`|~") { // RFC 9110, 5.6.2
			want = want || c == int(mark)
		}
		if got := core.IsToken("x" + string([]byte{byte(c)})); got != want {
			t.Errorf("%#x: %t", c, got)
		}
	}
	if core.IsToken("") {
		t.Error("nothing is a token")
	}
}

func TestEndToEnd(t *testing.T) {
	h := core.Header{{Name: "Host", Value: "a"}, {Name: "connection", Value: "close"}, {Name: "X-A", Value: "1"}, {Name: "Proxy-Authorization", Value: "Basic eDp5"},
		{Name: "TE", Value: "trailers"}, {Name: "x-a", Value: "2"}, {Name: "Expect", Value: "100-continue"}, {Name: "Proxy-Authenticate", Value: "Basic"}}
	want := core.Header{{Name: "Host", Value: "a"}, {Name: "X-A", Value: "1"}, {Name: "x-a", Value: "2"}}
	if got := h.EndToEnd(); !reflect.DeepEqual(got, want) || len(h) != 8 {
		t.Errorf("got %v", got)
	}
}

func TestHosts(t *testing.T) {
	for address, want := range map[string]string{"https://user:pw@a.test:8443/x?y#z": "a.test:8443", "http://[::1]:80/": "[::1]:80", "http://a.test#f": "a.test", "a.test/x": "", "http://%zz/": "", "": ""} {
		if got := core.HostOf(address); got != want {
			t.Errorf("%s: the host is %q, want %q", address, got, want)
		}
	}
	for host, want := range map[string]string{"a.test:80": "a.test", "a.test": "a.test", "[::1]:80": "::1", "[::1]": "::1", "::1": "::1", "127.0.0.1:1": "127.0.0.1", "": ""} {
		if got := core.WithoutPort(host); got != want {
			t.Errorf("%s without its port is %q, want %q", host, got, want)
		}
	}
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{"": "", "short": "••••", "123456789012345678901234": "••••", "1234567890123456789012345": "123456789012…"} {
		if got := core.Mask(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}
