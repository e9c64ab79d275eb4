package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hookglass/core"
	"hookglass/core/answer"
	"hookglass/core/exchange"
	"hookglass/core/platform"
	"hookglass/core/store"
)

// TestReferenceIsOfThisProgram: what can be looked up is made from the program; make docs writes it anew.
func TestReferenceIsOfThisProgram(t *testing.T) {
	for name, make := range map[string]func(*testing.T) string{"reference/commands.md": commandsPage, "reference/workspace.md": workspacePage, "reference/control.md": controlPage} {
		upToDate(t, filepath.Join("../docs", name), make(t))
	}
	filters, err := os.ReadFile("../docs/filters.md")
	if err != nil {
		t.Fatal(err)
	}
	upToDate(t, "../docs/filters.md", between(t, string(filters), filterTable()))
}

// upToDate compares a page with what it should be, or writes it.
func upToDate(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err == nil && string(got) == want {
		return
	}
	if !writesDocs() {
		t.Errorf("%s is not what the program says now; make docs writes it anew", strings.TrimPrefix(path, "../"))
		return
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

const madeNote = "<!-- Made from the program by make docs; changes here are lost. -->\n"

// between puts text between the two marks of a page that is written by hand otherwise.
func between(t *testing.T, page, text string) string {
	const begin, end = "<!-- made: begin -->\n", "<!-- made: end -->"
	i, k := strings.Index(page, begin), strings.Index(page, end)
	if i < 0 || k < i {
		t.Fatal("the page has no marks between which to write")
	}
	return page[:i+len(begin)] + text + page[k:]
}

func filterTable() string {
	var b strings.Builder
	b.WriteString("| word | looks at | example |\n|---|---|---|\n")
	for _, k := range store.Keys() {
		row(&b, "`"+k.Name+":`", k.Help, "`"+k.Example+"`")
	}
	return b.String()
}

// row writes a row of a table; a bar within a cell would end it.
func row(b *strings.Builder, cells ...string) {
	for _, c := range cells {
		b.WriteString("| " + strings.ReplaceAll(strings.Join(strings.Fields(c), " "), "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}

func commandsPage(*testing.T) string {
	var b strings.Builder
	b.WriteString("# Commands\n\n" + madeNote + "\nExit 0: done. Exit 1: what was checked did not hold. Exit 2: wrong usage or a broken file, with one line that names the field and the\nnext step.\n\n| command | does |\n|---|---|\n")
	root := newProgram().root()
	var all []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if !sub.Hidden && sub.Name() != "help" && sub.Name() != "completion" {
				all = append(all, sub)
				walk(sub)
			}
		}
	}
	walk(root)
	row(&b, "`hookglass`", "The window; with no display it says so and serves; a second start brings it to the front")
	for _, c := range all {
		name := c.CommandPath()
		row(&b, "["+name+"](#"+strings.ReplaceAll(name, " ", "-")+")", c.Short)
	}
	b.WriteString("\nAll take `--home FOLDER` (else `$HOOKGLASS_HOME`), the folder of the history, and `--help`. `hookglass completion SHELL` prints what makes a shell\ncomplete them.\n")
	for _, c := range all {
		fmt.Fprintf(&b, "\n## %s\n\n", c.CommandPath())
		about := c.Long
		if about == "" {
			about = c.Short
		}
		fmt.Fprintf(&b, "%s.\n\n```\n%s\n```\n", strings.TrimSuffix(strings.ReplaceAll(about, "<", `\<`), "."), c.UseLine())
		if c.Example != "" {
			fmt.Fprintf(&b, "\nFor example:\n\n```\n%s\n```\n", c.Example)
		}
		flags := false
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if f.Hidden || f.Name == "help" {
				return
			}
			if !flags {
				b.WriteString("\n| flag | |\n|---|---|\n")
				flags = true
			}
			kind, usage := pflag.UnquoteUsage(f)
			if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" && f.DefValue != "0s" && !strings.Contains(usage, "default") {
				usage += " (default " + f.DefValue + ")"
			}
			row(&b, "`"+strings.TrimSpace("--"+f.Name+" "+kind)+"`", usage)
		})
	}
	return b.String()
}

// exampleWorkspace has every member that a source of any platform may have.
const exampleWorkspace = `{"hookglass": 1,
 "pace": 10,
 "seed": 7,
 "sources": [
  {"platform": "generic", "name": "stripe", "path": "/in/stripe", "scheme": "stripe", "secret": {"env": "STRIPE_SECRET"},
   "answer": {"status": 200, "headers": {"X-Seen": "yes"}, "body": "ok"},
   "forward": "http://127.0.0.1:3000/webhooks",
   "faults": {"latency_ms": 200, "fail_first": 1, "error_rate": 0.1, "status": 503}},
  {"platform": "nitejar", "id": "pi_demo", "agents": 1, "secret": {"keyring": "nitejar"}, "profile": "code"}],
 "endpoints": [
  {"platform": "joai", "id": "hook-1", "name": "My webhook", "url": "http://127.0.0.1:9000/hook", "trigger": "agent.message", "secret": {"env": "JOAI_SECRET"}}]}
`

func workspacePage(t *testing.T) string {
	if _, err := exchange.ParseWorkspace([]byte(exampleWorkspace)); err != nil {
		t.Errorf("the example: %v", err)
	}
	var b strings.Builder
	b.WriteString("# Workspace files\n\n" + madeNote + "\nA workspace is a set-up to share, as JSON. `hookglass serve --workspace FILE` puts one in force, `hookglass import` and the window read one after a\n" +
		"preview, `hookglass export --format workspace` writes one, without secrets. A key that is not known, a value out of range and an address that two\nsources want are refused with the path of the field.\n\n```json\n" + exampleWorkspace + "```\n\n## The file\n\n| member | |\n|---|---|\n")
	for _, m := range [][2]string{{"hookglass", "1, the version of this format"}, {"sources", "where webhooks arrive"}, {"endpoints", "where events are sent to"},
		{"schemes", "signature schemes of your own, as `hookglass schemes NAME --json` prints one ([how](../schemes.md))"}, {"environments", "named [sets of values](../environments.md): `name`, `values`, and `secrets` by where they are"}, {"environment", "which of them is chosen"}, {"pace", "all delays are divided by it"}, {"seed", "makes ids and chances repeat"}} {
		row(&b, "`"+m[0]+"`", m[1])
	}
	b.WriteString("\nA secret is `{\"env\": \"NAME\"}`, `{\"keyring\": \"NAME\"}`, or a text, which is kept for that run alone.\n\n## Every source\n\n| member | |\n|---|---|\n")
	for _, m := range [][2]string{{"platform", "which of those below; `generic` is any provider"}, {"name", "how it is called; made from the address where it is left out"}, {"profile", "`docs` or `code`: as the platform's documents say, or as its released software does"},
		{"faults", "what is to go wrong: latency, refusals, dropped connections"}, {"limit", "a rate limit of its own"}, {"forward", "who gets a copy of what arrives: an address, a [target](#a-target-of-forward), or a list of them ([how](../forward.md))"}} {
		row(&b, "`"+m[0]+"`", m[1])
	}
	settingTable(&b, "A target of forward", exchange.ForwardSettings())
	b.WriteString("\n`remove_headers` is a list of names; `client_key` is a reference, as a secret is.\n")
	settingTable(&b, "A rule of answer", platform.AnswerSettings)
	b.WriteString("\nA source of `generic` has one as its `answer`, or a list: the first whose filter holds answers ([how](../answers.md)). Body and headers are templates\nof Go's text/template. ")
	fmt.Fprintf(&b, "They see `.%s` of the request, and may call:\n\n| function | gives |\n|---|---|\n", strings.Join(answer.Fields(), "`, `."))
	for _, f := range answer.Functions() {
		row(&b, "`"+f[0]+"`", f[1])
	}
	for _, p := range platform.All {
		if p.Inbound {
			settingTable(&b, "A source of "+p.Name, p.Settings)
		}
		if p.Endpoints != nil {
			settingTable(&b, "An endpoint of "+p.Name, p.Endpoints.Settings)
		}
	}
	return b.String()
}

func settingTable(b *strings.Builder, title string, settings []platform.Setting) {
	if len(settings) > 0 {
		fmt.Fprintf(b, "\n## %s\n\n", title)
		b.WriteString("| member | kind | default | |\n|---|---|---|---|\n")
		for _, s := range settings {
			about := s.Label
			switch {
			case s.Help == "":
			case strings.EqualFold(s.Label, s.Name):
				about = s.Help
			default:
				about += ". " + s.Help
			}
			if s.Example != "" {
				about = strings.TrimSuffix(about, ".") + "; like `" + s.Example + "`"
			}
			switch {
			case len(s.Choices) > 0:
				about = strings.TrimSuffix(about, ".") + ": " + strings.Join(s.Choices, ", ")
			case s.Max > 0:
				about += " (" + inUnits(s, core.Plain(s.Min)+" to "+core.Plain(s.Max)) + ")"
			}
			if s.Required {
				about = strings.TrimSuffix(about, ".") + "; must be given"
			}
			row(b, "`"+s.Name+"`", string(s.Kind), strings.TrimPrefix(defaultText(s), "default "), about)
		}
	}
}

// controlPage is made of the document that the address itself gives.
func controlPage(t *testing.T) string {
	s := newRig(t).serve()
	var doc struct {
		Paths map[string]map[string]struct {
			Summary    string
			Parameters []struct {
				Name, In, Description string
				Schema                struct{ Type string }
			}
			RequestBody struct {
				Content map[string]struct{ Schema json.RawMessage }
			}
			Responses map[string]struct {
				Content map[string]struct{ Schema json.RawMessage }
			}
		}
		Components struct {
			Schemas map[string]json.RawMessage
		}
	}
	if code := s.ask("GET", "/_/openapi.json", nil, &doc); code != 200 {
		t.Fatalf("openapi.json: %d", code)
	}
	s.stop()
	var b strings.Builder
	b.WriteString("# The control address\n\n" + madeNote + "\nWhile Hookglass serves, a second listener on loopback acts for scripts. It wants the token of the first line of `serve`\n" +
		"(`Authorization: Bearer TOKEN`; `--json` prints that line as an object; `--control-open` drops the token, for tests), and no tunnel ever reaches it.\n" +
		"`GET /_/openapi.json` is the whole of this as OpenAPI 3.1. Names are added, never changed; the shapes are those of the commands' `--json`.\n\n" +
		"```sh\ncurl -H \"Authorization: Bearer $TOKEN\" \"$CONTROL/_/captures?query=sig:mismatch&limit=10\"\n" +
		"curl -H \"Authorization: Bearer $TOKEN\" -d '{\"captures\":[1],\"to\":\"http://127.0.0.1:3000/webhooks\",\"resign\":true}' \"$CONTROL/_/replay\"\n```\n\n" +
		"| address | | body | answer |\n|---|---|---|---|\n")
	details := ""
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range []string{"get", "post", "put", "delete"} {
			op, ok := doc.Paths[path][method]
			if !ok {
				continue
			}
			answer := op.Responses["200"].Content["application/json"].Schema
			if answer == nil {
				answer = json.RawMessage(`{"type":"events"}`)
			}
			row(&b, "`"+strings.ToUpper(method)+" "+path+"`", op.Summary, inWords(op.RequestBody.Content["application/json"].Schema), inWords(answer))
			for _, p := range op.Parameters {
				if p.In == "query" {
					details += fmt.Sprintf("| `%s %s` | `%s` | %s | %s |\n", strings.ToUpper(method), path, p.Name, p.Schema.Type, strings.ReplaceAll(p.Description, "|", `\|`))
				}
			}
		}
	}
	b.WriteString("\nOther answers are " + fmt.Sprint(http.StatusBadRequest) + " (what was sent cannot be read; the text names the member), 401 (no token), 404, 409 (not in this state), 421 (a page in a browser\nasks) and 500, each with `{\"error\": TEXT}`.\n\n## Queries\n\n| address | name | kind | |\n|---|---|---|---|\n" + details)
	b.WriteString("\n## Shapes\n")
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		var of struct {
			Properties map[string]json.RawMessage
			Required   []string
		}
		if err := json.Unmarshal(doc.Components.Schemas[name], &of); err != nil {
			t.Fatal(err)
		}
		if len(of.Properties) == 0 {
			fmt.Fprintf(&b, "\n### %s\n\n%s\n", name, core.Capital(inWords(doc.Components.Schemas[name])))
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n| member | |\n|---|---|\n", name)
		for _, member := range slices.Sorted(maps.Keys(of.Properties)) {
			about := inWords(of.Properties[member])
			if slices.Contains(of.Required, member) {
				about += ", always there"
			}
			row(&b, "`"+member+"`", about)
		}
	}
	return b.String()
}

// inWords says in a word what a schema is.
func inWords(schema json.RawMessage) string {
	if schema == nil {
		return ""
	}
	var s struct {
		Ref   string `json:"$ref"`
		Type  any
		Items json.RawMessage
		AllOf []json.RawMessage
		AnyOf []json.RawMessage
		OneOf []json.RawMessage
	}
	if json.Unmarshal(schema, &s) != nil {
		return ""
	}
	switch {
	case s.Ref != "":
		name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
		return "[" + name + "](#" + strings.ToLower(name) + ")"
	case len(s.AllOf) > 0:
		return inWords(s.AllOf[0])
	case len(s.AnyOf)+len(s.OneOf) > 0:
		var words []string
		for _, one := range append(s.AnyOf, s.OneOf...) {
			words = append(words, inWords(one))
		}
		return strings.Join(words, " or ")
	case s.Items != nil:
		return "list of " + inWords(s.Items)
	}
	if list, ok := s.Type.([]any); ok {
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(list), "[]"), " ", " or ")
	}
	if s.Type == nil {
		return "anything"
	}
	return fmt.Sprint(s.Type)
}
