package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"hookglass/core/engine"
)

// agentWorkspace has a source of Stripe's.
const agentWorkspace = `{"hookglass":1,"sources":[{"platform":"generic","name":"stripe","path":"/in/stripe","scheme":"stripe","secret":{"env":"WHSEC"}}]}`

// agentConnects starts hookglass mcp as a client does, and calls its tools.
func agentConnects(r *rig, args ...string) *mcp.ClientSession {
	r.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	cmd := r.command(ctx, append([]string{"mcp"}, args...)...)
	var errout bytes.Buffer
	cmd.Stderr = &errout
	session, err := mcp.NewClient(&mcp.Implementation{Name: "tester", Version: "1"}, nil).Connect(ctx, &mcp.CommandTransport{Command: cmd}, nil)
	if err != nil {
		cancel()
		r.Fatalf("%v; it said %s", err, &errout)
	}
	r.Cleanup(func() {
		if err := session.Close(); err != nil {
			r.Errorf("the end of hookglass mcp: %v", err)
		}
		if cancel(); errout.Len() > 0 {
			r.Errorf("hookglass mcp says %s", &errout)
		}
	})
	return session
}

// toolSays calls a tool and reads its result into v.
func toolSays(r *rig, session *mcp.ClientSession, name string, args map[string]any, v any) (mode string) {
	r.Helper()
	res, err := session.CallTool(context.Background(), &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		r.Fatal(err)
	}
	text := res.Content[0].(*mcp.TextContent).Text
	var all struct {
		Mode   string
		Result json.RawMessage
	}
	if res.IsError || json.Unmarshal([]byte(text), &all) != nil || json.Unmarshal(all.Result, v) != nil {
		r.Fatalf("%s %v: %s", name, args, text)
	}
	return all.Mode
}

// stripeFails serves a source of Stripe's and sends it a delivery whose body was written anew on its way.
func stripeFails(t *testing.T) (*rig, *serving) {
	r := newRig(t)
	r.env = []string{"WHSEC=whsec_of_a_test"}
	s := r.serve("--workspace", r.file("w.json", agentWorkspace))
	header := strings.TrimSpace(r.do(`{"id":"evt_1","object":"event","type":"invoice.paid"}`, "sign", "--scheme", "stripe", "--secret-env", "WHSEC", "--body-file", "-").out)
	r.do(`{"id": "evt_1", "object": "event", "type": "invoice.paid"}`, "send", s.url+"/in/stripe", "--body-file", "-", "--header", header)
	return r, s
}

// TestAnAgentFindsWhyADeliveryFailed is an agent's task from end to end, over standard input and output: beside a program that
// serves, one that was killed, and none.
func TestAnAgentFindsWhyADeliveryFailed(t *testing.T) {
	t.Parallel()
	r, s := stripeFails(t)
	agent := agentConnects(r)
	task := func() (fix, mode string) {
		var list struct{ Captures []engine.CaptureLine }
		toolSays(r, agent, "list_captures", map[string]any{"query": "source:stripe sig:bad", "limit": 1}, &list)
		if len(list.Captures) != 1 {
			t.Fatal("the delivery that failed is not listed")
		}
		var why engine.VerdictJSON
		mode = toolSays(r, agent, "explain_signature", map[string]any{"id": list.Captures[0].ID}, &why)
		if len(why.Findings) == 0 || why.Findings[0].Proof != "recomputed" {
			t.Fatalf("it is explained by %+v", why)
		}
		return why.Findings[0].Cause + ": " + why.Findings[0].Fix, mode
	}
	fix, mode := task()
	if mode != "running" || !strings.HasPrefix(fix, "body_reserialized") || !strings.Contains(fix, "printed again after it was signed") {
		t.Errorf("%s: the fix is %q", mode, fix)
	}
	var calls []engine.AgentCall
	s.ask("GET", "/_/agents", nil, &calls)
	if len(calls) != 2 || calls[0].Did != "explain_signature" || calls[0].Client != "tester 1" {
		t.Errorf("what the agent did is kept as %+v", calls)
	}
	s.kill()
	if _, err := os.Stat(runningFile(r.home)); err != nil {
		t.Fatal("a killed program left no running.json: this tests nothing")
	}
	if again, mode := task(); mode != "read-only" || again != fix {
		t.Errorf("with no program, %s: %q", mode, again)
	}
	if calls, err := engine.AgentCalls(r.home, 10); err != nil || len(calls) != 4 {
		t.Errorf("with no program, %d calls are kept: %v", len(calls), err)
	}
}

// TestAgentsWriteOnlyWhereAllowed: by the command's own flags.
func TestAgentsWriteOnlyWhereAllowed(t *testing.T) {
	t.Parallel()
	r, s := stripeFails(t)
	count := func(session *mcp.ClientSession) (names []string) {
		for tool, err := range session.Tools(context.Background(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, tool.Name)
		}
		return names
	}
	if names := count(agentConnects(r)); slices.Contains(names, "replay") || len(names) != 10 {
		t.Errorf("without --allow-write there are %v", names)
	}
	may := agentConnects(r, "--allow-write")
	if names := count(may); !slices.Contains(names, "replay") || len(names) != 16 {
		t.Errorf("with --allow-write there are %v", names)
	}
	var sent struct{ Deliveries []int64 }
	toolSays(r, may, "replay", map[string]any{"captures": []int{1}, "to": s.url + "/in/stripe", "resign": true}, &sent)
	var list struct{ Captures []engine.CaptureLine }
	toolSays(r, may, "wait_for_capture", map[string]any{"query": "source:stripe sig:verified", "since_s": 600, "timeout_s": 60}, &list)
	if len(list.Captures) != 1 {
		t.Error("the replay that was signed anew did not verify")
	}
	var card struct{ Score float64 }
	toolSays(r, may, "checkup", map[string]any{"url": s.url + "/in/stripe", "scheme": "stripe", "secret_ref": "env:WHSEC"}, &card)
	if card.Score == 0 {
		t.Error("the check-up of a source has no score")
	}
	for _, wrong := range [][]string{{"mcp", "--allow-host", "example.com"}, {"mcp", "--allow-write", "--allow-host", "http://example.com"}, {"mcp", "--print-config", "emacs"}, {"mcp", "x"}} {
		if got := r.do("", wrong...); got.code != 2 || got.out != "" {
			t.Errorf("%q: exit %d, %s%s", wrong, got.code, got.out, got.errout)
		}
	}
}

// TestSnippetsStartTheServer: what is printed for a client starts what it says.
func TestSnippetsStartTheServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, client := range []string{"claude", "cursor", "vscode"} {
		var doc map[string]map[string]struct {
			Command string
			Args    []string
		}
		if err := json.Unmarshal([]byte(r.ok("mcp", "--allow-write", "--print-config", client)), &doc); err != nil {
			t.Fatal(err)
		}
		for _, servers := range doc {
			s := servers["hookglass"]
			if want := []string{"mcp", "--home", r.home, "--allow-write"}; !slices.Equal(s.Args, want) || !filepath.IsAbs(s.Command) {
				t.Errorf("%s: %s %q, want %q", client, s.Command, s.Args, want)
			}
			cmd := exec.Command(s.Command, s.Args...)
			cmd.Env = append(os.Environ(), actAsProgram+"=1")
			session, err := mcp.NewClient(&mcp.Implementation{Name: client, Version: "1"}, nil).Connect(t.Context(), &mcp.CommandTransport{Command: cmd}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := session.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	toml := r.ok("mcp", "--print-config", "codex")
	if want := fmt.Sprintf(`args = ["mcp", "--home", %q]`, r.home); !strings.HasPrefix(toml, "[mcp_servers.hookglass]\n") || !strings.Contains(toml, want) {
		t.Errorf("codex gets %s", toml)
	}
}

// npmKit is where script/mcp-npm puts the protocol's kit for Node.
const npmKit = "../.tools/mcp-npm"

// TestAnAgentInNode does the same task with a client in another language.
func TestAnAgentInNode(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node to run a client of another language")
	}
	if _, err := os.Stat(filepath.Join(npmKit, "node_modules/@modelcontextprotocol/sdk/package.json")); err != nil {
		t.Skip("the npm package @modelcontextprotocol/sdk is not there; sh script/mcp-npm fetches it")
	}
	r, _ := stripeFails(t)
	kit, err := filepath.Abs(npmKit)
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/agent.mjs")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "--input-type=module", "-", r.command(ctx, "mcp").Path, "mcp")
	cmd.Dir = kit // where imports are looked for
	cmd.Env = r.command(ctx).Env
	cmd.Stdin = bytes.NewReader(script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{"10 tools, none of them writes", "mode running", "replay is refused", "the cause: body_reserialized", "the fix: The body was printed again after it was signed"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("it does not say %q: %s", want, out)
		}
	}
}

// TestStatus: for scripts that wait until one serves.
func TestStatus(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if got := r.do("", "status"); got.code != 1 || !strings.Contains(got.out, "no Hookglass runs") {
		t.Errorf("with none: exit %d, %s%s", got.code, got.out, got.errout)
	}
	s := r.serve("--workspace", r.file("w.json", agentWorkspace))
	if out := r.ok("status"); !strings.Contains(out, "running, with 1 source; control on "+s.control) {
		t.Errorf("with one: %s", out)
	}
	if out := r.ok("status", "--json"); !strings.Contains(out, `"running":true`) || strings.Contains(out, s.token) {
		t.Errorf("with one: %s", out)
	}
	s.kill()
	if got := r.do("", "status", "--json"); got.code != 1 || got.out != "{\"running\":false}\n" {
		t.Errorf("after it was killed: exit %d, %s%s", got.code, got.out, got.errout)
	}
}
