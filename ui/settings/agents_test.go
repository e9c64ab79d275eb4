package settings

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/agent"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func agentsOf(p *Page) *agentSection {
	i := slices.IndexFunc(p.Sections, func(s settingsSection) bool { return s.Title() == "Agents" })
	return p.Sections[i].(*agentSection)
}

// TestAgentSnippetsSayWhatIsAllowed: what is copied starts agents with what the switches say, and on this history.
func TestAgentSnippetsSayWhatIsAllowed(t *testing.T) {
	s := stage.New(t)
	a := agentsOf(openSettings(s, "Agents"))
	copied := func(client string) string {
		tabs, i := eye.All[*control.Segmented](a.snippet)[0], slices.IndexFunc(agent.Clients, func(c agent.Client) bool { return strings.HasPrefix(c.Title, client) })
		tabs.Select(i)
		tabs.OnSelect(i)
		eye.Button(a.snippet, "Copy").Tapped(nil)
		return fyne.CurrentApp().Clipboard().Content()
	}
	if text := copied("Claude Code"); !strings.Contains(text, `"mcpServers"`) || strings.Contains(text, "--allow-write") || !strings.Contains(text, filepath.Dir(s.E.Store.Path())) {
		t.Errorf("the snippet is %s", text)
	}
	a.hosts.Set("staging.example.com  192.0.2.7:8443")
	a.write.Tapped(nil)
	s.Settle()
	text := copied("Codex")
	for _, want := range []string{"[mcp_servers.hookglass]", `"--allow-write"`, `"--allow-host", "staging.example.com", "--allow-host", "192.0.2.7:8443"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the snippet lacks %s: %s", want, text)
		}
	}
	if said := eye.Words(a.root); !strings.Contains(said, "~/.codex/config.toml") {
		t.Errorf("it does not say where the snippet goes: %s", said)
	}
	a.hosts.Set("http://x")
	a.Save()
	s.Settle()
	if !strings.Contains(eye.Words(a.hosts), "ant a host") {
		t.Errorf("a host that is none is taken: %s", eye.Words(a.hosts))
	}
	rules, err := s.E.History.AgentRules(t.Context())
	if err != nil || !rules.Write || len(rules.Hosts) != 2 || rules.Stopped {
		t.Errorf("%v: kept is %+v", err, rules)
	}
	a.going.Tapped(nil)
	s.Settle()
	if rules, err = s.E.History.AgentRules(t.Context()); err != nil || !rules.Stopped {
		t.Errorf("%v: agents are not stopped: %+v", err, rules)
	}
}

func TestWhatAgentsDidIsShown(t *testing.T) {
	s := stage.New(t)
	a := agentsOf(openSettings(s, "Agents"))
	if said := eye.Words(a.root); !strings.Contains(said, "Nobody yet") || !strings.Contains(said, "Nothing yet") {
		t.Errorf("with no agents it says %s", said)
	}
	home := filepath.Dir(s.E.Store.Path())
	for _, c := range []engine.AgentCall{
		{At: time.Now(), Client: "first 1.0", Did: "list_captures", With: `{"query":"sig:bad"}`, Outcome: "done"},
		{At: time.Now(), Client: "second 2.0", Did: "replay", With: "{\u202e}", Write: true, Hosts: []string{"a.example"}, Changes: true, Outcome: "refused", Why: "to: a.example is not this machine"},
	} {
		if err := engine.NoteAgent(home, c); err != nil {
			t.Fatal(err)
		}
	}
	s.E.Store.Feed().Bump()
	s.Settle()
	said := eye.Words(a.root)
	for _, want := range []string{"first 1.0", "reads only", "second 2.0", "may send", "to this machine and to a.example", "list_captures", `{"query":"sig:bad"}`, "to: a.example is not this machine"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q: %s", want, said)
		}
	}
}
