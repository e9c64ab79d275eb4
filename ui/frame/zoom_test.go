package frame

import (
	"context"
	"os"
	"testing"

	"fyne.io/fyne/v2"
)

func TestZoomIsSetByKeysAndRemembered(t *testing.T) {
	t.Setenv(scaleVariable, "1.5") // what the user started the program with
	s := newShelf(t, openEngine(t))
	press := func(k fyne.KeyName) {
		s.Shortcut(ctrl(k))
		s.draw()
	}
	kept := func() (st State) {
		if err := s.Engine.Store.Setting(context.Background(), "window", &st); err != nil {
			t.Fatal(err)
		}
		return st
	}
	press(fyne.KeyMinus)
	if got := os.Getenv(scaleVariable); kept().Zoom != 0.9 || got != "1.35" {
		t.Errorf("zoom %v, scale %s", kept().Zoom, got)
	}
	for range 20 {
		press(fyne.KeyEqual)
	}
	if kept().Zoom != 2 || os.Getenv(scaleVariable) != "3" {
		t.Errorf("the largest is %v, scale %s", kept().Zoom, os.Getenv(scaleVariable))
	}
	press(fyne.Key0)
	if kept().Zoom != 1 || os.Getenv(scaleVariable) != "1.5" {
		t.Errorf("zoom %v, scale %s", kept().Zoom, os.Getenv(scaleVariable))
	}
	press(fyne.KeyB)
	if !kept().Fold {
		t.Error("the folded rail is not remembered")
	}
}
