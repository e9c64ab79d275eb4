package limit_test

import (
	"fmt"
	"time"

	"hookglass/core"
	"hookglass/core/limit"
)

// A limiter has no clock: the same times give the same decisions, live and in a what-if run.
func ExampleLimiter() {
	l, err := limit.New(core.Limit{Kind: limit.Bucket, Count: 2, Rate: 0.5}) // two at once, then one every two seconds
	if err != nil {
		fmt.Println(err)
		return
	}
	start := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	for _, after := range []time.Duration{0, 0, 0, time.Second, 2 * time.Second} {
		d := l.Allow(start.Add(after))
		fmt.Println(after, d.OK, d.RetryAfter)
	}
	// Output:
	// 0s true 0s
	// 0s true 0s
	// 0s false 2s
	// 1s false 1s
	// 2s true 0s
}
