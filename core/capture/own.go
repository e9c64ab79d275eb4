package capture

import (
	"net"
	"net/url"
	"strings"

	"hookglass/core"
)

// Listening counts a listener among those that are Hookglass itself, until the returned function is called. base is the
// public address of a tunnel's; nil: it has none.
func (s *Server) Listening(at net.Addr, base func() string) (ended func()) {
	key := new(byte)
	s.listening.Store(key, address{at, base})
	return func() { s.listening.Delete(key) }
}

type address struct {
	at   net.Addr
	base func() string
}

// Mine reports whether a URL leads to Hookglass itself: to one of its listeners, or to a public address of it.
func (s *Server) Mine(target string) (mine bool) {
	u, err := url.Parse(target)
	if err != nil {
		return false
	}
	s.listening.Range(func(_, v any) bool {
		a := v.(address)
		if a.base != nil {
			own, err := url.Parse(a.base())
			mine = err == nil && own.Host != "" && strings.EqualFold(own.Hostname(), u.Hostname()) && portOf(own) == portOf(u)
		}
		mine = mine || sameListener(a.at, u)
		return !mine
	})
	return mine
}

// sameListener reports whether a URL leads to a listener: its port on its number, or on any of this machine where it
// listens on all.
func sameListener(at net.Addr, u *url.URL) bool {
	tcp, ok := at.(*net.TCPAddr)
	if !ok || portOf(u) != tcp.AddrPort().Port() {
		return false
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	if core.OnThisMachine(host) || ip != nil && (ip.Equal(tcp.IP) || ip.IsUnspecified()) {
		return true
	}
	if ip == nil || !tcp.IP.IsUnspecified() {
		return false
	}
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
			return true
		}
	}
	return false
}

func portOf(u *url.URL) uint16 {
	switch p := u.Port(); {
	case p != "":
		n, _ := net.LookupPort("tcp", p)
		return uint16(n)
	case u.Scheme == "https":
		return 443
	}
	return 80
}
