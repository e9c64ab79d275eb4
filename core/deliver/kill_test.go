package deliver_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/store"
)

const killed = "HOOKGLASS_TEST_KILLED_SENDER"

// TestSenderToBeKilled is the program that TestNothingIsLostWhenKilled starts and kills.
func TestSenderToBeKilled(t *testing.T) {
	path := os.Getenv(killed)
	if path == "" {
		t.Skip("runs only as a child")
	}
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Fatal(deliver.NewDispatcher(s, &deliver.Sender{}).Run(t.Context()))
}

// A sender is killed when a random one of a thousand deliveries has just arrived, 20 times over. None is lost, none is
// delivered without a row that says so, and what arrives twice had an attempt that was interrupted.
func TestNothingIsLostWhenKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills 20 programs")
	}
	receiver := &counting{arrived: map[string]int{}}
	server := httptest.NewServer(receiver)
	defer server.Close()
	path := filepath.Join(t.TempDir(), "h.db")
	rng := rand.New(rand.NewPCG(1, 2))
	var all []core.DeliveryID
	for range 20 {
		all = append(all, topUp(t, path, server.URL, len(all))...)
		runAndKill(t, path, receiver, 1+rng.IntN(400))
	}
	interrupted, twice := finishAll(t, path, all, receiver)
	t.Logf("%d deliveries, %d attempts interrupted, %d arrived more than once", len(all), interrupted, twice)
	if interrupted == 0 {
		t.Error("no kill hit an attempt: the test shows nothing")
	}
}

// topUp adds deliveries until a thousand wait.
func topUp(t *testing.T, path, url string, from int) []core.DeliveryID {
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	states, err := s.DeliveryStates(t.Context(), store.DeliveryFilter{})
	if err != nil {
		t.Fatal(err)
	}
	endpoint := core.EndpointID(1)
	if from == 0 {
		endpoint = putEndpoint(t, s, core.Endpoint{WireID: "w", Concurrency: 32})
	}
	var ds []core.Delivery
	for range 1000 - states[core.Waiting] - states[core.Sending] {
		d := to(url, strconv.Itoa(from+len(ds)+1)) // which is its id, too
		d.Endpoint, d.Created, d.Due = endpoint, time.Now(), time.Now()
		d.Target.Policy = core.RetryPolicy{Retries: 3, Base: 10 * time.Millisecond}
		ds = append(ds, d)
	}
	ids, err := s.AddDeliveries(t.Context(), ds)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// runAndKill runs a sender and kills it while it waits for the answer to its nth delivery.
func runAndKill(t *testing.T, path string, receiver *counting, nth int) {
	hit, dead := receiver.hold(nth)
	defer close(dead)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSenderToBeKilled$")
	child.Env = append(os.Environ(), killed+"="+path)
	var said bytes.Buffer
	child.Stdout, child.Stderr = &said, &said
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { child.Wait(); close(ended) }()
	select {
	case <-hit:
		child.Process.Kill()
		<-ended
	case <-ended:
		t.Fatalf("the sender ended by itself: %s", &said)
	}
}

// finishAll lets a last run end in peace and compares its rows with what arrived.
func finishAll(t *testing.T, path string, all []core.DeliveryID, receiver *counting) (interrupted, twice int) {
	r := openRig(t, path)
	r.sender.Dial = nil
	stop := r.start()
	for rev := uint64(0); ; {
		states, err := r.store.DeliveryStates(t.Context(), store.DeliveryFilter{})
		if err != nil {
			t.Fatal(err)
		}
		if states[core.Waiting]+states[core.Sending] == 0 {
			break
		}
		if rev, err = r.store.Feed().Wait(t.Context(), rev); err != nil {
			t.Fatalf("%v; states %v", err, states)
		}
	}
	stop()
	for _, id := range all {
		as := r.attempts(id)
		broken, answered := 0, 0
		for _, a := range as {
			switch {
			case a.Failure == deliver.Interrupted:
				broken++
			case a.OK():
				answered++
			}
		}
		arrived := receiver.arrived[strconv.Itoa(int(id))]
		if d := r.delivery(id); d.State != core.Delivered || answered != 1 {
			t.Errorf("delivery %d is %s with %d answers", id, d.State, answered)
		}
		if arrived < answered || arrived > answered+broken {
			t.Errorf("delivery %d arrived %d times; its rows say %d answered, %d interrupted", id, arrived, answered, broken)
		}
		interrupted += broken
		if arrived > 1 {
			twice++
		}
	}
	return interrupted, twice
}

// counting is a receiver that counts what arrives, and can keep one delivery waiting.
type counting struct {
	mu        sync.Mutex
	arrived   map[string]int
	left      int // until the one that is kept waiting
	hit, dead chan struct{}
}

// hold has the nth delivery from now on close hit, and wait for dead.
func (c *counting) hold(nth int) (hit <-chan struct{}, dead chan<- struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.hit, c.dead = nth, make(chan struct{}), make(chan struct{})
	return c.hit, c.dead
}

func (c *counting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender died in the middle
	}
	c.mu.Lock()
	c.arrived[string(body)]++
	c.left--
	kept, hit, dead := c.left == 0, c.hit, c.dead
	c.mu.Unlock()
	if kept {
		close(hit)
		<-dead
	}
}
