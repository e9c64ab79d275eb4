package store

import "time"

// URI is uri, for tests.
var URI = uri

// SQL is the condition of a query, for tests of how it is read.
func (q Query) SQL() (string, []any) { return q.sql() }

// SetAnswerWithin changes how long a drive may take to answer, and returns what puts it back.
func SetAnswerWithin(d time.Duration) (back func()) {
	before := answerWithin
	answerWithin = d
	return func() { answerWithin = before }
}

// SetRowMost changes what a row may hold, and returns what puts it back.
func SetRowMost(n int) (back func()) {
	before := rowMost
	rowMost = n
	return func() { rowMost = before }
}
