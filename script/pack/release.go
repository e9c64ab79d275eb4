package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// manifests are what other collections ask for, each filled in from its template.
var manifests = []struct{ template, out string }{
	{"flatpak.yml", "io.github.hookglass.Hookglass.yml"},
	{"homebrew.rb", "hookglass.rb"},
	{"scoop.json", "hookglass.json"},
	{"winget.version.yaml", "winget/Hookglass.Hookglass.yaml"},
	{"winget.installer.yaml", "winget/Hookglass.Hookglass.installer.yaml"},
	{"winget.locale.yaml", "winget/Hookglass.Hookglass.locale.en-US.yaml"},
}

// elsewhere is what one Linux machine cannot do.
var elsewhere = []string{
	"macOS: the program, its .dmg and the notarisation: .ci/macos.yml, which belongs into .github/workflows, on a Mac (never run by make)",
	"Flatpak: flatpak-builder with the manifest, where flatpak is",
	"publishing: put the files of dist/ where " + homepage + "/releases/download/vVERSION/ leads, then hand the manifests to Flathub, Homebrew, Scoop and winget",
	"a signature of SHA256SUMS with the maintainers' key",
}

// release packs the sources, fills in the manifests and says what is left.
func (b *builder) release() error {
	if err := b.sources(); err != nil {
		return err
	}
	var left []string
	for _, m := range manifests {
		text, err := b.manifest(m.template)
		if err != nil {
			left = append(left, m.out+": "+err.Error())
			continue
		}
		if err := os.MkdirAll(filepath.Join(b.out, "manifests", filepath.Dir(m.out)), 0o755); err != nil {
			return err
		}
		if err := b.write("manifests/"+m.out, text); err != nil {
			return err
		}
	}
	if os.Getenv("HOOKGLASS_SIGN_PFX") == "" {
		left = append(left, "Windows: the programs are not signed; HOOKGLASS_SIGN_PFX names a certificate, and osslsigncode signs with it")
	}
	for _, t := range targets {
		if found, _ := filepath.Glob(filepath.Join(b.out, b.name(t)+".*")); len(found) == 0 {
			left = append(left, t.name+": not packed; make package TARGETS="+t.name)
		}
	}
	fmt.Println("left to do:")
	for _, l := range append(left, elsewhere...) {
		fmt.Println("  -", strings.ReplaceAll(l, "VERSION", b.version))
	}
	return nil
}

// sources packs what git has of this commit, for those who build from it.
func (b *builder) sources() error {
	name := "hookglass-" + b.version + ".tar.gz"
	if err := b.call(b.root, "git", "-c", "tar.tar.gz.command=gzip -n9", "archive", "--format=tar.gz", "--prefix=hookglass-"+b.version+"/", "-o", filepath.Join(b.out, name), "HEAD"); err != nil {
		return err
	}
	b.made = append(b.made, name)
	return nil
}

// manifest fills a template in. A file that is asked for and not there is an error that names it.
func (b *builder) manifest(name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(b.root, "script", "pack", "templates", name))
	if err != nil {
		return nil, err
	}
	t, err := template.New(name).Funcs(template.FuncMap{
		"sha": func(file string) (string, error) {
			data, err := os.ReadFile(filepath.Join(b.out, file))
			if err != nil {
				return "", fmt.Errorf("%s is not packed", file)
			}
			return fmt.Sprintf("%x", sha256.Sum256(data)), nil
		},
		"url":   func(file string) string { return homepage + "/releases/download/v" + b.version + "/" + file },
		"upper": strings.ToUpper,
	}).Parse(string(text))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, map[string]string{"Version": b.version, "Homepage": homepage, "Date": b.at.Format("2006-01-02")})
	return out.Bytes(), err
}
