package engine_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"time"

	"hookglass/core/engine"
)

const (
	actAsReceiver = "HOOKGLASS_TEST_RECEIVES" // ours or bare
	profileTo     = "HOOKGLASS_BENCH_PROFILE" // a file that the receiver's time is told to

	largeBody        = 10 << 20
	largeConnections = 8
	largeRequests    = 64
	largeRounds      = 3
	givenBackWithin  = 30 * time.Second // the program looks every ten seconds whether it is quiet
)

// TestReceiver is a process of its own that receives, so that its memory is nobody else's. It ends with its input.
func TestReceiver(t *testing.T) {
	what := os.Getenv(actAsReceiver)
	if what == "" {
		t.Skip("a part of make bench")
	}
	url := ""
	if what == "bare" {
		server := httptest.NewServer(http.HandlerFunc(readAndAnswer))
		defer server.Close()
		url = server.URL + "/in/bench"
	} else {
		engine.TuneCollector()
		r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/bench"}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		url = r.URL() + "/in/bench"
	}
	if path := os.Getenv(profileTo); path != "" && what != "bare" {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		pprof.StartCPUProfile(f)
		defer pprof.StopCPUProfile()
	}
	fmt.Println(url)
	io.Copy(io.Discard, os.Stdin)
}

// apart is such a process, seen from outside.
type apart struct {
	testing.TB
	url string
	pid int
}

func receive(t testing.TB, what string) apart {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestReceiver$")
	cmd.Env = append(os.Environ(), actAsReceiver+"="+what)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	url, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		io.Copy(io.Discard, lines)
		if err := cmd.Wait(); err != nil {
			t.Errorf("receiver: %v", err)
		}
	})
	return apart{t, strings.TrimSpace(url), cmd.Process.Pid}
}

// cpu is what the process has used so far, as precise as the system counts it.
func (r apart) cpu() time.Duration {
	r.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.pid))
	if err != nil {
		r.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	ticks := int64(0)
	for _, field := range strings.Fields(rest)[11:13] {
		n, _ := strconv.ParseInt(field, 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100)
}

// memory is what the process has in memory, and the most that it ever had, in MB.
func (r apart) memory() (now, most int) {
	r.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.pid))
	if err != nil {
		r.Fatal(err)
	}
	of := func(name string) int {
		_, rest, _ := strings.Cut(string(status), name+":")
		kb, _ := strconv.Atoi(strings.Fields(rest)[0])
		return kb >> 10
	}
	return of("VmRSS"), of("VmHWM")
}

// driveLarge has large bodies sent to a receiver, and says what one of them cost it.
func (r apart) driveLarge() (m measured, each time.Duration) {
	r.Helper()
	before := r.cpu()
	m = driveAs(r, r.url, spec{Requests: largeRequests, Connections: largeConnections, Body: largeBody})
	return m, (r.cpu() - before) / largeRequests
}

func benchLarge(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("what a process takes is read from /proc")
	}
	plain, ours := receive(t, "bare"), receive(t, "ours")
	var ratios []float64
	var a, b measured
	var aEach, bEach time.Duration
	for range largeRounds {
		b, bEach = plain.driveLarge()
		a, aEach = ours.driveLarge()
		ratios = append(ratios, aEach.Seconds()/bEach.Seconds())
	}
	row("bodies of 10 MiB/s, 8 connections", fmt.Sprintf("%.1f", a.rate()), fmt.Sprintf("%.1f", b.rate()), fmt.Sprintf("%.2f", a.rate()/b.rate()), "")
	row("processor time of the receiver per body", aEach.Round(10*time.Microsecond), bEach.Round(10*time.Microsecond), fmt.Sprintf("%.1f x", middle(ratios)),
		fmt.Sprintf("4 x or less (runs: %.1f)", ratios))
	_, barePeak := plain.memory()
	now, peak := ours.memory()
	row("memory at the most", fmt.Sprintf("%d MB", peak), fmt.Sprintf("%d MB", barePeak), "", "120 MB or less")
	began := time.Now()
	for before := now; time.Since(began) < givenBackWithin && now > before/2; now, _ = ours.memory() {
		time.Sleep(time.Second)
	}
	row(fmt.Sprintf("memory %v later", time.Since(began).Round(time.Second)), fmt.Sprintf("%d MB", now), "", "", "given back")
}
