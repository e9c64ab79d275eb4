package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// target is a program to build and what to put it into.
type target struct {
	name     string
	os, arch string
	headless bool
	cc       string // the C compiler where it is not the host's own
	windres  string // what compiles Windows resources
}

var targets = []target{
	{name: "linux/amd64", os: "linux", arch: "amd64", cc: "x86_64-linux-gnu-gcc"},
	{name: "linux/amd64/headless", os: "linux", arch: "amd64", headless: true, cc: "x86_64-linux-gnu-gcc"},
	{name: "linux/arm64", os: "linux", arch: "arm64", cc: "aarch64-linux-gnu-gcc"},
	{name: "linux/arm64/headless", os: "linux", arch: "arm64", headless: true, cc: "aarch64-linux-gnu-gcc"},
	{name: "windows/amd64", os: "windows", arch: "amd64", cc: "x86_64-w64-mingw32-gcc", windres: "x86_64-w64-mingw32-windres"},
	{name: "windows/amd64/headless", os: "windows", arch: "amd64", headless: true, cc: "x86_64-w64-mingw32-gcc", windres: "x86_64-w64-mingw32-windres"},
}

func targetOf(name string) (target, error) {
	i := slices.IndexFunc(targets, func(t target) bool { return t.name == name })
	if i < 0 {
		var names []string
		for _, t := range targets {
			names = append(names, t.name)
		}
		return target{}, fmt.Errorf("there is no target %q; want %s", name, strings.Join(names, ", "))
	}
	return targets[i], nil
}

// tags are those of the Makefile.
func (t target) tags() string {
	switch {
	case t.headless:
		return "sqlite_fts5 nogui"
	case t.os == "linux":
		return "sqlite_fts5 x11 migrated_fynedo no_emoji"
	}
	return "sqlite_fts5 migrated_fynedo no_emoji"
}

// pkg is the name of the package.
func (t target) pkg() string {
	if t.headless {
		return "hookglass-headless"
	}
	return "hookglass"
}

// builder makes packages of one version.
type builder struct {
	root, out, work string
	version         string
	at              time.Time
	manual          []file // what packages for Linux bring beside the program; made once
	made            []string
}

// file is one thing that is installed.
type file struct {
	path  string // below the root of the system, or of the archive
	bytes []byte
	mode  os.FileMode
}

func (b *builder) pack(t target) error {
	program, err := b.build(t)
	if err != nil {
		return err
	}
	linked, err := linkedInto(b.root, program, t)
	if err != nil {
		return err
	}
	sbom, err := b.sbom(t, linked)
	if err != nil {
		return err
	}
	if err := b.write(b.name(t)+".cdx.json", sbom); err != nil {
		return err
	}
	if t.os == "windows" {
		return b.windows(t, program, linked)
	}
	return b.linux(t, program, linked)
}

// name begins the names of a target's files.
func (b *builder) name(t target) string {
	return strings.Join([]string{t.pkg(), b.version, t.os, t.arch}, "-")
}

// build builds the program: no path of this machine, nothing of its version control, position independent, the tables of its
// linking read-only once it runs.
func (b *builder) build(t target) (program string, err error) {
	program = filepath.Join(b.work, strings.ReplaceAll(t.name, "/", "-"), "hookglass")
	ld := "-s -w -X main.version=" + b.version
	if t.os == "windows" {
		program += ".exe"
		forget, err := b.resources(t)
		if err != nil {
			return "", err
		}
		defer forget()
		ld += " -extldflags=-Wl,--no-insert-timestamp"
	} else {
		ld += " -extldflags=-Wl,-z,relro,-z,now"
	}
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-buildmode=pie", "-tags", t.tags(), "-ldflags", ld, "-o", program, "./app")
	cmd.Dir, cmd.Stdout, cmd.Stderr = b.root, os.Stderr, os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "GOOS="+t.os, "GOARCH="+t.arch, "GOFLAGS=")
	if t.os != "linux" || t.arch != hostArch() {
		if _, err := exec.LookPath(t.cc); err != nil {
			return "", fmt.Errorf("%w; it is in Debian's package %s", err, compilers[t.cc])
		}
		cmd.Env = append(cmd.Env, "CC="+t.cc)
	}
	fmt.Fprintln(os.Stderr, "pack: building", t.name)
	if err := cmd.Run(); err != nil {
		return "", errors.New("the program does not build, see above")
	}
	return program, nil
}

// compilers are the Debian packages of what builds for other machines.
var compilers = map[string]string{"aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu", "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64", "x86_64-linux-gnu-gcc": "gcc-x86-64-linux-gnu"}

// write writes a file of the result.
func (b *builder) write(name string, data []byte) error {
	b.made = append(b.made, name)
	fmt.Fprintf(os.Stderr, "pack: %s, %d bytes\n", filepath.Join(filepath.Base(b.out), name), len(data))
	return os.WriteFile(filepath.Join(b.out, name), data, 0o644)
}
