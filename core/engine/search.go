package engine

import (
	"context"
	"net/http"

	"hookglass/core"
)

// Searching says how far the index of the texts is.
type Searching struct {
	State     string         `json:"state"` // "ready", "building" or "off"
	IndexedTo core.CaptureID `json:"indexed_to"`
	Behind    int            `json:"behind"`
	Bytes     int64          `json:"bytes"`
	Why       string         `json:"why,omitempty"` // why it is off, where nobody switched it off
}

// Searching says how far the index is that finds texts in bodies and heads.
func (h *History) Searching(ctx context.Context) (Searching, error) {
	st, err := h.store.SearchState(ctx)
	return Searching(st), err
}

// SwitchSearch turns the index on or off. Off, its file is taken away, and texts are looked for by reading.
func (h *History) SwitchSearch(ctx context.Context, on bool) (Searching, error) {
	if err := h.store.SwitchSearch(ctx, on); err != nil {
		return Searching{}, err
	}
	return h.Searching(ctx)
}

// index fills the index. Without it all works too, so what keeps it from being filled is told and no more.
func (h *History) index(ctx context.Context) error {
	if err := h.store.KeepIndex(ctx); err != nil && ctx.Err() == nil {
		h.log.Error("search.index", "error", err)
		<-ctx.Done()
	}
	return nil
}

type switched struct {
	On bool `json:"on"`
}

func (c *Control) searching(r *http.Request) (any, error) { return c.e.History.Searching(r.Context()) }

func (c *Control) switchSearch(r *http.Request) (any, error) {
	in := switched{true}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return c.e.History.SwitchSearch(r.Context(), in.On)
}
