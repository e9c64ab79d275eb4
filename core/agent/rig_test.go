package agent_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"hookglass/core"
	"hookglass/core/agent"
	"hookglass/core/engine"
	"hookglass/core/exchange"
)

// patience bounds every wait of these tests. It is long, since a machine may be busy.
const patience = 5 * time.Minute

// rig is an engine at work, and a client of the protocol's own kit that is connected to what agents get of it.
type rig struct {
	testing.TB
	*engine.Engine
	ctx     context.Context
	home    string
	control string
	client  *mcp.ClientSession

	mu    sync.Mutex
	calls []engine.AgentCall
}

type object = map[string]any

// workspace has a source whose signatures are checked, one whose token is its signature, and an open one.
const workspace = `{"hookglass":1,"sources":[
	{"platform":"generic","name":"shop","path":"/in/shop","scheme":"stripe","secret":{"env":"AGENT_TEST_STRIPE"}},
	{"platform":"generic","name":"lab","path":"/in/lab","scheme":"gitlab","secret":{"env":"AGENT_TEST_TOKEN"}},
	{"platform":"generic","name":"open","path":"/in/open"},
	{"platform":"nitejar","name":"bot","id":"bot","agents":1}]}`

const (
	stripeSecret = "whsec_test_of_agents"
	gitlabToken  = "glpat-this-is-the-token"
)

// newRig opens an engine and connects a client. change says what the agent may do.
func newRig(t *testing.T, change func(*agent.Config)) *rig {
	t.Helper()
	t.Setenv("AGENT_TEST_STRIPE", stripeSecret)
	t.Setenv("AGENT_TEST_TOKEN", gitlabToken)
	w, err := exchange.ParseWorkspace([]byte(workspace))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{TB: t, home: t.TempDir()}
	ctx, cancel := context.WithCancel(context.Background())
	r.ctx = ctx
	if r.Engine, err = engine.Open(ctx, engine.Options{Home: r.home, Addr: "127.0.0.1:0", Seed: 7}); err != nil {
		t.Fatal(err)
	}
	c, err := r.NewControl(true)
	if err = errors.Join(err, r.Apply(ctx, w)); err != nil {
		t.Fatal(err)
	}
	r.control = c.URL()
	ended := make(chan error, 2)
	go func() { ended <- r.Run(ctx) }()
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, <-ended, r.Close()); err != nil {
			t.Errorf("the engine ended with: %v", err)
		}
	})
	r.client = r.connect(func(c *agent.Config) {
		c.Program = func(context.Context) (agent.Ask, bool) { return r.ask, true }
		if change != nil {
			change(c)
		}
	})
	return r
}

// connect connects a client to a server of this history.
func (r *rig) connect(change func(*agent.Config)) *mcp.ClientSession {
	r.Helper()
	c := agent.Config{History: engine.HistoryPath(r.home), Secret: engine.NewVault(r.home, nil).Resolve, Version: "test",
		Program: func(context.Context) (agent.Ask, bool) { return nil, false },
		Note: func(_ context.Context, call engine.AgentCall) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.calls = append(r.calls, call)
		}}
	change(&c)
	here, there := mcp.NewInMemoryTransports()
	server, err := agent.New(c).Connect(r.ctx, there, nil)
	if err != nil {
		r.Fatal(err)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "tester", Version: "1"}, nil).Connect(r.ctx, here, nil)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { session.Close(); server.Wait() })
	return session
}

// ask calls the control address, as the command does.
func (r *rig) ask(ctx context.Context, method, path string, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, r.control+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusAccepted {
		text, err := io.ReadAll(resp.Body)
		return errors.Join(err, errors.New(string(text)))
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// said is an answer of a tool: its text, and the JSON in it.
type said struct {
	testing.TB
	text string
	all  object
}

// call calls a tool that must answer.
func (r *rig) call(name string, args object) said { r.Helper(); return r.callAt(r.client, name, args) }

func (r *rig) callAt(client *mcp.ClientSession, name string, args object) said {
	r.Helper()
	text, refused := r.try(client, name, args)
	if refused {
		r.Fatalf("%s %v is refused: %s", name, args, text)
	}
	out := said{r, text, object{}}
	if err := json.Unmarshal([]byte(text), &out.all); err != nil {
		r.Fatalf("%s answers what is no JSON: %v: %s", name, err, text)
	}
	return out
}

// refused calls a tool that must refuse, and returns why.
func (r *rig) refused(name string, args object) string {
	r.Helper()
	text, refused := r.try(r.client, name, args)
	if !refused {
		r.Fatalf("%s %v is not refused: %s", name, args, text)
	}
	return text
}

func (r *rig) try(client *mcp.ClientSession, name string, args object) (string, bool) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	res, err := client.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		return err.Error(), true
	}
	if len(res.Content) != 1 {
		r.Fatalf("%s answers in %d parts", name, len(res.Content))
	}
	return res.Content[0].(*mcp.TextContent).Text, res.IsError
}

// at is what stands at a path of the result: "captures.0.id".
func (s said) at(path string) any {
	s.Helper()
	var v any = s.all["result"]
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case object:
			v = in[step]
		case []any:
			i := 0
			for _, d := range step {
				i = i*10 + int(d-'0')
			}
			if i >= len(in) {
				s.Fatalf("%s is not in %s", path, s.text)
			}
			v = in[i]
		default:
			s.Fatalf("%s is not in %s", path, s.text)
		}
	}
	return v
}

// want compares what stands at a path.
func (s said) want(path string, want any) {
	s.Helper()
	got, _ := json.Marshal(s.at(path))
	wanted, _ := json.Marshal(want)
	if !bytes.Equal(got, wanted) {
		s.Errorf("%s is %s, want %s, in %s", path, got, wanted, s.text)
	}
}

// post sends a request to a source.
func (r *rig) post(path string, header map[string]string, body string) {
	r.Helper()
	req, err := http.NewRequestWithContext(r.ctx, "POST", r.URL()+path, strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

// signed is a Stripe signature of a body.
func (r *rig) signed(body string) map[string]string {
	r.Helper()
	scheme, _ := r.Schemes.Book().Find("stripe")
	request, err := engine.SignRequest(scheme, core.Request{Method: "POST", Target: "/in/shop", Body: []byte(body)}, r.URL()+"/in/shop", core.Text(stripeSecret), time.Now(), "")
	if err != nil {
		r.Fatal(err)
	}
	return map[string]string{"Stripe-Signature": request.Header.Get("Stripe-Signature")}
}

// handler is a receiver that keeps what came.
type handler struct {
	*httptest.Server
	got chan *http.Request
}

func newHandler(t testing.TB) *handler {
	h := &handler{got: make(chan *http.Request, 1000)}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		h.got <- r
	}))
	t.Cleanup(h.Close)
	return h
}

// delivered waits until a delivery has ended.
func (r *rig) delivered(id core.DeliveryID) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	for {
		rev := r.Store.Feed().Rev()
		if d, err := r.Store.Delivery(ctx, id); err == nil && d.State.Final() {
			return
		}
		if _, err := r.Store.Feed().Wait(ctx, rev); err != nil {
			r.Fatalf("delivery %d did not end", id)
		}
	}
}
