package core

import (
	"net"
	"net/url"
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
