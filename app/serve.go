package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/store"
)

type serveFlags struct {
	addr, workspace, tunnel, environment string
	ssh, sshKey                          string
	controlOpen, verbose                 bool
	pace                                 float64
	seed                                 uint64
	bodyMemory                           int64 // MiB
	bounds                               engine.Bounds
	hub                                  hubFlags
	https                                engine.HTTPS
}

func (p *program) serve() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run without a window: answer, send, and print a line for each capture and attempt",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return p.runServe(cmd.Context(), f, cmd.OutOrStdout()) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.addr, "addr", "", "listen on HOST:PORT (default: the port set in the window, else 127.0.0.1:4600; the next free one where that is taken)")
	fl.StringVar(&f.workspace, "workspace", "", "put the sources and endpoints of a workspace file in force")
	fl.StringVar(&f.tunnel, "tunnel", "", "open a public address: ngrok, ssh, or the URL of a tunnel of your own")
	fl.StringVar(&f.ssh, "ssh", "", "with --tunnel ssh: USER@HOST[:PORT] or the name of a preset (default: the window's settings)")
	fl.StringVar(&f.sshKey, "ssh-key", "", "with --tunnel ssh: the private key file")
	fl.BoolVar(&f.controlOpen, "control-open", false, "the control listener wants no token (for tests)")
	fl.BoolVar(&f.verbose, "verbose", false, "log what happens inside to standard error")
	fl.Float64Var(&f.pace, "pace", 0, "divide all delays by this number (default: the workspace's, else 1)")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of all chance and ids (default: the workspace's, else a new one)")
	fl.BoolVar(&f.https.Own, "tls", false, "listen with HTTPS, with a certificate of an authority that is made for this machine")
	fl.StringVar(&f.https.CertFile, "tls-cert", "", "listen with HTTPS, with this certificate (PEM file)")
	fl.StringVar(&f.https.KeyFile, "tls-key", "", "with --tls-cert: its key (PEM file)")
	most := engine.DefaultBounds
	fl.Int64Var(&f.bodyMemory, "body-memory", most.Bodies>>20, "MiB that the bodies under way may take together; beyond, 503")
	fl.IntVar(&f.bounds.Connections, "connections", most.Connections, "connections open at once; beyond, the idlest is closed, else 503")
	fl.IntVar(&f.bounds.PerAddress, "connections-per-address", most.PerAddress, "connections of one address open at once")
	envFlag(cmd, &f.environment)
	f.hub.add(cmd)
	p.jsonFlag(cmd)
	return cmd
}

// check reads what the flags say about bounds.
func (f *serveFlags) check() error {
	for _, c := range []struct {
		flag string
		n    int64
	}{{"--body-memory", f.bodyMemory}, {"--connections", int64(f.bounds.Connections)}, {"--connections-per-address", int64(f.bounds.PerAddress)}} {
		if c.n < 0 || c.n > 1<<20 {
			return &core.Invalid{Field: c.flag, Reason: "want a number from 1 to 1048576, or 0 for the default"}
		}
	}
	f.bounds.Bodies = f.bodyMemory << 20
	return nil
}

func (p *program) runServe(ctx context.Context, f serveFlags, out io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	w, err := readWorkspace(f.workspace)
	if err != nil {
		return err
	}
	if f.pace == 0 {
		f.pace = w.Pace
	}
	if f.seed == 0 {
		f.seed = w.Seed
	}
	e, err := engine.Open(ctx, engine.Options{Home: p.folder(), Addr: f.addr, Pace: f.pace, Seed: f.seed, Keyring: system{}, Log: logger(f.verbose), Bounds: f.bounds, Broker: startBroker, HTTPS: f.https})
	if err != nil {
		return err
	}
	defer e.Close()
	if why := e.ReadOnly(); why != "" {
		putf(stderr, "hookglass: read-only: %s\nhookglass: read-only: what is there can be shown and exported; what arrives is answered 503 and not kept, nothing is sent, and --workspace is left aside\n", why)
	} else if err := e.Apply(ctx, w); err != nil {
		return err
	}
	if err := useEnvironment(e, f.environment); err != nil {
		return err
	}
	if err := f.hub.open(ctx, e); err != nil {
		return err
	}
	if f.tunnel != "" {
		if err := startTunnel(ctx, e, f); err != nil {
			return err
		}
	}
	return p.run(ctx, e, f, out)
}

func readWorkspace(path string) (*exchange.Workspace, error) {
	if path == "" {
		return &exchange.Workspace{}, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &core.Invalid{Field: "--workspace", Reason: err.Error() + "; name a readable file"}
	}
	w, err := exchange.ParseWorkspace(data)
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		return nil, &core.Invalid{Field: invalid.Field, Reason: invalid.Reason + " (in " + path + ")"}
	}
	return w, err
}

func logger(verbose bool) *slog.Logger {
	if !verbose {
		return slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	}
	return slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// run serves with the control listener beside, and prints what happens, until ctx ends.
func (p *program) run(ctx context.Context, e *engine.Engine, f serveFlags, out io.Writer) error {
	c, err := e.NewControl(f.controlOpen)
	if err != nil {
		return err
	}
	withdraw, err := announce(p.folder(), c)
	if err != nil && e.ReadOnly() == "" {
		return err
	}
	defer withdraw()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 3)
	go func() { ended <- e.Run(ctx) }()
	go func() { ended <- c.Run(ctx) }()
	public, err := awaitTunnel(ctx, e)
	if err != nil {
		cancel()
		return errors.Join(err, <-ended, <-ended)
	}
	t := &teller{out: out, json: p.json}
	news, err := engine.NewsFromNow(ctx, e.Store)
	if err != nil {
		cancel()
		return errors.Join(err, <-ended, <-ended)
	}
	t.listening(e, c, public)
	t.hubbed(ctx, e)
	go t.followSpaces(ctx, e)
	if err := t.managed(ctx, e); err != nil {
		cancel()
		return errors.Join(err, <-ended, <-ended)
	}
	go func() { news.Tell(ctx, t.happened); ended <- nil }()
	if f.tunnel != "" {
		go t.followTunnel(ctx, e)
	}
	first := <-ended
	cancel()
	err = errors.Join(first, <-ended, <-ended)
	sayLeft(e)
	return err
}

// sayLeft names what has not gone out, at the end of a run.
func sayLeft(e *engine.Engine) {
	if left, err := e.Outbox.Left(context.Background()); err == nil && left != "" {
		putln(stderr, "hookglass: "+left)
	}
}

// teller prints what happens, a line each.
type teller struct {
	out  io.Writer
	json bool
	mu   sync.Mutex
}

func (t *teller) line(v any, human string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.json {
		putText(t.out, human)
		return
	}
	printJSON(t.out, v)
}

func (t *teller) listening(e *engine.Engine, c *engine.Control, public string) {
	if taken := e.Address.Taken(); taken != "" {
		putf(stderr, "hookglass: %s is taken; listening on %s instead\n", taken, e.URL())
	}
	line := map[string]any{"event": "listening", "url": e.URL(), "control": c.URL(), "token": c.Token()}
	human := "listening on " + e.URL() + "\ncontrol on " + c.URL() + "  token " + c.Token()
	if why := e.ReadOnly(); why != "" {
		line["read_only"] = why
	}
	if file := e.Authority(); file != "" {
		line["ca_file"] = file
		for _, words := range engine.TrustWords(file) {
			putln(stderr, "hookglass: "+words)
		}
	}
	if public != "" {
		line["public"] = public
		human += "\npublic at " + public
	}
	t.line(line, human)
}

// managed prints, this once, the tokens that were made for the management addresses of sources without one.
func (t *teller) managed(ctx context.Context, e *engine.Engine) error {
	all, err := e.Store.Sources(ctx)
	if ctx.Err() != nil {
		return nil // told to end while it began
	}
	for _, src := range all {
		if s := e.SourceWhole(src); s.ManagementToken != "" {
			t.line(map[string]any{"event": "management", "source": s.Name, "url": s.URL, "token": s.ManagementToken},
				textf("%s is managed with the token %s, until this run ends", s.Name, s.ManagementToken))
		}
	}
	return err
}

// happened prints a capture that was stored, or an attempt that ended.
func (t *teller) happened(news any) {
	switch n := news.(type) {
	case engine.CaptureNews:
		c := n.CaptureLine
		c.Event = n.Type
		t.line(n, lineText(c))
	case engine.AttemptNews:
		t.line(n, attemptText(n))
	}
}

func captureText(r store.Row) string { return lineText(engine.LineOf(r)) }

// lineText is a capture on a line, for people.
func lineText(c engine.CaptureLine) string {
	at, _ := time.Parse(time.RFC3339Nano, c.At) // ours
	return textf("%6d  %s  %-6s %-40s %-16s %-10s %3d  %s", c.ID, at.Local().Format("15:04:05.000"), c.Method, cut(c.Target, 40), cut(c.Source, 16),
		dash(core.VerdictState(c.Verdict).Words()), c.Status, strings.TrimSpace(c.Outcome+" "+c.Event))
}

func attemptText(a engine.AttemptNews) string {
	what := ""
	switch {
	case a.Response != nil:
		what = fmt.Sprintf("%d %s", a.Response.Status, http.StatusText(a.Response.Status))
	case a.Failure != nil:
		what = *a.Failure
	}
	next := ""
	if at, err := time.Parse(time.RFC3339Nano, a.Next); err == nil {
		next = "  next " + at.Local().Format("15:04:05.000")
	}
	took := time.Duration(a.TookMS * float64(time.Millisecond))
	return textf("delivery %d attempt %d: %s in %v%s", a.Delivery, a.Number, what, took.Round(time.Millisecond/10), next)
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
