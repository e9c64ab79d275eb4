package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
)

// noted writes down every call, also one that is refused before its tool sees it.
func (s *server) noted(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		call := engine.AgentCall{At: time.Now(), Write: s.Write, Hosts: s.Hosts}
		switch p := req.GetParams().(type) {
		case *mcp.CallToolParamsRaw:
			call.Did, call.With = p.Name, noteworthy(p.Arguments)
		case *mcp.ReadResourceParams:
			call.Did, call.With = "read", p.URI
		case *mcp.GetPromptParams:
			call.Did = "prompt " + p.Name
		}
		if s.Note == nil || call.Did == "" {
			return next(ctx, method, req)
		}
		if i := slices.IndexFunc(tools, func(t tool) bool { return t.name == call.Did }); i >= 0 {
			call.Changes = tools[i].writes
		}
		res, err := next(ctx, method, req)
		call.Client, call.Outcome = clientOf(req), "done"
		failed, isTool := res.(*mcp.CallToolResult)
		switch {
		case err != nil:
			call.Outcome, call.Why = "refused", err.Error()
		case isTool && failed.IsError:
			call.Outcome, call.Why = "refused", textOf(failed)
		}
		call.TookMS = float64(time.Since(call.At).Microseconds()) / 1000
		s.Note(context.WithoutCancel(ctx), call)
		return res, err
	}
}

// noteworthy are arguments as they are written down: without bodies and headers, and without what an agent took for the name of a
// secret and may be one.
func noteworthy(args json.RawMessage) string {
	var all any
	if json.Unmarshal(args, &all) != nil {
		return ""
	}
	text, err := json.Marshal(withoutSecrets("", all))
	if err != nil {
		return ""
	}
	return string(text)
}

func withoutSecrets(name string, v any) any {
	switch in := v.(type) {
	case map[string]any:
		for k, inner := range in {
			in[k] = withoutSecrets(k, inner)
		}
		if name == "headers" {
			return fmt.Sprintf("(%d fields)", len(in))
		}
	case []any:
		for i := range in {
			in[i] = withoutSecrets(name, in[i])
		}
		if name == "headers" {
			return fmt.Sprintf("(%d fields)", len(in))
		}
	case string:
		place, _, _ := strings.Cut(in, ":")
		switch {
		case name == "body" || name == "computed":
			return fmt.Sprintf("(%d bytes)", len(in))
		case name == "secret_ref" && place != "env" && place != "keyring" && place != "source", name != "" && name != "secret_ref" && core.CredentialField(name):
			return core.Masked
		}
		return maskAddress(in, exchange.Options{})
	}
	return v
}

func textOf(r *mcp.CallToolResult) string {
	var b strings.Builder
	for _, c := range r.Content {
		if t, ok := c.(*mcp.TextContent); ok {
			b.WriteString(t.Text)
		}
	}
	return b.String()
}

// clientOf is what the client calls itself.
func clientOf(req mcp.Request) string {
	session, ok := req.GetSession().(*mcp.ServerSession)
	if !ok {
		return ""
	}
	p := session.InitializeParams()
	if p == nil || p.ClientInfo == nil {
		return ""
	}
	return strings.TrimSpace(p.ClientInfo.Name + " " + p.ClientInfo.Version)
}
