package sign

import (
	"fmt"
	"slices"
	"strings"

	"hookglass/core"
)

// templateChanges are the ways to put the signed bytes together wrongly: a part left out, another order or
// separator, another provider's template.
func (s Scheme) templateChanges(base *trial, f []formField) []change {
	b := templateBuilder{scheme: s, seen: map[string]bool{}}
	b.formChanges(base, f)
	b.fieldChanges()
	ps := pieces(s.Template)
	b.missing(ps)
	b.emptied()
	b.literals(ps)
	b.separators(ps)
	b.orders(ps)
	b.ofOthers(base, f)
	return b.out
}

// fieldChanges are what older ways to sign do to the fields that are joined with colons.
func (b *templateBuilder) fieldChanges() {
	if !uses(b.scheme.Template, "adyen") {
		return
	}
	add := func(cause, how string, turn func(string) string) {
		b.out = append(b.out, change{inTemplate, cause, how, func(t *trial) bool {
			t.fields = func(parts []core.Part) {
				for i := range parts {
					if strings.HasPrefix(parts[i].Name, "body ") {
						parts[i].Bytes = []byte(turn(string(parts[i].Bytes)))
					}
				}
			}
			return true
		}})
	}
	add("fields_escaped", `with \ and : in the fields written \\ and \:, as for the hosted payment pages`, strings.NewReplacer(`\`, `\\`, ":", `\:`).Replace)
	add("fields_escaped", `with : in the fields written \:`, strings.NewReplacer(":", `\:`).Replace)
	add("fields_escaped", `with \ in the fields written \\`, strings.NewReplacer(`\`, `\\`).Replace)
	add("fields_unescaped", `with \\ and \: in the fields written \ and :`, strings.NewReplacer(`\\`, `\`, `\:`, ":").Replace)
	add("fields_unescaped", "with the fields percent-decoded", unescapePath)
	for _, word := range []string{"null", "None", "undefined", "nil"} {
		add("fields_unescaped", "with "+word+" in the place of missing fields", func(s string) string {
			if s == "" {
				return word
			}
			return s
		})
	}
	add("fields_unescaped", "with True and False, as Python prints them", func(s string) string {
		switch s {
		case "true":
			return "True"
		case "false":
			return "False"
		}
		return s
	})
}

type templateBuilder struct {
	scheme Scheme
	seen   map[string]bool
	out    []change
}

func (b *templateBuilder) add(cause, how, template string) {
	if template == b.scheme.Template || template == "" || b.seen[cause+template] {
		return
	}
	b.seen[cause+template] = true
	b.out = append(b.out, change{inTemplate, cause, how, func(t *trial) bool {
		t.template = template
		return true
	}})
}

func write(ps []piece) string {
	var b strings.Builder
	for _, p := range ps {
		if p.token {
			b.WriteString("{" + p.text + "}")
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// missingCause names the cause for each token that people leave out.
var missingCause = map[string]string{
	"ts": "timestamp_missing_from_signed_string", "id": "id_missing_from_signed_string",
	"url": "url_missing_from_signed_string", "method": "method_missing_from_signed_string",
	"path": "url_missing_from_signed_string",
}

// missing leaves out every set of tokens but body and form, and the literals, each with the separator beside it.
func (b *templateBuilder) missing(ps []piece) {
	var can []int
	for i, p := range ps {
		if p.token && missingCause[p.text] != "" || !p.token && literalName(p.text) == "literal" {
			can = append(can, i)
		}
	}
	if len(can) > 4 {
		return
	}
	for set := 1; set < 1<<len(can); set++ {
		gone := map[int]bool{}
		for k, i := range can {
			if set>>k&1 == 1 {
				gone[i] = true
			}
		}
		for _, template := range []string{leaving(ps, gone, 1), leaving(ps, gone, -1), leaving(ps, gone, 0)} {
			for i := range gone {
				cause, what := "version_literal_missing", ps[i].text
				if ps[i].token {
					cause, what = missingCause[ps[i].text], "{"+what+"}"
				}
				b.add(cause, fmt.Sprintf("%s instead of %s: %s is left out", template, b.scheme.Template, what), template)
			}
		}
	}
	for i, p := range ps {
		if p.token && p.text == "body" && len(ps) > 1 {
			b.add("signed_empty_body", "everything but the body", leaving(ps, map[int]bool{i: true}, -1))
		}
	}
}

// leaving writes a template without some pieces, and with each the separator behind it (side 1), before it (-1) or none (0).
func leaving(ps []piece, gone map[int]bool, side int) string {
	drop := map[int]bool{}
	for i := range gone {
		drop[i] = true
		if k := i + side; side != 0 && k >= 0 && k < len(ps) && !ps[k].token && literalName(ps[k].text) == "separator" {
			drop[k] = true
		}
	}
	var kept []piece
	for i, p := range ps {
		if !drop[i] {
			kept = append(kept, p)
		}
	}
	return write(kept)
}

// emptied are values that were not there when the string was put together.
func (b *templateBuilder) emptied() {
	for _, v := range []string{"", "undefined", "null", "None"} {
		how := "the text " + v
		if v == "" {
			how = "nothing"
		}
		if uses(b.scheme.Template, "ts") {
			b.out = append(b.out, change{inTemplate, "timestamp_missing_from_signed_string", how + " in the place of the timestamp",
				func(t *trial) bool { t.values.ts = v; return true }})
		}
		if uses(b.scheme.Template, "id") {
			b.out = append(b.out, change{inTemplate, "id_missing_from_signed_string", how + " in the place of the id",
				func(t *trial) bool { t.values.id = v; return true }})
		}
	}
}

// literals are other versions of a constant: v1 for v0.
func (b *templateBuilder) literals(ps []piece) {
	for i, p := range ps {
		if p.token || literalName(p.text) != "literal" {
			continue
		}
		for _, v := range []string{"v0", "v1", "v2", "V0", "V1"} {
			if sep := strings.TrimLeft(p.text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"); sep != p.text {
				other := slices.Clone(ps)
				other[i].text = v + sep
				b.add("version_literal_wrong", "the literal "+v+sep+" instead of "+p.text, write(other))
			}
		}
	}
}

var separators = []string{".", ":", "", "|", "-", "\n", "_", ",", " ", ";", "+", "&", "/", "\r\n", "=", "#"}

// separators puts other characters between the parts: at every place, and at each one.
func (b *templateBuilder) separators(ps []piece) {
	var slots []int // pieces that are, or end in, a separator
	spread := ps
	if !slices.ContainsFunc(ps, func(p piece) bool { return !p.token }) {
		spread = nil
		for i, p := range ps {
			if i > 0 {
				spread = append(spread, piece{})
			}
			spread = append(spread, p)
		}
	}
	for i, p := range spread {
		if !p.token {
			slots = append(slots, i)
		}
	}
	if len(slots) == 0 {
		return
	}
	put := func(where []int, sep string) {
		other := slices.Clone(spread)
		for _, i := range where {
			other[i].text = strings.TrimRight(other[i].text, ".:|-\n_,; ") + sep
		}
		b.add("separator_wrong", fmt.Sprintf("%q as separator: %s", sep, write(other)), write(other))
	}
	for _, sep := range separators {
		put(slots, sep)
		if len(slots) > 1 {
			for _, i := range slots {
				put([]int{i}, sep)
			}
		}
	}
}

// orders puts the tokens into every other order and leaves separators and literals in their places.
func (b *templateBuilder) orders(ps []piece) {
	var at []int
	for i, p := range ps {
		if p.token && p.text != "secret" { // its place is part of the algorithm: see sumChanges
			at = append(at, i)
		}
	}
	if len(at) < 2 || len(at) > 4 {
		return
	}
	for order := range permutations(len(at)) {
		other := slices.Clone(ps)
		for k, i := range at {
			other[i] = ps[at[order[k]]]
		}
		b.add("order_wrong", "in another order: "+write(other), write(other))
	}
}

// permutations yields every order of n things.
func permutations(n int) func(yield func([]int) bool) {
	return func(yield func([]int) bool) {
		var step func(order []int) bool
		step = func(order []int) bool {
			if len(order) == n {
				return yield(order)
			}
			for i := range n {
				if !slices.Contains(order, i) && !step(append(order[:len(order):len(order)], i)) {
					return false
				}
			}
			return true
		}
		step(nil)
	}
}

// ofOthers are the templates of the other schemes of the table, as far as this request has what they name.
func (b *templateBuilder) ofOthers(base *trial, f []formField) {
	guessed := *base
	guessed.guess()
	for _, o := range table() {
		if !b.usable(o.Template, &guessed, f) || b.seen["template_of_other_provider"+o.Template] || o.Template == b.scheme.Template {
			continue
		}
		b.seen["template_of_other_provider"+o.Template] = true
		b.out = append(b.out, change{inTemplate, "template_of_other_provider", o.Template + ", as " + o.Provider + " signs", func(t *trial) bool {
			t.template, t.values.ts, t.values.id = o.Template, guessed.values.ts, guessed.values.id
			return true
		}})
	}
}

func (b *templateBuilder) usable(template string, t *trial, f []formField) bool {
	for _, p := range pieces(template) {
		if !p.token {
			continue
		}
		switch p.text {
		case "body", "url", "method", "path":
		case "ts":
			if t.values.ts == "" {
				return false
			}
		case "id":
			if t.values.id == "" {
				return false
			}
		case "form":
			if f == nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// guess fills in a timestamp and an id that the scheme does not name but some header seems to carry.
func (t *trial) guess() {
	for _, h := range t.values.header {
		name := strings.ToLower(h.Name)
		if t.values.ts == "" && strings.Contains(name, "timestamp") {
			t.values.ts = strings.TrimSpace(h.Value)
		}
		if t.values.id == "" && (strings.HasSuffix(name, "-id") || strings.HasSuffix(name, "-delivery")) {
			t.values.id = strings.TrimSpace(h.Value)
		}
	}
}

// formChanges are the ways to spell out the parameters of a form wrongly.
func (b *templateBuilder) formChanges(base *trial, fields []formField) {
	if !uses(b.scheme.Template, "form") {
		return
	}
	add := func(cause, how string, form []byte) {
		b.out = append(b.out, change{inTemplate, cause, how, func(t *trial) bool {
			if t.form != nil {
				return false
			}
			t.form = nonNil(form)
			return true
		}})
	}
	add("form_params_missing", "without the parameters", nil)
	add("form_body_appended_raw", "with the raw body instead of the sorted parameters", base.values.body)
	join := func(fs []formField, raw bool, between, after string) []byte {
		var out []byte
		for _, f := range fs {
			name, value := f.name, f.value
			if raw {
				name, value = f.rawName, f.rawValue
			}
			out = append(out, name+between+value+after...)
		}
		return out
	}
	byName := func(x, y formField) int { return strings.Compare(x.name, y.name) }
	sorted := slices.Clone(fields)
	slices.SortStableFunc(sorted, byName)
	if _, query, has := strings.Cut(base.values.url, "?"); has {
		both := append(queryFields(query), fields...)
		slices.SortStableFunc(both, byName)
		add("form_params_repeated", "with the parameters of the query among those of the form", join(both, false, "", ""))
		add("form_params_repeated", "with the parameters of the query in front of those of the form", append(join(queryFields(query), false, "", ""), join(sorted, false, "", "")...))
	}
	if fields == nil {
		return
	}
	add("form_params_unsorted", "with the parameters in the order of the body", join(fields, false, "", ""))
	add("form_params_not_decoded", "with the parameters sorted but still encoded", join(sorted, true, "", ""))
	add("form_params_not_decoded", "with the parameters in the order of the body and still encoded", join(fields, true, "", ""))
	add("separator_wrong", `with "=" between name and value`, join(sorted, false, "=", ""))
	add("separator_wrong", `with "=" and "&" between names and values`, []byte(strings.TrimSuffix(string(join(sorted, false, "=", "&")), "&")))
	trim := trimmedFields(sorted)
	add("form_params_trimmed", "with the values trimmed, as Laravel does", join(trim, false, "", ""))
	add("form_params_trimmed", "with the values trimmed and blank ones dropped, as Laravel does", join(withoutBlank(trim), false, "", ""))
	folded := slices.Clone(fields)
	slices.SortStableFunc(folded, compareAsCSharp)
	add("form_params_unsorted", "with the parameters sorted without regard to case, as C# sorts strings", join(folded, false, "", ""))
	add("form_params_blank_dropped", "without the blank parameters", join(withoutBlank(sorted), false, "", ""))
	add("form_params_repeated", "with the first value of each repeated parameter", join(firstOnly(sorted), false, "", ""))
	add("form_params_repeated", "with the last value of each repeated parameter", join(lastOnly(sorted), false, "", ""))
	add("form_params_repeated", "with every repeated parameter", join(sorted, false, "", ""))
}

func firstOnly(fs []formField) []formField {
	var out []formField
	for _, f := range fs {
		if len(out) == 0 || out[len(out)-1].name != f.name {
			out = append(out, f)
		}
	}
	return out
}

func lastOnly(fs []formField) []formField {
	var out []formField
	for i, f := range fs {
		if i+1 == len(fs) || fs[i+1].name != f.name {
			out = append(out, f)
		}
	}
	return out
}

// sumChanges are other hashes and other ways to use them. Only hashes whose digests have the length of the
// signature come into question.
func (s Scheme) sumChanges(sizes []int) []change {
	hash, sum := digestHash(s.Alg)
	if hash == "" {
		return nil
	}
	var out []change
	for _, n := range sizes {
		if h := hashOfSize(n); h != "" && h != hash {
			out = append(out, change{inSum, "algorithm_" + h, algorithmName(h, sum), func(t *trial) bool { t.hash = h; return true }})
		}
	}
	for _, way := range sums {
		if way.name == sum {
			continue
		}
		out = append(out, change{inSum, way.cause, way.how, func(t *trial) bool {
			t.sum, t.template = way.name, strings.ReplaceAll(t.template, "{secret}", "")
			return true
		}})
		if sum == "plain" && way.name == "hmac" {
			out = append(out, change{inSum, way.cause, way.how + ", with the secret among the signed bytes too", func(t *trial) bool { t.sum = way.name; return true }})
		}
	}
	return out
}

func algorithmName(hash, sum string) string {
	name := map[string]string{"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}[hash]
	if sum == "hmac" {
		return "HMAC-" + name
	}
	return name
}

// requestChanges put what belongs to another request in the place of what belongs to this one.
func (s Scheme) requestChanges(in Input, others []*core.Request) []change {
	var out []change
	for _, o := range others[:min(len(others), 200)] {
		if o == nil || o == in.Request {
			continue
		}
		sc := s.as(o)
		f := sc.find(o)
		v := sc.values(Input{Request: o, Params: in.Params}, f)
		out = append(out, change{inRequest, "signature_of_other_request", "everything that another captured request carries", func(t *trial) bool {
			secret, url := t.values.secret, t.values.url
			t.values, t.values.secret = v, secret
			if in.URL != "" {
				t.values.url = url
			}
			return true
		}})
		out = append(out, change{inRequest, "signature_of_other_request", "the body of another captured request", func(t *trial) bool {
			t.values.body = o.Body
			return true
		}})
		if f.has.id {
			out = append(out, change{inID, "id_from_other_request", "the id " + f.id + " of another captured request", func(t *trial) bool {
				t.values.id = f.id
				return true
			}})
		}
		if f.has.ts {
			out = append(out, change{inTime, "timestamp_header_changed", "the timestamp " + f.ts + " of another captured request", func(t *trial) bool {
				t.values.ts = f.ts
				return true
			}})
		}
	}
	return out
}
