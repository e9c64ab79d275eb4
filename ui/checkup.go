package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

type checkup struct{ w *Window }

func newCheckup(w *Window) *checkup                { return &checkup{w} }
func (p *checkup) view() fyne.CanvasObject         { return control.Spacer() }
func (p *checkup) load(ctx context.Context) func() { return nil }
func (p *checkup) find()                           {}
func (p *checkup) key(r rune) bool                 { return false }
