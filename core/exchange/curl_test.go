package exchange_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"os"
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
	requests = make(chan arrived, 100)
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
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok") // once it is told, so that none comes late
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
			whole := len(body) >= number(h.Get("Content-Length"))
			if strings.EqualFold(h.Get("Transfer-Encoding"), "chunked") {
				if whole = bytes.HasSuffix(body, []byte("0\r\n\r\n")); whole {
					body, _ = io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body)))
				}
			}
			if whole {
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

// shells are those on this machine that read a POSIX command, each with its flags.
func shells(t *testing.T) (all [][]string) {
	t.Helper()
	for _, s := range [][]string{{"dash"}, {"bash", "--posix"}, {"bash"}, {"busybox", "sh"}, {"zsh"}} {
		if _, err := exec.LookPath(s[0]); err != nil {
			t.Logf("%s is not on this machine", s[0])
			continue
		}
		all = append(all, s)
	}
	if all == nil {
		t.Skip("there is no shell on this machine")
	}
	return all
}

// nasty are requests with what a command line, a shell or curl likes to change.
func nasty(base string) map[string]core.Request {
	host := strings.TrimPrefix(base, "http://")
	of := func(method, target, body string, h ...string) core.Request {
		r := core.Request{Method: method, Target: target, Proto: "HTTP/1.1", Base: base, Host: host, Header: core.Header{{Name: "Host", Value: host}}, Body: []byte(body)}
		for i := 0; i < len(h); i += 2 {
			r.Header = append(r.Header, core.Field{Name: h[i], Value: h[i+1]})
		}
		return r
	}
	every := make([]byte, 256)
	visible := ""
	for c := range every {
		every[c] = byte(c)
		if c > ' ' && c < 0x7f {
			visible += string(rune(c))
		}
	}
	hostless := of("POST", "/old", "x", "Content-Length", "1")
	hostless.Proto, hostless.Host, hostless.Header = "HTTP/1.0", "", hostless.Header[1:]
	old := of("POST", "/old", "x\x00", "X-A", "1")
	old.Proto = "HTTP/1.0"
	unsaid := of("POST", "/h2", "{}", "content-type", "application/json")
	unsaid.Proto, unsaid.Header = "HTTP/2.0", unsaid.Header[1:]
	return map[string]core.Request{
		"nothing added":       of("POST", "/", "{}"),
		"get":                 of("GET", "/x", "", "Accept", "*/*", "User-Agent", "Stripe/1.0"),
		"get with a body":     of("GET", "/x", "{}", "content-length", "2"),
		"head":                of("HEAD", "/", ""),
		"put of nothing":      of("PUT", "/", "", "Content-Length", "0", "X-After", "1"),
		"delete":              of("DELETE", "/x/./y/../z", ""),
		"odd method":          of("M-SEARCH", "*", ""),
		"every byte":          of("PUT", "/bin", string(every), "Content-Type", "application/octet-stream"),
		"zeroes":              of("POST", "/", "\x00\x00", "Content-Length", "2", "X-After", "1"),
		"percent and escapes": of("POST", "/", "\x01 100% %s %n \\n \\0 \\c `x` $(y) $HOME !! ~ \r\n\r\n"),
		"quotes":              of("POST", "/", "it's \"x\" '' '\\'' \\", "X-Quoted", `it's "x" \ $HOME `+"`x` !! %s"),
		"at sign":             of("POST", "/", "@/etc/hostname", "X-At", "@/etc/hostname"),
		"line ends":           of("POST", "/", "a\nb\r\n\n\n"),
		"end of lines":        of("POST", "/", "\n\n"),
		"hidden":              of("POST", "/", "a\u202eb\u200bc\ufeff"),
		"joined emoji":        of("POST", "/", `{"who":"👩\u200d🚀 ü"}`),
		"not UTF-8":           of("POST", "/", "caf\xe9", "X-Latin", "caf\xe9 \xff\xfe", "X-UTF", "grün"),
		"twice":               of("POST", "/", "{}", "X-Twice", "1", "x-twice", "2", "X-Between", "b", "X-Twice", "1"),
		"empty":               of("POST", "/", "{}", "X-Empty", "", "Accept", "", "User-Agent", "", "Content-Type", "", "x-last", "1"),
		"spelling and order":  of("POST", "/", "{}", "zeBRA", "1", "content-LENGTH", "2", "ACCEPT", "a", "cookie", "a=1; b=2", "authorization", "Bearer x", "user-agent", "me", "accept-encoding", "gzip, br", "CONNECTION", "keep-alive", "content-type", "text/plain", "TE", "trailers", "If-Match", "*", "Range", "bytes=0-", "Referer", "r"),
		"asks first":          of("POST", "/", strings.Repeat("x", 2000), "Expect", "100-continue"),
		"large":               of("POST", "/", strings.Repeat("{\"é\": 1}\n", 30_000)),
		"large and binary":    of("PUT", "/", strings.Repeat("a\x00\xff", 400_000)),
		"in chunks":           of("POST", "/", "{}", "Transfer-Encoding", "chunked", "X-After", "1"),
		"no chunks":           of("POST", "/", "", "Transfer-Encoding", "chunked"),
		"cut":                 of("POST", "/", "{\"a", "X-A", "1"),
		"other host": func() core.Request {
			r := of("POST", "/", "")
			r.Header[0].Value = "other.test:443"
			r.Host = "other.test:443"
			return r
		}(),
		"odd target":         of("GET", "/a"+visible, ""),
		"target not ASCII":   of("GET", "/ü?x=caf\xe9", ""),
		"a fragment":         of("GET", "/a#b?c", ""),
		"brackets":           of("GET", "/[1-3]{a,b}?f[0]=1&b=%20x", ""),
		"two slashes":        of("GET", "//double//", ""),
		"broken escapes":     of("GET", "/%zz?x=%", ""),
		"no path":            of("GET", "?x", ""),
		"HTTP/1.0":           old,
		"no host":            hostless,
		"host beside header": unsaid,
	}
}

// onTheWire is the head of a request as curl can send it: Host first and spelled so, the rest in order.
func onTheWire(r core.Request) string {
	proto := r.Proto
	if proto != "HTTP/1.0" {
		proto = "HTTP/1.1" // in clear there is no other
	}
	head := r.Method + " " + r.Target + " " + proto + "\r\n"
	host, has := r.Header.Lookup("Host")
	if !has {
		host, has = r.Host, r.Host != ""
	}
	if has {
		head += "Host: " + host + "\r\n"
	}
	for _, f := range r.Header.Without("Host") {
		head += strings.TrimSuffix(f.Name+": "+f.Value, " ") + "\r\n"
	}
	if len(r.Body) > 0 && !r.Header.Has("Content-Length") && !r.Header.Has("Transfer-Encoding") {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(r.Body))
	}
	return head + "\r\n"
}

// TestCurlSendsTheSameBytes runs what Curl writes in each shell and compares every byte that arrives.
func TestCurlSendsTheSameBytes(t *testing.T) {
	without(t, "curl")
	base, requests := wire(t)
	cases := nasty(base)
	for i, r := range sendable(base, 40) {
		cases[fmt.Sprint("random ", i)] = r
	}
	for _, shell := range shells(t) {
		t.Run(strings.Join(shell, " "), func(t *testing.T) {
			for name, r := range cases {
				command := exchange.Curl(r)
				if strings.Contains(command, "$'") {
					t.Errorf("%s: not POSIX: %.500s", name, command)
				}
				cmd := exec.Command(shell[0], shell[1:]...)
				cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8"} // without the user's .curlrc and proxies
				cmd.Stdin = strings.NewReader(command + " -sS\n")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v: %s\n%.500s", name, err, out, command)
				}
				got := <-requests
				if want := onTheWire(r); got.head != want {
					t.Errorf("%s: sent\n%q, want\n%q\n%.500s", name, got.head, want, command)
				}
				if !bytes.Equal(got.body, r.Body) {
					t.Errorf("%s: the body arrived changed: %.80q, want %.80q\n%.500s", name, got.body, r.Body, command)
				}
			}
		})
	}
}

func TestCurlOfWhatCurlMakesItself(t *testing.T) {
	r := core.Request{Method: "POST", Target: "/in", Proto: "HTTP/1.1", Base: "http://a.test:80", Host: "a.test", Body: []byte("{}"),
		Header: core.Header{{Name: "Host", Value: "a.test"}, {Name: "Content-Type", Value: "application/json"}, {Name: "Content-Length", Value: "2"}}}
	const line = "curl 'http://a.test:80/in' \\\n  -H 'Content-Type: application/json' \\\n  --data-binary '{}'"
	if got := exchange.CurlLine(r); got != line {
		t.Errorf("a line for people is\n%s\nwant\n%s", got, line)
	}
	r.Header[0].Value = "a.test:80" // curl would leave the port out
	if got := exchange.Curl(r); !strings.Contains(got, "-H 'Host: a.test:80'") {
		t.Errorf("the port is lost:\n%s", got)
	}
}

func TestParseCurlReadsWhatCurlWrites(t *testing.T) {
	for _, r := range sendable("http://hooks.example.com:8080", 400) {
		got, err := exchange.ParseCurl(exchange.Curl(r))
		if err != nil {
			t.Fatalf("%v:\n%s", err, exchange.Curl(r))
		}
		if got.Method != r.Method || got.URL() != r.URL() || !bytes.Equal(got.Body, r.Body) || !slices.Equal(got.Header.Without("Content-Length"), r.Header) {
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
		`curl -u user:pass a.test -A ua -e ref -b 'a=1; b=2' -r 0-9`:                                           {"GET", "http://a.test/", "", core.Header{host, {Name: "Authorization", Value: "Basic dXNlcjpwYXNz"}, {Name: "Range", Value: "bytes=0-9"}, {Name: "User-Agent", Value: "ua"}, {Name: "Referer", Value: "ref"}, {Name: "Cookie", Value: "a=1; b=2"}}},
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
		r.Header = slices.DeleteFunc(r.Header, func(f core.Field) bool { // what curl adds to every request
			return f.Name == "Content-Length" || f.Name == "Accept-Encoding" || f == core.Field{Name: "Accept", Value: "*/*"} || f.Name == "User-Agent" && strings.HasPrefix(f.Value, "curl/")
		})
		if r.Method != w.method || r.URL() != w.url || string(r.Body) != w.body || !slices.Equal(r.Header, w.header) {
			t.Errorf("%s\n got %s %s %q %q\nwant %s %s %q %q", text, r.Method, r.URL(), r.Body, r.Header, w.method, w.url, w.body, w.header)
		}
	}
}

// TestParseCurlRefuses what is not in the text; each refusal says what to do.
func TestParseCurlRefuses(t *testing.T) {
	for text, says := range map[string]string{
		``:                                      "no curl command",
		`wget a.test`:                           "want a curl command",
		`curl`:                                  "URL: is missing",
		`curl a.test b.test`:                    "2 requests",
		`curl -F file=@x a.test`:                `--form: reads the file "x", which is not read here; put its content`,
		`curl -F 'a=(' a.test`:                  "--form: makes parts within parts; run the command",
		`curl -T x a.test`:                      "--upload-file: sends a file that is not read here; write -X PUT",
		`curl -d @body.json a.test`:             `--data: reads the file "body.json", which is not read here; put the body into the command`,
		`curl --data-urlencode a@f a.test`:      `reads the file "f"`,
		`curl -d @- a.test`:                     "--data: reads what is typed; put the body",
		`curl -b jar a.test`:                    `--cookie: reads the file "jar"`,
		`curl -H @h a.test`:                     "--header: reads the file",
		"curl -H 'A b: c' a.test":               "no header that HTTP can carry",
		`curl -u me a.test`:                     "--user: has no password, which curl would ask for; write USER:PASSWORD",
		`curl --frobnicate a.test`:              "--frobnicate: is an option that curl does not have",
		`curl --data-a a.test`:                  "URL: is missing",
		`curl --data a --he a.test`:             "or the beginning of several; write its whole name",
		`curl a.test --request-target a\ b`:     "is not a target",
		`curl a.test -X`:                        "--request: wants a value",
		`curl -X 'a b' a.test`:                  "--request:",
		`curl "a.test/$TOKEN"`:                  "$TOKEN must be expanded by the shell, and the text does not set it; put its value there, or TOKEN=VALUE",
		"curl a.test -H \"X: `date`\"":          "no command is run here; put its value there",
		`curl a.test -H "X: $((1+1))"`:          "expanded by the shell",
		`curl -d <(ls) a.test`:                  "expanded by the shell",
		`curl 'a.test`:                          "without closing quote",
		`curl "a.test`:                          "without closing quote",
		`curl $'a.test`:                         "without closing quote",
		`curl a.test/[1-`:                       "--globoff",
		`curl 'a.test/?f[0]=x'`:                 "--globoff",
		`curl 'a.test/[1-100000]'`:              "more than 1000 addresses",
		`curl a.test/{1..9}`:                    "the shell counts it out",
		`curl a.test -d @- < body`:              `reads from the file "body" (<), which is not read here; put the body`,
		`tac x | curl a.test -d @-`:             `what "tac x" prints is not known here; put the body`,
		`curl --digest -u a:b a.test`:           "--digest:",
		`curl ftp://a.test/`:                    "does not begin with http",
		`curl a.test -d x -I`:                   "which curl refuses",
		`for i in 1 2; do curl a.test/$i; done`: "it runs in a loop or a function; write the command out by itself",
	} {
		if _, err := exchange.ParseCurl(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s\n got %v\nwant %s", text, err, says)
		}
	}
}
