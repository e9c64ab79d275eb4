package ui

import (
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/platform"
)

// Every place where the window takes a secret asks for the same consent before one goes into a file.
func TestTheSameConsentIsAskedInEveryPlace(t *testing.T) {
	s := newStage(t)
	ui := newShell(s.w)
	fields := map[string]*SecretField{"compose": ui.compose.signing.secret, "compose, old": ui.compose.signing.old, "check-up": ui.lab.parts[2].(*checkup).form.secret,
		"endpoint": ui.deliveries.endpoints.form.secret, "signature": newSigningForm(s.w, func() {}, func() {}).secret,
		"replay": newReplayDialog(s.w, []core.CaptureID{1}, nil, false, lastReplay{}).secret}
	for name, f := range ui.settings.tunnel.secrets {
		fields["tunnel "+name] = f
	}
	for _, pl := range platform.All {
		ui.sources.edit(core.Source{Platform: pl.Name, Settings: s.e.Suggest(pl.Name), Name: "x"}, true)
		for name, f := range ui.sources.editor.secrets {
			fields["source "+pl.Name+" "+name] = f
		}
	}
	if len(fields) < 13 {
		t.Fatalf("only %d places", len(fields))
	}
	said := map[string]bool{}
	for name, f := range fields {
		f.Set("")
		f.value.SetQuiet("hush")
		f.choose(len(f.offered) + 2)
		if got := f.Choice().Place; !s.w.layers.Covered() || got == "file" {
			t.Errorf("%s: asked %t, and goes to %q", name, s.w.layers.Covered(), got)
		}
		_, words, _ := strings.Cut(eyeLine(s.w.layers), "Keep this secret")
		said[words] = true
		s.w.layers.Back()
	}
	if len(said) != 1 {
		t.Errorf("%d ways to ask: %v", len(said), said)
	}
}
