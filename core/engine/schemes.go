package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// schemesSetting holds the user's own schemes.
const schemesSetting = "schemes"

// Schemes keep the book of a history: the known schemes, and those that the user added.
type Schemes struct {
	store  *store.Store
	log    *slog.Logger
	reload func(context.Context) error // the sources, which go by them

	mu   sync.Mutex // one loads at a time, so that the last to read has seen all that was written
	book atomic.Pointer[sign.Book]
}

// Book is the schemes that exist, as they stand now.
func (ss *Schemes) Book() sign.Book { return *ss.book.Load() }

// ReadBook reads from a history which schemes exist. It needs no engine, so that commands can ask beside a running one.
func ReadBook(ctx context.Context, st *store.Store) (sign.Book, error) {
	var rows []json.RawMessage
	if err := st.Setting(ctx, schemesSetting, &rows); err != nil {
		return sign.Known(), err
	}
	return sign.NewBook(parsed(rows)), nil
}

// parsed are the schemes that this program can read.
func parsed(rows []json.RawMessage) (own []sign.Scheme) {
	for _, row := range rows {
		if s, err := sign.Parse(row); err == nil {
			own = append(own, s)
		}
	}
	return own
}

// load puts in force what is stored.
func (ss *Schemes) load(ctx context.Context) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	book, err := ReadBook(ctx, ss.store)
	if err != nil {
		ss.log.Error("setting.unreadable", "error", err)
	}
	ss.book.Store(&book)
}

// Put stores a scheme of the user's own, written like a row of the known ones. was is the id of the one that it
// replaces, or "" for a new one. Sources that name it go by it at once.
func (ss *Schemes) Put(ctx context.Context, was string, text []byte) (sign.Scheme, error) {
	s, err := sign.Parse(text)
	if err != nil {
		return s, err
	}
	if err := schemeID(s.ID); err != nil {
		return s, err
	}
	if was != "" && was != s.ID {
		if err := ss.free(ctx, was); err != nil {
			return s, err
		}
	}
	return s, ss.change(ctx, func(own []sign.Scheme) ([]sign.Scheme, error) {
		if s.ID != was && has(own, s.ID) {
			return nil, &core.Invalid{Field: "id", Reason: fmt.Sprintf("%q is one of your schemes already; choose another name", s.ID)}
		}
		return replaced(own, was, s), nil
	})
}

// Delete forgets a scheme of the user's own, unless a source or an endpoint names it.
func (ss *Schemes) Delete(ctx context.Context, id string) error {
	if !has(ss.Book().Own(), id) {
		return fmt.Errorf("scheme %q: %w", id, core.ErrNotFound)
	}
	if err := ss.free(ctx, id); err != nil {
		return err
	}
	return ss.change(ctx, func(own []sign.Scheme) ([]sign.Scheme, error) {
		return slices.DeleteFunc(own, func(s sign.Scheme) bool { return s.ID == id }), nil
	})
}

// with is what adding schemes makes of the user's own: they take the place of those of the same id.
func with(schemes []sign.Scheme) func(own []sign.Scheme) ([]sign.Scheme, error) {
	return func(own []sign.Scheme) ([]sign.Scheme, error) {
		for _, s := range schemes {
			own = replaced(own, s.ID, s)
		}
		return own, nil
	}
}

// suppose puts schemes in force that are not stored yet, so that sources can be checked which name them. load makes what is
// stored hold again.
func (ss *Schemes) suppose(schemes []sign.Scheme) error {
	for i, s := range schemes {
		if err := schemeID(s.ID); err != nil {
			return within(fmt.Sprintf("schemes[%d]", i), err)
		}
	}
	ss.mu.Lock()
	defer ss.mu.Unlock()
	own, _ := with(schemes)(slices.Clone(ss.Book().Own()))
	book := sign.NewBook(own)
	ss.book.Store(&book)
	return nil
}

// change stores what decide makes of the user's own schemes, and puts it in force.
func (ss *Schemes) change(ctx context.Context, decide func(own []sign.Scheme) ([]sign.Scheme, error)) error {
	if err := store.ChangeSetting(ss.store, schemesSetting, rewrite(decide)); err != nil {
		return err
	}
	ss.load(ctx)
	return ss.reload(ctx)
}

// rewrite is what decide makes of the user's own schemes as they are stored.
func rewrite(decide func(own []sign.Scheme) ([]sign.Scheme, error)) func(rows *[]json.RawMessage) error {
	return func(rows *[]json.RawMessage) error {
		own, err := decide(parsed(*rows))
		if err != nil {
			return err
		}
		kept := make([]json.RawMessage, len(own))
		for i, s := range own {
			if kept[i], err = json.Marshal(s); err != nil {
				return err
			}
		}
		for _, row := range *rows {
			if _, err := sign.Parse(row); err != nil { // a later program wrote it, and will want it back
				kept = append(kept, row)
			}
		}
		*rows = kept
		return nil
	}
}

// schemeID refuses names that would hide a known scheme, or that a filter could not hold.
func schemeID(id string) error {
	if _, known := sign.Known().Find(id); known {
		return &core.Invalid{Field: "id", Reason: fmt.Sprintf("%q is a scheme that Hookglass knows; give yours another name", id)}
	}
	if strings.ContainsAny(id, " \t\r\n\"'") {
		return &core.Invalid{Field: "id", Reason: "want a name without spaces and quotes, such as my-api"}
	}
	return nil
}

// free refuses to take a scheme from under those that use it. Where a known one has its name, they use that.
func (ss *Schemes) free(ctx context.Context, id string) error {
	if _, known := sign.Known().Find(id); known {
		return nil
	}
	sources, err := ss.store.Sources(ctx)
	if err != nil {
		return err
	}
	for _, src := range sources {
		if src.Settings.Text("scheme") == id {
			return &core.Invalid{Field: "id", Reason: fmt.Sprintf("the source %s uses %q; choose another scheme there first", src.Name, id)}
		}
	}
	endpoints, err := ss.store.Endpoints(ctx)
	if err != nil {
		return err
	}
	for _, ep := range endpoints {
		if ep.Target.Scheme == id {
			return &core.Invalid{Field: "id", Reason: fmt.Sprintf("the endpoint %s uses %q; choose another scheme there first", ep.Name, id)}
		}
	}
	return nil
}

func has(schemes []sign.Scheme, id string) bool {
	return slices.ContainsFunc(schemes, func(s sign.Scheme) bool { return s.ID == id })
}

// replaced puts s in the place of the scheme was, or at the end.
func replaced(own []sign.Scheme, was string, s sign.Scheme) []sign.Scheme {
	if i := slices.IndexFunc(own, func(o sign.Scheme) bool { return o.ID == was }); i >= 0 {
		own[i] = s
		return own
	}
	return append(own, s)
}
