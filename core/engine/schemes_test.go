package engine_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

// mine is a scheme of the user's own, over the body with a prefix.
func mine(prefix string) string {
	return fmt.Sprintf(`{"id":"my-api","provider":"My API","sig":{"from":"header:X-My-Signature","format":"plain"},
		"template":"%s{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"}`, prefix)
}

func mySignature(text string) string {
	mac := hmac.New(sha256.New, []byte("s3cret"))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// verdict is what became of the newest capture's signature.
func (r *rig) verdict() core.VerdictState {
	r.Helper()
	rows, err := r.Store.Captures(r.ctx, store.Query{}, 0, 1)
	if err != nil || len(rows) != 1 {
		r.Fatalf("%d captures, %v", len(rows), err)
	}
	return rows[0].Verdict
}

func TestOwnScheme(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Schemes.Put(r.ctx, "", []byte(mine("v1:"))); err != nil {
		t.Fatal(err)
	}
	secret, _ := r.Vault.Put("run", "mine", core.Text("s3cret"))
	src := core.Source{Name: "mine", Platform: "generic", Settings: core.Values{"path": "/in/mine", "scheme": "my-api"}, Secrets: map[string]core.SecretRef{"secret": secret}}
	if err := r.PutSource(r.ctx, &src); err != nil {
		t.Fatal(err)
	}
	send := func(signature string) core.VerdictState {
		t.Helper()
		r.send("POST", "/in/mine", [][2]string{{"X-My-Signature", signature}}, []byte("hello"))
		return r.verdict()
	}
	if got := send(mySignature("v1:hello")); got != core.Verified {
		t.Errorf("signed as the scheme says: %s", got)
	}
	if got := send(mySignature("v2:hello")); got != core.Mismatch {
		t.Errorf("signed otherwise: %s", got)
	}
	if example, ok := r.Example(src); !ok || example.Header.Get("X-My-Signature") != mySignature("v1:"+string(example.Body)) {
		t.Errorf("the example is signed %q", example.Header.Get("X-My-Signature"))
	}

	// A change reaches the sources that are already there.
	if _, err := r.Schemes.Put(r.ctx, "my-api", []byte(mine("v2:"))); err != nil {
		t.Fatal(err)
	}
	if got := send(mySignature("v2:hello")); got != core.Verified {
		t.Errorf("after the change: %s", got)
	}
	if all := r.Schemes.Book().Own(); len(all) != 1 || all[0].Template != "v2:{body}" {
		t.Errorf("own schemes: %+v", all)
	}
}

func TestOwnSchemeRefused(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Schemes.Put(r.ctx, "", []byte(mine(""))); err != nil {
		t.Fatal(err)
	}
	src := core.Source{Name: "mine", Platform: "generic", Settings: core.Values{"path": "/in/mine", "scheme": "my-api"}}
	if err := r.PutSource(r.ctx, &src); err != nil {
		t.Fatal(err)
	}
	put := func(was, text string) func() error {
		return func() error { _, err := r.Schemes.Put(r.ctx, was, []byte(text)); return err }
	}
	rows := []struct {
		what  string
		do    func() error
		field string
	}{
		{"a second of the same name", put("", mine("x")), "id"},
		{"the name of a known one", put("", strings.Replace(mine(""), "my-api", "stripe", 1)), "id"},
		{"a name with a space", put("", strings.Replace(mine(""), "my-api", "my api", 1)), "id"},
		{"no JSON", put("", "id: my"), "scheme"},
		{"an unknown word in the template", put("my-api", strings.Replace(mine(""), "{body}", "{bodi}", 1)), "template"},
		{"another name while a source uses it", put("my-api", strings.Replace(mine(""), "my-api", "other", 1)), "id"},
		{"deleted while a source uses it", func() error { return r.Schemes.Delete(r.ctx, "my-api") }, "id"},
	}
	for _, row := range rows {
		var invalid *core.Invalid
		if err := row.do(); !errors.As(err, &invalid) || invalid.Field != row.field {
			t.Errorf("%s: %v, want a fault of %s", row.what, err, row.field)
		}
	}
	if err := r.DeleteSource(r.ctx, src.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.Schemes.Delete(r.ctx, "my-api"); err != nil || len(r.Schemes.Book().Own()) != 0 {
		t.Errorf("deleted when free: %v, left %d", err, len(r.Schemes.Book().Own()))
	}
	if err := r.Schemes.Delete(r.ctx, "my-api"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestOwnSchemeOfAWorkspace(t *testing.T) {
	t.Parallel()
	scheme := map[string]any{"id": "my-api", "provider": "My API", "sig": map[string]any{"from": "header:X-My-Signature", "format": "plain"},
		"template": "{body}", "alg": "hmac-sha256", "enc": "hex", "key": "utf8"}
	source := map[string]any{"platform": "generic", "path": "/in/mine", "scheme": "my-api", "secret": "s3cret"}
	r, err := open(t, map[string]any{"hookglass": 1, "schemes": []any{scheme}, "sources": []any{source}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.send("POST", "/in/mine", [][2]string{{"X-My-Signature", mySignature("hello")}}, []byte("hello"))
	if got := r.verdict(); got != core.Verified {
		t.Errorf("verdict %s", got)
	}

	scheme["template"] = "{nothing}"
	var invalid *core.Invalid
	if _, err := open(t, map[string]any{"hookglass": 1, "schemes": []any{scheme}}, nil); !errors.As(err, &invalid) || invalid.Field != "schemes[0].template" {
		t.Errorf("a bad template: %v", err)
	}
	scheme["template"] = "{body}"
	if _, err := open(t, map[string]any{"hookglass": 1, "schemes": []any{scheme, scheme}}, nil); !errors.As(err, &invalid) || invalid.Field != "schemes[1].id" {
		t.Errorf("twice: %v", err)
	}
}

// A later Hookglass may know a scheme of the name that a user gave to theirs.
func TestOwnSchemeWhoseNameBecameKnown(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/gh", "scheme": "github"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	old := json.RawMessage(strings.Replace(mine(""), "my-api", "github", 1))
	if err := r.Store.PutSetting("schemes", []json.RawMessage{old}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Schemes.Put(r.ctx, "", []byte(mine(""))); err != nil {
		t.Fatal(err)
	}
	if own := r.Schemes.Book().Own(); len(own) != 2 || own[0].ID != "github" {
		t.Fatalf("theirs is lost: %+v", own)
	}
	if s, ok := r.Schemes.Book().Find("github"); !ok || s.Provider == "My API" {
		t.Errorf("theirs stands before the known one: %+v", s)
	}
	if _, err := r.Schemes.Put(r.ctx, "github", []byte(strings.Replace(mine(""), "my-api", "my-github", 1))); err != nil {
		t.Errorf("it cannot be given another name, though its source goes by the known one: %v", err)
	}
	if err := r.Schemes.Delete(r.ctx, "my-github"); err != nil || len(r.Schemes.Book().Own()) != 1 {
		t.Errorf("deleted: %v, left %+v", err, r.Schemes.Book().Own())
	}
}

func TestSchemesThatCannotBeReadAreNotOverwritten(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Store.PutSetting("schemes", "of another kind"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Schemes.Put(r.ctx, "", []byte(mine(""))); err == nil {
		t.Error("a scheme was put in the place of what could not be read")
	}
	var kept string
	if err := r.Store.Setting(r.ctx, "schemes", &kept); err != nil || kept != "of another kind" {
		t.Errorf("kept %q, %v", kept, err)
	}
}

// TestSchemesOfALaterProgramStay: what this program cannot read is not lost when it stores what it can.
func TestSchemesOfALaterProgramStay(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const later = `{"id":"later","alg":"of tomorrow"}`
	if err := r.Store.PutSetting("schemes", []json.RawMessage{json.RawMessage(later)}); err != nil {
		t.Fatal(err)
	}
	for _, do := range []func() error{
		func() error { _, err := r.Schemes.Put(r.ctx, "", []byte(mine(""))); return err },
		func() error { return r.Schemes.Delete(r.ctx, "my-api") },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
		var rows []json.RawMessage
		if err := r.Store.Setting(r.ctx, "schemes", &rows); err != nil || len(rows) == 0 || string(rows[len(rows)-1]) != later {
			t.Errorf("stored is %s, %v", rows, err)
		}
	}
}
