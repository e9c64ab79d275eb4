package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"hookglass/core"
)

// Batch is deliveries that belong together: those of one replay, or all that a source forwards.
type Batch struct {
	Name    string
	URL     string // of its first delivery
	Created time.Time
	Count   int64
}

// Batches returns the newest batches. It walks the names alone, so that a history with many deliveries in few
// batches answers as quickly as a small one.
func (s *Store) Batches(ctx context.Context, limit int) ([]Batch, error) {
	return list(ctx, s.read, "list batches", func(row scanner) (b Batch, err error) {
		var created int64
		if err := row.Scan(&b.Name, &b.URL, &created, &b.Count); err != nil {
			return b, err
		}
		b.Created = time.Unix(0, created)
		return b, nil
	}, `
		WITH RECURSIVE names(batch) AS (
			SELECT max(batch) FROM delivery WHERE batch > ''
			UNION ALL
			SELECT (SELECT max(d.batch) FROM delivery d WHERE d.batch > '' AND d.batch < names.batch) FROM names WHERE names.batch IS NOT NULL)
		SELECT n.batch, d.url, d.created, (SELECT count(*) FROM delivery c WHERE c.batch = n.batch AND c.batch > '')
		FROM names n JOIN delivery d ON d.id = (SELECT min(f.id) FROM delivery f WHERE f.batch = n.batch AND f.batch > '')
		WHERE n.batch IS NOT NULL ORDER BY d.id DESC LIMIT ?`, limit)
}

// Planned is how many attempts the policies of deliveries allow, by delivery: for lists, which read no documents.
func (s *Store) Planned(ctx context.Context, ids []core.DeliveryID) (map[core.DeliveryID]int, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT b.id, coalesce(json_extract(b.doc, '$.target.policy.retries'), 0) FROM delivery_body b
		WHERE b.id IN (SELECT value FROM json_each(?))`, string(list))
	if err != nil {
		return nil, fmt.Errorf("read the plans of deliveries: %w", err)
	}
	defer rows.Close()
	out := make(map[core.DeliveryID]int, len(ids))
	for rows.Next() {
		var id int64
		var retries int
		if err := rows.Scan(&id, &retries); err != nil {
			return nil, fmt.Errorf("read the plans of deliveries: %w", err)
		}
		out[core.DeliveryID(id)] = retries + 1
	}
	return out, rows.Err()
}
