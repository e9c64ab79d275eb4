package exchange_test

import (
	"bytes"
	"io"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/exchange"
)

// arrived is a request as a server saw it on the wire.
type arrived struct {
	head string
	body []byte
}

// wire is a server that keeps every byte of each request and answers 200. It speaks HTTP/1.1 without help, because
// net/http would lose order, spelling and odd targets.
func wire(t *testing.T) (base string, requests chan arrived) {
	t.Helper()
	requests = make(chan arrived, 10)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			requests <- readOne(c)
			c.Close()
		}
	}()
	return "http://" + ln.Addr().String(), requests
}

func readOne(c net.Conn) arrived {
	var got []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		got = append(got, buf[:n]...)
		head, body, whole := bytes.Cut(got, []byte("\r\n\r\n"))
		if whole {
			h := core.ParseHead(append(head, "\r\n\r\n"...))
			if strings.EqualFold(h.Get("Expect"), "100-continue") && len(body) == 0 {
				io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
			}
			if n := number(h.Get("Content-Length")); len(body) >= n {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
				return arrived{string(head) + "\r\n\r\n", body}
			}
		}
		if err != nil {
			return arrived{string(got), nil}
		}
	}
}

func number(s string) (n int) {
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}

// sendable are captures whose every byte HTTP/1 clients can send, addressed to base.
func sendable(base string, n int) []core.Request {
	var out []core.Request
	for _, c := range randomCaptures(5, n) {
		r := c.Request
		r.Base, r.Host = base, strings.TrimPrefix(base, "http://")
		r.Header = r.Header.Without("Host", "Content-Length")
		r.Header = append(core.Header{{Name: "Host", Value: r.Host}}, r.Header...)
		r.Head = nil
		out = append(out, r)
	}
	return out
}

func without(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not on this machine", program)
	}
}

func TestCurlSendsTheSameBytes(t *testing.T) {
	without(t, "curl")
	without(t, "bash")
	base, requests := wire(t)
	cases := sendable(base, 40)
	big := core.Request{Method: "POST", Target: "/big", Base: base, Host: cases[0].Host, Body: bytes.Repeat([]byte("{\"é\": 1}\n"), 30_000)}
	huge := core.Request{Method: "PUT", Target: "/huge", Base: base, Host: cases[0].Host, Body: bytes.Repeat([]byte{'a', 0, 0xff}, 400_000)}
	cases = append(cases, big, huge,
		core.Request{Method: "GET", Target: "/with-body", Base: base, Host: cases[0].Host, Body: []byte("{}")},
		core.Request{Method: "HEAD", Target: "/", Base: base, Host: cases[0].Host},
		core.Request{Method: "DELETE", Target: "/x/./y", Base: base, Host: cases[0].Host},
		core.Request{Method: "POST", Target: "/", Base: base, Host: "other.test", Header: core.Header{{Name: "Host", Value: "other.test"}}})
	for _, r := range cases {
		if !ascii(r.Target) {
			continue // curl escapes them by its build
		}
		command := exchange.Curl(r)
		cmd := exec.Command("bash")
		cmd.Stdin = strings.NewReader(command + " -sS\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s\n%.500s", err, out, command)
		}
		got := <-requests
		if want := r.Method + " " + r.Target + " HTTP/1.1\r\n"; !strings.HasPrefix(got.head, want) {
			t.Errorf("sent %.80q, want %q\n%.500s", got.head, want, command)
		}
		if !bytes.Equal(got.body, r.Body) {
			t.Errorf("the body arrived changed: %.80q, want %.80q\n%.500s", got.body, r.Body, command)
		}
		h := core.ParseHead([]byte(got.head))
		for _, f := range r.Header {
			if !slices.Contains(h, f) {
				t.Errorf("field %q did not arrive in %q\n%.500s", f, h, command)
			}
		}
		if len(r.Body) > 0 && !r.Header.Has("Content-Type") && h.Has("Content-Type") {
			t.Errorf("curl added a content type: %q", h)
		}
	}
}

func TestParseCurlReadsWhatCurlWrites(t *testing.T) {
	for _, r := range sendable("http://hooks.example.com:8080", 400) {
		got, err := exchange.ParseCurl(exchange.Curl(r))
		if err != nil {
			t.Fatalf("%v:\n%s", err, exchange.Curl(r))
		}
		if got.Method != r.Method || got.URL() != r.URL() || !bytes.Equal(got.Body, r.Body) || !slices.Equal(got.Header, r.Header) {
			t.Fatalf("came back changed:\n%+v\n%+v\n%s", r, got, exchange.Curl(r))
		}
	}
}

func TestParseCurl(t *testing.T) {
	type want struct {
		method, url, body string
		header            core.Header
	}
	form := core.Field{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}
	host := core.Field{Name: "Host", Value: "a.test"}
	for text, w := range map[string]want{
		`curl a.test`: {"GET", "http://a.test/", "", core.Header{host}},
		"$ curl -sSL -XPOST \\\n 'https://a.test/x?y=1#z'":                                                     {"POST", "https://a.test/x?y=1", "", core.Header{host}},
		"curl https://a.test/ \\\r\n  --data-raw '{\"a\":1}' -H 'content-type: application/json' --compressed": {"POST", "https://a.test/", `{"a":1}`, core.Header{host, {Name: "content-type", Value: "application/json"}}},
		`curl -d a=1 -d 'b= 2' --data-urlencode 'c=x y&é' --data-urlencode 'z' a.test`:                         {"POST", "http://a.test/", "a=1&b= 2&c=x+y%26%C3%A9&z", core.Header{host, form}},
		`curl -G -d a=1 -d b=2 'a.test/?q'`:                                                                    {"GET", "http://a.test/?q&a=1&b=2", "", core.Header{host}},
		`curl --json '{"a":' --json '1}' a.test`:                                                               {"POST", "http://a.test/", `{"a":1}`, core.Header{host, {Name: "Content-Type", Value: "application/json"}, {Name: "Accept", Value: "application/json"}}},
		`curl -u user:pass a.test -A ua -e ref -b 'a=1; b=2' -r 0-9`:                                           {"GET", "http://a.test/", "", core.Header{host, {Name: "Authorization", Value: "Basic dXNlcjpwYXNz"}, {Name: "User-Agent", Value: "ua"}, {Name: "Referer", Value: "ref"}, {Name: "Cookie", Value: "a=1; b=2"}, {Name: "Range", Value: "bytes=0-9"}}},
		`curl http://user:p%20s@a.test/`:                                                                       {"GET", "http://a.test/", "", core.Header{host, {Name: "Authorization", Value: "Basic dXNlcjpwIHM="}}},
		`curl -H "X-A: \"q\" \$5 \\ \x" -H 'X-E;' -H 'Content-Type:' --url a.test -d ''`:                       {"POST", "http://a.test/", "", core.Header{host, {Name: "X-A", Value: `"q" $5 \ \x`}, {Name: "X-E", Value: ""}}},
		`curl a.test --data-binary $'\x41\102\u00e9\'\n\t\\'`:                                                  {"POST", "http://a.test/", "ABé'\n\t\\", core.Header{host, form}},
		`printf '%s' '{"a":1}' | curl -X PUT a.test -d @- | jq . > out.json 2>/dev/null`:                       {"PUT", "http://a.test/", `{"a":1}`, core.Header{host, form}},
		`printf 'a\000\377\n' | /usr/bin/curl a.test --data-binary @-`:                                         {"POST", "http://a.test/", "a\x00\xff\n", core.Header{host, form}},
		`echo hi | curl a.test --data-binary @- -d x`:                                                          {"POST", "http://a.test/", "hi\n&x", core.Header{host, form}},
		`curl -I a.test # only the head`:                                                                       {"HEAD", "http://a.test/", "", core.Header{host}},
		`curl -g 'a.test/?f[0]={1}' -o out -w '%{http_code}' -m 5 --retry 3 -x proxy:8080`:                     {"GET", "http://a.test/?f[0]={1}", "", core.Header{host}},
		`curl 'http://[::1]:8080/x' -H 'Host: b.test'`:                                                         {"GET", "http://[::1]:8080/x", "", core.Header{{Name: "Host", Value: "b.test"}}},
		`curl "a.test/$" --oauth2-bearer tok`:                                                                  {"GET", "http://a.test/$", "", core.Header{host, {Name: "Authorization", Value: "Bearer tok"}}},
		`curl.exe a.test -d "100% sure"`:                                                                       {"POST", "http://a.test/", "100% sure", core.Header{host, form}},
	} {
		r, err := exchange.ParseCurl(text)
		if err != nil {
			t.Errorf("%s\n%v", text, err)
			continue
		}
		if r.Method != w.method || r.URL() != w.url || string(r.Body) != w.body || !slices.Equal(r.Header, w.header) {
			t.Errorf("%s\n got %s %s %q %q\nwant %s %s %q %q", text, r.Method, r.URL(), r.Body, r.Header, w.method, w.url, w.body, w.header)
		}
	}
}

func TestParseCurlRefuses(t *testing.T) {
	for text, says := range map[string]string{
		``:                                 "no curl command",
		`wget a.test`:                      "want a curl command",
		`curl`:                             "URL: is missing",
		`curl a.test b.test`:               "there are two",
		`curl a.test; curl b.test`:         "2 curl commands",
		`curl -F file=@x a.test`:           "--form: a multipart body",
		`curl --form-string a=b a.test`:    "--form-string: a multipart body",
		`curl -T x a.test`:                 "--upload-file: reads a file",
		`curl -d @body.json a.test`:        `"body.json"`,
		`curl --data-urlencode a@f a.test`: `"a@f" reads a file`,
		`curl -b jar a.test`:               "--cookie: reads the file",
		`curl -H @h a.test`:                "--header: reads the file",
		`curl -H nonsense a.test`:          "--header:",
		`curl --frobnicate a.test`:         "--frobnicate: is a flag that is not known",
		`curl -sSj a.test`:                 "-j: is a flag that is not known",
		`curl a.test -X`:                   "--request: wants a value",
		`curl -X 'a b' a.test`:             "--request:",
		`curl "a.test/$TOKEN"`:             "$TOKEN",
		"curl a.test -H \"X: `date`\"":     "expanded by the shell",
		`curl 'a.test`:                     "single quote is not closed",
		`curl "a.test`:                     "double quote is not closed",
		`curl $'a.test`:                    "is not closed",
		"curl a.test ^\r\n -d x":           "Windows",
		`curl a.test/[1-3]`:                "--globoff",
		`curl a.test -d @- < body`:         "reads from a file",
		`tac x | curl a.test -d @-`:        "is not known here",
		`curl --digest -u a:b a.test`:      "--digest:",
		`curl ftp://a.test/`:               "does not begin with http",
		`curl a.test --next b.test`:        "--next:",
	} {
		if _, err := exchange.ParseCurl(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s\n got %v\nwant %s", text, err, says)
		}
	}
}

// TestParseCurlAgreesWithCurl runs commands and compares what curl sent with what we read.
func TestParseCurlAgreesWithCurl(t *testing.T) {
	without(t, "curl")
	without(t, "bash")
	base, requests := wire(t)
	for _, flags := range []string{
		`-d a=1 -d b=2`, `--data-urlencode 'a=x y&é~*'`, `--data-urlencode '=x y'`, `--json '{}' --json '1'`, `-G -d a=1 --data-raw '@b'`, `-I`, `-X PATCH --data-binary $'a\n\x00b'`,
		`-d $'a\nb'`, `-H 'Content-Type: x' -d ''`, `-d "it's \"x\" \\ \$"`,
	} {
		if strings.Contains(flags, `\x00`) {
			continue // bash ends the word there
		}
		text := "curl -sS " + flags + " '" + base + "/p?q=1'"
		if out, err := exec.Command("bash", "-c", text).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v %s", text, err, out)
		}
		sent := <-requests
		r, err := exchange.ParseCurl(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		kind := core.ParseHead([]byte(sent.head)).Get("Content-Type")
		if !strings.HasPrefix(sent.head, r.Method+" "+r.Target+" HTTP/1.1\r\n") || r.Header.Get("Content-Type") != kind || !bytes.Equal(r.Body, sent.body) {
			t.Errorf("%s\ncurl sent %q %q\nwe read   %s %s %q %q", text, sent.head, sent.body, r.Method, r.Target, r.Header.Get("Content-Type"), r.Body)
		}
	}
}
