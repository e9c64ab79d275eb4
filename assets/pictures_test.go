package assets_test

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"path/filepath"
	"strings"
	"testing"

	"hookglass/assets"
)

func TestIconsAreDrawnWithOneColour(t *testing.T) {
	names, err := filepath.Glob("icons/*.svg")
	if err != nil || len(names) < 60 {
		t.Fatalf("%d icons, %v", len(names), err)
	}
	for _, n := range names {
		svg, err := assets.Icon(strings.TrimSuffix(filepath.Base(n), ".svg"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(svg, []byte(`stroke="currentColor"`)) || !bytes.Contains(svg, []byte(`stroke-width="2"`)) {
			t.Errorf("%s: its stroke cannot be coloured", n)
		}
		if err := xml.Unmarshal(svg, new(struct{})); err != nil {
			t.Errorf("%s: %v", n, err)
		}
	}
	if _, err := assets.Icon("no-such-icon"); err == nil || !strings.Contains(err.Error(), "no-such-icon") {
		t.Errorf("an unknown icon: %v", err)
	}
}

func TestAppIconAndFonts(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(assets.AppIcon()))
	if err != nil || img.Bounds().Dx() != 512 || img.Bounds().Dy() != 512 {
		t.Errorf("icon: %v %v", img, err)
	}
	for _, f := range []string{"Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "Inter-Bold.otf", "JetBrainsMono-Regular.ttf", "JetBrainsMono-Bold.ttf"} {
		if len(assets.Font(f)) < 50_000 {
			t.Errorf("%s has %d bytes", f, len(assets.Font(f)))
		}
	}
}

// Whoever passes on the files must pass on their licences.
func TestLicencesTravelAlong(t *testing.T) {
	for file, want := range map[string]string{"fonts/OFL-Inter.txt": "SIL OPEN FONT LICENSE", "fonts/OFL-JetBrainsMono.txt": "SIL OPEN FONT LICENSE", "icons/LICENSE": "ISC License"} {
		if got := assets.Licence(file); !strings.Contains(got, want) {
			t.Errorf("%s: %.60q, want %q in it", file, got, want)
		}
	}
}
