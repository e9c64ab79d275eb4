package deliver_test

import (
	"context"
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

// A sender is killed at random moments with a thousand deliveries under way, 20 times over. None is lost, none is delivered
// without a row that says so, and what arrives twice had an attempt that was interrupted.
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
		runAndKill(t, path, time.Duration(60+rng.IntN(250))*time.Millisecond)
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

func runAndKill(t *testing.T, path string, after time.Duration) {
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSenderToBeKilled$")
	child.Env = append(os.Environ(), killed+"="+path)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	child.Process.Kill()
	child.Wait()
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
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		rev, err = r.store.Feed().Wait(ctx, rev)
		cancel()
		if err != nil {
			t.Fatalf("no progress; states %v", states)
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

// counting is a receiver that takes some time and counts what arrives.
type counting struct {
	mu      sync.Mutex
	arrived map[string]int
}

func (c *counting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender died in the middle
	}
	c.mu.Lock()
	c.arrived[string(body)]++
	n := c.arrived[string(body)]
	c.mu.Unlock()
	time.Sleep(time.Duration(5+n%3*10) * time.Millisecond)
}
