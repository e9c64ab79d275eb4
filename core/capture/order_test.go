package capture_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/capture"
	"hookglass/core/platform"
	"hookglass/core/store"
)

// slow accepts what comes, makes an endpoint whose secret takes its time to be kept, and has the work of it all done on the
// next full second.
var slow = platform.Platform{Name: "echo", Title: "Slow", Inbound: true, Outbound: true, New: func(c platform.Config) (platform.Machine, error) {
	return &slowMachine{path: c.Settings.Text("path"), open: c.Work}, nil
}}

type slowMachine struct {
	path string
	open []core.WorkItem
}

func (m *slowMachine) Match(path string) int {
	if path == m.path {
		return 1
	}
	return 0
}

func (m *slowMachine) Look(platform.In) platform.Seen { return platform.Seen{} }

func (m *slowMachine) Receive(in platform.In) platform.Out {
	id := in.Request.Header.Get("X-Id")
	w := core.WorkItem{ID: id, Platform: "echo", State: "running", Created: in.Now}
	m.open = append(m.open, w)
	out := platform.Out{Response: core.Response{Status: 200}, Work: []core.WorkItem{w}, Next: in.Now.Truncate(time.Second).Add(time.Second),
		PutEndpoints: []core.Endpoint{{Platform: "echo", WireID: "e", Name: id, Target: core.Target{URL: "https://a.example"}}}}
	for _, e := range in.Endpoints {
		out.PutEndpoints[0].ID = e.ID // it is changed
	}
	if strings.HasPrefix(id, "slow") {
		out.Secrets = map[string]core.Secret{"e": core.Text("s")}
	}
	return out
}

func (m *slowMachine) Advance(now time.Time, _ platform.IDs) (out platform.Out, next time.Time) {
	for _, w := range m.open {
		if w.Final {
			continue
		}
		w.State, w.Final = "done", true
		out.Work = append(out.Work, w)
	}
	m.open = nil
	return out, time.Time{}
}

// startSlow serves a slow source: what has a secret to keep waits for so long until it is written.
func startSlow(t *testing.T, takes time.Duration) (*store.Store, *capture.Server, func(id string) int) {
	st, ln, s := startWith(t, slow, nil)
	s.KeepSecret = func(string, core.Secret) core.SecretRef { <-time.After(takes); return "memory:1" }
	return st, s, func(id string) int {
		c := ln.dial()
		defer c.Close()
		resp := exchange(t, c, fmt.Sprintf("POST /in HTTP/1.1\r\nHost: h\r\nX-Id: %s\r\nContent-Length: 0\r\n\r\n", id))
		return resp.StatusCode
	}
}

// TestDecidedFirstIsWrittenFirst: the state of a work item, and an endpoint, stand as they were decided last, however long an
// earlier decision takes on its way to the disk.
func TestDecidedFirstIsWrittenFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second + 100*time.Millisecond)))
		st, _, post := startSlow(t, 3*time.Second)
		post("quick-1") // something is due on the next second
		go post("slow")
		synctest.Wait()
		go post("quick-2")
		time.Sleep(10 * time.Second)
		for _, id := range []string{"quick-1", "slow", "quick-2"} {
			if w, err := st.Work(t.Context(), id); err != nil || !w.Final || w.State != "done" {
				t.Errorf("%s is %s, final %v, %v", id, w.State, w.Final, err)
			}
		}
		eps, err := st.Endpoints(t.Context())
		if err != nil || len(eps) != 1 || eps[0].Name != "quick-2" {
			t.Errorf("the endpoint is %+v, %v: the last to change it was quick-2", eps, err)
		}
	})
}

// TestSourceChangedMeanwhile: work that was accepted while its source was being changed is done by the one that has its place.
func TestSourceChangedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second + 100*time.Millisecond)))
		st, s, post := startSlow(t, 100*time.Millisecond)
		post("quick")
		go post("slow")
		synctest.Wait()
		changed := core.Source{ID: 7, Name: "renamed", Platform: "echo", Settings: core.Values{"path": "/in"}}
		go s.Load(context.Background(), []core.Source{changed}, 1)
		synctest.Wait()
		status := make(chan int)
		go func() { status <- post("waited") }() // comes while the source changes hands
		if got := <-status; got != 200 {
			t.Errorf("answered %d", got)
		}
		if c := newest(t, st); c.Name != "renamed" {
			t.Errorf("what came meanwhile went to %q", c.Name)
		}
		time.Sleep(10 * time.Second)
		for _, id := range []string{"slow", "waited"} {
			if w, err := st.Work(t.Context(), id); err != nil || !w.Final {
				t.Errorf("%s is %s, final %v, %v", id, w.State, w.Final, err)
			}
		}
	})
}

// TestTurnOfNobody: a request that breaks between its decision and its place in the queue keeps nobody waiting.
func TestTurnOfNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, s := startWith(t, slow, nil)
		s.KeepSecret = func(string, core.Secret) core.SecretRef { panic("as a fault of ours would") }
		broken := ln.dial()
		go io.WriteString(broken, "POST /in HTTP/1.1\r\nHost: h\r\nX-Id: slow\r\nContent-Length: 0\r\n\r\n")
		if b, _ := io.ReadAll(broken); len(b) > 0 {
			t.Errorf("answered %q", b)
		}
		c := ln.dial()
		if resp := exchange(t, c, "POST /in HTTP/1.1\r\nHost: h\r\nX-Id: quick\r\nContent-Length: 0\r\n\r\n"); resp.StatusCode != 200 {
			t.Errorf("answered %d", resp.StatusCode)
		}
		time.Sleep(5 * time.Second)
		if w, err := st.Work(t.Context(), "quick"); err != nil || !w.Final {
			t.Errorf("%+v, %v", w, err)
		}
	})
}
