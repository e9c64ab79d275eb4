package store

import (
	"context"
	"encoding/json"

	"hookglass/core"
)

// Tried is an attempt's place in the order in which attempts were begun.
type Tried struct {
	Place    int64
	Delivery core.DeliveryID
	Number   int
	ReplayOf core.CaptureID // of the delivery
	Done     bool
}

// TriedAfter lists, in that order, the attempts of some places, and up to limit of those behind one.
func (s *Store) TriedAfter(ctx context.Context, after int64, places []int64, limit int) ([]Tried, error) {
	if places == nil {
		places = []int64{}
	}
	some, err := json.Marshal(places)
	if err != nil {
		return nil, err
	}
	return list(ctx, s.read, "list attempts", func(row scanner) (t Tried, err error) {
		err = row.Scan(&t.Place, &t.Delivery, &t.Number, &t.ReplayOf, &t.Done)
		return t, err
	}, `SELECT a.id, a.delivery, a.number, d.replay_of, a.done FROM attempt a JOIN delivery d ON d.id = a.delivery
		WHERE a.id > ? OR a.id IN (SELECT value FROM json_each(?)) ORDER BY a.id LIMIT ?`, after, string(some), limit+len(places))
}

// TriedSoFar is the place of the newest attempt, and the places of those under way.
func (s *Store) TriedSoFar(ctx context.Context) (last int64, open []int64, err error) {
	newest, err := list(ctx, s.read, "list attempts", one[int64], "SELECT id FROM attempt ORDER BY id DESC LIMIT 1")
	if err != nil || len(newest) == 0 {
		return 0, nil, err
	}
	open, err = list(ctx, s.read, "list attempts", one[int64], "SELECT id FROM attempt WHERE done = 0 AND id <= ? ORDER BY id", newest[0])
	return newest[0], open, err
}
