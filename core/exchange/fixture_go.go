package exchange

import (
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// GoTest writes a Go test that sends the captures to the handler at WEBHOOK_URL, signed at the moment it runs with a
// secret from the environment, and wants a 2xx for each. Without a scheme each is signed as it was checked.
func GoTest(captures []core.Capture, scheme sign.Scheme, book sign.Book) ([]byte, error) {
	cases, recipes := testCases(captures, scheme, book)
	imports := map[string]bool{"bytes": true, "encoding/base64": true, "io": true, "net/http": true, "os": true, "testing": true}
	var signers strings.Builder
	for _, k := range recipes {
		k.goSigner(&signers, imports)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// Captured webhooks as a test, written by Hookglass. Run it against your handler:\n//\n//\t%s\npackage webhooks_test\n\nimport (\n", usage(recipes, "go test -run TestWebhooks"))
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(&b, "\t%q\n", name)
	}
	b.WriteString(")\n" + goTestBody)
	b.WriteString("var webhooks = []webhook{\n")
	for _, t := range cases {
		t.goCase(&b)
	}
	b.WriteString("}\n" + signers.String())
	out, err := format.Source([]byte(b.String()))
	if err != nil {
		return nil, fmt.Errorf("write Go test: %w", err)
	}
	return out, nil
}

const goTestBody = `
// webhook is one request. Its body is base64, so that no editor changes a byte; its signature is made when it is sent.
type webhook struct {
	name, method, query, id string
	header                  [][2]string
	body                    string
	sign                    func(t *testing.T, method, url, id string, body []byte) [][2]string
}

func TestWebhooks(t *testing.T) {
	address := os.Getenv("WEBHOOK_URL")
	if address == "" {
		t.Skip("set WEBHOOK_URL to the address of your handler")
	}
	for _, w := range webhooks {
		t.Run(w.name, func(t *testing.T) {
			resp := w.send(t, address)
			defer resp.Body.Close()
			if resp.StatusCode < 200 || resp.StatusCode > 299 {
				answer, _ := io.ReadAll(resp.Body)
				t.Errorf("answered %s: %s", resp.Status, answer)
			}
		})
	}
}

func (w webhook) send(t *testing.T, address string) *http.Response {
	t.Helper()
	body, err := base64.StdEncoding.DecodeString(w.body)
	if err != nil {
		t.Fatal(err)
	}
	if w.query != "" {
		address += "?" + w.query
	}
	req, err := http.NewRequest(w.method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range w.header {
		req.Header[f[0]] = append(req.Header[f[0]], f[1])
	}
	if w.sign != nil {
		for _, f := range w.sign(t, w.method, address, w.id, body) {
			req.Header[f[0]] = []string{f[1]}
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

`

func (t testCase) goCase(b *strings.Builder) {
	if t.frozen != "" {
		fmt.Fprintf(b, "\t// Signed with %s, which cannot be made here: the signature is the one that came.\n", t.frozen)
	}
	fmt.Fprintf(b, "\t{\n\t\tname: %s, method: %s,\n", strconv.Quote(t.name), strconv.Quote(t.method))
	if t.query != "" {
		fmt.Fprintf(b, "\t\tquery: %s,\n", strconv.Quote(t.query))
	}
	if t.id != "" {
		fmt.Fprintf(b, "\t\tid: %s,\n", strconv.Quote(t.id))
	}
	b.WriteString("\t\theader: [][2]string{\n")
	for _, f := range t.header {
		fmt.Fprintf(b, "\t\t\t{%s, %s},\n", strconv.Quote(f.Name), strconv.Quote(f.Value))
	}
	fmt.Fprintf(b, "\t\t},\n\t\tbody: %s,\n", goBase64(t.body))
	if t.signer != nil {
		fmt.Fprintf(b, "\t\tsign: sign%s,\n", t.signer.name())
	}
	b.WriteString("\t},\n")
}

// goSigner writes the function that makes a recipe's fields.
func (k recipe) goSigner(b *strings.Builder, imports map[string]bool) {
	fmt.Fprintf(b, "\n// sign%s makes %s.\nfunc sign%s(t *testing.T, method, url, id string, body []byte) [][2]string {\n", k.name(), k.summary(), k.name())
	fmt.Fprintf(b, "\tsecret := os.Getenv(%q)\n\tif secret == \"\" {\n\t\tt.Skip(\"set %s to the secret that your handler verifies with\")\n\t}\n", k.secretName(), k.secretName())
	if k.stamped() {
		imports["time"] = true
		now := "time.Now()"
		switch k.scheme.TS.Unit {
		case "ms":
			imports["strconv"] = true
			now = "strconv.FormatInt(time.Now().UnixMilli(), 10)"
		case "rfc3339":
			now = "time.Now().UTC().Format(time.RFC3339)"
		case "iso":
			now = `time.Now().UTC().Format("2006-01-02T15:04:05")`
		case "imf":
			now = "time.Now().UTC().Format(http.TimeFormat)"
		default:
			imports["strconv"] = true
			now = "strconv.FormatInt(time.Now().Unix(), 10)"
		}
		fmt.Fprintf(b, "\tts := %s\n", now)
	}
	if k.hash == "" {
		b.WriteString("\tsignature := secret\n")
	} else {
		k.goDigest(b, imports)
	}
	b.WriteString("\treturn [][2]string{\n")
	for _, f := range k.fields() {
		fmt.Fprintf(b, "\t\t{%q, %s},\n", f.name, joined(f.value, strconv.Quote))
	}
	b.WriteString("\t}\n}\n")
}

func (k recipe) goDigest(b *strings.Builder, imports map[string]bool) {
	imports["crypto/hmac"] = true
	key := "[]byte(secret)"
	for _, step := range k.key {
		prefix, strip := strings.CutPrefix(step, "strip=")
		switch {
		case strip:
			imports["strings"] = true
			fmt.Fprintf(b, "\tsecret = strings.TrimPrefix(secret, %q)\n", prefix)
		case step == "base64":
			imports["strings"] = true
			key = "key"
			b.WriteString("\tkey, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer(\"-\", \"+\", \"_\", \"/\").Replace(secret), \"=\"))\n\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n")
		case step == "hex":
			imports["encoding/hex"] = true
			key = "key"
			b.WriteString("\tkey, err := hex.DecodeString(secret)\n\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n")
		}
	}
	pkg := map[string]string{"sha1": "sha1", "sha256": "sha256", "sha384": "sha512", "sha512": "sha512"}[k.hash]
	imports["crypto/"+pkg] = true
	fmt.Fprintf(b, "\tmac := hmac.New(%s.New%s, %s)\n", pkg, map[string]string{"sha384": "384"}[k.hash], key)
	for _, run := range runs(k.message) {
		if isBody(run) {
			b.WriteString("\tmac.Write(body)\n")
		} else {
			fmt.Fprintf(b, "\tmac.Write([]byte(%s))\n", joined(run, strconv.Quote))
		}
	}
	switch k.scheme.Enc {
	case "hex":
		imports["encoding/hex"] = true
		b.WriteString("\tsignature := hex.EncodeToString(mac.Sum(nil))\n")
	case "base64url":
		b.WriteString("\tsignature := base64.RawURLEncoding.EncodeToString(mac.Sum(nil))\n")
	default:
		b.WriteString("\tsignature := base64.StdEncoding.EncodeToString(mac.Sum(nil))\n")
	}
}

// goBase64 is a body in base64 as one literal: a sum of a hundred thousand lines takes gofmt, and the compiler, minutes. Go's
// decoder passes over the ends of lines.
func goBase64(body []byte) string {
	return "`" + lines(body, "", "\n") + "`"
}
