package engine_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	peerRounds = 3
	peerLength = 5 * time.Second
)

// TestPeers puts the same load on programs that script/peers has started, in turn, and tells the middle of the rounds of each.
func TestPeers(t *testing.T) {
	var all []*peer
	for line := range strings.Lines(os.Getenv("HOOKGLASS_PEERS")) {
		parts := strings.Split(strings.TrimSpace(line), "|")
		if len(parts) != 4 {
			t.Fatalf("want NAME|URL|PID|KEPT, not %q", line)
		}
		pid, err := strconv.Atoi(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &peer{apart{t, parts[1], pid}, parts[0], parts[3], nil, nil, nil, nil})
	}
	if len(all) == 0 {
		t.Skip("a measurement beside other programs: script/peers")
	}
	fmt.Printf("the same captures of 1 KiB over %d connections, %d rounds of %v in turn; %d cores, load %s\n\n", connections, peerRounds, peerLength, runtime.NumCPU(), loadOf())
	for range peerRounds {
		for _, p := range all {
			p.round()
		}
	}
	fmt.Printf("%-20s %10s %10s %10s %14s %8s  %s\n", "", "answers/s", "p50", "p99", "CPU an answer", "memory", "kept")
	for _, p := range all {
		now, _ := p.memory()
		fmt.Printf("%-20s %10.0f %8.1fms %8.1fms %12.0fus %5d MB  %s\n", p.name, middle(p.rates), middle(p.p50s), middle(p.p99s), middle(p.cpus), now, p.kept)
	}
}

type peer struct {
	apart
	name, kept              string
	rates, p50s, p99s, cpus []float64 // of the rounds: a second, ms, ms, µs an answer
}

func (p *peer) round() {
	p.Helper()
	before := p.cpu()
	m := driveAs(p, p.url, spec{Length: peerLength, Connections: connections, Body: bodyBytes})
	p.cpus = append(p.cpus, float64((p.cpu()-before).Microseconds())/float64(m.Answered))
	p.rates = append(p.rates, m.rate())
	p.p50s = append(p.p50s, m.P50.Seconds()*1e3)
	p.p99s = append(p.p99s, m.P99.Seconds()*1e3)
}
