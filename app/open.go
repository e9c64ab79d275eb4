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
	"hookglass/core/engine"
	"hookglass/core/store"
)

func (p *program) open() *cobra.Command {
	return &cobra.Command{
		Use:   "open FILE|LINK",
		Short: "Open a file in the window: what is in it is shown, and taken in when you say so",
		Long: "Open a HAR log, JSON lines, curl commands or a workspace file in the window, the one that is open or a new one. What is in it is\n" +
			"shown before anything of it is taken in. hookglass FILE does the same. A link, hookglass://capture/7,\n" +
			"hookglass://open?file=/home/me/session.har or an invite, may come from anybody: the window asks before it follows one.",
		Example: "  hookglass open session.har\n  hookglass open hookglass://capture/7",
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
	if len(args) > 1 || err != nil && !strings.ContainsAny(args[0], `./\:`) {
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

// opening reads what the window is to show: a path, the address of a file as desktops hand one over, or a link.
func opening(what string) (show core.Opening, err error) {
	scheme, _, _ := strings.Cut(strings.ToLower(what), ":")
	switch {
	case what == "":
		return show, nil
	case scheme+":" == core.LinkScheme:
		if show.Link, err = core.ParseLink(what); err == nil {
			err = engine.CheckLink(show.Link)
		}
		return show, err
	case scheme == "file":
		if what, err = core.LocalFile(what); err != nil {
			return show, err
		}
	}
	if show.File, err = filepath.Abs(what); err == nil {
		_, err = os.Stat(show.File)
	}
	if err != nil {
		return show, &core.Invalid{Field: "FILE", Reason: err.Error() + "; name a file that is there"}
	}
	return show, nil
}

// openWindow opens the window, or brings the one to the front that is open already.
func (p *program) openWindow(ctx context.Context, what string, out io.Writer) error {
	show, err := opening(what)
	if err != nil {
		return err
	}
	err = p.window(ctx, show)
	var locked *store.Locked
	if !errors.As(err, &locked) {
		return err
	}
	r, ok := findRunning(p.folder())
	if !ok {
		return err
	}
	if err := (remote{r}).call(ctx, "POST", "/_/open", remoteOpening(show, what), &struct{}{}); err != nil {
		return fmt.Errorf("%w; hookglass import takes files in without one, and --home DIR gives this one a history of its own", err)
	}
	said := "Hookglass is open already; its window is in front now"
	switch {
	case show.File != "":
		said = "opened in the window of the Hookglass that runs already: " + filepath.Base(show.File)
	case show.Link != core.Link{}:
		said = "the window of the Hookglass that runs already asks about the link"
	}
	_, err = putln(out, said)
	return err
}

// remoteOpening says to a program that runs what its window is to show.
func remoteOpening(show core.Opening, what string) map[string]string {
	if show.File == "" && what != "" {
		return map[string]string{"link": what}
	}
	return map[string]string{"file": show.File}
}
