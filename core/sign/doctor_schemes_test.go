package sign_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// Every scheme of the table, not only those whose senders are written out above: the signature is made by Sign over
// changed bytes, with a changed secret, or changed afterwards, and the doctor has to undo it.
func TestDoctorInEveryScheme(t *testing.T) {
	k := newKeys(t)
	n, names := 0, map[string]bool{}
	for _, s := range sign.Known().All() {
		var base vector
		for _, v := range vectors(t) {
			if v.Scheme == s.ID && v.Valid && len(v.Body) > 2 && v.Body[0] == '{' == !strings.Contains(s.Template, "{form}") {
				base = v
			}
		}
		if base.ID == "" {
			base = ownVector(s)
		}
		if !strings.HasPrefix(s.Sig.From, "header:") || s.Sig.Format == "rfc9421" || strings.HasPrefix(s.TS.From, "json:") {
			continue // signature or timestamp in the body, or with a grammar of its own
		}
		secret := core.Text(base.Secret)
		if s.SecretKind == "public_key" {
			secret = k.secret(s)
		}
		covers := strings.Contains(s.Template, "{body}")
		token := s.Sig.Format == "jwt"
		bound := token && s.JWT != nil && strings.Contains(fmt.Sprint(s.JWT.Claims), ":body}")
		for _, f := range []struct {
			cause  string
			only   bool
			signed func(string) string // the bytes that were signed
			stored func(string) string // the secret that the user stored
			header func(string) string // the header that came
		}{
			{cause: "", only: true},
			{cause: "signed_bytes_have_extra_lf", only: covers, signed: func(b string) string { return b + "\n" }},
			{cause: "signed_bytes_have_bom", only: covers, signed: func(b string) string { return "\uFEFF" + b }},
			{cause: "secret_should_be_trimmed", only: s.SecretKind == "shared", stored: func(x string) string { return x + "\n" }},
			{cause: "secret_quotes_should_be_removed", only: s.SecretKind != "public_key", stored: func(x string) string { return `"` + x + `"` }},
			{cause: "body_hash_mismatch", only: bound, signed: func(b string) string { return b + "\n" }},
			{cause: "bad_signature_encoding", only: token, header: func(h string) string { return h[:strings.LastIndexByte(h, '.')] }},
			{cause: "token_algorithm_refused", only: token, header: func(h string) string { return withAlgorithm(h, s.Sig.Prefix, "none") }},
			{cause: "signature_has_quotes", only: !token || s.Sig.Prefix == "", header: func(h string) string { return `"` + h + `"` }},
			{cause: "signature_has_whitespace", only: true, header: func(h string) string { return h + "\r\n" }},
			{cause: "signature_header_missing", only: true, header: func(string) string { return "" }},
		} {
			if !f.only {
				continue
			}
			in := base.input()
			in.Now, in.Secrets = time.Unix(base.Now, 0), []core.Secret{secret}
			r := *in.Request
			if f.signed != nil {
				r.Body = []byte(f.signed(string(r.Body)))
			}
			set, body, err := s.Sign(sign.Input{Request: &r, Secrets: in.Secrets, Now: in.Now, Params: in.Params}, "msg_1")
			names[s.ID] = true
			if err != nil {
				t.Errorf("%s: %v", s.ID, err)
				continue
			}
			if f.signed == nil {
				in.Request.Body = body
			}
			for _, h := range set {
				if strings.EqualFold("header:"+h.Name, s.Sig.From) && f.header != nil {
					h.Value = f.header(h.Value)
				}
				in.Request.Header = in.Request.Header.With(h.Name, h.Value)
			}
			if f.cause == "signature_header_missing" {
				in.Request.Header = in.Request.Header.Without(strings.TrimPrefix(s.Sig.From, "header:"))
			}
			if f.stored != nil {
				in.Secrets = []core.Secret{core.Text(f.stored(base.Secret))}
			}
			n++
			d := sign.Diagnose(context.Background(), sign.Case{Scheme: s, Input: in, Budget: time.Hour})
			if got := first(d); got != f.cause && (len(d.Findings) == 0 || !slices.Contains(d.Findings[0].Alternatives, f.cause)) {
				t.Errorf("%s: got %q, want %q: %+v", s.ID, got, f.cause, d.Findings)
			}
		}
	}
	t.Logf("%d faults in %d of %d schemes", n, len(names), len(sign.Known().All()))
}

// ownVector is a request of a scheme for which there is no recorded one.
func ownVector(s sign.Scheme) vector {
	r := request(s)
	v := vector{ID: s.ID, Scheme: s.ID, Method: r.Method, URL: r.URL(), Body: r.Body, Headers: map[string]string{}, Now: now.Unix(), Params: params}
	for _, f := range r.Header {
		v.Headers[f.Name] = f.Value
	}
	v.Secret = string(text(s, "first secret of the round").Reveal())
	return v
}

// withAlgorithm is a token whose header says another algorithm.
func withAlgorithm(value, prefix, alg string) string {
	_, rest, _ := strings.Cut(strings.TrimPrefix(value, prefix), ".")
	return prefix + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"`+alg+`"}`)) + "." + rest
}
