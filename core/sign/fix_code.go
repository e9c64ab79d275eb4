package sign

import (
	"fmt"
	"strconv"
	"strings"
	"text/template"

	"hookglass/core"
)

// code is the fix as code: a verifier of this scheme in Go, Node and Python, with an arrow at the lines that the cause is
// about. Schemes that need a library of their own have none.
func (s Scheme) code(cause string, about core.About) map[string]string {
	v, ok := s.verifier()
	if about == core.AboutCame {
		v.Unpack = map[string]string{"signed_bytes_gunzipped": "gzip", "signed_bytes_base64_decoded": "base64"}[cause]
	}
	family := findCause(cause).family
	if !ok || family == "unknown" {
		return nil
	}
	return map[string]string{
		"go":     pointed(goVerifier, v, family, "//"),
		"node":   pointed(nodeVerifier, v, family, "//"),
		"python": pointed(pythonVerifier, v, family, "#"),
	}
}

// verifier is what the templates below need to know of a scheme.
type verifier struct {
	Scheme
	Hash           string // "sha256"
	Plain          bool   // a plain hash, no HMAC
	Header, Before string // the signature's header, and what stands there before the digest
	Strip, Decode  string // of the secret: a prefix, and "base64", "hex" or ""
	Stamp, StampIn string // the timestamp's header, or its key inside the signature
	ID             string // the id's header
	Unpack         string // what the receiver does to the body first: "gzip", "base64" or ""
	URL            bool
	Form           bool
	Parts          []piece
}

func (s Scheme) verifier() (verifier, bool) {
	hash, sum := digestHash(s.Alg)
	v := verifier{Scheme: s, Hash: hash, Plain: sum == "plain", Before: s.Sig.Prefix, Parts: pieces(s.Template)}
	header, inHeader := strings.CutPrefix(s.Sig.From, "header:")
	if hash == "" || !inHeader || s.Sig.Format == "rfc9421" || s.Sig.Format == "jwt" || s.Sig.Field == "-" || strings.ContainsAny(s.Key, " ") {
		return v, false
	}
	for _, p := range v.Parts {
		if _, known := expressions[p.text]; p.token && !known {
			return v, false
		}
	}
	v.Header = header
	if s.Sig.Format == "kv" {
		v.Before = s.Sig.Field + s.Sig.KV
	}
	for step := range strings.SplitSeq(s.Key, "|") {
		if prefix, ok := strings.CutPrefix(step, "strip="); ok {
			v.Strip += prefix
		} else if step == "nfkd" || strings.HasPrefix(step, "sha") || strings.HasPrefix(step, "need=") {
			return v, false // no code for it
		} else if step != "utf8" {
			v.Decode = step
		}
	}
	v.URL, v.Form = uses(s.Template, "url"), uses(s.Template, "form")
	if uses(s.Template, "ts") {
		v.Stamp, _ = strings.CutPrefix(s.TS.From, "header:")
		if key, inside := strings.CutPrefix(s.TS.From, "sig:"); inside {
			v.Stamp, v.StampIn = "", key
		}
	}
	if uses(s.Template, "id") {
		v.ID = strings.TrimPrefix(s.MsgID, "header:")
	}
	return v, true
}

// expressions are what a token of a template is in Go, Node and Python.
var expressions = map[string][3]string{
	"body":   {"string(body)", "body", "body"},
	"ts":     {"ts", "ts", "ts.encode()"},
	"id":     {"id", "id", "id.encode()"},
	"url":    {"publicURL", "publicURL", "public_url.encode()"},
	"method": {"r.Method", "req.method", "request.method.encode()"},
	"path":   {"r.URL.Path", "req.path", "request.path.encode()"},
	"secret": {"string(key)", "key", "key"},
	"form":   {"params", "params", "params.encode()"},
}

// Message writes the signed bytes as a sum of expressions: language 0 is Go, 1 Node, 2 Python.
func (v verifier) Message(language int, literal, plus string) string {
	var terms []string
	for _, p := range v.Parts {
		if p.token {
			terms = append(terms, expressions[p.text][language])
		} else {
			terms = append(terms, literal+strconv.Quote(p.text))
		}
	}
	return strings.Join(terms, plus)
}

// pointed fills in a template and puts an arrow at the lines that are about a family of causes. The families of a line
// stand behind "¤".
func pointed(t *template.Template, v verifier, family, comment string) string {
	var text, out strings.Builder
	if err := t.Execute(&text, v); err != nil {
		panic(fmt.Sprintf("template %s: %v", t.Name(), err)) // the templates are constants, so a test finds it
	}
	for line := range strings.Lines(text.String()) {
		code, families, tagged := strings.Cut(strings.TrimSuffix(line, "\n"), " ¤")
		if strings.TrimSpace(code) == "" {
			continue
		}
		out.WriteString(code)
		if tagged && family != "" && strings.Contains(families, family) {
			out.WriteString(" " + comment + " ← here")
		}
		out.WriteByte('\n')
	}
	return out.String()
}

var goVerifier = template.Must(template.New("go").Funcs(template.FuncMap{"q": strconv.Quote}).Parse(`
{{- define "secret"}}{{if .Strip}}strings.TrimPrefix(os.Getenv("WEBHOOK_SECRET"), {{q .Strip}}){{else}}os.Getenv("WEBHOOK_SECRET"){{end}}{{end -}}
{{- define "decode"}}{{if eq .Enc "hex"}}hex.DecodeString{{else if eq .Enc "base64"}}base64.StdEncoding.DecodeString{{else}}base64.RawURLEncoding.DecodeString{{end}}{{end -}}
{{- define "hash"}}{{if eq .Hash "sha384"}}sha512.New384{{else}}{{.Hash}}.New{{end}}{{end -}}
func verify(r *http.Request) bool {
	body, err := io.ReadAll(r.Body) ¤body
	if err != nil {
		return false
	}
{{- if eq .Unpack "base64"}}
	if body, err = base64.StdEncoding.DecodeString(string(body)); err != nil { ¤body
		return false
	}
{{- else if eq .Unpack "gzip"}}
	unzip, err := gzip.NewReader(bytes.NewReader(body)) ¤body
	if err != nil {
		return false
	}
	if body, err = io.ReadAll(unzip); err != nil { ¤body
		return false
	}
{{- end}}
{{- if eq .Decode "base64"}}
	key, _ := base64.StdEncoding.DecodeString({{template "secret" .}}) ¤key
{{- else if eq .Decode "hex"}}
	key, _ := hex.DecodeString({{template "secret" .}}) ¤key
{{- else}}
	key := []byte({{template "secret" .}}) ¤key
{{- end}}
{{- if eq .Sig.Format "kv"}}
	fields := map[string]string{}
	for e := range strings.SplitSeq(r.Header.Get({{q .Header}}), {{q .Sig.Sep}}) { ¤header
		k, v, _ := strings.Cut(strings.TrimSpace(e), {{q .Sig.KV}})
		fields[k] = v
	}
{{- end}}
{{- if .StampIn}}
	ts := fields[{{q .StampIn}}] ¤time template
{{- else if .Stamp}}
	ts := r.Header.Get({{q .Stamp}}) ¤time template
{{- end}}
{{- if .ID}}
	id := r.Header.Get({{q .ID}}) ¤request-mixup
{{- end}}
{{- if .URL}}
	publicURL := "https://YOUR-HOST/path?as=registered" ¤url
{{- end}}
{{- if .Form}}
	form, _ := url.ParseQuery(string(body))
	params := ""
	for _, name := range slices.Sorted(maps.Keys(form)) { ¤template
		params += name + form.Get(name) ¤template
	}
{{- end}}
	mac := {{if .Plain}}{{template "hash" .}}(){{else}}hmac.New({{template "hash" .}}, key){{end}} ¤algorithm
	io.WriteString(mac, {{.Message 0 "" " + "}}) ¤template body
{{- if eq .Sig.Format "list"}}
	for e := range strings.SplitSeq(r.Header.Get({{q .Header}}), {{q .Sig.Sep}}) { ¤header
		got, err := {{template "decode" .}}(strings.TrimPrefix(e, {{q .Before}})) ¤encoding
		if err == nil && hmac.Equal(got, mac.Sum(nil)) {
			return true
		}
	}
	return false
{{- else}}
{{- if eq .Sig.Format "kv"}}
	got, err := {{template "decode" .}}(fields[{{q .Sig.Field}}]) ¤encoding
{{- else if .Before}}
	got, err := {{template "decode" .}}(strings.TrimPrefix(r.Header.Get({{q .Header}}), {{q .Before}})) ¤encoding header
{{- else}}
	got, err := {{template "decode" .}}(r.Header.Get({{q .Header}})) ¤encoding header
{{- end}}
	return err == nil && hmac.Equal(got, mac.Sum(nil))
{{- end}}
}
`))

var nodeVerifier = template.Must(template.New("node").Funcs(template.FuncMap{"q": strconv.Quote}).Parse(`
// app.post(path, express.raw({ type: "*/*" }), ...): req.body is a Buffer of the raw bytes ¤body
function verify(req) {
  const body = {{if eq .Unpack "base64"}}Buffer.from(req.body.toString(), "base64"){{else if eq .Unpack "gzip"}}zlib.gunzipSync(req.body){{else}}req.body{{end}}; ¤body
  const key = Buffer.from(process.env.WEBHOOK_SECRET{{if .Strip}}.replace(/^{{.Strip}}/, ""){{end}}, {{if .Decode}}{{q .Decode}}{{else}}"utf8"{{end}}); ¤key
  const header = req.get({{q .Header}}) ?? ""; ¤header
{{- if eq .Sig.Format "kv"}}
  const fields = Object.fromEntries(header.split({{q .Sig.Sep}}).map((e) => e.trim().split({{q .Sig.KV}}))); ¤header
{{- end}}
{{- if .StampIn}}
  const ts = fields[{{q .StampIn}}]; ¤time template
{{- else if .Stamp}}
  const ts = req.get({{q .Stamp}}); ¤time template
{{- end}}
{{- if .ID}}
  const id = req.get({{q .ID}}); ¤request-mixup
{{- end}}
{{- if .URL}}
  const publicURL = "https://YOUR-HOST/path?as=registered"; ¤url
{{- end}}
{{- if .Form}}
  const form = new URLSearchParams(body.toString());
  const params = [...new Set(form.keys())].sort().map((k) => k + form.get(k)).join(""); ¤template
{{- end}}
  const mac = {{if .Plain}}crypto.createHash({{q .Hash}}){{else}}crypto.createHmac({{q .Hash}}, key){{end}}; ¤algorithm
  for (const part of [{{.Message 1 "" ", "}}]) mac.update(part); ¤template body
  const want = mac.digest();
{{- if eq .Sig.Format "kv"}}
  const got = [fields[{{q .Sig.Field}}] ?? ""]; ¤encoding
{{- else if eq .Sig.Format "list"}}
  const got = header.split({{q .Sig.Sep}}).filter((e) => e.startsWith({{q .Before}})).map((e) => e.slice({{len .Before}})); ¤encoding
{{- else}}
  const got = header.startsWith({{q .Before}}) ? [header.slice({{len .Before}})] : []; ¤encoding
{{- end}}
  return got.map((e) => Buffer.from(e, {{q .Enc}})).some((e) => e.length === want.length && crypto.timingSafeEqual(e, want)); ¤encoding
}
`))

var pythonVerifier = template.Must(template.New("python").Funcs(template.FuncMap{"q": strconv.Quote}).Parse(`
{{- define "secret"}}os.environ["WEBHOOK_SECRET"]{{if .Strip}}.removeprefix({{q .Strip}}){{end}}{{end -}}
{{- define "want"}}{{if eq .Enc "hex"}}want.hex(){{else if eq .Enc "base64"}}base64.b64encode(want).decode(){{else}}base64.urlsafe_b64encode(want).decode().rstrip("="){{end}}{{end -}}
def verify(request):
    body = {{if eq .Unpack "base64"}}base64.b64decode(request.get_data()){{else if eq .Unpack "gzip"}}gzip.decompress(request.get_data()){{else}}request.get_data(){{end}}  # Flask; in Django request.body ¤body
{{- if eq .Decode "base64"}}
    key = base64.b64decode({{template "secret" .}}) ¤key
{{- else if eq .Decode "hex"}}
    key = bytes.fromhex({{template "secret" .}}) ¤key
{{- else}}
    key = {{template "secret" .}}.encode() ¤key
{{- end}}
    header = request.headers.get({{q .Header}}, "") ¤header
{{- if eq .Sig.Format "kv"}}
    fields = dict(e.strip().split({{q .Sig.KV}}, 1) for e in header.split({{q .Sig.Sep}})) ¤header
{{- end}}
{{- if .StampIn}}
    ts = fields[{{q .StampIn}}] ¤time template
{{- else if .Stamp}}
    ts = request.headers[{{q .Stamp}}] ¤time template
{{- end}}
{{- if .ID}}
    id = request.headers[{{q .ID}}] ¤request-mixup
{{- end}}
{{- if .URL}}
    public_url = "https://YOUR-HOST/path?as=registered" ¤url
{{- end}}
{{- if .Form}}
    form = sorted(set(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True)))
    params = "".join(k + v for k, v in form) ¤template
{{- end}}
    message = {{.Message 2 "b" " + "}} ¤template body
    want = {{if .Plain}}hashlib.{{.Hash}}(message){{else}}hmac.new(key, message, hashlib.{{.Hash}}){{end}}.digest() ¤algorithm
{{- if eq .Sig.Format "kv"}}
    return hmac.compare_digest({{template "want" .}}, fields.get({{q .Sig.Field}}, "")) ¤encoding
{{- else if eq .Sig.Format "list"}}
    return any(hmac.compare_digest({{q .Before}} + {{template "want" .}}, e) for e in header.split({{q .Sig.Sep}})) ¤encoding
{{- else if .Before}}
    return hmac.compare_digest({{q .Before}} + {{template "want" .}}, header) ¤encoding
{{- else}}
    return hmac.compare_digest({{template "want" .}}, header) ¤encoding
{{- end}}
`))
