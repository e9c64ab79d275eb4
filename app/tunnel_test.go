package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"hookglass/core/tunnel/edgetest"
)

// throughEdge is a rig whose program reaches ngrok at the fake edge.
func throughEdge(t *testing.T) (*rig, *edgetest.Edge) {
	t.Helper()
	edge := edgetest.Start(t)
	r := newRig(t)
	r.env = append(r.env, "HOOKGLASS_NGROK_CONNECT="+edge.Addr, "HOOKGLASS_NGROK_CA="+edge.CAFile, "NGROK_AUTHTOKEN=tok_right")
	return r, edge
}

// firstLine starts serve and returns its first line, and the program to wait for.
func (r *rig) firstLine(args ...string) (map[string]any, func() string) {
	r.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := r.command(ctx, append([]string{"serve", "--addr", "127.0.0.1:0", "--json"}, args...)...)
	var errout bytes.Buffer
	cmd.Stderr = &errout
	out, err := cmd.StdoutPipe()
	if err != nil {
		r.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { cancel(); cmd.Wait() })
	var line map[string]any
	d := json.NewDecoder(out)
	if err := d.Decode(&line); err != nil {
		cancel()
		cmd.Wait()
		r.Fatalf("first line: %v; it said %s", err, &errout)
	}
	return line, func() string {
		var next json.RawMessage
		if err := d.Decode(&next); err != nil {
			r.Fatalf("next line: %v; it said %s", err, &errout)
		}
		return string(next)
	}
}

func TestServeThroughNgrok(t *testing.T) {
	r, edge := throughEdge(t)
	line, next := r.firstLine("--tunnel", "ngrok")
	public, _ := line["public"].(string)
	if !strings.HasPrefix(public, "https://") || strings.HasSuffix(public, "/") {
		t.Fatalf("the first line says public %q", public)
	}
	resp, err := edge.Client().Post(public+"/hook", "application/json", strings.NewReader(`{"type":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("without a source: %d, want 404", resp.StatusCode)
	}
	if got := next(); !strings.Contains(got, `"event":"capture"`) || !strings.Contains(got, "/hook") {
		t.Errorf("next line %s, want the capture", got)
	}
	if auths := edge.Auths(); len(auths) == 0 || auths[0].Extra.Authtoken != "tok_right" {
		t.Errorf("signed in with %+v", auths)
	}
	edge.Drop()
	for _, want := range []string{`"state":"reconnecting"`, `"state":"online"`} {
		if got := next(); !strings.Contains(got, want) {
			t.Errorf("after the connection broke: %s, want %s", got, want)
		}
	}
}

func TestServeRefusedByNgrok(t *testing.T) {
	rows := []struct {
		code, said string
		says       string
		bind       bool
	}{
		{"ERR_NGROK_105", "authentication failed: The authtoken you specified does not look like a proper ngrok tunnel authtoken.\r\nYour authtoken: tok_right\r\n\r\nERR_NGROK_105\r\n", "ngrok does not accept the authtoken", false},
		{"ERR_NGROK_108", "authentication failed: Your account is limited to 1 simultaneous ngrok agent sessions.\r\n\r\nERR_NGROK_108\r\n", "as many agents online", false},
		{"ERR_NGROK_334", "failed to start listener: The endpoint 'https://x' is already online.\r\n\r\nERR_NGROK_334\r\n", "already online elsewhere", true},
	}
	for _, row := range rows {
		t.Run(row.code, func(t *testing.T) {
			r, edge := throughEdge(t)
			if row.bind {
				edge.RefuseBind(func(edgetest.Bind) string { return row.said })
			} else {
				edge.RefuseAuth(func(edgetest.Auth) string { return row.said })
			}
			got := r.do("", "serve", "--addr", "127.0.0.1:0", "--tunnel", "ngrok", "--json")
			if got.code != 2 || got.out != "" {
				t.Errorf("exit %d, printed %q; want 2 and nothing", got.code, got.out)
			}
			if !strings.Contains(got.errout, row.says) || !strings.Contains(got.errout, row.code) || strings.Contains(got.errout, "tok_right") {
				t.Errorf("it said %q", got.errout)
			}
		})
	}
}

func TestServeWithWrongTunnel(t *testing.T) {
	r := newRig(t)
	r.env = append(r.env, "NGROK_AUTHTOKEN=")
	for _, row := range []struct{ tunnel, field string }{
		{"telepathy", "--tunnel"},
		{"https://hooks.example.com/path", "url"},
		{"ngrok", "authtoken"},
		{"ssh", "ssh.host"},
	} {
		got := r.do("", "serve", "--addr", "127.0.0.1:0", "--tunnel", row.tunnel)
		if got.code != 2 || !strings.Contains(got.errout, row.field+": ") {
			t.Errorf("--tunnel %s: exit %d, %q; want 2 and a fault of %s", row.tunnel, got.code, got.errout, row.field)
		}
	}
}

func TestServeWithOwnTunnel(t *testing.T) {
	r := newRig(t)
	line, _ := r.firstLine("--tunnel", "https://hooks.example.com")
	if line["public"] != "https://hooks.example.com" {
		t.Errorf("public %v", line["public"])
	}
}
