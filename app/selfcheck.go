package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zalando/go-keyring"

	"hookglass/core/engine"
)

func (p *program) selfcheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "selfcheck",
		Short: "Look at what Hookglass needs of this machine, and print what to paste into a report",
		Long: "Look at the home folder, the disk, the history, the port, the keyring, the display and the tunnel's settings, and say what to do where\n" +
			"something is not as it should be. Nothing outside of this machine is called. What is printed is for a report: it has no secret, no\n" +
			"capture and no address of yours in it. Exit 1 where Hookglass cannot work.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runSelfcheck(cmd.Context(), cmd.OutOrStdout()) },
	}
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) runSelfcheck(ctx context.Context, out io.Writer) error {
	all := engine.Selfcheck{Home: p.folder(), Keyring: keyringAnswers, Running: p.runningNow(ctx), Window: hasWindow, Free: freeSpace, Environ: os.Getenv,
		Dial: func(network, address string) error {
			c, err := net.DialTimeout(network, address, 5*time.Second)
			if err == nil {
				c.Close()
			}
			return err
		}}.Run(ctx)
	broken := false
	for _, c := range all {
		broken = broken || c.State == engine.Broken
	}
	if p.json {
		if err := printJSON(out, map[string]any{"version": version, "window": hasWindow, "go": runtime.Version(), "system": runtime.GOOS + "/" + runtime.GOARCH, "name": systemName(), "conditions": all}); err != nil {
			return err
		}
	} else {
		conditionsText(out, all)
	}
	if broken {
		return errNotHeld
	}
	return nil
}

func conditionsText(out io.Writer, all []engine.Condition) {
	window := "without a window"
	if hasWindow {
		window = "with its window"
	}
	putf(out, "%s %s, %s, %s, %s/%s, %s\n\n", appName, version, window, runtime.Version(), runtime.GOOS, runtime.GOARCH, systemName())
	for _, c := range all {
		mark := map[string]string{engine.Fine: "✓", engine.Odd: "!", engine.Broken: "✗"}[c.State]
		putf(out, "%s %-8s %s\n", mark, c.Subject, c.Says)
		if c.Next != "" {
			putf(out, "           %s\n", c.Next)
		}
	}
}

// keyringAnswers asks for a name that is not there: that it is missing is an answer.
func keyringAnswers() error {
	_, err := system{}.Get("selfcheck")
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return err
}

// runningNow says what has this home open.
func (p *program) runningNow(ctx context.Context) string {
	r, ok := findRunning(p.folder())
	if !ok {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if (remote{r}).call(ctx, "GET", "/_/captures?limit=0", nil, &[]struct{}{}) != nil {
		return ""
	}
	return fmt.Sprintf("the Hookglass that runs (process %d)", r.PID)
}

// systemName is what the system calls itself.
func systemName() string {
	text, err := os.ReadFile("/etc/os-release")
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); ok && err == nil {
			return strings.Trim(name, `"`)
		}
	}
	return runtime.GOOS
}
