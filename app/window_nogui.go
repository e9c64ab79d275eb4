//go:build nogui

package main

import (
	"context"
	"fmt"
	"os"
)

// window serves instead: this program was built without one.
func (p *program) window(ctx context.Context) error {
	putln(stderr, "hookglass: built without a window (-tags nogui); serving instead")
	return p.runServe(ctx, serveFlags{}, stdout)
}
