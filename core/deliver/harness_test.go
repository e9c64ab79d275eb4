package deliver_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/store"
)

// network is an internet of pipes, for bubbles: addresses and what answers there.
type network struct {
	mu     sync.Mutex
	hosts  map[string]func(net.Conn)
	refuse func(address string) bool // for a time, although somebody is there
	dials  int
}

// dial is a Sender's Dial. Nobody at an address refuses.
func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	n.dials++
	accept := n.hosts[address]
	n.mu.Unlock()
	if accept == nil || n.refuse != nil && n.refuse(address) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	client, server := net.Pipe()
	go accept(server)
	return client, nil
}

// put has accept answer at an address; nil takes it away.
func (n *network) put(address string, accept func(net.Conn)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts == nil {
		n.hosts = map[string]func(net.Conn){}
	}
	n.hosts[address] = accept
}

// serve puts an HTTP server at an address until the test ends.
func (n *network) serve(t testing.TB, address string, h http.HandlerFunc) {
	l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: h}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	n.put(address, l.add)
}

type listener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *listener) add(c net.Conn) {
	select {
	case l.conns <- c:
	case <-l.closed:
		c.Close()
	}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *listener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *listener) Addr() net.Addr { return &net.TCPAddr{} }

// rig is a dispatcher with all that it needs.
type rig struct {
	testing.TB
	net    network
	store  *store.Store
	sender *deliver.Sender
	*deliver.Dispatcher
}

func newRig(t testing.TB) *rig { return openRig(t, filepath.Join(t.TempDir(), "h.db")) }

func openRig(t testing.TB, path string) *rig {
	s, err := store.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{TB: t, store: s}
	r.sender = &deliver.Sender{Dial: r.net.dial, Sign: sign}
	r.Dispatcher = deliver.NewDispatcher(s, r.sender)
	t.Cleanup(func() {
		r.sender.Close()
		s.Close()
	})
	return r
}

// start runs the dispatcher; stop ends it and waits.
func (r *rig) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	return func() {
		r.Helper()
		cancel()
		if err := <-done; err != nil {
			r.Fatal("run:", err)
		}
	}
}

func (r *rig) add(ds ...core.Delivery) []core.DeliveryID {
	r.Helper()
	for i := range ds {
		if ds[i].Due.IsZero() {
			ds[i].Due = time.Now()
		}
		ds[i].Created = time.Now()
	}
	ids, err := r.store.AddDeliveries(context.Background(), ds)
	if err != nil {
		r.Fatal(err)
	}
	return ids
}

func (r *rig) delivery(id core.DeliveryID) core.Delivery {
	r.Helper()
	d, err := r.store.Delivery(context.Background(), id)
	if err != nil {
		r.Fatal(err)
	}
	return d
}

func (r *rig) attempts(id core.DeliveryID) []core.Attempt {
	r.Helper()
	as, err := r.store.Attempts(context.Background(), id)
	if err != nil {
		r.Fatal(err)
	}
	return as
}

// sign is the scheme of these tests: HMAC over a timestamp and the body.
func sign(d core.Delivery, r core.Request, now time.Time) (core.Request, error) {
	if d.Target.Secret == "" {
		return r, errors.New("no secret; set one")
	}
	secret := core.Text(string(d.Target.Secret))
	if d.Target.Wrong == deliver.WrongSecret {
		secret = deliver.OtherSecret(secret)
	}
	stamp := now.UTC().Format(time.RFC3339)
	r.Header = r.Header.With("X-Stamp", stamp).With("X-Signature", mac(string(secret.Reveal()), stamp, r.Body))
	return r, nil
}

func mac(secret, stamp string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(stamp + "."))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

func verified(secret string, h http.Header, body []byte) bool {
	return hmac.Equal([]byte(h.Get("X-Signature")), []byte(mac(secret, h.Get("X-Stamp"), body)))
}

// to is a delivery of body to url.
func to(url, body string) core.Delivery {
	return core.Delivery{
		Target:  core.Target{URL: url},
		Request: core.Request{Header: core.Header{{Name: "Content-Type", Value: "application/json"}}, Body: []byte(body)},
	}
}

// scripted answers with one status after the other, the last one again and again.
func scripted(statuses ...int) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		mu.Lock()
		status := statuses[0]
		if len(statuses) > 1 {
			statuses = statuses[1:]
		}
		mu.Unlock()
		w.WriteHeader(status)
	}
}

// says reads one request head on a connection, answers with text as it is and leaves the connection open until
// the other side closes it.
func says(text string) func(net.Conn) {
	return func(c net.Conn) {
		defer c.Close()
		br := bufio.NewReader(c)
		if _, err := http.ReadRequest(br); err != nil {
			return
		}
		go io.WriteString(c, text)
		io.Copy(io.Discard, br)
	}
}

// offsets are times counted from the first, in seconds.
func offsets(times []time.Time) []float64 {
	out := make([]float64, len(times))
	for i := range times {
		out[i] = times[i].Sub(times[0]).Seconds()
	}
	return out
}

func started(as []core.Attempt) []time.Time {
	out := make([]time.Time, len(as))
	for i := range as {
		out[i] = as[i].Started
	}
	return out
}

// socket reads a head and so many bytes of body from a raw socket, tells what it read and answers 204.
func socket(seen chan<- string, body int) func(net.Conn) {
	return func(c net.Conn) {
		defer c.Close()
		var all []byte
		for !headEnds(all) {
			all = append(all, readByte(c)...)
		}
		for range body {
			all = append(all, readByte(c)...)
		}
		seen <- string(all)
		io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
	}
}

func headEnds(b []byte) bool {
	return bytes.HasSuffix(b, []byte("\n\n")) || bytes.HasSuffix(b, []byte("\n\r\n"))
}

func readByte(c net.Conn) []byte {
	b := make([]byte, 1)
	n, err := c.Read(b)
	if err != nil {
		panic("the sender closed before the request was whole: " + err.Error())
	}
	return b[:n]
}

// fields is a header of names and values in turn.
func fields(pairs ...string) (h core.Header) {
	for i := 0; i < len(pairs); i += 2 {
		h = append(h, core.Field{Name: pairs[i], Value: pairs[i+1]})
	}
	return h
}
