package eye

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"image"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// ComparesPictures skips a test that paints for minutes under the race detector, which learns nothing there: one goroutine paints.
// make test runs these without it.
func ComparesPictures(t *testing.T) {
	t.Helper()
	if Raced {
		t.Skip("paints for minutes under the race detector; make test runs it without")
	}
}

// Forget throws away the renderers of o and of all below it, as Fyne does with those that it did not draw for a minute.
func Forget(t *testing.T, o fyne.CanvasObject) {
	var all []fyne.Widget
	everyWidget(o, func(w fyne.Widget) { all = append(all, w) })
	t.Run("thrown away", func(t *testing.T) {
		for _, w := range all {
			test.TempWidgetRenderer(t, w) // until the end of this function
		}
	})
}

// Kinds puts the types of the widgets of o and below it into a set, as "control.Text", with those that they are built on.
func Kinds(o fyne.CanvasObject, into map[string]bool) {
	var add func(reflect.Type)
	add = func(kind reflect.Type) {
		into[kind.String()] = true
		for i := range kind.NumField() {
			if f := kind.Field(i); f.Anonymous && f.Type.Kind() == reflect.Struct {
				add(f.Type)
			}
		}
	}
	everyWidget(o, func(w fyne.Widget) { add(reflect.TypeOf(w).Elem()) })
}

// everyWidget visits also what is hidden.
func everyWidget(o fyne.CanvasObject, visit func(fyne.Widget)) {
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			everyWidget(c, visit)
		}
	case fyne.Widget:
		visit(o)
		for _, c := range test.WidgetRenderer(o).Objects() {
			everyWidget(c, visit)
		}
	}
}

// KindsIn are the widgets that the Go files of a folder declare.
func KindsIn(t *testing.T, folder string) (kinds []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s: %v", folder, err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Name.Name != "CreateRenderer" || fn.Recv == nil || strings.HasSuffix(file, "_test.go") {
				continue
			}
			kind := fn.Recv.List[0].Type
			if star, ok := kind.(*ast.StarExpr); ok {
				kind = star.X
			}
			kinds = append(kinds, fmt.Sprintf("%s.%s", f.Name.Name, kind.(*ast.Ident).Name))
		}
	}
	return kinds
}

// Differ counts the pixels in which two pictures are not the same.
func Differ(a, b image.Image) (n int) {
	if a.Bounds() != b.Bounds() {
		return max(a.Bounds().Dx()*a.Bounds().Dy(), 1)
	}
	if x, ok := a.(*image.NRGBA); ok {
		if y, ok := b.(*image.NRGBA); ok && bytes.Equal(x.Pix, y.Pix) {
			return 0
		}
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				n++
			}
		}
	}
	return n
}
