package main

import (
	"context"
	"encoding/json"
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
	addr, workspace, tunnel string
	ssh, sshKey             string
	controlOpen, verbose    bool
	pace                    float64
	seed                    uint64
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
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) runServe(ctx context.Context, f serveFlags, out io.Writer) error {
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
	e, err := engine.Open(ctx, engine.Options{Home: p.folder(), Addr: f.addr, Pace: f.pace, Seed: f.seed, Keyring: system{}, Log: logger(f.verbose)})
	if err != nil {
		return err
	}
	defer e.Close()
	if err := e.Apply(ctx, w); err != nil {
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
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// run serves with the control listener beside, and prints what happens, until ctx ends.
func (p *program) run(ctx context.Context, e *engine.Engine, f serveFlags, out io.Writer) error {
	c, err := e.NewControl(f.controlOpen)
	if err != nil {
		return err
	}
	withdraw, err := announce(p.folder(), c)
	if err != nil {
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
	t.listening(e, c, public)
	go func() { ended <- t.follow(ctx, e) }()
	if f.tunnel != "" {
		go t.followTunnel(ctx, e)
	}
	first := <-ended
	cancel()
	return errors.Join(first, <-ended, <-ended)
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
		fmt.Fprintln(t.out, human)
		return
	}
	printJSON(t.out, v)
}

func printJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func (t *teller) listening(e *engine.Engine, c *engine.Control, public string) {
	if taken := e.Address.Taken(); taken != "" {
		fmt.Fprintf(os.Stderr, "hookglass: %s is taken; listening on %s instead\n", taken, e.URL())
	}
	line := map[string]any{"event": "listening", "url": e.URL(), "control": c.URL(), "token": c.Token()}
	human := "listening on " + e.URL() + "\ncontrol on " + c.URL() + "  token " + c.Token()
	if public != "" {
		line["public"] = public
		human += "\npublic at " + public
	}
	t.line(line, human)
}

// follow prints captures and attempts as they are stored.
func (t *teller) follow(ctx context.Context, e *engine.Engine) error {
	var last core.CaptureID
	if rows, err := e.Store.Captures(ctx, store.Query{}, 0, 1); err == nil && len(rows) > 0 {
		last = rows[0].ID
	}
	attempts := e.Outbox.Watch(ctx)
	go func() {
		for a := range attempts {
			t.attempt(a)
		}
	}()
	var rev uint64
	for {
		var err error
		if rev, err = e.Store.Feed().Wait(ctx, rev); err != nil {
			return nil
		}
		ids, err := e.Store.CaptureIDs(ctx, store.Query{}, last)
		if err != nil || len(ids) == 0 {
			continue
		}
		rows, err := e.Store.Rows(ctx, store.Query{}, last+1, ids[0])
		if err != nil {
			continue
		}
		for i := len(rows) - 1; i >= 0; i-- {
			t.capture(rows[i])
		}
		last = ids[0]
	}
}

func (t *teller) capture(r store.Row) {
	line := struct {
		Event string `json:"event"`
		engine.CaptureLine
		Type string `json:"type,omitempty"`
	}{"capture", engine.LineOf(r), r.Event}
	t.line(line, captureText(r))
}

func captureText(r store.Row) string {
	return fmt.Sprintf("%6d  %s  %-6s %-40s %-16s %-10s %3d  %s", r.ID, r.At.Local().Format("15:04:05.000"), r.Method, cut(r.Target, 40), cut(r.Name, 16),
		dash(r.Verdict.Words()), r.Status, strings.TrimSpace(string(r.Outcome)+" "+r.Event))
}

func (t *teller) attempt(a core.Attempt) {
	line := struct {
		Event    string          `json:"event"`
		Delivery core.DeliveryID `json:"delivery"`
		engine.AttemptJSON
	}{"attempt", a.Delivery, engine.AttemptOf(&a)}
	t.line(line, attemptText(a))
}

func attemptText(a core.Attempt) string {
	what := string(a.Failure)
	if a.Response != nil {
		what = fmt.Sprintf("%d %s", a.Response.Status, http.StatusText(a.Response.Status))
	}
	next := ""
	if !a.Retry.IsZero() {
		next = "  next " + a.Retry.Local().Format("15:04:05.000")
	}
	return fmt.Sprintf("delivery %d attempt %d: %s in %v%s", a.Delivery, a.Number, what, a.Took.Round(time.Millisecond/10), next)
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
