package core

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// HostOf is the host of a URL, with its port where it names one; empty where there is none.
func HostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// WithoutPort is a host without its port, and without the brackets of an IPv6 address.
func WithoutPort(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

// Inward reports whether a host stands for this machine, its link or a private network, as far as its name tells: what a
// stranger must not choose as a target. Numbers in other notations than usual count, since resolvers read them.
func Inward(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(WithoutPort(host)), ".")
	if zone := strings.IndexByte(host, '%'); zone >= 0 {
		host = host[:zone]
	}
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		return !a.IsGlobalUnicast() || a.IsPrivate() || inward.Contains(a) || translated.Contains(a)
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == host || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return true // no domain, or a number
	}
	return slices.Contains([]string{"localhost", "local", "internal", "localdomain", "lan", "home", "intranet"}, last)
}

var (
	inward     = netip.MustParsePrefix("100.64.0.0/10") // of providers, not of the internet
	translated = netip.MustParsePrefix("64:ff9b::/96")  // an IPv4 address of any kind
)

// OnThisMachine reports whether a host is this machine by its name or number.
func OnThisMachine(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(WithoutPort(host)), ".")
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
