package tunnel_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"hookglass/core"
	"hookglass/core/tunnel"
	"hookglass/core/tunnel/edgetest"
)

func TestDiagnose(t *testing.T) {
	edge := func(upset func(*edgetest.Edge, *tunnel.Config)) func(*testing.T) tunnel.Config {
		return func(t *testing.T) tunnel.Config {
			e := edgetest.Start(t)
			c := quick(e)
			upset(e, &c)
			return c
		}
	}
	server := func(upset func(*edgetest.SSHServer, *tunnel.Config)) func(*testing.T) tunnel.Config {
		return func(t *testing.T) tunnel.Config {
			s := edgetest.StartSSH(t)
			c := quickSSH(s)
			upset(s, &c)
			return c
		}
	}
	for _, c := range []struct {
		name   string
		config func(*testing.T) tunnel.Config
		steps  string // the last one failed, where there is a code
		code   string
	}{
		{"ngrok", edge(func(*edgetest.Edge, *tunnel.Config) {}), "settings name connect encryption protocol sign in", ""},
		{"ngrok, no token", edge(func(_ *edgetest.Edge, c *tunnel.Config) { c.Authtoken = core.Secret{} }), "settings", "setting"},
		{"ngrok, offline", edge(func(_ *edgetest.Edge, c *tunnel.Config) { c.Connect = "127.0.0.1:1" }), "settings name connect", "refused"},
		{"ngrok, intercepted", edge(func(_ *edgetest.Edge, c *tunnel.Config) { c.CAFile = "" }), "settings name connect encryption", "tls"},
		{"ngrok, wrong token", edge(func(e *edgetest.Edge, _ *tunnel.Config) {
			e.RefuseAuth(func(edgetest.Auth) string { return "Your authtoken: " + token + "\r\n\r\nERR_NGROK_105\r\n" })
		}), "settings name connect encryption protocol sign in", "ERR_NGROK_105"},
		{"unknown provider", func(*testing.T) tunnel.Config { return tunnel.Config{Provider: "pigeon"} }, "settings", "setting"},
		{"ssh", server(func(*edgetest.SSHServer, *tunnel.Config) {}), "settings name connect host key sign in", ""},
		{"ssh, wrong password", server(func(s *edgetest.SSHServer, _ *tunnel.Config) { s.RefuseLogin(true) }), "settings name connect host key sign in", "ssh_login"},
		{"ssh, unknown key", server(func(_ *edgetest.SSHServer, c *tunnel.Config) { c.AskHostKey = nil }), "settings name connect host key", "host_key_unknown"},
		{"ssh, silent", server(func(s *edgetest.SSHServer, c *tunnel.Config) {
			s.Silence(true)
			c.Timing.Answer = hasty.Answer
		}), "settings name connect host key", "silent"},
		{"own, nothing there", func(*testing.T) tunnel.Config {
			return tunnel.Config{Provider: "own", URL: "http://127.0.0.1:1"}
		}, "settings name answer", "refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found := tunnel.Diagnose(context.Background(), c.config(t))
			var names []string
			for i, s := range found {
				names = append(names, s.Name)
				if last := i == len(found)-1; s.OK != (!last || c.code == "") {
					t.Errorf("step %+v", s)
				}
				if strings.Contains(s.Text+s.Detail+s.Said, token) {
					t.Error("the token leaked")
				}
			}
			last := found[len(found)-1]
			if got := strings.Join(names, " "); got != c.steps || last.Code != c.code {
				t.Errorf("got %s with %q, want %s with %q", got, last.Code, c.steps, c.code)
			}
		})
	}
}

func TestProxies(t *testing.T) {
	for _, c := range []struct {
		name  string
		proxy func(*testing.T, *atomic.Int32) string
		code  string // "" comes online
	}{
		{"http", func(t *testing.T, n *atomic.Int32) string { return "http://" + connectProxy(t, n, "", 200) }, ""},
		{"http with login", func(t *testing.T, n *atomic.Int32) string {
			return "http://user:secret%40word@" + connectProxy(t, n, "user:secret@word", 200)
		}, ""},
		{"http with a wrong login", func(t *testing.T, n *atomic.Int32) string {
			return "http://user:wrong-password@" + connectProxy(t, n, "user:right", 200)
		}, "proxy_login"},
		{"http that forbids", func(t *testing.T, n *atomic.Int32) string { return "http://" + connectProxy(t, n, "", 403) }, "proxy_refused"},
		{"http that is not there", func(*testing.T, *atomic.Int32) string { return "http://127.0.0.1:1" }, "proxy"},
		{"socks", func(t *testing.T, n *atomic.Int32) string { return "socks5://" + socksProxy(t, n) }, ""},
		{"socks that is not there", func(*testing.T, *atomic.Int32) string { return "socks5://127.0.0.1:1" }, "proxy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, provider := range []string{"ngrok", "ssh"} {
				var used atomic.Int32
				config := quick(edgetest.Start(t))
				if provider == "ssh" {
					config = quickSSH(edgetest.StartSSH(t))
				}
				config.Proxy = c.proxy(t, &used)
				r := start(t, config, echo())
				if c.code == "" {
					r.online()
					if used.Load() == 0 {
						t.Errorf("%s went around the proxy", provider)
					}
					continue
				}
				var e *tunnel.Error
				if err := r.ended(); !errors.As(err, &e) || e.Code != c.code || e.Field != "proxy" {
					t.Errorf("%s: %v, want %s", provider, err, c.code)
				}
				if strings.Contains(r.log.String(), "wrong-password") {
					t.Errorf("%s: the proxy's password is in the log", provider)
				}
			}
		})
	}
}

// connectProxy is an HTTP proxy that wants a login, or answers with a status of its own.
func connectProxy(t *testing.T, used *atomic.Int32, login string, status int) string {
	t.Helper()
	return listen(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		want := "Basic " + base64.StdEncoding.EncodeToString([]byte(login))
		switch {
		case login != "" && r.Header.Get("Proxy-Authorization") != want:
			io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
		case status != 200 || r.Method != http.MethodConnect:
			io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\n\r\n")
		default:
			used.Add(1)
			relay(conn, in, r.Host, "HTTP/1.1 200 Connection established\r\n\r\n")
		}
	})
}

// socksProxy is a SOCKS5 proxy (RFC 1928) without login.
func socksProxy(t *testing.T, used *atomic.Int32) string {
	t.Helper()
	return listen(t, func(conn net.Conn) {
		greeting := make([]byte, 2)
		if _, err := io.ReadFull(conn, greeting); err != nil {
			return
		}
		io.CopyN(io.Discard, conn, int64(greeting[1]))
		conn.Write([]byte{5, 0})
		request := make([]byte, 4+4+2) // an IPv4 address
		if _, err := io.ReadFull(conn, request); err != nil {
			return
		}
		used.Add(1)
		address := net.TCPAddr{IP: request[4:8], Port: int(binary.BigEndian.Uint16(request[8:]))}
		relay(conn, conn, address.String(), "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
	})
}

func relay(conn net.Conn, in io.Reader, address, ok string) {
	far, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer far.Close()
	io.WriteString(conn, ok)
	go func() {
		io.Copy(far, in)
		far.Close()
	}()
	io.Copy(conn, far)
}

func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return l.Addr().String()
}
