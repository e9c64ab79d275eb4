//go:build !nogui

package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"runtime"
	"strings"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"hookglass/assets"
	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui"
)

// hasWindow is how this program was built.
const hasWindow = true

// window opens the desktop window, with what it is to show. Where there is no display it says so and serves instead.
func (p *program) window(ctx context.Context, show core.Opening) error {
	if !hasDisplay() && show != (core.Opening{}) {
		return &core.Invalid{Field: "FILE", Reason: "there is no display to show it on; hookglass import takes files in without one"}
	}
	if !hasDisplay() {
		putln(stderr, "hookglass: no display (DISPLAY and WAYLAND_DISPLAY are not set); serving without a window")
		return p.runServe(ctx, serveFlags{}, stdout)
	}
	e, err := engine.Open(ctx, engine.Options{Home: p.folder(), Keyring: system{}, Log: logger(false), Broker: startBroker})
	if err != nil {
		return err
	}
	closed := sync.OnceValue(e.Close)
	defer closed()
	if e.ReadOnly() == "" {
		if err := e.Welcome(ctx); err != nil {
			return err
		}
		if err := e.Hub.Resume(ctx); err != nil {
			putln(stderr, "hookglass: the hub does not start:", err)
		}
	}
	return p.runWindow(ctx, e, show, closed)
}

func hasDisplay() bool {
	return runtime.GOOS != "linux" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// runWindow runs the engine and the control listener behind the window, and ends them with it. closed is for a window that
// does not come back from its end.
func (p *program) runWindow(ctx context.Context, e *engine.Engine, show core.Opening, closed func() error) (err error) {
	c, err := e.NewControl(false)
	if err != nil {
		return err
	}
	withdraw, err := announce(p.folder(), c)
	if err != nil && e.ReadOnly() == "" {
		return err
	}
	defer withdraw()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	app.SetMetadata(fyne.AppMetadata{ID: appID, Name: appName, Version: version, Icon: fyne.NewStaticResource("icon.png", assets.AppIcon()), Migrations: map[string]bool{"fyneDo": true}})
	log.SetOutput(&fyneLog{out: stderr})
	// The toolkit makes one level of folders: in a home that has no cache folder yet it complains, and does without.
	if cache, err := os.UserCacheDir(); err == nil {
		_ = os.MkdirAll(cache, 0o700)
	}
	a := app.NewWithID(appID)
	w := ui.New(ctx, a, e)
	c.Front = w.Front
	w.Show(show)
	ended := make(chan error, 2)
	go func() { ended <- e.Run(ctx) }()
	go func() { ended <- c.Run(ctx) }()
	context.AfterFunc(ctx, w.Quit) // a signal from outside closes the window
	shut := sync.OnceValue(func() error { cancel(); return errors.Join(<-ended, <-ended) })
	defer func() {
		if r := recover(); r != nil {
			err = errors.Join(noWindow(r), shut())
		}
	}()
	w.Run(func() {
		err := shut()
		withdraw()
		if err := errors.Join(err, closed()); err != nil {
			putln(stderr, "hookglass:", err)
			os.Exit(1)
		}
		os.Exit(0)
	})
	return shut()
}

// noWindow is what is said instead of the toolkit's panic where the display does not open. Any other panic goes on.
func noWindow(r any) error {
	if !strings.Contains(fmt.Sprint(r), "GLFW library is not initialized") {
		panic(r)
	}
	return &core.Invalid{Field: "DISPLAY", Reason: fmt.Sprintf("the window cannot open at %q; set it to a display that runs (the window needs X11, or XWayland), or use hookglass serve", os.Getenv("DISPLAY"))}
}
