package store

import (
	"context"
	"database/sql"
	"fmt"
)

// scanner is one row: of a query for one, or of many.
type scanner interface{ Scan(...any) error }

// list reads all rows of a query, each by scan; doing names it in an error.
func list[T any](ctx context.Context, db *sql.DB, doing string, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, worded(err))
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doing, worded(err))
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, worded(err))
	}
	return out, nil
}

// one is the scan of a query for a single column.
func one[T any](row scanner) (v T, err error) {
	err = row.Scan(&v)
	return v, err
}
