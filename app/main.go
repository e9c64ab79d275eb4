// Hookglass is a desktop workbench for webhooks. Without a command it opens the window; with one it is a tool for
// scripts. See the README.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"hookglass/core/engine"
)

// version is set by the Makefile, from FyneApp.toml.
var version = "0.1.0"

// errNotHeld says that the thing checked did not hold: exit 1, nothing more to print.
var errNotHeld = errors.New("")

func main() {
	engine.TuneCollector()
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	context.AfterFunc(ctx, stop) // a second one ends the program at once
	err := newProgram().root().ExecuteContext(ctx)
	stop()
	defer stderr.flush()
	stdout.flush()
	var code exitCode
	switch {
	case err == nil:
	case errors.As(err, &code):
		os.Exit(int(code))
	case errors.Is(err, errNotHeld):
		os.Exit(1)
	default:
		putln(stderr, "hookglass:", err)
		os.Exit(2)
	}
}

// endings are the signals that ask for an end. That of a closed terminal is one, unless whoever started us had it ignored.
func endings() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// program is what all commands share.
type program struct {
	home string // --home
	json bool   // --json
}

func newProgram() *program { return &program{} }

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "hookglass [FILE]",
		Short:         "A desktop workbench for webhooks: see exactly what arrived, why a signature fails, and make senders misbehave.",
		Long:          "Hookglass receives webhooks, shows them byte for byte, explains signatures, composes and replays them, and simulates\nretries, limits and faults. Without a command it opens the window, with\nthe file in it that is named.",
		Version:       version,
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          p.start,
	}
	root.PersistentFlags().StringVar(&p.home, "home", "", "folder of the history (default: $HOOKGLASS_HOME, else "+homeHint()+")")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(p.serve(), p.sources(), p.history(), p.search(), p.show(), p.sign(), p.verify(), p.send(), p.replay(), p.checkup(), p.simulate(),
		p.export(), p.importFile(), p.open(), p.note(), p.pin(), p.delete(), p.diff(), p.wait(), p.tail(), p.runIn(), p.source(), p.status(), p.mcp(),
		p.shapes(), p.sample(), p.shrink(), p.environment(), p.hub(), p.join(), p.leave(), p.schemes(), p.platforms(), p.selfcheck(), p.manual())
	return root
}

func (p *program) jsonFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.json, "json", false, "print one JSON object per line, for scripts")
}
