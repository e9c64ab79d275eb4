package relay_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"hookglass/core/relay"
	"hookglass/core/store"
)

// long are the runs of make relay.
func long(short, full int) int {
	if os.Getenv("HOOKGLASS_RELAY") == "full" {
		return full
	}
	return short
}

func small(i int) []byte { return fmt.Appendf(nil, "{\"n\":%d,\"x\":\"\xfe\x00\"}\n", i) }

// Hub, broker and readers are killed again and again, and every capture reaches every reader once, byte for byte. Hub and readers are
// cut off from their connections and histories here; app kills their programs.
func TestABrokerThatIsKilledLosesNothing(t *testing.T) {
	x := newTeam(t, 1, relay.DefaultRetention, "alice", "bob", "carol")
	dir := t.TempDir()
	desks := map[string]*desk{}
	for _, name := range []string{"alice", "bob", "carol"} {
		desks[name] = x.follow(name, filepath.Join(dir, name))
	}
	n, rounds := long(2_000, 100_000), long(3, 10)
	chance := mrand.New(mrand.NewPCG(3, 4))
	for round := range rounds {
		from, to := n*round/rounds, n*(round+1)/rounds
		done := make(chan struct{})
		go func() { defer close(done); x.capture("shop", from, to, small) }()
		wanted := from + 1 + chance.IntN(max(to-from-1, 1))
		until(t, x.store, "some are captured", func() bool {
			got, err := x.store.Count(context.Background(), store.Query{})
			return err == nil && got >= wanted
		})
		x.servers[0].Kill()
		name := []string{"alice", "bob", "carol"}[round%3]
		desks[name].stop()
		x.stop()
		x.servers[0].Start()
		x.begin(relay.DefaultRetention)
		desks[name] = x.follow(name, filepath.Join(dir, name))
		<-done
	}
	for _, d := range desks {
		d.has(n)
		x.same(d)
		t.Logf("%s: %+v", d.Invite.Reader, d.Status())
	}
}

// A broker that lost its store is given all again, and no reader has anything twice.
func TestABrokerThatLostItsStoreIsRefilled(t *testing.T) {
	x := newTeam(t, 1, relay.DefaultRetention, "alice", "bob")
	alice := x.follow("alice", filepath.Join(t.TempDir(), "a"))
	x.capture("shop", 0, 300, small)
	alice.has(300)
	x.servers[0].Kill()
	must(t, os.RemoveAll(filepath.Join(x.dirs[0], "jetstream")))
	x.servers[0].Start()
	x.capture("shop", 300, 350, small)
	bob := x.follow("bob", filepath.Join(t.TempDir(), "b"))
	bob.has(350)
	alice.has(350)
	x.same(alice)
	x.same(bob)
	if x.publisher.Status().Refilled == 0 {
		t.Error("the hub did not find out")
	}
	if gaps, err := alice.store.Gaps(context.Background(), ""); err != nil || len(gaps) != 0 {
		t.Errorf("%v, %v", gaps, err)
	}
}

// Who was away longer than the space keeps captures gets what there is, and sees what there is not.
func TestAReaderThatWasAwayTooLongSeesTheGap(t *testing.T) {
	x := newTeam(t, 1, relay.DefaultRetention, "alice", "bob")
	path := filepath.Join(t.TempDir(), "a")
	alice := x.follow("alice", path)
	x.capture("shop", 0, 10, small)
	alice.has(10)
	alice.stop()
	x.stop()
	x.begin(relay.Retention{Age: 2 * time.Second, Bytes: 1 << 30}) // the space is to keep captures for less long from now on
	x.capture("shop", 10, 30, small)
	js := x.publisher.JS
	empty := func() bool {
		s, err := js.Stream(context.Background(), relay.Stream("team"))
		return err == nil && s.CachedInfo().State.Msgs == 0 && s.CachedInfo().State.LastSeq >= 30
	}
	for deadline := time.Now().Add(patience); !empty(); {
		if time.Now().After(deadline) {
			t.Fatal("the space forgets nothing")
		}
		<-time.After(100 * time.Millisecond) // the broker's own clock
	}
	alice = x.follow("alice", path)
	alice.until("alice is connected", func() bool { return alice.Status().State == relay.Connected })
	x.capture("shop", 30, 31, small)
	alice.has(11)
	gaps, err := alice.store.Gaps(context.Background(), "team")
	if err != nil || len(gaps) != 1 || gaps[0].Source != "shop" || gaps[0].After != 10 || gaps[0].Before != 30 {
		t.Errorf("%+v, %v", gaps, err)
	}
}

func TestALargeBodyArrives(t *testing.T) {
	x := newTeam(t, 1, relay.DefaultRetention, "alice")
	alice := x.follow("alice", filepath.Join(t.TempDir(), "a"))
	body := make([]byte, long(12<<20, 50<<20)+7)
	rand.Read(body)
	x.capture("shop", 0, 1, func(int) []byte { return body })
	x.capture("shop", 1, 2, func(int) []byte { return body }) // the same again is put away once
	alice.has(2)
	x.same(alice)
	for id := range int64(2) {
		rows, err := alice.store.Captures(context.Background(), store.Query{}, 0, 2)
		must(t, err)
		c, err := alice.store.Capture(context.Background(), rows[id].ID)
		must(t, err)
		if !bytes.Equal(c.Request.Body, body) {
			t.Errorf("%d bytes of %d", len(c.Request.Body), len(body))
		}
	}
	s, err := x.publisher.JS.Stream(context.Background(), "OBJ_"+relay.Bucket("team", "shop"))
	must(t, err)
	if held := s.CachedInfo().State.Bytes; held > uint64(len(body))*3/2 {
		t.Errorf("%d bytes are held for one body of %d", held, len(body))
	}
}

// Three brokers hold each capture, and one of them is killed while captures come.
func TestAClusterBearsTheLossOfOne(t *testing.T) {
	x := newTeam(t, 3, relay.DefaultRetention, "alice")
	alice := x.follow("alice", filepath.Join(t.TempDir(), "a"))
	n := long(600, 10_000)
	x.capture("shop", 0, n/3, small)
	alice.has(n / 3)
	s, err := x.publisher.JS.Stream(context.Background(), relay.Stream("team"))
	must(t, err)
	if r := s.CachedInfo().Config.Replicas; r != 3 {
		t.Fatalf("%d brokers hold a capture", r)
	}
	done := make(chan struct{})
	go func() { defer close(done); x.capture("shop", n/3, n, small) }()
	lost := mrand.New(mrand.NewPCG(5, 6)).IntN(3)
	until(t, x.store, "half are captured", func() bool {
		got, err := x.store.Count(context.Background(), store.Query{})
		return err == nil && got >= n/2
	})
	x.servers[lost].Kill()
	<-done
	alice.has(n)
	x.same(alice)
	x.servers[lost].Start()
	x.capture("shop", n, n+50, small)
	alice.has(n + 50)
	x.same(alice)
}

// What a reader's credentials are good for, tried with a plain client: its own consumer, and nothing else.
func TestAReaderReachesNothingButItsOwn(t *testing.T) {
	x := newTeam(t, 1, relay.DefaultRetention, "alice", "bob")
	x.admit(relay.Reader{Name: "carol", Sources: []string{"shop"}})
	x.servers[0].Settings(x.settings(0, ""))
	x.servers[0].Reload()
	x.stop()
	x.begin(relay.DefaultRetention)
	x.capture("shop", 0, 3, small)
	secret := make([]byte, 1<<20)
	rand.Read(secret)
	x.capture("other", 3, 4, func(int) []byte { return secret })
	bob := x.follow("bob", filepath.Join(t.TempDir(), "b"))
	bob.has(4)
	carol := x.follow("carol", filepath.Join(t.TempDir(), "c"))
	carol.has(3)
	carol.stop()

	denied := make(chan error, 64)
	nc, err := x.invite("carol").Dial(func(*nats.Conn) {}, func(err error) {
		select {
		case denied <- err:
		default:
		}
	})
	must(t, err)
	defer nc.Close()
	must(t, nc.FlushTimeout(patience))
	stream := relay.Stream("team")
	bucket := "OBJ_" + relay.Bucket("team", "other")
	sub, err := nc.SubscribeSync(nats.NewInbox())
	must(t, err)
	forged := relay.Subject("team", "shop", "tick")
	tries := map[string]struct {
		subject, reply, body string
	}{
		"publish a capture":                   {forged, sub.Subject, "forged"},
		"forge one by the reply of a pull":    {"HG.CONSUMER.MSG.NEXT." + stream + ".carol", forged, `{"batch":1,"no_wait":true}`},
		"forge one by the reply of its state": {"HG.CONSUMER.INFO." + stream + ".carol", forged, ""},
		"forge one by the reply of an ack":    {"$JS.ACK." + stream + ".carol.1.1.1.1.0", forged, "+NXT"},
		"list streams":                        {"$JS.API.STREAM.LIST", sub.Subject, ""},
		"list streams as it is named there":   {"HG.STREAM.LIST", sub.Subject, ""},
		"read a stream":                       {"HG.DIRECT.GET." + stream, sub.Subject, `{"seq":1}`},
		"read the body of another source":     {"HG.DIRECT.GET." + bucket, sub.Subject, `{"seq":1}`},
		"read it as the hub would":            {"$JS.API.DIRECT.GET." + bucket, sub.Subject, `{"seq":1}`},
		"pull of another reader":              {"HG.CONSUMER.MSG.NEXT." + stream + ".bob", sub.Subject, `{"batch":1,"no_wait":true}`},
		"pull of another reader as the hub":   {"$JS.API.CONSUMER.MSG.NEXT." + stream + ".bob", sub.Subject, `{"batch":1,"no_wait":true}`},
		"look at another reader":              {"HG.CONSUMER.INFO." + stream + ".bob", sub.Subject, ""},
		"acknowledge for another reader":      {"$JS.ACK." + stream + ".bob.1.1.1.1.0", sub.Subject, ""},
		"make a consumer":                     {"HG.CONSUMER.CREATE." + stream, sub.Subject, `{"stream_name":"` + stream + `","config":{"deliver_policy":"all","ack_policy":"none"}}`},
		"take another reader's consumer away": {"$JS.API.CONSUMER.DELETE." + stream + ".bob", sub.Subject, ""},
		"empty the stream":                    {"$JS.API.STREAM.PURGE." + stream, sub.Subject, ""},
		"ask the system":                      {"$SYS.REQ.SERVER.PING", sub.Subject, ""},
	}
	before, err := x.publisher.JS.Stream(context.Background(), stream)
	must(t, err)
	for name, try := range tries {
		must(t, nc.PublishRequest(try.subject, try.reply, []byte(try.body)))
		must(t, nc.FlushTimeout(patience))
		// An answer, if there were one, would be here before that of a request which is allowed.
		if _, err := nc.Request("HG.CONSUMER.INFO."+stream+".carol", nil, patience); err != nil {
			t.Fatalf("%s, and then its own: %v", name, err)
		}
		if m, err := sub.NextMsg(time.Millisecond); err == nil && m.Header.Get("Status") != "503" {
			t.Errorf("%s: answered %q %s", name, m.Header, m.Data)
		}
	}
	after, err := x.publisher.JS.Stream(context.Background(), stream)
	must(t, err)
	if a, b := before.CachedInfo().State, after.CachedInfo().State; a.LastSeq != b.LastSeq || a.Msgs != b.Msgs || b.LastSeq != 4 {
		t.Errorf("the stream had %d messages and has %d, the last %d", a.Msgs, b.Msgs, b.LastSeq)
	}
	if c, err := x.publisher.JS.Consumer(context.Background(), stream, "bob"); err != nil || c.CachedInfo().NumAckPending != 0 {
		t.Errorf("bob's place: %v", err)
	}
	for _, subject := range []string{">", "hg.>", forged, "$JS.>", "_INBOX.>"} { // the last is allowed, and empty in an account of one's own
		s, err := nc.SubscribeSync(subject)
		must(t, err)
		x.capture("shop", 100+len(subject), 101+len(subject), small)
		until(t, bob.store, "bob has it", func() bool {
			n, err := bob.store.Count(context.Background(), store.Query{})
			return err == nil && n >= 5
		})
		if m, err := s.NextMsg(time.Millisecond); err == nil && !strings.HasPrefix(m.Subject, "_INBOX.") {
			t.Errorf("a subscription of %s hears %s", subject, m.Subject)
		}
	}
	if len(denied) == 0 {
		t.Error("nothing was denied")
	}

	x.readers[2].Revoked = time.Now()
	x.servers[0].Settings(x.settings(0, ""))
	x.servers[0].Reload()
	again := x.follow("carol", filepath.Join(t.TempDir(), "c2"))
	again.until("carol is refused", func() bool { return again.Status().State == relay.Refused })
	if _, err := nc.Request("HG.CONSUMER.INFO."+stream+".carol", nil, time.Second); err == nil {
		t.Error("a connection survives the revocation")
	}
	must(t, relay.Admit(context.Background(), x.publisher.JS, "team", "", &x.readers[2]))
	if _, err := x.publisher.JS.Consumer(context.Background(), stream, "carol"); !errors.Is(err, jetstream.ErrConsumerNotFound) {
		t.Errorf("her consumer: %v", err)
	}
}
