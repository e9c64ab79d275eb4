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
	"core/cert":     nil, // bytes and two files
	"docs":          nil, // pages that the program carries
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
	"core/answer": {
		{"core", "requests in, answers out"},
	},
	"core/env": {
		{"core", "what it fills are the vocabulary's texts"},
	},
	"core/limit": {
		{"core", "a limit's settings are the vocabulary's"},
	},
	"core/platform": {
		{"core", "requests in, receipts and work out"},
		{"core/sign", "platforms check and make signatures"},
		{"core/answer", "a generic source answers by rules"},
		{"core/jsontext", "platforms read and answer JSON as their languages do"},
		{"assets", "what a source is tried with is a sample of its provider"},
	},
	"core/capture": {
		{"core", "it makes captures"},
		{"core/store", "it keeps before it answers"},
		{"core/platform", "the source's machine decides"},
		{"core/limit", "a source may have a limit of its own"},
		{"core/sign", "the schemes of generic sources"},
		{"core/env", "targets of forwards are filled as a capture arrives"},
	},
	"core/deliver": {
		{"core", "it makes attempts of deliveries"},
		{"core/store", "the delivery's row is the queue item"},
		{"core/platform", "the platforms' own schedules stand among the presets"},
		{"core/env", "secrets of an environment are put in as they are sent"},
	},
	"core/lab": {
		{"core", "it judges and predicts what the vocabulary names"},
		{"core/limit", "the same rules in virtual time"},
		{"core/deliver", "the same schedule in virtual time"},
		{"core/sign", "the check-up signs, and tampers"},
		{"core/platform", "what a platform would have answered"},
		{"core/strict", "scenarios are files that people write"},
	},
	"core/exchange": {
		{"core", "it reads and writes the vocabulary's things"},
		{"core/platform", "a workspace names platforms and their settings"},
		{"core/limit", "a workspace's limits are checked as they are read"},
		{"core/sign", "a fixture signs as its capture was signed"},
		{"core/deliver", "a workspace may name a retry policy's preset"},
		{"core/strict", "a workspace is a file that people write"},
		{"core/env", "a workspace carries environments"},
	},
	"core/shape": {
		{"core", "requests in; a credential by its name is never an example"},
		{"core/jsontext", "bodies are read as they were written, integers of any length among them"},
	},
	"core/contract": {
		{"core", "a document that is none is core.Invalid"},
	},
	"core/shrink": {
		{"core/jsontext", "what is taken away are members and items, as they were written"},
	},
	"core/compare": {
		{"core", "requests that are compared"},
		{"core/jsontext", "bodies are compared by their values"},
	},
	"core/tunnel": {
		{"core", "settings that are wrong are core.Invalid; tokens are core.Secret"},
	},
	"core/relay": {
		{"core", "captures travel"},
		{"core/store", "it reads what goes out, and keeps what comes"},
	},
	"core/relay/broker": {
		{"core", "settings that are wrong are core.Invalid"},
		{"core/relay", "it is the broker of a hub"},
		{"core/cert", "its own certificate"},
	},
	"core/relay/natstest":  nil, // runs a nats-server as a process, for tests
	"core/tunnel/edgetest": nil, // the far end of a tunnel, for tests; it shares no code with the near one
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
		{"core/relay", "it wires the parts"},
		{"core/cert", "the authority of this machine"},
		{"core/exchange", "it puts workspaces in force"},
		{"core/env", "it keeps environments, and fills what is sent"},
		{"core/shape", "bodies are learned behind the captures"},
		{"core/contract", "bodies are checked against what their sender promised"},
		{"core/shrink", "which body is tried next"},
		{"core/strict", "the control address says which members a scenario has"},
	},
	"core/agent": {
		{"core", "what it reads speaks the vocabulary"},
		{"core/engine", "the shapes of answers, and the log of what agents did"},
		{"core/store", "it reads the history beside the program that writes it"},
		{"core/sign", "schemes, and signatures of requests that are written out"},
		{"core/exchange", "it masks what exports mask"},
		{"core/compare", "in what two captures differ"},
		{"core/platform", "which settings are secrets"},
		{"core/env", "agents have no values of environments"},
	},
	"ui/control": {
		{"assets", "fonts and icons"},
		{"core", "no character of a label acts instead of being seen"},
	},
	"ui/view": {
		{"core", "it turns stored things into rows and text"},
		{"core/deliver", "the ladder of a schedule"},
		{"core/compare", "what of a body does not count"},
	},
	"ui/part": {
		{"core", "forms read and write the vocabulary's values"},
		{"core/engine", "secrets are kept and schemes read by its verbs"},
		{"core/store", "rows of deliveries"},
		{"core/sign", "schemes to choose from"},
		{"core/platform", "settings that a form is drawn from"},
		{"core/deliver", "retry policies"},
		{"core/limit", "limits in words"},
		{"ui/control", "its widgets"},
		{"ui/view", "what they show"},
	},
	"ui/frame": {
		{"core", "what the verbs of navigation speak of"},
		{"core/engine", "the window is a window on one"},
		{"core/store", "the pump waits for its feed"},
		{"core/tunnel", "a notice when it breaks off"},
		{"ui/control", "the layers and the theme"},
		{"ui/view", "progress in words"},
		{"ui/part", "what the parts need of a window"},
	},
	"ui/message": {
		{"core", "requests, responses, attempts"},
		{"core/store", "what followed from a capture"},
		{"ui/control", "its widgets"},
		{"ui/view", "bodies as text, trees and hex"},
		{"ui/part", "fields and words"},
		{"ui/frame", "it leads to other pages"},
	},
	"ui/picture": {
		{"core", "verdicts and findings"},
		{"core/sign", "what schemes mean"},
		{"ui/control", "its widgets"},
		{"ui/view", "code and bytes as text"},
		{"ui/part", "fields and words"},
		{"ui/frame", "the doctor works off the UI goroutine"},
		{"core/exchange", "the code that signs the same"},
	},
	"ui/public": {
		{"core", "errors that name a setting"},
		{"core/engine", "its verbs of the tunnel"},
		{"core/tunnel", "troubles and consent"},
		{"ui/control", "its widgets"},
		{"ui/view", "times in words"},
		{"ui/part", "words"},
		{"ui/frame", "it leads to the settings"},
	},
	aPage: {
		{"core", "values"},
		{"core/engine", "its verbs"},
		{"core/store", "queries and rows"},
		{"core/sign", "schemes to choose from"},
		{"core/platform", "settings that a form is drawn from"},
		{"core/deliver", "presets to choose from"},
		{"core/limit", "presets to choose from"},
		{"core/answer", "what templates may use"},
		{"core/env", "names of values in what is typed"},
		{"core/lab", "what-if runs and the check-up"},
		{"core/exchange", "import, export, and code that does the same"},
		{"core/shape", "what is known of a member, and what changed"},
		{"core/contract", "a contract is read before a source has it"},
		{"core/tunnel", "the settings of a tunnel"},
		{"core/agent", "the snippets of agents' clients"},
		{"assets", "sample payloads"},
		{"ui/control", "its widgets"},
		{"ui/view", "what they show"},
		{"ui/part", "fields and words"},
		{"ui/frame", "it stands in the window"},
		{"ui/message", "requests and responses shown"},
		{"ui/picture", "the signature drawn"},
		{"ui/public", "starting the tunnel anew"},
	},
	"ui/eye": {
		{"ui/control", "tests find its buttons"},
	},
	"ui/stage": {
		{"core", "tests make captures and deliveries"},
		{"core/engine", "the stage has one"},
		{"core/sign", "tests sign captures"},
		{"core/store", "tests read the history"},
		{"ui/control", "what stands beside the page"},
		{"ui/eye", "what a page shows"},
		{"ui/frame", "a window of one page"},
		{"ui/part", "tests type into forms"},
	},
	"ui": {
		{"docs", "what is new"},
		{"core", "values"},
		{"core/engine", "the window is a window on one"},
		{"core/store", "what the palette offers"},
		{"core/tunnel", "what the palette offers"},
		{"core/sign", "the palette lists the schemes"},
		{"assets", "of whose provider there is a sample"},
		{"ui/control", "its widgets"},
		{"ui/part", "words"},
		{"ui/frame", "it builds the window"},
		{"ui/public", "the tunnel's card in the rail"},
		{aPage, "it alone knows them all"},
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
		{"core/shape", "the formats that shapes are written in"},
		{"core/contract", "a contract is a file, in JSON or YAML"},
		{"core/compare", "diff"},
		{"core/env", "names and texts of commands"},
		{"core/agent", "mcp"},
		{"core/tunnel", "doctor of a tunnel"},
		{"core/relay/broker", "a build with a broker hands it to the engine"},
	},
}

type arrow struct{ to, reason string }

// aPage stands in the table for each package that is a page: below ui, imported by ui, and without a row of its own.
const aPage = "ui/(a page)"

// pagesOf finds the pages, so that a new one needs no row.
func pagesOf(all []pkg) (pages []string) {
	ui := slices.IndexFunc(all, func(p pkg) bool { return p.name == "ui" })
	if ui < 0 {
		return nil
	}
	for _, path := range all[ui].imports {
		name := strings.TrimPrefix(path, module)
		if _, known := arrows[name]; !known && strings.HasPrefix(name, "ui/") {
			pages = append(pages, name)
		}
	}
	return pages
}

// outside says which of the packages of others only some of ours may use.
var outside = []struct {
	prefix, reason string
	users          []string
}{
	{"fyne.io/fyne/v2/app", "one place makes the application", []string{"app"}},
	{"fyne.io/", "the window is replaceable, and servers are built without it", []string{"app", "ui", "ui/..."}},
	{"github.com/mattn/go-sqlite3", "SQL stands in the store only", []string{"core/store"}},
	{"database/sql", "SQL stands in the store only", []string{"core/store"}},
	{"github.com/spf13/cobra", "flags and commands are app's", []string{"app"}},
	{"github.com/modelcontextprotocol/", "one package speaks the protocol of agents", []string{"core/agent"}},
	{"github.com/nats-io/nats-server", "one package starts the broker, and a build may do without", []string{"core/relay/broker"}},
	{"github.com/nats-io/", "NATS is the relay's business", []string{"core/relay", "core/relay/broker", "core/engine"}},
	{"github.com/zalando/go-keyring", "the keyring is handed to the engine", []string{"app"}},
}

func TestArrowsPointDown(t *testing.T) {
	used := map[string]bool{}
	for _, tags := range []string{"sqlite_fts5 ci", "sqlite_fts5 nogui"} {
		all := list(t, tags)
		pages := pagesOf(all)
		row := func(name string) string {
			if slices.Contains(pages, name) {
				return aPage
			}
			return name
		}
		for _, p := range all {
			allowed, known := arrows[row(p.name)]
			if !known {
				t.Errorf("%s is not in the table of core/arrows_test.go: say what it may import, and why", p.name)
			}
			for _, imported := range p.imports {
				to, ours := strings.CutPrefix(imported, module)
				to = row(to)
				used[row(p.name)+" "+to] = true
				if ours && !slices.ContainsFunc(allowed, func(a arrow) bool { return a.to == to }) {
					t.Errorf("%s imports %s, which its row does not allow", p.name, to)
				}
			}
			for _, rule := range outside {
				if i := slices.IndexFunc(p.imports, under(rule.prefix)); i >= 0 && !allowedTo(rule.users, p.name) {
					t.Errorf("%s imports %s; only %s may: %s", p.name, p.imports[i], strings.Join(rule.users, ", "), rule.reason)
				}
			}
			if i := slices.IndexFunc(p.all, under("fyne.io/")); i >= 0 && strings.HasPrefix(p.name, "core") {
				t.Errorf("%s depends on %s, or its tests do: core is built without Fyne", p.name, p.all[i])
			}
		}
	}
	for from, allowed := range arrows {
		for _, a := range allowed {
			if !used[from+" "+a.to] {
				t.Errorf("%s does not import %s any more: take its row away", from, a.to)
			}
		}
	}
}

// TestNoPageKnowsAnother: a page leads to others through the verbs of its frame.
func TestNoPageKnowsAnother(t *testing.T) {
	all := list(t, "sqlite_fts5 ci")
	pages := pagesOf(all)
	if len(pages) < 7 {
		t.Errorf("only %d pages are found: %v", len(pages), pages)
	}
	for _, p := range all {
		for _, page := range pages { // ui itself puts them all into the window
			if strings.HasPrefix(p.name, "ui/") && p.name != page && slices.Contains(p.all, module+page) {
				t.Errorf("%s or a test of it knows the page %s", p.name, page)
			}
		}
	}
}

// TestRoomsStaySmall: a package of the window is one subject.
func TestRoomsStaySmall(t *testing.T) {
	const most = 25
	for _, p := range list(t, "sqlite_fts5 ci") {
		if n := len(p.files); strings.HasPrefix(p.name, "ui") && p.name != "ui/control" && n > most {
			t.Errorf("%s has %d files, more than %d: is there a second subject?", p.name, n, most)
		}
	}
}

// TestTheEngineStaysSmall: what one does with the engine hangs on it by subject.
func TestTheEngineStaysSmall(t *testing.T) {
	const most = 60
	methods := 0
	for _, p := range list(t, "sqlite_fts5 ci") {
		if p.name != "core/engine" {
			continue
		}
		for _, file := range p.files {
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", p.name, file), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
					if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok && star.X.(*ast.Ident).Name == "Engine" {
						methods++
					}
				}
			}
		}
	}
	if methods == 0 || methods >= most {
		t.Errorf("Engine has %d methods, want fewer than %d: a verb belongs to the type of its subject", methods, most)
	}
}

// TestOneFieldTakesSecrets: where a secret goes, and what is asked first, is decided by one part.
func TestOneFieldTakesSecrets(t *testing.T) {
	for _, p := range list(t, "sqlite_fts5 ci") {
		if !strings.HasPrefix(p.name, "ui/") || p.name == "ui/part" || p.name == "ui/control" {
			continue
		}
		for _, file := range p.files {
			if line := calls(t, filepath.Join("..", p.name, file), func(s *ast.SelectorExpr, _ string) bool { return s.Sel.Name == "AsSecret" }); line > 0 {
				t.Errorf("%s/%s:%d makes a field for a secret; only ui/part does", p.name, file, line)
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
	for _, p := range list(t, "sqlite_fts5 ci") {
		for _, file := range p.files {
			if p.name == "ui/frame" && file == "pump.go" {
				continue
			}
			hands := func(s *ast.SelectorExpr, fyne string) bool {
				x, ok := s.X.(*ast.Ident)
				return ok && x.Name == fyne && strings.HasPrefix(s.Sel.Name, "Do")
			}
			if line := calls(t, filepath.Join("..", p.name, file), hands); line > 0 {
				t.Errorf("%s/%s:%d calls fyne.Do; only ui/frame/pump.go may", p.name, file, line)
			}
		}
	}
}

// calls is the line of the first selector in a file that fits, or 0. fits gets the name that Fyne has there.
func calls(t *testing.T, file string, fits func(s *ast.SelectorExpr, fyne string) bool) (line int) {
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
		if s, ok := n.(*ast.SelectorExpr); ok && line == 0 && fits(s, name) {
			line = set.Position(n.Pos()).Line
		}
		return true
	})
	return line
}

// allowedTo reports whether a package is among users, where "ui/..." stands for all below ui but the parts without Fyne.
func allowedTo(users []string, name string) bool {
	return slices.ContainsFunc(users, func(u string) bool {
		below, all := strings.CutSuffix(u, "...")
		return u == name || all && strings.HasPrefix(name, below) && name != "ui/view"
	})
}

func under(prefix string) func(string) bool {
	return func(path string) bool {
		return path == strings.TrimSuffix(prefix, "/") || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")
	}
}

// pkg is one of our packages: its files, what it imports, and all that it and its tests depend on or import.
type pkg struct {
	name                string
	files, imports, all []string
}

func list(t *testing.T, tags string) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-tags", tags, "-json=ImportPath,GoFiles,Imports,Deps,TestImports,XTestImports", "./...")
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
			ImportPath                                        string
			GoFiles, Imports, Deps, TestImports, XTestImports []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module)
		all = append(all, pkg{name, p.GoFiles, p.Imports, slices.Concat(p.Deps, p.TestImports, p.XTestImports)})
	}
}
