package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
)

func TestPutCapTrimsAtOnce(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/a"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		r.send("POST", "/in/a", nil, []byte("hello"))
	}
	for _, bad := range []struct {
		cap   store.Cap
		field string
	}{{store.Cap{Count: -1}, "count"}, {store.Cap{Age: -1}, "age"}, {store.Cap{Bytes: 1000}, "bytes"}} {
		var invalid *core.Invalid
		if _, err := r.History.PutCap(r.ctx, bad.cap); !errors.As(err, &invalid) || invalid.Field != bad.field {
			t.Errorf("%+v: %v, want a fault of %s", bad.cap, err, bad.field)
		}
	}
	if got := r.History.Cap(r.ctx); got != store.DefaultCap {
		t.Errorf("a cap that was refused is in force: %+v", got)
	}
	gone, err := r.History.PutCap(r.ctx, store.Cap{Count: 2, Bytes: 1 << 30})
	if err != nil || gone != 3 {
		t.Errorf("%d captures went, %v; want 3", gone, err)
	}
	if got := r.History.Cap(r.ctx); got.Count != 2 {
		t.Errorf("cap %+v", got)
	}
}

func TestDeleteCapturesKeepsThePinned(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/a", "/a", "/b"} {
		r.send("POST", path, nil, []byte("hello"))
	}
	if err := r.Store.Pin(1, true); err != nil {
		t.Fatal(err)
	}
	if all, pinned, err := r.History.Count(r.ctx, "path:/a"); err != nil || all != 2 || pinned != 1 {
		t.Errorf("%d match, %d of them pinned, %v; want 2, 1", all, pinned, err)
	}
	if n, err := r.History.DeleteCaptures(r.ctx, "path:/a"); err != nil || n != 1 {
		t.Errorf("%d went, %v; want 1", n, err)
	}
	if all, _, err := r.History.Count(r.ctx, ""); err != nil || all != 2 {
		t.Errorf("%d left, %v; want 2", all, err)
	}
	if _, err := r.History.DeleteCaptures(r.ctx, "pat:/a"); err == nil {
		t.Error("a filter that cannot be read deleted something")
	}
}

func TestKeptSecrets(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, _ := r.Vault.Put("file", "tunnel/authtoken", core.Text("tok"))
	left, _ := r.Vault.Put("run", "left", core.Text("over"))
	if _, err := r.Tunnel.Change(func(s *engine.TunnelSettings) { s.Authtoken = token }); err != nil {
		t.Fatal(err)
	}
	own, _ := r.Environments.KeepSecret("run", core.Text("of the environment"))
	if err := r.Environments.Put(r.ctx, "", core.Environment{Name: "staging", Secrets: map[string]core.SecretRef{"token": own}}); err != nil {
		t.Fatal(err)
	}
	src := core.Source{Name: "a", Platform: "generic", Settings: core.Values{"path": "/a"}, Secrets: map[string]core.SecretRef{"secret": "env:HOOKGLASS_TEST_NOT_SET"}}
	if err := r.PutSource(r.ctx, &src); err != nil {
		t.Fatal(err)
	}
	all, err := r.KeptSecrets(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	got := map[core.SecretRef]engine.KeptSecret{}
	for _, k := range all {
		got[k.Ref] = k
	}
	if k := got[token]; len(k.Users) != 1 || k.Users[0] != "tunnel, authtoken" || k.Absent != nil {
		t.Errorf("the token: %+v", k)
	}
	if k := got["env:HOOKGLASS_TEST_NOT_SET"]; len(k.Users) != 1 || k.Absent == nil {
		t.Errorf("the variable: %+v", k)
	}
	if k := got[own]; len(k.Users) != 1 || k.Users[0] != "environment staging, token" {
		t.Errorf("that of the environment: %+v", k)
	}
	if k := got[left]; k.Ref == "" || len(k.Users) != 0 {
		t.Errorf("what is left over: %+v", k)
	}
	if err := r.ForgetSecret(r.ctx, token); err != nil {
		t.Fatal(err)
	}
	if s := r.Tunnel.Settings(r.ctx); s.Authtoken != "" {
		t.Errorf("the tunnel still refers to %s", s.Authtoken)
	}
	if _, err := r.Vault.Resolve(token); err == nil {
		t.Error("the value is still there")
	}
}

func TestFindAuthtokens(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	path := filepath.Join(home, ".config", "ngrok", "ngrok.yml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("version: 3\nagent:\n    authtoken: \"2abc_DEF\" # mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"HOME": home, "NGROK_AUTHTOKEN": "from_env"}
	found := engine.FindAuthtokens(func(name string) string { return env[name] })
	if len(found) != 2 || string(found[0].Value.Reveal()) != "from_env" || found[1].From != path || string(found[1].Value.Reveal()) != "2abc_DEF" {
		t.Errorf("found %d: %+v", len(found), found)
	}
}

// TestAnEndIsNoError: what cannot be read since the program ends is no error of the history, which commands would print.
func TestAnEndIsNoError(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	e, err := engine.Open(t.Context(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ended, end := context.WithCancel(t.Context())
	end()
	e.History.Cap(ended)
	e.Tunnel.Settings(ended)
	if log.Len() > 0 {
		t.Errorf("it says %s", &log)
	}
	if err := e.Store.PutSetting("cap", "large"); err != nil {
		t.Fatal(err)
	}
	if got := e.History.Cap(t.Context()); got != store.DefaultCap || !strings.Contains(log.String(), "setting.unreadable") {
		t.Errorf("a cap that is none is %+v, and it says %q", got, &log)
	}
}

// TestTheSearchIndexIsToldOfAndSwitched: the control address says how far the index is; switched off its file is gone, and
// filters over bodies find the same.
func TestTheSearchIndexIsToldOfAndSwitched(t *testing.T) {
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/a"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		c := &core.Capture{At: time.Now(), Request: core.Request{Method: "POST", Target: "/in/a", Body: fmt.Appendf(nil, "a body with needle-%d", i)}, Receipt: core.Receipt{Outcome: core.Accepted}}
		if err := r.Store.AddCapture(c, nil); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(r.Home(), "search.db")
	var said struct {
		State     string `json:"state"`
		IndexedTo int    `json:"indexed_to"`
		Behind    *int   `json:"behind"`
	}
	for deadline := time.Now().Add(patience); said.State != "ready" && time.Now().Before(deadline); {
		if r.ask("GET", "/_/search", nil, &said); said.State != "ready" && said.State != "building" {
			t.Fatalf("it says %+v", said)
		}
	}
	finds := func() (n int) {
		var rows []any
		r.ask("GET", "/_/captures?query=body:needle-1", nil, &rows)
		return len(rows)
	}
	if n := finds(); n != 3 || said.State != "ready" || said.IndexedTo != 12 || said.Behind == nil || *said.Behind != 0 {
		t.Errorf("%d found, and it says %+v", n, said)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	r.ask("PUT", "/_/search", map[string]any{"on": false}, &said)
	if _, err := os.Stat(file); said.State != "off" || !os.IsNotExist(err) {
		t.Errorf("switched off: %+v, %v", said, err)
	}
	if n := finds(); n != 3 {
		t.Errorf("switched off, %d are found", n)
	}
	r.ask("PUT", "/_/search", map[string]any{"on": true}, &said)
	if said.State == "off" {
		t.Errorf("switched on: %+v", said)
	}
}
