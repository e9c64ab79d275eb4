package exchange_test

import (
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
			curl := "#!/bin/sh\necho called >> '" + called + "'\nfor w; do printf '%s\\0' \"$w\" >> '" + called + ".words'; done\n/bin/cat > '" + called + ".fed'\n"
			if err := os.WriteFile(filepath.Join(dir, "curl"), []byte(curl), 0o700); err != nil {
				t.Fatal(err)
			}
			for i, evil := range injections(canary) {
				field := strings.NewReplacer("\n", " ", "\x00", " ").Replace(evil)
				c := core.Capture{ID: core.CaptureID(i), Event: core.Event{Type: evil}, Request: core.Request{Method: field, Target: "/in?" + field, Proto: "HTTP/1.1", Base: evil + "://x", Host: field,
					Header: core.Header{{Name: "X-" + field, Value: field}, {Name: "Host", Value: field}}, Body: []byte(evil), Size: int64(len(evil))}}
				for _, where := range []string{"export", "show"} {
					for _, name := range []string{called, called + ".words", called + ".fed"} {
						os.Remove(name)
					}
					text := exchange.Curl(c.Request)
					if where == "export" {
						data, _, err := export("curl", []core.Capture{c}, exchange.Options{Reveal: true})
						if err != nil {
							t.Fatal(err)
						}
						text = string(data)
					}
					cmd := exec.Command(path, shell[1:]...)
					cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir, "HOME=" + dir, "LC_ALL=C.UTF-8"} // so that touch is found by nobody but through a path
					cmd.Stdin = strings.NewReader("PATH=" + dir + ":/bin:/usr/bin\n" + text + "\n")
					out, err := cmd.CombinedOutput()
					if err != nil || len(out) > 0 {
						t.Errorf("%s %q: %v, %s\n%s", where, evil, err, out, text)
					}
					if _, err := os.Stat(canary); err == nil {
						t.Fatalf("%s %q ran:\n%s", where, evil, text)
					}
					times, _ := os.ReadFile(called)
					words, _ := os.ReadFile(called + ".words")
					fed, _ := os.ReadFile(called + ".fed")
					all := strings.Split(string(words), "\x00")
					if string(times) != "called\n" || !slices.Contains(all, "X-"+field+": "+field) || !slices.Contains(all, field) {
						t.Errorf("%s %q: curl was called %q with %q", where, evil, times, all)
					}
					if !slices.Contains(all, evil) && string(fed) != evil {
						t.Errorf("%s: the body %q came as %q and %q", where, evil, all, fed)
					}
					if i := slices.IndexFunc(all, func(w string) bool {
						return strings.HasPrefix(w, "-o") || strings.HasPrefix(w, "--output") || strings.HasPrefix(w, "-K")
					}); i > 0 && all[i-1] != "-X" && !strings.HasPrefix(all[i-1], "--data") {
						t.Errorf("%s %q: curl reads a flag of the stranger's: %q", where, evil, all)
					}
				}
			}
		})
	}
}
