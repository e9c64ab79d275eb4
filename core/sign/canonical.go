package sign

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"hookglass/core"
)

// The providers here do not sign runs of the request but text that they build from it.

// pair is one parameter of a form, decoded.
type pair struct{ name, value string }

// formPairs reads a form body in wire order. A bad escape is kept as it stands: a receiver has to make something
// of it too.
func formPairs(body []byte) []pair {
	var out []pair
	for field := range strings.SplitSeq(string(body), "&") {
		if field == "" {
			continue
		}
		name, value, _ := strings.Cut(field, "=")
		out = append(out, pair{unescape(name), unescape(value)})
	}
	return out
}

func unescape(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return t
	}
	return strings.ReplaceAll(s, "+", " ")
}

// form is Twilio's and Mandrill's text: name and value of each parameter, sorted by name; repeated parameters
// sorted by value without duplicates, as twilio-node does it. A body that is no form adds nothing.
func (v values) form() []core.Part {
	if !isForm(v.header) {
		return nil
	}
	pairs := formPairs(v.body)
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(compare16(a.name, b.name), compare16(a.value, b.value))
	})
	var out []core.Part
	for _, p := range slices.Compact(pairs) {
		out = append(out, core.Part{Name: "form " + p.name, Bytes: []byte(p.name + p.value)})
	}
	return out
}

// compare16 orders texts by their UTF-16 units, as JavaScript and Java sort: characters beyond U+FFFF come before
// those from U+E000.
func compare16(a, b string) int {
	if isASCII(a) && isASCII(b) {
		return strings.Compare(a, b)
	}
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isForm also takes a body without a type for a form, as the provider's libraries are handed parameters only.
func isForm(h core.Header) bool {
	kind := strings.ToLower(strings.TrimSpace(h.Get("Content-Type")))
	return kind == "" || strings.HasPrefix(kind, "application/x-www-form-urlencoded")
}

// repeatedParam returns the name of a form parameter that comes more than once, or "".
func repeatedParam(body []byte) string {
	seen := map[string]bool{}
	for _, p := range formPairs(body) {
		if seen[p.name] {
			return p.name
		}
		seen[p.name] = true
	}
	return ""
}

// contentful is METHOD, path, chosen headers sorted by name, and body, on a line each. The query is escaped twice.
// As in @contentful/node-apps-toolkit.
func (v values) contentful() ([]core.Part, error) {
	list, ok := v.header.Lookup("X-Contentful-Signed-Headers")
	if !ok {
		return nil, errors.New("header X-Contentful-Signed-Headers is missing: it names the headers that are signed")
	}
	parts := []core.Part{
		{Name: "method", Bytes: []byte(v.method)}, literal("\n"),
		{Name: "path", Bytes: []byte(contentfulPath(v.url))}, literal("\n"),
	}
	names := strings.Split(strings.ToLower(list), ",")
	slices.Sort(names)
	for i, name := range names {
		name = strings.TrimSpace(name)
		value, ok := v.header.Lookup(name)
		if !ok {
			return parts, fmt.Errorf("header %s is missing, and X-Contentful-Signed-Headers says that it is signed", name)
		}
		if i > 0 {
			parts = append(parts, literal(";"))
		}
		parts = append(parts, core.Part{Name: "header " + name, Bytes: []byte(name + ":" + strings.TrimSpace(value))})
	}
	return append(parts, literal("\n"), core.Part{Name: "body", Bytes: v.body}), nil
}

// contentfulPath is encodeURI(path + "?" + querystring.escape(query)).
func contentfulPath(address string) string {
	path, query, has := strings.Cut(strings.TrimPrefix(address, origin(address)), "?")
	if path == "" {
		path = "/"
	}
	if has && query != "" {
		path += "?" + escape(query, "!'()*-._~")
	}
	return escape(path, "!'()*-._~;,/?:@&=+$#")
}

// escape percent-encodes all bytes but ASCII letters, digits and those in keep.
func escape(s, keep string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte(keep, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// origin is the scheme and host of an address, "https://example.com".
func origin(address string) string {
	i := strings.Index(address, "://")
	if i < 0 {
		return ""
	}
	if j := strings.IndexAny(address[i+3:], "/?#"); j >= 0 {
		return address[:i+3+j]
	}
	return address
}

// adyenItem is where the one item stands that is signed; each further item has a signature of its own.
const adyenItem = "notificationItems.0.NotificationRequestItem"

// adyen is eight members of the first notification item, joined with colons; absent ones are empty. The amount is
// signed as JavaScript prints it, which is as JSON.stringify does.
func (v values) adyen() ([]core.Part, error) {
	if _, _, err := locate(v.body, strings.Split(adyenItem, ".")); err != nil {
		return nil, fmt.Errorf("the body has no %s: %w", adyenItem, err)
	}
	var parts []core.Part
	for i, name := range []string{"pspReference", "originalReference", "merchantAccountCode", "merchantReference",
		"amount.value", "amount.currency", "eventCode", "success"} {
		if i > 0 {
			parts = append(parts, literal(":"))
		}
		text, _, _ := jsonText(v.body, adyenItem+"."+name)
		if name == "amount.value" && text != "" && !isText(v.body, adyenItem+"."+name) {
			text = jsNumber(text)
		}
		parts = append(parts, core.Part{Name: "body " + name, Bytes: []byte(text)})
	}
	return parts, nil
}

// jsNumber prints a number of JSON as JavaScript does: 1130.0 is 1130, 1.13e3 too, and beyond 2^53 digits are lost.
func jsNumber(text string) string {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	if n == 0 {
		return "0"
	}
	if a := math.Abs(n); a >= 1e-6 && a < 1e21 {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(n, 'e', -1, 64), "e")
	return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
}
