package exchange

import (
	"fmt"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// testCase is a capture as a test file sends it.
type testCase struct {
	name, method, query, id string
	header                  core.Header
	body                    []byte
	signer                  *recipe // nil: sent with what it carried
	frozen                  string  // the scheme that made the signature which is sent as it came
}

// testCases prepares captures, and returns the recipes that they need, each once. Without a scheme each is signed as it was
// checked.
func testCases(captures []core.Capture, scheme sign.Scheme, book sign.Book) ([]testCase, []recipe) {
	var recipes []recipe
	out := make([]testCase, len(captures))
	seen := map[string]int{}
	for i := range captures {
		c := &captures[i]
		t := testCase{name: comment(caseName(c)), method: c.Request.Method, query: asciiURL(c.Request.Query()), header: endToEnd(c.Request.Header), body: c.Request.Body}
		if seen[t.name]++; seen[t.name] > 1 {
			t.name += fmt.Sprintf(" (%d)", seen[t.name])
		}
		s := scheme
		if s.ID == "" && c.Receipt.Verdict != nil {
			s, _ = book.Find(c.Receipt.Verdict.Scheme)
		}
		if k, ok := recipeOf(s); ok {
			t.signer, t.id, t.header = &k, k.id(c), k.unsigned(t.header)
			recipes = addRecipe(recipes, k)
		} else if s.ID != "" {
			t.frozen = comment(s.ID)
		}
		out[i] = t
	}
	return out, recipes
}

func addRecipe(all []recipe, k recipe) []recipe {
	for _, have := range all {
		if have.scheme.ID == k.scheme.ID {
			return all
		}
	}
	return append(all, k)
}

// usage is how to run a test file: the environment it wants.
func usage(recipes []recipe, command string) string {
	var b strings.Builder
	b.WriteString("WEBHOOK_URL=http://127.0.0.1:3000/webhooks ")
	for _, k := range recipes {
		b.WriteString(k.secretName() + "=… ")
	}
	return b.String() + command
}

// summary says in a comment what a recipe does.
func (k recipe) summary() string {
	if k.hash == "" {
		return comment(fmt.Sprintf("the shared token of %s, in %s", k.scheme.Provider, strings.TrimPrefix(k.scheme.Sig.From, "header:")))
	}
	return comment(fmt.Sprintf("the fields of %s: HMAC with %s over %s", k.scheme.Provider, strings.ToUpper(k.hash), k.scheme.Template))
}

// words are those of the scheme's name that every language takes into a name.
func (k recipe) words() []string {
	return strings.FieldsFunc(k.scheme.ID, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
}

// name is the recipe's name in CamelCase.
func (k recipe) name() string {
	var b strings.Builder
	for _, word := range k.words() {
		b.WriteString(core.Capital(word))
	}
	return b.String()
}

// lines breaks base64 text into quoted lines joined by between.
func lines(body []byte, quote, between string) string {
	const width = 100
	s := encode64(body)
	var out []string
	for len(s) > width {
		out = append(out, quote+s[:width]+quote)
		s = s[width:]
	}
	return strings.Join(append(out, quote+s+quote), between)
}
