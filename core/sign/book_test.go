package sign_test

import (
	"testing"

	"hookglass/core/sign"
)

func TestBook(t *testing.T) {
	own := []sign.Scheme{{ID: "mine", Alg: "equal"}, {ID: "github", Provider: "an old one of mine"}}
	b := sign.NewBook(own)
	own[0].ID = "changed" // a book does not change
	if s, ok := b.Find("mine"); !ok || s.Alg != "equal" {
		t.Errorf("own: %+v, %v", s, ok)
	}
	if s, ok := b.Find("github"); !ok || s.Provider == "an old one of mine" {
		t.Errorf("one of the user's own took the place of a known one: %+v", s)
	}
	for _, id := range []string{"", "nobody's"} {
		if s, ok := b.Find(id); ok {
			t.Errorf("%q: %+v", id, s)
		}
	}
	known := sign.Known()
	if _, ok := known.Find("mine"); ok || len(known.Own()) != 0 {
		t.Error("the known book knows one of the user's own")
	}
	if all := b.All(); len(all) != len(known.All())+1 || all[0].ID != "mine" || all[1].ID != known.All()[0].ID {
		t.Errorf("%d schemes, of which %d are known", len(all), len(known.All()))
	}
	if got := b.Own(); len(got) != 2 || got[1].ID != "github" {
		t.Errorf("the user's own: %+v", got)
	}
	var zero sign.Book
	if _, ok := zero.Find("stripe"); !ok || len(zero.All()) != len(known.All()) {
		t.Error("the zero book is not the known one")
	}
}
