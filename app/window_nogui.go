//go:build nogui

package main

import (
	"context"

	"hookglass/core"
)

// hasWindow is how this program was built.
const hasWindow = false

// window serves instead: this program was built without one.
func (p *program) window(ctx context.Context, show core.Opening) error {
	if show != (core.Opening{}) {
		return &core.Invalid{Field: "FILE", Reason: "this program was built without a window (-tags nogui); hookglass import takes files in"}
	}
	putln(stderr, "hookglass: built without a window (-tags nogui); serving instead")
	return p.runServe(ctx, serveFlags{}, stdout)
}
