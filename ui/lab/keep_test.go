package lab

import (
	"io"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/lab"
	"hookglass/core/limit"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/part"
	"hookglass/ui/stage"
)

func ranWhatIf(t *testing.T) (*stage.Stage, *whatIf) {
	t.Helper()
	s := stage.New(t)
	p := openLab(s, 0).parts[0].(*whatIf)
	p.example()
	s.Settle()
	if p.result == nil {
		t.Fatal("there is no result")
	}
	return s, p
}

func TestARunIsKeptReopenedAndForgotten(t *testing.T) {
	s, p := ranWhatIf(t)
	s.Tap(p.View(), "Kept runs")
	s.Says("No runs are kept yet")
	s.W.Layers.Back()
	s.Tap(p.View(), "Keep")
	fields := eye.All[*control.Field](s.W.Layers)
	name := fields[len(fields)-1]
	name.Set("  ")
	name.OnSubmit("")
	s.Settle()
	if name.Problem() == "" || !s.W.Layers.Covered() {
		t.Fatalf("without a name: %q", name.Problem())
	}
	name.Set(" Friday ")
	name.OnSubmit("")
	s.Settle()
	s.Settle()
	if p.result.name != "Friday" || s.W.Layers.Covered() || len(p.kept) != 1 {
		t.Fatalf("kept as %q, asked still %v, %d kept", p.result.name, s.W.Layers.Covered(), len(p.kept))
	}
	s.Says("Kept as Friday")
	want := p.result.results[0].Totals
	p.policies[1].set(p.policies[0].policy(&part.Reader{}))
	p.start()
	s.Settle()
	if p.result.name != "" {
		t.Error("another run has the name of the kept one")
	}
	s.Tap(p.View(), "Kept runs")
	s.Pick("Friday")
	if p.result.name != "Friday" || len(p.result.results) != 2 || p.result.results[0].Totals != want {
		t.Errorf("reopened: %q of %d policies", p.result.name, len(p.result.results))
	}
	s.Tap(p.View(), "Kept runs")
	s.Pick("Delete Friday")
	s.W.Layers.Back()
	s.Settle()
	if len(p.kept) != 1 {
		t.Error("it is gone before the answer")
	}
	s.Tap(p.View(), "Kept runs")
	s.Pick("Delete Friday")
	s.Tap(s.W.Layers, "Delete")
	if len(p.kept) != 0 || p.result != nil {
		t.Errorf("%d kept, a result shown: %v", len(p.kept), p.result != nil)
	}
	p.reopen(engine.WhatIf{Name: "empty"})
	if p.result != nil {
		t.Error("a run without a result is shown")
	}
}

func TestARunIsExported(t *testing.T) {
	s, p := ranWhatIf(t)
	s.Tap(p.View(), "Export")
	s.Says("Picture, PNG", "Series, CSV", "Settings and result, JSON")
	for name, want := range map[string]string{"Black Friday, 100/min": "black-friday-100-min", "": "what-if", "äöü": "what-if", "checkup http://h:1/a": "checkup-http-h-1-a"} {
		if got := fileName(name, "what-if"); got != want {
			t.Errorf("%q is written to %q, want %q", name, got, want)
		}
	}
}

type arrivalsFile struct {
	io.Reader
	closed bool
}

func (f *arrivalsFile) Close() error { f.closed = true; return nil }

func TestArrivalsAreReadFromAFile(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		n     int
		wrong string
	}{
		"times":    {"2026-11-20T12:00:00Z\n2026-11-20T12:00:05Z\n", 2, ""},
		"events":   {"2026-11-20T12:00:00Z,evt_1\n2026-11-20T12:00:05Z,evt_1\n", 2, ""},
		"nothing":  {"", 0, "has no arrivals; want a time on each line"},
		"no times": {"soon\n", 0, "soon"},
	} {
		f := &arrivalsFile{Reader: strings.NewReader(c.text)}
		got, err := readArrivalsFile(f)
		if !f.closed || len(got) != c.n || (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: %d arrivals, %v, closed %v", name, len(got), err, f.closed)
		}
	}
	s := stage.New(t)
	p := openLab(s, 0).parts[0].(*whatIf)
	p.load_.turn(len(loadKinds) - 1)
	if got := p.load_.about(); !strings.Contains(got, "A time on each line") {
		t.Errorf("without a file it says %q", got)
	}
	p.start()
	s.Settle()
	if p.result != nil {
		t.Fatal("it runs without a file")
	}
	at := time.Unix(1_700_000_000, 0)
	p.load_.file, p.load_.arrivals = "/some/where/log.csv", []lab.Arrival{{At: at}, {At: at.Add(time.Minute)}}
	if got := p.load_.about(); got != "log.csv: 2 arrivals over 1 min" {
		t.Errorf("of a file it says %q", got)
	}
	p.start()
	s.Settle()
	if p.result == nil || p.result.results[0].Totals.Arrived != 2 {
		t.Errorf("it does not run: %s", p.load_.words.Text())
	}
}

func TestALoadOfNothingSaysWhatToDo(t *testing.T) {
	s := stage.New(t)
	p := openLab(s, 0).parts[0].(*whatIf)
	p.load_.fields["filter"].SetQuiet("event:nothing")
	p.load_.count()
	s.Settle()
	if got := p.load_.words.Text(); !strings.Contains(got, "No captures match") {
		t.Errorf("it says %q", got)
	}
	p.load_.fields["filter"].SetQuiet("nosuch:word")
	p.load_.count()
	s.Settle()
	if got := p.load_.words.Text(); !strings.Contains(got, "nosuch") {
		t.Errorf("of a filter that cannot be read it says %q", got)
	}
	p.load_.count()
	p.load_.turn(1) // the user turned to another load meanwhile
	words := p.load_.words.Text()
	s.Settle()
	if got := p.load_.words.Text(); got != words {
		t.Errorf("of another load it says %q", got)
	}
}

func TestFaultsThatAreNoneLeadToTheirForm(t *testing.T) {
	s := stage.New(t)
	src := core.Source{Name: "plain", Platform: "generic", Settings: core.Values{"path": "/in/plain"}}
	if err := s.E.PutSource(s.W.Ctx, &src); err != nil {
		t.Fatal(err)
	}
	p := openLab(s, 1).parts[1].(*liveFaults)
	s.Settle()
	s.Has(p.View(), "No faults", "No limit", "Nobody was told to wait by plain yet")
	p.switchTo(p.rows[0], true, true)
	p.switchTo(p.rows[0], false, true)
	s.Tap(p.View(), "Set a limit")
	s.Tap(p.View(), "Set faults")
	if got := strings.Join(s.Went, ", "); got != "source 1 Faults, source 1 Limit, source 1 Limit, source 1 Faults" {
		t.Errorf("it leads to %s", got)
	}
	src.Limit = &core.Limit{Kind: limit.Fixed, Count: 1, Window: time.Hour}
	if err := s.E.PutSource(s.W.Ctx, &src); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	s.Has(p.View(), "The limit of plain is in force, and nobody ran into it yet", "Limit 1 an hour")
	p.switchTo(p.rows[0], false, false)
	s.Settle()
	s.Settle()
	if now, err := s.E.Store.Source(s.W.Ctx, src.ID); err != nil || now.Limit != nil {
		t.Errorf("switched off, the limit is %+v, %v", now.Limit, err)
	}
	s.Has(p.View(), "Off: limit 1 an hour")
}

func TestWhatAScorecardIsCalled(t *testing.T) {
	s := stage.New(t)
	bad := lab.Check{Name: "replayed", OK: false}
	good := lab.Check{Name: "valid", OK: true}
	for want, card := range map[string]lab.Scorecard{
		"Your handler holds":                     {Score: 100, Checks: []lab.Check{good}},
		"Your handler accepts no valid delivery": {Score: 0, Checks: []lab.Check{bad}},
		"One thing to mend":                      {Score: 50, Checks: []lab.Check{good, bad}},
		"2 things to mend":                       {Score: 50, Checks: []lab.Check{good, bad, bad}},
	} {
		v := newCardView(s.W, engine.Handler{URL: "http://h/"}, card)
		if got := eye.Words(v.root); !strings.Contains(got, want) {
			t.Errorf("it is called %q, want %q", strings.SplitN(got, "\n", 3)[1], want)
		}
	}
}

func TestAHandlerExaminedBeforeIsOffered(t *testing.T) {
	s := stage.New(t)
	p := openLab(s, 2).parts[2].(*checkup)
	s.Tap(p.View(), "Handlers examined before")
	s.Says("No handlers were examined yet")
	s.W.Layers.Back()
	p.form.fields["url"].Set(accepting(t))
	p.form.fields["slow_sender"].Set("10ms")
	if !p.Key('r') || p.Key('z') {
		t.Error("r does not run, or z does")
	}
	s.Settle()
	if p.card == nil {
		t.Fatalf("no scorecard: %s", p.problem.Text())
	}
	openLab(s, 2)
	s.Settle()
	s.Tap(p.View(), "Handlers examined before")
	s.Pick(p.handlers[0].URL)
	if got := p.form.fields["url"].Text(); got != p.handlers[0].URL {
		t.Errorf("its address is %q", got)
	}
	s.Tap(p.View(), "Export")
	s.Says("Scorecard, JSON", "Report for CI, JUnit XML")
}
