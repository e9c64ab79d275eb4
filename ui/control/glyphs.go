package control

import (
	"bytes"
	"strings"
	"sync"

	typeface "github.com/go-text/typesetting/font"

	"hookglass/assets"
)

// canDraw reports whether a font has a glyph for r: one of ours or, as Fyne looks there too, one of the system. It may be
// asked on any goroutine; the first question beyond our fonts may take as long as looking through those of the system.
func canDraw(r rune) bool {
	if r < 0x250 {
		return true
	}
	if known, ok := drawable.Load(r); ok {
		return known.(bool)
	}
	_, ours := codeFont().NominalGlyph(r)
	known := ours || systemHas(r)
	drawable.Store(r, known)
	return known
}

var drawable sync.Map // rune to bool

// codeFont is the font of code, which has less than that of the rest.
var codeFont = sync.OnceValue(func() *typeface.Face {
	f, err := typeface.ParseTTF(bytes.NewReader(assets.Font("JetBrainsMono-Regular.ttf")))
	if err != nil {
		panic(err) // it is embedded
	}
	return f
})

// KnowGlyphs looks through the fonts of the system, so that nobody waits for that later.
func KnowGlyphs() { canDraw('\u4e2d') }

// isMissing reports whether r is to be shown by its code point.
func isMissing(r rune) bool { return !canDraw(r) && !joins(r) }

// legible is a text with the code points in place of the characters that no font has.
func legible(s string) string {
	if isPlain(s) || strings.IndexFunc(s, isMissing) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case canDraw(r):
			b.WriteRune(r)
		case !joins(r):
			var c cell
			c.miss(r)
			b.WriteString(c.show)
		}
	}
	return b.String()
}
