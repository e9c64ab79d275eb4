package sign

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"hookglass/core"
)

// addressChanges are the ways in which the address that was signed may differ from the one that was called.
// Each works on the trial's own address, so that two of them may follow each other.
func addressChanges(r *core.Request, ours string, known []string) []change {
	var out []change
	add := func(cause, how string, turn func(string) string) {
		out = append(out, change{inURL, cause, how, func(t *trial) bool {
			u := turn(t.values.url)
			if u == "" || u == t.values.url {
				return false
			}
			t.values.url = u
			return true
		}})
	}
	add("url_scheme_differs", "http:// instead of https://, or the other way round", otherScheme)
	for _, k := range append(slices.Clone(known), forwarded(r)...) {
		out = append(out, knownAddress(ours, k)...)
	}
	for _, host := range hostsOf(r) {
		add("url_host_differs", "the host "+host, func(u string) string { return withHost(u, host) })
		add("url_host_differs", "the host "+host+" and the other scheme", func(u string) string { return otherScheme(withHost(u, host)) })
	}
	add("url_host_differs", `the host with or without "www."`, func(u string) string {
		if host, ok := strings.CutPrefix(signedHost(u), "www."); ok {
			return withHost(u, host)
		}
		return withHost(u, "www."+signedHost(u))
	})
	add("url_port_differs", "without the port", withoutPort)
	for _, port := range []string{"443", "80", "8443", "8080", "3000", "8000", "5000", "4000", "4600", "9000", "8888"} {
		add("url_port_differs", "with the port :"+port, func(u string) string { return withPort(u, port) })
	}
	add("url_trailing_slash", "with a slash at the end of the path", func(u string) string { return slashed(u, true) })
	add("url_trailing_slash", "without the slash at the end of the path", func(u string) string { return slashed(u, false) })
	add("url_trailing_slash", "with a slash at the very end", func(u string) string { return u + "/" })
	add("url_query_dropped", "without the query", func(u string) string { p, _, _ := strings.Cut(u, "?"); return p })
	add("url_reduced_to_path", "only the path and the query", func(u string) string { return strings.TrimPrefix(u, origin(u)) })
	add("url_reduced_to_path", "only the path", func(u string) string { return pathOf(u) })
	add("url_reduced_to_path", "without scheme", func(u string) string { _, rest, _ := strings.Cut(u, "://"); return rest })
	for n, how := range []string{"without the first segment of the path", "without the first two segments of the path", "without the first three segments of the path"} {
		add("url_path_prefix_stripped", how, func(u string) string { return withoutSegments(u, n+1) })
	}
	for _, name := range []string{"X-Forwarded-Prefix", "X-Script-Name", "X-Forwarded-Context", "X-Ingress-Path", "X-Forwarded-Path"} {
		for prefix := range strings.SplitSeq(r.Header.Get(name), ",") {
			if prefix = strings.Trim(strings.TrimSpace(prefix), "/"); prefix != "" {
				add("url_path_prefix_stripped", "with /"+prefix+" in front of the path, as "+name+" says", func(u string) string {
					return origin(u) + "/" + prefix + u[len(origin(u)):]
				})
			}
		}
	}
	out = append(out, queryChanges()...)
	add("url_percent_decoded", "percent-decoded", unescapePath)
	add("url_percent_decoded", "with some escapes decoded, as HubSpot documents it", hubspotDecoded)
	add("url_case_changed", "in lower case", strings.ToLower)
	return out
}

func otherScheme(u string) string {
	switch {
	case strings.HasPrefix(u, "https://"):
		return "http" + u[len("https"):]
	case strings.HasPrefix(u, "http://"):
		return "https" + u[len("http"):]
	}
	return ""
}

func withHost(u, host string) string {
	o := origin(u)
	scheme, _, ok := strings.Cut(o, "://")
	if !ok || host == "" {
		return ""
	}
	return scheme + "://" + host + u[len(o):]
}

// signedHost is what stands between the scheme and the path of an address, user and all: senders sign it as it is.
func signedHost(u string) string {
	_, host, _ := strings.Cut(origin(u), "://")
	return host
}

func withoutPort(u string) string {
	host, _, err := net.SplitHostPort(signedHost(u))
	if err != nil {
		return ""
	}
	return withHost(u, host)
}

func withPort(u, port string) string {
	host := signedHost(u)
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == "" {
		return ""
	}
	return withHost(u, host+":"+port)
}

func slashed(u string, want bool) string {
	path, query, has := strings.Cut(u, "?")
	if want {
		if strings.HasSuffix(path, "/") {
			return ""
		}
		path += "/"
	} else {
		path = strings.TrimSuffix(path, "/")
	}
	if has {
		path += "?" + query
	}
	return path
}

func withoutSegments(u string, n int) string {
	o := origin(u)
	path := u[len(o):]
	for range n {
		i := strings.IndexByte(strings.TrimPrefix(path, "/"), '/')
		if i < 0 || !strings.HasPrefix(path, "/") {
			return ""
		}
		path = path[i+1:]
	}
	return o + path
}

// hostsOf are the hosts that the request itself names beside the address: what proxies pass on.
func hostsOf(r *core.Request) []string {
	var out []string
	for _, name := range []string{"Host", "X-Forwarded-Host", "X-Original-Host", "X-Forwarded-Server", "X-Host", "X-Envoy-Original-Host", "X-Real-Host"} {
		for _, v := range r.Header.Values(name) {
			for h := range strings.SplitSeq(v, ",") {
				out = append(out, strings.TrimSpace(h))
			}
		}
	}
	if m := forwardedHost.FindStringSubmatch(r.Header.Get("Forwarded")); m != nil {
		out = append(out, strings.Trim(m[1], `"`))
	}
	if r.Host != "" {
		out = append(out, r.Host)
	}
	slices.Sort(out)
	out = slices.DeleteFunc(slices.Compact(out), func(h string) bool { return h == "" })
	return out[:min(len(out), 8)]
}

var forwardedHost = regexp.MustCompile(`(?i)host=("[^"]*"|[^;,\s]*)`)

// forwarded are the addresses that proxies say were called.
func forwarded(r *core.Request) []string {
	var out []string
	for _, name := range []string{"X-Original-Url", "X-Rewrite-Url", "X-Forwarded-Uri", "X-Original-Uri", "X-Envoy-Original-Path", "X-Original-Path",
		"X-Forwarded-Url", "X-Request-Uri", "X-Original-Request-Uri", "X-Ms-Original-Url"} {
		if v := r.Header.Get(name); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// knownAddress are the changes that put an address of the user's, whole or only its base, in the place of ours.
func knownAddress(ours, k string) []change {
	var out []change
	add := func(how string, turn func(u string) string) {
		out = append(out, change{inURL, nameAddressChange(ours, turn(ours)), how, func(t *trial) bool {
			u := turn(t.values.url)
			if u == "" || u == t.values.url {
				return false
			}
			t.values.url = u
			return true
		}})
	}
	if strings.HasPrefix(k, "/") {
		add("the address "+k, func(u string) string { return origin(u) + k })
	} else if p, err := url.Parse(k); err == nil && p.Host != "" {
		base := strings.TrimSuffix(k, "/")
		add("the address "+k, func(string) string { return k })
		add("the base "+origin(k), func(u string) string { return origin(k) + u[len(origin(u)):] })
		if pathOf(k) != "/" || base != origin(k) {
			path, _, _ := strings.Cut(base, "?")
			add("the base "+path, func(u string) string { return path + u[len(origin(u)):] })
			add("the address "+path+" with this query", func(u string) string {
				_, q, has := strings.Cut(u, "?")
				if !has {
					return ""
				}
				return path + "?" + q
			})
		}
	}
	return out
}

// nameAddressChange says what is different between two addresses, the most telling thing first.
func nameAddressChange(ours, signed string) string {
	a, errA := url.Parse(ours)
	b, errB := url.Parse(signed)
	switch {
	case errA != nil || errB != nil:
		return "url_host_differs"
	case a.Hostname() != b.Hostname():
		return "url_host_differs"
	case a.Port() != b.Port():
		return "url_port_differs"
	case a.Scheme != b.Scheme:
		return "url_scheme_differs"
	case strings.TrimSuffix(a.EscapedPath(), "/") == strings.TrimSuffix(b.EscapedPath(), "/") && a.EscapedPath() != b.EscapedPath():
		return "url_trailing_slash"
	case a.EscapedPath() != b.EscapedPath() && (strings.HasSuffix(a.EscapedPath(), b.EscapedPath()) || strings.HasSuffix(b.EscapedPath(), a.EscapedPath())):
		return "url_path_prefix_stripped"
	case a.EscapedPath() != b.EscapedPath():
		return "url_path_differs"
	case b.RawQuery == "":
		return "url_query_dropped"
	}
	return "url_query_differs"
}
