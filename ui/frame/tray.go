package frame

import (
	"fmt"
	"os"
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"hookglass/core"
)

// busThere reports whether there is anybody to take notices and a tray's icon: elsewhere than on Windows and macOS a session bus.
// Where there is none, asking for it starts one on some systems, and complains on others.
var busThere = func() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid()))
	return err == nil
}

// putTray gives the program an icon in the system's tray. It has to be done before the window runs. The window never hides there:
// many systems have no tray, and nothing says so.
func (w *Window) putTray() {
	d, ok := w.App.(desktop.App)
	if !ok || !busThere() {
		return
	}
	open := fyne.NewMenuItem("Open Hookglass", func() { w.Front(core.Opening{}) })
	pausing := fyne.NewMenuItem("Pause all deliveries", nil)
	quit := fyne.NewMenuItem("Quit", func() { w.Pump.Do(w.Close) })
	quit.IsQuit = true
	menu := fyne.NewMenu("Hookglass", open, pausing, fyne.NewMenuItemSeparator(), quit)
	pausing.Action = func() {
		w.Pump.Do(func() {
			if w.Engine.Outbox.Paused() {
				w.Engine.Outbox.ResumeAll()
			} else {
				w.Engine.Outbox.PauseAll()
			}
			w.Pump.Again()
		})
	}
	w.onLoad = func() { // it may be paused elsewhere too
		label := "Pause all deliveries"
		if w.Engine.Outbox.Paused() {
			label = "Resume all deliveries"
		}
		if pausing.Label != label {
			pausing.Label = label
			menu.Refresh()
		}
	}
	d.SetSystemTrayMenu(menu)
}
