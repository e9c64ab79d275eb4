package capture_test

import (
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/limit"
	"hookglass/core/platform"
)

const posted = "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"

// looking is echo with a look of its own.
func looking(look func(platform.In)) platform.Platform {
	p := echo
	p.New = func(c platform.Config) (platform.Machine, error) {
		return &echoMachine{path: c.Settings.Text("path"), look: look}, nil
	}
	return p
}

// TestNobodyWaitsForTheLookAtAnother: requests of one source are looked at side by side. Each look ends here only when the
// other has begun.
func TestNobodyWaitsForTheLookAtAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var both sync.WaitGroup
		both.Add(2)
		_, ln, _ := startWith(t, looking(func(platform.In) { both.Done(); both.Wait() }), nil)
		other := ln.dial()
		defer other.Close()
		go io.WriteString(other, posted)
		c := ln.dial()
		defer c.Close()
		if r := exchange(t, c, posted); r.StatusCode != 200 {
			t.Errorf("status %d", r.StatusCode)
		}
	})
}

// TestOrderIsThatOfTheTurn: a request that was long looked at comes after one that passed it: in the history, and by the time
// that its machine was told.
func TestOrderIsThatOfTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		st, ln, _ := startWith(t, looking(func(platform.In) {
			if n.Add(1) == 1 {
				time.Sleep(time.Second)
			}
		}), nil)
		slow, quick := ln.dial(), ln.dial()
		defer slow.Close()
		defer quick.Close()
		go io.WriteString(slow, posted)
		synctest.Wait()
		time.Sleep(time.Second / 2)
		exchange(t, quick, posted)
		first := newest(t, st)
		exchange(t, slow, "")
		second := newest(t, st)
		if second.ID <= first.ID || len(first.Work) != 1 || len(second.Work) != 1 {
			t.Fatalf("captures %d and %d", first.ID, second.ID)
		}
		told := func(c core.Capture) time.Time {
			w, err := st.Work(t.Context(), c.Work[0])
			if err != nil {
				t.Fatal(err)
			}
			return w.Created
		}
		if a, b := told(first), told(second); b.Sub(a) != time.Second/2 {
			t.Errorf("the machine was told %v and then %v", a, b)
		}
	})
}

// TestLimitComesBeforeTheLook: what a source refuses as too much costs it no look.
func TestLimitComesBeforeTheLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		_, ln, _ := startWith(t, looking(func(platform.In) { n.Add(1) }), func(src *core.Source) {
			src.Limit = &core.Limit{Kind: limit.Fixed, Count: 1, Window: time.Minute}
		})
		for _, want := range []int{200, 429, 429} {
			c := ln.dial()
			if r := exchange(t, c, posted); r.StatusCode != want {
				t.Errorf("status %d, want %d", r.StatusCode, want)
			}
			c.Close()
		}
		if n.Load() != 0 {
			t.Errorf("%d looks", n.Load())
		}
	})
}
