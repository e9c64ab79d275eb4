package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/agent"
	"hookglass/core/engine"
)

// mcpFlags are what an agent may do, and whose snippet is wanted.
type mcpFlags struct {
	launch agent.Launch
	print  string
}

func (p *program) mcp() *cobra.Command {
	var f mcpFlags
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Give a coding agent tools for webhooks, over the Model Context Protocol",
		Long: "Give a coding agent tools for webhooks: a server of the Model Context Protocol on standard input and output, which the agent's\n" +
			"program starts. It works with the Hookglass that runs on this home; where none runs it reads the history as it was left, and says so.\n" +
			"Agents read only, unless --allow-write is given; then they replay, send, examine handlers and add and change sources, on this machine\n" +
			"and the hosts of --allow-host alone. No secret is ever shown, credentials are masked, and what the window's Settings list under Agents\n" +
			"is what they did.",
		Example: "  hookglass mcp --print-config claude\n  hookglass mcp --allow-write --print-config vscode > .vscode/mcp.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.runMCP(cmd, f)
		},
	}
	fl := cmd.Flags()
	fl.BoolVar(&f.launch.Write, "allow-write", false, "let agents send, and change sources")
	fl.StringArrayVar(&f.launch.Hosts, "allow-host", nil, "with --allow-write: a host that agents may send to beside this machine, like example.com:8443; repeat for more")
	fl.BoolVar(&f.launch.Mask, "mask-bodies", false, "mask credentials in bodies, too; their signatures fit no longer then")
	fl.StringVar(&f.print, "print-config", "", "print what to put into the configuration of a client, and end: "+strings.Join(clientNames(), ", "))
	return cmd
}

func clientNames() (names []string) {
	for _, c := range agent.Clients {
		names = append(names, c.Name)
	}
	return names
}

func (p *program) runMCP(cmd *cobra.Command, f mcpFlags) error {
	if len(f.launch.Hosts) > 0 && !f.launch.Write {
		return &core.Invalid{Field: "--allow-host", Reason: "goes with --allow-write; without it agents send nothing"}
	}
	for i, h := range f.launch.Hosts {
		if err := agent.CheckHost("--allow-host", h); err != nil {
			return err
		}
		f.launch.Hosts[i] = strings.ToLower(h)
	}
	if f.print != "" {
		return p.printClient(cmd.OutOrStdout(), f)
	}
	home := p.folder()
	return agent.Run(cmd.Context(), agent.Config{
		History: engine.HistoryPath(home), Program: p.answering, Write: f.launch.Write, Hosts: f.launch.Hosts, MaskBodies: f.launch.Mask,
		Secret: engine.NewVault(home, system{}).Resolve, Note: p.noteAgent, Version: version,
	}, os.Stdin, answers{stdout})
}

// answers is standard output, which stays open until the program ends.
type answers struct{ io.Writer }

func (answers) Close() error { return nil }

// answering finds the program that runs on this home, and believes in it when it answers: one that was killed leaves its file.
func (p *program) answering(ctx context.Context) (agent.Ask, bool) {
	r, ok := findRunning(p.folder())
	if !ok {
		return nil, false
	}
	var none []engine.CaptureLine
	if err := (remote{r}).call(ctx, "GET", "/_/captures?limit=0", nil, &none); err != nil {
		return nil, false
	}
	return remote{r}.call, true
}

// noteAgent has the program that runs keep what an agent did, so that its window shows it; else it is kept without one. What
// cannot be kept is no reason to break off an agent's work; it is said where the client keeps what we print.
func (p *program) noteAgent(ctx context.Context, call engine.AgentCall) {
	if r, ok := findRunning(p.folder()); ok && (remote{r}).call(ctx, "POST", "/_/agents", call, &struct{}{}) == nil {
		return
	}
	if err := engine.NoteAgent(p.folder(), call); err != nil {
		putln(stderr, "hookglass: what the agent did is not kept:", err)
	}
}

// printClient prints a snippet on standard output, and where it goes on standard error.
func (p *program) printClient(out io.Writer, f mcpFlags) error {
	client, err := agent.FindClient(f.print)
	if err != nil {
		return err
	}
	if f.launch.Command, err = os.Executable(); err != nil {
		return err
	}
	if p.home != "" || os.Getenv("HOOKGLASS_HOME") != "" { // the client starts it in another folder, and with another environment
		if f.launch.Home, err = filepath.Abs(p.folder()); err != nil {
			return err
		}
	}
	putf(stderr, "for %s: into %s\n", client.Title, client.File)
	return putText(out, client.Snippet(f.launch))
}
