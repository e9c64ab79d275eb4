package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/store"
)

// NewHistory is for a history that no engine runs on.
func NewHistory(st *store.Store) *History { return &History{store: st} }

// LongestNote bounds a note: it stands in a row of a list.
const LongestNote = 2000

// Note puts the user's words on a capture, on one line; an empty text takes them away.
func (h *History) Note(ctx context.Context, id core.CaptureID, text string) (string, error) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "�")))
	if n := utf8.RuneCountInString(text); n > LongestNote {
		return "", &core.Invalid{Field: "note", Reason: fmt.Sprintf("has %d characters; want at most %d", n, LongestNote)}
	}
	if err := h.exists(ctx, id); err != nil {
		return "", err
	}
	return text, h.store.SetNote(id, text)
}

// Pin keeps captures from being trimmed and deleted, or lets them go, and says how many it changed.
func (h *History) Pin(ctx context.Context, q store.Query, on bool) (int64, error) {
	return h.store.PinAll(ctx, q, on)
}

func (h *History) exists(ctx context.Context, id core.CaptureID) error {
	n, err := h.store.Count(ctx, One(id))
	if err == nil && n == 0 {
		err = fmt.Errorf("capture %d: %w", id, core.ErrNotFound)
	}
	return err
}

// One is the query for one capture.
func One(id core.CaptureID) store.Query {
	return store.Query{}.Within(store.IDRange{From: id, To: id})
}

// Delete removes the captures that match and are not pinned, and gives their space back.
func (h *History) Delete(ctx context.Context, q store.Query) (int64, error) {
	n, err := h.store.DeleteCaptures(ctx, q)
	if err != nil {
		return n, fmt.Errorf("delete captures: %w", err)
	}
	return n, h.store.GiveBack(ctx)
}

// DeleteSaying is Delete that also says what it left.
func (h *History) DeleteSaying(ctx context.Context, q store.Query) (d Deleted, err error) {
	if d.Pinned, err = h.store.Count(ctx, q.And(store.Pinned())); err != nil {
		return d, err
	}
	d.Deleted, err = h.Delete(ctx, q)
	return d, err
}

// condemned are the captures that are to be deleted and may still be spared, by the number of their sentence.
type condemned struct {
	mu   sync.Mutex
	last int
	open map[int]store.Query
}

// Condemn has captures deleted once Carry is called, or else when the engine closes. Until then Spare takes it back.
func (h *History) Condemn(q store.Query) (sentence int) {
	c := &h.condemned
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[int]store.Query{}
	}
	c.last++
	c.open[c.last] = q
	return c.last
}

// Spare takes a sentence back. It is false where it is too late.
func (h *History) Spare(sentence int) bool {
	_, open := h.condemned.take(sentence)
	return open
}

// Carry deletes what a sentence condemned, and says how many captures went.
func (h *History) Carry(ctx context.Context, sentence int) (int64, error) {
	q, open := h.condemned.take(sentence)
	if !open {
		return 0, nil
	}
	return h.Delete(ctx, q)
}

func (c *condemned) take(sentence int) (q store.Query, open bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q, open = c.open[sentence]
	delete(c.open, sentence)
	return q, open
}

// end carries out all sentences: nobody is left to take them back.
func (h *History) end() (err error) {
	h.condemned.mu.Lock()
	open := h.condemned.open
	h.condemned.open = nil
	h.condemned.mu.Unlock()
	for _, q := range open {
		_, failed := h.store.DeleteCaptures(context.Background(), q)
		err = errors.Join(err, failed)
	}
	return err
}
