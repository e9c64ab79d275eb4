// Package assets holds what the program carries inside itself: icon, fonts, line icons and sample payloads.
// It knows nothing of Fyne, so that a build without a window can use the samples.
package assets

import (
	"embed"
	"fmt"
)

//go:embed fonts icons samples icon.png
var files embed.FS

// AppIcon is the program's icon, 512 by 512 pixels.
func AppIcon() []byte { return mustRead("icon.png") }

// Font returns a font file by its name without directory: "Inter-Medium.otf".
// A name that is not embedded is a mistake in our own code, so it panics.
func Font(name string) []byte { return mustRead("fonts/" + name) }

// Icon returns a line icon (SVG drawn with currentColor) by its Lucide name: "inbox".
func Icon(name string) ([]byte, error) {
	svg, err := files.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return nil, fmt.Errorf("icon %q is not embedded; add its file to assets/icons", name)
	}
	return svg, nil
}

func mustRead(path string) []byte {
	b, err := files.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return b
}
