package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/store"
)

func (p *program) open() *cobra.Command {
	return &cobra.Command{
		Use:   "open FILE",
		Short: "Open a file in the window: what is in it is shown, and taken in when you say so",
		Long: "Open a HAR log, JSON lines, curl commands or a workspace file in the window, the one that is open or a new one. What is in it is\n" +
			"shown before anything of it is taken in. hookglass FILE does the same.",
		Example: "  hookglass open session.har",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.openWindow(cmd.Context(), args[0], cmd.OutOrStdout())
		},
	}
}

// start is the program without a command: the window, with a file in it where one is named.
func (p *program) start(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return p.openWindow(cmd.Context(), "", cmd.OutOrStdout())
	}
	_, err := os.Stat(args[0])
	if len(args) > 1 || err != nil && !strings.ContainsAny(args[0], `./\`) {
		return unknownCommand(cmd, args[0])
	}
	return p.openWindow(cmd.Context(), args[0], cmd.OutOrStdout())
}

func unknownCommand(cmd *cobra.Command, name string) error {
	text := fmt.Sprintf("there is no command %q and no file of that name", name)
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		text += "; did you mean " + core.OrList(near) + "?"
	}
	return errors.New(text + "; hookglass --help lists the commands")
}

// openWindow opens the window, or brings the one to the front that is open already.
func (p *program) openWindow(ctx context.Context, file string, out io.Writer) error {
	if file != "" {
		path, err := filepath.Abs(file)
		if err == nil {
			_, err = os.Stat(path)
		}
		if err != nil {
			return &core.Invalid{Field: "FILE", Reason: err.Error() + "; name a file that is there"}
		}
		file = path
	}
	err := p.window(ctx, file)
	var locked *store.Locked
	if !errors.As(err, &locked) {
		return err
	}
	r, ok := findRunning(p.folder())
	if !ok {
		return err
	}
	if err := (remote{r}).call(ctx, "POST", "/_/open", map[string]string{"file": file}, &struct{}{}); err != nil {
		return fmt.Errorf("%w; hookglass import takes files in without one, and --home DIR gives this one a history of its own", err)
	}
	said := "Hookglass is open already; its window is in front now"
	if file != "" {
		said = "opened in the window of the Hookglass that runs already: " + filepath.Base(file)
	}
	_, err = putln(out, said)
	return err
}
