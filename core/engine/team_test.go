package engine_test

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
)

// hubRig is a hub with sources, and its reader alice.
func hubRig(t *testing.T, sources ...object) *rig {
	t.Helper()
	h, err := open(t, object{"hookglass": 1, "sources": sources}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Hub.Open(t.Context(), engine.HubOptions{Dir: filepath.Join(t.TempDir(), "hub"), Addr: "127.0.0.1:0"}); err != nil {
		t.Fatal(err)
	}
	return h
}

// reader joins a space, and is a program of its own.
func (r *rig) reader(t *testing.T, ask engine.ReaderAsked, workspace object) *rig {
	t.Helper()
	v, err := r.Hub.Invite(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	queue := ""
	if len(ask.Queues) > 0 {
		queue = ask.Queues[0]
	}
	return joined(t, v.String(), queue, workspace)
}

func joined(t *testing.T, invite, queue string, workspace object) *rig {
	t.Helper()
	if workspace == nil {
		workspace = object{"hookglass": 1}
	}
	b, err := open(t, workspace, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Spaces.Join(t.Context(), engine.Joining{Invite: invite, Queue: queue, Keep: "file"}); err != nil {
		t.Fatal(err)
	}
	return b
}

// came waits for so many captures and returns them, the oldest first.
func (r *rig) came(t *testing.T, query string, n int) []core.Capture {
	t.Helper()
	q, err := store.ParseQuery(query, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var ids []core.CaptureID
	r.until("captures of "+query+" are here", func() bool {
		ids, err = r.Store.CaptureIDs(t.Context(), q, 0)
		return err == nil && len(ids) >= n
	})
	var all []core.Capture
	for i := len(ids) - 1; i >= 0; i-- {
		c, err := r.Store.Capture(t.Context(), ids[i])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if len(all) > n {
		t.Errorf("%d captures of %s, want %d", len(all), query, n)
	}
	return all
}

func TestACaptureReachesTheTeam(t *testing.T) {
	t.Parallel()
	forwarded := make(chan string, 9)
	local := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { forwarded <- r.URL.Path }))
	defer local.Close()
	h := hubRig(t, object{"platform": "generic", "name": "shop", "path": "/in/shop", "scheme": "github", "secret": "hub's secret"},
		object{"platform": "generic", "name": "open", "path": "/in/open", "share_credentials": true})
	alice := h.reader(t, engine.ReaderAsked{Name: "alice"}, object{"hookglass": 1, "sources": []object{
		{"platform": "generic", "name": "team/shop", "path": "/in/team/shop", "scheme": "github", "secret": "hub's secret", "forward": local.URL + "/mine"}}})
	bob := h.reader(t, engine.ReaderAsked{Name: "bob", Sources: []string{"open"}}, nil)

	body, large := []byte(`{"a":1}`), make([]byte, 3<<20)
	rand.Read(large)
	h.send("POST", "/in/shop", [][2]string{{"X-GitHub-Event", "push"}, {"X-Hub-Signature-256", githubSignature("hub's secret", body)}, {"Authorization", "Bearer hidden-token"}}, body)
	h.send("POST", "/in/open?q=1", [][2]string{{"Authorization", "Bearer shown-token"}}, large)

	at := h.came(t, "", 2)
	all := alice.came(t, "space:team", 2)
	got, want := all[0], at[0]
	if got.Request.Target != "/in/shop" || !bytes.Equal(got.Request.Body, body) || got.Via != "team" || got.Name != "shop" || got.Event.Type != "push" || got.Response.Status != 200 {
		t.Errorf("%+v", got)
	}
	if bytes.Contains(got.Request.Head, []byte("hidden-token")) || !bytes.Contains(want.Request.Head, []byte("hidden-token")) {
		t.Errorf("the token travelled: %s", got.Request.Head)
	}
	if v := got.Receipt.Verdict; v == nil || v.State != core.Verified || v.Algorithm == "" {
		t.Errorf("not judged here: %+v", v)
	}
	if path := <-forwarded; path != "/mine" {
		t.Errorf("forwarded to %s", path)
	}
	if !bytes.Equal(all[1].Request.Body, large) || !bytes.Equal(all[1].Request.Head, at[1].Request.Head) {
		t.Error("a shared capture is not what it was, byte for byte")
	}
	only := bob.came(t, "", 1)
	if only[0].Name != "open" || !bytes.Equal(only[0].Request.Body, large) {
		t.Errorf("bob has %s with %d bytes", only[0].Name, len(only[0].Request.Body))
	}
	if v := all[1].Receipt.Verdict; v != nil {
		t.Errorf("%+v", v)
	}
}

func TestARevokedReaderGetsNothingMore(t *testing.T) {
	t.Parallel()
	h := hubRig(t, object{"platform": "generic", "name": "shop", "path": "/in/shop"})
	alice, bob := h.reader(t, engine.ReaderAsked{Name: "alice"}, nil), h.reader(t, engine.ReaderAsked{Name: "bob"}, nil)
	h.send("POST", "/in/shop", nil, []byte("1"))
	alice.came(t, "", 1)
	if err := h.Hub.Revoke(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	alice.until("alice knows that she is out", func() bool {
		all, err := alice.Spaces.Status(t.Context())
		return err == nil && all[0].State == "refused"
	})
	h.send("POST", "/in/shop", nil, []byte("2"))
	bob.came(t, "", 2)
	alice.came(t, "", 1)
	again, err := h.Hub.Invite(t.Context(), engine.ReaderAsked{Name: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	joined(t, again.String(), "", nil).came(t, "", 2)
}

func TestAReaderWhoseTimeIsOverIsOut(t *testing.T) {
	t.Parallel()
	h := hubRig(t)
	alice := h.reader(t, engine.ReaderAsked{Name: "alice", ExpiresS: 2}, nil)
	alice.until("her time is over", func() bool {
		all, err := alice.Spaces.Status(t.Context())
		return err == nil && all[0].State == "refused"
	})
	st, err := h.Hub.Status(t.Context())
	if err != nil || st.Readers[0].State != "expired" {
		t.Errorf("%+v, %v", st, err)
	}
}

func TestAQueueSharesItsCaptures(t *testing.T) {
	t.Parallel()
	h := hubRig(t, object{"platform": "generic", "name": "shop", "path": "/in/shop"})
	v, err := h.Hub.Invite(t.Context(), engine.ReaderAsked{Name: "ci", Queues: []string{"build", "deploy"}})
	if err != nil {
		t.Fatal(err)
	}
	one, two, other := joined(t, v.String(), "build", nil), joined(t, v.String(), "build", nil), joined(t, v.String(), "deploy", nil)
	if _, err := one.Spaces.Join(t.Context(), engine.Joining{Invite: v.String()}); err == nil {
		t.Error("joined without its queue")
	}
	const n = 30
	for range n {
		h.send("POST", "/in/shop", nil, []byte(rand.Text()))
	}
	other.came(t, "", n)
	seen := map[string]int{}
	go func() { // what comes to the one wakes who looks at the other
		for rev := uint64(0); t.Context().Err() == nil; {
			rev, _ = two.Store.Feed().Wait(t.Context(), rev)
			one.Store.Feed().Bump()
		}
	}()
	one.until("both have all together", func() bool {
		clear(seen)
		for _, r := range []*rig{one, two} {
			for i := range n {
				if c, err := r.Store.Capture(t.Context(), core.CaptureID(i+1)); err == nil {
					seen[string(c.Request.Body)]++
				}
			}
		}
		return len(seen) == n
	})
	for body, times := range seen {
		if times != 1 {
			t.Errorf("%s went to %d", body, times)
		}
	}
}

// What a reader keeps, in all files of its home, and what its broker wrote down: no signing secret and no credential that is not shared.
func TestNoSecretReachesAReader(t *testing.T) {
	t.Parallel()
	secrets := []string{"whsec_signing-secret-of-the-hub", "plain-authorization-value", "cookie-of-the-sender", "token-in-the-query", "gitlab-token-value"}
	h, err := open(t, object{"hookglass": 1, "sources": []object{
		{"platform": "generic", "name": "shop", "path": "/in/shop", "scheme": "github", "secret": secrets[0], "enforce": true},
		{"platform": "generic", "name": "lab", "path": "/in/lab", "scheme": "gitlab", "secret": secrets[4]}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "hub")
	if err := h.Hub.Open(t.Context(), engine.HubOptions{Dir: dir, Addr: "127.0.0.1:0"}); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	v, err := h.Hub.Invite(t.Context(), engine.ReaderAsked{Name: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	alice, err := open(t, object{"hookglass": 1}, func(o *engine.Options) { o.Home = home })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := alice.Spaces.Join(t.Context(), engine.Joining{Invite: v.String(), Keep: "file"}); err != nil {
		t.Fatal(err)
	}
	h.send("POST", "/in/shop?token="+secrets[3], [][2]string{{"Authorization", "Basic " + secrets[1]}, {"Cookie", "a=" + secrets[2]}, {"X-Hub-Signature-256", "sha256=00"}}, []byte("a body that travels"))
	h.send("POST", "/in/lab", [][2]string{{"X-Gitlab-Token", secrets[4]}}, []byte("another body"))
	got := alice.came(t, "", 2)
	if v := got[1].Receipt.Verdict; v == nil || v.State != core.Verified {
		t.Errorf("what the hub found is lost: %+v", v)
	}
	for _, folder := range []string{home, dir} {
		read := 0
		err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !d.Type().IsRegular() {
				return nil
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return nil // gone meanwhile
			}
			read += len(data)
			for _, s := range secrets {
				if bytes.Contains(data, []byte(s)) {
					t.Errorf("%s is in %s", s, path)
				}
			}
			return nil
		})
		if err != nil || read < 1000 {
			t.Errorf("%d bytes read of %s: %v", read, folder, err)
		}
	}
	if !strings.Contains(string(got[0].Request.Body), "travels") {
		t.Error("the body did not come")
	}
}
