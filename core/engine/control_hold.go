package engine

import (
	"net/http"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// Deleted says what a deletion took and what it left.
type Deleted struct {
	Deleted int64 `json:"deleted"`
	Pinned  int   `json:"pinned"` // that matched and were kept
}

// deleteCaptures deletes what matches a query. All of them want all=true: a forgotten query must not cost the history.
func (c *Control) deleteCaptures(r *http.Request) (any, error) {
	text, all := r.URL.Query().Get("query"), r.URL.Query().Get("all") == "true"
	if text == "" && !all {
		return nil, &core.Invalid{Field: "query", Reason: "is missing; name what is to be deleted, or say all=true"}
	}
	q, err := store.ParseQuery(text, time.Now())
	if err != nil {
		return nil, err
	}
	return c.e.History.DeleteSaying(r.Context(), q)
}

func (c *Control) note(r *http.Request) (any, error) {
	var in noteBody
	id, err := idOf(r)
	if err == nil {
		err = decode(r, &in)
	}
	if err != nil {
		return nil, err
	}
	note, err := c.e.History.Note(r.Context(), core.CaptureID(id), in.Note)
	return noted{core.CaptureID(id), note}, err
}

func (c *Control) pin(r *http.Request) (any, error) {
	in := pinBody{true}
	id, err := idOf(r)
	if err == nil {
		err = decode(r, &in)
	}
	if err == nil {
		err = c.e.History.exists(r.Context(), core.CaptureID(id))
	}
	if err != nil {
		return nil, err
	}
	_, err = c.e.History.Pin(r.Context(), One(core.CaptureID(id)), in.Pinned)
	return pinned{core.CaptureID(id), in.Pinned}, err
}

// open brings the window to the front, with a file or a link where one is named: what a second start does.
func (c *Control) open(r *http.Request) (any, error) {
	var in openBody
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	show := core.Opening{File: in.File}
	if in.Link != "" {
		link, err := core.ParseLink(in.Link)
		if err == nil {
			err = CheckLink(link)
		}
		if err != nil {
			return nil, err
		}
		show.Link = link
	}
	if c.Front == nil {
		return nil, &refusal{http.StatusConflict, "the Hookglass that has this history open runs without a window"}
	}
	c.Front(show)
	return opened{true}, nil
}
