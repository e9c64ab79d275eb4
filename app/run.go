package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
)

// tokenVariable is what a command that runs beside Hookglass finds the control address's token in.
const tokenVariable = "HOOKGLASS_TOKEN"

// exitCode is the code of a command that we ran, which is ours then.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("the command ended with %d", int(c)) }

func (p *program) runIn() *cobra.Command {
	var workspace, keep, environment string
	cmd := &cobra.Command{
		Use:   "run [--workspace FILE] [--keep DIR] -- COMMAND...",
		Short: "Run a command beside a Hookglass of its own, for CI; exit with its code",
		Long: "Run a command beside a Hookglass of its own: a new history, free ports, the sources of a workspace file (without one, /in/anything).\n" +
			"The command finds in its environment\n\n" +
			"  HOOKGLASS_URL      where the sources are\n  HOOKGLASS_CONTROL  the control address\n  HOOKGLASS_TOKEN    its token\n  HOOKGLASS_HOME     the history, so that hookglass wait and its like find it\n\n" +
			"Signals are passed on to it. Where it fails, the captures of the run are printed to standard error. Ends with the command's code,\n" +
			"128 and the signal's number where a signal ended it, and 2 where it could not be begun.",
		Example: "  hookglass run --workspace hookglass.json -- npm test\n  hookglass run -- sh -c 'curl -d {} $HOOKGLASS_URL/in/anything && hookglass wait --since 10s method:POST'",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &core.Invalid{Field: "COMMAND", Reason: "is missing; name it after --, like hookglass run -- npm test"}
			}
			return p.runBeside(cmd.Context(), workspace, keep, environment, args)
		},
	}
	cmd.Flags().SetInterspersed(false)
	cmd.Flags().StringVar(&workspace, "workspace", "", "put the sources and endpoints of a workspace file in force")
	cmd.Flags().StringVar(&keep, "keep", "", "keep the history in this folder")
	envFlag(cmd, &environment)
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) runBeside(ctx context.Context, workspace, keep, environment string, args []string) (err error) {
	path, err := exec.LookPath(args[0])
	if err != nil {
		return &core.Invalid{Field: "COMMAND", Reason: err.Error() + "; name a program that is there"}
	}
	w, err := readWorkspace(workspace)
	if err != nil {
		return err
	}
	home, remove, err := runHome(keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	// Signals end the command, and it ends us.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, endings()...)
	defer signal.Stop(signals)

	e, err := engine.Open(ctx, engine.Options{Home: home, Addr: "127.0.0.1:0", Pace: w.Pace, Seed: w.Seed, Keyring: system{}, Log: logger(false)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if err := e.Apply(ctx, w); err != nil {
		return err
	}
	if err := useEnvironment(e, environment); err != nil {
		return err
	}
	if err := e.Welcome(ctx); err != nil {
		return err
	}
	before, err := e.Store.CaptureIDs(ctx, store.Query{}, 0)
	if err != nil {
		return err
	}
	c, err := e.NewControl(false)
	if err != nil {
		return err
	}
	withdraw, err := announce(home, c)
	defer withdraw()
	if err != nil {
		return err
	}
	ended := make(chan error, 2)
	go func() { ended <- e.Run(ctx) }()
	go func() { ended <- c.Run(ctx) }()
	code, err := child(path, args, signals, "HOOKGLASS_URL="+e.URL(), "HOOKGLASS_CONTROL="+c.URL(), tokenVariable+"="+c.Token(), "HOOKGLASS_HOME="+home)
	if err == nil && code != 0 {
		err = p.tellRun(ctx, e.Store, before)
	}
	cancel()
	if err = errors.Join(err, <-ended, <-ended); err == nil && code != 0 {
		return exitCode(code)
	}
	return err
}

// runHome is the folder of a run, and what takes it away again where nobody wants to keep it.
func runHome(keep string) (string, func() error, error) {
	if keep != "" {
		home, err := filepath.Abs(keep)
		return home, func() error { return nil }, err
	}
	home, err := os.MkdirTemp("", "hookglass-run-")
	return home, func() error { return os.RemoveAll(home) }, err
}

// child runs a command with our input and output as they are, and passes signals on to it.
func child(path string, args []string, signals <-chan os.Signal, env ...string) (int, error) {
	cmd := &exec.Cmd{Path: path, Args: args, Env: append(os.Environ(), env...), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if err := cmd.Start(); err != nil {
		return 0, &core.Invalid{Field: "COMMAND", Reason: err.Error()}
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			if s != os.Interrupt || !atTerminal() { // there the terminal has told the command itself
				_ = cmd.Process.Signal(s) // it may have ended
			}
		case err := <-over:
			var failed *exec.ExitError
			if err != nil && !errors.As(err, &failed) {
				return 0, fmt.Errorf("run %s: %w", args[0], err)
			}
			if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() {
				return 128 + int(s.Signal()), nil
			}
			return cmd.ProcessState.ExitCode(), nil
		}
	}
}

func atTerminal() bool {
	info, err := os.Stdin.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && info.Name() != filepath.Base(os.DevNull)
}

// tellRun prints the captures that came after some, oldest first, and says so where there are none.
func (p *program) tellRun(ctx context.Context, st *store.Store, before []core.CaptureID) error {
	var last core.CaptureID
	if len(before) > 0 {
		last = before[0]
	}
	ids, err := st.CaptureIDs(ctx, store.Query{}, last)
	if err != nil {
		return err
	}
	if !p.json {
		putf(stderr, "hookglass: %s\n", strings.Replace(count(len(ids), "capture")+" came during the run", "0 captures", "no capture", 1))
	}
	for i := len(ids) - 1; i >= 0; i-- {
		c, err := st.Capture(ctx, ids[i])
		if err != nil {
			return err
		}
		whole := engine.CaptureOf(&c)
		if p.json {
			err = printJSON(stderr, whole)
		} else if err = putText(stderr, lineText(whole.Line())); err == nil && c.Receipt.Reason != "" {
			putf(stderr, "        %s\n", c.Receipt.Reason)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
