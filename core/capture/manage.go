package capture

import (
	"crypto/rand"

	"hookglass/core"
)

// ManageToken is the token that a source's management addresses ask for where the user set none that can be had and did not
// open them: made once in a run, so that it is neither guessed nor found in a file. False: there is none to make.
func (s *Server) ManageToken(src core.Source) (core.Secret, bool) {
	p := s.find(src.Platform)
	if p == nil || p.Management == nil || p.Management.Open(src.Settings) {
		return core.Secret{}, false
	}
	if ref := src.Secrets[p.Management.Token]; ref != "" {
		if own, err := s.Secret(ref); err == nil && !own.Empty() {
			return core.Secret{}, false
		}
	}
	made, _ := s.tokens.LoadOrStore(src.ID, core.Text(rand.Text()))
	return made.(core.Secret), true
}
