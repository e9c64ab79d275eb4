package store

import (
	"context"
	"fmt"
	"time"
)

// Pulse counts arrivals over time: how many, and how many of them went wrong, answered 400 or more or with a signature
// that does not hold.
type Pulse struct{ All, Wrong []float64 }

// pulseRows bounds how many captures a pulse looks at, so that it stays cheap under load.
const pulseRows = 50_000

// Pulse counts the newest captures that match q in buckets of the width that ends at now.
func (s *Store) Pulse(ctx context.Context, q Query, now time.Time, width time.Duration, buckets int) (Pulse, error) {
	p := Pulse{make([]float64, buckets), make([]float64, buckets)}
	where, args := q.sql()
	start := now.Add(-width * time.Duration(buckets))
	rows, err := s.read.QueryContext(ctx, `SELECT (c.at - ?) / ?, count(*), sum(`+wentWrong+` OR `+badSignature+`)
		FROM capture c`+q.join()+` WHERE c.id > (SELECT coalesce(max(id), 0) FROM capture) - ? AND c.at >= ? AND `+where+` GROUP BY 1`,
		append([]any{start.UnixNano(), int64(width), pulseRows, start.UnixNano()}, args...)...)
	if err != nil {
		return p, fmt.Errorf("count captures: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var bucket, all, wrong int64
		if err := rows.Scan(&bucket, &all, &wrong); err != nil {
			return p, err
		}
		if bucket >= 0 && bucket < int64(buckets) {
			p.All[bucket], p.Wrong[bucket] = float64(all), float64(wrong)
		}
	}
	return p, rows.Err()
}

// CountCap bounds what a count looks at, so that it stays cheap whatever the history holds.
const CountCap = 10_000

// CountWithin looks at the newest CountCap captures that match kind, and counts those of them that match rest too.
func (s *Store) CountWithin(ctx context.Context, kind, rest Query) (n int64, err error) {
	inner, args := kind.sql()
	outer, more := rest.sql()
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT c.* FROM capture c"+kind.join()+" WHERE "+inner+" ORDER BY c.id DESC LIMIT ?) c"+
		rest.join()+" WHERE "+outer, append(append(args, CountCap), more...)...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count captures: %w", err)
	}
	return n, nil
}
