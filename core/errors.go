package core

import "errors"

// What callers branch on.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("already there")
)

// Invalid is a value that a form, a file or a command must correct.
type Invalid struct {
	Field  string // "sources[2].auth"
	Reason string // "want none, bearer or hmac"
}

func (e *Invalid) Error() string { return e.Field + ": " + e.Reason }
