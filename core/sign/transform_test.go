package sign

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// The fixture holds what real Node and real Python made of texts that are hard to print again.
func TestFormsPrintAsNodeAndPythonDo(t *testing.T) {
	var fixture struct {
		Source string
		Cases  []struct {
			Body []byte
			Made map[string][]byte
		}
	}
	readJSONFile(t, "testdata/serialised.json", &fixture)
	checked := 0
	for _, c := range fixture.Cases {
		made := map[string][]byte{}
		for _, f := range newMaterial(c.Body).forms() {
			if b := f.make(nil); b != nil {
				made[f.how] = b
			}
		}
		for how, want := range c.Made {
			got, ok := made[how]
			if !ok {
				t.Errorf("no form is named %q", how)
				continue
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s of %q\n got %q\nwant %q", how, c.Body, got, want)
			}
			checked++
		}
	}
	t.Logf("%d texts of %s", checked, fixture.Source)
}

// The table of core/jsontext holds what real PHP makes of odd numbers; null is false, where it refuses.
func TestFormsPrintNumbersAsPHPDoes(t *testing.T) {
	var table struct {
		Made    string
		Manners []string
		Rows    [][]*string
	}
	readJSONFile(t, "../jsontext/testdata/runtimes.json", &table)
	forms := map[string]string{
		"php: json_encode($x)": "json_encode(json_decode($body))", "php: json_encode($array)": "json_encode(json_decode($body, true))",
		"php: json_encode($x, JSON_PRESERVE_ZERO_FRACTION)": "json_encode($x, JSON_PRESERVE_ZERO_FRACTION)",
	}
	checked := 0
	for _, row := range table.Rows {
		text := *row[0]
		if !strings.ContainsAny(text, "0123456789") || strings.ContainsAny(text, "\"[{ ") {
			continue
		}
		for _, f := range newMaterial([]byte(text)).forms() {
			i := slices.IndexFunc(table.Manners, func(m string) bool { return forms[m] == f.how })
			if i < 0 {
				continue
			}
			got, want := f.make(nil), row[i+1]
			if want == nil && got != nil || want != nil && string(got) != *want {
				t.Errorf("%s of %s: got %q, %s", f.how, text, got, table.Made)
			}
			checked++
		}
	}
	if checked < 100 {
		t.Errorf("%d numbers only", checked)
	}
}

// A broken character is one U+FFFD for the decoders of JavaScript and Python, and one for each of its bytes in Go.
func TestFormsOfBrokenUTF8(t *testing.T) {
	made := map[string]string{}
	for _, f := range newMaterial([]byte("{\"a\":\"\xf0\x9f\"}")).forms() {
		made[f.how] = string(f.make(nil))
	}
	for how, want := range map[string]string{
		"JSON.stringify(JSON.parse(body))": "{\"a\":\"\uFFFD\"}",
		"JSON.stringify(bodyString)":       "\"{\\\"a\\\":\\\"\uFFFD\\\"}\"",
		"json.dumps(json.loads(body))":     `{"a": "\ufffd"}`,
		"json_encode(json_decode($body))":  `{"a":"\ufffd"}`,
		"json.Marshal of a map[string]any": "{\"a\":\"\uFFFD\uFFFD\"}",
	} {
		if made[how] != want {
			t.Errorf("%s\n got %s\nwant %s", how, made[how], want)
		}
	}
}

func TestFormsPrintAsGoDoes(t *testing.T) {
	for _, body := range []string{
		`{"b":[1,2.50,-0,-0.0,1e3,1e-7,1e21,123456789012345678901,5e-324],"a":{"z":null,"y":"<é&\u2028>"},"a":{"x":"\ud800"}}`,
		` { "k" : "\u00e9\/\b\f" , "empty" : { } , "list" : [ ] } `,
		"{\"bad\":\"\xff\xfe\"}", `"text"`, `[]`, `12`,
	} {
		var v any
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			t.Fatal(err)
		}
		var encoded bytes.Buffer
		if err := json.NewEncoder(&encoded).Encode(v); err != nil {
			t.Fatal(err)
		}
		want := map[string][]byte{"json.NewEncoder(w).Encode(map)": encoded.Bytes()}
		want["json.Marshal of a map[string]any"], _ = json.Marshal(v)
		want["json.Marshal of a json.RawMessage"], _ = json.Marshal(json.RawMessage(body))
		want["json.MarshalIndent of a map"], _ = json.MarshalIndent(v, "", "  ")
		found := 0
		for _, f := range newMaterial([]byte(body)).forms() {
			w, ok := want[f.how]
			if !ok || f.cause == "body_pretty_printed_4" || f.cause == "body_pretty_printed_tab" {
				continue
			}
			found++
			if got := f.make(nil); !bytes.Equal(got, w) {
				t.Errorf("%s of %q\n got %q\nwant %q", f.how, body, got, w)
			}
		}
		if found != len(want) {
			t.Errorf("%d of %d forms found", found, len(want))
		}
	}
}

// No .NET or Java library is at hand where this was written: these are what their documents and sources say.
func TestFormsPrintAsOthersAreKnownTo(t *testing.T) {
	const body = `{"u":"https://a/é","n":1.0,"i":7,"big":1e25,"h":"<a href='x'>&+=","e":{},"l":{"0":"a","1":"b"}}`
	for how, want := range map[string]string{
		"json_encode(json_decode($body))":                 `{"u":"https:\/\/a\/\u00e9","n":1,"i":7,"big":1.0e+25,"h":"<a href='x'>&+=","e":{},"l":{"0":"a","1":"b"}}`,
		"json_encode(json_decode($body, true))":           `{"u":"https:\/\/a\/\u00e9","n":1,"i":7,"big":1.0e+25,"h":"<a href='x'>&+=","e":[],"l":["a","b"]}`,
		"JsonSerializer.Serialize of a JsonElement":       `{"u":"https://a/\u00E9","n":1.0,"i":7,"big":1e25,"h":"\u003Ca href=\u0027x\u0027\u003E\u0026\u002B=","e":{},"l":{"0":"a","1":"b"}}`,
		"new Gson().toJson(JsonParser.parseString(body))": `{"u":"https://a/é","n":1.0,"i":7,"big":1e25,"h":"\u003ca href\u003d\u0027x\u0027\u003e\u0026+\u003d","e":{},"l":{"0":"a","1":"b"}}`,
		"Gson over a Map: every number a double":          `{"u":"https://a/é","n":1.0,"i":7.0,"big":1.0E25,"h":"\u003ca href\u003d\u0027x\u0027\u003e\u0026+\u003d","e":{},"l":{"0":"a","1":"b"}}`,
		"json_encode($x, JSON_UNESCAPED_SLASHES)":         `{"u":"https://a/\u00e9","n":1,"i":7,"big":1.0e+25,"h":"<a href='x'>&+=","e":{},"l":{"0":"a","1":"b"}}`,
		"params.to_json with ActiveSupport":               `{"u":"https://a/é","n":1.0,"i":7,"big":1e25,"h":"\u003ca href='x'\u003e\u0026+=","e":{},"l":{"0":"a","1":"b"}}`,
		"characters beyond ASCII written \\uXXXX":         `{"u":"https://a/\u00e9","n":1.0,"i":7,"big":1e25,"h":"<a href='x'>&+=","e":{},"l":{"0":"a","1":"b"}}`,
	} {
		found := false
		for _, f := range newMaterial([]byte(body)).forms() {
			if f.how == how {
				found = true
				if got := string(f.make(nil)); got != want {
					t.Errorf("%s\n got %s\nwant %s", how, got, want)
				}
			}
		}
		if !found {
			t.Errorf("no form is named %q", how)
		}
	}
}

func FuzzForms(f *testing.F) {
	for _, s := range []string{`{"a":[1,"\ud83d\ude80",{"b":null}],"1":2}`, "a=1&b=%zz", "\x1f\x8b\x08", "\xEF\xBB\xBF{}", `{"a":`, "é\n", "[1e999,-1e999,1e-999]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, form := range newMaterial(b).forms() {
			form.make(nil)
		}
		if v, ok := readJSON(b); ok && !json.Valid([]byte(v.Source())) {
			t.Errorf("%q was read as JSON", b)
		}
	})
}

func readJSONFile(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
