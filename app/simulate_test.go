package main

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// simulated are the members of a result that the tests look at.
type simulated struct {
	Scenario struct{ Name string }
	WidthS   float64 `json:"width_s"`
	Series   []struct {
		AtS     float64 `json:"at_s"`
		Arrived int64
	}
	Totals struct {
		Arrived, Delivered, Lost, Retries, Limited int64
		DrainS                                     float64 `json:"drain_s"`
		Delay                                      struct {
			MaxS float64 `json:"max_s"`
		}
	}
}

func (r *rig) simulated(args ...string) []simulated {
	r.Helper()
	var out []simulated
	for d := json.NewDecoder(strings.NewReader(r.ok(append([]string{"simulate", "--json"}, args...)...))); d.More(); {
		var one simulated
		if err := d.Decode(&one); err != nil {
			r.Fatal(err)
		}
		out = append(out, one)
	}
	return out
}

func TestSimulateMadeUpLoads(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	// One event each second; nobody answers from the 10th to the 20th second. joai tries again after 1, 2 and 4 s, so that
	// what comes at 10, 11 and 12 s is given up at 17, 18 and 19 s, and what comes at 13 s is delivered at 20 s.
	got := r.simulated("--policy", "joai", "--load", "constant", "--rate", "1", "--count", "30", "--outage", "10s-20s", "--compare", "none")
	if len(got) != 2 || got[0].Scenario.Name != "joai" || got[1].Scenario.Name != "none" {
		t.Fatalf("got %+v", got)
	}
	if a := got[0].Totals; a.Arrived != 30 || a.Lost != 3 || a.Delivered != 27 || a.Delay.MaxS != 7 {
		t.Errorf("joai: %+v", a)
	}
	if b := got[1].Totals; b.Lost != 10 || b.Delivered != 20 || b.Retries != 0 {
		t.Errorf("none: %+v", b)
	}
	if got[0].WidthS != got[1].WidthS {
		t.Error("the two series are cut differently")
	}

	random := []string{"--policy", "spatie", "--load", "poisson", "--count", "2000", "--success", "0.7", "--limit", "bucket:5+5/s", "--service", "20ms", "--servers", "3", "--seed", "9", "--json"}
	if a, b := r.ok(append([]string{"simulate"}, random...)...), r.ok(append([]string{"simulate"}, random...)...); a != b {
		t.Error("the same seed gives another result")
	}
}

func TestSimulateFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	scenario := r.file("scenario.json", `{"name":"tight","load":{"kind":"burst","burst":5,"every_s":60,"count":10},"limits":[{"kind":"fixed","count":3,"window_s":60}],
		"policy":{"retries":1,"base_s":60}}`)
	got := r.simulated("--policy", scenario)
	// Of each five at once the limit lets three pass; two come back when the next five have taken their places.
	if a := got[0].Totals; len(got) != 1 || got[0].Scenario.Name != "tight" || a.Arrived != 10 || a.Limited == 0 || a.Delivered+a.Lost != 10 {
		t.Errorf("got %+v", got)
	}
	if a := r.simulated("--policy", scenario, "--limit", "concurrency:100")[0].Totals; a.Delivered != 10 || a.Limited != 0 {
		t.Errorf("a flag does not override the file: %+v", a)
	}
	policy := r.file("policy.json", `{"retries":2,"delays_s":[1,"1m"]}`)
	times := r.file("times.csv", "time,event\n10,a\n11,b\n11.5,a\n12,c\n")
	if a := r.simulated("--policy", policy, "--arrivals", times)[0].Totals; a.Arrived != 3 || a.Delivered != 3 {
		t.Errorf("arrivals of a file: %+v", a)
	}

	table := filepath.Join(r.home, "series.csv")
	r.ok("simulate", "--policy", policy, "--arrivals", times, "--compare", "stripe", "--csv", table)
	text, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil || len(lines) < 3 || lines[0][0] != "run" || lines[0][1] != "seconds" || lines[1][0] != "2 retries" {
		t.Errorf("%v: %s", err, text)
	}
}

// The history is a load, also while the program runs that writes it.
func TestSimulateTheHistory(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.serve("--workspace", r.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/a"},{"platform":"generic","path":"/in/b"}]}`))
	for _, path := range []string{"/in/a", "/in/a", "/in/b"} {
		resp, err := http.Post(s.url+path, "application/json", strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if a := r.simulated("--policy", "stripe")[0].Totals; a.Arrived != 3 || a.Delivered != 3 {
		t.Errorf("all: %+v", a)
	}
	if a := r.simulated("--policy", "stripe", "--query", "source:a")[0].Totals; a.Arrived != 2 {
		t.Errorf("of a source: %+v", a)
	}
	human := r.ok("simulate", "--policy", "stripe", "--compare", "joai")
	for _, want := range []string{"3 events", "stripe", "joai", "delivered", "time to drain", "p99", "█"} {
		if !strings.Contains(human, want) {
			t.Errorf("no %q in\n%s", want, human)
		}
	}
	if got := r.do("", "simulate", "--policy", "stripe", "--query", "source:nobody"); got.code != 2 || !strings.Contains(got.errout, "nothing arrived") {
		t.Errorf("an empty load: %d %s", got.code, got.errout)
	}
}

func TestSimulateWrongUsage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made := []string{"simulate", "--load", "poisson"}
	for want, args := range map[string][]string{
		"--policy: is missing":                   made,
		"neither a file nor a preset":            append(made, "--policy", "strip"),
		"load.kind: want history":                {"simulate", "--policy", "joai", "--load", "often"},
		"--limit: \"100\"":                       append(made, "--policy", "joai", "--limit", "100"),
		"--limit: \"fixed:0/1m\": count":         append(made, "--policy", "joai", "--limit", "fixed:0/1m"),
		"--outage: \"5m\"":                       append(made, "--policy", "joai", "--outage", "5m"),
		"receiver.outages[0]":                    append(made, "--policy", "joai", "--outage", "5m-1m"),
		"--success: want a chance":               append(made, "--policy", "joai", "--success", "2"),
		"want one of --query, --load":            append(made, "--policy", "joai", "--query", "x"),
		"broken.json: policy.tries: unknown key": append(made, "--policy", r.file("broken.json", `{"policy":{"tries":1}}`)),
		"--arrivals":                             {"simulate", "--policy", "joai", "--arrivals", "/no/such/file"},
		"line 2: \"soon\" is no time":            {"simulate", "--policy", "joai", "--arrivals", r.file("bad.csv", "1\nsoon\n")},
		"hookglass.db: there is none yet":        {"simulate", "--policy", "joai"},
	} {
		if got := r.do("", args...); got.code != 2 || !strings.Contains(got.errout, want) || strings.Count(got.errout, "\n") != 1 {
			t.Errorf("%v: exit %d, %q; want %q", args, got.code, got.errout, want)
		}
	}
}
