package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"mvdan.cc/sh/v3/shell"
)

var (
	fenced    = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```")
	lineOfOur = regexp.MustCompile(`(?:^|[\s'"(])(?:\./|\S*/)?hookglass ([a-z].*)`)
)

// TestGuidesNameWhatExists: every command line of ours in the guides is one that the program takes, and their YAML is YAML.
func TestGuidesNameWhatExists(t *testing.T) {
	guides, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, guide := range append(guides, "../README.md") {
		text, err := os.ReadFile(guide)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range fenced.FindAllStringSubmatch(strings.ReplaceAll(string(text), "\\\n", " "), -1) {
			switch block[1] {
			case "yaml":
				var doc map[string]any
				if err := yaml.Unmarshal([]byte(block[2]), &doc); err != nil || len(doc) == 0 {
					t.Errorf("%s: %v in\n%s", guide, err, block[2])
				}
			case "sh":
			default:
				continue
			}
			for line := range strings.Lines(block[2]) {
				found := lineOfOur.FindStringSubmatch(strings.TrimSpace(line))
				if found == nil || strings.Contains(line, "podman ") || strings.Contains(line, "image:") {
					continue
				}
				commands++
				if err := takes(strings.TrimSuffix(strings.TrimSpace(found[1]), "&")); err != nil {
					t.Errorf("%s: hookglass %s: %v", guide, found[1], err)
				}
			}
		}
	}
	if commands < 12 {
		t.Errorf("only %d commands were found in the guides", commands)
	}
}

// takes is an error where the program has no such command, or the command no such flag or argument.
func takes(line string) error {
	line, _, _ = strings.Cut(line, " | ")
	line, _, _ = strings.Cut(line, " > ")
	line, _, _ = strings.Cut(line, " >> ")
	line, _, _ = strings.Cut(strings.TrimRight(line, ")'\"`;"), " # ")
	args, err := shell.Fields(line, func(name string) string { return "$" + name })
	if err != nil {
		return err
	}
	root := newProgram().root()
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}
