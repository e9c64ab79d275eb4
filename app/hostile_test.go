package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/relay"
)

// hostile is what a stranger may put into any text: orders to the terminal, a line that looks like one of ours, marks of
// direction, bytes that are no text.
const hostile = "x\x1b]52;c;aGFja2Vk\x07\x1b[2J\x1b[31m\u009b31m\x7f\r\nFORGED\u202eevil\u2066\u2069\u200e\u200f\u061c\u2028\u2029\u0085\x9b!"

// hostileRun sends hostile requests and asks for them by all ways, the last of them in vain.
const hostileRun = `for flag in "" --json; do
	"$HOOKGLASS" send "$HOOKGLASS_URL/in/h?%E2%80%AE" --header "X-GitHub-Event: "$(printf '\342\200\256\302\23331m') $flag
	"$HOOKGLASS" wait --since 1h $flag path:/in/h
	"$HOOKGLASS" wait --since 1h --timeout 0s --count 99 $flag sig:verified path:$(printf '\033[31m\342\200\256')
done; exit 1`

// acts finds what a terminal would obey or be misled by.
func acts(out string) string {
	for i, r := range out {
		if r != '\n' && r != '\t' && core.Active(r) {
			return out[max(0, i-40):min(len(out), i+20)]
		}
	}
	if !utf8.ValidString(out) {
		return strings.ToValidUTF8(out, "<BYTE>")
	}
	return ""
}

// TestNothingOfAStrangerActs feeds captures, sources, endpoints and files whose every text is hostile through all commands.
// A command without a row fails: a new one says here how it is called.
func TestNothingOfAStrangerActs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.env = []string{"HOSTILE=s3cret", "HOOKGLASS=" + os.Args[0]}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["X-Hostile"] = []string{"\u202e\u009b31m\x9b"}
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, hostile)
	}))
	t.Cleanup(receiver.Close)

	name := filepath.Join(r.home, "file \u202e\x1b[31m.jsonl")
	if err := os.WriteFile(name, hostileCaptures(t), 0o600); err != nil {
		t.Skip("this file system takes no such name: ", err)
	}
	body, arrivals := r.file("body", hostile), r.file("arrivals", "1790000000,"+strings.NewReplacer("\r", "", "\n", "", "\x9b", "").Replace(hostile)+"\n1790000001\n")
	workspace := hostileWorkspace(t, r, receiver.URL)
	lines := map[string][][]string{
		"import":    {{"import", name}, {"import", "--json", name}, {"import", workspace}, {"import", r.file("broken", hostile)}, {"import", hostile[:20]}},
		"history":   {{"history"}, {"history", "--json"}, {"history", "--format", "csv"}, {"history", "method:" + hostile[:20]}, {"history", "status:\x1b[31m"}},
		"search":    {{"search"}, {"search", "--json"}, {"search", "\x1b[31m"}},
		"show":      {{"show", "1"}, {"show", "1", "--json"}, {"show", "2"}, {"show", "d1"}, {"show", "d1", "--json"}, {"show", "\x1b[31m"}, {"show", "1", "--as", "curl"}, {"show", "1", "--as", "go"}, {"show", "1", "--as", "node"}, {"show", "1", "--as", "python"}},
		"note":      {{"note", "1", hostile}, {"note", "1", "--json", "\u202e\u009b31m"}, {"note", "\x1b[31m", "x"}, {"note", "9999", "x"}},
		"pin":       {{"pin", "1"}, {"pin", "1", "--json"}, {"pin", "--remove", "1"}, {"pin", "\x1b[31m"}},
		"diff":      {{"diff", "1", "2"}, {"diff", "1", "2", "--json"}, {"diff", "1", body}, {"diff", "1", name}, {"diff", "1", "\x1b[31m"}},
		"open":      {{"open", name}, {"open", "\x1b[31m"}, {"open", "hookglass://open?file=/\x1b[31m"}, {"open", "hookglass://open?file=/%1b[31m"}, {"open", "file:///%1b[31m"}, {"open", "hookglass://join/%1b[31m"}, {"open", "hookglass://join/eyJ2"}, {"open", hostileInvite(t)}},
		"selfcheck": {{"selfcheck"}, {"selfcheck", "--json"}, {"selfcheck", "--home", body}, {"selfcheck", "--home", "/\x1b[31m\u202e"}},
		"manual":    {{"manual", body + "/\x1b[31m\u202e"}},
		"delete":    {{"delete", "path:\x1b[31m"}, {"delete", "path:\x1b[31m", "--yes"}, {"delete", "9999", "--yes"}, {"delete", "\x1b[31m:"}},
		"wait":      {{"wait"}, {"wait", "\x1b[31m:"}, {"wait", "--url", receiver.URL}, {"wait", "--token-env", "\x1b[31m", "--url", "http://\x1b[31m"}},
		"tail":      {{"tail"}, {"tail", "--url", receiver.URL}, {"tail", "--since", "\x1b[31m"}},
		"run":       {{"run", "\x1b[31m"}, {"run", "--workspace", "\x1b[31m", "true"}, {"run", "--workspace", workspace, "--", "sh", "-c", hostileRun}, {"run", "--json", "--workspace", workspace, "--", "sh", "-c", hostileRun}},
		"env": {{"env"}, {"env", "\x1b[31m"}, {"env", "set", "\x1b[31m"}, {"env", "set", "mean", "base=" + hostile}, {"env", "set", "mean", "\x1b[31m=x"}, {"env", "set", "mean", "--secret", "t=env:\x1b[31m\u202e"}, {"env", "list"}, {"env", "list", "--json"},
			{"env", "show", "mean"}, {"env", "show", "mean", "--json"}, {"env", "show", "\x1b[31m"}, {"env", "use", "mean"}, {"env", "use", "\x1b[31m"}, {"env", "unset", "mean", "\x1b[31m"}, {"env", "unset", "\x1b[31m", "x"}, {"env", "delete", "\x1b[31m"}, {"send", "{{env.base}}/\x1b[31m"}, {"send", receiver.URL, "--env", "\x1b[31m"}, {"replay", "1", "--to", "{{env.\x1b[31m}}"}, {"env", "delete", "mean"}},
		"source": {{"source"}, {"source", "\x1b[31m"}, {"source", "add", "\x1b[31m"}, {"source", "add", "generic", "path=/\x1b[31m", "name=\x1b[31m\u202e"}, {"source", "add", "generic", "\x1b[31m"}, {"source", "add", "generic", "\x1b[31m=\u202e"},
			{"source", "edit", "\x1b[31m\u202e", "path=/\u202e", "--json"}, {"source", "edit", "\x1b[31m", "x=1"}, {"source", "remove", "\x1b[31m"}, {"source", "remove", "\x1b[31m\u202e"}, {"source", "add", "--file", body}},
		"sources":   {{"sources"}, {"sources", "--json"}},
		"schemes":   {{"schemes", "--workspace", workspace}, {"schemes", "--json", "--workspace", workspace}, {"schemes", "own", "--workspace", workspace}, {"schemes", "\x1b[31m"}},
		"platforms": {{"platforms"}, {"platforms", "joai"}, {"platforms", "\x1b[31m"}},
		"sign":      {{"sign", "--scheme", "github", "--secret-env", "HOSTILE", "--body-file", body}, {"sign", "--scheme", "\x1b[31m"}, {"sign", "--scheme", "github", "--secret-env", "HOSTILE", "--header", "\x1b[31m"}},
		"verify": {{"verify", "--scheme", "github", "--secret-env", "HOSTILE", "--header", "X-Hub-Signature-256: sha256=\x1b[31m\u202e" + strings.Repeat("0", 64), "--body-file", body},
			{"verify", "--json", "--scheme", "github", "--secret-env", "HOSTILE", "--header", "X-Hub-Signature-256: \u202e\u009b\x1b", "--body-file", body},
			{"verify", "--scheme", "stripe", "--secret-env", "HOSTILE", "--header", "Stripe-Signature: t=\x1b[31m,v1=\u202e", "--body-file", body}},
		"send":     {{"send", receiver.URL, "--body-file", body, "--header", "X-A: \u202e\u009b"}, {"send", receiver.URL, "--json", "--body-file", body}, {"send", "http://\x1b[31m/"}, {"send", receiver.URL, "--event", "\x1b[31m"}},
		"replay":   {{"replay", "2", "--to", receiver.URL}, {"replay", "2", "--json", "--to", receiver.URL}, {"replay", "\x1b[31m", "--to", receiver.URL}, {"replay", "1", "--raw", "--to", receiver.URL}},
		"checkup":  {{"checkup", receiver.URL, "--scheme", "github", "--secret-env", "HOSTILE", "--body-file", body, "--slow", "1ms"}, {"checkup", receiver.URL, "--scheme", "none", "--json", "--slow", "1ms", "--junit", "-"}, {"checkup", "\x1b[31m"}},
		"simulate": {{"simulate", "--policy", "stripe"}, {"simulate", "--policy", "stripe", "--arrivals", arrivals}, {"simulate", "--policy", "stripe", "--arrivals", arrivals, "--json"}, {"simulate", "--policy", "\x1b[31m"}, {"simulate", "--policy", "stripe", "--csv", "-"}},
		"export": {{"export", "--format", "har"}, {"export", "--format", "curl"}, {"export", "--format", "json"}, {"export", "--format", "csv"}, {"export", "--format", "http"}, {"export", "--format", "postman"}, {"export", "--format", "go"}, {"export", "--format", "pytest"}, {"export", "--format", "jest"},
			{"export", "--format", "workspace"}, {"export", "--format", "\x1b[31m"}, {"export", "--format", "har", "--reveal"}},
		"mcp":    {{"mcp"}, {"mcp", "--print-config", "claude"}, {"mcp", "--print-config", "\x1b[31m"}, {"mcp", "--allow-host", "\x1b[31m"}, {"mcp", "--allow-write", "--allow-host", "\u202e"}},
		"shapes": {{"shapes"}, {"shapes", "--json"}, {"shapes", "\x1b[31m"}, {"shapes", "-", "--source", "\x1b[31m"}, {"shapes", "--format", "\x1b[31m"}, {"shapes", "--format", "ts"}, {"shapes", "--format", "schema"}, {"shapes", "--format", "python"}, {"shapes", "--check"}},
		"sample": {{"sample", "\x1b[31m"}, {"sample", "-", "--kind", "\x1b[31m"}, {"sample", "-", "--kind", "synthetic"}},
		"hub": {{"hub"}, {"hub", "\x1b[31m"}, {"hub", "invite", "\x1b[31m\u202e"}, {"hub", "invite", "a", "--sources", "\x1b[31m"}, {"hub", "invite", "a", "--expires", "\x1b[31m"}, {"hub", "invite", "a", "--address", "\x1b[31m"},
			{"hub", "list"}, {"hub", "list", "--json"}, {"hub", "revoke", "\x1b[31m\u202e"}, {"hub", "config"}},
		"join":       {{"join", "\x1b[31m\u202e"}, {"join", "hookglass://join/\x1b[31m"}, {"join", "--queue", "\x1b[31m", hostileInvite(t)}, {"join", "--keep", "\x1b[31m", hostileInvite(t)}, {"join", "--keep", "file", hostileInvite(t)}, {"join", "--json", hostileInvite(t)}},
		"leave":      {{"leave"}, {"leave", "\x1b[31m\u202e"}, {"leave", "team"}, {"leave", "team", "--json"}},
		"status":     {{"status"}, {"status", "\x1b[31m"}},
		"shrink":     {{"shrink", "\x1b[31m", "--to", receiver.URL}, {"shrink", "1", "--to", "http://\x1b[31m/"}, {"shrink", "1", "--to", receiver.URL}, {"shrink", "2", "--to", receiver.URL, "--json"}},
		"completion": {{"completion", "\x1b[31m"}},
		"help":       {{"help", "\x1b[31m"}, {"help"}},
	}
	bytesOfItsFormat := map[string]bool{"export": true, "show": true, "sign": true} // where a line feed of a stranger stands within quotes, or in a body
	said := 0
	check := func(args []string, got result) {
		t.Helper()
		for where, out := range map[string]string{"stdout": got.out, "stderr": got.errout} {
			said += strings.Count(out, "31m")
			if found := acts(out); found != "" {
				t.Errorf("%q prints on %s %q", args, where, found)
			}
			if !bytesOfItsFormat[args[0]] && args[len(args)-1] != "csv" && strings.Contains("\n"+out, "\nFORGED") {
				t.Errorf("%q prints a line on %s that a stranger made:\n%s", args, where, out)
			}
		}
	}
	check([]string{"serve"}, hostileServe(t, r, workspace))
	check([]string{"import"}, r.do("", "import", name))
	check([]string{"--x"}, r.do("", "--\x1b[31m"))
	for _, c := range newProgram().root().Commands() {
		if c.Name() == "serve" { // above
			continue
		}
		if lines[c.Name()] == nil {
			t.Errorf("the command %s has no row here", c.Name())
		}
		for _, args := range lines[c.Name()] {
			check(args, r.do("", args...))
		}
	}
	if said < 40 {
		t.Errorf("the hostile text was shown only %d times: does the test still feed it?", said)
	}
}

// hostileInvite is one whose address and pin are hostile, as far as an invite may be.
func hostileInvite(t *testing.T) string {
	seed, _, err := relay.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return relay.Invite{URLs: []string{"tls://\u202e\u009b31m.example:4222"}, Space: "team", Reader: "a", Seed: string(seed.Reveal()), Pin: hostile}.String()
}

// hostileCaptures is a file of captures whose every text is hostile.
func hostileCaptures(t *testing.T) []byte {
	text := map[string]string{"b64": base64.StdEncoding.EncodeToString([]byte(hostile))}
	line, err := json.Marshal(map[string]any{"hookglass_capture": 1, "at": "2026-11-21T10:00:00Z", "source": text, "method": text, "target": map[string]string{
		"b64": base64.StdEncoding.EncodeToString([]byte("/in?q=" + hostile))}, "proto": text, "host": text, "base": map[string]string{"b64": base64.StdEncoding.EncodeToString([]byte("https://" + hostile))}, "remote": text, "via": text, "note": text,
		"headers": [][2]any{{text, text}, {"X-Hub-Signature-256", text}}, "body_b64": []byte(hostile), "event": text, "event_id": text,
		"response": map[string]any{"status": 200, "headers": [][2]any{{text, text}}, "body_b64": []byte(hostile)},
		"receipt":  map[string]any{"outcome": "rejected", "reason": text, "faults": []string{hostile}, "checks": []any{map[string]any{"name": hostile, "want": hostile, "got": hostile}}},
		"verdict": map[string]any{"verdict": "mismatch", "scheme": hostile, "wanted": text, "got": text, "notes": []string{hostile}, "where": hostile, "key": hostile, "signed_parts": []any{
			map[string]any{"name": hostile, "bytes_b64": []byte(hostile)}}, "findings": []any{map[string]any{"cause": hostile, "proof": hostile, "detail": hostile, "fix": hostile, "alternatives": []string{hostile}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(line, '\n')
}

func hostileWorkspace(t *testing.T, r *rig, to string) string {
	text := strings.ToValidUTF8(hostile, "?")
	own := map[string]any{}
	if err := json.Unmarshal([]byte(newRig(t).ok("schemes", "github", "--json")), &own); err != nil {
		t.Fatal(err)
	}
	own["id"], own["provider"], own["quirks"], own["source"] = "own", text, text, text
	doc, err := json.Marshal(map[string]any{"hookglass": 1, "schemes": []any{own},
		"sources":   []any{map[string]any{"platform": "generic", "name": text, "path": "/in/h", "scheme": "github", "secret": "s3cret", "forward": to}},
		"endpoints": []any{map[string]any{"id": text, "name": text, "description": text, "url": to, "trigger": text}}})
	if err != nil {
		t.Fatal(err)
	}
	return r.file("hostile.json", string(doc))
}

// hostileServe serves, takes two hostile requests and one that is no HTTP, and ends.
func hostileServe(t *testing.T, r *rig, workspace string) result {
	cmd := r.command(t.Context(), "serve", "--addr", "127.0.0.1:0", "--workspace", workspace, "--verbose")
	var out, errout lockedBuffer
	out.more, errout.more = make(chan struct{}, 1), make(chan struct{}, 1)
	cmd.Stdout, cmd.Stderr = &out, &errout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	until := func(what string) string {
		for {
			if text := out.String(); strings.Contains(text, what) {
				return text
			}
			select {
			case <-out.more:
			case <-ended:
				t.Fatalf("serve never said %q; it said\n%s%s", what, out.String(), errout.String())
			}
		}
	}
	first := until("token")
	address, _, _ := strings.Cut(strings.TrimPrefix(first, "listening on http://"), "\n")
	for _, request := range []string{
		"POST /in/h?q=\u202e\u009b\x9b HTTP/1.1\r\nHost: a\u202e\r\nX-GitHub-Event: \u202e\u009b31m\x9b\r\nX-Hub-Signature-256: \u202e\u009b31m\r\nX-GitHub-Delivery: \u202e\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
		"POST /in/h HTTP/1.1\r\nHost: a\r\nX-GitHub-Event: \u202e\u009b31m\x9b\r\nX-Hub-Signature-256: sha256=\u202e\u009b31m\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
		"\x1b[31m \x1b]52;c;aGFja2Vk\x07 \u202e\u009b31m\r\n\r\n",
	} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, request)
		io.ReadAll(c)
		c.Close()
	}
	until("\n     3  ")
	until("delivery 1 attempt 1")
	cmd.Process.Signal(os.Interrupt)
	<-ended
	return result{cmd.ProcessState.ExitCode(), out.String(), errout.String()}
}

// lockedBuffer is written by one goroutine and read by another.
type lockedBuffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more chan struct{} // something was written since it was asked last
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
