package store_test

import (
	"context"
	"database/sql"
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
		err := st.Waiting(ctx, after, func(id core.DeliveryID, _ core.EndpointID, _ string, _ time.Time) error {
			ids = append(ids, id)
			return nil
		})
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

// TestLogStaysSmallBesideReaders: readers that follow one another, each before the last has ended, do not keep the log from
// beginning anew.
func TestLogStaysSmallBesideReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := must1(store.Open(t.Context(), path))(t)
	defer s.Close()
	keep(t, s, 1, nil)
	done := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		var reads [2]*sql.Tx
		db := must1(sql.Open("sqlite3", path+"?mode=ro&_busy_timeout=5000"))(t)
		defer db.Close()
		for i := 0; ; i++ {
			tx, err := db.Begin()
			if err == nil {
				err = tx.QueryRow("SELECT count(*) FROM capture").Scan(new(int))
			}
			if err != nil {
				t.Error(err)
				return
			}
			if old := reads[i%2]; old != nil {
				old.Rollback()
			}
			reads[i%2] = tx
			select {
			case <-done:
				reads[0].Rollback()
				if reads[1] != nil {
					reads[1].Rollback()
				}
				return
			default:
			}
		}
	})
	const size = 256 << 10
	var most int64
	for range 2_000 { // 512 MB, which the log would have in the end
		keep(t, s, 1, func(_ int, c *core.Capture) { c.Request.Body = make([]byte, size) })
		most = max(most, must1(os.Stat(path+"-wal"))(t).Size())
	}
	close(done)
	reader.Wait()
	if limit := int64(384 << 20); most > limit { // on a starved machine the first waits are too short, and the later ones are not
		t.Errorf("the log had %d MB, want at most %d", most>>20, limit>>20)
	}
	must(t, s.Check(t.Context()))
}

// TestClosedBesideAReader: another program that reads is the last to close the file, and cannot carry the log over.
func TestClosedBesideAReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := must1(store.Open(t.Context(), path))(t)
	r := must1(store.OpenRead(t.Context(), path))(t)
	defer r.Close()
	ids := keep(t, s, 50, nil)
	must1(r.Captures(t.Context(), store.Query{}, 0, 10))(t)
	must(t, s.Close())
	copied := filepath.Join(t.TempDir(), "copy.db")
	must(t, os.WriteFile(copied, must1(os.ReadFile(path))(t), 0o600))
	c := must1(store.Open(t.Context(), copied))(t)
	defer c.Close()
	if got := must1(c.CaptureIDs(t.Context(), store.Query{}, 0))(t); len(got) != len(ids) {
		t.Errorf("the copy has %d captures of %d", len(got), len(ids))
	}
}
