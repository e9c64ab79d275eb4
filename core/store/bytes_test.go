package store_test

import (
	"slices"
	"testing"

	"hookglass/core"
)

// TestDeliveriesKeepEveryByteOfTheirHeader: a replay sends what came, also where that is no UTF-8.
func TestDeliveriesKeepEveryByteOfTheirHeader(t *testing.T) {
	s := open(t)
	h := core.Header{{Name: "X-Name", Value: "caf\xe9"}}
	ids := owe(t, s, core.Delivery{Target: core.Target{URL: "http://a.test/"}, Request: core.Request{Method: "POST", Header: h}})
	d, err := s.Delivery(t.Context(), ids[0])
	if err != nil || !slices.Equal(d.Request.Header, h) {
		t.Errorf("%q, %v", d.Request.Header, err)
	}
	got := keep(t, s, 1, func(_ int, c *core.Capture) {
		c.Request.Head, c.Request.Header, c.Response.Header = nil, h, h
	})
	c, err := s.Capture(t.Context(), got[0])
	if err != nil || !slices.Equal(c.Request.Header, h) || !slices.Equal(c.Response.Header, h) {
		t.Errorf("%q, %q, %v", c.Request.Header, c.Response.Header, err)
	}
}
