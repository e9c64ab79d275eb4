package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// Write sends resp the way f says: late, slowly, or broken on the wire. It returns when the answer is out, or when ctx
// ends. Most answers go through net/http; wire faults of HTTP/1 take the connection over and close it.
//
// An error means that the answer is not complete and the connection must not be used again: the handler then panics
// with http.ErrAbortHandler, which net/http understands. That is also how HTTP/2, which cannot be taken over, gets its
// wire faults: the stream is reset after the bytes that each fault lets through.
func Write(ctx context.Context, w http.ResponseWriter, resp core.Response, f Fault) error {
	if !core.Pause(ctx, f.Delay) {
		return fmt.Errorf("wait before the answer: %w", ctx.Err())
	}
	if resp.Status == 0 {
		f.Wire = Drop
	}
	if f.Wire == Sound {
		return answer(ctx, w, resp, f.SlowBody)
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if errors.Is(err, http.ErrNotSupported) {
		return breakStream(ctx, w, resp, f)
	}
	if err != nil {
		return fmt.Errorf("take the connection over: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })() // ends a write that nobody reads
	return breakConn(ctx, conn, resp, f)
}

// answer lets net/http write the response, with exactly its fields and a Date.
func answer(ctx context.Context, w http.ResponseWriter, resp core.Response, slow time.Duration) error {
	room := setHeader(w, resp)
	bodyless := resp.Status == http.StatusNoContent || resp.Status == http.StatusNotModified
	if !bodyless {
		w.Header()["Content-Length"] = append(room, strconv.Itoa(len(resp.Body)))
	}
	w.WriteHeader(resp.Status)
	if bodyless || len(resp.Body) == 0 {
		return nil
	}
	if slow == 0 {
		_, err := w.Write(resp.Body)
		return ignoreBodyNotAllowed(err)
	}
	c := http.NewResponseController(w)
	if err := c.Flush(); err != nil {
		return err
	}
	return dribble(ctx, resp.Body, slow, func(b []byte) error {
		if _, err := w.Write(b); err != nil {
			return ignoreBodyNotAllowed(err)
		}
		return c.Flush()
	})
}

// setHeader keeps spelling and repeats; net/http sorts by name. It returns room for one more value.
func setHeader(w http.ResponseWriter, resp core.Response) (room []string) {
	h := w.Header()
	h["Content-Type"] = nil                         // no guess from the body
	values := make([]string, 0, len(resp.Header)+1) // of all fields, one behind the other
	for _, f := range resp.Header {
		if f.Is("Content-Length") || f.Is("Transfer-Encoding") {
			continue
		}
		if before := h[f.Name]; before != nil {
			h[f.Name] = append(before, f.Value)
			continue
		}
		n := len(values)
		values = append(values, f.Value)
		h[f.Name] = values[n : n+1 : n+1]
	}
	return values[len(values):]
}

// ignoreBodyNotAllowed forgives a body to a HEAD request: net/http leaves it out, as it should be.
func ignoreBodyNotAllowed(err error) error {
	if errors.Is(err, http.ErrBodyNotAllowed) {
		return nil
	}
	return err
}

// breakConn performs a wire fault of HTTP/1 on a connection that is ours alone.
func breakConn(ctx context.Context, conn net.Conn, resp core.Response, f Fault) error {
	switch f.Wire {
	case Drop:
		return nil
	case Reset:
		lingerZero(conn)
		return nil
	case DropMidway:
		_, err := conn.Write(statusLine(resp))
		return err
	}
	head, body := broken(resp, f.Wire)
	if _, err := conn.Write(head); err != nil {
		return err
	}
	return dribble(ctx, body, f.SlowBody, func(b []byte) error {
		_, err := conn.Write(b)
		return err
	})
}

// broken renders a message whose head and body do not fit each other.
func broken(resp core.Response, wire Wire) (head, body []byte) {
	half := len(resp.Body) / 2
	switch wire {
	case Truncate:
		return head1(resp, "Content-Length", strconv.Itoa(max(1, len(resp.Body)))), resp.Body[:half]
	case WrongLength:
		body = resp.Body
		if len(body) == 0 {
			body = []byte("\n") // more than the 0 bytes announced
		}
		return head1(resp, "Content-Length", strconv.Itoa(len(body)/2)), body
	default: // Malformed
		if half > 0 {
			body = fmt.Appendf(nil, "%x\r\n%s\r\n", half, resp.Body[:half])
		}
		body = fmt.Appendf(body, "zz\r\n%s\r\n0\r\n\r\n", resp.Body[half:])
		return head1(resp, "Transfer-Encoding", "chunked"), body
	}
}

func statusLine(resp core.Response) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %03d %s\r\n", resp.Status, http.StatusText(resp.Status))
}

// head1 is a whole HTTP/1 head in the response's own order, framed as told.
func head1(resp core.Response, framing, value string) []byte {
	var b bytes.Buffer
	b.Write(statusLine(resp))
	for _, f := range resp.Header.Without("Content-Length", "Transfer-Encoding", "Connection") {
		fmt.Fprintf(&b, "%s: %s\r\n", oneLine(f.Name), oneLine(f.Value))
	}
	fmt.Fprintf(&b, "%s: %s\r\nConnection: close\r\n\r\n", framing, value)
	return b.Bytes()
}

// oneLine keeps a value from starting another field, as net/http does.
func oneLine(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(s) }

// lingerZero makes Close send a reset. Wrappers of a connection are looked through where they offer NetConn, as
// *tls.Conn does; any other kind of connection can only be closed.
func lingerZero(conn net.Conn) {
	for {
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
			tcp.Close() // before an outer TLS layer says goodbye
			return
		}
		wrapper, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return
		}
		conn = wrapper.NetConn()
	}
}

// breakStream comes as close to a wire fault as HTTP/2 allows: what net/http has flushed, then an abort.
func breakStream(ctx context.Context, w http.ResponseWriter, resp core.Response, f Fault) error {
	if f.Wire != Drop && f.Wire != Reset {
		setHeader(w, resp)
		w.Header().Set("Content-Length", strconv.Itoa(max(1, len(resp.Body))))
		w.WriteHeader(resp.Status)
	}
	if f.Wire == Truncate || f.Wire == Malformed || f.Wire == WrongLength {
		err := dribble(ctx, resp.Body[:len(resp.Body)/2], f.SlowBody, func(b []byte) error {
			_, err := w.Write(b)
			return err
		})
		if err != nil {
			return err
		}
	}
	if f.Wire != Drop && f.Wire != Reset {
		http.NewResponseController(w).Flush() // an abort follows either way
	}
	return http.ErrAbortHandler
}

// dribble hands body out in equal pieces, at most a thousand, of which the last goes out after that long.
func dribble(ctx context.Context, body []byte, over time.Duration, out func([]byte) error) error {
	pieces := 1
	if over > 0 {
		pieces = min(1000, len(body))
	}
	for i := range pieces {
		if !core.Pause(ctx, over/time.Duration(pieces)) {
			return fmt.Errorf("send the body slowly: %w", ctx.Err())
		}
		if err := out(body[i*len(body)/pieces : (i+1)*len(body)/pieces]); err != nil {
			return err
		}
	}
	return nil
}
