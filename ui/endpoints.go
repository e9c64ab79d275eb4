package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
)

type endpoints struct {
	add  *control.Button
	side *control.Box
}

func newEndpoints(p *deliveriesPage) *endpoints {
	return &endpoints{add: control.NewTool("plus", "Add an endpoint", nil), side: control.NewBox(control.Surface{}, nil)}
}
func (e *endpoints) view() fyne.CanvasObject         { return control.Spacer() }
func (e *endpoints) load(ctx context.Context) func() { return func() {} }
func (e *endpoints) key(r rune) bool                 { return false }
func (e *endpoints) choose(id core.EndpointID)       {}

func sortedEndpoints(m map[core.EndpointID]core.Endpoint) []core.Endpoint { return nil }
