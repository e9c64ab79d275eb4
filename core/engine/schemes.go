package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// schemesSetting holds the user's own schemes.
const schemesSetting = "schemes"

// Schemes are the schemes that can be named: the known ones, and those that the user added to a history.
type Schemes struct {
	store  *store.Store
	log    *slog.Logger
	reload func(context.Context) error // the sources, which go by them
}

// Find finds a scheme, the user's own ones included.
func (ss *Schemes) Find(id string) (sign.Scheme, bool) {
	if s, ok := sign.Find(id); ok {
		return s, true
	}
	for _, s := range ss.Own(context.Background()) { // a read of one small row
		if s.ID == id {
			return s, true
		}
	}
	return sign.Scheme{}, false
}

// All are all that can be named: the user's own, then the known ones.
func (ss *Schemes) All(ctx context.Context) []sign.Scheme {
	return append(ss.Own(ctx), sign.Schemes()...)
}

// Own are the schemes that the user added.
func (ss *Schemes) Own(ctx context.Context) []sign.Scheme {
	var rows []json.RawMessage
	if err := ss.store.Setting(ctx, schemesSetting, &rows); err != nil {
		ss.log.Error("setting.unreadable", "error", err)
	}
	var out []sign.Scheme
	for _, row := range rows {
		if s, err := sign.Parse(row); err == nil {
			out = append(out, s)
		}
	}
	return out
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
	own := ss.Own(ctx)
	if s.ID != was && has(own, s.ID) {
		return s, &core.Invalid{Field: "id", Reason: fmt.Sprintf("%q is one of your schemes already; choose another name", s.ID)}
	}
	if was != "" && was != s.ID {
		if err := ss.free(ctx, was); err != nil {
			return s, err
		}
	}
	return s, ss.keep(ctx, replaced(own, was, s))
}

// Delete forgets a scheme of the user's own, unless a source or an endpoint names it.
func (ss *Schemes) Delete(ctx context.Context, id string) error {
	own := ss.Own(ctx)
	if !has(own, id) {
		return fmt.Errorf("scheme %q: %w", id, core.ErrNotFound)
	}
	if err := ss.free(ctx, id); err != nil {
		return err
	}
	return ss.keep(ctx, slices.DeleteFunc(own, func(s sign.Scheme) bool { return s.ID == id }))
}

// apply puts the schemes of a workspace in force, in place of those of the same id.
func (ss *Schemes) apply(ctx context.Context, schemes []sign.Scheme) error {
	if len(schemes) == 0 {
		return nil
	}
	own := ss.Own(ctx)
	for i, s := range schemes {
		if err := schemeID(s.ID); err != nil {
			return within(fmt.Sprintf("schemes[%d]", i), err)
		}
		own = replaced(own, s.ID, s)
	}
	return ss.keep(ctx, own)
}

func (ss *Schemes) keep(ctx context.Context, own []sign.Scheme) error {
	if err := ss.store.PutSetting(schemesSetting, own); err != nil {
		return err
	}
	return ss.reload(ctx)
}

// schemeID refuses names that would hide a known scheme, or that a filter could not hold.
func schemeID(id string) error {
	if _, known := sign.Find(id); known {
		return &core.Invalid{Field: "id", Reason: fmt.Sprintf("%q is a scheme that Hookglass knows; give yours another name", id)}
	}
	if strings.ContainsAny(id, " \t\r\n\"'") {
		return &core.Invalid{Field: "id", Reason: "want a name without spaces and quotes, such as my-api"}
	}
	return nil
}

// free refuses to take a scheme from under those that use it.
func (ss *Schemes) free(ctx context.Context, id string) error {
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
