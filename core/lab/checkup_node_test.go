package lab_test

import (
	"bufio"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/lab"
	"hookglass/core/sign"
)

// The handlers in testdata are plain Node, as their authors would write them. They run over a real socket and in real
// time, each with a fault named on its command line.
func TestHandlersInNode(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: the same faults are seeded in Go above")
	}
	for _, c := range []struct{ fault, check string }{
		{"none", ""},
		{"reserialises", "raw_bytes"},
		{"case-sensitive", "header_case"},
		{"crashes-on-unicode", "unicode"},
		{"throws-on-missing", "rejection_status"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			github, _ := sign.Known().Find("github")
			card, err := lab.Checkup(t.Context(), lab.Config{
				URL: startNode(t, node, c.fault), Scheme: github, Secret: core.Text(secret), SlowSender: 200 * time.Millisecond,
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if c.check != "" {
				want = []string{c.check}
			}
			if got := failed(card); !slices.Equal(got, want) {
				t.Errorf("named %v with score %d, want %v:\n%s", got, card.Score, want, failures(card))
			}
		})
	}
}

// startNode runs the handler and returns its address, which is the first line that it prints.
func startNode(t *testing.T, node, fault string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), node, "testdata/handler.mjs", fault)
	cmd.Env = append(cmd.Environ(), "WEBHOOK_SECRET="+secret)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the handler did not start: %v", err)
	}
	return strings.TrimSpace(line)
}
