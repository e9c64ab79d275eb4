package agent

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"hookglass/core"
)

// Client is a program that agents work in, and how it is told of tools.
type Client struct {
	Name, Title string
	File        string // where its snippet goes
	write       func(command string, args []string) string
}

// Clients are those that there is a snippet for.
var Clients = []Client{
	{"claude", "Claude Code, Claude Desktop", ".mcp.json of your project, or claude_desktop_config.json", jsonSnippet("mcpServers", false)},
	{"cursor", "Cursor", "~/.cursor/mcp.json, or .cursor/mcp.json of your project", jsonSnippet("mcpServers", false)},
	{"vscode", "VS Code", ".vscode/mcp.json of your project", jsonSnippet("servers", true)},
	{"codex", "Codex", "~/.codex/config.toml", tomlSnippet},
}

// FindClient finds a client by its name.
func FindClient(name string) (Client, error) {
	i := slices.IndexFunc(Clients, func(c Client) bool { return c.Name == name })
	if i < 0 {
		var names []string
		for _, c := range Clients {
			names = append(names, c.Name)
		}
		return Client{}, &core.Invalid{Field: "--print-config", Reason: "want " + strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]}
	}
	return Clients[i], nil
}

// Launch is how hookglass mcp is started.
type Launch struct {
	Command string // path of the program
	Home    string // empty: the usual one
	Write   bool
	Hosts   []string
	Mask    bool // credentials in bodies, too
}

// Args are its arguments.
func (l Launch) Args() []string {
	args := []string{"mcp"}
	if l.Home != "" {
		args = append(args, "--home", l.Home)
	}
	if l.Write {
		args = append(args, "--allow-write")
		for _, h := range l.Hosts {
			args = append(args, "--allow-host", h)
		}
	}
	if l.Mask {
		args = append(args, "--mask-bodies")
	}
	return args
}

// Snippet is what a client wants in its file.
func (c Client) Snippet(l Launch) string { return c.write(l.Command, l.Args()) }

func jsonSnippet(under string, typed bool) func(string, []string) string {
	type entry struct {
		Type    string   `json:"type,omitempty"`
		Command string   `json:"command"`
		Args    []string `json:"args"`
	}
	return func(command string, args []string) string {
		e := entry{"", command, args}
		if typed {
			e.Type = "stdio"
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		_ = enc.Encode(map[string]map[string]entry{under: {"hookglass": e}}) // texts always encode
		return strings.TrimSpace(b.String())
	}
}

// tomlSnippet writes basic strings of TOML, whose escapes are those of JSON.
func tomlSnippet(command string, args []string) string {
	var b bytes.Buffer
	quote := func(s string) string {
		b.Reset()
		_ = put(&b, s) // texts always encode
		return b.String()
	}
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = quote(a)
	}
	return "[mcp_servers.hookglass]\ncommand = " + quote(command) + "\nargs = [" + strings.Join(quoted, ", ") + "]"
}

// CheckHost refuses what is no host, or a host and a port.
func CheckHost(field, host string) error {
	if host == "" || strings.ContainsAny(host, "/ @?#*,\t\n") || core.Visible(host) != host {
		return &core.Invalid{Field: field, Reason: "want a host, like example.com or example.com:8443"}
	}
	return nil
}
