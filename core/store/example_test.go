package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// A filter is words that must all hold.
func ExampleParseQuery() {
	dir, err := os.MkdirTemp("", "hookglass")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx, now := context.Background(), time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	s, err := store.Open(ctx, filepath.Join(dir, "history.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	for i, name := range []string{"stripe", "github", "stripe"} {
		c := core.Capture{At: now.Add(time.Duration(i-3) * time.Hour), Name: name, Request: core.Request{Method: "POST", Target: "/in/" + name}, Response: core.Response{Status: 200 + 200*(i/2)}}
		if err := s.AddCapture(&c, nil); err != nil {
			fmt.Println(err)
			return
		}
	}
	for _, text := range []string{"source:stripe", "source:stripe status:4xx", "-source:stripe", "since:90m", "since:soon"} {
		q, err := store.ParseQuery(text, now)
		if err != nil {
			fmt.Println(err)
			continue
		}
		ids, err := s.CaptureIDs(ctx, q, 0)
		if err != nil {
			fmt.Println(err)
		}
		fmt.Println(text, ids)
	}
	// Output:
	// source:stripe [3 1]
	// source:stripe status:4xx [3]
	// -source:stripe [2]
	// since:90m [3]
	// filter since:soon: want a time ago (15m, 2h, 3d), a date (2026-11-20) or a time (2026-11-20T14:05:00Z)
}
