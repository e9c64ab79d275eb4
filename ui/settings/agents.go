package settings

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/agent"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// agentSection gives coding agents their tools, stops them, and shows what they did.
type agentSection struct {
	w              *frame.Window
	going, write   *control.Switch
	mask           *control.Switch
	hosts          *control.Field
	snippet        *control.CodeBlock
	place          *control.Paragraph
	clients, calls *fyne.Container
	rules          engine.AgentRules
	shown          []engine.AgentCall
	known          bool // rules and calls were read once
	root           *settingsForm
}

// shownCalls are the newest that the section lists.
const shownCalls = 40

func newAgentSection(w *frame.Window) *agentSection {
	a := &agentSection{w: w, clients: control.Col(0), calls: control.Col(0), place: control.NewParagraph("", control.Small)}
	flip := func(bool) { a.Save() }
	a.going, a.write, a.mask = control.NewSwitch(true, flip), control.NewSwitch(false, flip), control.NewSwitch(false, flip)
	a.hosts = control.NewField("Hosts they may send to, beside this machine", "staging.example.com, 192.0.2.7:8443", func(string) { a.hosts.SetProblem("") }).WithHelp("Empty: this machine alone.").AsCode()
	a.hosts.OnSubmit = func(string) { a.Save() }
	a.snippet = control.NewCodeBlock()
	a.snippet.OnChoose = func(string) { a.placed() }
	a.snippet.OnCopy = func(label string) {
		w.Layers.Toast(control.Toast{Text: "Copied for " + label, Tone: control.Green})
	}
	a.root = newSettingsForm(
		group("Tools for your agent", "A coding agent starts hookglass mcp and reads through it what arrived here: it finds why a signature fails, and mends your code. It sees no secret; credentials in headers and addresses are masked. What it reads goes to whoever runs its model.",
			control.Toggle(a.going, "Agents may work here", "Off stops them all at once, those that run too."),
			control.Toggle(a.write, "The snippet lets them send and change things", "Replay, send signed, check-up, faults, answers, new sources. An agent that was set up before keeps what its own configuration says."),
			a.hosts,
			control.Toggle(a.mask, "The snippet masks credentials in bodies, too", "Signatures of such bodies cannot be made again then."),
			a.snippet, a.place),
		group("Who was here", "Each agent by the name that it gives itself, and what it was allowed when it last asked.", a.clients),
		group("What they did", "The newest first. All of it is in agents.jsonl of the history's folder, until it is larger than half a megabyte.", a.calls))
	a.put(engine.AgentRules{})
	a.draw()
	return a
}

func (a *agentSection) Title() string           { return "Agents" }
func (a *agentSection) Icon() string            { return "bot" }
func (a *agentSection) view() fyne.CanvasObject { return a.root.Scroll }

func (a *agentSection) load(ctx context.Context) func() {
	rules, err := a.w.Engine.History.AgentRules(ctx)
	calls, failed := a.w.Engine.History.AgentCalls(shownCalls)
	return func() {
		switch {
		case err != nil:
			a.w.Fail(err)
			return
		case failed != nil:
			a.w.Fail(failed)
			return
		}
		if !a.known || !reflect.DeepEqual(rules, a.rules) {
			a.put(rules)
		}
		if !a.known || !reflect.DeepEqual(calls, a.shown) {
			a.shown = calls
			a.draw()
		}
		a.known = true
	}
}

// put shows rules, and the snippets that go with them.
func (a *agentSection) put(r engine.AgentRules) {
	a.rules = r
	a.going.Set(!r.Stopped)
	a.write.Set(r.Write)
	a.mask.Set(r.Mask)
	if !a.hosts.Focused() {
		a.hosts.SetQuiet(strings.Join(r.Hosts, ", "))
	}
	a.hosts.SetDisabled(!r.Write)
	var all []control.Snippet
	for _, c := range agent.Clients {
		all = append(all, control.Snippet{Label: short(c.Title), Text: c.Snippet(a.launch())})
	}
	a.snippet.Set(all...)
	a.placed()
}

// short is the first of the names of a client, which fits on a tab.
func short(title string) string {
	first, _, _ := strings.Cut(title, ",")
	return first
}

func (a *agentSection) launch() agent.Launch {
	command, err := os.Executable()
	if err != nil {
		command = "hookglass"
	}
	home, err := filepath.Abs(filepath.Dir(a.w.Engine.Store.Path()))
	if err != nil {
		home = ""
	}
	return agent.Launch{Command: command, Home: home, Write: a.rules.Write, Hosts: a.rules.Hosts, Mask: a.rules.Mask}
}

// placed says where the snippet in sight goes.
func (a *agentSection) placed() {
	i := slices.IndexFunc(agent.Clients, func(c agent.Client) bool { return short(c.Title) == a.snippet.Language() })
	if i >= 0 {
		a.place.Set(fmt.Sprintf("For %s: into %s.", agent.Clients[i].Title, agent.Clients[i].File))
	}
	if a.root != nil {
		a.root.again()
	}
}

// Save keeps what the switches and the field say. A host that is none is said, and those before stay.
func (a *agentSection) Save() {
	r := engine.AgentRules{Stopped: !a.going.On(), Write: a.write.On(), Mask: a.mask.On(), Hosts: a.rules.Hosts}
	hosts := strings.FieldsFunc(strings.ToLower(a.hosts.Text()), func(c rune) bool { return c == ',' || c == ' ' })
	a.hosts.SetProblem("")
	for _, h := range hosts {
		if err := agent.CheckHost("host", h); err != nil {
			a.hosts.SetProblem(part.Sentence(err))
			hosts = a.rules.Hosts
		}
	}
	r.Hosts = hosts
	a.w.Pump.Task(a.w.Ctx, func(context.Context) func() {
		err := a.w.Engine.History.SetAgentRules(r)
		return func() {
			a.w.Fail(err)
			if err == nil && a.hosts.Problem() == "" {
				a.put(r)
			}
		}
	})
}

func (a *agentSection) draw() {
	a.clients.Objects, a.calls.Objects = nil, nil
	now := time.Now()
	var seen []string
	for _, c := range a.shown {
		if c.Client == "" || slices.Contains(seen, c.Client) {
			continue
		}
		if len(seen) > 0 {
			a.clients.Add(control.Hair())
		}
		seen = append(seen, c.Client)
		a.clients.Add(clientRow(c, now))
	}
	for i, c := range a.shown {
		if i > 0 {
			a.calls.Add(control.Hair())
		}
		a.calls.Add(callRow(c, now))
	}
	none := func() fyne.CanvasObject {
		return control.NewParagraph("Nobody yet. Put a snippet into your agent's configuration, and ask it why the last webhook did not verify.", control.Body.In(control.Muted))
	}
	if len(seen) == 0 {
		a.clients.Add(none())
	}
	if len(a.shown) == 0 {
		a.calls.Add(control.NewParagraph("Nothing yet.", control.Body.In(control.Muted)))
	}
	a.clients.Refresh()
	a.calls.Refresh()
	if a.root != nil {
		a.root.again()
	}
}

func clientRow(c engine.AgentCall, now time.Time) fyne.CanvasObject {
	may, tone := "reads only", control.Green
	if c.Write {
		may, tone = "may send", control.Amber
	}
	words := []fyne.CanvasObject{control.NewText(c.Client, control.BodyBold).Ellipsis()}
	if len(c.Hosts) > 0 {
		words = append(words, control.NewParagraph("to this machine and to "+strings.Join(c.Hosts, ", "), control.Small))
	}
	return control.Pad(control.XY(0, 9), control.Row(10, control.NewIcon("bot", control.Muted, 15), control.Grow(control.Col(2, words...)),
		control.NewText(view.Clock(c.At, now), control.Small), control.NewBadge(may, tone)))
}

func callRow(c engine.AgentCall, now time.Time) fyne.CanvasObject {
	icon, tone := "eye", control.Muted
	if c.Changes {
		icon, tone = "pencil", control.Amber
	}
	if c.Outcome == "refused" {
		icon, tone = "ban", control.Red
	}
	head := control.Row(8, control.NewText(c.Did, control.BodyBold), control.Grow(control.NewText(c.Client, control.Small).Ellipsis()), control.NewText(view.Clock(c.At, now), control.Small))
	words := []fyne.CanvasObject{head}
	if c.With != "" && c.With != "{}" {
		words = append(words, control.NewText(c.With, control.Code).Ellipsis())
	}
	if c.Why != "" {
		words = append(words, control.NewParagraph(c.Why, control.Small.In(control.Red)))
	}
	return control.Pad(control.XY(0, 8), control.RowFill(10, control.Col(0, control.NewIcon(icon, tone, 15)), control.Grow(control.Col(2, words...))))
}
