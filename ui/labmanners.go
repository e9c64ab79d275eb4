package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

type liveFaults struct{ w *Window }

func newLiveFaults(w *Window) *liveFaults             { return &liveFaults{w} }
func (p *liveFaults) view() fyne.CanvasObject         { return control.Spacer() }
func (p *liveFaults) load(ctx context.Context) func() { return nil }
func (p *liveFaults) find()                           {}
func (p *liveFaults) key(r rune) bool                 { return false }
