// Package part has what several pages share: fields for secrets, schemes, numbers and times, forms drawn from declared settings,
// rows, and words for states. It knows a [Host], no window and no page.
package part

import (
	"context"
	"fmt"
	"time"

	"hookglass/core/engine"
	"hookglass/core/store"
	"hookglass/ui/control"
)

// Host is what the parts that pages share need of the window that they stand in.
type Host struct {
	Engine *engine.Engine
	Ctx    context.Context // ends with the window

	// Task does work off the UI goroutine and applies what it returns on it.
	Task func(ctx context.Context, work func(ctx context.Context) (apply func()))
	// Layers are there once the window is built: pages are made before.
	Layers func() *control.Layers
}

// NewestCapture is the one that a source got last.
func (h Host) NewestCapture(ctx context.Context, source string) (store.Row, bool) {
	q, err := store.ParseQuery(fmt.Sprintf("source:%q", source), time.Now())
	if err != nil {
		return store.Row{}, false
	}
	rows, err := h.Engine.Store.Captures(ctx, q, 0, 1)
	if err != nil || len(rows) == 0 {
		return store.Row{}, false
	}
	return rows[0], true
}
