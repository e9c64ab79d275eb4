package part

import (
	"context"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"hookglass/core/engine"
	"hookglass/ui/control"
)

// partHost is a window as far as the parts know one, whose UI goroutine is the test's.
type partHost struct {
	Host
	layers *control.Layers
	tasks  sync.WaitGroup
	todo   chan func()
}

func newHost(t *testing.T) *partHost {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	win := test.NewTempWindow(t, nil)
	h := &partHost{todo: make(chan func(), 100), layers: control.NewLayers(control.NewBox(control.Surface{}, nil), nil)}
	win.SetContent(h.layers)
	win.Resize(fyne.NewSize(1280, 800))
	h.Host = Host{Engine: e, Ctx: t.Context(), Layers: func() *control.Layers { return h.layers }, Task: func(ctx context.Context, work func(context.Context) func()) {
		h.tasks.Go(func() { h.todo <- work(ctx) })
	}}
	t.Cleanup(func() { h.settle(); e.Close() })
	return h
}

// settle lets what is under way end, and does what follows.
func (h *partHost) settle() {
	h.tasks.Wait()
	for len(h.todo) > 0 {
		(<-h.todo)()
		h.tasks.Wait()
	}
}
