// Command pack makes what Hookglass is installed from: a .deb, an .rpm and an archive for Linux, a zip and an installer for Windows,
// each with what belongs to it, and the checksums of all. It is a module of its own, so that what packs the program is no
// dependency of the program.
//
//	go run . [-out DIR] [-version V] [-release] TARGET...
//
// The targets are linux/amd64, linux/amd64/headless, linux/arm64/headless, windows/amd64 and windows/amd64/headless. The same sources and
// the same SOURCE_DATE_EPOCH make the same files, byte for byte.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run() error {
	out := flag.String("out", "dist", "folder to write into, below the root of the sources")
	version := flag.String("version", "", "version of the program (default: that of FyneApp.toml)")
	release := flag.Bool("release", false, "pack the sources, too, fill in the manifests of other collections, and say what is left")
	modules := flag.String("modules", "", "check, or write, the table of docs/modules.md, of the programs in bin/; packs nothing")
	flag.Parse()
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	b := &builder{root: root, out: filepath.Join(root, *out), version: *version}
	switch *modules {
	case "":
	case "check", "write":
		return b.modules(*modules == "write")
	default:
		return fmt.Errorf("-modules %q: want check or write", *modules)
	}
	if b.version == "" {
		if b.version, err = versionOf(root); err != nil {
			return err
		}
	}
	if b.at, err = epoch(root); err != nil {
		return err
	}
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return err
	}
	if b.work, err = os.MkdirTemp("", "hookglass-pack"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	if flag.NArg() == 0 && !*release {
		return errors.New("name a target: linux/amd64, linux/amd64/headless, linux/arm64/headless, windows/amd64, windows/amd64/headless")
	}
	var targets []target
	for _, name := range flag.Args() {
		t, err := targetOf(name)
		if err != nil {
			return err
		}
		targets = append(targets, t)
	}
	for _, t := range targets {
		if err := b.pack(t); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	if *release {
		if err := b.release(); err != nil {
			return err
		}
	}
	return b.sums()
}

// versionOf reads the one place that has the version.
func versionOf(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "FyneApp.toml"))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(line, "=")
		if ok && strings.TrimSpace(key) == "Version" {
			return strings.Trim(strings.TrimSpace(value), `"`), nil
		}
	}
	return "", errors.New("FyneApp.toml has no Version")
}

// epoch is the time that all files get: SOURCE_DATE_EPOCH, or that of the last commit.
func epoch(root string) (time.Time, error) {
	said := os.Getenv("SOURCE_DATE_EPOCH")
	if said == "" {
		cmd := exec.Command("git", "log", "-1", "--format=%ct")
		cmd.Dir = root
		got, err := cmd.Output()
		if err != nil {
			return time.Time{}, errors.New("these sources are no git clone: set SOURCE_DATE_EPOCH to the seconds since 1970 that all files shall have")
		}
		said = strings.TrimSpace(string(got))
	}
	n, err := strconv.ParseInt(said, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH=%q: want a number of seconds since 1970", said)
	}
	return time.Unix(n, 0).UTC(), nil
}
