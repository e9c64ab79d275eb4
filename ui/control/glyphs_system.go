//go:build !ci

package control

import (
	"io"
	"log"
	"sync"

	"github.com/go-text/typesetting/fontscan"
	"github.com/go-text/typesetting/language"
)

var systemFonts struct {
	sync.Mutex
	fonts *fontscan.FontMap
	found bool
	asked bool
}

// systemHas asks the fonts of the system in the way that Fyne does, so that both come to the same.
func systemHas(r rune) bool {
	s := &systemFonts
	s.Lock()
	defer s.Unlock()
	if !s.asked {
		s.asked = true
		s.fonts = fontscan.NewFontMap(log.New(io.Discard, "", 0))
		s.found = s.fonts.UseSystemFonts("") == nil
	}
	if !s.found {
		return false
	}
	s.fonts.SetQuery(fontscan.Query{Families: []string{fontscan.Monospace}})
	s.fonts.SetScript(language.LookupScript(r))
	face := s.fonts.ResolveFace(r)
	if face == nil {
		return false
	}
	_, has := face.NominalGlyph(r)
	return has
}
