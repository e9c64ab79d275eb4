package engine_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
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
	if err := e.StartTunnel(ctx, engine.TunnelSettings{Provider: "ngrok", Authtoken: token, Connect: edge.Addr, CAFile: edge.CAFile}, nil); err != nil {
		t.Fatal(err)
	}
	wait, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	public, err := e.AwaitTunnel(wait)
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
	if d, err := e.PingTunnel(context.Background()); err == nil {
		t.Errorf("ping took %v without the edge's CA; want an error: the address is not a public one", d)
	}
	e.StopTunnel()
	if s := e.TunnelStatus(); s.State != tunnel.Stopped || e.PublicURL() != "" {
		t.Errorf("after stop: %+v", s)
	}
}
