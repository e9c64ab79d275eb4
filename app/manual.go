package main

import (
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"hookglass/core"
)

// manual writes what packages bring beside the program: its manual pages and what shells complete by. It is made from the
// commands themselves, so that it never says anything else than --help.
func (p *program) manual() *cobra.Command {
	return &cobra.Command{
		Use:    "manual FOLDER",
		Short:  "Write the manual pages and the shells' completions into a folder",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE:   func(cmd *cobra.Command, args []string) error { return writeManual(cmd.Root(), args[0]) },
	}
}

// writeManual writes man1 and completions below folder. The date is that of SOURCE_DATE_EPOCH, so that two packages of the
// same sources are the same.
func writeManual(root *cobra.Command, folder string) error {
	at := time.Now()
	if said := os.Getenv("SOURCE_DATE_EPOCH"); said != "" {
		n, err := strconv.ParseInt(said, 10, 64)
		if err != nil {
			return &core.Invalid{Field: "SOURCE_DATE_EPOCH", Reason: "want a number of seconds since 1970"}
		}
		at = time.Unix(n, 0).UTC()
	}
	pages, shells := filepath.Join(folder, "man1"), filepath.Join(folder, "completions")
	for _, dir := range []string{pages, shells} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	root.InitDefaultHelpCmd()
	root.DisableAutoGenTag = true
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Date: &at, Source: appName + " " + version, Manual: appName}, pages); err != nil {
		return err
	}
	for name, write := range map[string]func(string) error{
		"hookglass":      func(f string) error { return root.GenBashCompletionFileV2(f, true) },
		"_hookglass":     root.GenZshCompletionFile,
		"hookglass.fish": func(f string) error { return root.GenFishCompletionFile(f, true) },
		"hookglass.ps1":  root.GenPowerShellCompletionFileWithDesc,
	} {
		if err := write(filepath.Join(shells, name)); err != nil {
			return err
		}
	}
	return nil
}
