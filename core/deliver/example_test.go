package deliver_test

import (
	"fmt"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
)

// What follows from an attempt is decided by a function: no clock, no store, no goroutine.
func ExampleAfter() {
	at := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	policy := core.RetryPolicy{Retries: 2, Base: time.Second, Factor: 10, StopOn: []int{410}}
	d := core.Delivery{ID: 7, State: core.Waiting, Target: core.Target{URL: "https://a.test/hook", Policy: policy}}
	for number, status := range []int{500, 503, 500} {
		d = deliver.After(d, core.Attempt{Delivery: d.ID, Number: number + 1, Response: &core.Response{Status: status}}, at, 1, 1)
		fmt.Println(status, d.State, "due after", d.Due.Sub(at))
	}
	fmt.Println(d.Reason)
	gone := deliver.After(core.Delivery{State: core.Waiting, Target: d.Target}, core.Attempt{Number: 1, Response: &core.Response{Status: 410}}, at, 1, 1)
	fmt.Println(410, gone.State, gone.Reason)
	// Output:
	// 500 waiting due after 1s
	// 503 waiting due after 10s
	// 500 exhausted due after 10s
	// gave up after 3 attempts
	// 410 exhausted the receiver answered 410, which ends it
}
