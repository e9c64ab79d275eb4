package deliver

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"hookglass/core"
)

// errInward says that a name leads where a stranger may not send.
var errInward = errors.New("leads into a private network or to this machine")

// outwardOnly is a Dialer's Control for targets that a stranger chose. It sees the number that is about to be called, once the
// name is resolved: a name that leads elsewhere than when the target was made, or that has a number of each kind, does not pass.
func outwardOnly(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || core.InwardAddr(to.Addr()) || own(to.Addr()) {
		return fmt.Errorf("%s %w", address, errInward)
	}
	return nil
}

// own reports whether a number is one of this machine's.
func own(a netip.Addr) bool {
	all, _ := net.InterfaceAddrs()
	for _, one := range all {
		if n, ok := one.(*net.IPNet); ok && n.IP.Equal(a.AsSlice()) {
			return true
		}
	}
	return false
}
