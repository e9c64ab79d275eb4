package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestMetadataAgrees: FyneApp.toml is what packaging reads, the code is what runs. A program that stores its settings
// under one id and is installed under another loses them.
func TestMetadataAgrees(t *testing.T) {
	toml, err := os.ReadFile("../FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	said := func(key string) string {
		m := regexp.MustCompile(`(?m)^\s*` + key + `\s*=\s*"?([^"\n]*)"?\s*$`).FindSubmatch(toml)
		if m == nil {
			t.Fatalf("FyneApp.toml has no %s", key)
		}
		return string(m[1])
	}
	code := constants(t)
	for key, name := range map[string]string{"ID": "appID", "Name": "appName", "Version": "version"} {
		got, ok := code[name]
		if !ok {
			continue // built without a window: there is nothing that could differ
		}
		if want := said(key); got != want {
			t.Errorf("%s is %q, FyneApp.toml says %s = %q", name, got, key, want)
		}
	}
	if said("fyneDo") != "true" {
		t.Error("FyneApp.toml does not say that the program uses fyne.Do")
	}
	if icon, err := os.Stat(filepath.Join("..", said("Icon"))); err != nil || icon.Size() == 0 {
		t.Errorf("icon: %v", err)
	}
}

// constants are the package's texts by name, whatever the build tags of their files.
func constants(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == len(v.Names) {
				for i, name := range v.Names {
					if lit, ok := v.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
						found[name.Name], _ = strconv.Unquote(lit.Value)
					}
				}
			}
			return true
		})
	}
	return found
}
