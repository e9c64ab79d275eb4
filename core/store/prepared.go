package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// prepared are the statements that write, on the writer's connection. They go past database/sql, whose pool, locks and
// conversions have nothing to do for the one user of one connection: it costs as much as a fifth of SQLite's own work.
// The connection is used inside [sql.Conn.Raw] alone, as that asks.
type prepared struct {
	conn  *sql.Conn
	stmts map[string]*sqlite3.SQLiteStmt
	args  []driver.NamedValue

	// What the call under way is given and gives back, so that it needs no func of its own.
	query string
	n     int
	res   driver.Result
	call  func(any) error
}

// argsMost is how many values a statement of ours has at most.
const argsMost = 32

func newPrepared(conn *sql.Conn) *prepared {
	p := &prepared{conn: conn, stmts: map[string]*sqlite3.SQLiteStmt{}, args: make([]driver.NamedValue, argsMost)}
	for i := range p.args {
		p.args[i].Ordinal = i + 1
	}
	p.call = p.run
	return p
}

// exec runs a literal query that returns no rows.
func (p *prepared) exec(query string, args ...any) (driver.Result, error) {
	if len(args) > len(p.args) {
		return nil, fmt.Errorf("%d values for one statement", len(args))
	}
	for i, a := range args {
		switch v := a.(type) {
		case nil, int64, string, []byte, bool:
			p.args[i].Value = a
		case int:
			p.args[i].Value = int64(v)
		default:
			var err error
			if p.args[i].Value, err = driver.DefaultParameterConverter.ConvertValue(a); err != nil {
				return nil, fmt.Errorf("value %d: %w", i+1, err)
			}
		}
	}
	p.query, p.n = query, len(args)
	err := p.conn.Raw(p.call)
	for i := range args {
		p.args[i].Value = nil
	}
	return p.res, err
}

func (p *prepared) run(conn any) (err error) {
	st := p.stmts[p.query]
	if st == nil {
		if st, err = prepareOne(conn, p.query); err != nil {
			return err
		}
		p.stmts[p.query] = st
	}
	if want := st.NumInput(); want != p.n {
		return fmt.Errorf("%d values for a statement of %d", p.n, want)
	}
	p.res, err = st.ExecContext(context.Background(), p.args[:p.n]) // a commit under way is not given up half done
	return err
}

func prepareOne(conn any, query string) (*sqlite3.SQLiteStmt, error) {
	c, ok := conn.(*sqlite3.SQLiteConn)
	if !ok {
		return nil, fmt.Errorf("%T is no connection to SQLite", conn)
	}
	st, err := c.Prepare(query)
	if err != nil {
		return nil, err
	}
	return st.(*sqlite3.SQLiteStmt), nil
}

// close ends the statements. It comes before the end of their connection, see [writer.release].
func (p *prepared) close() error {
	return p.conn.Raw(func(any) error {
		var errs error
		for _, st := range p.stmts {
			errs = errors.Join(errs, st.Close())
		}
		clear(p.stmts)
		return errs
	})
}
