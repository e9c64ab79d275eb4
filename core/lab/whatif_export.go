package lab

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

// WriteJSON writes the result with its settings, indented.
func (r *Result) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write the what-if result: %w", err)
	}
	return nil
}

// WriteResults writes one result as WriteJSON does, and several as a list.
func WriteResults(w io.Writer, results []Result) error {
	if len(results) == 1 {
		return results[0].WriteJSON(w)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(results); err != nil {
		return fmt.Errorf("write the what-if results: %w", err)
	}
	return nil
}

// WriteCSV writes the series, one line per row, times in seconds since the start.
func (r *Result) WriteCSV(w io.Writer) error { return WriteSeries(w, []Result{*r}) }

// WriteSeries writes the series of results below one another. Of several, each line begins with the scenario's name.
func WriteSeries(w io.Writer, results []Result) error {
	c := csv.NewWriter(w)
	named := func(name string, line []string) []string {
		if len(results) == 1 {
			return line
		}
		return append([]string{name}, line...)
	}
	c.Write(named("run", []string{"seconds", "arrived", "attempts", "accepted", "limited", "failed", "retries", "delivered", "lost", "retrying", "queue", "backlog"}))
	for _, r := range results {
		for _, row := range r.Series {
			line := []string{strconv.FormatFloat(row.At.Seconds(), 'f', -1, 64)}
			for _, n := range []int64{row.Arrived, row.Attempts, row.Accepted, row.Limited, row.Failed, row.Retries, row.Delivered, row.Lost, row.Retrying, row.Queue, row.Backlog} {
				line = append(line, strconv.FormatInt(n, 10))
			}
			c.Write(named(r.Scenario.Name, line))
		}
	}
	c.Flush()
	if err := c.Error(); err != nil { // the first of all that went wrong
		return fmt.Errorf("write the what-if series: %w", err)
	}
	return nil
}
