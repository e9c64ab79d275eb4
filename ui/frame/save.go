package frame

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"hookglass/ui/control"
)

// SaveFile asks where to, and writes off the UI goroutine.
func SaveFile(w *Window, name string, write func(io.Writer) error) {
	d := dialog.NewFileSave(func(f fyne.URIWriteCloser, err error) {
		if err != nil || f == nil {
			w.Fail(err)
			return
		}
		saveTo(w, f.URI().Path(), f, write)
	}, w.Win)
	d.SetFileName(name)
	if home, err := os.UserHomeDir(); err == nil {
		if dir, err := storage.ListerForURI(storage.NewFileURI(filepath.Clean(home))); err == nil {
			d.SetLocation(dir)
		}
	}
	d.Show()
	d.Resize(dialogSize)
}

// OpenFile asks for a file; take gets it open, and closes it.
func OpenFile(w *Window, take func(f fyne.URIReadCloser)) {
	d := dialog.NewFileOpen(func(f fyne.URIReadCloser, err error) {
		if err != nil || f == nil {
			w.Fail(err)
			return
		}
		take(f)
	}, w.Win)
	d.Show()
	d.Resize(dialogSize)
}

// dialogSize is how large the questions about files are.
var dialogSize = fyne.NewSize(760, 520)

// saveTo writes a file that is open, and says where it is.
func saveTo(w *Window, path string, f io.WriteCloser, write func(io.Writer) error) {
	w.Pump.Task(w.Ctx, func(context.Context) func() {
		err := write(f)
		if closed := f.Close(); err == nil {
			err = closed
		}
		return func() {
			if w.Fail(err); err == nil {
				w.Layers.Toast(control.Toast{Text: "Saved to " + path, Tone: control.Green})
			}
		}
	})
}
