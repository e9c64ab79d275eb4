package store

// SQL is the condition of a query, for tests of how it is read.
func (q Query) SQL() (string, []any) { return q.sql() }
