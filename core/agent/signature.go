package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// verdictView is a verdict as a model reads it: the signed bytes as short texts, the findings with their fixes.
type verdictView struct {
	Verdict    string               `json:"verdict"`
	Scheme     string               `json:"scheme"`
	Where      string               `json:"where,omitempty"`
	Algorithm  string               `json:"algorithm,omitempty"`
	Wanted     string               `json:"wanted,omitempty"` // masked: it would open the door
	Got        string               `json:"got,omitempty"`
	AgeSeconds float64              `json:"age_seconds,omitempty"`
	ToleranceS float64              `json:"tolerance_seconds,omitempty"`
	Signed     []signedPart         `json:"signed_parts,omitempty"`
	Notes      []string             `json:"notes,omitempty"`
	Findings   []engine.FindingJSON `json:"findings"`
	Tried      int                  `json:"tried"`
	Masked     []string             `json:"masked,omitempty"`
}

type signedPart struct {
	Name  string `json:"name"`
	Bytes int    `json:"bytes"`
	Text  string `json:"begins,omitempty"`
}

// brief is a verdict without the code of its fixes, and without the bytes where they are not asked for.
func brief(v *engine.VerdictJSON, parts bool) *verdictView {
	out := viewOf(v)
	if out == nil {
		return nil
	}
	if !parts {
		out.Signed = nil
	}
	for i := range out.Findings {
		out.Findings[i].Code = nil
	}
	return out
}

// viewOf bounds a verdict. Code is long: the best finding has it.
func viewOf(v *engine.VerdictJSON) *verdictView {
	if v == nil {
		return nil
	}
	out := &verdictView{Verdict: v.Verdict, Scheme: v.Scheme, Where: v.Where, Algorithm: v.Algorithm, Wanted: cut(v.Wanted, 300), Got: cut(v.Got, 1000),
		AgeSeconds: v.AgeSeconds, ToleranceS: v.ToleranceS, Notes: v.Notes, Findings: slices.Clone(v.Findings), Tried: v.Tried}
	for _, p := range v.SignedParts {
		part := signedPart{Name: p.Name, Bytes: len(p.BytesB64)}
		if text := p.BytesB64; utf8.Valid(text) {
			part.Text = cut(string(text), 200)
		}
		out.Signed = append(out.Signed, part)
	}
	if v.Algorithm == "equal" { // the signature is the secret itself
		out.Signed = nil
		out.hide(v.Got)
	}
	for i := range out.Findings {
		f := &out.Findings[i]
		f.Detail, f.Fix = cut(f.Detail, 2000), cut(f.Fix, 2000)
		if i > 0 {
			f.Code = nil
		}
	}
	return out
}

// hide masks a token that came, wherever the verdict speaks of it.
func (v *verdictView) hide(token string) {
	if token == "" {
		return
	}
	v.Got = core.Masked
	scrub := func(text *string) {
		if len(token) >= 6 { // a shorter one would be found in words that have nothing to do with it
			*text = strings.ReplaceAll(*text, token, core.Masked)
		}
	}
	v.Notes = slices.Clone(v.Notes)
	for i := range v.Notes {
		scrub(&v.Notes[i])
	}
	for i := range v.Findings {
		scrub(&v.Findings[i].Detail)
		scrub(&v.Findings[i].Fix)
		v.Findings[i].Code = nil
	}
}

type explainArgs struct {
	ID        core.CaptureID `json:"id,omitempty" jsonschema:"a capture, instead of headers and body"`
	Scheme    string         `json:"scheme,omitempty" jsonschema:"name of the scheme, see list_schemes; that of the capture's source where it is left out"`
	Headers   any            `json:"headers,omitempty" jsonschema:"an object, or a list of [name, value] in order"`
	Body      *string        `json:"body,omitempty" jsonschema:"the body to the byte"`
	SecretRef any            `json:"secret_ref,omitempty" jsonschema:"names the secret: env:NAME, keyring:NAME or source:NAME"`
	Method    string         `json:"method,omitempty" jsonschema:"POST where it is left out"`
	URL       string         `json:"url,omitempty" jsonschema:"the address as the provider knows it, for schemes that sign it"`
	Computed  string         `json:"computed,omitempty" jsonschema:"the signature that your own code came to: says how it did"`
	Now       int64          `json:"now,omitempty" jsonschema:"Unix seconds; now where it is left out"`
}

func (s *server) explainSignature(ctx context.Context, in explainArgs) (any, error) {
	headers, err := pairsOf(in.Headers)
	if err != nil {
		return nil, err
	}
	ref, err := s.secretRef(ctx, in.SecretRef)
	if err != nil {
		return nil, err
	}
	if in.ID != 0 && in.Scheme == "" && ref == "" && headers == nil && in.Body == nil && in.Computed == "" {
		return s.explainCapture(ctx, in.ID)
	}
	body := engine.VerifyBody{Capture: in.ID, Method: in.Method, URL: in.URL, Headers: headers, Body: in.Body, Scheme: in.Scheme, Computed: in.Computed, Now: in.Now}
	if in.ID == 0 && in.Scheme == "" {
		return nil, &core.Invalid{Field: "id", Reason: "is missing; name a capture, or give scheme, headers, body and secret_ref"}
	}
	if ref != "" {
		if body.Secret, err = placeOf(ref); err != nil {
			return nil, err
		}
	}
	var v engine.VerdictJSON
	err = s.ask(ctx, "POST", "/_/verify", body, &v)
	if err != nil && in.ID == 0 { // no program runs, or it lacks a variable that this process has
		mine, failed := s.judge(ctx, &body, ref)
		if failed != nil {
			return nil, errors.Join(failed, notHere(ctx, s, err))
		}
		v, err = *engine.VerdictOf(&mine, false), nil
	}
	return viewOf(&v), err
}

// notHere is what the program said, where there is one.
func notHere(ctx context.Context, s *server, err error) error {
	if _, ok := s.Program(ctx); ok {
		return err
	}
	return nil
}

// explainCapture has the program ask its doctor, and reads what is known then.
func (s *server) explainCapture(ctx context.Context, id core.CaptureID) (any, error) {
	var said engine.CaptureJSON
	if _, ok := s.Program(ctx); ok {
		if err := s.ask(ctx, "GET", fmt.Sprintf("/_/captures/%d", id), nil, &said); err != nil {
			return nil, err
		}
	}
	return s.read(ctx, func(st *store.Store) (any, error) {
		plain, err := st.Capture(ctx, id)
		if errors.Is(err, core.ErrNotFound) {
			return nil, &core.Invalid{Field: "id", Reason: "there is no such capture; list_captures lists them"}
		}
		if err != nil {
			return nil, err
		}
		said.Verdict.Tell(plain.Receipt.Verdict)
		opt, err := s.masks(ctx, st)
		if err != nil {
			return nil, err
		}
		masked := exchange.Redact(&plain, opt)
		whole := engine.CaptureOf(&plain)
		out := struct {
			Capture engine.CaptureLine `json:"capture"`
			Reason  string             `json:"reason,omitempty"`
			*verdictView
		}{Capture: whole.Line(), Reason: plain.Receipt.Reason}
		out.Capture.Target = cut(out.Capture.Target, 500)
		if out.verdictView = viewOf(whole.Verdict); out.verdictView == nil {
			return nil, &core.Invalid{Field: "scheme", Reason: "no signature was looked for in this capture; name the scheme and the secret_ref that its source should have"}
		}
		out.Masked = masked
		return out, nil
	})
}

// judge checks a request that is written out with a secret of this process.
func (s *server) judge(ctx context.Context, in *engine.VerifyBody, ref core.SecretRef) (core.Verdict, error) {
	scheme, err := s.scheme(ctx, in.Scheme)
	if err != nil {
		return core.Verdict{}, err
	}
	method := in.Method
	if method == "" {
		method = "POST"
	}
	r, err := engine.RequestTo("url", method, in.URL)
	if err != nil {
		return core.Verdict{}, err
	}
	for _, p := range in.Headers {
		r.Header = append(r.Header, core.Field{Name: p[0], Value: p[1]})
	}
	if in.Body != nil {
		r.Body = []byte(*in.Body)
	}
	r.Size = int64(len(r.Body))
	q := sign.Case{Scheme: scheme, Computed: in.Computed, Input: sign.Input{Request: &r, URL: in.URL, Now: time.Now()}}
	if in.Now != 0 {
		q.Input.Now = time.Unix(in.Now, 0)
	}
	if ref != "" {
		secret, err := s.Secret(ref)
		if err != nil {
			return core.Verdict{}, &core.Invalid{Field: "secret_ref", Reason: strings.TrimPrefix(err.Error(), "secret: ")}
		}
		q.Input.Secrets = []core.Secret{secret}
	}
	v := engine.Judge(ctx, q)
	return v, ctx.Err()
}

// book is the schemes that exist: the known ones, where there is no history yet.
func (s *server) book(ctx context.Context) (sign.Book, error) {
	if _, err := os.Stat(s.History); errors.Is(err, fs.ErrNotExist) {
		return sign.Known(), nil
	}
	book, err := s.read(ctx, func(st *store.Store) (any, error) { return engine.ReadBook(ctx, st) })
	if err != nil {
		return sign.Known(), err
	}
	return book.(sign.Book), nil
}

// pairsOf reads header fields as models write them: an object, or a list of pairs.
func pairsOf(v any) (engine.Pairs, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		out := engine.Pairs{}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			value, ok := v[name].(string)
			if !ok {
				return nil, &core.Invalid{Field: "headers." + name, Reason: "want a text"}
			}
			out = append(out, [2]string{name, value})
		}
		return out, nil
	}
	var out engine.Pairs
	doc, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(doc, &out)
	}
	return out, err
}

type schemeArgs struct {
	Search string `json:"search,omitempty" jsonschema:"part of a name or of a provider"`
}

type schemeView struct {
	ID        string `json:"id"`
	Provider  string `json:"provider"`
	Signature string `json:"signature"` // where it stands
	Signs     string `json:"signs"`
	Algorithm string `json:"algorithm"`
	Encoding  string `json:"encoding,omitempty"`
	Key       string `json:"key,omitempty"`
	Notes     string `json:"notes,omitempty"`
	SecretAt  string `json:"secret_at,omitempty"`
	Source    string `json:"source,omitempty"`
}

// detailed is up to how many schemes are told whole.
const detailed = 5

func (s *server) listSchemes(ctx context.Context, in schemeArgs) (any, error) {
	book, err := s.book(ctx)
	if err != nil {
		return nil, err
	}
	var found []sign.Scheme
	search := strings.ToLower(in.Search)
	for _, c := range book.All() {
		if strings.Contains(strings.ToLower(c.ID+" "+c.Provider), search) {
			found = append(found, c)
		}
	}
	out := struct {
		Schemes []schemeView `json:"schemes"`
		Note    string       `json:"note,omitempty"`
	}{Schemes: []schemeView{}}
	if len(found) > detailed {
		out.Note = fmt.Sprintf("%d schemes; search for one to read what is known of it", len(found))
	}
	for _, c := range found {
		v := schemeView{ID: c.ID, Provider: c.Provider, Signature: c.Sig.From, Algorithm: c.Alg}
		if len(found) <= detailed {
			v.Signs, v.Encoding, v.Key, v.Notes, v.SecretAt, v.Source = c.Template, c.Enc, c.Key, c.Quirks, c.Setup.Secret, c.Source
		}
		out.Schemes = append(out.Schemes, v)
	}
	return out, nil
}
