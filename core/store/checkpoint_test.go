package store_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// TestLogStaysSmall writes many times what the log may hold, without a pause in which it could begin anew by itself.
func TestLogStaysSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	st, err := store.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	const writers, each, size = 8, 400, 60_000
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				c := &core.Capture{At: time.Now(), Request: core.Request{Method: "POST", Target: "/", Body: make([]byte, size), Size: size},
					Receipt: core.Receipt{Outcome: core.Accepted}}
				if err := st.AddCapture(c, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	log, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if most := int64(128 << 20); log.Size() > most {
		t.Errorf("after %d MB the log has %d MB, want at most %d", writers*each*size>>20, log.Size()>>20, most>>20)
	}
	if u, err := st.Usage(context.Background()); err != nil || u.Captures != writers*each {
		t.Errorf("%d captures, want %d; %v", u.Captures, writers*each, err)
	}
	if err := st.Check(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestWaitingSeesWhatIsNew asks the way the dispatcher does: from the newest that it knows.
func TestWaitingSeesWhatIsNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	ctx := context.Background()
	st, err := store.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	waiting := func(after core.DeliveryID) (ids []core.DeliveryID) {
		t.Helper()
		err := st.Waiting(ctx, after, func(id core.DeliveryID, _ core.EndpointID, _ time.Time) error { ids = append(ids, id); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	owe := func(n int) {
		t.Helper()
		if _, err := st.AddDeliveries(ctx, make([]core.Delivery, n)); err != nil {
			t.Fatal(err)
		}
	}
	if got := waiting(0); len(got) != 0 {
		t.Errorf("an empty history: %v", got)
	}
	owe(2)
	if got := waiting(0); len(got) != 2 {
		t.Errorf("from the start: %v, want two", got)
	}
	owe(1)
	if got := waiting(2); len(got) != 1 || got[0] != 3 {
		t.Errorf("after 2: %v, want 3", got)
	}
	if got := waiting(3); len(got) != 0 {
		t.Errorf("after 3: %v, want none", got)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if st, err = store.Open(ctx, path); err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if got := waiting(0); len(got) != 3 {
		t.Errorf("opened again: %v, want three", got)
	}
	if got := waiting(1); len(got) != 2 {
		t.Errorf("opened again, after 1: %v, want two", got)
	}
}
