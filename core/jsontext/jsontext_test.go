package jsontext_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"hookglass/core/jsontext"
)

// TestGo holds the Go dialects against encoding/json itself.
func TestGo(t *testing.T) {
	for _, text := range append(edges(), random(1000)...) {
		v, err := jsontext.Reader{Depth: 512}.Read(text)
		if (err == nil) != json.Valid([]byte(text)) {
			t.Errorf("%.200q: %v", text, err)
		}
		if err != nil {
			continue
		}
		if goPrints(text, func(*json.Decoder, *json.Encoder) {}) == nil && text != "1e400" && text != "-1e400" {
			continue // it refuses 1e400 also where a later member of the same name takes its place, which we do not
		}
		same(t, "a map", text, jsontext.Go.Sorted().Append(nil, v), goPrints(text, func(*json.Decoder, *json.Encoder) {}))
		same(t, "a map with UseNumber", text, jsontext.GoUseNumber.Sorted().Append(nil, v), goPrints(text, func(d *json.Decoder, _ *json.Encoder) { d.UseNumber() }))
		same(t, "SetEscapeHTML(false)", text, jsontext.GoPlain.Sorted().Append(nil, v), goPrints(text, func(_ *json.Decoder, e *json.Encoder) { e.SetEscapeHTML(false) }))
		same(t, "MarshalIndent", text, jsontext.Go.Sorted().Indented("\t").Append(nil, v), goPrints(text, func(_ *json.Decoder, e *json.Encoder) { e.SetIndent("", "\t") }))
		var compact, indented bytes.Buffer
		_ = json.Compact(&compact, []byte(text))
		_ = json.Indent(&indented, []byte(text), "", "  ")
		same(t, "json.Compact", text, jsontext.AsWritten.Append(nil, v), compact.Bytes())
		same(t, "json.Indent", text, jsontext.AsWritten.Indented("  ").Append(nil, v), bytes.TrimSpace(indented.Bytes()))
	}
}

// goPrints reads and prints a text with encoding/json; nil where that refuses.
func goPrints(text string, set func(*json.Decoder, *json.Encoder)) []byte {
	var out bytes.Buffer
	decode, encode := json.NewDecoder(strings.NewReader(text)), json.NewEncoder(&out)
	set(decode, encode)
	var x any
	if decode.Decode(&x) != nil || encode.Encode(x) != nil {
		return nil
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

func same(t *testing.T, what, text string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s of %.200q\n got %.300q\nwant %.300q", what, text, got, want)
	}
}

// dialects is the table, for tests of what holds in all of them.
var dialects = map[string]jsontext.Dialect{
	"JavaScript": jsontext.JavaScript, "Python": jsontext.Python, "PythonUTF8": jsontext.PythonUTF8, "FastAPI": jsontext.FastAPI,
	"Go": jsontext.Go, "GoUseNumber": jsontext.GoUseNumber, "GoPlain": jsontext.GoPlain, "DotNet": jsontext.DotNet, "DotNetElement": jsontext.DotNetElement,
	"DotNetRelaxed": jsontext.DotNetRelaxed, "Newtonsoft": jsontext.Newtonsoft, "Gson": jsontext.Gson, "GsonPlain": jsontext.GsonPlain,
	"GsonMap": jsontext.GsonMap, "GsonMapPlain": jsontext.GsonMapPlain, "Jackson": jsontext.Jackson, "Rails": jsontext.Rails,
	"PHP": jsontext.PHP(0), "PHP arrays": jsontext.PHP(jsontext.Associative | jsontext.PreserveZeroFraction | jsontext.UnescapedUnicode),
}

// FuzzAsWritten: what was read is printed as it was written, byte for byte; and what a dialect prints is JSON of which
// it makes the same again.
func FuzzAsWritten(f *testing.F) {
	for _, text := range []string{`{"a":1.50,"a":[-0,1E+2],"\u0061":"\/\ud800"}`, ` [ 1 , { } ] `, "\"\xff\"", `[1e400,NaN]`, `{"2":0,"1":""}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := jsontext.Reader{Depth: 9000}.Read(text)
		if err != nil {
			if json.Valid([]byte(text)) {
				t.Fatalf("%q is JSON: %v", text, err)
			}
			return
		}
		if got, want := v.Source(), strings.Trim(text, " \t\r\n"); got != want {
			t.Fatalf("the source of %q is %q", text, got)
		}
		var want bytes.Buffer
		if err := json.Compact(&want, []byte(text)); err != nil {
			t.Fatalf("%q is no JSON: %v", text, err)
		}
		if got := jsontext.AsWritten.Append(nil, v); !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("%q as written is %q", text, got)
		}
		for name, d := range dialects {
			once := d.Append(nil, v)
			if once == nil || strings.HasPrefix(name, "Python") && !json.Valid(once) { // refused, or Infinity
				continue
			}
			v, err := jsontext.Reader{Depth: 9000}.Read(string(once))
			if err != nil {
				t.Fatalf("%s prints %q of %q: %v", name, once, text, err)
			}
			if twice := d.Append(nil, v); !bytes.Equal(once, twice) {
				t.Fatalf("%s prints %q, of that %q", name, once, twice)
			}
		}
	})
}
