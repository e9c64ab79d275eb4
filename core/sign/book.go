package sign

import "slices"

// Book is the schemes that exist: those of the table, and the user's own. The zero value is the table alone. A book is
// never changed: whoever adds a scheme makes another.
type Book struct{ own []Scheme }

// Known is the book of those who have no schemes of their own.
func Known() Book { return Book{} }

// NewBook is the book of those who have. One of their own never takes the place of a known one.
func NewBook(own []Scheme) Book { return Book{slices.Clone(own)} }

// Find returns the scheme with that id.
func (b Book) Find(id string) (Scheme, bool) {
	if s, ok := find(table(), id); ok {
		return s, true
	}
	return find(b.own, id)
}

// All are the schemes that can be chosen: the user's own, then the known ones in the order of the table. The caller may
// reorder the slice, but not change what the rows point to.
func (b Book) All() []Scheme {
	var all []Scheme
	for _, s := range b.own {
		if _, known := find(table(), s.ID); !known {
			all = append(all, s)
		}
	}
	return append(all, table()...)
}

// Own are the user's own schemes. One whose name has become that of a known scheme is still among them, so that it can be
// given another.
func (b Book) Own() []Scheme { return slices.Clone(b.own) }

func find(rows []Scheme, id string) (Scheme, bool) {
	if i := slices.IndexFunc(rows, func(s Scheme) bool { return s.ID == id }); i >= 0 {
		return rows[i], true
	}
	return Scheme{}, false
}
