package capture_test

import (
	"testing"
	"testing/synctest"

	"hookglass/core"
)

func TestForwardIsTheCapturesOwn(t *testing.T) {
	for _, tt := range []struct {
		name    string
		forward core.Forward
		want    int
	}{
		{"this machine", core.Forward{URL: "http://127.0.0.1:9/"}, 1},
		{"another machine, agreed to", core.Forward{URL: "http://example.com/", Confirmed: true}, 1},
		{"another machine", core.Forward{URL: "http://example.com/"}, 0},
		{"nowhere", core.Forward{URL: "http://127.0.0.1:9/", Off: true}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st, ln, _ := start(t, func(s *core.Source) { s.Forwards = core.Forwards{tt.forward} })
				exchange(t, ln.dial(), "POST /in HTTP/1.1\r\nHost: h\r\n\r\n")
				if c := newest(t, st); len(c.Deliveries) != tt.want {
					t.Errorf("deliveries %v, want %d", c.Deliveries, tt.want)
				}
			})
		})
	}
}
