//go:build !nogui

package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
)

// window opens the desktop window. Where there is no display it says so and serves instead.
func (p *program) window(ctx context.Context) error {
	if !hasDisplay() {
		fmt.Fprintln(os.Stderr, "hookglass: no display (DISPLAY and WAYLAND_DISPLAY are not set); serving without a window")
		return p.runServe(ctx, serveFlags{}, os.Stdout)
	}
	return p.runWindow(ctx)
}

func hasDisplay() bool {
	return runtime.GOOS != "linux" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

func (p *program) runWindow(ctx context.Context) error { return nil }
