package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/store"
)

// AgentCall is one thing that a coding agent did through hookglass mcp.
type AgentCall struct {
	At      time.Time `json:"at"`
	Client  string    `json:"client,omitempty"`  // what it calls itself
	Did     string    `json:"did"`               // the tool, "read", or "prompt NAME"
	With    string    `json:"with,omitempty"`    // its arguments, cut
	Write   bool      `json:"write,omitempty"`   // it may change things
	Hosts   []string  `json:"hosts,omitempty"`   // where it may send, beside this machine
	Changes bool      `json:"changes,omitempty"` // this call is one that changes or sends something
	Outcome string    `json:"outcome,omitempty"` // "done" or "refused"
	Why     string    `json:"why,omitempty"`     // it was refused
	TookMS  float64   `json:"took_ms,omitempty"`
}

// What is kept of agents: the newest calls, each of them short.
const (
	mostAgentLog  = 512 << 10 // bytes; the older half goes when there are more
	mostAgentText = 500
)

func agentLog(home string) string { return filepath.Join(home, "agents.jsonl") }

// NoteAgent keeps a call in a file of the home: a line each, so that several programs may write at a time. It is no part of the
// history, since agents read that also while nobody may write it.
func NoteAgent(home string, call AgentCall) error {
	call.Client, call.With, call.Why = shorter(call.Client, 100), shorter(call.With, mostAgentText), shorter(call.Why, mostAgentText)
	var line bytes.Buffer
	if err := WriteJSON(&line, call); err != nil {
		return err
	}
	if info, err := os.Stat(agentLog(home)); err == nil && info.Size() > mostAgentLog {
		if err := halveAgentLog(home); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(agentLog(home), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(line.Bytes())
	return errors.Join(err, f.Close())
}

func shorter(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func halveAgentLog(home string) error {
	all, err := os.ReadFile(agentLog(home))
	if err != nil {
		return err
	}
	half := all[len(all)/2:]
	half = half[bytes.IndexByte(half, '\n')+1:]
	temp, err := os.CreateTemp(home, "agents-*.jsonl")
	if err != nil {
		return err
	}
	_, err = temp.Write(half)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), agentLog(home))
	}
	if err != nil {
		os.Remove(temp.Name())
	}
	return err
}

// AgentCalls are the newest calls, newest first. A line that cannot be read is left out.
func AgentCalls(home string, limit int) ([]AgentCall, error) {
	out := []AgentCall{}
	all, err := os.ReadFile(agentLog(home))
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(all, []byte("\n"))
	for _, line := range slices.Backward(lines) {
		var call AgentCall
		if len(out) < limit && json.Unmarshal(line, &call) == nil && call.Did != "" {
			out = append(out, call)
		}
	}
	return out, nil
}

// AgentCalls are what agents did on this home, newest first.
func (h *History) AgentCalls(limit int) ([]AgentCall, error) {
	return AgentCalls(filepath.Dir(h.store.Path()), limit)
}

// AgentRules are what the user set in the window. What an agent may do is said where it is started; stopping all of them is said
// here, and holds for those that run already.
type AgentRules struct {
	Stopped bool     `json:"stopped,omitempty"`
	Write   bool     `json:"write,omitempty"` // what the snippets allow
	Hosts   []string `json:"hosts,omitempty"`
	Mask    bool     `json:"mask,omitempty"`
}

// ReadAgentRules reads them from a history. The zero value is what holds where nothing was set.
func ReadAgentRules(ctx context.Context, st *store.Store) (AgentRules, error) {
	var r AgentRules
	err := st.Setting(ctx, "agents", &r)
	return r, err
}

// AgentRules are those of this history.
func (h *History) AgentRules(ctx context.Context) (AgentRules, error) {
	return ReadAgentRules(ctx, h.store)
}

// SetAgentRules puts others in force.
func (h *History) SetAgentRules(r AgentRules) error { return h.store.PutSetting("agents", r) }

// noteAgent keeps what an agent did, and has the window look.
func (c *Control) noteAgent(r *http.Request) (any, error) {
	var call AgentCall
	if err := decode(r, &call); err != nil {
		return nil, err
	}
	if call.Did == "" {
		return nil, &core.Invalid{Field: "did", Reason: "is missing; want the name of the tool"}
	}
	if err := NoteAgent(c.e.opt.Home, call); err != nil {
		return nil, err
	}
	c.e.Store.Feed().Bump()
	return call, nil
}

// agentCalls lists what agents did.
func (c *Control) agentCalls(r *http.Request) (any, error) {
	limit, err := count(r.URL.Query().Get("limit"), "limit", 100, 10_000)
	if err != nil {
		return nil, err
	}
	return AgentCalls(c.e.opt.Home, limit)
}
