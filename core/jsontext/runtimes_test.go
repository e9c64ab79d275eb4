package jsontext_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"hookglass/core/jsontext"
)

// testdata/runtimes.json is what real runtimes print of texts on which readers and writers of JSON disagree. It was
// made, and is made anew, with node, python3 and php on the path, by
//
//	go test ./core/jsontext -run TestRuntimes -update
//
// The table is always held against our dialects; a runtime that is at hand is asked again, about the table's texts and
// random ones.
var update = flag.Bool("update", false, "write testdata/runtimes.json with the runtimes that are at hand")

const tableFile = "testdata/runtimes.json"

// table has a row for each text: the text, then what each manner makes of it, null where the runtime refuses.
// A text that is no UTF-8 stands as "base64:…".
type table struct {
	Made    string
	Manners []string
	Rows    [][]*string
}

// manner is one way to print, in a runtime's language and in ours.
type manner struct {
	runtime, code string
	print         func(jsontext.Value) []byte
}

func by(d jsontext.Dialect) func(jsontext.Value) []byte {
	return func(v jsontext.Value) []byte { return d.Append(nil, v) }
}

var manners = []manner{
	{"node", "JSON.stringify(x)", by(jsontext.JavaScript)},
	{"node", "JSON.stringify(x, null, 2)", by(jsontext.JavaScript.Indented("  "))},
	{"python3", "json.dumps(x)", by(jsontext.Python)},
	{"python3", "json.dumps(x, sort_keys=True)", by(jsontext.Python.Sorted())},
	{"python3", "json.dumps(x, ensure_ascii=False)", by(jsontext.PythonUTF8)},
	{"python3", "json.dumps(x, indent=2)", by(jsontext.Python.Indented("  "))},
	{"python3", "json.dumps(x, ensure_ascii=False, allow_nan=False, separators=(',', ':'))", by(jsontext.FastAPI)},
	{"python3", "str([x])", func(v jsontext.Value) []byte {
		v, _ = read("python3", "["+v.Source()+"]")
		return v.PythonString(nil)
	}},
	{"php", "json_encode($x)", by(jsontext.PHP(0))},
	{"php", "json_encode($array)", by(jsontext.PHP(jsontext.Associative))},
	{"php", "json_encode($x, JSON_UNESCAPED_SLASHES)", by(jsontext.PHP(jsontext.UnescapedSlashes))},
	{"php", "json_encode($x, JSON_UNESCAPED_UNICODE)", by(jsontext.PHP(jsontext.UnescapedUnicode))},
	{"php", "json_encode($x, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)", by(jsontext.PHP(jsontext.UnescapedSlashes | jsontext.UnescapedUnicode))},
	{"php", "json_encode($x, JSON_PRESERVE_ZERO_FRACTION)", by(jsontext.PHP(jsontext.PreserveZeroFraction))},
	{"php", "json_encode($x, JSON_PRETTY_PRINT)", by(jsontext.PHP(jsontext.PrettyPrint))},
}

// runtimes are the programs that read a JSON list of base64 texts and print a JSON list of lists.
var runtimes = []struct{ name, flag, version, program string }{
	{"node", "-e", "console.log(process.version)", `
const fails = f => { try { return f() } catch (e) { return null } };
const texts = JSON.parse(require('fs').readFileSync(0)).map(b => Buffer.from(b, 'base64').toString());
console.log(JSON.stringify(texts.map(s => { let x; try { x = JSON.parse(s) } catch (e) { return [MANNERS].map(f => null) }
	return [MANNERS].map(fails) })))`},
	{"python3", "-c", "import platform; print(platform.python_version())", `
import sys, json, base64
def made(x, f):
    try:
        return f(x).encode().decode()
    except Exception:
        return None
out = []
for b in json.load(sys.stdin):
    try:
        x = json.loads(base64.b64decode(b))
    except Exception:
        out.append([None for f in [MANNERS]]); continue
    out.append([made(x, f) for f in [MANNERS]])
print(json.dumps(out))`},
	{"php", "-r", "echo PHP_VERSION;", `
$out = [];
foreach (json_decode(file_get_contents('php://stdin')) as $b) {
	$x = json_decode(base64_decode($b)); $array = json_decode(base64_decode($b), true); $bad = json_last_error() !== 0;
	$out[] = array_map(fn($f) => $bad || ($s = $f($x, $array)) === false ? null : $s, [MANNERS]);
}
echo json_encode($out);`},
}

func TestRuntimes(t *testing.T) {
	texts := edges()
	if *update {
		writeTable(t, texts)
	}
	stored := loadTable(t)
	for i, text := range texts {
		if i >= len(stored.Rows) || *stored.Rows[i][0] != shown(text) {
			t.Fatalf("row %d of %s is not about %.80q: write it anew with -update", i, tableFile, text)
		}
		for k, m := range manners {
			hold(t, m, text, stored.Rows[i][k+1])
		}
	}
	t.Logf("%d texts in %d manners as in the table, made with %s", len(texts), len(manners), stored.Made)
	texts = append(texts, random(1000)...)
	for _, r := range runtimes {
		answers, version := ask(t, r.name, texts)
		if answers == nil {
			t.Logf("%s is not at hand: our dialects were held against the table only", r.name)
			continue
		}
		for i, text := range texts {
			for k, m := range mannersOf(r.name) {
				hold(t, m, text, answers[i][k])
			}
		}
		t.Logf("%s %s was asked about %d texts in %d manners", r.name, version, len(texts), len(mannersOf(r.name)))
	}
}

// hold compares what we print with what a runtime does.
func hold(t *testing.T, m manner, text string, want *string) {
	t.Helper()
	var got []byte
	if v, err := read(m.runtime, text); err == nil {
		got = m.print(v)
	}
	switch {
	case want == nil && got != nil:
		t.Errorf("%s: %s of %.200q\n got %.300q\nwant it refused", m.runtime, m.code, text, got)
	case want != nil && string(got) != *want:
		t.Errorf("%s: %s of %.200q\n got %.300q\nwant %.300q", m.runtime, m.code, text, got, *want)
	}
}

func read(runtime, text string) (jsontext.Value, error) {
	return jsontext.Reader{Depth: 512, NonFinite: runtime == "python3"}.Read(text)
}

func mannersOf(runtime string) []manner {
	var ms []manner
	for _, m := range manners {
		if m.runtime == runtime {
			ms = append(ms, m)
		}
	}
	return ms
}

// ask gives texts to a runtime; nil when it is not at hand.
func ask(t *testing.T, runtime string, texts []string) (answers [][]*string, version string) {
	t.Helper()
	bin, err := exec.LookPath(runtime)
	if err != nil {
		return nil, ""
	}
	for _, r := range runtimes {
		if r.name != runtime {
			continue
		}
		version = strings.TrimSpace(string(run(t, bin, r.flag, r.version, nil)))
		list := make([]string, len(texts))
		for i, text := range texts {
			list[i] = base64.StdEncoding.EncodeToString([]byte(text))
		}
		in, _ := json.Marshal(list)
		if err := json.Unmarshal(run(t, bin, r.flag, strings.ReplaceAll(r.program, "MANNERS", functions(runtime)), in), &answers); err != nil {
			t.Fatalf("%s: %v", runtime, err)
		}
	}
	return answers, version
}

// functions are a runtime's manners as a list of functions in its language.
func functions(runtime string) string {
	form := map[string]string{"node": "() => %s", "python3": "lambda x: %s", "php": "fn($x, $array) => %s"}[runtime]
	var all []string
	for _, m := range mannersOf(runtime) {
		all = append(all, fmt.Sprintf(form, m.code))
	}
	return strings.Join(all, ", ")
}

func run(t *testing.T, bin, flag, program string, in []byte) []byte {
	t.Helper()
	cmd := exec.Command(bin, flag, program)
	var errOut bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &errOut
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", bin, err, errOut.Bytes())
	}
	return out
}

func loadTable(t *testing.T) (stored table) {
	t.Helper()
	data, err := os.ReadFile(tableFile)
	if err == nil {
		err = json.Unmarshal(data, &stored)
	}
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// writeTable asks all the runtimes; a table of only some would not say what it holds.
func writeTable(t *testing.T, texts []string) {
	t.Helper()
	stored := table{Rows: make([][]*string, len(texts))}
	var made []string
	for i, text := range texts {
		s := shown(text)
		stored.Rows[i] = []*string{&s}
	}
	for _, r := range runtimes {
		answers, version := ask(t, r.name, texts)
		if answers == nil {
			t.Fatalf("%s is not on the path: install it, then write the table", r.name)
		}
		made = append(made, r.name+" "+version)
		for i := range texts {
			stored.Rows[i] = append(stored.Rows[i], answers[i]...)
		}
	}
	for _, m := range manners {
		stored.Manners = append(stored.Manners, m.runtime+": "+m.code)
	}
	stored.Made = strings.Join(made, ", ")
	var b bytes.Buffer
	encode := json.NewEncoder(&b)
	encode.SetEscapeHTML(false)
	manners, _ := json.Marshal(stored.Manners)
	fmt.Fprintf(&b, "{\"made\": %q,\n\"manners\": %s,\n\"rows\": [\n", stored.Made, manners)
	for i, row := range stored.Rows {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := encode.Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	b.WriteString("]}\n")
	if err := os.WriteFile(tableFile, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func shown(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return "base64:" + base64.StdEncoding.EncodeToString([]byte(text))
}

// numbers are those of the review that found the faults, and their neighbours.
var numbers = strings.Fields(`0 -0 0.0 -0.0 1 -1 1.0 -1.0 1e0 2.50 100 1E+2 1e-0 0.1 0.30000000000000004 123456.789 1e3 1e6 1e7 12345678.9
	1e14 1e15 1.5e15 1e16 1.5e16 1e17 1.5e17 1e18 1e20 1e21 1e22 1e25 1.5e300 1.7976931348623157e308 1e308 1e309 1e400 -1e400
	123456789012345 1234567890123456 9007199254740993 123456789012345678 12345678901234567.0 1234567890123456789012
	9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551616
	1e-3 1e-4 1.5e-4 1e-5 1.5e-5 1e-6 1.5e-6 1e-7 1.5e-7 1e-10 5e-324 2.2250738585072014e-308 1e-400 -1e-400 0.000001 0.0000001 3.14159265358979323846`)

// edges are the texts of the table.
func edges() []string {
	texts := append([]string{}, numbers...)
	for _, s := range []string{
		``, `\"\\\/\b\f\n\r\t`, `/`, `\u002f`, `\u0000\u0001\u001f\u007f`, "\u007f", `<a href='x'>&+=` + "`", `it's`, `say \"hi\"`, `it's \"both\"`,
		`é`, `\u00e9\u00E9`, `\u00a0\u00ad\u200b\ufeff`, "\u2028\u2029", `\u2028\u2029`, `🚀`, `\ud83d\ude80`, `\uD83D\uDE80`, `\ud800`, `\udc00`, `\udc00\ud800`, `\ud83d x`,
		`\ud83d🚀`, `\ud83d\ud83d\ude80`, "\ue000\ufffd\uffff", `\ue000\ufffd\uffff`, "Grüße 世界 Привет", "\U0010ffff", "a\u0301",
		"\xff", "\xc3", "\xf0\x9f", "\xf0\x9f\x9a", "\xe2\x80", "\xed\xa0\x80", "\xed\xa0\x80\xed\xb0\x80", "\xc0\xaf", "\xf5\x80", "a\xe4b",
	} {
		texts = append(texts, `"`+s+`"`)
	}
	return append(texts, `null`, `true`, `false`, `[]`, `{}`, `[[],{}]`, ` [ 1 , 2 ] `, "\t\r\n{ \"a\" : [ ] }", `{"a":1,"b":2,"a":3}`, `{"a":1,"\u0061":2}`,
		`{"2":1,"1":2,"b":0,"a":0}`, `{"0":"a","1":"b"}`, `{"1":"b","0":"a"}`, `{"0":1,"00":2}`, `{"01":1,"1":2,"-1":3,"1.5":4,"":5}`, `{"0":{"0":[]},"1":{}}`,
		`{"4294967294":1,"4294967295":2,"4294967296":3,"0":4}`, `{"\ud800":1,"é":2,"z":3,"🚀":4,"\uffff":5}`, `{"__proto__":1,"constructor":{"prototype":2}}`,
		`[1.0,[2.0,[-0.0,{"x":1e400}]]]`, `[true,false,null,{"a":[{"b":"it's"}]}]`,
		``, ` `, `{`, `[1,]`, `{"a":1,}`, `[01]`, `[1.]`, `[.5]`, `[+1]`, `["\x"]`, `['a']`, `nul`, `[1] 2`, "[\"\n\"]", `["\u12"]`, `[undefined]`)
}

// random are n texts more: doubles of all sizes, and whatever can stand in an object.
func random(n int) []string {
	r := rand.New(rand.NewPCG(3, 4))
	chars := []rune("az09/<>&'`\u007f\u00a0éß世\u2028\ue000\uffff🚀")
	var value func(depth int) string
	text := func() string {
		b := []byte{'"'}
		for range r.IntN(6) {
			switch r.IntN(4) {
			case 0:
				b = fmt.Appendf(b, `\u%04X`, r.IntN(0x180))
			case 1:
				b = append(b, '\\', `"\/bfnrt`[r.IntN(8)])
			default:
				b = utf8.AppendRune(b, chars[r.IntN(len(chars))])
			}
		}
		return string(append(b, '"'))
	}
	value = func(depth int) string {
		switch k := r.IntN(10); {
		case k < 3 || depth > 4:
			f := math.Float64frombits(r.Uint64())
			if math.IsNaN(f) || math.IsInf(f, 0) {
				f = 0.5
			}
			return strconv.FormatFloat(f, "eg"[r.IntN(2)], -1, 64)
		case k < 5:
			return strconv.FormatFloat(r.Float64()*math.Pow10(r.IntN(34)-10), 'f', r.IntN(12), 64)
		case k < 7:
			return text()
		case k < 8:
			return numbers[r.IntN(len(numbers))]
		}
		var items []string
		object := r.IntN(2) == 0
		for i := range r.IntN(20) {
			item := value(depth + 1)
			if object {
				name := [...]string{text(), `"a"`, `"` + strconv.Itoa(r.IntN(5)) + `"`, `"` + strconv.Itoa(i) + `"`}[r.IntN(4)]
				item = strings.Repeat(" ", r.IntN(2)) + strings.Replace(name, `"\u0000`, `"`, 1) + ":" + item
			}
			items = append(items, item)
		}
		if object {
			return "{" + strings.Join(items, ",") + "}"
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	texts := make([]string, n)
	for i := range texts {
		texts[i] = value(0)
	}
	return texts
}
