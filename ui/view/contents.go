package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"hookglass/core"
)

// Content is one thing that is said of many captures.
type Content struct{ Name, Text string }

// Contents say what captures are, before anybody has looked at one of them: their methods, where they went, when they were
// made, how they were answered and how large they are. What none of them says is left out.
func Contents(all []core.Capture) (out []Content) {
	methods, hosts, answers := tally{}, tally{}, tally{}
	var first, last time.Time
	var size int64
	for i := range all {
		c := &all[i]
		methods[c.Request.Method]++
		if host := c.Request.Host; host != "" {
			hosts[host]++
		}
		if s := c.Response.Status; s > 0 {
			answers[fmt.Sprintf("%dxx", s/100)]++
		}
		size += c.Request.Size
		if c.At.IsZero() {
			continue
		}
		if first.IsZero() || c.At.Before(first) {
			first = c.At
		}
		if c.At.After(last) {
			last = c.At
		}
	}
	add := func(name, text string) {
		if text != "" {
			out = append(out, Content{name, text})
		}
	}
	add("Methods", methods.String())
	add("Hosts", hosts.String())
	add("Made", stretch(first, last))
	add("Answered", answers.String())
	if size > 0 {
		add("Bodies", Size(size)+" in all")
	}
	return out
}

// mostTallied bounds how many of a kind are named.
const mostTallied = 4

// tally counts things of a kind.
type tally map[string]int

// String names the most frequent ones: "POST 12, GET 3".
func (t tally) String() string {
	var names []string
	for name := range t {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(t[b], t[a]), strings.Compare(a, b)) })
	var parts []string
	for _, name := range names[:min(len(names), mostTallied)] {
		part := name
		if len(names) > 1 {
			part += " " + Count(int64(t[name]))
		}
		parts = append(parts, part)
	}
	if more := len(names) - mostTallied; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, ", ")
}

// stretch is a span of time: "20 Nov 2026, 12:00 to 13:30".
func stretch(from, to time.Time) string {
	if from.IsZero() {
		return ""
	}
	from, to = from.Local(), to.Local()
	const day, clock = "2 Jan 2006", "15:04:05"
	begin := from.Format(day + ", " + clock)
	switch {
	case from.Equal(to):
		return begin
	case from.Format(day) == to.Format(day):
		return begin + " to " + to.Format(clock)
	}
	return begin + " to " + to.Format(day+", "+clock)
}
