package tunnel_test

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/tunnel"
)

// Once against the real ngrok. It uses up a few requests of the account:
//
//	HOOKGLASS_ONLINE=1 NGROK_AUTHTOKEN=... go test -run TestRealNgrok ./core/tunnel
func TestRealNgrok(t *testing.T) {
	token := os.Getenv("NGROK_AUTHTOKEN")
	if token == "" || os.Getenv("HOOKGLASS_ONLINE") == "" {
		t.Skip("set HOOKGLASS_ONLINE=1 and NGROK_AUTHTOKEN to test against the real service")
	}
	r := start(t, tunnel.Config{Provider: "ngrok", Authtoken: core.Text(token)}, echo())
	e, _ := r.wait(0, func(e tunnel.Event) bool { return e.State != tunnel.Connecting })
	if e.State != tunnel.Online {
		t.Fatalf("got %+v", e)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	took, err := r.open().Ping(ctx, http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s answers after %v", e.URL, took)
	resp, body := post(t, http.DefaultClient, e.URL+"/in/a%2Fb?q=%41&x=1;y", []byte("hello"))
	if string(body) != "hello" || resp.Header.Get("X-Target") != "/in/a%2Fb?q=%41&x=1;y" {
		t.Errorf("got %s %q, target %q", resp.Status, body, resp.Header.Get("X-Target"))
	}
	if err := r.close(); err != nil {
		t.Errorf("Run: %v", err)
	}
}
