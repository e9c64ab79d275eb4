package sign

import (
	"bytes"
	"encoding/json"
)

// serialised are the body read as JSON and printed again by the usual serialisers.
func (m *material) serialised() []form {
	in := func(cause, how string, e escapes, s jsonStyle) form {
		style := e.style(s)
		return form{cause, how, func(dst []byte) []byte {
			if d := m.json(); d != nil {
				return d.print(dst, style)
			}
			return nil
		}}
	}
	compactPython := func(s jsonStyle) jsonStyle { s.comma, s.colon = ",", ":"; return s }
	sortNames := func(s jsonStyle) jsonStyle { s.sorted = true; return s }
	numbers := func(s jsonStyle, n func(dst, lit []byte) []byte) jsonStyle { s.number = n; return s }
	lists := func(s jsonStyle) jsonStyle { s.listObjects = true; return s }
	last := jsonStyle{} // names in the order of the source, the last of a repeated name
	php := numbers(last, phpNumber)
	py := pythonStyle()

	fs := []form{
		{"body_minified", "json.Compact(body): only the space removed", m.compacted(false)},
		in("body_reserialized_json_stringify", "JSON.stringify(JSON.parse(body))", jsEscapes, jsStyle()),
		in("body_reserialized_python_dumps", "json.dumps(json.loads(body))", pythonEscapes, py),
		in("body_reserialized_python_compact_ascii", `json.dumps(x, separators=(",", ":"))`, pythonEscapes, compactPython(py)),
		in("body_reserialized_python_utf8", "json.dumps(x, ensure_ascii=False)", pythonUTF8Escapes, py),
		in("body_reserialized_python_compact_utf8", `json.dumps(x, separators=(",", ":"), ensure_ascii=False)`, pythonUTF8Escapes, compactPython(py)),
		in("body_reserialized_python_sorted", "json.dumps(x, sort_keys=True)", pythonEscapes, sortNames(py)),
		in("body_reserialized_python_sorted", `json.dumps(x, sort_keys=True, separators=(",", ":"))`, pythonEscapes, sortNames(compactPython(py))),
		in("body_reserialized_python_sorted", "json.dumps(x, sort_keys=True, ensure_ascii=False)", pythonUTF8Escapes, sortNames(py)),
		in("body_reserialized_python_sorted", `json.dumps(x, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`, pythonUTF8Escapes, sortNames(compactPython(py))),
		in("body_reserialized_sorted_compact", "json-stable-stringify", jsEscapes, sortNames(numbers(last, jsNumber))),

		in("body_reserialized_go_map", "json.Marshal of a map[string]any", goEscapes, goMapStyle()),
		in("body_reserialized_go_map", "json.Marshal of a map, read with UseNumber", goEscapes, numbers(goMapStyle(), rawNumber)),
		{"body_reserialized_go_rawmessage", "json.Marshal of a json.RawMessage", m.compacted(true)},
		{"body_reserialized_go_rawmessage", "json.Compact", m.compacted(false)},
		in("body_reserialized_go_struct_order", "json.Marshal of a struct with all fields", goEscapes, numbers(last, goNumber)),
	}
	fs = append(fs, ended("\n",
		in("body_reserialized_go_encoder", "json.NewEncoder(w).Encode(map)", goEscapes, goMapStyle()),
		in("body_reserialized_go_encoder", "Encode(map) with SetEscapeHTML(false)", goPlainEscapes, goMapStyle()),
		in("body_reserialized_go_encoder", "Encode(struct)", goEscapes, numbers(last, goNumber)),
		in("body_reserialized_go_encoder", "Encode(struct) with SetEscapeHTML(false)", goPlainEscapes, numbers(last, goNumber)),
	)...)
	fs = append(fs,
		in("body_reserialized_php", "json_encode(json_decode($body))", phpEscapes, php),
		in("body_reserialized_php", "json_encode(json_decode($body, true))", phpEscapes, lists(php)),
		in("body_reserialized_php", "json_encode($x, JSON_UNESCAPED_SLASHES)", phpUnicodeEscapes, php),
		in("body_reserialized_php", "json_encode($array, JSON_UNESCAPED_SLASHES)", phpUnicodeEscapes, lists(php)),
		in("body_reserialized_php", "json_encode($x, JSON_UNESCAPED_UNICODE)", phpSlashEscapes, php),
		in("body_reserialized_php", "json_encode($array, JSON_UNESCAPED_UNICODE)", phpSlashEscapes, lists(php)),
		in("body_reserialized_php", "json_encode($x, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)", phpNoEscapes, php),
		in("body_reserialized_php", "json_encode($array, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)", phpNoEscapes, lists(php)),
		in("body_reserialized_php", "json_encode($x, JSON_PRESERVE_ZERO_FRACTION)", phpEscapes, numbers(last, rawNumber)),

		in("body_reserialized_dotnet", "JsonSerializer.Serialize of a JsonElement", dotnetEscapes, asIs()),
		in("body_reserialized_dotnet", "JsonSerializer.Serialize of an object with double members", dotnetEscapes, numbers(last, dotnetNumber)),
		in("body_reserialized_dotnet", "JsonSerializer with UnsafeRelaxedJsonEscaping", dotnetRelaxed, asIs()),
		in("body_reserialized_dotnet", "JsonConvert.SerializeObject", newtonsoftEscapes, numbers(last, javaNumber)),
		in("body_reserialized_gson", "new Gson().toJson(JsonParser.parseString(body))", gsonEscapes, numbers(last, rawNumber)),
		in("body_reserialized_gson", "Gson with disableHtmlEscaping", gsonPlainEscapes, numbers(last, rawNumber)),
		in("body_reserialized_gson", "Gson over a Map: every number a double", gsonEscapes, numbers(last, javaDouble)),
		in("body_reserialized_gson", "Gson over a Map with disableHtmlEscaping", gsonPlainEscapes, numbers(last, javaDouble)),
		in("body_reserialized_rails", "params.to_json with ActiveSupport", railsEscapes, numbers(last, rawNumber)),
		in("body_reserialized_jackson", "ObjectMapper.writeValueAsString of a Map", jacksonEscapes, numbers(last, javaNumber)),
	)
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

// compacted drops the space between tokens and leaves the tokens as they are; html escapes < > & as json.Marshal does.
func (m *material) compacted(html bool) func([]byte) []byte {
	return func(dst []byte) []byte {
		if m.json() == nil {
			return nil
		}
		buf := bytes.NewBuffer(dst)
		if json.Compact(buf, m.json().src) != nil {
			return nil
		}
		if !html {
			return buf.Bytes()
		}
		var escaped bytes.Buffer
		json.HTMLEscape(&escaped, buf.Bytes())
		return escaped.Bytes()
	}
}

// indented are the body printed over several lines.
func (m *material) indented() []form {
	var fs []form
	for _, w := range []struct{ cause, indent, js string }{
		{"body_pretty_printed_2", "  ", "2"},
		{"body_pretty_printed_4", "    ", "4"},
		{"body_pretty_printed_tab", "\t", `"\t"`},
	} {
		in := func(how string, e escapes, s jsonStyle) {
			s.indent, s.comma, s.colon = w.indent, ",", ": "
			style := e.style(s)
			fs = append(fs, form{w.cause, how, func(dst []byte) []byte {
				if d := m.json(); d != nil {
					return d.print(dst, style)
				}
				return nil
			}})
		}
		py, goMap := pythonStyle(), goMapStyle()
		in("JSON.stringify(x, null, "+w.js+")", jsEscapes, jsStyle())
		in("json.dumps(x, indent="+w.js+")", pythonEscapes, py)
		in("json.dumps(x, indent="+w.js+", ensure_ascii=False)", pythonUTF8Escapes, py)
		in("json.Indent: only the space changed", rawEscapes, asIs())
		in("json.MarshalIndent of a map", goEscapes, goMap)
		py.sorted = true
		in("json.dumps(x, indent="+w.js+", sort_keys=True)", pythonEscapes, py)
		php := jsonStyle{number: phpNumber}
		switch w.js {
		case "4":
			in("json_encode($x, JSON_PRETTY_PRINT)", phpEscapes, php)
			in("json_encode($x, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES)", phpUnicodeEscapes, php)
			in("json_encode($x, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)", phpNoEscapes, php)
		case "2":
			in("JsonSerializer with WriteIndented", dotnetEscapes, asIs())
			in("Gson with setPrettyPrinting", gsonEscapes, jsonStyle{number: rawNumber})
		}
	}
	return append(fs, ended("\n",
		form{"body_pretty_printed_2", "jq . : two spaces and a line end", fs[0].make},
		form{"body_pretty_printed_4", "python3 -m json.tool: four spaces and a line end", m.prettyPython("    ")},
	)...)
}

func (m *material) prettyPython(indent string) func([]byte) []byte {
	s := pythonStyle()
	s.indent, s.comma = indent, ","
	style := pythonEscapes.style(s)
	return func(dst []byte) []byte {
		if d := m.json(); d != nil {
			return d.print(dst, style)
		}
		return nil
	}
}
