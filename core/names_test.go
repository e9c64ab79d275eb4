package core_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hookglass/core/platform"
)

// TestPlatformsGoByNoNameOutside: what differs between platforms is declared in their package. A name or title of one in
// the code of another package would be a second home for it, which the next platform's author would have to find.
func TestPlatformsGoByNoNameOutside(t *testing.T) {
	var names []string
	for _, p := range platform.All {
		if p.Name != "generic" { // the source without a platform
			names = append(names, p.Name, p.Title)
		}
	}
	inside := filepath.Join("..", "core", "platform")
	for _, file := range goFiles(t) {
		if strings.HasPrefix(file, inside+string(filepath.Separator)) {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, _ := strconv.Unquote(lit.Value); slices.Contains(names, text) {
					t.Errorf("%s names the platform %s; let it declare what differs, in core/platform", set.Position(lit.Pos()), text)
				}
			}
			return true
		})
	}
}

// goFiles are the program's own files, tests apart.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, dir := range []string{"app", "assets", "core", "ui"} {
		err := filepath.WalkDir(filepath.Join("..", dir), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 100 {
		t.Fatalf("only %d files are found", len(files))
	}
	return files
}
