package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// samples are the handlers of docs/samples, and how their own tests are run.
var samples = map[string][]string{
	"go":     {"go", "test", "-count=1", "./..."},
	"node":   {"node", "--test"},
	"python": {"python3", "-B", "-m", "unittest"},
}

// TestSampleHandlers: under hookglass run they are green with the right secret, and red with another, with what came printed.
func TestSampleHandlers(t *testing.T) {
	t.Parallel()
	for language, command := range samples {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			if out, err := exec.Command(command[0], "--version").CombinedOutput(); err != nil && language != "go" {
				t.Skipf("there is no %s that works here: %v %s", command[0], err, out)
			}
			for secret, green := range map[string]bool{"it's a secret": true, "another": false} {
				got := runSample(t, language, append([]string{"run", "--workspace", "../workspace.json", "--"}, command...), "GITHUB_SECRET=it's a secret", "WEBHOOK_SECRET="+secret)
				told := strings.Contains(got.errout, "came during the run") && strings.Contains(got.errout, "/in/github                               github           verified   401")
				if (got.code == 0) != green || told == green {
					t.Errorf("with the secret %q: exit %d\n%s%s", secret, got.code, got.out, got.errout)
				}
			}
		})
	}
}

// runSample runs a command of ours in the folder of a sample.
func runSample(t *testing.T, language string, args []string, env ...string) result {
	t.Helper()
	r := newRig(t)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := r.command(ctx, args...)
	if path, err := filepath.Abs(cmd.Path); err == nil {
		cmd.Path = path
	}
	cmd.Dir = filepath.Join("..", "docs", "samples", language)
	if _, err := os.Stat(cmd.Dir); err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, append(env, "GOFLAGS=")...)
	var out, errout bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errout
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errout.String()}
}
