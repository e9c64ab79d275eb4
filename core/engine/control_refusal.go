package engine

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"hookglass/core"
)

// refusal is an error with a status of its own.
type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return e.text }

// RefusalJSON is what the control address answers where it does not do what was asked.
type RefusalJSON struct {
	Error RefusedJSON `json:"error"`
}

// RefusedJSON says what is wrong, where, and what to do.
type RefusedJSON struct {
	Field  string `json:"field"` // of the body or the query; empty: none is to blame
	Reason string `json:"reason"`
	Next   string `json:"next"`
}

// RefusalOf reads what the control address answered; false where it is no refusal of one.
func RefusalOf(answer []byte) (RefusedJSON, bool) {
	var r RefusalJSON
	err := json.Unmarshal(answer, &r)
	return r.Error, err == nil && r.Error.Reason != ""
}

func (r RefusedJSON) String() string {
	text := r.Reason
	if r.Next != "" && !strings.Contains(text, r.Next) {
		text += "; " + r.Next
	}
	if r.Field != "" {
		return r.Field + ": " + text
	}
	return text
}

// refused says an error to a program: its status, and what is wrong. What one can do stands behind a semicolon in our own words.
func refused(err error) (status int, said RefusedJSON) {
	var invalid *core.Invalid
	var own *refusal
	status = http.StatusInternalServerError
	text, fallback := err.Error(), "look into the log of Hookglass, and try again"
	switch {
	case errors.As(err, &own):
		status, fallback = own.status, own.text
	case errors.As(err, &invalid):
		status, text, said.Field = http.StatusBadRequest, invalid.Reason, invalid.Field
		fallback = "correct it and ask again"
		if strings.HasPrefix(text, "want ") {
			fallback = text
		}
	case errors.Is(err, core.ErrNotFound):
		status, fallback = http.StatusNotFound, "list what there is, and take a number of it"
	case errors.Is(err, core.ErrConflict):
		status, fallback = http.StatusConflict, "read it again: its state decides what can be done"
	}
	reason, next, both := strings.Cut(text, "; ")
	if !both {
		reason, next = text, fallback
	}
	said.Reason, said.Next = reason, next
	return status, said
}

func reply(w http.ResponseWriter, status int, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		var said RefusedJSON
		status, said = refused(err)
		v = RefusalJSON{said}
	}
	w.WriteHeader(status)
	WriteJSON(w, v)
}
