package relay_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"hookglass/core"
	"hookglass/core/relay"
	"hookglass/core/relay/natstest"
	"hookglass/core/store"
)

// patience ends what never would; it is long, since a machine may be busy.
const patience = 5 * time.Minute

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, path string) *store.Store {
	t.Helper()
	st, err := store.Open(context.Background(), path)
	must(t, err)
	t.Cleanup(func() { st.Close() })
	return st
}

// team is a space on real brokers: a hub, and who is let in.
type team struct {
	testing.TB
	servers []*natstest.Server
	dirs    []string
	cluster string // the settings of a cluster
	urls    []string
	key     string
	readers []relay.Reader
	seeds   map[string]string
	creds   string
	store   *store.Store

	nc        *nats.Conn
	publisher *relay.Publisher
	stop      func()
}

// newTeam starts n brokers, and a hub that publishes to them.
func newTeam(t testing.TB, n int, keep relay.Retention, names ...string) *team {
	t.Helper()
	x := &team{TB: t, seeds: map[string]string{}, creds: filepath.Join(t.TempDir(), "hub.nk"), store: open(t, filepath.Join(t.TempDir(), "hub.db"))}
	creds, err := relay.ReadCredentials(x.creds)
	must(t, err)
	x.key = creds.Public
	for _, name := range names {
		x.admit(relay.Reader{Name: name})
	}
	routes := ""
	ports := make([]string, n)
	for i := range n {
		ports[i] = natstest.Free(t)
		routes += fmt.Sprintf("\"nats-route://127.0.0.1:%s\", ", ports[i])
	}
	for i := range n {
		x.dirs = append(x.dirs, t.TempDir())
		if n > 1 {
			x.cluster = "cluster { name: team, listen: \"127.0.0.1:%s\", routes: [" + routes + "] }\n"
		}
		s := natstest.New(t, natstest.Free(t), x.settings(i, ports[i]))
		x.servers, x.urls = append(x.servers, s), append(x.urls, "nats://127.0.0.1:"+s.Port)
	}
	x.begin(keep)
	t.Cleanup(func() { x.stop() })
	return x
}

func (x *team) settings(i int, route string) string {
	cluster := ""
	if x.cluster != "" {
		cluster = fmt.Sprintf(x.cluster, route)
	}
	return fmt.Sprintf("server_name: n%d\njetstream { store_dir: %q, sync_interval: always }\n%s%s", i, x.dirs[i], cluster, relay.Accounts("team", x.key, x.readers, []string{"shop", "other"}, time.Now()))
}

// admit makes a key for a reader.
func (x *team) admit(r relay.Reader) {
	seed, public, err := relay.NewKey()
	must(x, err)
	r.Key = public
	x.readers, x.seeds[r.Name] = append(x.readers, r), string(seed.Reveal())
}

// begin starts the hub.
func (x *team) begin(keep relay.Retention) {
	x.Helper()
	creds, err := relay.ReadCredentials(x.creds)
	must(x, err)
	nc, err := creds.Dial(x.urls, func(*nats.Conn) { x.store.Feed().Bump() }, func(error) {})
	must(x, err)
	js, err := jetstream.New(nc)
	must(x, err)
	replicas := 1
	if len(x.urls) > 2 {
		replicas = 3
	}
	x.nc = nc
	x.publisher = &relay.Publisher{Store: x.store, JS: js, Space: "team", Hub: "hub", Retention: keep, Replicas: replicas,
		Redact: func(*core.Capture) ([]string, bool) { return nil, false }, Bucketed: func(string) error { return nil },
		Readers: func() []relay.Reader { return x.readers }}
	must(x, x.publisher.Begin(context.Background()))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); x.publisher.Run(ctx) }()
	x.stop = func() { cancel(); <-done; nc.Close() }
}

// capture stores captures of a source at the hub, from number from to number to, the i-th of them with bytes of its own.
func (x *team) capture(source string, from, to int, body func(i int) []byte) {
	x.Helper()
	const atOnce = 64
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := from; i < to; i++ {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			must(x, x.store.AddCapture(captureOf(source, i, body(i)), nil))
		})
	}
	all.Wait()
}

func captureOf(source string, i int, body []byte) *core.Capture {
	head := fmt.Appendf(nil, "POST /in/%s?%d HTTP/1.1\r\nHost: hub\r\nX-Number: %d\xff\r\n\r\n", source, i, i)
	return &core.Capture{At: time.Now(), Name: source, Source: core.SourceID(len(source)), Event: core.Event{Type: "tick"},
		Request: core.Request{Method: "POST", Target: fmt.Sprintf("/in/%s?%d", source, i), Proto: "HTTP/1.1", Head: head, Header: core.ParseHead(head), Body: body, Size: int64(len(body))},
		Receipt: core.Receipt{Outcome: core.Accepted}, Response: core.Response{Status: 200}}
}

// desk is a reader on a history of its own.
type desk struct {
	*relay.Follower
	t     testing.TB
	store *store.Store
	stop  func()
}

func (x *team) invite(name string) relay.Invite {
	return relay.Invite{URLs: x.urls, Space: "team", Reader: name, Seed: x.seeds[name]}
}

// follow starts a reader on a history.
func (x *team) follow(name, path string) *desk {
	x.Helper()
	st, err := store.Open(context.Background(), path)
	must(x, err)
	d := &desk{t: x.TB, store: st}
	d.Follower = &relay.Follower{Invite: x.invite(name), Changed: st.Feed().Bump,
		Take:  func(_ context.Context, all []store.Arrival) error { return st.AddArrivals(all) },
		Judge: noJudge}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	d.stop = sync.OnceFunc(func() { cancel(); <-done; st.Close() })
	x.Cleanup(d.stop)
	return d
}

// until waits for something to become true at a reader.
func (d *desk) until(what string, ok func() bool) {
	d.t.Helper()
	until(d.t, d.store, what, ok)
}

func until(t testing.TB, st *store.Store, what string, ok func() bool) {
	t.Helper()
	for {
		rev := st.Feed().Rev()
		if ok() {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience) // since the last commit: as long as something comes, it is waited for
		_, err := st.Feed().Wait(ctx, rev)
		cancel()
		if err != nil {
			t.Fatalf("%s: not in %v", what, patience)
		}
	}
}

// has waits until so many captures are here.
func (d *desk) has(n int) {
	d.t.Helper()
	d.until(fmt.Sprintf("%s has %d captures", d.Invite.Reader, n), func() bool {
		got, err := d.store.Count(context.Background(), store.Query{})
		if err == nil && got > n {
			d.t.Fatalf("%s has %d captures, want %d", d.Invite.Reader, got, n)
		}
		return err == nil && got == n
	})
}

// digest is every capture's head and body, by its target.
func digest(t testing.TB, st *store.Store) map[string][32]byte {
	t.Helper()
	ids, err := st.CaptureIDs(context.Background(), store.Query{}, 0)
	must(t, err)
	all := make(map[string][32]byte, len(ids))
	for _, id := range ids {
		c, err := st.Capture(context.Background(), id)
		must(t, err)
		if _, twice := all[c.Request.Target]; twice {
			t.Errorf("%s is there twice", c.Request.Target)
		}
		all[c.Request.Target] = sha256.Sum256(bytes.Join([][]byte{c.Request.Head, c.Request.Body}, []byte{0}))
	}
	return all
}

// same says whether a reader has what the hub has, byte for byte.
func (x *team) same(d *desk) {
	x.Helper()
	want, got := digest(x, x.store), digest(x, d.store)
	missing, other := 0, 0
	for target, sum := range want {
		if have, ok := got[target]; !ok {
			missing++
		} else if have != sum {
			other++
		}
	}
	if missing+other > 0 || len(got) != len(want) {
		x.Errorf("%s: of %d captures %d are missing, %d are other bytes, %d are there", d.Invite.Reader, len(want), missing, other, len(got))
	}
}

func noJudge(*core.Capture, *relay.Meta) *store.Kept { return nil }
