package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
)

// quiet is an engine that nothing arrives at, inside a bubble of synctest: what it keeps, the test puts there.
type quiet struct {
	testing.TB
	*engine.Engine
}

func inBubble(t *testing.T, do func(q quiet)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e, err := engine.Open(t.Context(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		do(quiet{t, e})
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
}

func (q quiet) keep(method, target string, verdict core.VerdictState) core.CaptureID {
	q.Helper()
	c := core.Capture{At: time.Now(), Name: "shop", Request: core.Request{Method: method, Target: target}, Response: core.Response{Status: 200},
		Receipt: core.Receipt{Outcome: core.Accepted}}
	if verdict != "" {
		c.Receipt.Verdict = &core.Verdict{State: verdict, Scheme: "github"}
	}
	if err := q.Store.AddCapture(&c, nil); err != nil {
		q.Fatal(err)
	}
	return c.ID
}

// wait begins to wait and returns once it does.
func (q quiet) wait(w engine.Wanted) func() engine.Waited {
	var got engine.Waited
	var err error
	over := make(chan struct{})
	go func() { defer close(over); got, err = q.Wait(context.Background(), w) }()
	synctest.Wait()
	return func() engine.Waited {
		q.Helper()
		<-over
		if err != nil {
			q.Fatal(err)
		}
		return got
	}
}

func ids(all []engine.CaptureJSON) (out []core.CaptureID) {
	for _, c := range all {
		out = append(out, c.ID)
	}
	return out
}

func TestWaitingCountsWhatComesFromNowOn(t *testing.T) {
	inBubble(t, func(q quiet) {
		q.keep("POST", "/in/a", "")
		got := q.wait(engine.Wanted{Query: "path:/in/a", Count: 2, After: -1, Timeout: time.Hour})
		q.keep("POST", "/in/a", "")
		q.keep("POST", "/in/b", "")
		q.keep("POST", "/in/a", "")
		q.keep("POST", "/in/a", "")
		if w := got(); !slices.Equal(ids(w.Captures), []core.CaptureID{2, 4}) || w.TimedOut || w.Last != 4 || w.Reason != "" {
			t.Errorf("%+v", w)
		}
	})
}

func TestWaitingCountsWhatCameBefore(t *testing.T) {
	inBubble(t, func(q quiet) {
		q.keep("POST", "/in/a", "")
		time.Sleep(time.Minute) // of the bubble
		q.keep("POST", "/in/a", "")
		for _, c := range []struct {
			w    engine.Wanted
			want []core.CaptureID
		}{
			{engine.Wanted{After: 0}, []core.CaptureID{1}},
			{engine.Wanted{After: 1}, []core.CaptureID{2}},
			{engine.Wanted{After: -1}, nil},
			{engine.Wanted{After: -1, Since: 30 * time.Second}, []core.CaptureID{2}},
			{engine.Wanted{After: -1, Since: time.Hour, Count: 2}, []core.CaptureID{1, 2}},
		} {
			if got := q.wait(c.w)(); !slices.Equal(ids(got.Captures), c.want) || got.TimedOut != (c.want == nil) {
				t.Errorf("%+v: %+v", c.w, got)
			}
		}
	})
}

// A capture may come to match later, and the newest may be deleted meanwhile.
func TestWaitingSeesWhatChanges(t *testing.T) {
	inBubble(t, func(q quiet) {
		got := q.wait(engine.Wanted{Query: "note:mine", After: -1, Timeout: time.Hour})
		id := q.keep("POST", "/in/a", "")
		synctest.Wait()
		if _, err := q.History.Note(q.Context(), id, "mine"); err != nil {
			t.Fatal(err)
		}
		if w := got(); !slices.Equal(ids(w.Captures), []core.CaptureID{id}) {
			t.Errorf("%+v", w)
		}
		q.keep("POST", "/in/a", "")
		time.Sleep(time.Second) // of the bubble
		got = q.wait(engine.Wanted{Query: "path:/in/a", After: -1, Timeout: time.Hour})
		if _, err := q.History.Delete(q.Context(), store.Query{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		id = q.keep("POST", "/in/a", "")
		if w := got(); !slices.Equal(ids(w.Captures), []core.CaptureID{id}) || w.TimedOut {
			t.Errorf("%+v", w)
		}
	})
}

func TestWaitingInVainSaysWhy(t *testing.T) {
	inBubble(t, func(q quiet) {
		got := q.wait(engine.Wanted{Query: `sig:verified path:/in/a -method:GET "two words"`, Count: 2, After: -1, Timeout: 30 * time.Second})
		q.keep("GET", "/in/b", "")
		q.keep("POST", "/in/a?two words", core.Verified)
		q.keep("POST", "/in/a?two words", core.Mismatch)
		w := got()
		if !w.TimedOut || len(w.Captures) != 1 || w.Others != 2 || len(w.Misses) != 2 {
			t.Fatalf("%+v", w)
		}
		if f := w.Misses[0].Failed; w.Misses[0].ID != 3 || !slices.Equal(f, []string{"sig:verified"}) {
			t.Errorf("the newest failed at %q", f)
		}
		if f := w.Misses[1].Failed; !slices.Equal(f, []string{"sig:verified", "path:/in/a", "-method:GET", `"two words"`}) {
			t.Errorf("the other failed at %q", f)
		}
		for _, want := range []string{"1 of 2 came in 30 seconds; 2 others did not match", "capture 3 POST /in/a?two words (shop, mismatch, 200) is not sig:verified", "-method:GET"} {
			if !strings.Contains(w.Reason, want) {
				t.Errorf("it does not say %q: %s", want, w.Reason)
			}
		}
		if w := q.wait(engine.Wanted{After: -1})(); !strings.Contains(w.Reason, "0 of 1 came in 0 seconds, and nothing else came either") {
			t.Errorf("nothing came: %s", w.Reason)
		}
	})
}

func TestWaitingThatIsWrongOrGivenUp(t *testing.T) {
	inBubble(t, func(q quiet) {
		var invalid *core.Invalid
		if _, err := q.Wait(q.Context(), engine.Wanted{Query: "colour:red"}); !errors.As(err, &invalid) {
			t.Errorf("a filter that is none: %v", err)
		}
		ctx, cancel := context.WithCancel(q.Context())
		over := make(chan error)
		go func() { _, err := q.Wait(ctx, engine.Wanted{After: -1, Timeout: time.Hour}); over <- err }()
		synctest.Wait()
		cancel()
		if err := <-over; !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
	})
}

func TestWaitingOverTheControlAddress(t *testing.T) {
	t.Parallel()
	r := holding(t, 3)
	var got engine.Waited
	r.ask("GET", "/_/wait?query=path:/a&count=2&after=1&timeout_s=60", nil, &got)
	if !slices.Equal(ids(got.Captures), []core.CaptureID{2, 3}) || string(got.Captures[0].BodyB64) != "hello" {
		t.Errorf("%+v", got)
	}
	r.ask("GET", "/_/wait?timeout_s=0", nil, &got)
	if !got.TimedOut || got.Reason == "" {
		t.Errorf("%+v", got)
	}
	for _, bad := range []string{"query=colour:red", "count=0.5", "count=1001", "timeout_s=-1", "timeout_s=NaN", "timeout_s=1e9", "since_s=x", "after=-1"} {
		var said engine.RefusalJSON
		if status := r.status("GET", "/_/wait?"+bad, nil, &said); status != 400 || said.Error.Field == "" || said.Error.Reason == "" {
			t.Errorf("%s: %d %v", bad, status, said)
		}
	}
}
