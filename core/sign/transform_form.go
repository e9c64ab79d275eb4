package sign

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"hookglass/core/jsontext"
)

const (
	lowerHex = "0123456789abcdef"
	upperHex = "0123456789ABCDEF"
)

// formField is one field of an urlencoded body: as sent and decoded.
type formField struct{ rawName, rawValue, name, value string }

// readForm reads an urlencoded body in the order of the wire. It returns nil when b does not look like one.
func readForm(b []byte) []formField {
	if bytes.IndexByte(b, '=') <= 0 || bytes.ContainsAny(b, " \t\r\n\"{}<>") || len(b) > 1<<20 {
		return nil
	}
	var fields []formField
	for pair := range strings.SplitSeq(string(b), "&") {
		if pair == "" {
			continue
		}
		fields = append(fields, newField(pair))
	}
	return fields
}

func newField(pair string) (f formField) {
	f.rawName, f.rawValue, _ = strings.Cut(pair, "=")
	f.name, f.value = unescapeForm(f.rawName), unescapeForm(f.rawValue)
	return f
}

func unescapeForm(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// formForms are what becomes of an urlencoded body that is read and written again.
func (m *material) formForms() []form {
	fields := m.form()
	if fields == nil {
		return nil
	}
	var fs []form
	for _, f := range fields {
		if f.name == "payload" || strings.HasPrefix(f.value, "{") || strings.HasPrefix(f.value, "[") {
			fs = append(fs, form{"signed_form_payload_param", "the decoded parameter " + f.name, text(f.value)})
			fs = append(fs, form{"signed_form_payload_param", "the parameter " + f.name + " as sent", text(f.rawValue)})
			for _, inner := range newMaterial([]byte(f.value)).serialised() {
				if inner.cause == "body_reserialized_json_stringify" || inner.cause == "body_reserialized_python_dumps" {
					fs = append(fs, form{"signed_form_payload_param", inner.how + " of the parameter " + f.name, inner.make})
				}
			}
		}
	}
	fs = append(fs,
		form{"signed_form_urldecoded", "unquote_plus(body)", text(unescapeForm(string(m.raw)))},
		form{"signed_form_urldecoded", "decodeURIComponent(body): + kept", text(unescapePath(string(m.raw)))},
	)
	fs = append(fs, formAsJSON(fields)...)
	return append(fs, reencoded(fields)...)
}

func unescapePath(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// formAsJSON prints the fields as each framework's form object comes out as JSON.
func formAsJSON(fields []formField) []form {
	lists := map[bool]string{}
	for _, everyList := range []bool{false, true} {
		lists[everyList] = string(formObject(fields, everyList))
	}
	last := newMaterial(formLastWins(fields))
	filled := newMaterial(formObject(withoutBlank(fields), true))
	var fs []form
	add := func(how string, m *material, d jsontext.Dialect) {
		fs = append(fs, form{"signed_form_as_json", how, m.printed(d)})
	}
	for _, o := range []struct {
		what string
		m    *material
	}{
		{"the form object, repeated names as lists", newMaterial([]byte(lists[false]))},
		{"the form object, the last of a repeated name", last},
		{"lists of values", newMaterial([]byte(lists[true]))},
		{"lists of values, blank ones dropped: parse_qs", filled},
	} {
		add("JSON.stringify of "+o.what, o.m, jsontext.JavaScript)
		add("json.dumps of "+o.what, o.m, jsontext.Python)
		add("compact json.dumps of "+o.what, o.m, jsontext.Python.Compact())
		add("json.Marshal of "+o.what, o.m, jsontext.Go.Sorted())
		add("json_encode of "+o.what, o.m, jsontext.PHP(jsontext.Associative))
	}
	return fs
}

// formObject is the fields as a JSON object; every says that single values stand in a list too.
func formObject(fields []formField, every bool) []byte {
	var names []string
	values := map[string][]string{}
	for _, f := range fields {
		if _, ok := values[f.name]; !ok {
			names = append(names, f.name)
		}
		values[f.name] = append(values[f.name], f.value)
	}
	out := []byte{'{'}
	for i, n := range names {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(jsontext.JavaScript.QuoteBytes(out, []byte(n)), ':')
		list := every || len(values[n]) > 1
		if list {
			out = append(out, '[')
		}
		for k, v := range values[n] {
			if k > 0 {
				out = append(out, ',')
			}
			out = jsontext.JavaScript.QuoteBytes(out, []byte(v))
		}
		if list {
			out = append(out, ']')
		}
	}
	return append(out, '}')
}

func formLastWins(fields []formField) []byte {
	values := map[string]int{}
	var out []formField
	for _, f := range fields {
		if at, ok := values[f.name]; ok {
			out[at].value = f.value
			continue
		}
		values[f.name] = len(out)
		out = append(out, f)
	}
	return formObject(out, false)
}

func withoutBlank(fields []formField) []formField {
	return slices.DeleteFunc(slices.Clone(fields), func(f formField) bool { return f.value == "" })
}

// encoders are the usual ones of urlencoded text: what they leave as it is, how they write a space and hexadecimal digits.
var encoders = []struct{ how, safe, space, hex string }{
	{"url.Values.Encode", "-_.~", "+", upperHex},
	{"new URLSearchParams(x).toString()", "*-._", "+", upperHex},
	{"encodeURIComponent", "-_.!~*'()", "%20", upperHex},
	{"quote", "-_.~", "%20", upperHex},
	{"quote with / kept", "-_.~/", "%20", upperHex},
	{"http_build_query", "-_.", "+", upperHex},
	{"HttpUtility.UrlEncode", "-_.!*()", "+", lowerHex},
	{`qs.stringify(x, { format: "RFC1738" })`, "-_.~()", "+", upperHex},
	{"WebUtility.UrlEncode", "-_.!*()", "+", upperHex},
	{"Uri.EscapeDataString of .NET Framework, %20 as +", "-_.!~*'()", "+", upperHex},
	{"Uri.EscapeDataString in lower case", "-_.~", "%20", lowerHex},
}

// fieldOrders are the fields as frameworks hand them on.
func fieldOrders(fields []formField) []fieldOrder {
	sorted := slices.Clone(fields)
	slices.SortStableFunc(sorted, func(a, b formField) int { return strings.Compare(a.name, b.name) })
	folded := slices.Clone(fields)
	slices.SortStableFunc(folded, compareAsCSharp)
	return []fieldOrder{
		{"", fields}, {", sorted by name", sorted}, {", blank values dropped", withoutBlank(fields)}, {", sorted, blank values dropped", withoutBlank(sorted)},
		{", values trimmed, as Laravel does", trimmedFields(fields)}, {", values trimmed, blank ones dropped, as Laravel does", withoutBlank(trimmedFields(fields))},
		{", sorted as C# sorts", folded},
	}
}

type fieldOrder struct {
	how    string
	fields []formField
}

func trimmedFields(fields []formField) []formField {
	out := slices.Clone(fields)
	for i := range out {
		out[i].value = trimmed(out[i].value)
	}
	return out
}

// compareAsCSharp is the default comparison of strings of .NET, as far as names of parameters need it: letters without regard
// to case first, then lower case before upper.
func compareAsCSharp(a, b formField) int {
	if c := strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)); c != 0 {
		return c
	}
	return strings.Compare(b.name, a.name)
}

// reencoded writes the fields as the usual encoders do.
func reencoded(fields []formField) []form {
	orders := fieldOrders(fields)
	var fs []form
	for _, e := range encoders {
		for _, o := range orders {
			fs = append(fs, form{"signed_form_reencoded", e.how + o.how, func(dst []byte) []byte {
				return encodeForm(dst, o.fields, e.safe, e.space, e.hex)
			}})
		}
	}
	sorted := orders[1].fields
	return append(fs,
		form{"signed_form_reencoded", "the fields sorted, escapes as sent", func(dst []byte) []byte { return joinForm(dst, sorted, true) }},
		form{"signed_form_reencoded", "the decoded fields joined again", func(dst []byte) []byte { return joinForm(dst, fields, false) }},
		form{"signed_form_reencoded", "the decoded fields sorted and joined again", func(dst []byte) []byte { return joinForm(dst, sorted, false) }},
	)
}

func encodeForm(dst []byte, fields []formField, safe, space, hex string) []byte {
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = append(percent(dst, f.name, safe, space, hex), '=')
		dst = percent(dst, f.value, safe, space, hex)
	}
	return nonNil(dst)
}

func percent(dst []byte, s, safe, space, hex string) []byte {
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(safe, c) >= 0:
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, space...)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

func joinForm(dst []byte, fields []formField, asSent bool) []byte {
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, '&')
		}
		name, value := f.name, f.value
		if asSent {
			name, value = f.rawName, f.rawValue
		}
		dst = append(append(append(dst, name...), '='), value...)
	}
	return nonNil(dst)
}
