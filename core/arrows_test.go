package core_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "hookglass/"

// arrows says what each package may import of ours, and why. A package that is not here fails: a new one is a decision.
// Tests are free to look further, except for Fyne in core.
var arrows = map[string][]arrow{
	"core":          nil, // the vocabulary: everyone's words depend on nobody
	"assets":        nil, // bytes and nothing else
	"core/jsontext": nil, // bytes in, bytes out: it knows JSON and nothing of webhooks
	"core/store": {
		{"core", "it keeps the vocabulary's things"},
	},
	"core/sign": {
		{"core", "requests in, verdicts out"},
		{"core/jsontext", "the doctor tries a body as every serialiser would have printed it"},
	},
	"core/strict": {
		{"core", "what it refuses is core.Invalid"},
	},
	"core/limit": {
		{"core", "a limit's settings are the vocabulary's"},
	},
	"core/platform": {
		{"core", "requests in, receipts and work out"},
		{"core/sign", "platforms check and make signatures"},
		{"core/jsontext", "platforms read and answer JSON as their languages do"},
		{"core/limit", "platforms limit their senders"},
	},
	"core/capture": {
		{"core", "it makes captures"},
		{"core/store", "it keeps before it answers"},
		{"core/platform", "the source's machine decides"},
		{"core/limit", "a source may have a limit of its own"},
		{"core/sign", "the schemes of generic sources"},
	},
	"core/deliver": {
		{"core", "it makes attempts of deliveries"},
		{"core/store", "the delivery's row is the queue item"},
		{"core/limit", "an endpoint may have a rate"},
		{"core/platform", "the platforms' own schedules stand among the presets"},
		{"core/sign", "signatures that are wrong on purpose"},
	},
	"core/lab": {
		{"core", "it judges and predicts what the vocabulary names"},
		{"core/limit", "the same rules in virtual time"},
		{"core/deliver", "the same schedule in virtual time"},
		{"core/sign", "the check-up signs, and tampers"},
		{"core/platform", "what a platform would have answered"},
		{"core/store", "a what-if run reads the history"},
		{"core/strict", "scenarios are files that people write"},
	},
	"core/exchange": {
		{"core", "it reads and writes the vocabulary's things"},
		{"core/platform", "a workspace names platforms and their settings"},
		{"core/limit", "a workspace's limits are checked as they are read"},
		{"core/sign", "a fixture signs as its capture was signed"},
		{"core/deliver", "a workspace may name a retry policy's preset"},
		{"core/strict", "a workspace is a file that people write"},
	},
	"core/tunnel": {
		{"core", "settings that are wrong are core.Invalid; tokens are core.Secret"},
	},
	"core/tunnel/edgetest": {
		{"core", "it speaks of the same requests"},
		{"core/tunnel", "it is the far end of a tunnel, for tests"},
	},
	"core/engine": {
		{"core", "its verbs speak the vocabulary"},
		{"core/store", "it wires the parts"},
		{"core/sign", "it wires the parts"},
		{"core/limit", "it wires the parts"},
		{"core/platform", "it wires the parts"},
		{"core/capture", "it wires the parts"},
		{"core/deliver", "it wires the parts"},
		{"core/lab", "it wires the parts"},
		{"core/tunnel", "it wires the parts"},
		{"core/exchange", "it puts workspaces in force"},
	},
	"ui/control": {
		{"assets", "fonts and icons"},
	},
	"ui/view": {
		{"core", "it turns stored things into rows and text"},
		{"core/store", "rows are the store's"},
		{"core/sign", "the picture of a signature"},
		{"core/platform", "forms are drawn from what platforms declare"},
		{"core/deliver", "the ladder of a schedule"},
		{"core/limit", "limits in words"},
		{"core/lab", "charts and scorecards"},
	},
	"ui": {
		{"assets", "sample payloads, the icon"},
		{"ui/control", "its widgets"},
		{"ui/view", "what they show"},
		{"core", "values"},
		{"core/engine", "its verbs"},
		{"core/store", "queries and rows"},
		{"core/sign", "schemes to choose from"},
		{"core/platform", "settings that a form is drawn from"},
		{"core/deliver", "presets to choose from"},
		{"core/limit", "presets to choose from"},
		{"core/lab", "what-if runs and the check-up"},
		{"core/exchange", "copy as cURL, import and export"},
		{"core/tunnel", "the words of the tunnel card"},
	},
	"app": {
		{"ui", "the window is a command among others"},
		{"assets", "the icon, sample payloads"},
		{"core", "values"},
		{"core/engine", "its verbs"},
		{"core/store", "commands that read the history beside a running program"},
		{"core/sign", "sign and verify need no history"},
		{"core/platform", "platforms lists them"},
		{"core/deliver", "policies to choose from"},
		{"core/limit", "presets to choose from"},
		{"core/lab", "checkup and simulate"},
		{"core/exchange", "workspaces, import and export"},
		{"core/tunnel", "doctor of a tunnel"},
	},
}

type arrow struct{ to, reason string }

// outside says which of the packages of others only some of ours may use.
var outside = []struct {
	prefix, reason string
	users          []string
}{
	{"fyne.io/fyne/v2/app", "one place makes the application", []string{"app"}},
	{"fyne.io/", "the window is replaceable, and servers are built without it", []string{"app", "ui", "ui/view", "ui/control"}},
	{"github.com/mattn/go-sqlite3", "SQL stands in the store only", []string{"core/store"}},
	{"database/sql", "SQL stands in the store only", []string{"core/store"}},
	{"github.com/spf13/cobra", "flags and commands are app's", []string{"app"}},
	{"github.com/zalando/go-keyring", "the keyring is handed to the engine", []string{"app"}},
}

func TestArrowsPointDown(t *testing.T) {
	for _, tags := range []string{"sqlite_fts5 ci", "sqlite_fts5 nogui"} {
		for _, p := range list(t, tags) {
			allowed, known := arrows[p.name]
			if !known {
				t.Errorf("%s is not in the table of core/arrows_test.go: say what it may import, and why", p.name)
			}
			for _, imported := range p.imports {
				if to, ours := strings.CutPrefix(imported, module); ours && !slices.ContainsFunc(allowed, func(a arrow) bool { return a.to == to }) {
					t.Errorf("%s imports %s, which its row does not allow", p.name, to)
				}
			}
			for _, rule := range outside {
				if i := slices.IndexFunc(p.imports, under(rule.prefix)); i >= 0 && !slices.Contains(rule.users, p.name) {
					t.Errorf("%s imports %s; only %s may: %s", p.name, p.imports[i], strings.Join(rule.users, ", "), rule.reason)
				}
			}
			if i := slices.IndexFunc(p.all, under("fyne.io/")); i >= 0 && strings.HasPrefix(p.name, "core") {
				t.Errorf("%s depends on %s, or its tests do: core is built without Fyne", p.name, p.all[i])
			}
		}
	}
}

// TestEveryArrowHasAReason keeps the table itself honest: it points down only, and each row says why.
func TestEveryArrowHasAReason(t *testing.T) {
	for from, allowed := range arrows {
		for _, a := range allowed {
			if a.reason == "" {
				t.Errorf("%s to %s has no reason", from, a.to)
			}
			if _, known := arrows[a.to]; !known {
				t.Errorf("%s to %s: there is no such package", from, a.to)
			}
			if reaches(a.to, from) {
				t.Errorf("%s to %s makes a circle", from, a.to)
			}
		}
	}
}

func reaches(from, to string) bool {
	return from == to || slices.ContainsFunc(arrows[from], func(a arrow) bool { return reaches(a.to, to) })
}

// TestOnePlaceHandsOverToTheWindow: what comes from another goroutine reaches widgets through the pump, nowhere else.
func TestOnePlaceHandsOverToTheWindow(t *testing.T) {
	for _, dir := range []string{"app", "ui", "ui/view", "ui/control"} {
		files, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || file == filepath.Join("..", "ui", "pump.go") {
				continue
			}
			if line := handsOver(t, file); line > 0 {
				t.Errorf("%s:%d calls fyne.Do; only ui/pump.go may", file, line)
			}
		}
	}
}

// handsOver is the line of the first call of fyne.Do or fyne.DoAndWait in a file, or 0.
func handsOver(t *testing.T, file string) (line int) {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	name := ""
	for _, i := range parsed.Imports {
		if path, _ := strconv.Unquote(i.Path.Value); path == "fyne.io/fyne/v2" {
			if name = "fyne"; i.Name != nil {
				name = i.Name.Name
			}
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && line == 0 && strings.HasPrefix(s.Sel.Name, "Do") {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == name {
				line = set.Position(n.Pos()).Line
			}
		}
		return true
	})
	return line
}

func under(prefix string) func(string) bool {
	return func(path string) bool {
		return path == strings.TrimSuffix(prefix, "/") || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")
	}
}

// pkg is one of our packages: what it imports, and all that it and its tests depend on or import.
type pkg struct {
	name         string
	imports, all []string
}

func list(t *testing.T, tags string) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-tags", tags, "-json=ImportPath,Imports,Deps,TestImports,XTestImports", "./...")
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath                               string
			Imports, Deps, TestImports, XTestImports []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, pkg{strings.TrimPrefix(p.ImportPath, module), p.Imports, slices.Concat(p.Deps, p.TestImports, p.XTestImports)})
	}
}
