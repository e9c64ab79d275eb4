package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"sort"

	"hookglass/core"
)

// A migration, once released, is never edited.
//
//go:embed migrations/*.sql
var migrations embed.FS

const pageSize = 16 << 10

// migrate runs the numbered migrations that the file has not seen, each in its own transaction. The file's
// number of them is SQLite's user_version.
func migrate(ctx context.Context, db *sql.DB) error {
	have, all, err := ours(ctx, db)
	if err != nil {
		return err
	}
	if have == 0 {
		// The page size is chosen before the first table; see the measurements of the design.
		if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA journal_mode=DELETE; PRAGMA auto_vacuum=incremental; PRAGMA page_size=%d; VACUUM; PRAGMA journal_mode=WAL", pageSize)); err != nil {
			return fmt.Errorf("prepare history: %w", err)
		}
	}
	for i := have; i < len(all); i++ {
		if err := apply(ctx, db, i+1, all[i]); err != nil {
			return err
		}
	}
	return nil
}

func apply(ctx context.Context, db *sql.DB, number int, name string) error {
	script, err := migrations.ReadFile("migrations/" + name)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, string(script)); err != nil {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version=%d", number)); err != nil {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	return tx.Commit()
}

func scripts() ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	for i := range names {
		names[i] = names[i][len("migrations/"):]
	}
	sort.Strings(names)
	return names, err
}

// ours reads the number of migrations that a file has seen, and refuses one that Hookglass did not make or that would run
// something of its own: a trigger or a view in it is somebody's SQL.
func ours(ctx context.Context, db *sql.DB) (have int, all []string, err error) {
	if err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return 0, nil, err
	}
	if all, err = scripts(); err != nil {
		return 0, nil, err
	}
	if have > len(all) {
		return 0, nil, &core.Invalid{Field: "history", Reason: fmt.Sprintf(
			"made by a newer version (schema %d, this program knows %d); update Hookglass or choose another folder with --home DIR", have, len(all))}
	}
	var kind, name sql.NullString
	var tables, known int
	err = db.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE type = 'table'), count(*) FILTER (WHERE type = 'table' AND name IN ('source', 'capture', 'setting')),
		max(type) FILTER (WHERE type IN ('trigger', 'view')), max(name) FILTER (WHERE type IN ('trigger', 'view')) FROM sqlite_master`).Scan(&tables, &known, &kind, &name)
	switch {
	case err != nil:
		return 0, nil, err
	case kind.Valid:
		return 0, nil, &core.Invalid{Field: "history", Reason: fmt.Sprintf(
			"it holds a %s (%.60q), and Hookglass makes none: somebody put it there, and it is not run; choose another folder with --home DIR", kind.String, name.String)}
	case have < 0, have == 0 && tables > 0, have > 0 && known < 3:
		return 0, nil, &core.Invalid{Field: "history", Reason: fmt.Sprintf(
			"not a Hookglass history (schema %d, %d tables); move it away or choose another folder with --home DIR", have, tables)}
	}
	return have, all, nil
}

func checkVersion(ctx context.Context, db *sql.DB) error {
	have, all, err := ours(ctx, db)
	if err == nil && have < len(all) {
		err = &core.Invalid{Field: "history", Reason: "made by an older version; open it once with the window or hookglass serve to bring it up to date"}
	}
	return err
}
