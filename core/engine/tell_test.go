package engine_test

import (
	"reflect"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
)

// A search that ran out of time is not kept: who shows the capture is told what was tried. What is kept stays as it is.
func TestTellSaysWhatIsNotKept(t *testing.T) {
	cut := core.Verdict{State: core.Mismatch, Tried: 4711, Findings: []core.Finding{{Cause: "unexplained", Alternatives: []string{}, Proof: core.Structural,
		About: core.AboutCame, Acts: core.BySettings, Detail: "4711 combinations tested", Fix: "try", Offset: -1}}}
	said := engine.VerdictOf(&cut, false)
	into := core.Verdict{State: core.Mismatch}
	said.Tell(&into)
	if into.Tried != cut.Tried || !reflect.DeepEqual(into.Findings, cut.Findings) {
		t.Errorf("told %+v, want %+v", into, cut)
	}
	kept := core.Verdict{State: core.Mismatch, Tried: 1, Findings: []core.Finding{{Cause: "order_wrong"}}}
	said.Tell(&kept)
	if kept.Tried != 1 || kept.Findings[0].Cause != "order_wrong" {
		t.Errorf("what was kept became %+v", kept)
	}
	said.Tell(nil)
	(*engine.VerdictJSON)(nil).Tell(&kept)
}
