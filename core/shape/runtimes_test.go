package shape_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hookglass/core/shape"
)

// written are the sets that exported code is tried with: the program's samples, and 200 drawn by chance.
func written(t testing.TB) []set { return append(sampleSets(t), generatedSets(t, 200)...) }

func put(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func runs(t testing.TB, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if len(out) > 6000 {
		out = out[:6000]
	}
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

const roundTrip = `package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
)

func read(b []byte) any {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

// same compares values. A member that may be left out or null may come back as either.
func same(was, is any) bool {
	switch w := was.(type) {
	case map[string]any:
		i, ok := is.(map[string]any)
		if !ok || len(i) > len(w) {
			return false
		}
		for k, v := range w {
			got, there := i[k]
			if !there && v == nil {
				continue
			}
			if !there || !same(v, got) {
				return false
			}
		}
		return true
	case []any:
		i, ok := is.([]any)
		if !ok || len(i) != len(w) {
			return false
		}
		for k := range w {
			if !same(w[k], i[k]) {
				return false
			}
		}
		return true
	case json.Number:
		i, ok := is.(json.Number)
		if !ok {
			return false
		}
		if w == i {
			return true
		}
		a, _ := new(big.Rat).SetString(string(w))
		b, _ := new(big.Rat).SetString(string(i))
		x, _ := a.Float64()
		y, _ := b.Float64()
		return a.Cmp(b) == 0 || x == y
	}
	return was == is
}

func check[T any](set int) {
	text, err := os.ReadFile(fmt.Sprintf("bodies/%d.json", set))
	if err != nil {
		panic(err)
	}
	var bodies []json.RawMessage
	if err := json.Unmarshal(text, &bodies); err != nil {
		panic(err)
	}
	for _, b := range bodies {
		var v T
		if err := json.Unmarshal(b, &v); err != nil {
			fmt.Printf("set %d: %v: %s\n", set, err, b)
			os.Exit(1)
		}
		back, err := json.Marshal(v)
		if err != nil || !same(read(b), read(back)) {
			fmt.Printf("set %d: %v\nwas %s\nis  %s\n", set, err, b, back)
			os.Exit(1)
		}
		checked++
	}
}

var checked int
`

// TestGoCompilesAndGivesBackWhatItTook: the structs of each set take each body and write it again.
func TestGoCompilesAndGivesBackWhatItTook(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles 239 packages")
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "go.mod"), "module try\n\ngo 1.24\n")
	var imports, calls strings.Builder
	bodies := 0
	sets := written(t)
	for i, s := range sets {
		code := export(t, "go", s.named)
		put(t, filepath.Join(dir, fmt.Sprintf("s%d", i), "events.go"), code)
		list, _ := json.Marshal(raw(s.bodies))
		put(t, filepath.Join(dir, "bodies", fmt.Sprintf("%d.json", i)), string(list))
		fmt.Fprintf(&imports, "import s%d \"try/s%[1]d\"\n", i)
		fmt.Fprintf(&calls, "\tcheck[s%d.%s](%[1]d)\n", i, shape.RootName(s.named.Event))
		bodies += len(s.bodies)
	}
	put(t, filepath.Join(dir, "check.go"), roundTrip)
	put(t, filepath.Join(dir, "main.go"), "package main\n\nimport \"fmt\"\n"+imports.String()+"\nfunc main() {\n"+calls.String()+"\tfmt.Print(checked)\n}\n")
	if got := runs(t, dir, "go", "run", "."); got != fmt.Sprint(bodies) {
		t.Errorf("%s bodies came back, of %d", got, bodies)
	}
	t.Logf("%d bodies of %d sets", bodies, len(sets))
}

func raw(bodies []string) (out []json.RawMessage) {
	for _, b := range bodies {
		out = append(out, json.RawMessage(b))
	}
	return out
}

// TestScriptsCompileAndTakeTheirSamples needs TypeScript and Zod, which are no part of the program.
func TestScriptsCompileAndTakeTheirSamples(t *testing.T) {
	modules := os.Getenv("HOOKGLASS_TEST_NPM")
	if modules == "" {
		t.Skip("HOOKGLASS_TEST_NPM is not set: npm install typescript zod in some folder, and name it there")
	}
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(modules, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "package.json"), `{"type":"module"}`)
	put(t, filepath.Join(dir, "tsconfig.json"), `{"compilerOptions":{"strict":true,"target":"es2022","module":"nodenext","moduleResolution":"nodenext","outDir":"out","rootDir":".","skipLibCheck":true,"types":[]},"include":["*.ts"]}`)
	var main strings.Builder
	bodies, sets := 0, written(t)
	main.WriteString("let checked = 0;\ndeclare const console: { log(...x: unknown[]): void };\ndeclare const process: { exit(n: number): never };\n" +
		"function check(set: number, schema: { safeParse(v: unknown): { success: boolean; error?: unknown } }, texts: string[]) {\n  for (const text of texts) {\n    const r = schema.safeParse(JSON.parse(text));\n" +
		"    if (!r.success) { console.log(set, String(r.error), text); process.exit(1); }\n    checked++;\n  }\n}\n")
	for i, s := range sets {
		root := shape.RootName(s.named.Event)
		code := export(t, "ts", s.named)
		var uses strings.Builder
		for k, b := range s.bodies {
			if !strings.Contains(b, "1e400") && k < 20 {
				fmt.Fprintf(&uses, "export const sample%d: %s = %s;\n", k, root, b)
			}
		}
		put(t, filepath.Join(dir, fmt.Sprintf("t%d.ts", i)), code+uses.String())
		put(t, filepath.Join(dir, fmt.Sprintf("z%d.ts", i)), export(t, "zod", s.named))
		texts, _ := json.Marshal(s.bodies)
		fmt.Fprintf(&main, "import { %s as r%d } from \"./z%[2]d.js\";\ncheck(%[2]d, r%[2]d, %s);\n", root, i, texts)
		bodies += len(s.bodies)
	}
	main.WriteString("console.log(checked);\n")
	put(t, filepath.Join(dir, "main.ts"), main.String())
	runs(t, dir, "node", "node_modules/typescript/bin/tsc", "-p", ".")
	if got := strings.TrimSpace(runs(t, dir, "node", "out/main.js")); got != fmt.Sprint(bodies) {
		t.Errorf("%s bodies were taken, of %d", got, bodies)
	}
	t.Logf("%d bodies of %d sets", bodies, len(sets))
}

const pythonCheck = `import importlib, json, sys
kind = sys.argv[1]
checked = 0

def read(name):
    with open(name, encoding="utf-8") as f:
        return json.load(f)

for set, root in read("sets.json"):
    module = importlib.import_module(f"{kind}{set}")
    for body in read(f"{set}.json"):
        made = getattr(module, root)
        if kind == "p":
            made.model_validate(body)
        elif not isinstance(made, str):
            made.from_dict(body)
        checked += 1
print(checked)
`

// TestPythonImportsAndTakesItsSamples: the dataclasses with Python alone, the models where Pydantic is there.
func TestPythonImportsAndTakesItsSamples(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	dir := t.TempDir()
	var roots [][2]any
	bodies, sets := 0, written(t)
	for i, s := range sets {
		put(t, filepath.Join(dir, fmt.Sprintf("p%d.py", i)), export(t, "python", s.named))
		put(t, filepath.Join(dir, fmt.Sprintf("d%d.py", i)), export(t, "dataclass", s.named))
		list, _ := json.Marshal(raw(s.bodies))
		put(t, filepath.Join(dir, fmt.Sprintf("%d.json", i)), string(list))
		roots = append(roots, [2]any{i, shape.RootName(s.named.Event)})
		bodies += len(s.bodies)
	}
	list, _ := json.Marshal(roots)
	put(t, filepath.Join(dir, "sets.json"), string(list))
	put(t, filepath.Join(dir, "check.py"), pythonCheck)
	kinds := []string{"d", "p"}
	if exec.Command(python, "-c", "import pydantic; assert pydantic.VERSION >= '2'").Run() != nil {
		t.Log("Pydantic 2 is not there: its models are not tried")
		kinds = kinds[:1]
	}
	for _, kind := range kinds {
		if got := strings.TrimSpace(runs(t, dir, python, "-W", "error", "check.py", kind)); got != fmt.Sprint(bodies) {
			t.Errorf("%s: %s bodies were taken, of %d", kind, got, bodies)
		}
	}
	t.Logf("%d bodies of %d sets with %v", bodies, len(sets), kinds)
}
