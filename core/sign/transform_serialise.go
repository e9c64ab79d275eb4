package sign

import (
	"bytes"
	"encoding/json"

	"hookglass/core/jsontext"
)

// printed is the body read as JSON and printed in a dialect. A language that refuses what is no UTF-8 is given the text
// that a framework would have made of it: request.get_data(as_text=True).
func (m *material) printed(d jsontext.Dialect) func([]byte) []byte {
	return func(dst []byte) []byte {
		v, ok := m.json()
		if !ok {
			return nil
		}
		if made := d.Append(dst, v); made != nil || m.utf8() {
			return made
		}
		v, _ = m.replaced()
		return d.Append(dst, v)
	}
}

// serialised are the body read as JSON and printed again by the usual serialisers.
func (m *material) serialised() []form {
	in := func(cause, how string, d jsontext.Dialect) form { return form{cause, how, m.printed(d)} }
	py, utf8, php := jsontext.Python, jsontext.PythonUTF8, jsontext.PHP

	fs := []form{
		in("body_minified", "json.Compact(body): only the space removed", jsontext.AsWritten),
		in("body_reserialized_json_stringify", "JSON.stringify(JSON.parse(body))", jsontext.JavaScript),
		in("body_reserialized_python_dumps", "json.dumps(json.loads(body))", py),
		in("body_reserialized_python_compact_ascii", `json.dumps(x, separators=(",", ":"))`, py.Compact()),
		in("body_reserialized_python_utf8", "json.dumps(x, ensure_ascii=False)", utf8),
		in("body_reserialized_python_compact_utf8", `json.dumps(x, separators=(",", ":"), ensure_ascii=False)`, utf8.Compact()),
		in("body_reserialized_python_sorted", "json.dumps(x, sort_keys=True)", py.Sorted()),
		in("body_reserialized_python_sorted", `json.dumps(x, sort_keys=True, separators=(",", ":"))`, py.Sorted().Compact()),
		in("body_reserialized_python_sorted", "json.dumps(x, sort_keys=True, ensure_ascii=False)", utf8.Sorted()),
		in("body_reserialized_python_sorted", `json.dumps(x, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`, utf8.Sorted().Compact()),
		in("body_reserialized_sorted_compact", "json-stable-stringify", jsontext.JavaScript.Sorted()),

		in("body_reserialized_go_map", "json.Marshal of a map[string]any", jsontext.Go.Sorted()),
		in("body_reserialized_go_map", "json.Marshal of a map, read with UseNumber", jsontext.GoUseNumber.Sorted()),
		{"body_reserialized_go_rawmessage", "json.Marshal of a json.RawMessage", m.rawMessage},
		in("body_reserialized_go_rawmessage", "json.Compact", jsontext.AsWritten),
		in("body_reserialized_go_struct_order", "json.Marshal of a struct with all fields", jsontext.Go),
	}
	fs = append(fs, ended("\n",
		in("body_reserialized_go_encoder", "json.NewEncoder(w).Encode(map)", jsontext.Go.Sorted()),
		in("body_reserialized_go_encoder", "Encode(map) with SetEscapeHTML(false)", jsontext.GoPlain.Sorted()),
		in("body_reserialized_go_encoder", "Encode(struct)", jsontext.Go),
		in("body_reserialized_go_encoder", "Encode(struct) with SetEscapeHTML(false)", jsontext.GoPlain),
	)...)
	fs = append(fs,
		in("body_reserialized_php", "json_encode(json_decode($body))", php(0)),
		in("body_reserialized_php", "json_encode(json_decode($body, true))", php(jsontext.Associative)),
		in("body_reserialized_php", "json_encode($x, JSON_UNESCAPED_SLASHES)", php(jsontext.UnescapedSlashes)),
		in("body_reserialized_php", "json_encode($array, JSON_UNESCAPED_SLASHES)", php(jsontext.UnescapedSlashes|jsontext.Associative)),
		in("body_reserialized_php", "json_encode($x, JSON_UNESCAPED_UNICODE)", php(jsontext.UnescapedUnicode)),
		in("body_reserialized_php", "json_encode($array, JSON_UNESCAPED_UNICODE)", php(jsontext.UnescapedUnicode|jsontext.Associative)),
		in("body_reserialized_php", "json_encode($x, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)", php(jsontext.UnescapedSlashes|jsontext.UnescapedUnicode)),
		in("body_reserialized_php", "json_encode($array, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)", php(jsontext.UnescapedSlashes|jsontext.UnescapedUnicode|jsontext.Associative)),
		in("body_reserialized_php", "json_encode($x, JSON_PRESERVE_ZERO_FRACTION)", php(jsontext.PreserveZeroFraction)),

		in("body_reserialized_dotnet", "JsonSerializer.Serialize of a JsonElement", jsontext.DotNetElement),
		in("body_reserialized_dotnet", "JsonSerializer.Serialize of an object with double members", jsontext.DotNet),
		in("body_reserialized_dotnet", "JsonSerializer with UnsafeRelaxedJsonEscaping", jsontext.DotNetRelaxed),
		in("body_reserialized_dotnet", "JsonConvert.SerializeObject", jsontext.Newtonsoft),
		in("body_reserialized_gson", "new Gson().toJson(JsonParser.parseString(body))", jsontext.Gson),
		in("body_reserialized_gson", "Gson with disableHtmlEscaping", jsontext.GsonPlain),
		in("body_reserialized_gson", "Gson over a Map: every number a double", jsontext.GsonMap),
		in("body_reserialized_gson", "Gson over a Map with disableHtmlEscaping", jsontext.GsonMapPlain),
		in("body_reserialized_rails", "params.to_json with ActiveSupport", jsontext.Rails),
		in("body_reserialized_jackson", "ObjectMapper.writeValueAsString of a Map", jsontext.Jackson),
		in("body_reserialized_jackson", "ObjectMapper with ESCAPE_NON_ASCII", jsontext.JacksonASCII),
		in("body_reserialized_dotnet", "JsonSerializer with JavaScriptEncoder.Create(UnicodeRanges.All)", jsontext.DotNetUnicode),
		in("body_reserialized_dotnet", "JsonConvert with StringEscapeHandling.EscapeNonAscii", jsontext.NewtonsoftASCII),
		in("body_reserialized_dotnet", "JsonConvert with StringEscapeHandling.EscapeHtml", jsontext.NewtonsoftHTML),
		in("body_reserialized_dotnet", "JavaScriptSerializer.Serialize of .NET Framework", jsontext.JavaScriptSerializer),
		in("body_reserialized_shopify", `as Shopify prints it: \u003c \u003e \u0026 and \/`, jsontext.Shopify),
		in("body_reserialized_meta", `as Meta prints it: \uXXXX in lower case and \/`, jsontext.Meta),
		in("body_reserialized_meta", `as Meta prints it: \uXXXX in upper case and \/`, jsontext.MetaUpper),
		in("body_reserialized_meta", `as Meta prints it: \uXXXX, \/, and < % @ escaped`, jsontext.MetaMarks),
		form{"body_reserialized_meta", `as Meta prints it: \uXXXX, \/, and < % @ escaped, \u003C in upper case`, func(dst []byte) []byte {
			if made := m.printed(jsontext.MetaMarks)(nil); made != nil {
				return append(dst, bytes.ReplaceAll(made, []byte(`\u003c`), []byte(`\u003C`))...)
			}
			return nil
		}},
		in("body_reserialized_meta", `\uXXXX in lower case, slashes as they are`, jsontext.MetaSlashes),
		in("body_reserialized_meta", `\uXXXX in upper case, slashes as they are`, jsontext.UpperASCII),
	)
	return append(fs, m.listed()...)
}

// listed are the items of a list, each on a line of its own, as SendGrid sends its events.
func (m *material) listed() []form {
	var fs []form
	for _, w := range []struct{ open, between, end, how string }{
		{"[", ",\r\n", "]\r\n", "CRLF between the events and at the end"},
		{"[", ",\r\n", "]", "CRLF between the events"},
		{"[\r\n", ",\r\n", "\r\n]\r\n", "each event on a line that ends with CRLF"},
		{"[", ",\n", "]\n", "LF between the events and at the end"},
		{"[", ",\n", "]", "LF between the events"},
		{"[\n", ",\n", "\n]\n", "each event on a line that ends with LF"},
	} {
		for _, d := range []struct {
			how string
			jsontext.Dialect
		}{{"", jsontext.AsWritten}, {", each as JSON.stringify prints it", jsontext.JavaScript}, {", / as \\/", jsontext.PHP(jsontext.UnescapedUnicode)}} {
			fs = append(fs, form{"body_reserialized_sendgrid", "the list with " + w.how + d.how, func(dst []byte) []byte {
				v, ok := m.json()
				if !ok || v.Kind() != jsontext.Array {
					return nil
				}
				dst = append(dst, w.open...)
				n := 0
				for item := range v.Items() {
					if n++; n > 1 {
						dst = append(dst, w.between...)
					}
					if dst = d.Append(dst, item); dst == nil {
						return nil
					}
				}
				return append(dst, w.end...)
			}})
		}
	}
	return fs
}

// ended adds end to what each form makes.
func ended(end string, fs ...form) []form {
	for i, f := range fs {
		fs[i].make = func(dst []byte) []byte {
			if dst = f.make(dst); dst != nil {
				dst = append(dst, end...)
			}
			return dst
		}
	}
	return fs
}

// rawMessage is the body without the space between tokens, and < > & escaped.
func (m *material) rawMessage(dst []byte) []byte {
	compact := m.printed(jsontext.AsWritten)(nil)
	if compact == nil {
		return nil
	}
	buf := bytes.NewBuffer(dst)
	json.HTMLEscape(buf, compact)
	return buf.Bytes()
}

// indented are the body printed over several lines.
func (m *material) indented() []form {
	var fs []form
	for _, w := range []struct{ cause, indent, js string }{
		{"body_pretty_printed_2", "  ", "2"},
		{"body_pretty_printed_4", "    ", "4"},
		{"body_pretty_printed_tab", "\t", `"\t"`},
	} {
		in := func(how string, d jsontext.Dialect) {
			fs = append(fs, form{w.cause, how, m.printed(d.Indented(w.indent))})
		}
		in("JSON.stringify(x, null, "+w.js+")", jsontext.JavaScript)
		in("json.dumps(x, indent="+w.js+")", jsontext.Python)
		in("json.dumps(x, indent="+w.js+", ensure_ascii=False)", jsontext.PythonUTF8)
		in("json.Indent: only the space changed", jsontext.AsWritten)
		in("json.MarshalIndent of a map", jsontext.Go.Sorted())
		in("json.dumps(x, indent="+w.js+", sort_keys=True)", jsontext.Python.Sorted())
		switch w.js {
		case "4":
			in("json_encode($x, JSON_PRETTY_PRINT)", jsontext.PHP(0))
			in("json_encode($x, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES)", jsontext.PHP(jsontext.UnescapedSlashes))
			in("json_encode($x, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)", jsontext.PHP(jsontext.UnescapedSlashes|jsontext.UnescapedUnicode))
		case "2":
			in("JsonSerializer with WriteIndented", jsontext.DotNetElement)
			in("Gson with setPrettyPrinting", jsontext.Gson)
		}
	}
	return append(fs, ended("\n",
		form{"body_pretty_printed_2", "jq . : two spaces and a line end", fs[0].make},
		form{"body_pretty_printed_4", "python3 -m json.tool: four spaces and a line end", m.printed(jsontext.Python.Indented("    "))},
	)...)
}
