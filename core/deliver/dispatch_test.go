package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/store"
)

func TestDueDeliveriesGoOutWhenTheyAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.net.serve(t, "a.test:80", scripted(200))
		late := to("http://a.test/", "1")
		late.Due = time.Now().Add(10 * time.Second)
		waited := r.add(late)[0]
		start := time.Now()
		stop := r.start()
		defer stop()
		time.Sleep(3 * time.Second)
		now := r.add(to("http://a.test/", "2"))[0] // the feed tells
		time.Sleep(time.Minute)
		for id, want := range map[core.DeliveryID]time.Duration{waited: 10 * time.Second, now: 3 * time.Second} {
			if as := r.attempts(id); len(as) != 1 || as[0].Started.Sub(start) != want || r.delivery(id).State != core.Delivered {
				t.Errorf("delivery %d: %s, %d attempts, want one after %v", id, r.delivery(id).State, len(as), want)
			}
		}
	})
}

func TestEveryAttemptIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.net.serve(t, "a.test:80", scripted(500, 200))
		d := to("http://a.test/hook", "{}")
		d.Target.Policy = core.RetryPolicy{Retries: 3, Base: time.Second}
		var told []core.DeliveryState
		r.Attempted = func(d core.Delivery, a core.Attempt) { told = append(told, d.State) }
		id := r.add(d)[0]
		stop := r.start()
		time.Sleep(time.Minute)
		stop()
		as := r.attempts(id)
		if len(as) != 2 || as[0].Response.Status != 500 || as[1].Response.Status != 200 || r.delivery(id).Attempts != 2 {
			t.Fatalf("attempts %+v", as)
		}
		if want := as[0].Started.Add(as[0].Took + time.Second); !as[0].Retry.Equal(want) || !as[1].Retry.IsZero() || !as[1].Started.Equal(want) {
			t.Errorf("retry at %v, then %v; second began %v; want %v", as[0].Retry, as[1].Retry, as[1].Started, want)
		}
		if !reflect.DeepEqual(told, []core.DeliveryState{core.Waiting, core.Delivered}) {
			t.Errorf("told %v", told)
		}
	})
}

// Two runs with one seed give the same trace, at concurrency 16; another seed gives another.
func TestSameSeedSameTrace(t *testing.T) {
	one, again, other := trace(t, 1), trace(t, 1), trace(t, 2)
	if one != again {
		t.Errorf("traces differ:\n%s", firstDifference(one, again))
	}
	if one == other {
		t.Error("another seed gives the same trace")
	}
	if n := strings.Count(one, "\n"); n < 400 {
		t.Errorf("only %d attempts in the trace", n)
	}
}

// trace runs 200 deliveries to five flaky receivers and prints all that happened.
func trace(t *testing.T, seed uint64) string {
	var out strings.Builder
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.Seed, r.Total = seed, 16
		start := time.Now()
		var ds []core.Delivery
		for i := range 200 {
			host := fmt.Sprintf("%d.test", i%5)
			d := to("http://"+host+"/", fmt.Sprint(i))
			d.Due = start.Add(time.Duration(i/40) * time.Second)
			d.Endpoint = endpoint(t, r, host)
			d.Target.Timeout = 2 * time.Second
			d.Target.Policy = core.RetryPolicy{Retries: 6, Base: time.Second, Max: 20 * time.Second, Jitter: []string{"full", "equal", "decorrelated"}[i%3]}
			ds = append(ds, d)
		}
		for i := range 5 {
			r.net.serve(t, fmt.Sprintf("%d.test:80", i), flaky())
		}
		all := r.add(ds...)
		stop := r.start()
		time.Sleep(time.Hour)
		stop()
		for _, id := range all {
			for _, a := range r.attempts(id) {
				status := 0
				if a.Response != nil {
					status = a.Response.Status
				}
				fmt.Fprintf(&out, "%d.%d at %v took %v: %d %s, retry %v\n", id, a.Number, a.Started.Sub(start), a.Took, status, a.Failure, a.Retry.Sub(start))
			}
		}
	})
	return out.String()
}

// hold pauses an endpoint, or lets it go on, as the window does.
func (r *rig) hold(id core.EndpointID, on bool) {
	if err := r.store.ChangeEndpoint(id, func(e *core.Endpoint) { e.Paused = on }); err != nil {
		r.Fatal(err)
	}
	r.Heed(id)
}

func endpoint(t *testing.T, r *rig, name string) core.EndpointID {
	t.Helper()
	all, err := r.store.Endpoints(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if e.WireID == name {
			return e.ID
		}
	}
	return putEndpoint(t, r.store, core.Endpoint{WireID: name})
}

func putEndpoint(t testing.TB, s *store.Store, e core.Endpoint) core.EndpointID {
	t.Helper()
	e.Name, e.Active, e.Created = e.WireID, true, time.Now()
	if err := s.PutEndpoint(&e); err != nil {
		t.Fatal(err)
	}
	return e.ID
}

// flaky answers each try of each body in a way of its own, but always the same.
func flaky() http.HandlerFunc {
	var mu sync.Mutex
	tries := map[string]int{}
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		tries[string(body)]++
		h := fnv.New64()
		fmt.Fprintf(h, "%s %d", body, tries[string(body)])
		mu.Unlock()
		rng := rand.New(rand.NewPCG(h.Sum64(), 0))
		time.Sleep(time.Duration(rng.IntN(40))*100*time.Millisecond + 1) // many at the same moment; some time out
		w.WriteHeader([]int{200, 500, 503, 404}[rng.IntN(4)])
	}
}

func firstDifference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return as[i] + "\n" + bs[i]
		}
	}
	return "one is longer"
}

// An endpoint that is down for 80 days, with an event every three days.
func TestEightyDaysOfStripe(t *testing.T) {
	policy, _ := deliver.Preset("stripe")
	begun := time.Now()
	attempts := 0
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.net.serve(t, "a.test:80", scripted(503))
		start := time.Now()
		var ds []core.Delivery
		for day := 0; day < 78; day += 3 {
			d := to("http://a.test/", "{}")
			d.Due, d.Resign, d.Target.Policy = start.Add(time.Duration(day)*24*time.Hour), true, policy
			ds = append(ds, d)
		}
		all := r.add(ds...)
		stop := r.start()
		time.Sleep(80 * 24 * time.Hour)
		stop()
		for i, id := range all {
			as := r.attempts(id)
			if got, want := started(as), deliver.Ladder(policy, ds[i].Due); len(got) != len(want) || !got[len(got)-1].Equal(want[len(want)-1]) {
				t.Errorf("delivery %d: %d attempts, want %d on the ladder", id, len(got), len(want))
			}
			if d := r.delivery(id); d.State != core.Exhausted {
				t.Errorf("delivery %d: %s", id, d.State)
			}
			attempts += len(as)
		}
	})
	took := time.Since(begun)
	t.Logf("80 days, %d attempts: %v (aim: one second, on a machine that is not shared)", attempts, took)
}

func TestLimitsOfEndpointsHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		var mu sync.Mutex
		under, most := 0, 0
		r.net.serve(t, "a.test:80", func(w http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			under++
			most = max(most, under)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			under--
			mu.Unlock()
		})
		e := core.Endpoint{Name: "a", WireID: "a", Active: true, Concurrency: 3, Rate: 2}
		if err := r.store.PutEndpoint(&e); err != nil {
			t.Fatal(err)
		}
		d := to("http://a.test/", "{}")
		d.Endpoint = e.ID
		start := time.Now()
		all := r.add(d, d, d, d, d, d, d, d, d, d)
		stop := r.start()
		defer stop()
		time.Sleep(time.Minute)
		for i, id := range all {
			if got, want := r.attempts(id)[0].Started.Sub(start), time.Duration(i)*time.Second/2; got != want {
				t.Errorf("number %d began after %v, want %v", i, got, want)
			}
		}
		e.Rate = 0
		r.store.PutEndpoint(&e)
		r.Heed(e.ID)
		start = time.Now()
		all = r.add(d, d, d, d, d, d, d)
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if most != 3 || r.attempts(all[6])[0].Started.Sub(start) != 2*time.Second {
			t.Errorf("at most %d under way, want 3; the last began %v late, want 2 s", most, r.attempts(all[6])[0].Started.Sub(start))
		}
	})
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.net.serve(t, "slow.test:80", func(w http.ResponseWriter, req *http.Request) {
			io.Copy(io.Discard, req.Body) // from here on the server sees the other side close
			select {
			case <-req.Context().Done():
			case <-time.After(10 * time.Second):
			}
		})
		r.net.serve(t, "a.test:80", scripted(500))
		retrying := to("http://a.test/", "{}")
		retrying.Target.Policy = core.RetryPolicy{Retries: 5, Base: time.Hour}
		waiting := to("http://a.test/", "{}")
		waiting.Due = time.Now().Add(time.Hour)
		all := r.add(to("http://slow.test/", "{}"), waiting, retrying)
		stop := r.start()
		time.Sleep(time.Second)
		for _, id := range all {
			if err := r.Cancel(t.Context(), id); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(24 * time.Hour)
		stop()
		for i, want := range []int{1, 0, 1} {
			if d, as := r.delivery(all[i]), r.attempts(all[i]); d.State != core.Cancelled || d.Reason == "" || len(as) != want {
				t.Errorf("number %d: %s (%s), %d attempts, want %d", i, d.State, d.Reason, len(as), want)
			}
		}
		if a := r.attempts(all[0])[0]; a.Failure != deliver.Cancelled || a.Took != time.Second {
			t.Errorf("broken off as %q after %v", a.Failure, a.Took)
		}
		if err := r.Cancel(t.Context(), all[0]); !errors.Is(err, core.ErrConflict) {
			t.Errorf("cancel again: %v, want a conflict", err)
		}
		if err := r.Cancel(t.Context(), 999); !errors.Is(err, core.ErrNotFound) {
			t.Errorf("cancel nothing: %v, want not found", err)
		}
	})
}

func TestCancelMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.net.serve(t, "a.test:80", scripted(200))
		late := to("http://a.test/", "{}")
		late.Due = time.Now().Add(time.Hour)
		ids := r.add(slices.Repeat([]core.Delivery{late}, 300)...)
		ids = append(ids, r.add(to("http://a.test/", "{}"))...)
		stop := r.start()
		time.Sleep(time.Second)
		if n, err := r.CancelMany(t.Context(), append(ids, 9999)); n != 300 || err != nil {
			t.Errorf("cancelled %d, %v; want 300 and no error for what is done or not there", n, err)
		}
		time.Sleep(2 * time.Hour)
		stop()
		states, _ := r.store.DeliveryStates(t.Context(), store.DeliveryFilter{})
		if states[core.Cancelled] != 300 || states[core.Delivered] != 1 {
			t.Errorf("states %v", states)
		}
	})
}

func TestResendNowTakesThePlaceOfTheRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.net.serve(t, "a.test:80", scripted(500))
		d := to("http://a.test/", "{}")
		d.Target.Policy = core.RetryPolicy{Retries: 2, Delays: []time.Duration{time.Hour}}
		id := r.add(d)[0]
		stop := r.start()
		defer stop()
		time.Sleep(time.Minute)
		if err := r.ResendNow(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Hour)
		if got, want := offsets(started(r.attempts(id))), []float64{0, 60, 3660}; !reflect.DeepEqual(got, want) {
			t.Errorf("attempts at %v s, want %v", got, want)
		}
		if err := r.ResendNow(t.Context(), id); err != nil { // exhausted: one more
			t.Fatal(err)
		}
		time.Sleep(5 * time.Hour)
		if d := r.delivery(id); d.State != core.Exhausted || d.Attempts != 4 {
			t.Errorf("%s after %d attempts, want exhausted after 4", d.State, d.Attempts)
		}
	})
}

func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.net.serve(t, "a.test:80", scripted(200))
		d := to("http://a.test/", "{}")
		d.Endpoint = endpoint(t, r, "a")
		r.PauseAll() // before it runs
		ids := r.add(d, to("http://a.test/", "{}"))
		stop := r.start()
		defer stop()
		states := func(want ...core.DeliveryState) {
			t.Helper()
			time.Sleep(time.Second)
			for i, id := range ids {
				if got := r.delivery(id).State; got != want[i] {
					t.Errorf("number %d is %s, want %s", i, got, want[i])
				}
			}
		}
		states(core.Waiting, core.Waiting)
		r.hold(d.Endpoint, true)
		r.ResumeAll()
		states(core.Waiting, core.Delivered)
		r.hold(d.Endpoint, false)
		states(core.Delivered, core.Delivered)
	})
}

func TestReceiverSwitchesItsEndpointOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.net.serve(t, "a.test:80", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("webhook-delivery", "disable") })
		d := to("http://a.test/", "{}")
		d.Endpoint = endpoint(t, r, "a")
		d.Target.Policy, _ = deliver.Preset("svix")
		ids := r.add(d)
		stop := r.start()
		defer stop()
		time.Sleep(time.Second)
		ids = append(ids, r.add(d)...)
		time.Sleep(time.Hour)
		e, _ := r.store.Endpoint(t.Context(), d.Endpoint)
		if e.Active || r.delivery(ids[0]).State != core.Delivered || r.delivery(ids[1]).State != core.Waiting {
			t.Errorf("active %v, %s, %s; want off, delivered, waiting", e.Active, r.delivery(ids[0]).State, r.delivery(ids[1]).State)
		}
	})
}

// A retry repeats the very bytes of the first attempt, unless the delivery wants each attempt signed anew.
func TestRetriesRepeatOrAreSignedAnew(t *testing.T) {
	for _, resign := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			var stamps []string
			r.net.serve(t, "a.test:80", func(w http.ResponseWriter, req *http.Request) {
				body, _ := io.ReadAll(req.Body)
				if !verified("s3", req.Header, body) {
					t.Error("signature does not verify")
				}
				stamps = append(stamps, req.Header.Get("X-Stamp"))
				w.WriteHeader(500)
			})
			d := to("http://a.test/", "{}")
			d.Resign, d.Target.Scheme, d.Target.Secret = resign, "test", "s3"
			d.Target.Policy = core.RetryPolicy{Retries: 2, Base: time.Minute}
			id := r.add(d)[0]
			stop := r.start()
			time.Sleep(time.Hour)
			stop()
			as := r.attempts(id)
			if len(as) != 3 {
				t.Fatalf("%d attempts, want 3", len(as))
			}
			same := string(as[0].Request.Head) == string(as[1].Request.Head) && string(as[1].Request.Head) == string(as[2].Request.Head)
			if same == resign || (stamps[0] == stamps[2]) == resign {
				t.Errorf("resign %v: stamps %v", resign, stamps)
			}
		})
	}
}

func TestPaceDividesDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.Pace = 1000
		r.net.serve(t, "a.test:80", scripted(500))
		d := to("http://a.test/", "{}")
		d.Target.Policy, _ = deliver.Preset("standard-webhooks")
		d.Target.Policy.Window = 100 * time.Hour // is divided too
		id := r.add(d)[0]
		stop := r.start()
		time.Sleep(10 * time.Minute)
		stop()
		want := offsets(deliver.Ladder(d.Target.Policy, epoch))
		for i := range want {
			want[i] /= 1000
		}
		if got := offsets(started(r.attempts(id))); !reflect.DeepEqual(got, want) {
			t.Errorf("at %v\nwant %v", got, want)
		}
	})
}

// What is under way when the program ends gets time to end; what does not is interrupted, and goes out again next time.
func TestDrainAndRecovery(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	var ids []core.DeliveryID
	synctest.Test(t, func(t *testing.T) {
		r := openRig(t, path)
		r.Drain = 5 * time.Second
		for host, wait := range map[string]time.Duration{"quick": 3 * time.Second, "slow": 20 * time.Second} {
			r.net.serve(t, host+".test:80", func(w http.ResponseWriter, req *http.Request) {
				io.Copy(io.Discard, req.Body) // from here on the server sees the other side close
				select {
				case <-req.Context().Done():
				case <-time.After(wait):
				}
			})
		}
		ids = r.add(to("http://quick.test/", "{}"), to("http://slow.test/", "{}"))
		stop := r.start()
		time.Sleep(time.Second)
		begun := time.Now()
		stop()
		if took := time.Since(begun); took != 5*time.Second {
			t.Errorf("drained for %v, want 5 s", took)
		}
		if one, two := r.delivery(ids[0]), r.delivery(ids[1]); one.State != core.Delivered || two.State != core.Sending {
			t.Errorf("%s and %s, want delivered and sending", one.State, two.State)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := openRig(t, path)
		r.net.serve(t, "slow.test:80", scripted(200))
		stop := r.start()
		time.Sleep(time.Second)
		stop()
		as := r.attempts(ids[1])
		if len(as) != 2 || as[0].Failure != deliver.Interrupted || !as[1].OK() || r.delivery(ids[1]).State != core.Delivered {
			t.Errorf("attempts %+v", as)
		}
	})
}

func TestWrongOnPurpose(t *testing.T) {
	tests := []struct {
		wrong string
		want  func(h http.Header, body string, age time.Duration) bool
	}{
		{"", func(h http.Header, body string, age time.Duration) bool { return ok(h, body) && age == 0 }},
		{deliver.WrongStale, func(h http.Header, body string, age time.Duration) bool { return ok(h, body) && age == time.Hour }},
		{deliver.WrongFuture, func(h http.Header, body string, age time.Duration) bool { return ok(h, body) && age == -time.Hour }},
		{deliver.WrongTampered, func(h http.Header, body string, _ time.Duration) bool { return !ok(h, body) && body == `{"n":"x2"}` }},
		{deliver.WrongOtherBody, func(h http.Header, body string, _ time.Duration) bool {
			return ok(h, `{"n":"x2"}`) && body == `{"n":"x1"}`
		}},
		{deliver.WrongSecret, func(h http.Header, body string, _ time.Duration) bool {
			return !ok(h, body) && len(h.Get("X-Signature")) == 64
		}},
		{deliver.WrongMissing, func(h http.Header, body string, _ time.Duration) bool {
			return h.Get("X-Signature") == "" && h.Get("X-Stamp") == "" && body == `{"n":"x1"}`
		}},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			arrived := false
			r.net.serve(t, "a.test:80", func(w http.ResponseWriter, req *http.Request) {
				arrived = true
				body, _ := io.ReadAll(req.Body)
				stamp, _ := time.Parse(time.RFC3339, req.Header.Get("X-Stamp"))
				if !tt.want(req.Header, string(body), time.Since(stamp)) {
					t.Errorf("%q: %v %s", tt.wrong, req.Header, body)
				}
			})
			d := to("http://a.test/", `{"n":"x1"}`)
			d.Target.Wrong, d.Target.Scheme, d.Target.Secret, d.Resign = tt.wrong, "test", "secret", true
			d.Request.Header = append(d.Request.Header, core.Field{Name: "x-signature", Value: "an old one"})
			r.add(d)
			stop := r.start()
			time.Sleep(time.Second)
			stop()
			if !arrived {
				t.Errorf("%q: nothing arrived", tt.wrong)
			}
		})
	}
}

func ok(h http.Header, body string) bool { return verified("secret", h, []byte(body)) }
