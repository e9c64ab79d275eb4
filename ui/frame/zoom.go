package frame

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
)

// Zooms are the sizes that everything can have; 1 is that of the screen.
var Zooms = []float32{0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.5, 1.7, 2}

// scaleVariable is where Fyne looks each time that it scales a window; it has no other way in for a program.
const scaleVariable = "FYNE_SCALE"

// beginZoom takes what the environment says as the base, and zooms as the window was left.
func (w *Window) beginZoom() {
	w.zoomBase = 1
	if z, err := strconv.ParseFloat(os.Getenv(scaleVariable), 32); err == nil && z > 0 {
		w.zoomBase = float32(z)
	}
	if w.State.Zoom <= 0 || !slices.Contains(Zooms, w.State.Zoom) {
		w.State.Zoom = 1
	}
	if w.State.Zoom != 1 {
		w.scale()
	}
}

func (w *Window) scale() {
	if err := os.Setenv(scaleVariable, fmt.Sprintf("%.4g", w.zoomBase*w.State.Zoom)); err != nil {
		fyne.LogError("set the scale", err)
	}
}

// ZoomBy makes everything larger or smaller by steps.
func (w *Window) ZoomBy(steps int) {
	i := slices.Index(Zooms, w.State.Zoom) + steps
	w.SetZoom(Zooms[min(max(i, 0), len(Zooms)-1)])
}

// SetZoom gives everything another size. The window stays as large as it is on the screen.
func (w *Window) SetZoom(z float32) {
	if z == w.State.Zoom {
		return
	}
	c := w.Win.Canvas()
	size, before := c.Size(), c.Scale()
	w.State.Zoom = z
	w.scale()
	w.App.Settings().SetTheme(w.Theme) // Fyne looks at the scale when the settings change
	if now := c.Scale(); now > 0 && now != before {
		k := before / now
		w.Win.Resize(fyne.NewSize(size.Width*k, size.Height*k))
	}
	w.Keep()
}

// Keep remembers how the window is set at once, not only at its end.
func (w *Window) Keep() {
	if w.Engine.ReadOnly() != "" {
		return // it is said already, and nobody asked for this to be kept
	}
	state := w.State
	w.Pump.Task(w.Ctx, func(context.Context) func() {
		err := w.Engine.Store.PutSetting("window", state)
		return func() { w.Fail(err) }
	})
}

// SetFold shows the rail as icons, or whole where there is room.
func (w *Window) SetFold(on bool) {
	w.State.Fold = on
	if w.layout.Folded != nil {
		w.layout.Folded()
	}
	w.root.Refresh()
	w.Keep()
}

// SetRows changes how the lists show their rows.
func (w *Window) SetRows(r Rows) {
	w.State.Rows = r
	for _, p := range w.Pages {
		if p, ok := p.(interface{ RowsChanged() }); ok {
			p.RowsChanged()
		}
	}
	w.Keep()
}

// SetCompact gives a row one line, or two.
func (w *Window) SetCompact(on bool) {
	r := w.State.Rows
	r.Compact = on
	w.SetRows(r)
}
