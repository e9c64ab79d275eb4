package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// part is a work of others that the program carries.
type part struct {
	name, version string // of a module its path and version
	purl          string
	sum           string // go.sum's
	licences      []licence
}

// licence is a text that has to travel with a part.
type licence struct {
	file string   // where it stood, below the part
	ids  []string // SPDX; none: of no kind that is known here
	text string
}

// linkedInto lists what is linked into a program, as the program itself says, with the licences that lie beside the sources. What has
// no licence is refused: it could not be passed on.
func linkedInto(root, program string, t target) ([]part, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	dirs, err := moduleDirs(root, t)
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, m := range info.Deps {
		if m.Replace != nil {
			return nil, fmt.Errorf("%s is replaced: its source could not be named", m.Path)
		}
		p := part{name: m.Path, version: m.Version, purl: "pkg:golang/" + m.Path + "@" + m.Version, sum: m.Sum}
		if p.licences, err = licencesBelow(dirs[m.Path].dir, dirs[m.Path].packages); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Path, err)
		}
		parts = append(parts, p)
	}
	others, err := carried(root, info.GoVersion, dirs, t)
	return append(others, parts...), err
}

// module is where a module's sources are, and the folders of those of its packages that are linked.
type module struct {
	dir      string
	packages []string
}

func moduleDirs(root string, t target) (map[string]module, error) {
	cmd := exec.Command("go", "list", "-deps", "-tags", t.tags(), "-json=Dir,Module", "./app")
	cmd.Dir, cmd.Stderr = root, os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "GOOS="+t.os, "GOARCH="+t.arch, "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	all := map[string]module{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir    string
			Module *struct{ Path, Dir string }
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		if p.Module != nil {
			m := all[p.Module.Path]
			m.dir, m.packages = p.Module.Dir, append(m.packages, p.Dir)
			all[p.Module.Path] = m
		}
	}
}

var licenceFile = regexp.MustCompile(`(?i)^(un)?licen[cs]es?\b|^copying\b|^notice\b|^patents$`)

// licencesBelow reads the licences at a module's root, and those of the folders on the way to packages that are linked.
func licencesBelow(dir string, packages []string) ([]licence, error) {
	if dir == "" {
		return nil, errors.New("its sources are not there; run go mod download")
	}
	seen := map[string]bool{dir: true}
	for _, p := range packages {
		for ; len(p) > len(dir) && strings.HasPrefix(p, dir); p = filepath.Dir(p) {
			seen[p] = true
		}
	}
	var found []licence
	for folder := range seen {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.IsDir() || !licenceFile.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(folder, e.Name()))
			if err != nil {
				return nil, err
			}
			rel, err := filepath.Rel(dir, filepath.Join(folder, e.Name()))
			if err != nil {
				return nil, err
			}
			found = append(found, licenceOf(filepath.ToSlash(rel), string(text)))
		}
	}
	slices.SortFunc(found, func(a, b licence) int { return strings.Compare(a.file, b.file) })
	if len(found) == 0 {
		return nil, errors.New("there is no licence beside its sources")
	}
	return found, nil
}

func licenceOf(file, text string) licence {
	return licence{file: path.Clean(file), ids: licenceIDs(text), text: strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))}
}

// licenceIDs knows the usual licences by words that no other has. A file may hold several.
func licenceIDs(text string) (ids []string) {
	flat := strings.ToLower(strings.Join(strings.Fields(text), " "))
	has := func(words string) bool { return strings.Contains(flat, words) }
	bsd := has("redistribution and use in source and binary forms")
	named := has("neither the name") || has("ndorse or promote products")
	for _, known := range []struct {
		id   string
		here bool
	}{
		{"Apache-2.0", has("apache license") && has("version 2.0")},
		{"MPL-2.0", has("mozilla public license") && has("2.0")},
		{"OFL-1.1", has("sil open font license version 1.1")},
		{"Zlib", has("this software is provided 'as-is', without any express or implied warranty")},
		{"ISC", has("permission to use, copy, modify, and/or distribute this software for any purpose") || has("permission to use, copy, modify, and distribute this software for any purpose")},
		{"BSD-3-Clause", bsd && named},
		{"BSD-2-Clause", bsd && !named},
		{"MIT", has("permission is hereby granted, free of charge, to any person obtaining a copy")},
		{"Unlicense", has("this is free and unencumbered software released into the public domain")},
	} {
		if known.here {
			ids = append(ids, known.id)
		}
	}
	return ids
}

// ids are the kinds of all licences of a part, in the order in which they were found.
func (p *part) ids() (ids []string) {
	for _, l := range p.licences {
		for _, id := range l.ids {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// carried are the works that no module names: Go's own library, the C libraries within modules, and what assets embeds.
func carried(root, goVersion string, dirs map[string]module, t target) ([]part, error) {
	goroot, err := goEnv(root, "GOROOT")
	if err != nil {
		return nil, err
	}
	read := func(p *part, file, name string) {
		text, e := os.ReadFile(file)
		if e != nil {
			err = errors.Join(err, e)
		}
		p.licences = append(p.licences, licenceOf(name, string(text)))
	}
	std := part{name: "Go standard library", version: strings.TrimPrefix(goVersion, "go"), purl: "pkg:golang/std@" + strings.TrimPrefix(goVersion, "go")}
	read(&std, filepath.Join(goroot, "LICENSE"), "LICENSE")
	sqlite, e := sqliteOf(dirs["github.com/mattn/go-sqlite3"].dir)
	parts, err := []part{std, sqlite}, errors.Join(err, e)
	if t.headless {
		return parts, err
	}
	for _, a := range []struct{ name, file string }{{"Inter", "fonts/OFL-Inter.txt"}, {"JetBrains Mono", "fonts/OFL-JetBrainsMono.txt"}, {"Lucide icons", "icons/LICENSE"}} {
		p := part{name: a.name}
		read(&p, filepath.Join(root, "assets", a.file), path.Base(a.file))
		parts = append(parts, p)
	}
	return parts, err
}

// sqliteOf reads the version of the SQLite within its Go module; its authors gave it into the public domain.
func sqliteOf(dir string) (part, error) {
	text, err := os.ReadFile(filepath.Join(dir, "sqlite3-binding.h"))
	if err != nil {
		return part{}, err
	}
	m := regexp.MustCompile(`#define SQLITE_VERSION\s+"([^"]+)"`).FindSubmatch(text)
	if m == nil {
		return part{}, errors.New("the version of SQLite is not where it used to be")
	}
	return part{name: "SQLite", version: string(m[1]), purl: "pkg:generic/sqlite@" + string(m[1]),
		licences: []licence{{file: "sqlite3-binding.c", ids: []string{"blessing"}, text: "The authors disclaim copyright to this source code: it is in the public domain."}}}, nil
}

func goEnv(root, name string) (string, error) {
	cmd := exec.Command("go", "env", name)
	cmd.Dir = root
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}
