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
		return InwardAddr(a)
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == host || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return true // no domain, or a number
	}
	return slices.Contains([]string{"localhost", "local", "internal", "localdomain", "lan", "home", "intranet"}, last)
}

// InwardAddr reports whether a number is this machine's, of its link or of a private network, by what the number is.
func InwardAddr(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	return !a.IsGlobalUnicast() || a.IsPrivate() || slices.ContainsFunc(inward, func(p netip.Prefix) bool { return p.Contains(a) })
}

// inward are networks that are no part of the internet, beside those that package netip knows as private, and those in whose
// numbers an IPv4 address of any kind may stand.
var inward = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("fec0::/10"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("::/96"),
}

// OnThisMachine reports whether a host is this machine by its name or number.
func OnThisMachine(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(WithoutPort(host)), ".")
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
