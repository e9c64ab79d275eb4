package exchange_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/exchange"
)

// injections are what runs something where a word is quoted badly.
func injections(canary string) []string {
	touch := "touch " + canary
	return []string{"$(" + touch + ")", "`" + touch + "`", "'; " + touch + "; '", `"; ` + touch + `; "`, "\n" + touch + "\n", "$'\\''; " + touch + "; '", "a\x1b'; " + touch + "\n'", "| " + touch, "&& " + touch,
		"> " + canary, "<(" + touch + ")", "${x:-$(" + touch + ")}", "\\'; " + touch + " #", "%s$(" + touch + ")\x01", "!touch", "-o" + canary, "--output=" + canary, "-K" + canary, "\u202e$(" + touch + ")", "\xff`" + touch + "`", "EOF\n" + touch}
}

// TestNothingButCurlRuns feeds captures that would run something through each shell, beside a curl that only writes down
// what it was called with.
func TestNothingButCurlRuns(t *testing.T) {
	for _, shell := range shells(t) {
		t.Run(strings.Join(shell, " "), func(t *testing.T) {
			path, err := exec.LookPath(shell[0])
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			canary, called := filepath.Join(dir, "canary"), filepath.Join(dir, "called")
			curl := "#!/bin/sh\nexec >> '" + called + "'\nfed=\nfor w; do printf '%s\\0' \"$w\"; [ \"$w\" != @- ] || fed=1; done\nprintf '\\0\\0FED\\0\\0'\n[ -z \"$fed\" ] || cat\nprintf '\\0\\0END\\0\\0'\n"
			if err := os.WriteFile(filepath.Join(dir, "curl"), []byte(curl), 0o700); err != nil {
				t.Fatal(err)
			}
			var captures []core.Capture
			for i, evil := range injections(canary) {
				field := strings.NewReplacer("\n", " ", "\x00", " ").Replace(evil)
				captures = append(captures, core.Capture{ID: core.CaptureID(i), Event: core.Event{Type: evil}, Request: core.Request{Method: field, Target: "/in?" + field, Proto: "HTTP/1.1", Base: evil + "://x", Host: field,
					Header: core.Header{{Name: "X-" + field, Value: field}, {Name: "Host", Value: field}}, Body: []byte(evil), Size: int64(len(evil))}})
			}
			text, _, err := export("curl", captures, exchange.Options{Reveal: true})
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(path, shell[1:]...)
			cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir + ":/bin:/usr/bin", "HOME=" + dir, "LC_ALL=C.UTF-8"}
			cmd.Stdin = bytes.NewReader(text)
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v, %s\n%s", err, out, text)
			}
			if _, err := os.Stat(canary); err == nil {
				t.Fatalf("something ran:\n%s", text)
			}
			said, _ := os.ReadFile(called)
			calls := strings.Split(strings.TrimSuffix(string(said), "\x00\x00END\x00\x00"), "\x00\x00END\x00\x00")
			if len(calls) != len(captures) {
				t.Fatalf("curl was called %d times for %d captures", len(calls), len(captures))
			}
			for i, call := range calls {
				c := &captures[i]
				evil, field := string(c.Request.Body), c.Request.Method
				words, fed, _ := strings.Cut(call, "\x00\x00FED\x00\x00")
				all := strings.Split(words, "\x00")
				if !slices.Contains(all, "X-"+field+": "+field) || !slices.Contains(all, field) {
					t.Errorf("%q: curl was called with %q", evil, all)
				}
				if !slices.Contains(all, evil) && fed != evil {
					t.Errorf("the body %q came as %q and %q", evil, all, fed)
				}
				for j, w := range all {
					if flag := strings.HasPrefix(w, "-o") || strings.HasPrefix(w, "--output") || strings.HasPrefix(w, "-K"); flag && all[j-1] != "-X" && !strings.HasPrefix(all[j-1], "--data") {
						t.Errorf("%q: curl reads a flag of the stranger's: %q", evil, all)
					}
				}
			}
		})
	}
}
