package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hookglass/core"
)

const endpointColumns = "id, doc, triggered, delivered, failed"

// Endpoints returns all endpoints in the order they were made.
func (s *Store) Endpoints(ctx context.Context) ([]core.Endpoint, error) {
	return list(ctx, s.read, "list endpoints", scanEndpoint, "SELECT "+endpointColumns+" FROM endpoint ORDER BY id")
}

const selectEndpoint = "SELECT " + endpointColumns + " FROM endpoint WHERE id=?"

// Endpoint reads one.
func (s *Store) Endpoint(ctx context.Context, id core.EndpointID) (core.Endpoint, error) {
	return readEndpoint(s.read.QueryRowContext(ctx, selectEndpoint, int64(id)), id)
}

func readEndpoint(row scanner, id core.EndpointID) (core.Endpoint, error) {
	e, err := scanEndpoint(row)
	if errors.Is(err, sql.ErrNoRows) {
		err = core.ErrNotFound
	}
	if err != nil {
		return e, fmt.Errorf("endpoint %d: %w", id, err)
	}
	return e, nil
}

func scanEndpoint(row scanner) (core.Endpoint, error) {
	var (
		e                                core.Endpoint
		id, triggered, delivered, failed int64
		doc                              string
	)
	if err := row.Scan(&id, &doc, &triggered, &delivered, &failed); err != nil {
		return e, err
	}
	if err := json.Unmarshal([]byte(doc), &e); err != nil {
		return e, err
	}
	e.ID, e.Delivered, e.Failed, e.LastTriggered = core.EndpointID(id), delivered, failed, time.Time{}
	if triggered != 0 {
		e.LastTriggered = time.Unix(0, triggered)
	}
	return e, nil
}

// PutEndpoint stores a new endpoint (ID 0, which it sets) or changes one. A wire id that another endpoint of the
// same platform has is core.ErrConflict for a new one.
func (s *Store) PutEndpoint(e *core.Endpoint) error {
	id := e.ID
	return s.update(func(t *tx) error { e.ID = id; return putEndpoint(t, e) })
}

// ChangeEndpoint reads an endpoint, lets change decide on it and writes it back, in one transaction.
func (s *Store) ChangeEndpoint(id core.EndpointID, change func(*core.Endpoint)) error {
	return s.update(func(t *tx) error {
		e, err := readEndpoint(t.row(selectEndpoint, int64(id)), id)
		if err != nil {
			return err
		}
		change(&e)
		return putEndpoint(t, &e)
	})
}

func putEndpoint(t *tx, e *core.Endpoint) error {
	doc, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if e.ID != 0 {
		n, err := t.change("UPDATE endpoint SET platform=?, wire=?, name=?, doc=? WHERE id=?", e.Platform, e.WireID, e.Name, string(doc), int64(e.ID))
		if err == nil && n == 0 {
			return fmt.Errorf("endpoint %d: %w", e.ID, core.ErrNotFound)
		}
		return conflict(err, "id", e.WireID)
	}
	id, err := t.insert("INSERT INTO endpoint (platform, wire, name, doc, created) VALUES (?,?,?,?,?)",
		e.Platform, e.WireID, e.Name, string(doc), e.Created.UnixNano())
	e.ID = core.EndpointID(id)
	return conflict(err, "id", e.WireID)
}

// DeleteEndpoint removes an endpoint and cancels what waits for it. Its deliveries stay.
func (s *Store) DeleteEndpoint(id core.EndpointID) error {
	return s.update(func(t *tx) error { return deleteEndpoint(t, id) })
}

func deleteEndpoint(t *tx, id core.EndpointID) error {
	t.w.fresh.forgetAll()
	if err := t.exec("UPDATE delivery SET state='cancelled', reason='the endpoint was deleted' WHERE endpoint=? AND state='waiting'", int64(id)); err != nil {
		return err
	}
	return t.exec("DELETE FROM endpoint WHERE id=?", int64(id))
}
