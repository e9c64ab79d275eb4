package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
)

// The long runs are those of make crash: HOOKGLASS_CRASH=full.
func rounds(short, full int) int {
	if os.Getenv("HOOKGLASS_CRASH") == "full" {
		return full
	}
	return short
}

// TestKillWhileCapturing: an answer to a sender means that the capture is on disk, whatever becomes of the program.
func TestKillWhileCapturing(t *testing.T) {
	posts := rounds(4_000, 20_000)
	r := newRig(t)
	workspace := r.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/crash"}]}`)
	chance := rand.New(rand.NewPCG(1, 2))
	answered := map[string]bool{}
	for round := range rounds(2, 10) {
		s := r.serve("--workspace", workspace)
		now := postUntilKilled(s, round, posts, posts/10+chance.IntN(posts*8/10))
		for _, id := range now {
			answered[id] = true
		}
		s = r.serve("--workspace", workspace) // what an upgrade or a reboot does next
		kept := capturesByQuery(t, r.home)
		lost, twice := 0, 0
		for id := range answered {
			if kept[id] == 0 {
				lost++
			}
		}
		for _, n := range kept {
			if n > 1 {
				twice++
			}
		}
		if lost+twice > 0 {
			t.Errorf("round %d: of %d answered, %d are lost; %d are there twice", round, len(answered), lost, twice)
		}
		checkIntegrity(t, r.home)
		t.Logf("round %d: kill -9 after %d answers to %d posts; %d captures in all, %d lost, %d twice", round, len(now), posts, len(kept), lost, twice)
		if code := s.stop(); code != 0 {
			t.Errorf("the restarted program ended with %d: %s", code, s.errout)
		}
	}
}

// postUntilKilled posts over many connections, kills the program when so many were answered, and returns the ids of
// the answered ones.
func postUntilKilled(s *serving, round, posts, after int) []string {
	const connections = 128
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var (
		next, done atomic.Int64
		kill       sync.Once
		workers    sync.WaitGroup
		mu         sync.Mutex
		answered   []string
	)
	for range connections {
		workers.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(posts) {
					return
				}
				id := fmt.Sprintf("%d-%d", round, n)
				resp, err := client.Post(s.url+"/in/crash?id="+id, "text/plain", bytes.NewReader(crashBody(id)))
				if err != nil {
					return // it is dead
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					mu.Lock()
					answered = append(answered, id)
					mu.Unlock()
				}
				if done.Add(1) == int64(after) {
					kill.Do(s.kill)
				}
			}
		})
	}
	workers.Wait()
	kill.Do(s.kill) // fewer were answered than hoped for
	return answered
}

// crashBody is a body of about a KiB that says whose it is.
func crashBody(id string) []byte {
	return append([]byte(id+" "), bytes.Repeat([]byte("x"), 1000)...)
}

// capturesByQuery counts the captures by the id in their target. A body that is not the id's own fails.
func capturesByQuery(t *testing.T, home string) map[string]int {
	t.Helper()
	db := openDB(t, home)
	defer db.Close()
	rows, err := db.Query("SELECT substr(c.target, length('/in/crash?id=')+1), b.body FROM capture c LEFT JOIN capture_body b ON b.id = c.id WHERE c.target LIKE '/in/crash?id=%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	kept := map[string]int{}
	for rows.Next() {
		var id string
		var body []byte
		if err := rows.Scan(&id, &body); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(body, crashBody(id)) {
			t.Errorf("the body of %s is not its own: %.40q", id, body)
		}
		kept[id]++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return kept
}

func openDB(t *testing.T, home string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+engine.HistoryPath(home)+"?mode=ro&_busy_timeout=10000")
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func checkIntegrity(t *testing.T, home string) {
	t.Helper()
	db := openDB(t, home)
	defer db.Close()
	var said string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&said); err != nil || said != "ok" {
		t.Errorf("integrity_check: %s %v", said, err)
	}
}

// TestKillWhileSending: what is owed is delivered after a restart, at least once, and the interrupted attempts are
// told as such.
func TestKillWhileSending(t *testing.T) {
	const owed = 1_000
	r := newRig(t)
	workspace := r.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/crash"}]}`)
	sink := newSink(t)
	s := r.serve("--workspace", workspace)
	for n := range owed {
		resp, err := http.Post(s.url+"/in/crash", "text/plain", bytes.NewReader(fmt.Appendf(nil, "%d", n)))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	chance := rand.New(rand.NewPCG(3, 4))
	for round := range rounds(2, 20) {
		dead := make(chan struct{})
		sink.reset(1+chance.IntN(owed*8/10), func() { s.kill(); close(dead) })
		var began struct{ Deliveries []core.DeliveryID }
		s.ask("POST", "/_/replay", map[string]any{"query": "method:POST", "to": sink.URL}, &began)
		if len(began.Deliveries) != owed {
			t.Fatalf("%d deliveries are owed, want %d", len(began.Deliveries), owed)
		}
		sink.open()
		<-dead
		s = r.serve("--workspace", workspace)
		s.until("the end of all deliveries", func() bool { return s.count("waiting")+s.count("sending") == 0 })
		seen := sink.seen()
		interrupted := checkDelivered(t, r.home, began.Deliveries)
		again := 0
		for n := range owed {
			switch times := seen[fmt.Sprint(n)]; {
			case times == 0:
				t.Errorf("round %d: delivery of %d never arrived", round, n)
			case times > 1:
				again++
			}
		}
		if again > interrupted {
			t.Errorf("round %d: %d arrived more than once, but only %d attempts are told as interrupted", round, again, interrupted)
		}
		checkIntegrity(t, r.home)
		t.Logf("round %d: %d attempts were interrupted by kill -9, %d of them had arrived and arrived again, %d of %d delivered", round, interrupted, again, len(seen), owed)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("ended with %d: %s", code, s.errout)
	}
}

// checkDelivered wants every delivery in state delivered and returns how many attempts at them were interrupted.
func checkDelivered(t *testing.T, home string, ids []core.DeliveryID) (interrupted int) {
	t.Helper()
	db := openDB(t, home)
	defer db.Close()
	first, last := int64(ids[0]), int64(ids[len(ids)-1])
	var delivered int
	if err := db.QueryRow("SELECT count(*) FROM delivery WHERE state='delivered' AND id BETWEEN ? AND ?", first, last).Scan(&delivered); err != nil {
		t.Fatal(err)
	}
	if delivered != len(ids) {
		t.Errorf("%d of %d are delivered", delivered, len(ids))
	}
	if err := db.QueryRow("SELECT count(*) FROM attempt WHERE failure='interrupted' AND delivery BETWEEN ? AND ?", first, last).Scan(&interrupted); err != nil {
		t.Fatal(err)
	}
	return interrupted
}

// count is how many deliveries are in a state, up to 10.
func (s *serving) count(state string) int {
	s.Helper()
	var some []engine.DeliveryJSON
	s.ask("GET", "/_/deliveries?limit=10&state="+state, nil, &some)
	return len(some)
}

// until asks a program again and again: it is another process, so nothing here can be told when to look.
func (s *serving) until(what string, ok func() bool) {
	s.Helper()
	limit, tick := time.After(patience), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			s.Fatalf("%s did not come about in %v", what, patience)
		}
	}
}

// sink receives deliveries once it is open and, when so many have come, has something done.
type sink struct {
	*httptest.Server
	mu    sync.Mutex
	gate  chan struct{}
	times map[string]int // by body
	left  int
	then  func()
}

func newSink(t *testing.T) *sink {
	s := &sink{}
	s.reset(0, nil)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		s.mu.Lock()
		gate := s.gate
		s.mu.Unlock()
		<-gate
		s.mu.Lock()
		s.times[string(body)]++
		s.left--
		if s.left == 0 {
			go s.then()
		}
		s.mu.Unlock()
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sink) reset(after int, then func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times, s.left, s.then, s.gate = map[string]int{}, after, then, make(chan struct{})
}

// open lets the deliveries in: all of them are owed now.
func (s *sink) open() { close(s.gate) }

func (s *sink) seen() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]int{}
	for k, v := range s.times {
		out[k] = v
	}
	return out
}
