package engine_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
)

// TestBench measures the program against a bare net/http in the same process and the same run, and prints a table; it
// is what make bench runs. The senders of captures are another process, so that what is counted here is the
// receiver's alone; both sides are measured in turn, several times, and the middle of the shares is told.
func TestBench(t *testing.T) {
	if os.Getenv("HOOKGLASS_BENCH") == "" {
		t.Skip("a measurement for a quiet machine: make bench")
	}
	engine.TuneCollector() // as the program does
	fmt.Printf("Hookglass beside a bare net/http, %d cores, %s\n\n", runtime.NumCPU(), runtime.Version())
	fmt.Printf("%-46s %12s %12s %10s  %s\n", "", "hookglass", "bare", "share", "aim")
	t.Run("captures", benchCaptures)
	t.Run("signed", benchSigned)
	t.Run("large", benchLarge)
	t.Run("learning", benchLearning)
	t.Run("indexing", benchIndexing)
	t.Run("deliveries", benchDeliveries)
	t.Run("doctor", benchDoctor)
}

func row(what string, ours, bare any, share, aim string) {
	fmt.Printf("%-46s %12v %12v %10s  %s\n", what, ours, bare, share, aim)
}

const (
	benchRounds = 5
	benchLength = 3 * time.Second
	connections = 64
	bodyBytes   = 1024
	memoryAfter = 100_000
	actAsSender = "HOOKGLASS_TEST_SENDS"
	sendSpec    = "HOOKGLASS_TEST_SENDS_SPEC"
	sendFields  = "HOOKGLASS_TEST_SENDS_FIELDS" // of the head, beside the usual ones
)

// spec is what senders send.
type spec struct {
	Length      time.Duration // how long; 0: until Requests are answered
	Requests    int64         // at most; 0: until Length is over
	Connections int
	Body        int
}

func TestMain(m *testing.M) {
	if url := os.Getenv(actAsSender); url != "" {
		var what spec
		err := json.Unmarshal([]byte(os.Getenv(sendSpec)), &what)
		if err == nil {
			err = json.NewEncoder(os.Stdout).Encode(load(url, what))
		}
		if err != nil {
			log.Fatal(err)
		}
		os.Exit(0)
	}
	clean, err := trustAuthority()
	if err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	clean()
	os.Exit(code)
}

// measured is what a run of the senders found.
type measured struct {
	Answered  int64
	Wrong     int64
	Seconds   float64
	P50, P99  time.Duration
	Mallocs   float64 // of the receiver, per request
	AllocByte float64
	CPU       time.Duration
}

// driveBare is drive for the bare handler, with the collector as Go sets it where a program does not.
func driveBare(t *testing.T, url string) measured {
	t.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	return drive(t, url, benchLength, 0)
}

func (m measured) rate() float64 { return float64(m.Answered) / m.Seconds }

// drive has another process send to url, for a time or a number of requests, and counts our own allocations meanwhile.
func drive(t *testing.T, url string, length time.Duration, requests int) measured {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	used := cpuTime()
	m := driveAs(t, url, spec{length, int64(requests), connections, bodyBytes})
	used = cpuTime() - used
	runtime.ReadMemStats(&after)
	m.Mallocs = float64(after.Mallocs-before.Mallocs) / float64(m.Answered)
	m.CPU = used / time.Duration(m.Answered)
	m.AllocByte = float64(after.TotalAlloc-before.TotalAlloc) / float64(m.Answered)
	return m
}

// driveAs has another process send.
func driveAs(t testing.TB, url string, what spec) (m measured) {
	t.Helper()
	text, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), actAsSender+"="+url, sendSpec+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &m)
	}
	if err != nil || m.Wrong > 0 || m.Answered == 0 {
		t.Fatalf("senders: %v; %d wrong answers of %d", err, m.Wrong, m.Answered)
	}
	return m
}

// load is the sending process: it writes the same request again and again over its connections, reads the answers
// with as little work as possible, and takes the time of each.
func load(url string, what spec) measured {
	host, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	request := fmt.Appendf(nil, "POST /%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: */*\r\nContent-Type: application/json\r\n"+
		"X-GitHub-Event: push\r\nX-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958\r\n%sContent-Length: %d\r\n\r\n", path, host, os.Getenv(sendFields), what.Body)
	request = append(request, jsonOf(what.Body)...)
	var (
		all     sync.WaitGroup
		mu      sync.Mutex
		took    []time.Duration
		started atomic.Int64
		m       measured
	)
	began := time.Now()
	for range what.Connections {
		all.Go(func() {
			c, err := net.Dial("tcp", host)
			if err != nil {
				log.Fatal(err)
			}
			defer c.Close()
			in := bufio.NewReader(c)
			var mine []time.Duration
			wrong := int64(0)
			for (what.Length == 0 || time.Since(began) < what.Length) && (what.Requests == 0 || started.Add(1) <= what.Requests) {
				at := time.Now()
				c.Write(request)
				status, err := readAnswer(in)
				if err != nil {
					log.Fatal(err)
				}
				mine = append(mine, time.Since(at))
				if status != "200" {
					wrong++
				}
			}
			mu.Lock()
			took = append(took, mine...)
			m.Wrong += wrong
			mu.Unlock()
		})
	}
	all.Wait()
	m.Seconds = time.Since(began).Seconds()
	slices.Sort(took)
	m.Answered = int64(len(took))
	m.P50, m.P99 = took[len(took)/2], took[len(took)*99/100]
	return m
}

// readAnswer reads an answer with a Content-Length and returns its status.
func readAnswer(in *bufio.Reader) (status string, err error) {
	length := 0
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return "", err
		}
		if first && len(line) > 12 {
			status = string(line[9:12])
		}
		if n, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(n)))
		}
		if len(line) == 2 {
			break
		}
	}
	_, err = in.Discard(length)
	return status, err
}

// bare is what a handler costs that reads the body and answers: the least that any receiver does.
func bare(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(readAndAnswer))
	t.Cleanup(server.Close)
	return server.URL + "/in/bench"
}

func readAndAnswer(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, "ok\n")
}

func benchCaptures(t *testing.T) {
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/bench"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ours, plain := r.URL()+"/in/bench", bare(t)
	drive(t, ours, time.Second/2, 0) // warm up
	drive(t, plain, time.Second/2, 0)
	var rates, p99s []float64
	var a, b measured
	sent := int64(0)
	for range benchRounds {
		b = driveBare(t, plain)
		a = drive(t, ours, benchLength, 0)
		rates = append(rates, a.rate()/b.rate())
		p99s = append(p99s, float64(a.P99)/float64(b.P99))
		sent += a.Answered
	}
	row("durable captures/s, 64 connections, 1 KiB", fmt.Sprintf("%.0f", a.rate()), fmt.Sprintf("%.0f", b.rate()), fmt.Sprintf("%.2f", middle(rates)),
		fmt.Sprintf("0.50 or more (runs: %.2f)", rates))
	row("p50", a.P50.Round(time.Microsecond), b.P50.Round(time.Microsecond), fmt.Sprintf("%.1f x", float64(a.P50)/float64(b.P50)), "")
	row("p99", a.P99.Round(time.Microsecond), b.P99.Round(time.Microsecond), fmt.Sprintf("%.1f x", middle(p99s)), fmt.Sprintf("2 x or less (runs: %.1f)", p99s))
	row("processor time of the receiver per capture", a.CPU.Round(100*time.Nanosecond), b.CPU.Round(100*time.Nanosecond), fmt.Sprintf("%.2f", float64(b.CPU)/float64(a.CPU)), "")
	row("allocations per capture", fmt.Sprintf("%.0f", a.Mallocs), fmt.Sprintf("%.0f", b.Mallocs), "", "50 or fewer")
	row("bytes allocated per capture", fmt.Sprintf("%.0f", a.AllocByte), fmt.Sprintf("%.0f", b.AllocByte), "", "")
	if sent < memoryAfter {
		drive(t, ours, 0, int(memoryAfter-sent))
	}
	heap, resident := memory()
	row(fmt.Sprintf("memory after %d captures", max(sent, memoryAfter)), heap, resident, "", "heap and resident, both programs in one process; 18 MB")
}

// benchSigned has one source check Stripe's signature, which is not to make its connections wait for each other.
func benchSigned(t *testing.T) {
	const secret = "whsec_bench"
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	src := core.Source{Name: "bench", Platform: "generic", Settings: core.Values{"path": "/in/bench", "scheme": "stripe", "enforce": true}}
	src.Secrets = map[string]core.SecretRef{"secret": r.secret(&src, secret)}
	r.source(&src)
	scheme, _ := sign.Known().Find("stripe")
	header, _, err := scheme.Sign(sign.Input{Request: &core.Request{Method: "POST", Target: "/in/bench", Body: jsonOf(bodyBytes)},
		Secrets: []core.Secret{core.Text(secret)}, Now: time.Now()}, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(sendFields, header[0].Name+": "+header[0].Value+"\r\n")
	ours, plain := r.URL()+"/in/bench", bare(t)
	drive(t, ours, time.Second/2, 0) // warm up
	var rates []float64
	var a, b measured
	for range benchRounds {
		b = driveBare(t, plain)
		a = drive(t, ours, benchLength, 0)
		rates = append(rates, a.rate()/b.rate())
	}
	row("the same, a signature of Stripe's checked", fmt.Sprintf("%.0f", a.rate()), fmt.Sprintf("%.0f", b.rate()), fmt.Sprintf("%.2f", middle(rates)),
		fmt.Sprintf("p99 %v (runs: %.2f)", a.P99.Round(time.Microsecond), rates))
	row("processor time of the receiver per capture", a.CPU.Round(100*time.Nanosecond), b.CPU.Round(100*time.Nanosecond), fmt.Sprintf("%.2f", float64(b.CPU)/float64(a.CPU)), "")
}

// benchIndexing compares captures where the search index is filled behind them with captures where it is switched off. What is left to
// be filled is filled between the runs, so that it is not counted to the other.
func benchIndexing(t *testing.T) {
	workspace := map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/bench"}}}
	var rigs [2]*rig
	for i := range rigs {
		var err error
		if rigs[i], err = open(t, workspace, func(o *engine.Options) { o.NoLearn = true }); err != nil {
			t.Fatal(err)
		}
	}
	on, off := rigs[0], rigs[1]
	if _, err := off.History.SwitchSearch(off.ctx, false); err != nil {
		t.Fatal(err)
	}
	settle := func() {
		for began := time.Now(); time.Since(began) < patience; time.Sleep(50 * time.Millisecond) {
			if st, err := on.History.Searching(on.ctx); err != nil || st.State == "ready" {
				must(t, err)
				return
			}
		}
		t.Fatal("the index is not filled")
	}
	drive(t, on.URL()+"/in/bench", time.Second/2, 0) // warm up
	settle()
	drive(t, off.URL()+"/in/bench", time.Second/2, 0)
	var shares, cpus []float64
	var a, b measured
	for i := range benchRounds {
		if i%2 == 1 {
			b = drive(t, off.URL()+"/in/bench", benchLength, 0)
		}
		a = drive(t, on.URL()+"/in/bench", benchLength, 0)
		settle()
		if i%2 == 0 {
			b = drive(t, off.URL()+"/in/bench", benchLength, 0)
		}
		shares, cpus = append(shares, a.rate()/b.rate()), append(cpus, float64(b.CPU)/float64(a.CPU))
	}
	row("durable captures/s, indexed beside not indexed", fmt.Sprintf("%.0f", a.rate()), fmt.Sprintf("%.0f", b.rate()), fmt.Sprintf("%.3f", middle(shares)), fmt.Sprintf("0.95 or more (runs: %.2f)", shares))
	row("processor time of the receiver per capture", a.CPU.Round(100*time.Nanosecond), b.CPU.Round(100*time.Nanosecond), fmt.Sprintf("%.2f", middle(cpus)), fmt.Sprintf("(runs: %.2f)", cpus))
}

func middle(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

// memory is the live heap, and what the system counts of this process where it tells.
func memory() (heap, resident string) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	resident = "?"
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := strings.Cut(string(status), "VmRSS:")
		line, _, _ := strings.Cut(rest, "\n")
		kb, _ := strconv.Atoi(strings.Fields(line)[0])
		resident = fmt.Sprintf("%d MB", kb>>10)
	}
	return fmt.Sprintf("%.1f MB", float64(m.HeapAlloc)/(1<<20)), resident
}

func benchDeliveries(t *testing.T) {
	const each = 6000
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	defer sink.Close()
	r, err := open(t, map[string]any{"hookglass": 1}, func(o *engine.Options) { o.Pace = 1 })
	if err != nil {
		t.Fatal(err)
	}
	ep := core.Endpoint{Platform: "custom", Name: "sink", Active: true, Concurrency: connections, Target: core.Target{URL: sink.URL, Timeout: time.Minute}}
	if err := r.Endpoints.Put(r.ctx, &ep); err != nil {
		t.Fatal(err)
	}
	var shares []float64
	var ours, plain time.Duration
	for range benchRounds {
		plain = postAll(t, sink.URL, each)
		ours = deliverAll(t, r, ep, each)
		shares = append(shares, plain.Seconds()/ours.Seconds())
	}
	row("deliveries/s, 64 at a time, 1 KiB, all recorded", fmt.Sprintf("%.0f", each/ours.Seconds()), fmt.Sprintf("%.0f", each/plain.Seconds()), fmt.Sprintf("%.2f", middle(shares)),
		fmt.Sprintf("0.45 or more (runs: %.2f)", shares))
}

// postAll is the bare client loop: it sends, and forgets.
func postAll(t *testing.T, url string, n int64) time.Duration {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	body := jsonOf(bodyBytes)
	var next atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for range connections {
		all.Go(func() {
			for next.Add(1) <= n {
				resp, err := client.Post(url, "application/json", bytes.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// deliverAll owes n deliveries and waits for the last. Owing them counts too: that is when their requests are stored.
func deliverAll(t *testing.T, r *rig, ep core.Endpoint, n int) time.Duration {
	ctx, stop := context.WithCancel(r.ctx)
	defer stop()
	body := jsonOf(bodyBytes)
	owed := make([]core.Delivery, n)
	now := time.Now()
	for i := range owed {
		owed[i] = core.Delivery{Endpoint: ep.ID, Target: ep.Target, Due: now, Created: now,
			Request: core.Request{Method: "POST", Body: body, Size: bodyBytes, Header: core.Header{{Name: "Content-Type", Value: "application/json"}}}}
	}
	var left atomic.Int64
	left.Store(int64(n))
	done := make(chan struct{})
	attempts := r.Outbox.Watch(ctx)
	go func() {
		for a := range attempts {
			if !a.OK() {
				t.Errorf("delivery %d: %s %s", a.Delivery, a.Failure, a.Detail)
			}
			if left.Add(-1) == 0 {
				close(done)
			}
		}
	}()
	began := time.Now()
	if _, err := r.Store.AddDeliveries(ctx, owed); err != nil {
		t.Fatal(err)
	}
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%d deliveries are left", left.Load())
	}
	return time.Since(began)
}

// benchDoctor compares the whole search, where nothing explains the signature, with one HMAC of the same body; and
// tells how soon a large body's first proof comes.
func benchDoctor(t *testing.T) {
	scheme, ok := sign.Known().Find("github")
	if !ok {
		t.Fatal("no scheme github")
	}
	secret := core.Text("a secret of the bench")
	small := jsonBody(10 << 10)
	one := timed(func() { signed(t, scheme, small, secret) })
	var tried int
	whole := timed(func() {
		c := caseOf(scheme, small, secret, "sha256="+strings.Repeat("0f", 32))
		d := sign.Diagnose(context.Background(), c)
		tried = d.Tried
	})
	row("doctor: whole search over 10 KB", whole.Round(time.Millisecond), one.Round(time.Microsecond/10), fmt.Sprintf("%.0f x", whole.Seconds()/one.Seconds()),
		fmt.Sprintf("20000 x one HMAC or less; %d tried", tried))
	large := jsonBody(10 << 20)
	other := core.Text("another secret of the user")
	wrong := signed(t, scheme, large, other)
	found := timed(func() {
		c := caseOf(scheme, large, secret, wrong)
		c.Others = []sign.Labelled{{Label: "other", Secret: other}}
		d := sign.Diagnose(context.Background(), c)
		if len(d.Findings) == 0 || d.Findings[0].Proof != core.Recomputed {
			t.Errorf("10 MB: no proof, %+v", d.Findings)
		}
	})
	row("doctor: proof in 10 MB", found.Round(time.Millisecond), "", "", "2 s or less")
}

func signed(t *testing.T, scheme sign.Scheme, body []byte, secret core.Secret) string {
	header, _, err := scheme.Sign(sign.Input{Request: &core.Request{Method: "POST", Target: "/", Body: body}, Secrets: []core.Secret{secret}, Now: time.Now()}, "")
	if err != nil {
		t.Fatal(err)
	}
	return header[0].Value
}

func caseOf(scheme sign.Scheme, body []byte, secret core.Secret, signature string) sign.Case {
	r := &core.Request{Method: "POST", Target: "/", Body: body, Size: int64(len(body)), Header: core.Header{{Name: "Content-Type", Value: "application/json"},
		{Name: "X-Hub-Signature-256", Value: signature}}}
	return sign.Case{Scheme: scheme, Input: sign.Input{Request: r, Secrets: []core.Secret{secret}, Now: time.Now()}}
}

// timed is the shortest of several runs, or the one where it takes long.
func timed(do func()) time.Duration {
	best := time.Duration(1<<63 - 1)
	for began := time.Now(); time.Since(began) < time.Second/2; {
		at := time.Now()
		do()
		best = min(best, time.Since(at))
	}
	return best
}

// jsonOf is an event of exactly so many bytes.
func jsonOf(size int) []byte {
	const before, after = `{"action":"opened","number":2,"sender":{"login":"octocat","id":1},"text":"`, `"}`
	return []byte(before + strings.Repeat("x", size-len(before)-len(after)) + after)
}

func jsonBody(size int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"items":[`)
	for i := 0; b.Len() < size-64; i++ {
		fmt.Fprintf(&b, `{"id":%d,"name":"item é %d","price":1.50,"ok":true},`, i, i)
	}
	b.WriteString(`null]}`)
	return b.Bytes()
}
