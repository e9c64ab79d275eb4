package tunnel

import (
	"io"
	"net"
	"strconv"
	"time"

	"golang.org/x/crypto/ssh"
)

// forwarded is what a server says about a connection it hands over (RFC 4254, 7.2).
type forwarded struct {
	Addr       string
	Port       uint32
	OriginAddr string
	OriginPort uint32
}

// channelConn is a forwarded channel with deadlines, which channels lack and an HTTP server needs. Each direction goes
// through a pipe of its own, so that a sender that has finished writing still gets its answer.
type channelConn struct {
	in, out       net.Conn // our ends
	local, remote net.Addr
}

// newChannelConn starts to copy. The copying ends when either side closes.
func newChannelConn(ch ssh.Channel, reqs <-chan *ssh.Request, head forwarded) *channelConn {
	go ssh.DiscardRequests(reqs)
	in, fromChannel := net.Pipe()
	out, toChannel := net.Pipe()
	go func() {
		io.Copy(fromChannel, ch)
		fromChannel.Close() // our reader sees the end
	}()
	go func() {
		io.Copy(ch, toChannel)
		toChannel.Close() // our writer fails from now on
		ch.CloseWrite()
		ch.Close()
		fromChannel.Close()
	}()
	return &channelConn{in: in, out: out,
		local: address(head.Addr, head.Port), remote: address(head.OriginAddr, head.OriginPort)}
}

func (c *channelConn) Read(p []byte) (int, error)  { return c.in.Read(p) }
func (c *channelConn) Write(p []byte) (int, error) { return c.out.Write(p) }
func (c *channelConn) LocalAddr() net.Addr         { return c.local }
func (c *channelConn) RemoteAddr() net.Addr        { return c.remote }

func (c *channelConn) Close() error {
	c.out.Close()
	return c.in.Close()
}

func (c *channelConn) SetReadDeadline(t time.Time) error  { return c.in.SetReadDeadline(t) }
func (c *channelConn) SetWriteDeadline(t time.Time) error { return c.out.SetWriteDeadline(t) }

func (c *channelConn) SetDeadline(t time.Time) error {
	c.in.SetReadDeadline(t)
	return c.out.SetWriteDeadline(t)
}

// address is what a server says an address is: services write names, or nothing, where an IP should stand.
func address(host string, port uint32) net.Addr {
	if ip := net.ParseIP(host); ip != nil {
		return &net.TCPAddr{IP: ip, Port: int(port)}
	}
	return namedAddr(net.JoinHostPort(host, strconv.FormatUint(uint64(port), 10)))
}

type namedAddr string

func (namedAddr) Network() string  { return "tcp" }
func (a namedAddr) String() string { return string(a) }
