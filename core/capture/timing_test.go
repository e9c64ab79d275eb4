package capture_test

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
)

func TestTimingOfACapture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, _ := start(t, func(s *core.Source) {
			s.Faults = core.Faults{Latency: core.Latency{Kind: "fixed", Base: 3 * time.Second}}
		})
		c := ln.dial()
		go func() {
			io.WriteString(c, "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab")
			time.Sleep(2 * time.Second)
			io.WriteString(c, "cd")
		}()
		exchange(t, c, "")
		got := newest(t, st)
		if got.Receipt.Read != 2*time.Second || got.Took < got.Receipt.Read || got.Receipt.Delayed != 3*time.Second {
			t.Errorf("read in %v, decided after %v, delayed by %v; want 2s, as much or more, 3s", got.Receipt.Read, got.Took, got.Receipt.Delayed)
		}
	})
}
