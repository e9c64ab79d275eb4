package engine_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
	"hookglass/core/tunnel"
	"hookglass/core/tunnel/edgetest"
)

// throughTunnel is an engine that serves through the fake edge, and the public address.
func throughTunnel(t *testing.T) (*engine.Engine, *edgetest.Edge, string) {
	t.Helper()
	edge := edgetest.Start(t)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	e, err := engine.Open(ctx, engine.Options{Home: dir, Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended; e.Close() })
	token, err := e.Vault.Put("run", "ngrok", core.Text("tok_secret"))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Tunnel.Start(ctx, engine.TunnelSettings{Provider: "ngrok", Authtoken: token, Connect: edge.Addr, CAFile: edge.CAFile}, nil); err != nil {
		t.Fatal(err)
	}
	public, err := e.Tunnel.Await(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return e, edge, public
}

func TestTwilioOverThePublicURL(t *testing.T) {
	e, edge, public := throughTunnel(t)
	ctx := context.Background()
	secret, _ := e.Vault.Put("run", "twilio", core.Text("auth-token"))
	src := core.Source{Name: "sms", Platform: "generic", Settings: core.Values{"path": "/in/sms", "scheme": "twilio"}, Secrets: map[string]core.SecretRef{"secret": secret}}
	if err := e.PutSource(ctx, &src); err != nil {
		t.Fatal(err)
	}
	address := public + "/in/sms?x=%41&y=a;b&z=%zz&&e="
	mac := hmac.New(sha1.New, []byte("auth-token"))
	io.WriteString(mac, address+"BodyhiFrom+1")
	req, _ := http.NewRequest("POST", public+"/in/sms", strings.NewReader("From=%2B1&Body=hi"))
	req.URL.RawQuery = "x=%41&y=a;b&z=%zz&&e="
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	resp, err := edge.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	rows, err := e.Store.Captures(ctx, store.Query{}, 0, 1)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d captures, %v", len(rows), err)
	}
	c, err := e.Store.Capture(ctx, rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if c.Via != "ngrok" || c.Request.Base != public || c.Request.URL() != address {
		t.Errorf("via %q, url %q; want ngrok, %q", c.Via, c.Request.URL(), address)
	}
	if v := c.Receipt.Verdict; v == nil || v.State != core.Verified {
		t.Errorf("verdict %+v, want verified", v)
	}
	if len(c.Request.Head) == 0 || !bytes.Contains(c.Request.Head, []byte("z=%zz")) {
		t.Errorf("head %q", c.Request.Head)
	}
}

func TestControlIsNotBehindTheTunnel(t *testing.T) {
	e, edge, public := throughTunnel(t)
	for _, path := range []string{"/_/captures", "/_/sources", "/_/work/1", "/_/deliveries/1"} {
		resp, err := edge.Client().Get(public + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, resp.StatusCode)
		}
	}
	if d, err := e.Tunnel.Ping(context.Background()); err == nil {
		t.Errorf("ping took %v without the edge's CA; want an error: the address is not a public one", d)
	}
	e.Tunnel.Stop()
	if s := e.Tunnel.Status(); s.State != tunnel.Stopped || e.Tunnel.PublicURL() != "" {
		t.Errorf("after stop: %+v", s)
	}
}

// TestGuardedRequests: a ping leaves no trace, what is turned away is kept with the reason.
func TestGuardedRequests(t *testing.T) {
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := edgetest.Loopback(edgetest.Port(t))
	began := time.Now()
	if err := r.Tunnel.Start(r.ctx, engine.TunnelSettings{Provider: "own", URL: "http://" + at, Listen: at}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Tunnel.Await(r.ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Tunnel.Ping(r.ctx); err != nil {
		t.Errorf("ping: %v", err)
	}
	for i, host := range []string{"elsewhere.example", at} {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "GET /in?n="+itoa(i)+" HTTP/1.1\r\nhOST: "+host+"\r\nConnection: close\r\n\r\n")
		io.Copy(io.Discard, conn)
		conn.Close()
	}
	rows, err := r.Store.Captures(r.ctx, store.Query{}, 0, 10)
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d captures, %v; want the one turned away and the one that came in", len(rows), err)
	}
	in2, err := r.Store.Capture(r.ctx, rows[0].ID)
	if err != nil || in2.Receipt.Outcome != core.Accepted || !bytes.Contains(in2.Request.Head, []byte("GET /in?n=1 HTTP/1.1\r\nhOST: ")) {
		t.Errorf("the one that came in: %s, head %q, %v", in2.Receipt.Outcome, in2.Request.Head, err)
	}
	away, err := r.Store.Capture(r.ctx, rows[1].ID)
	if err != nil || away.Response.Status != http.StatusMisdirectedRequest || !strings.Contains(away.Receipt.Reason, "host") || away.Via != "own" {
		t.Errorf("the one turned away: %d %q via %q, %v", away.Response.Status, away.Receipt.Reason, away.Via, err)
	}
	if n, err := r.Tunnel.Requests(r.ctx, began); err != nil || n != 2 {
		t.Errorf("%d requests through the tunnel, %v; want 2", n, err)
	}
}

// TestTunnelStartedTwiceAtOnce: however many start one, there is one at a time, and to stop it leaves nothing behind.
func TestTunnelStartedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var at []string
	for range 8 {
		at = append(at, edgetest.Loopback(edgetest.Port(t)))
	}
	var all sync.WaitGroup
	for _, at := range at {
		all.Go(func() {
			if err := r.Tunnel.Start(r.ctx, engine.TunnelSettings{Provider: "own", URL: "http://" + at, Listen: at}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := r.Tunnel.Await(r.ctx); err != nil {
		t.Error(err)
	}
	r.Tunnel.Stop()
	for _, at := range at {
		if conn, err := net.Dial("tcp", at); err == nil {
			conn.Close()
			t.Errorf("a tunnel is left at %s", at)
		}
	}
}
