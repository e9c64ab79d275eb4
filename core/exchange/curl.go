package exchange

import (
	"slices"
	"strconv"
	"strings"

	"hookglass/core"
)

// Curl writes a request as a curl command that sends the same bytes: the very target and body, each field as spelled and
// as often as it came, in its order as far as curl permits, and none that curl would add. It is plain POSIX, so that
// dash, bash, busybox and zsh read it alike.
func Curl(r core.Request) string { return curlCommand(&r, true) }

// CurlLineTrusting is CurlLine to a server whose authority is in a file; an empty name is none.
func CurlLineTrusting(r core.Request, authority string) string {
	line := CurlLine(r)
	if authority == "" {
		return line
	}
	return line + " \\\n  --cacert " + quote(authority)
}

// CurlLine writes a curl command for a request that was made up here: short, for people to read, and curl adds to it
// what it adds to every request.
func CurlLine(r core.Request) string { return curlCommand(&r, false) }

// curlCommand writes a command; exact keeps curl from adding anything.
func curlCommand(r *core.Request, exact bool) string {
	flags, address := curlAddress(r, exact)
	if exact {
		flags = curlVersion(r.Proto) + flags
	}
	lines := []string{"curl" + curlMethod(r) + flags + " " + quote(address)}
	for _, f := range curlFields(r, exact) {
		lines = append(lines, "-H "+quote(f))
	}
	for _, name := range curlAdds(r, exact) {
		lines = append(lines, "-H "+quote(name+":"))
	}
	feed, data := curlBody(r)
	if data != "" {
		lines = append(lines, data)
	}
	return feed + strings.Join(lines, " \\\n  ")
}

// curlMethod is the flag for the method, where curl would not choose the same.
func curlMethod(r *core.Request) string {
	chosen := "GET"
	if hasBody(r) {
		chosen = "POST"
	}
	switch r.Method {
	case chosen, "":
		return ""
	case "HEAD":
		if !hasBody(r) {
			return " --head"
		}
	}
	return " -X " + quote(r.Method)
}

// curlVersion keeps to the version of the request: HTTP/2 would change the spelling of its fields.
func curlVersion(proto string) string {
	switch proto {
	case "HTTP/1.0":
		return " --http1.0"
	case "HTTP/1.1":
		return " --http1.1"
	}
	return ""
}

// curlAddress is the address to call, with the flags that keep curl from changing it: from expanding [1-3] and {a,b},
// from resolving dots, and from escaping or cutting off what a URL should not hold.
func curlAddress(r *core.Request, exact bool) (flags, address string) {
	scheme := "http" // whatever else an address says: curl would read a word that begins with - as a flag
	if strings.HasPrefix(r.URL(), "https://") {
		scheme = "https"
	}
	base, target := scheme+"://"+authority(r), r.Target
	if isAbsolute(target) && !exact { // where it goes, not what is sent
		target = pathAndQuery(r)
	}
	if !urlHolds(target) {
		return " --request-target " + quote(target), base + "/"
	}
	if strings.ContainsAny(base+target, "[]{}") {
		flags = " --globoff"
	}
	path, _, _ := strings.Cut(target, "?")
	if strings.Contains(path+"/", "/./") || strings.Contains(path+"/", "/../") {
		flags += " --path-as-is"
	}
	return flags, base + target
}

// urlHolds reports whether curl sends a target as it stands in a URL.
func urlHolds(target string) bool {
	odd := func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '#' || c == '\\' }
	return target == "" || target[0] == '/' && !strings.ContainsFunc(target, odd)
}

// curlFields are the values of -H, in the order of the request.
func curlFields(r *core.Request, exact bool) (lines []string) {
	host := func(name, value string) {
		if value != curlHost(r) {
			lines = append(lines, curlField(name, value))
		}
	}
	if !r.Header.Has("Host") && r.Host != "" {
		host("Host", r.Host)
	}
	chunked := isChunked(r)
	for _, f := range r.Header {
		switch name := strings.ToLower(f.Name); name {
		case "host":
			host(f.Name, f.Value)
			continue
		case "content-length": // one that does not fit the body would make the receiver wait
			if chunked || f.Value != strconv.Itoa(len(r.Body)) || !exact {
				continue
			}
		case "transfer-encoding":
			if !chunked || !exact {
				continue
			}
		case "connection", "accept-encoding":
			if !exact {
				continue
			}
		}
		if f.Name != "" && f.Name[0] != '@' && !strings.ContainsRune(f.Value, 0) { // else curl would read a file, and no word holds a NUL
			lines = append(lines, curlField(f.Name, f.Value))
		}
	}
	return lines
}

func curlField(name, value string) string {
	if strings.Trim(value, " \t") == "" {
		return name + ";" // curl's way to say: empty, but there
	}
	return name + ": " + value
}

// curlHost is the Host that curl makes of the address: it leaves out the port that the scheme has anyway.
func curlHost(r *core.Request) string {
	if strings.HasPrefix(r.URL(), "https:") {
		return strings.TrimSuffix(authority(r), ":443")
	}
	return strings.TrimSuffix(authority(r), ":80")
}

// curlAdds are the fields that curl would add, and must not.
func curlAdds(r *core.Request, exact bool) (names []string) {
	if exact {
		if r.Proto == "HTTP/1.0" && r.Host == "" {
			names = append(names, "Host")
		}
		names = append(names, "User-Agent", "Accept")
	}
	if hasBody(r) {
		names = append(names, "Content-Type") // it would say that the body is a form
	}
	if len(r.Body) > 1024 || isChunked(r) {
		names = append(names, "Expect") // it would ask first
	}
	return slices.DeleteFunc(names, r.Header.Has)
}

// longestWord keeps clear of the 128 KiB that Linux allows one argument.
const longestWord = 100 << 10

// curlBody is the flag for the body. One that a word cannot hold, or that no terminal takes as text, is printed into
// curl: feed is the command that does.
func curlBody(r *core.Request) (feed, data string) {
	switch text := string(r.Body); {
	case !hasBody(r):
		return "", ""
	case !printable(text) || len(text) > longestWord:
		return "printf " + printfQuote(r.Body) + " | ", "--data-binary @-" // printf is of the shell, and takes words of any length
	case strings.HasPrefix(text, "@"):
		return "", "--data-raw " + quote(text) // else curl would read a file
	default:
		return "", "--data-binary " + quote(text)
	}
}

// hasBody reports whether something follows the head. An empty chunked body is more than none.
func hasBody(r *core.Request) bool { return len(r.Body) > 0 || isChunked(r) }

func isChunked(r *core.Request) bool {
	return r.Proto == "HTTP/1.1" && strings.EqualFold(r.Header.Get("Transfer-Encoding"), "chunked")
}
