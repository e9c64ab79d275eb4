package sign_test

import (
	"testing"

	"hookglass/core/sign"
)

// TestNotFitting keeps the two lists apart: what is explained as not fitting has no row.
func TestNotFitting(t *testing.T) {
	for _, u := range sign.NotFitting() {
		if u.Provider == "" || u.Carrier == "" || u.Why == "" {
			t.Errorf("%+v: all three must be told", u)
		}
		for _, s := range sign.Known().All() {
			if s.Provider == u.Provider {
				t.Errorf("%s has the row %s", u.Provider, s.ID)
			}
		}
	}
}
