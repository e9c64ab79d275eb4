package edgetest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Port is a port of this machine that nobody listens on now. It is below those that the system gives to whoever asks for any,
// so that nobody else gets it before the test does.
func Port(tb testing.TB) int {
	tb.Helper()
	for {
		port := 20_000 + rand.IntN(12_000)
		if l, err := net.Listen("tcp", Loopback(port)); err == nil {
			l.Close()
			return port
		}
	}
}

// Loopback is a port of this machine as an address.
func Loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
