package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// page is the documentation of what the programs are linked of.
const page = "docs/modules.md"

// modules holds the table of that page against the two programs in bin/, or with write puts it there.
func (b *builder) modules(write bool) error {
	if runtime.GOOS != "linux" {
		fmt.Fprintln(os.Stderr, "pack: other systems link other modules;", page, "has those of Linux")
		return nil
	}
	table, err := b.table()
	if err != nil {
		return err
	}
	file := filepath.Join(b.root, filepath.FromSlash(page))
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), "\n| module |")
	_, after, ended := strings.Cut(rest, "\n\n")
	if !ok || !ended {
		return fmt.Errorf("%s has no table of modules", page)
	}
	now := before + "\n" + table + "\n" + after
	switch {
	case now == string(text):
		return nil
	case write:
		return os.WriteFile(file, []byte(now), 0o644)
	}
	return fmt.Errorf("%s is not what the programs are linked of; make modules writes it anew", page)
}

// table has a row for each module of bin/hookglass and bin/hookglass-nogui.
func (b *builder) table() (string, error) {
	linked := map[string]part{}
	into := map[string][]string{}
	for _, program := range []struct{ file, target, name string }{
		{"hookglass", "linux/" + runtime.GOARCH, "the window"}, {"hookglass-nogui", "linux/" + runtime.GOARCH + "/headless", "the commands"},
	} {
		t, err := targetOf(program.target)
		if err != nil {
			return "", err
		}
		parts, err := linkedInto(b.root, filepath.Join(b.root, "bin", program.file), t)
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("%w; make build headless", err)
		}
		if err != nil {
			return "", err
		}
		for _, p := range parts {
			if p.sum == "" { // no module: Go's own library, SQLite, fonts
				continue
			}
			linked[p.name] = p
			into[p.name] = append(into[p.name], program.name)
		}
	}
	out := "| module | version | licence | linked into |\n|---|---|---|---|\n"
	for _, name := range slices.Sorted(maps.Keys(linked)) {
		p, where := linked[name], into[name][0]
		if len(into[name]) == 2 {
			where = "both"
		}
		out += fmt.Sprintf("| %s | %s | %s | %s |\n", name, p.version, strings.Join(p.ids(), ", "), where)
	}
	return out, nil
}
