package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"hookglass/core"
)

// sought is a text that a word of a filter looks for in one kind of [texts].
type sought struct{ of, text string }

// gramsMost bounds how many parts of a text are looked up: a few tell most captures apart, and what is found is compared.
const gramsMost = 24

// grams is the question for the captures that have all of a text's three-letter parts; empty where it has none.
func (w sought) grams() string {
	letters := []rune(w.text)
	if len(letters) < 3 || !readable([]byte(w.text)) || !utf8.ValidString(w.text) {
		return ""
	}
	var parts []string
	step := max(1, len(letters)/gramsMost)
	for i := 0; i+3 <= len(letters); i += step {
		part := `"` + strings.ReplaceAll(string(letters[i:i+3]), `"`, `""`) + `"`
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " AND ")
}

// questions are what all words of q ask the index, by the kind of text.
func (q Query) questions() map[string]string {
	all := map[string]string{}
	for _, c := range q.conds {
		g := c.sought.grams()
		switch before := all[c.sought.of]; {
		case g == "":
		case before != "":
			all[c.sought.of] = before + " AND " + g
		default:
			all[c.sought.of] = g
		}
	}
	return all
}

// candidates are the captures of a shard, up to one, that may have what is asked for, and up to which the index knows. All is
// read at one moment.
func (x *index) candidates(ctx context.Context, questions map[string]string, shard int64, top core.CaptureID) (ids IDs, upto core.CaptureID, err error) {
	tx, err := x.read.BeginTx(ctx, nil)
	if err != nil {
		return ids, 0, err
	}
	defer tx.Rollback()
	r := shardRange(shard)
	err = tx.QueryRowContext(ctx, "SELECT coalesce(max(upto), 0) FROM shard WHERE id=? AND wiping=0", shard).Scan(&upto)
	if err != nil || upto < r.From {
		return ids, 0, err
	}
	upto = min(upto, top)
	read := func(query string, args ...any) (IDs, error) {
		var text *string
		if err := tx.QueryRowContext(ctx, query, append(args, int64(r.From), int64(upto))...).Scan(&text); err != nil {
			return IDs{}, fmt.Errorf("ask the search index: %w", err)
		}
		var some finding
		if text != nil {
			some.addText(*text)
		}
		return some.ids(), nil
	}
	all := true
	for of, question := range questions {
		table := shardTable(of, shard)
		some, err := read("SELECT group_concat(rowid, ' ') FROM "+table+" WHERE "+table+" MATCH ? AND rowid BETWEEN ? AND ?", question)
		if err != nil {
			return ids, 0, err
		}
		if all {
			ids, all = some, false
		} else {
			ids = ids.And(some)
		}
	}
	unread, err := read("SELECT group_concat(id, ' ') FROM unread WHERE id BETWEEN ? AND ?")
	if err != nil {
		return ids, 0, err
	}
	ids = ids.With(unread)
	return ids, upto, nil
}

// compareMost is how many candidates are compared in one piece.
const compareMost = 256

// nextByIndex is next where the index tells most captures apart: candidates are compared, and what it does not know is read.
func (w *walker) nextByIndex(ctx context.Context, read func(piece) (more bool, err error)) (more bool, err error) {
	if n := w.pending.Len(); n > 0 {
		some := w.pending.From(max(0, n-compareMost), compareMost)
		text, err := json.Marshal(some)
		if err != nil {
			return false, err
		}
		args := append(slices.Clone(w.args), string(text))
		more, err = read(piece{w.from, w.where + " AND c.id IN (SELECT value FROM json_each(?))", args})
		w.pending = w.pending.In(IDRange{0, some[0] - 1})
		return more && (w.end > 0 || w.pending.Len() > 0), err
	}
	top := w.ids.At(w.end - 1)
	shard := shardOf(top)
	ids, upto, err := w.x.candidates(ctx, w.questions, shard, top)
	if err != nil && ctx.Err() == nil {
		w.x = nil // it is of no use: all is read
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if upto < top {
		return w.scan(ctx, max(w.ids.Below(upto+1), w.ids.Below(shardRange(shard).From)), read)
	}
	begin := w.ids.Below(shardRange(shard).From)
	w.pending = ids.And(w.ids.In(IDRange{shardRange(shard).From, top}))
	w.end = begin
	return w.end > 0 || w.pending.Len() > 0, nil
}
