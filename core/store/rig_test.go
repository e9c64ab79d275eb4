package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// noon is when most of these tests happen.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// raw changes the file behind the store's back, as an older version, a tool or a fault of the disk would.
func raw(t *testing.T, path, query string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite3", path+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must1 is must for what comes with an error.
func must1[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// words are things in a row, for comparing.
func words[T any](all []T) string { return strings.Trim(fmt.Sprint(all), "[]") }

// keep stores n captures, each changed.
func keep(t testing.TB, s *store.Store, n int, change func(i int, c *core.Capture)) (ids []core.CaptureID) {
	t.Helper()
	for i := range n {
		c := sample(0)
		if change != nil {
			change(i, c)
		}
		must(t, s.AddCapture(c, nil))
		ids = append(ids, c.ID)
	}
	return ids
}

// keepAtOnce is keep in few commits and in any order.
func keepAtOnce(t *testing.T, s *store.Store, n int, change func(i int, c *core.Capture)) {
	t.Helper()
	atOnce(t, n, func(i int) error {
		c := sample(0)
		change(i, c)
		return s.AddCapture(c, nil)
	})
}

// owe stores deliveries.
func owe(t testing.TB, s *store.Store, ds ...core.Delivery) []core.DeliveryID {
	t.Helper()
	return must1(s.AddDeliveries(context.Background(), ds))(t)
}

// atOnce calls do n times at the same moment.
func atOnce(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-begin
			if err := do(i); err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	all.Wait()
}

var errUnwanted = errors.New("not wanted")
