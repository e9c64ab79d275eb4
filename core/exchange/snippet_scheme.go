package exchange

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// recipe is a scheme as generated code follows it: an HMAC over parts that are known when the code runs, or a shared
// token. Schemes that need a private key or read the body are not among them.
type recipe struct {
	scheme  sign.Scheme
	hash    string   // "sha256"; empty: the secret itself is sent
	key     []string // steps from the secret to the key: "strip=whsec_", "base64"
	message []chunk
	value   []chunk // of the header that carries the signature
}

// chunk is text, or the name of a variable: ts, id, url, method, body, signature.
type chunk struct {
	text string
	name bool
}

var templateToken = regexp.MustCompile(`\{[^{}]*\}`)

// recipeOf reads a scheme; false where it needs more than a recipe can say.
func recipeOf(s sign.Scheme) (recipe, bool) {
	r := recipe{scheme: s, key: strings.Split(keyLine(s.Key), "|")}
	for _, step := range r.key {
		if !strings.HasPrefix(step, "strip=") && !slices.Contains([]string{"utf8", "base64", "hex"}, step) {
			return r, false
		}
	}
	for _, value := range s.Require {
		if value == "" || strings.Contains(value, "{") { // what only the user knows, or what is computed
			return r, false
		}
	}
	if s.Sig.Field == "*" || s.Sig.Field == "-" {
		return r, false
	}
	hash, isHMAC := strings.CutPrefix(s.Alg, "hmac-")
	switch {
	case isHMAC:
		r.hash = hash
		r.message = chunks(s.Template)
		if s.Enc == "raw" || strings.Contains(s.Key, "pem-cert") {
			return r, false
		}
	case s.Alg == "equal" && s.Template == "{none}":
	default:
		return r, false
	}
	for _, c := range r.message {
		if c.name && !slices.Contains([]string{"ts", "id", "url", "method", "body"}, c.text) {
			return r, false
		}
	}
	place, _, _ := strings.Cut(s.TS.From, ":")
	if !strings.HasPrefix(s.Sig.From, "header:") || s.Template == "{url}" || place == "json" || strings.HasPrefix(s.MsgID, "json") || !slices.Contains([]string{"plain", "list", "kv"}, s.Sig.Format) {
		return r, false
	}
	r.value = []chunk{{s.Sig.Prefix, false}, {"signature", true}}
	if s.Sig.Format == "kv" {
		r.value = []chunk{{s.Sig.Field + s.Sig.KV, false}, {"signature", true}}
		if name := strings.TrimPrefix(s.TS.From, "sig:"); place == "sig" {
			r.value = append([]chunk{{name + s.Sig.KV, false}, {"ts", true}, {s.Sig.Sep, false}}, r.value...)
		}
	}
	return r, true
}

// keyLine is the way to read the secret as the provider shows it: the first of several.
func keyLine(steps string) string {
	line, _, _ := strings.Cut(steps, " or ")
	line, _, _ = strings.Cut(line, " else ")
	return strings.ReplaceAll(line, "need=", "strip=")
}

func chunks(template string) []chunk {
	var out []chunk
	at := 0
	for _, m := range templateToken.FindAllStringIndex(template, -1) {
		if m[0] > at {
			out = append(out, chunk{template[at:m[0]], false})
		}
		out = append(out, chunk{template[m[0]+1 : m[1]-1], true})
		at = m[1]
	}
	if at < len(template) {
		out = append(out, chunk{template[at:], false})
	}
	return out
}

// uses reports whether the message or the header has a variable.
func (r recipe) uses(name string) bool {
	return slices.Contains(r.message, chunk{name, true}) || slices.Contains(r.value, chunk{name, true})
}

func (r recipe) stamped() bool { return r.scheme.TS.From != "" }

// fields are the headers to set, in order: constant ones, id, timestamp, signature.
func (r recipe) fields() []recipeField {
	var out []recipeField
	for _, name := range slices.Sorted(maps.Keys(r.scheme.Set)) {
		out = append(out, recipeField{name, []chunk{{r.scheme.Set[name], false}}})
	}
	for _, name := range slices.Sorted(maps.Keys(r.scheme.Require)) {
		out = append(out, recipeField{name, []chunk{{strings.TrimPrefix(r.scheme.Require[name], "?"), false}}})
	}
	if name, ok := strings.CutPrefix(r.scheme.MsgID, "header:"); ok {
		out = append(out, recipeField{name, []chunk{{"id", true}}})
	}
	if name, ok := strings.CutPrefix(r.scheme.TS.From, "header:"); ok {
		out = append(out, recipeField{name, []chunk{{"ts", true}}})
	}
	name := strings.TrimPrefix(r.scheme.Sig.From, "header:")
	return append(out, recipeField{name, slices.DeleteFunc(slices.Clone(r.value), func(c chunk) bool { return c.text == "" })})
}

type recipeField struct {
	name  string
	value []chunk
}

// unsigned is a header without what the recipe makes anew.
func (r recipe) unsigned(h core.Header) core.Header {
	for _, f := range r.fields() {
		h = h.Without(f.name)
	}
	for _, place := range r.scheme.Sig.Also {
		h = h.Without(strings.TrimPrefix(place, "header:"))
	}
	return h
}

// id is the message id that the request has, so that a new signature is one of the same event.
func (r recipe) id(c *core.Capture) string {
	if name, ok := strings.CutPrefix(r.scheme.MsgID, "header:"); ok {
		if id := c.Request.Header.Get(name); id != "" {
			return id
		}
		if c.Event.ID != "" {
			return c.Event.ID
		}
		return "msg_from_hookglass"
	}
	return ""
}

// secretName is the environment variable that generated code reads: STRIPE_WEBHOOK_SECRET.
func (r recipe) secretName() string { return envName(r.scheme.ID) + "_WEBHOOK_SECRET" }

// envName makes a name that every shell accepts.
func envName(s string) string {
	name := strings.Trim(regexp.MustCompile(`[^A-Z0-9]+`).ReplaceAllString(strings.ToUpper(s), "_"), "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "HOOK_" + name
	}
	return strings.TrimSuffix(name, "_")
}

// joined writes chunks as an expression of a language that adds strings with +.
func joined(all []chunk, quote func(string) string) string {
	var out []string
	for _, c := range all {
		if c.name {
			out = append(out, c.text)
		} else if c.text != "" {
			out = append(out, quote(c.text))
		}
	}
	return strings.Join(out, " + ")
}

// runs splits a message at the body: the texts around it are written as strings, the body as bytes.
func runs(message []chunk) [][]chunk {
	var out [][]chunk
	var text []chunk
	for _, c := range message {
		if !c.name || c.text != "body" {
			text = append(text, c)
			continue
		}
		if text != nil {
			out = append(out, text)
		}
		out, text = append(out, []chunk{c}), nil
	}
	if text != nil {
		out = append(out, text)
	}
	return out
}

func isBody(run []chunk) bool { return run[0] == chunk{"body", true} }
