package view_test

import (
	"fmt"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/ui/view"
)

func TestContents(t *testing.T) {
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.Local)
	of := func(n int, change func(i int, c *core.Capture)) (all []core.Capture) {
		for i := range n {
			c := core.Capture{Request: core.Request{Method: "POST"}}
			change(i, &c)
			all = append(all, c)
		}
		return all
	}
	for name, tt := range map[string]struct {
		all  []core.Capture
		want string
	}{
		"none":            {nil, "[]"},
		"little is known": {of(2, func(int, *core.Capture) {}), "[{Methods POST}]"},
		"many": {of(1200, func(i int, c *core.Capture) {
			c.At = at.Add(time.Duration(i) * time.Second)
			c.Request.Host, c.Request.Size, c.Response.Status = fmt.Sprintf("h%d.test", i%6), 1024, 200+i%2*200
			if i%3 == 0 {
				c.Request.Method = "GET"
			}
		}), "[{Methods POST 800, GET 400} {Hosts h0.test 200, h1.test 200, h2.test 200, h3.test 200, and 2 more} {Made 20 Nov 2026, 12:00:00 to 12:19:59} {Answered 2xx 600, 4xx 600} {Bodies 1.2 MB in all}]"},
		"over midnight, newest first": {of(2, func(i int, c *core.Capture) { c.At = at.Add(-time.Duration(i) * 24 * time.Hour) }), "[{Methods POST} {Made 19 Nov 2026, 12:00:00 to 20 Nov 2026, 12:00:00}]"},
		"one":                         {of(1, func(_ int, c *core.Capture) { c.At = at }), "[{Methods POST} {Made 20 Nov 2026, 12:00:00}]"},
	} {
		if got := fmt.Sprint(view.Contents(tt.all)); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}
