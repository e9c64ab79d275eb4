package sign

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// otherURL is an address that the signature may have been made over instead, and what is different about it.
type otherURL struct{ url, note string }

// urls are the other spellings of the address that this provider's own libraries try.
func (s Scheme) urls(address string) []otherURL {
	var out []otherURL
	if slices.Contains(s.Checks, "url-port-variants") {
		out = append(out, portVariant(address)...)
	}
	if slices.Contains(s.Checks, "url-normal-variant") {
		out = append(out, normalVariants(address, slices.Contains(s.Checks, "url-port-variants"))...)
	}
	if slices.Contains(s.Checks, "url-decoded-variant") {
		if d := hubspotDecoded(address); d != address {
			out = append(out, otherURL{d, "The address was signed with some percent-escapes decoded, as HubSpot documents it: " + d})
		}
	}
	return out
}

// portVariant is the address without its port, or with the default one. Twilio signs either way.
func portVariant(address string) []otherURL {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(u.Host)
	if err == nil && port != "" {
		rest := strings.Replace(address, u.Host, host, 1)
		return []otherURL{{rest, "The signature was made over the address without its port, which Twilio's libraries accept: " + rest}}
	}
	port = map[string]string{"https": ":443", "http": ":80"}[u.Scheme]
	if port == "" {
		return nil
	}
	rest := strings.Replace(address, u.Host, u.Host+port, 1)
	return []otherURL{{rest, "The signature was made over the address with its default port, which Twilio's libraries accept: " + rest}}
}

// normalVariants are the address as new URL() of JavaScript prints it, which twilio-node falls back to: the host in
// lower case and in ASCII, a path, no dot segments, ' in a query as %27.
func normalVariants(address string, ports bool) []otherURL {
	normal := normalURL(address)
	if normal == "" || normal == address {
		return nil
	}
	note := "The signature was made over the address in its normal form, which twilio-node falls back to: "
	out := []otherURL{{normal, note + normal}}
	if ports {
		for _, p := range portVariant(normal) {
			out = append(out, otherURL{p.url, note + p.url})
		}
	}
	return out
}

func normalURL(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil {
		host = strings.ToLower(u.Hostname())
	}
	if port := u.Port(); port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host = net.JoinHostPort(host, port)
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if strings.Contains(path, "/.") {
		path = (&url.URL{Scheme: "x", Host: "x", Path: "/"}).ResolveReference(&url.URL{Path: u.Path, RawPath: u.RawPath}).EscapedPath()
	}
	out := u.Scheme + "://" + host + path
	if u.RawQuery != "" || u.ForceQuery {
		out += "?" + strings.ReplaceAll(u.RawQuery, "'", "%27")
	}
	return out
}

// hubspotDecoded undoes the escapes that HubSpot decodes before it signs.
func hubspotDecoded(address string) string {
	r := strings.NewReplacer("%3A", ":", "%2F", "/", "%3F", "?", "%40", "@", "%21", "!", "%24", "$", "%27", "'",
		"%28", "(", "%29", ")", "%2A", "*", "%2C", ",", "%3B", ";",
		"%3a", ":", "%2f", "/", "%3f", "?", "%2a", "*", "%2c", ",", "%3b", ";")
	return r.Replace(address)
}
