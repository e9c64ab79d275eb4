package engine_test

import (
	"net/http"
	"testing"

	"hookglass/core/engine"
)

// A delivery is given up, sent again, and refused both where that makes no sense.
func TestDeliveriesAreDecidedOverTheControlAddress(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 8)
	r := forwarding(t, func(http.ResponseWriter, *http.Request) { arrived <- struct{}{} })
	r.Outbox.PauseAll()
	r.send("POST", "/a", nil, nil)
	var d engine.DeliveryJSON
	if status := r.status("POST", "/_/deliveries/1/cancel", nil, &d); status != 200 || d.State != "cancelled" {
		t.Errorf("%d %+v", status, d)
	}
	r.Outbox.ResumeAll()
	if status := r.status("POST", "/_/deliveries/1/retry", nil, &d); status != 200 || d.ID != 1 {
		t.Errorf("%d %+v", status, d)
	}
	<-arrived
	r.until("it is delivered", func() bool {
		r.ask("GET", "/_/deliveries/1", nil, &d)
		return d.State == "delivered"
	})
	for path, want := range map[string]int{"/_/deliveries/1/cancel": 409, "/_/deliveries/9/cancel": 404, "/_/deliveries/9/retry": 404, "/_/deliveries/x/retry": 400} {
		var said engine.RefusalJSON
		if status := r.status("POST", path, nil, &said); status != want || said.Error.Reason == "" || said.Error.Next == "" {
			t.Errorf("%s: %d %v, want %d", path, status, said, want)
		}
	}
}
