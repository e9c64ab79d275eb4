package capture

import (
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// record makes a capture of a request: its head as recorded, its body up to limit. An error of reading the body is
// returned beside the capture, which is kept all the same, and what it holds of the room for bodies.
func (s *Server) record(r *http.Request, way Way, limit int64) (c *core.Capture, held int64, err error) {
	c = &core.Capture{At: time.Now(), Via: way.Via, Request: core.Request{
		Method: r.Method, Target: r.RequestURI, Proto: r.Proto, Host: r.Host, Base: way.base(), Remote: r.RemoteAddr,
	}}
	if way.TLS && r.Host != "" {
		c.Request.Base = "https://" + r.Host
	}
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		cameTo(&c.Request, at)
	}
	if rec, ok := r.Context().Value(connKey{}).(*conn); ok && r.ProtoMajor == 1 {
		got := rec.next(r)
		c.Request.Head, c.Request.Header = got.head, got.header
	}
	if c.Request.Head == nil {
		c.Request.Header = headerOf(r)
	}
	held, err = s.room.readBody(&c.Request, r.Body, r.ContentLength, limit)
	return c, held, err
}

// cameTo gives a request that names no host, as old clients do, the address that it came to.
func cameTo(r *core.Request, at net.Addr) {
	if r.Host == "" && r.Base == "" {
		r.Base = "http://" + at.String()
	}
}

// headerOf is what is left of a head that was not recorded: order and spelling are gone. HTTP/2 has no head of lines that
// could be; its names are in lower case (RFC 9113, 8.2), and their order is not told, so they are sorted.
func headerOf(r *http.Request) core.Header {
	h := core.Header{{Name: "Host", Value: r.Host}}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, v := range r.Header[name] {
			h = append(h, core.Field{Name: name, Value: v})
		}
	}
	if r.ProtoMajor == 2 {
		for i := range h {
			h[i].Name = strings.ToLower(h[i].Name)
		}
	}
	return h
}

// keepRefused stores a request that net/http refused without asking us: its head was too long, malformed or never
// finished. answer is the start of what net/http said.
func (s *Server) keepRefused(conn net.Conn, head, answer []byte, way Way) {
	line, _, _ := strings.Cut(string(head[:min(len(head), 4096)]), "\n")
	method, rest, _ := strings.Cut(strings.TrimRight(line, "\r"), " ")
	target, proto, _ := strings.Cut(rest, " ")
	c := &core.Capture{At: time.Now(), Via: way.Via, Request: core.Request{
		Method: method, Target: target, Proto: proto, Base: way.base(), Head: head, Header: core.ParseHead(head),
		Remote: conn.RemoteAddr().String(), Truncated: true,
	}}
	c.Request.Host = c.Request.Header.Get("Host")
	cameTo(&c.Request, conn.LocalAddr())
	c.Receipt = core.Receipt{Outcome: core.Rejected, Reason: "the head never completed; the sender got no answer"}
	if status, ok := refusal(answer); ok {
		c.Response = core.Response{Status: status, Proto: "HTTP/1.1"}
		c.Receipt.Reason = refusalReason(status)
	}
	if err := s.store.AddCapture(c, nil); err != nil && !errors.Is(err, net.ErrClosed) {
		s.log.Error("capture.lost", "error", err)
	}
}

// refusal reads the status of an answer that net/http wrote by itself.
func refusal(answer []byte) (int, bool) {
	if len(answer) < 12 || string(answer[:9]) != "HTTP/1.1 " {
		return 0, false
	}
	status, err := strconv.Atoi(string(answer[9:12]))
	return status, err == nil && status >= 400
}

func refusalReason(status int) string {
	switch status {
	case http.StatusRequestHeaderFieldsTooLarge:
		return "the head is longer than " + strconv.Itoa(HeadLimit>>10) + " KiB"
	case http.StatusBadRequest:
		return "not valid HTTP: look at the request line and the fields for a missing colon, a space in a name or a broken percent-escape"
	case http.StatusRequestTimeout:
		return "the head did not arrive in time"
	}
	return http.StatusText(status)
}
