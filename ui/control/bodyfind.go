package control

import (
	"strings"
	"unicode/utf8"
)

// Finder is Rows that finds faster than row by row. Matches are found across rows that continue one another.
type Finder interface {
	// FindAll calls found for the places of a text in order, at most most times: the row and byte where it begins,
	// and its length, which may reach into the rows that continue that row.
	FindAll(query string, most int, found func(row, at, length int))
}

type match struct{ row, at, length int }

// mostMatches bounds the work of a search for one letter in a large body.
const mostMatches = 100_000

// found is what was looked for and where it is.
type found struct {
	query   string
	matches []match
	now     int
}

// refind looks again in rows that were cut anew.
func (f *found) refind(rows Rows) {
	if f.query != "" {
		f.matches = findAll(rows, f.query)
		f.now = min(f.now, max(len(f.matches)-1, 0))
	}
}

// Find marks every place of a text and goes to the first one from what is in sight on; "" ends the search.
// It returns how many there are, at most 100,000.
func (v *BodyView) Find(query string) int {
	v.found = found{}
	if query == "" || v.rows == nil {
		v.Refresh()
		return 0
	}
	v.find(query)
	top := v.firstRow()
	for i, m := range v.found.matches {
		if m.row >= top {
			v.found.now = i
			break
		}
	}
	v.goToMatch()
	return len(v.found.matches)
}

func (v *BodyView) find(query string) {
	v.found.query = query
	v.found.matches = findAll(v.rows, query)
	v.found.now = min(v.found.now, max(len(v.found.matches)-1, 0))
}

// FindNext goes to the next match, or back to the one before; past the end it begins again.
func (v *BodyView) FindNext(back bool) {
	n := len(v.found.matches)
	if n == 0 {
		return
	}
	step := 1
	if back {
		step = n - 1
	}
	v.found.now = (v.found.now + step) % n
	v.goToMatch()
}

// Matches tells which match is the present one, from 1, of how many.
func (v *BodyView) Matches() (now, of int) {
	if n := len(v.found.matches); n > 0 {
		return v.found.now + 1, n
	}
	return 0, 0
}

func (v *BodyView) goToMatch() {
	if len(v.found.matches) == 0 {
		v.Refresh()
		return
	}
	m := v.found.matches[v.found.now]
	y := float64(m.row) * float64(v.cell.Height)
	if y < v.off || y+float64(v.cell.Height) > v.off+float64(v.Size().Height) {
		v.off = v.clamp(y - float64(v.Size().Height)/3)
	}
	if !v.wrap {
		x := float32(columnOf(v.rows.Row(m.row), m.at)) * v.cell.Width
		if room := v.Size().Width - v.gutter - 60; x < v.left || x > v.left+room {
			v.scrollSideways(x - room/2)
		}
	}
	v.Refresh()
}

func findAll(rows Rows, query string) (ms []match) {
	if f, ok := rows.(Finder); ok {
		f.FindAll(query, mostMatches, func(row, at, length int) { ms = append(ms, match{row, at, length}) })
		return ms
	}
	for i := range rows.Len() {
		row := rows.Row(i)
		for at := 0; ; {
			k := indexFold(row[at:], query)
			if k < 0 {
				break
			}
			if len(ms) == mostMatches {
				return ms
			}
			ms = append(ms, match{i, at + k, len(query)})
			at += k + max(len(query), 1)
		}
	}
	return ms
}

// indexFold is strings.Index without regard to the case of letters of one length.
func indexFold(s, sub string) int {
	if sub == "" || len(sub) > len(s) {
		return -1
	}
	for i := 0; i+len(sub) <= len(s); {
		if strings.EqualFold(s[i:i+len(sub)], sub) {
			return i
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		i += n
	}
	return -1
}
