package engine_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/tunnel/edgetest"
)

// secured runs an engine that is reached over TLS.
func secured(t *testing.T, home string, h engine.HTTPS) *engine.Engine {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Home: home, Addr: "127.0.0.1:0", Seed: 1, HTTPS: h})
	if err != nil {
		t.Fatal(err)
	}
	w, err := exchange.ParseWorkspace([]byte(`{"hookglass": 1, "sources": [{"platform": "generic", "path": "/in", "answer": {"body": "ok"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Apply(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- e.Run(t.Context()) }()
	t.Cleanup(func() { <-ended; e.Close() })
	return e
}

// TestHTTPSWithOurOwnAuthority: who trusts its file is answered, nobody else; it stays the same from run to run and its key is the
// user's alone; what arrives is kept byte for byte, with the address under which it was called.
func TestHTTPSWithOurOwnAuthority(t *testing.T) {
	home := t.TempDir()
	e := secured(t, home, engine.HTTPS{Own: true})
	pem, err := os.ReadFile(e.Authority())
	if err != nil || !strings.HasPrefix(e.URL(), "https://127.0.0.1:") {
		t.Fatal(e.URL(), err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer trusting.CloseIdleConnections()
	for _, url := range []string{e.URL(), strings.Replace(e.URL(), "127.0.0.1", "localhost", 1)} {
		resp, err := trusting.Post(url+"/in/x?y=1", "text/plain", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := io.ReadAll(resp.Body); string(body) != "ok" || resp.ProtoMajor != 1 {
			t.Errorf("%s answers %s %q", url, resp.Proto, body)
		}
		resp.Body.Close()
	}
	c, err := e.Store.Capture(t.Context(), 2)
	if err != nil || !strings.HasPrefix(string(c.Request.Head), "POST /in/x?y=1 HTTP/1.1\r\n") || !strings.HasPrefix(c.Request.URL(), "https://localhost:") {
		t.Errorf("kept as %q, called %s: %v", c.Request.Head, c.Request.URL(), err)
	}
	if _, err := http.Post(e.URL()+"/in", "text/plain", nil); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("who does not trust it gets %v", err)
	}
	for file, mode := range map[string]os.FileMode{"ca-key.pem": 0o600, "ca.pem": 0o600} {
		if info, err := os.Stat(filepath.Join(home, "tls", file)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
	sources, _ := e.Store.Sources(t.Context())
	if line := e.Curl(sources[0]); !strings.Contains(line, "--cacert '"+e.Authority()+"'") || !strings.Contains(line, "https://127.0.0.1:") {
		t.Errorf("the curl line is %s", line)
	}
	if a, err := e.SendExample(t.Context(), sources[0]); err != nil || !a.OK() {
		t.Errorf("the example: %v", err)
	}
	block, _ := os.ReadFile(filepath.Join(home, "tls", "ca.pem"))
	if string(block) != string(pem) {
		t.Error("the authority changed")
	}
}

// TestHTTPSWithTheUsersCertificate: it is the one that is shown; files that do not fit are refused by the flag's name.
func TestHTTPSWithTheUsersCertificate(t *testing.T) {
	made := secured(t, t.TempDir(), engine.HTTPS{Own: true})
	folder := filepath.Dir(made.Authority())
	cert, key := made.Authority(), filepath.Join(folder, "ca-key.pem")
	e := secured(t, t.TempDir(), engine.HTTPS{CertFile: cert, KeyFile: key})
	c, err := tls.Dial("tcp", strings.TrimPrefix(e.URL(), "https://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if name := c.ConnectionState().PeerCertificates[0].Subject.CommonName; !strings.HasPrefix(name, "Hookglass of ") || e.Authority() != "" {
		t.Errorf("it shows %s, and has the authority %q", name, e.Authority())
	}
	for _, tt := range []struct {
		https engine.HTTPS
		want  string
	}{
		{engine.HTTPS{CertFile: cert}, "--tls-key: is missing"}, {engine.HTTPS{KeyFile: key}, "--tls-cert: is missing"}, {engine.HTTPS{CertFile: cert, KeyFile: cert}, "--tls-cert: "},
		{engine.HTTPS{CertFile: cert + "x", KeyFile: key}, "no such file"}, {engine.HTTPS{Own: true, CertFile: cert}, "--tls: stands beside"},
	} {
		if _, err := engine.Open(t.Context(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", HTTPS: tt.https}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %s", tt.https, err, tt.want)
		}
	}
	broken := t.TempDir()
	if err := os.MkdirAll(filepath.Join(broken, "tls"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"ca.pem", "ca-key.pem"} {
		if err := os.WriteFile(filepath.Join(broken, "tls", file), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := engine.Open(t.Context(), engine.Options{Home: broken, Addr: "127.0.0.1:0", HTTPS: engine.HTTPS{Own: true}}); err == nil || !strings.Contains(err.Error(), "remove that folder") {
		t.Errorf("an authority that cannot be read: %v", err)
	}
}

// TestHTTPSIsSetAtOnce: as a setting it counts at the same address, is remembered, and gives way to plain HTTP where its files are gone.
func TestHTTPSIsSetAtOnce(t *testing.T) {
	home := t.TempDir()
	e := secured(t, home, engine.HTTPS{})
	before := e.Address.Addr()
	get := func(client *http.Client) (int, error) {
		resp, err := client.Get(e.URL() + "/in")
		if err != nil {
			return 0, err
		}
		resp.Body.Close()
		return resp.StatusCode, nil
	}
	if status, err := get(http.DefaultClient); err != nil || status != 200 {
		t.Fatal(status, err)
	}
	for _, wrong := range []engine.HTTPS{{CertFile: "none.pem"}, {KeyFile: "none.pem"}, {CertFile: "none.pem", KeyFile: "none.pem"}} {
		var invalid *core.Invalid
		if err := e.Address.SetHTTPS(t.Context(), wrong); !errors.As(err, &invalid) || !strings.HasSuffix(invalid.Field, "_file") || e.URL() != "http://"+before {
			t.Errorf("%+v is refused with %v, now %s", wrong, err, e.URL())
		}
	}
	if err := e.Address.SetHTTPS(t.Context(), engine.HTTPS{Own: true}); err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(e.Authority())
	if err != nil || e.URL() != "https://"+before {
		t.Fatal(e.URL(), err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
	if status, err := get(trusting); err != nil || status != 200 {
		t.Error(status, err)
	}
	src, err := e.Store.Sources(t.Context())
	if err != nil || !strings.HasPrefix(e.LocalURL(src[0]), "https://"+before) || !strings.Contains(e.Curl(src[0]), "--cacert") {
		t.Errorf("it is copied as %s and %s (%v)", e.LocalURL(src[0]), e.Curl(src[0]), err)
	}
	if err := e.Address.SetPort(t.Context(), edgetest.Port(t)); err != nil {
		t.Fatal(err)
	}
	if status, err := get(trusting); err != nil || status != 200 || e.Address.HTTPS(t.Context()) != (engine.HTTPS{Own: true}) {
		t.Error("another port loses it:", status, err)
	}
	if err := e.Address.SetHTTPS(t.Context(), engine.HTTPS{}); err != nil || !strings.HasPrefix(e.URL(), "http://") || e.Authority() != "" {
		t.Error(e.URL(), err)
	}
	if status, err := get(http.DefaultClient); err != nil || status != 200 {
		t.Error(status, err)
	}
}

// TestHTTPSThatWasSetGivesWay: who opens the window is not kept out by a certificate that is gone.
func TestHTTPSThatWasSetGivesWay(t *testing.T) {
	home := t.TempDir()
	open := func() *engine.Engine {
		e, err := engine.Open(t.Context(), engine.Options{Home: home, Addr: "127.0.0.1:0", Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := open()
	if err := e.Address.SetHTTPS(t.Context(), engine.HTTPS{Own: true}); err != nil {
		t.Fatal(err)
	}
	e.Close()
	if e = open(); !strings.HasPrefix(e.URL(), "https://") || e.Address.Trouble() != "" {
		t.Errorf("it is forgotten: %s, %s", e.URL(), e.Address.Trouble())
	}
	e.Close()
	if err := os.WriteFile(filepath.Join(home, "tls", "ca.pem"), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	e = open()
	defer e.Close()
	if !strings.HasPrefix(e.URL(), "http://") || !strings.Contains(e.Address.Trouble(), "remove that folder") || e.Address.HTTPS(t.Context()) != (engine.HTTPS{Own: true}) {
		t.Errorf("it is %s, because %q", e.URL(), e.Address.Trouble())
	}
}
