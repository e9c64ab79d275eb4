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

// migrate runs the numbered migrations that the file has not seen, each in its own transaction. The file's
// number of them is SQLite's user_version.
func migrate(ctx context.Context, db *sql.DB) error {
	have, err := version(ctx, db)
	if err != nil {
		return err
	}
	all, err := scripts()
	if err != nil {
		return err
	}
	if err := tooNew(have, len(all)); err != nil {
		return err
	}
	if have == 0 {
		// The page size is chosen before the first table; see the measurements of the design.
		if _, err := db.ExecContext(ctx, "PRAGMA journal_mode=DELETE; PRAGMA page_size=16384; VACUUM; PRAGMA journal_mode=WAL"); err != nil {
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

func version(ctx context.Context, db *sql.DB) (n int, err error) {
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&n)
	return n, err
}

func checkVersion(ctx context.Context, db *sql.DB) error {
	have, err := version(ctx, db)
	if err != nil {
		return err
	}
	all, err := scripts()
	if err != nil {
		return err
	}
	if have < len(all) {
		return &core.Invalid{Field: "history", Reason: "made by an older version; open it once with the window or hookglass serve to bring it up to date"}
	}
	return tooNew(have, len(all))
}

func tooNew(have, known int) error {
	if have > known {
		return &core.Invalid{Field: "history", Reason: fmt.Sprintf(
			"made by a newer version (schema %d, this program knows %d); update Hookglass or choose another folder with --home DIR", have, known)}
	}
	return nil
}
