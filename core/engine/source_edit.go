package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"

	"hookglass/core"
	"hookglass/core/exchange"
)

// AddSource adds a source that is written as a workspace file writes one. Where its name or address is taken, it is refused.
func (e *Engine) AddSource(ctx context.Context, doc json.RawMessage) (core.Source, error) {
	src, plain, err := readSource(doc)
	if err != nil {
		return src, err
	}
	return src, e.putRead(ctx, &src, plain)
}

// EditSource changes what doc names of a source, in the words of a workspace file; null puts a setting back to its default.
func (e *Engine) EditSource(ctx context.Context, id core.SourceID, doc json.RawMessage) (core.Source, error) {
	old, err := e.Store.Source(ctx, id)
	if err != nil {
		return old, err
	}
	changes, err := members(doc)
	if err != nil {
		return old, err
	}
	var p string
	if named, ok := changes["platform"]; ok && (json.Unmarshal(named, &p) != nil || p != old.Platform) {
		return old, &core.Invalid{Field: "platform", Reason: "cannot be changed; remove the source and add one"}
	}
	whole, err := writeSource(old)
	if err != nil {
		return old, err
	}
	for key, value := range changes {
		whole[key] = value
		if string(value) == "null" {
			delete(whole, key)
		}
	}
	if doc, err = json.Marshal(whole); err != nil {
		return old, err
	}
	src, plain, err := readSource(doc)
	if err != nil {
		return old, err
	}
	src.ID, src.Created = old.ID, old.Created
	if _, changed := changes["forward"]; !changed {
		src.Forwards = old.Forwards // with the user's word for them, which no file holds
	}
	KeepConsent(src.Forwards, old.Forwards)
	for key, ref := range old.Secrets {
		if _, changed := changes[key]; !changed {
			src.Secrets[key] = ref
		}
	}
	return src, e.putRead(ctx, &src, plain)
}

// putRead keeps a source, and the secrets that were written out for this run only, as those of a workspace are. Nothing is kept of
// a source that is wrong.
func (e *Engine) putRead(ctx context.Context, src *core.Source, plain map[core.SecretRef]core.Secret) error {
	without := *src
	without.Secrets = maps.Clone(src.Secrets)
	maps.DeleteFunc(without.Secrets, func(_ string, ref core.SecretRef) bool { _, written := plain[ref]; return written })
	if err := e.CheckSource(ctx, &without); err != nil {
		return err
	}
	for key, ref := range src.Secrets {
		if s, written := plain[ref]; written {
			var err error
			if src.Secrets[key], err = e.KeepSecret(ctx, "run", *src, key, s); err != nil {
				return err
			}
		}
	}
	return e.PutSource(ctx, src)
}

// readSource reads one by what reads workspaces. What it refuses is named as the source has it.
func readSource(doc json.RawMessage) (core.Source, map[core.SecretRef]core.Secret, error) {
	if _, err := members(doc); err != nil {
		return core.Source{}, nil, err
	}
	w, err := exchange.ParseWorkspace(fmt.Appendf(nil, `{"hookglass":1,"sources":[%s]}`, doc))
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		return core.Source{}, nil, &core.Invalid{Field: strings.TrimPrefix(invalid.Field, "sources[0]."), Reason: invalid.Reason}
	}
	if err != nil {
		return core.Source{}, nil, err
	}
	return w.Sources[0], w.Plain, nil
}

// writeSource is a source as a workspace file has it, its secrets left out.
func writeSource(src core.Source) (map[string]json.RawMessage, error) {
	src.Secrets = nil
	text, _, err := exchange.WriteWorkspace(&exchange.Workspace{Sources: []core.Source{src}}, exchange.Options{Reveal: true}) // it stays here
	if err != nil {
		return nil, err
	}
	var file struct{ Sources []map[string]json.RawMessage }
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	return file.Sources[0], nil
}

// members are what a JSON object holds; it is one alone.
func members(doc json.RawMessage) (map[string]json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(doc, &all); err != nil || all == nil {
		return nil, &core.Invalid{Field: "body", Reason: `want one JSON object, like {"platform":"generic","path":"/in/shop"}`}
	}
	return all, nil
}

// longestDocument bounds what people write.
const longestDocument = 1 << 20

// wholeBody is a document that people write: a source, a scenario.
func wholeBody(r *http.Request) (json.RawMessage, error) {
	doc, err := io.ReadAll(io.LimitReader(r.Body, longestDocument+1))
	if err == nil && len(doc) > longestDocument {
		err = &core.Invalid{Field: "body", Reason: "is longer than 1 MiB"}
	}
	return bytes.TrimSpace(doc), err
}

func (c *Control) source(r *http.Request) (any, error) {
	id, err := idOf(r)
	if err != nil {
		return nil, err
	}
	return c.told(c.e.Store.Source(r.Context(), core.SourceID(id)))
}

func (c *Control) addSource(r *http.Request) (any, error) {
	doc, err := wholeBody(r)
	if err != nil {
		return nil, err
	}
	return c.told(c.e.AddSource(r.Context(), doc))
}

func (c *Control) editSource(r *http.Request) (any, error) {
	id, err := idOf(r)
	if err != nil {
		return nil, err
	}
	doc, err := wholeBody(r)
	if err != nil {
		return nil, err
	}
	return c.told(c.e.EditSource(r.Context(), core.SourceID(id), doc))
}

func (c *Control) removeSource(r *http.Request) (any, error) {
	id, err := idOf(r)
	if err != nil {
		return nil, err
	}
	return removed{core.SourceID(id), true}, c.e.DeleteSource(r.Context(), core.SourceID(id))
}

// told is a source as it is answered.
func (c *Control) told(src core.Source, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return c.e.SourceWhole(src), nil
}
