package engine_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"hookglass/core/engine"
)

// tap reads what crosses the TLS connection between a reader and its hub, in clear: it ends the one and begins another, with the hub's own
// key, so that the reader's pin holds.
type tap struct {
	mu   sync.Mutex
	seen [2][]byte // from the hub, and to it
}

func (w *tap) text(side int) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Clone(w.seen[side])
}

// tapped stands between: it returns the address that a reader is to be given.
func (w *tap) tapped(t *testing.T, hub, certFile, keyFile string) string {
	t.Helper()
	u, err := url.Parse(hub)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { ln.Close(); all.Wait() })
	all.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(c, u.Host, pair) })
		}
	})
	return "tls://" + ln.Addr().String()
}

// carry hands the broker's first line on as it comes, in clear; then both sides speak TLS.
func (w *tap) carry(reader net.Conn, hub string, pair tls.Certificate) {
	defer reader.Close()
	broker, err := net.Dial("tcp", hub)
	if err != nil {
		return
	}
	defer broker.Close()
	first, err := bufio.NewReaderSize(broker, 1).ReadBytes('\n')
	if err != nil {
		return
	}
	w.note(0, first)
	if _, err := reader.Write(first); err != nil {
		return
	}
	inner := tls.Server(reader, &tls.Config{Certificates: []tls.Certificate{pair}})
	outer := tls.Client(broker, &tls.Config{InsecureSkipVerify: true}) // the hub's own certificate, which nobody vouches for
	done := make(chan struct{}, 2)
	pipe := func(side int, to io.Writer, from io.Reader) {
		io.Copy(io.MultiWriter(to, noting{w, side}), from)
		done <- struct{}{}
	}
	go pipe(0, inner, outer)
	go pipe(1, outer, inner)
	<-done
	reader.Close()
	broker.Close()
	<-done
}

func (w *tap) note(side int, b []byte) {
	w.mu.Lock()
	w.seen[side] = append(w.seen[side], b...)
	w.mu.Unlock()
}

type noting struct {
	w    *tap
	side int
}

func (n noting) Write(b []byte) (int, error) { n.w.note(n.side, b); return len(b), nil }

// spelled are the ways in which a secret may stand within what is sent: as it is, in hex, and in base64 wherever it begins.
func spelled(secret string) (all []string) {
	all = []string{secret, hex.EncodeToString([]byte(secret))}
	for before := range 3 {
		text := base64.StdEncoding.EncodeToString(append(make([]byte, before), secret...))
		all = append(all, text[4:len(text)-4])
	}
	return all
}

// TestWhatAReaderLearns reads all that crosses the TLS connection between a hub and its reader: the captures are there, and no signing secret,
// no credential that is not shared, and no key. What is shared travels, and so does what stands in a body.
func TestWhatAReaderLearns(t *testing.T) {
	t.Parallel()
	secrets := []string{"whsec_signing-secret-of-the-hub", "previous-secret-of-the-hub", "plain-authorization-value", "cookie-of-the-sender", "token-in-the-query", "gitlab-token-value", "a-header-of-a-forward"}
	h, err := open(t, object{"hookglass": 1, "sources": []object{
		{"platform": "generic", "name": "shop", "path": "/in/shop", "scheme": "github", "secret": secrets[0], "secret_previous": secrets[1], "enforce": true,
			"forward": object{"url": "http://127.0.0.1:1/x", "set_headers": object{"X-Mine": "a-header-of-a-forward"}}},
		{"platform": "generic", "name": "lab", "path": "/in/lab", "scheme": "gitlab", "secret": secrets[5]},
		{"platform": "generic", "name": "open", "path": "/in/open", "share_credentials": true}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "hub")
	if err := h.Hub.Open(t.Context(), engine.HubOptions{Dir: dir, Addr: "127.0.0.1:0"}); err != nil {
		t.Fatal(err)
	}
	v, err := h.Hub.Invite(t.Context(), engine.ReaderAsked{Name: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	w := &tap{}
	v.URLs = []string{w.tapped(t, v.URLs[0], filepath.Join(dir, "hub.crt"), filepath.Join(dir, "hub.key"))}
	alice := joined(t, v.String(), "", nil)

	large := bytes.Repeat([]byte("a large body that travels in the object store. "), 20<<10)
	h.send("POST", "/in/shop?token="+secrets[4], [][2]string{{"Authorization", "Basic " + secrets[2]}, {"Cookie", "a=" + secrets[3]}, {"X-Hub-Signature-256", "sha256=00"}}, []byte("a body that travels"))
	h.send("POST", "/in/lab", [][2]string{{"X-Gitlab-Token", secrets[5]}}, large)
	h.send("POST", "/in/open", [][2]string{{"Authorization", "Bearer a-credential-that-is-shared"}}, []byte("another body"))
	alice.came(t, "", 3)

	from, to := w.text(0), w.text(1)
	for _, there := range []string{"a body that travels", "a large body that travels", "/in/shop", "a-credential-that-is-shared"} {
		if !bytes.Contains(from, []byte(there)) {
			t.Errorf("%q is not in the %d bytes that came: this test reads nothing", there, len(from))
		}
	}
	if !bytes.Contains(to, []byte("CONNECT ")) {
		t.Errorf("the reader sent no CONNECT in %d bytes", len(to))
	}
	for _, s := range append(secrets, v.Seed) {
		for _, text := range spelled(s) {
			if bytes.Contains(from, []byte(text)) || bytes.Contains(to, []byte(text)) {
				t.Errorf("%s crossed the wire, as %s", s, text)
			}
		}
	}
}
