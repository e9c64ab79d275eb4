package store

import "time"

// URI is uri, for tests.
var URI = uri

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
