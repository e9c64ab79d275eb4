package exchange_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/exchange"
)

// agreeing are the commands that curl and our reader must make the same requests of: URL is where the server is reached.
// Each is written here; the products of flags follow below.
var agreeing = []string{
	// the method
	`curl URL/p`, `curl URL`, `curl 'URL?x=1'`, `curl URL/p?x=1#frag`, `curl -X PUT URL/p`, `curl -X POST URL/p`, `curl --request DELETE URL/p`, `curl -I URL/p`, `curl --head URL/p`,
	`curl -X M-SEARCH URL/p`, `curl -X PURGE URL/p -d ''`, `curl -XPATCH -dx=1 URL/p`, `curl -X GET -d x URL/p`, `curl -I -X OPTIONS URL/p`, `curl --request-target '*' -X OPTIONS URL/p`,
	`curl --request-target 'http://o.test/x y' URL/p || true`, `curl --request-target '/a/../b' URL/p`, `curl -0 URL/p`, `curl --http1.0 -d a URL/p`, `curl --http1.1 URL/p`, `curl -0 --http1.1 URL/p`,
	// the body
	`curl -d a=1 URL/p`, `curl -d a=1 -d b=2 URL/p`, `curl -d '' URL/p`, `curl -d '' -d a URL/p`, `curl -d a -d '' URL/p`, `curl --data-ascii a=1 URL/p`, `curl --data-raw '@x' URL/p`, `curl --data-binary $'a\nb\r\n' URL/p`,
	`curl -d $'a\nb\r\n' URL/p`, `curl --data-urlencode 'a=x y&é~*()' URL/p`, `curl --data-urlencode '=x y' URL/p`, `curl --data-urlencode 'x y' URL/p`, `curl --data-urlencode 'a=b=c' URL/p`, `curl --data-urlencode a= URL/p`,
	`curl --data-urlencode 'param=mp+8/ay70X' URL/p`, `curl --data-urlencode $'a=\x01\xff' URL/p`, `curl --json '{}' URL/p`, `curl --json '{"a":' --json '1}' URL/p`, `curl --json '{"a":1}' -d x=1 URL/p`, `curl -d x=1 --json '{"a":1}' URL/p`,
	`curl --json '{}' -H 'Content-Type: x/y' URL/p`, `curl --json '{}' -H 'Accept: x/y' URL/p`, `curl --json '{}' -H 'accept:' URL/p`, `curl --json '{}' -X PUT URL/p`, `curl --json '{}' -H 'A: 1' -H 'B: 2' URL/p`, `curl --json '' URL/p`,
	`curl -d x -H 'Content-Type: text/plain' URL/p`, `curl -d x -H 'Content-Type:' URL/p`, `curl -d x -H 'Content-Type;' URL/p`, `curl -d x -H 'Content-Length: 1' URL/p`, `curl -d x -H 'content-type:   text/plain  ' URL/p`,
	`curl -d x -H 'Transfer-Encoding: chunked' URL/p`, `curl -d '' -H 'Transfer-Encoding: chunked' URL/p`, `curl -d x -H 'Expect: 100-continue' URL/p`, `curl -d x -H 'Expect:' URL/p`, `curl -d "it's \"x\" \\ \$ \a" URL/p`, `curl -d ünïcödé URL/p`,
	`printf 'a\0b' | curl --data-binary @- URL/p`, `printf '%s' 'a%b\n' | curl -d @- URL/p`, `echo hi | curl --data-binary @- URL/p`, `echo -n hi | curl --data-binary @- URL/p`, `printf '\377\0\r\n' | curl -d @- URL/p`, `printf 'x y' | curl --data-urlencode n@- URL/p`,
	"curl -d @- URL/p <<'EOF'\n{\"a\": \"$x `y`\"}\nEOF", "X=5\ncurl --data-binary @- URL/p <<EOF\n{\"a\": \"$X\\$X \\\\ \\q\"}\n  two\nEOF", "curl --data-binary @- URL/p <<-EOF\n\ta\n\t\tb\n\tEOF", "curl --data-binary @- URL/p <<< 'a b'", `curl --json @- URL/p <<< '{"x":1}'`,
	"cat <<'EOF' | curl --data-binary @- URL/p\nbody\nEOF", `curl -d "$(printf 'a\nb\n\n')" URL/p`, "curl -d \"$(cat <<'EOF'\n{\"a\":1}\nEOF\n)\" URL/p",
	// -G and its like
	`curl -G -d a=1 -d b=2 URL/p`, `curl -G -d a=1 'URL/p?q'`, `curl -G 'URL/p?' -d a`, `curl -G -I URL/p -d b=2`, `curl -G URL/p`, `curl -G --data-urlencode 'a=x y' URL/p`, `curl -G -X DELETE -d a URL/p`, `curl -G -d 'a=%2F%zz' URL/p`, `curl -G --data-urlencode 'a=/?&ü' 'URL/p?b=%2F'`, `curl -G -d 'a=ü' URL/p`, `curl -G -d '' URL/p`, `curl -G -d 'a b' URL/p || true`, `curl 'URL/%2Fa?b=%2F&c=ü'`, `curl -G --json '{}' URL/p`, `curl -G -d a -H 'Content-Type: x' URL/p`,
	`curl --url-query 'a=b c' 'URL/p?x=1'`, `curl --url-query '+d=e f' URL/p || true`, `curl --url-query '+d=e' --url-query 'a=ü' URL/p`, `curl --url-query 'a=b' -d c=d URL/p`, `curl -G --url-query 'a=b' -d c=d URL/p`, `curl --url-query 'a b' URL/p`, `curl --url-query '=a b' URL/p`,
	// fields
	`curl -H 'X-A: 1' URL/p`, `curl -H 'X-A:1' URL/p`, `curl -H 'X-A:' URL/p`, `curl -H 'X-A;' URL/p`, `curl -H 'X-A:   ' URL/p`, `curl -H 'X-A: 1' -H 'x-a: 2' -H 'X-A: 1' URL/p`, `curl -H 'Accept:' URL/p`, `curl -H 'Accept: a/b' URL/p`, `curl -H 'Accept;' URL/p`, `curl -H 'User-Agent:' URL/p`,
	`curl -H 'Host: o.test' URL/p`, `curl -H 'Host: o.test:80' URL/p`, `curl -H 'Host:' URL/p`, `curl -H 'Host;' URL/p`, `curl -H 'host: o.test' URL/p`, `curl -H 'X-A: a;b' URL/p`, `curl -H 'X-A: ü' URL/p`, `curl -H $'X-A: caf\xe9' URL/p`, `curl -H 'nonsense' URL/p`, `curl -H 'Connection: close' URL/p`, `curl -H 'TE: trailers' URL/p`,
	`curl -H 'X-B: 1' -A ua -e ref -b a=1 URL/p`, `curl -H 'User-Agent: x' -A y URL/p`, `curl -H 'Referer: x' -e y URL/p`, `curl -H 'Cookie: x=1' -b y=2 URL/p`, `curl -H 'Authorization: x' -u a:b URL/p`, `curl -H 'Range: bytes=1-2' -r 3-4 URL/p`, `curl -H 'Accept-Encoding: x' --compressed URL/p`, `curl -H 'authorization:' -u a:b URL/p`,
	`curl -A ua URL/p`, `curl -A one -A two URL/p`, `curl -A '' URL/p`, `curl -A one -A '' URL/p`, `curl --user-agent 'a b' URL/p`, `curl -e ref URL/p`, `curl -e one -e two URL/p`, `curl -e 'http://r.test;auto' URL/p`, `curl -e ';auto' URL/p`, `curl -e '' URL/p`, `curl --referer 'a;b' URL/p`,
	`curl -b a=1 URL/p`, `curl -b a=1 -b b=2 URL/p`, `curl -b 'a=1; b=2' -b c=3 URL/p`, `curl -b '' URL/p`, `curl -b a= URL/p`, `curl -b '' -b a=1 URL/p`, `curl -c /dev/null -b a=1 URL/p`, `curl --cookie 'a="x"' -j URL/p`,
	`curl -r 4 URL/p`, `curl -r 0-9 URL/p`, `curl -r -5 URL/p`, `curl -r 0-1,4-5 URL/p`, `curl -r 4 -r 5-6 URL/p`, `curl --range 10- URL/p`, `curl -C 10 URL/p`, `curl -C 0 URL/p`, `curl -r 1-2 -d x URL/p`, `curl -r 1-2 -I URL/p`,
	`curl -u a:b URL/p`, `curl -u a:b -u c:d URL/p`, `curl -u a: URL/p`, `curl -u ':b' URL/p`, `curl -u 'a:b:c' URL/p`, `curl -u 'ü:ß' URL/p`, `curl --basic -u a:b URL/p`, `curl --oauth2-bearer tok URL/p`, `curl --oauth2-bearer tok -u a:b URL/p`, `curl -u a:b --no-basic URL/p || true`,
	`curl --compressed URL/p`, `curl --compressed --no-compressed URL/p`, `curl --tr-encoding URL/p`, `curl --tr-encoding --compressed -e r -b c=1 URL/p`,
	// addresses
	`curl 'URL/a/../b/./c'`, `curl --path-as-is 'URL/a/../b/./c'`, `curl URL/..`, `curl URL/a/..`, `curl URL/a/.`, `curl URL/.../a`, `curl 'URL/a?x=/../b'`, `curl URL//a//b`, `curl URL/a/b/../../../c`, `curl 'URL/?a[]=1&a[]=2'`, `curl -g 'URL/?f[0]={1}'`, `curl --globoff 'URL/{a,b}'`, `curl 'URL/ü'`, `curl 'URL/%zz?%'`, `curl 'URL/%2e%2e/x'`,
	`curl 'URL/a\{b'`, `curl 'URL/a;b?c=d;e'`, `curl "URL/a'b"`, `curl 'URL/a"b<c>'`, `curl 'URL/a|b^c'`, `curl 'URL/~user'`, `curl URL/~user`, `curl HTTP://h.test/x`, `curl http://H.Test/x`, `curl h.test/x`, `curl h.test`, `curl http:/h.test/x`, `curl http:h.test/x || true`, `curl http://h.test:80/x`, `curl http://h.test:080/x`, `curl http://h.test:/x`, `curl http://h.test:8080/x`, `curl h.test:8080/x`,
	`curl http://a:b@h.test/x`, `curl http://a@h.test/x`, `curl http://a:@h.test/x`, `curl http://:b@h.test/x`, `curl http://a%20c:b%40@h.test/x`, `curl http://a:b@h.test/ -u c:d`, `curl http://a:b@h.test/ --oauth2-bearer t`, `curl --url h.test/a`, `curl --proto-default http h.test/a`, `curl http://[::1]:81/x`, `curl 'http://[::1]/x?y[]'`, `curl 'URL/a?b?c'`, `curl 'URL?'`, `curl 'URL/a?'`, `curl URL/a#`,
	// several
	`curl URL/a URL/b`, `curl URL/{a,b}`, `curl 'URL/{a,b}'`, `curl 'URL/[1-3]'`, `curl 'URL/[a-c]x'`, `curl 'URL/[08-11]'`, `curl 'URL/[1-9:4]'`, `curl 'URL/{a,b}/[1-2]'`, `curl 'http://{a,b}.test/'`, `curl -d x URL/a URL/b`, `curl -d x URL/a --next URL/b`, `curl URL/a -: -d y URL/b`, `curl -A x URL/a --next URL/b`, `curl --url URL/a --url URL/b`, `curl -G -d q=1 'URL/{a,b}'`, `curl 'URL/{a,}'`, `curl 'URL/?x={1,2}&y=[3-4]'`,
	// forms
	`curl -F a=b URL/p`, `curl -F a=b -F c=d URL/p`, `curl -F 'c={"x":1};type=application/json' URL/p`, `curl --form-string 'a=@b;type=x' URL/p`, `curl -F 'a=b;filename=f.txt' URL/p`, `curl -F 'a=b;filename=f"x.txt;type=text/plain' URL/p`, `curl -F 'a="b;c"' URL/p`, `curl -F 'a=b;type=text/plain; charset=utf-8' URL/p`, `curl -F 'a"b=c' URL/p`, `curl --form-escape -F 'a"b=c' URL/p`,
	`curl -F a= URL/p`, `curl -F 'a=b;filename=f.JPG' -F 'c=d;filename=noext' -F 'e=f;filename=x.html' URL/p`, `curl -F 'a=b;type=text/plain;charset=utf-8;filename=q' URL/p`, `curl -F 'a=b;type="text/plain"' URL/p`, `curl -F 'a= b ;type=x/y' URL/p`, `curl -F 'a="b \"c\" d"' URL/p`, `curl -F 'a=b c' -X PUT URL/p`, `curl -F a=b -H 'Content-Type: multipart/mixed' URL/p`, `curl -F a=b -H 'X-A: 1' URL/p`, `curl -F 'a=b;type=x/y;filename=z' URL/p`, `curl -F 'a=x;y' URL/p`, `curl -F a=b -G URL/p || true`, `curl -F 'a=b=c' URL/p`, `curl -F =b URL/p || true`,
	// what changes nothing
	`curl -sSLkvif URL/p 2>/dev/null >/dev/null`, `curl --silent --show-error --location --insecure --include URL/p`, `curl --no-silent --no-location --no-keepalive URL/p`, `curl -N --no-buffer URL/p`, `curl -m 20 --connect-timeout 20 --retry 0 URL/p`, `curl -o /dev/null -w '%{http_code}' URL/p`, `curl --proto =http,https URL/p`, `curl --max-redirs 2 -L --post301 URL/p`, `curl -4 --tcp-nodelay --no-sessionid --no-alpn URL/p`,
	`curl --raw --ignore-content-length URL/p`, `curl -q URL/p`, `curl -# -o /dev/null URL/p`, `curl --limit-rate 1M -Y 1 -y 30 URL/p`, `curl --http2 -H 'Connection:' -H 'Upgrade:' -H 'HTTP2-Settings:' URL/p || true`, `curl --location-trusted --fail-with-body URL/p`, `curl --create-dirs -R -o /dev/null URL/p`, `curl --ciphers x --tlsv1.2 --tls-max 1.3 --cert-type PEM URL/p`,
	// abbreviations, and flags that stick together
	`curl --sil --data-u 'a=b c' URL/p`, `curl --req PUT URL/p`, `curl --comp URL/p`, `curl --user-a x URL/p`, `curl --loc --inc URL/p`, `curl -sXPOST URL/p`, `curl -sHX-A:1 URL/p`, `curl -da=1 URL/p`, `curl -Gda=1 URL/p`, `curl -sSu a:b URL/p`, `curl URL/p -- || true`,
	// shells
	"TOKEN=abc\ncurl -H \"Authorization: Bearer $TOKEN\" URL/p", "export A=1 B='x y'\ncurl -d \"$A-${B}\" URL/p", "A=URL\ncurl $A/p", "F='-X PUT'\ncurl $F URL/p", "curl \\\n  -d a=1 \\\n  URL/p", "curl ${X:-URL}/p", "curl -d $'\\101\\x41\\u00e9\\U0001F600\\e\\cA\\?' URL/p", "curl -d $'it\\'s' URL/p", "curl -d a\\ b URL/p", "curl -d a'b'\"c\" URL/p", "# a comment\ncurl URL/p # another", "curl -d 'a' URL/p; true", "true && curl URL/p", "( curl URL/p )", "{ curl URL/p; }",
	"curl -d '{\"a\":\"b\"}' URL/p &&\ncurl URL/q", "R=$(curl -s URL/p)", "echo \"$(curl -s URL/p)\"", "curl -H 'X: !x' URL/p", "curl -d \"a\nb\" URL/p", "curl -d `printf x` URL/p", "command curl URL/p", "curl -d {a,b} h.test || true", "cat > body.tmp <<'EOF'\n{\"x\": 1}\nEOF\ncurl --data-binary @body.tmp URL/p",
}

// products are flags of which each is tried with each.
var products = []string{`-d a=1`, `-G`, `-I`, `-X PUT`, `-A ua`, `-e ref`, `-b a=1`, `-u a:b`, `-r 1-2`, `-H 'X-A: 1'`, `-H 'Content-Type: x/y'`, `--json '{}'`, `-0`, `--compressed`, `-F a=b`, `--url-query q=1`, `--data-urlencode 'z=y x'`, `-H 'Host: o.test'`}

// differing are commands where we depart from the curl that is tested against, each with its reason.
var differing = map[string]string{
	`curl --request-target 'http://o.test/x y' URL/p || true`:                        "a target with a space in it makes no request line that a server reads: it is named",
	`curl --http2 -H 'Connection:' -H 'Upgrade:' -H 'HTTP2-Settings:' URL/p || true`: "the offer of HTTP/2 belongs to the connection, and a replay makes a connection of its own",
}

func agreements() (all []string) {
	all = append(all, agreeing...)
	for i, a := range products {
		for _, b := range products[i+1:] {
			all = append(all, "curl "+a+" "+b+" URL/p")
		}
	}
	return all
}

var (
	ourVersion = regexp.MustCompile(`(?m)^(User-Agent: curl/)[0-9.]+`)
	encodings  = regexp.MustCompile(`(?m)^(Accept-Encoding: )deflate, gzip[a-z, ]*`)
	boundaries = regexp.MustCompile(`-{24}[0-9A-Za-z]{16,22}`)
	lengths    = regexp.MustCompile(`(?m)^(Content-Length: )[0-9]+`)
)

// alike takes away what may differ: the version, the codings that were compiled in, and the boundary with the length that it gives.
func alike(text string) string {
	text = ourVersion.ReplaceAllString(text, "${1}VERSION")
	text = encodings.ReplaceAllString(text, "${1}CODINGS")
	if boundaries.MatchString(text) {
		text = lengths.ReplaceAllString(boundaries.ReplaceAllString(text, "BOUNDARY"), "${1}N")
	}
	return text
}

// asSent is a request as text: each field with one space behind its colon.
func asSent(line string, h core.Header, body []byte) string {
	var b strings.Builder
	b.WriteString(line + "\n")
	for _, f := range h {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	return alike(b.String() + "\n" + string(body))
}

// TestCurlCommandsBecomeWhatCurlSends runs every command and compares what arrives with what we read of it.
func TestCurlCommandsBecomeWhatCurlSends(t *testing.T) {
	without(t, "curl")
	without(t, "bash")
	base, requests := wire(t)
	dir, all := t.TempDir(), agreements()
	if len(all) < 300 {
		t.Errorf("only %d commands", len(all))
	}
	to := "--connect-to ::" + strings.TrimPrefix(base, "http://")
	home := filepathOf(t, dir, ".curlrc", "silent\nconnect-to = \"::"+strings.TrimPrefix(base, "http://")+"\"\nconnect-timeout = 20\n")
	refused, requestsSeen := 0, 0
	for _, text := range all {
		reason := differing[text]
		text = strings.ReplaceAll(text, "URL", "http://h.test:8123")
		cmd := exec.Command("bash", "-c", strings.NewReplacer("--next ", "--next "+to+" ", "-: ", "-: "+to+" ", "-q ", "-q -s "+to+" ").Replace(text))
		cmd.Dir, cmd.Env = home, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "LC_ALL=C.UTF-8"}
		out, failed := cmd.CombinedOutput()
		var sent []string
		for range len(requests) {
			got := <-requests
			line, _, _ := strings.Cut(got.head, "\r\n")
			sent = append(sent, asSent(line, core.ParseHead([]byte(got.head)), got.body))
		}
		f, err := exchange.ReadAs("curl", []byte(text))
		var ours []string
		for _, c := range f.Captures {
			r := c.Request
			ours = append(ours, asSent(r.Method+" "+r.Target+" "+r.Proto, r.Header, r.Body))
		}
		requestsSeen += len(sent)
		if err != nil || len(f.Unread) > 0 {
			refused++
		}
		if reason != "" {
			if fmt.Sprint(sent) == fmt.Sprint(ours) {
				t.Errorf("%s: it differs no longer", text)
			}
			continue
		}
		if fmt.Sprint(sent) != fmt.Sprint(ours) {
			t.Errorf("%s\ncurl sent (%v, %.200s)\n%s\nwe read (%v %v)\n%s", text, failed, out, quoteAll(sent), err, f.Unread, quoteAll(ours))
		}
	}
	t.Logf("%d commands, %d requests, %d refused by both", len(all), requestsSeen, refused)
	if requestsSeen < 300 {
		t.Errorf("curl sent only %d requests", requestsSeen)
	}
}

func quoteAll(all []string) string {
	var b bytes.Buffer
	for _, s := range all {
		b.WriteString("  " + strconv.Quote(s) + "\n")
	}
	return b.String()
}

// filepathOf writes a file and returns its folder.
func filepathOf(t *testing.T, dir, name, text string) string {
	t.Helper()
	if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
