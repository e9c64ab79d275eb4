package engine_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
)

// source puts a source in force.
func (r *rig) source(src *core.Source) {
	r.Helper()
	if err := r.PutSource(r.ctx, src); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) secret(src *core.Source, value string) core.SecretRef {
	r.Helper()
	ref, err := r.KeepSecret(r.ctx, "run", *src, "secret", core.Text(value))
	if err != nil {
		r.Fatal(err)
	}
	return ref
}

func (r *rig) verdicts() (out []core.VerdictState) {
	r.Helper()
	rows, err := r.Store.Captures(r.ctx, store.Query{}, 0, 100)
	if err != nil {
		r.Fatal(err)
	}
	for _, row := range rows {
		out = append(out, row.Verdict)
	}
	return out
}

func TestReverify(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const body, signature = `{"a":1}`, "sha256=d8bfd0d1ad3d2a38bd5ef8e4a4c5dc6e7f8c8fb0d1d9d2c1a4f5b2e3c4d5e6f7"
	signed := [][2]string{{"X-Hub-Signature-256", signature}, {"Content-Type", "application/json"}}
	r.send("POST", "/in/gh", signed, []byte(body)) // before there is a source
	r.send("POST", "/in/other", signed, []byte(body))

	src := core.Source{Name: "gh", Platform: "generic", Settings: core.Values{"path": "/in/gh"}}
	r.source(&src)
	if _, err := r.SendExample(r.ctx, src); err != nil {
		t.Fatal(err)
	}
	src.Settings["scheme"] = "github"
	src.Secrets = map[string]core.SecretRef{"secret": r.secret(&src, "s")}
	r.source(&src)
	answer, err := r.SendExample(r.ctx, src)
	if err != nil || answer.Response.Status != http.StatusOK {
		t.Fatalf("the signed example: %+v, %v", answer.Response, err)
	}

	steps := 0
	got, err := r.ReverifySource(r.ctx, src, func(done, of int) {
		if steps++; done != steps || of != 3 {
			t.Errorf("progress %d of %d, as step %d", done, of, steps)
		}
	})
	if want := (engine.Reverified{Captures: 3, Verified: 1, Changed: 2}); err != nil || got != want {
		t.Errorf("reverified %+v, %v; want %+v", got, err, want)
	}
	if got, want := joinStates(r.verdicts()), "verified missing - mismatch"; got != want {
		t.Errorf("verdicts, newest first: %s; want %s", got, want)
	}

	src.Settings["path"] = "/in/elsewhere"
	r.source(&src)
	if got, err := r.ReverifySource(r.ctx, src, nil); err != nil || got.Left != 2 || got.Captures != 0 {
		t.Errorf("after a move: %+v, %v; want the 2 captures of the old address left alone", got, err)
	}
}

func joinStates(states []core.VerdictState) string {
	words := make([]string, len(states))
	for i, s := range states {
		if words[i] = string(s); s == "" {
			words[i] = "-"
		}
	}
	return strings.Join(words, " ")
}

func TestReverifyWantsItsSecrets(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	src := core.Source{Name: "gh", Platform: "generic", Settings: core.Values{"path": "/in/gh", "scheme": "github"},
		Secrets: map[string]core.SecretRef{"secret": "run:gone"}}
	r.source(&src)
	var invalid *core.Invalid
	if _, err := r.ReverifySource(r.ctx, src, nil); !errors.As(err, &invalid) || invalid.Field != "secret" {
		t.Errorf("verifying again without the secret: %v; want the field secret", err)
	}
}

func TestSecretsOfSources(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	one := core.Source{Name: "one", Platform: "generic", Settings: core.Values{"path": "/1"}}
	one.Secrets = map[string]core.SecretRef{"secret": r.secret(&one, "first")}
	r.source(&one)
	one.Name = "renamed"
	r.source(&one)

	two := core.Source{Name: "one", Platform: "generic", Settings: core.Values{"path": "/2"}}
	two.Secrets = map[string]core.SecretRef{"secret": r.secret(&two, "second")}
	r.source(&two)
	if s, err := r.Vault.Resolve(one.Secrets["secret"]); err != nil || string(s.Reveal()) != "first" {
		t.Errorf("another source of the name that it had took its secret: %q, %v", s.Reveal(), err)
	}
	if err := r.DeleteSource(r.ctx, one.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Vault.Resolve(one.Secrets["secret"]); err == nil {
		t.Error("the secret of a deleted source is still kept")
	}
	if _, err := r.Vault.Resolve(two.Secrets["secret"]); err != nil {
		t.Errorf("the other source's secret went with it: %v", err)
	}
}

func TestSuggestionsAreNotGuessed(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := r.Suggest("workjet").Text("id"), r.Suggest("workjet").Text("id"); a == b || !strings.HasPrefix(a, "wh_") {
		t.Errorf("two suggestions: %s and %s", a, b)
	}
	if a, b := engine.UnguessablePath(), engine.UnguessablePath(); a == b || len(a) < len("/in/")+26 {
		t.Errorf("two paths: %s and %s", a, b)
	}
}
