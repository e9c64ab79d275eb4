package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hookglass/core/engine"
	"hookglass/core/relay"
	"hookglass/core/relay/natstest"
)

// teamRounds are the long runs of make relay.
func teamRounds(short, full int) int {
	if os.Getenv("HOOKGLASS_RELAY") == "full" {
		return full
	}
	return short
}

// TestTeamSurvivesKills: a hub, a broker and three readers, each a program of its own and each killed again and again. What a sender was
// answered reaches every reader once, byte for byte.
func TestTeamSurvivesKills(t *testing.T) {
	hub := newRig(t)
	creds := filepath.Join(hub.home, "hub.nk")
	key, err := relay.ReadCredentials(creds)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	settings := func(accounts string) string {
		return fmt.Sprintf("jetstream { store_dir: %q, sync_interval: always }\n%s", dir, accounts)
	}
	broker := natstest.New(t, natstest.Free(t), settings(relay.Accounts("team", key.Public, nil, nil, time.Now())))
	hub.ok("source", "add", "generic", "path=/in/shop", "name=shop")
	port := natstest.Free(t)
	args := []string{"--addr", "127.0.0.1:" + port, "--relay", "nats://127.0.0.1:" + broker.Port, "--relay-creds", creds}
	h := hub.serve(args...)
	names := []string{"alice", "bob", "carol"}
	var readers []*rig
	for _, name := range names {
		invite := strings.TrimSpace(hub.ok("hub", "invite", name))
		r := newRig(t)
		r.ok("join", "--keep", "file", invite)
		readers = append(readers, r)
	}
	broker.Settings(settings(hub.ok("hub", "config")))
	broker.Reload()
	desks := make([]*serving, len(readers))
	for i, r := range readers {
		desks[i] = r.serve()
	}

	posts, rounds := teamRounds(1_500, 100_000), teamRounds(4, 30)
	chance := rand.New(rand.NewPCG(7, 8))
	sender := newSender("http://127.0.0.1:"+port+"/in/shop", posts)
	killed := map[string]int{}
	for round := range rounds {
		from := posts * round / rounds
		sender.awaitAnswered(t, int64(from+1+chance.IntN(posts/rounds)))
		switch who := round % 3; who {
		case 0:
			h.kill()
			h = hub.serve(args...)
			killed["hub"]++
		case 1:
			broker.Kill()
			broker.Start()
			killed["broker"]++
		case 2:
			i := chance.IntN(len(desks))
			desks[i].kill()
			desks[i] = readers[i].serve()
			killed[names[i]]++
		}
	}
	answered := sender.end()
	var status engine.HubJSON
	all := countCaptures(t, hub.home)
	progress(t, "published", func() int {
		h.ask("GET", "/_/hub", nil, &status)
		return all - status.Left
	}, all)
	for i := range desks {
		progress(t, "with "+names[i], func() int { return countCaptures(t, readers[i].home) }, all)
	}
	h.stop()
	want := digests(t, hub.home)
	for _, body := range answered {
		if want[body] == nil {
			t.Errorf("%s was answered and is not at the hub", body)
		}
	}
	for i, d := range desks {
		d.stop()
		got := digests(t, readers[i].home)
		missing, twice, other := 0, 0, 0
		for body, sum := range want {
			switch have := got[body]; {
			case len(have) == 0:
				missing++
			case len(have) != len(sum):
				twice++
			case have[0] != sum[0]:
				other++
			}
		}
		if missing+twice+other > 0 || len(got) != len(want) {
			t.Errorf("%s: of %d captures %d are missing, %d are there twice, %d are other bytes; %d are there", names[i], len(want), missing, twice, other, len(got))
		}
	}
	t.Logf("%d posts answered, %d captures at the hub, killed: %v", len(answered), len(want), killed)
}

// until asks again and again.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not in %v", what, patience)
		}
		<-time.After(50 * time.Millisecond) // another program's doing
	}
}

// progress waits until a number is reached, for as long as it grows.
func progress(t *testing.T, what string, now func() int, want int) {
	t.Helper()
	for had, since := -1, time.Now(); ; {
		n := now()
		if n >= want {
			return
		}
		if n > had {
			had, since = n, time.Now()
		}
		if time.Since(since) > patience {
			t.Fatalf("%d of %d %s, and no more in %v", n, want, what, patience)
		}
		<-time.After(100 * time.Millisecond) // another program's doing
	}
}

// sender posts bodies that are each sent once, and remembers which were answered.
type sender struct {
	answered atomic.Int64
	mu       sync.Mutex
	bodies   []string
	done     chan struct{}
}

func newSender(url string, posts int) *sender {
	s := &sender{done: make(chan struct{})}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, MaxConnsPerHost: 16}}
	var tries atomic.Int64
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for s.answered.Load() < int64(posts) {
				body := fmt.Sprintf("post %d", tries.Add(1))
				resp, err := client.Post(url, "text/plain", strings.NewReader(body))
				if err != nil {
					<-time.After(20 * time.Millisecond) // the hub is away
					continue
				}
				resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					s.mu.Lock()
					s.bodies = append(s.bodies, body)
					s.mu.Unlock()
					s.answered.Add(1)
				}
			}
		})
	}
	go func() { workers.Wait(); client.CloseIdleConnections(); close(s.done) }()
	return s
}

func (s *sender) awaitAnswered(t *testing.T, n int64) {
	t.Helper()
	until(t, "posts are answered", func() bool { return s.answered.Load() >= n })
}

func (s *sender) end() []string {
	<-s.done
	return slices.Clone(s.bodies)
}

// digests are the hashes of head and body of all captures of a home, by body.
func digests(t *testing.T, home string) map[string][][32]byte {
	t.Helper()
	db := openDB(t, home)
	defer db.Close()
	rows, err := db.Query("SELECT b.head, b.body FROM capture c JOIN capture_body b ON b.id = c.id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string][][32]byte{}
	for rows.Next() {
		var head, body []byte
		if err := rows.Scan(&head, &body); err != nil {
			t.Fatal(err)
		}
		all[string(body)] = append(all[string(body)], sha256.Sum256(append(append(head, 0), body...)))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// countCaptures is how many captures a home has.
func countCaptures(t *testing.T, home string) (n int) {
	t.Helper()
	db := openDB(t, home)
	defer db.Close()
	if err := db.QueryRow("SELECT count(*) FROM capture").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// The commands of a team, one after another.
func TestTeamByCommands(t *testing.T) {
	hub, desk := newRig(t), newRig(t)
	hub.ok("source", "add", "generic", "path=/in/shop", "name=shop", "share_credentials=true")
	if got := hub.do("", "hub", "invite", "alice"); got.code != 2 || !strings.Contains(got.errout, "serve --hub") {
		t.Errorf("without a hub: %d %s", got.code, got.errout)
	}
	h := hub.serve("--hub", filepath.Join(hub.home, "hub"), "--hub-addr", "127.0.0.1:0", "--hub-space", "crew")
	invite := strings.TrimSpace(hub.ok("hub", "invite", "alice", "--sources", "shop", "--expires", "30d"))
	if got := desk.do(invite, "join", "-"); got.code != 0 || !strings.Contains(got.out, "joined space crew") {
		t.Fatalf("%d %s%s", got.code, got.out, got.errout)
	}
	d := desk.serve()
	resp, err := http.Post(h.url+"/in/shop?a=1", "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	var line struct {
		ID  int
		Via string
	}
	if err := json.Unmarshal([]byte(strings.SplitN(desk.ok("wait", "--since", "1h", "--json", "space:crew"), "\n", 2)[0]), &line); err != nil || line.Via != "crew" {
		t.Errorf("%+v, %v", line, err)
	}
	if out := hub.ok("hub", "list"); !strings.Contains(out, "alice") || !strings.Contains(out, "shop") {
		t.Error(out)
	}
	var got engine.HubJSON
	if err := json.Unmarshal([]byte(hub.ok("hub", "list", "--json")), &got); err != nil || got.Space != "crew" || len(got.Readers) != 1 || got.Readers[0].Expires == "" {
		t.Errorf("%+v, %v", got, err)
	}
	if out := hub.ok("hub", "config"); !strings.Contains(out, "HG_crew_reader_alice") {
		t.Error(out)
	}
	hub.ok("hub", "revoke", "alice")
	if got := hub.do("", "hub", "revoke", "nobody"); got.code != 2 {
		t.Errorf("%+v", got)
	}
	desk.ok("leave", "crew")
	if got := desk.do("", "leave", "crew"); got.code != 2 {
		t.Errorf("left twice: %+v", got)
	}
	if out := desk.ok("export", "--format", "curl", "space:crew"); !strings.Contains(out, "/in/shop?a=1") {
		t.Error(out)
	}
	if code := h.stop(); code != 0 {
		t.Errorf("the hub ended with %d: %s", code, h.errout)
	}
	d.stop()
	for flag, args := range map[string][]string{
		"--hub-addr":    {"--hub-addr", "127.0.0.1:0"},
		"--relay":       {"--hub", "x", "--relay", "nats://127.0.0.1:1"},
		"--relay-creds": {"--relay", "nats://127.0.0.1:1"},
		"--hub-cert":    {"--hub", filepath.Join(hub.home, "h2"), "--hub-addr", "127.0.0.1:0", "--hub-cert", "none", "--hub-key", "none"},
		"--hub-key":     {"--hub", filepath.Join(hub.home, "h2"), "--hub-addr", "127.0.0.1:0", "--hub-cert", "none"},
		"space":         {"--hub", filepath.Join(hub.home, "h2"), "--hub-space", "ngrok"},
	} {
		if got := hub.do("", append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...); got.code != 2 || !strings.Contains(got.errout, flag) {
			t.Errorf("%v: %d %s", args, got.code, got.errout)
		}
	}
}

// TestFromTheHubWithinToServersOfOnesOwn goes the way of docs/team.md: the hub is started on the same home with servers that the team runs; the
// space is filled with what the history has, the reader comes with a new invite, and has each capture once.
func TestFromTheHubWithinToServersOfOnesOwn(t *testing.T) {
	hub, desk := newRig(t), newRig(t)
	hub.ok("source", "add", "generic", "path=/in/shop", "name=shop")
	post := func(h *serving, body string) {
		t.Helper()
		resp, err := http.Post(h.url+"/in/shop", "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	count := func(n int) {
		t.Helper()
		desk.ok("wait", "--since", "1h", "--count", fmt.Sprint(n), "--timeout", "120s", "space:team")
		if lines := strings.Count(desk.ok("history", "space:team", "--json"), "\n"); lines != n {
			t.Errorf("%d captures are here, want %d", lines, n)
		}
	}
	h := hub.serve("--hub", filepath.Join(hub.home, "hub"), "--hub-addr", "127.0.0.1:0")
	invite := strings.TrimSpace(hub.ok("hub", "invite", "alice"))
	if got := desk.do(invite, "join", "-"); got.code != 0 {
		t.Fatalf("%d %s", got.code, got.errout)
	}
	d := desk.serve()
	post(h, "one")
	post(h, "two")
	count(2)
	h.stop()

	port, jetstream := natstest.Free(t), fmt.Sprintf("jetstream { store_dir: %q, sync_interval: always }\n", t.TempDir())
	server := natstest.New(t, port, jetstream)
	h = hub.serve("--relay", "nats://127.0.0.1:"+port, "--relay-creds", filepath.Join(hub.home, "hub.nk"))
	post(h, "three") // before the servers know the hub
	hub.ok("hub", "revoke", "alice")
	invite = strings.TrimSpace(hub.ok("hub", "invite", "alice"))
	server.Settings(jetstream + hub.ok("hub", "config"))
	server.Reload()
	desk.ok("leave", "team")
	if got := desk.do(invite, "join", "-"); got.code != 0 {
		t.Fatalf("%d %s", got.code, got.errout)
	}
	count(3)
	post(h, "four")
	count(4)
	var bodies []string
	for id := 1; id <= 4; id++ {
		var c engine.CaptureJSON
		if err := json.Unmarshal([]byte(desk.ok("show", fmt.Sprint(id), "--json")), &c); err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, string(c.BodyB64))
	}
	if got := strings.Join(bodies, " "); got != "one two three four" {
		t.Errorf("the reader has %s", got)
	}
	h.stop()
	d.stop()
}
