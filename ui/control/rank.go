package control

import (
	"strings"
	"unicode"
)

// How well what is typed fits, from one kind of fit to the next; within a kind the closer text is worth more.
const (
	fitBegins = 900 // the text begins with it
	fitWords  = 800 // each word of it begins a word of the text, one after the other
	fitAny    = 700 // the same in any order
	fitLoose  = 100 // its letters come in order, with others between
	besides   = 400 // taken off where the further words of a command fit, and not its label
)

// Rank says how well what is typed fits a text: 0 not at all, more is better. Beginnings of words count first; only then may
// letters be left out.
func Rank(typed, text string) int {
	typed, text = strings.ToLower(strings.Join(strings.Fields(typed), " ")), strings.TrimSpace(text)
	if typed == "" {
		return 1
	}
	near := max(40-len(text)/16, 0) // much shorter is closer; else the order of the commands holds
	if strings.HasPrefix(strings.ToLower(text), typed) {
		return fitBegins + near
	}
	switch want, have := strings.Fields(typed), wordsOf(text); {
	case beginInOrder(want, have):
		return fitWords + near
	case beginAny(want, have):
		return fitAny + near
	}
	return loosely(typed, text)
}

// wordsOf are the words of a text in lower case: runs of letters and digits, and the later parts of what is written InOne.
func wordsOf(text string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		out = append(out, strings.ToLower(word))
		before := 'A'
		for i, r := range word {
			if unicode.IsUpper(r) && unicode.IsLower(before) {
				out = append(out, strings.ToLower(word[i:]))
			}
			before = r
		}
	}
	return out
}

func beginInOrder(want, have []string) bool {
	for _, h := range have {
		if len(want) > 0 && strings.HasPrefix(h, want[0]) {
			want = want[1:]
		}
	}
	return len(want) == 0
}

func beginAny(want, have []string) bool {
	for _, w := range want {
		found := false
		for _, h := range have {
			found = found || strings.HasPrefix(h, w)
		}
		if !found {
			return false
		}
	}
	return true
}

// loosely looks for the letters in order: those that begin words and those that follow one another count more.
func loosely(typed, text string) int {
	want := []rune(strings.ReplaceAll(typed, " ", ""))
	rank, k, last := fitLoose, 0, -2
	before := ' '
	for i, r := range []rune(text) {
		if k < len(want) && unicode.ToLower(r) == want[k] {
			switch {
			case last == i-1:
				rank += 8
			case before == ' ' || unicode.IsLower(before) && unicode.IsUpper(r):
				rank += 10
			default:
				rank -= 3
			}
			last, k = i, k+1
		}
		before = r
	}
	if k < len(want) {
		return 0
	}
	return max(min(rank-len(text)/8, fitAny-besides-1), 2)
}

// RankOf is that of a command: by its label, else by its further words and its hint.
func RankOf(typed string, c Command) int {
	rank := Rank(typed, c.Label)
	if other := Rank(typed, c.Words+" "+c.Hint); other >= fitAny { // no letters are left out where nobody sees them
		rank = max(rank, other-besides)
	}
	return rank
}
