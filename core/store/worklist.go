package store

import (
	"context"
	"fmt"
	"time"

	"hookglass/core"
)

// WorkFilter narrows a list of work items. The zero value matches all.
type WorkFilter struct {
	State    string
	Platform string
	Source   core.SourceID
	Open     bool // only unfinished
	Failed   bool
	Text     string // in the title or the id
}

func (f WorkFilter) sql(before int64) (where string, args []any) {
	where = "1"
	add := func(cond string, arg ...any) { where += " AND " + cond; args = append(args, arg...) }
	if f.State != "" {
		add("state=?", f.State)
	}
	if f.Platform != "" {
		add("platform=?", f.Platform)
	}
	if f.Source != 0 {
		add("source=?", int64(f.Source))
	}
	if f.Open {
		add("final=0")
	}
	if f.Failed {
		add("failed=1")
	}
	if f.Text != "" {
		add(`(title LIKE ? ESCAPE '\' OR wire LIKE ? ESCAPE '\')`, contains(f.Text), contains(f.Text))
	}
	if before > 0 {
		add("id < ?", before)
	}
	return where, args
}

// WorkRow is what a list shows of a work item.
type WorkRow struct {
	Row           int64  // its number, the key for [Store.WorkAt]
	ID            string // the wire id
	Platform      string
	Source        core.SourceID
	SourceName    string
	Capture       core.CaptureID
	Created       time.Time
	Changed       time.Time // when something last happened
	State         string
	Final, Failed bool
	Cost          float64
	Steps         int
	Title         string
}

// WorkRows lists work, newest first, older than the row before when it is not 0.
func (s *Store) WorkRows(ctx context.Context, f WorkFilter, before int64, limit int) ([]WorkRow, error) {
	where, args := f.sql(before)
	return list(ctx, s.read, "list work", scanWorkRow, `SELECT id, wire, platform, source, capture, created, changed, state, final, failed, cost, steps, name, title
		FROM work WHERE `+where+" ORDER BY id DESC LIMIT ?", append(args, limit)...)
}

func scanWorkRow(row scanner) (r WorkRow, err error) {
	var created, changed int64
	err = row.Scan(&r.Row, &r.ID, &r.Platform, &r.Source, &r.Capture, &created, &changed, &r.State, &r.Final, &r.Failed, &r.Cost, &r.Steps,
		&r.SourceName, &r.Title)
	r.Created, r.Changed = time.Unix(0, created), time.Unix(0, changed)
	return r, err
}

// WorkItems lists work whole, newest first, older than the row before when it is not 0. The rows' numbers are
// returned beside the items, as keys for the next page.
func (s *Store) WorkItems(ctx context.Context, f WorkFilter, before int64, limit int) ([]core.WorkItem, []int64, error) {
	where, args := f.sql(before)
	rows, err := s.read.QueryContext(ctx, "SELECT id, doc FROM work WHERE "+where+" ORDER BY id DESC LIMIT ?", append(args, limit)...)
	if err != nil {
		return nil, nil, fmt.Errorf("list work: %w", err)
	}
	defer rows.Close()
	var items []core.WorkItem
	var ids []int64
	for rows.Next() {
		var id int64
		var doc string
		if err := rows.Scan(&id, &doc); err != nil {
			return nil, nil, err
		}
		w, err := decodeWork(doc)
		if err != nil {
			return nil, nil, fmt.Errorf("read work %d: %w", id, err)
		}
		items, ids = append(items, w), append(ids, id)
	}
	return items, ids, rows.Err()
}

// WorkAt reads the work item of a row.
func (s *Store) WorkAt(ctx context.Context, row int64) (core.WorkItem, error) {
	items, err := s.workDocs(ctx, "SELECT doc FROM work WHERE id=?", row)
	if err == nil && len(items) == 0 {
		err = fmt.Errorf("work item in row %d: %w", row, core.ErrNotFound)
	}
	if err != nil {
		return core.WorkItem{}, err
	}
	return items[0], nil
}

// WorkOfCapture reads the work items that a capture started, oldest first.
func (s *Store) WorkOfCapture(ctx context.Context, id core.CaptureID) ([]core.WorkItem, error) {
	return s.workDocs(ctx, "SELECT doc FROM work WHERE capture=? ORDER BY id", int64(id))
}

// WorkCount is how many work items are in a state, and what the state means.
type WorkCount struct {
	State         string
	Final, Failed bool
	Items         int64
}

// WorkStates counts work items by state: those under way first, then by how many there are.
func (s *Store) WorkStates(ctx context.Context) ([]WorkCount, error) {
	return list(ctx, s.read, "count work", func(row scanner) (c WorkCount, err error) {
		if err := row.Scan(&c.State, &c.Final, &c.Failed, &c.Items); err != nil {
			return c, err
		}
		return c, nil
	}, `SELECT state, final, failed, count(*) FROM work GROUP BY state, final, failed
		ORDER BY final, failed, count(*) DESC, state`)
}
