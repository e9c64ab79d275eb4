package platform_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
)

// A machine answers a request and says what it will do; the time, the ids and the request come from outside.
func ExampleMachine() {
	workjet, _ := platform.Find("workjet")
	m, err := workjet.New(platform.Config{Settings: core.Values{"id": "wh_demo"}, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	now, ids := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC), platform.NewIDs(rand.New(rand.NewPCG(1, 2)))
	r := core.Request{Method: "POST", Target: "/v1/webhooks/wh_demo", Body: []byte(`{"event":"ticket.created"}`)}

	out := m.Receive(platform.In{Now: now, Request: &r, IDs: ids})
	work := out.Work[0]
	fmt.Println(out.Response.Status, out.Receipt.Outcome, work.State)
	for due := out.Next; !work.Final; {
		out, due = m.Advance(due, ids)
		work = out.Work[0]
	}
	fmt.Println(work.State, "in", len(work.Steps), "steps:", work.Output)
	// Output:
	// 200 accepted queued
	// completed in 6 steps: The assistant has handled the webhook.
}
