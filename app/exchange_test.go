package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hookglass/core/exchange"
)

// exchanging is a program with a history of its own.
type exchanging struct {
	t    *testing.T
	home string
}

func (x exchanging) run(stdin string, args ...string) (out, said string, err error) {
	x.t.Helper()
	var o, e bytes.Buffer
	root := newProgram().root()
	root.SetArgs(append([]string{"--home", x.home}, args...))
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&o)
	root.SetErr(&e)
	err = root.ExecuteContext(x.t.Context())
	return o.String(), e.String(), err
}

func (x exchanging) must(stdin string, args ...string) (out, said string) {
	x.t.Helper()
	out, said, err := x.run(stdin, args...)
	if err != nil {
		x.t.Fatalf("%q: %v", args, err)
	}
	return out, said
}

func TestExportAndImport(t *testing.T) {
	x := exchanging{t, t.TempDir()}
	const command = `curl http://a.test/in -H 'Authorization: Bearer abcdefghij' -H 'X-GitHub-Event: push' -d '{"n": 1.0}'`
	if out, _ := x.must(command+"\n"+command, "import", "-"); out != "imported 2 captures: id:1-2\n" {
		t.Errorf("import says %q", out)
	}
	out, said := x.must("", "export", "--format", "json", "--limit", "1")
	if !strings.Contains(said, "the newest 1 of 2 captures") || !strings.Contains(said, "masked: request header Authorization") {
		t.Errorf("export says %q", said)
	}
	got, err := exchange.Read([]byte(out))
	if err != nil || len(got.Captures) != 1 {
		t.Fatal(out, err)
	}
	if c := got.Captures[0]; c.ID != 2 || string(c.Request.Body) != `{"n": 1.0}` || c.Event.Type != "push" || c.Request.Header.Get("Authorization") != "Bearer REDACTED" || c.Note != "imported from standard input" {
		t.Errorf("%+v", c)
	}
	file := filepath.Join(x.home, "out.har")
	if out, said := x.must("", "export", "--format", "har", "--reveal", "-o", file, "id:1"); out != "" || said != "" {
		t.Errorf("export to a file says %q and %q", out, said)
	}
	if out, _ := x.must("", "import", "--json", file); out != `{"captures":[3],"event":"imported"}`+"\n" {
		t.Errorf("import says %q", out)
	}
	if out, _ := x.must("", "export", "--format", "curl", "--reveal", "id:3"); !strings.Contains(out, "Bearer abcdefghij") {
		t.Errorf("the round lost the field:\n%s", out)
	}
}

func TestWorkspaceOutAndIn(t *testing.T) {
	x := exchanging{t, t.TempDir()}
	const workspace = `{"hookglass": 1, "sources": [{"platform": "generic", "path": "/in/a", "scheme": "stripe", "secret": {"env": "A"}}], "endpoints": [{"id": "e", "name": "E", "url": "http://127.0.0.1:9/"}]}`
	if out, _ := x.must(workspace, "import", "-"); !strings.Contains(out, "nothing was changed") {
		t.Errorf("import says %q", out)
	}
	if _, err := os.Stat(filepath.Join(x.home, "hookglass.db")); err == nil {
		t.Error("a look at a workspace made a history")
	}
	x.must(workspace, "import", "--apply", "-")
	out, said := x.must("", "export", "--format", "workspace")
	w, err := exchange.ParseWorkspace([]byte(out))
	if err != nil || said != "" || len(w.Sources) != 1 || w.Sources[0].Secrets["secret"] != "env:A" || len(w.Endpoints) != 1 {
		t.Errorf("%v, %q\n%s", err, said, out)
	}
}

func TestShowAsCode(t *testing.T) {
	x := exchanging{t, t.TempDir()}
	x.must(`curl http://a.test:8080/in -H 'X-A: 1' -d '{}'`, "import", "-")
	for as, says := range map[string]string{"curl": "--data-binary '{}'", "go": "http.NewRequest(", "node": "require('node:http')", "python": "import http.client"} {
		if out, _ := x.must("", "show", "1", "--as", as); !strings.Contains(out, says) || !strings.Contains(out, "a.test:8080") {
			t.Errorf("as %s:\n%s", as, out)
		}
	}
	for _, args := range []string{"show 1 --as perl", "show d1 --as curl"} {
		if _, _, err := x.run("", strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), "--as:") {
			t.Errorf("%s: %v", args, err)
		}
	}
	if _, _, err := x.run("", "show", "2", "--as", "curl"); err == nil || !strings.Contains(err.Error(), "there is no capture 2") {
		t.Errorf("a capture that is not there: %v", err)
	}
}

func TestExchangeRefuses(t *testing.T) {
	x := exchanging{t, t.TempDir()}
	if _, _, err := x.run("", "export", "--format", "har"); err == nil || !strings.Contains(err.Error(), "there is none yet") {
		t.Errorf("without a history: %v", err)
	}
	x.must("curl http://a.test/", "import", "-")
	for _, row := range []struct {
		stdin, args, says string
	}{
		{"", "export", "--format: want har"},
		{"", "export --format xls", "--format: want har"},
		{"", "export --format har --limit 0", "--limit:"},
		{"", "export --format har source:nobody", "FILTER: matches no capture"},
		{"", "export --format har nonsense:1", "filter nonsense:1:"},
		{"", "export --format go --scheme nope", "--scheme:"},
		{"", "export --format workspace source:a", "FILTER:"},
		{"", "import no-such-file", "FILE:"},
		{"hello", "import -", "file: is neither"},
		{"", "import -", "file: is neither"},
		{`{"log":{"entries":[]}}`, "import -", "FILE: holds no capture"},
		{"curl http://a.test/", "import --apply -", "--apply:"},
		{`{"hookglass":1,"sources":[{"platform":"x"}]}`, "import -", "sources[0].platform:"},
		{"curl -F a=@b http://a.test/", "import -", "--form:"},
	} {
		if _, _, err := x.run(row.stdin, strings.Fields(row.args)...); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s < %q: %v, want %q", row.args, row.stdin, err, row.says)
		}
	}
}

// TestImportKeepsSecretsInAFile: where there is no keyring, the user may agree to a file.
func TestImportKeepsSecretsInAFile(t *testing.T) {
	x := exchanging{t, t.TempDir()}
	const workspace = `{"hookglass":1,"sources":[{"platform":"generic","name":"g","path":"/in","scheme":"github","secret":"plain-s3cret"}]}`
	if _, _, err := x.run(workspace, "import", "-", "--apply", "--secrets", "nowhere"); err == nil || !strings.Contains(err.Error(), "--secrets") {
		t.Errorf("%v", err)
	}
	if out, _ := x.must(workspace, "import", "-", "--apply", "--secrets", "file"); out != "kept 1 source and 0 endpoints\n" {
		t.Errorf("says %q", out)
	}
	file := filepath.Join(x.home, "secrets.json")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	if data, _ := os.ReadFile(file); !strings.Contains(string(data), "plain-s3cret") {
		t.Errorf("the secret is not in it: %s", data)
	}
	if out, _ := x.must("", "export", "--format", "workspace"); strings.Contains(out, "plain-s3cret") || !strings.Contains(out, `"env"`) {
		t.Errorf("the export has the secret: %s", out)
	}
}
