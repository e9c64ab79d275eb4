// Package sign makes, checks and explains signatures; schemes are data.
//
// Most callers look a scheme up in a [Book] and call [Scheme.Verify] on what came, or [Scheme.Sign] on what goes
// out. Where the scheme is not known, [Book.Detect] names the candidates. A wrong signature is a [core.Verdict], never
// an error.
//
// A scheme is one row of schemes.json: where the signature stands, which bytes are signed, with what key and
// algorithm. The rows keep the source they were read from.
package sign

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"
)

// Scheme is how a signature is made and checked.
type Scheme struct {
	ID       string    `json:"id"`
	Provider string    `json:"provider"`
	Sig      Signature `json:"sig"`
	TS       Timestamp `json:"ts,omitzero"`
	MsgID    string    `json:"msg_id,omitempty"`   // place of the message id: "header:webhook-id"
	Template string    `json:"template"`           // the signed bytes: "{id}.{ts}.{body}"
	Alg      string    `json:"alg"`                // "hmac-sha256" …; "jws": what the token says, of those that JWT allows
	AlgAlso  []string  `json:"alg_also,omitempty"` // further algorithms; the length of the signature tells which
	Enc      string    `json:"enc"`                // "hex", "base64", "base64url" or "raw"
	Key      string    `json:"key"`                // how the secret becomes key bytes: "strip=whsec_|base64", see key.go
	JWT      *Token    `json:"jwt,omitempty"`      // format jwt: what its claims have to say
	Exact    bool      `json:"exact,omitempty"`    // the digest is compared as text: upper-case hex is refused

	Needs   []string          `json:"needs,omitempty"`   // what the request alone does not tell: "url", "param:webhook_id"
	Checks  []string          `json:"checks,omitempty"`  // checks beside the signature, and other readings of the URL
	Set     map[string]string `json:"set,omitempty"`     // constant headers that go with a signature
	Require map[string]string `json:"require,omitempty"` // headers that must be there, and their values as templates; "": any; "?X": it may be missing, which is noted
	Alias   string            `json:"alias,omitempty"`   // "svix-=webhook-": the same headers under another prefix; "json:a.=form:": the same fields of a form
	Marks   []string          `json:"marks,omitempty"`   // what tells this provider from others with the same header

	Confidence string            `json:"confidence,omitempty"` // "sdk", "docs", "docs-via", "secondary", "own"
	Source     string            `json:"source,omitempty"`
	Quirks     string            `json:"quirks,omitempty"`
	Note       string            `json:"note,omitempty"` // said with every verdict
	SDK        map[string]string `json:"sdk,omitempty"`  // where official libraries differ, by situation
	Rotation   string            `json:"rotation,omitempty"`
	SecretKind string            `json:"secret_kind,omitempty"` // "shared", "public_key" or "token"
	Fit        string            `json:"fit,omitempty"`         // "yes", or what beyond the row is needed
	Setup      Setup             `json:"setup,omitzero"`
}

// Setup is where the provider shows the secret and takes the address, by the names of its own pages.
type Setup struct {
	Secret  string `json:"secret"`
	Address string `json:"address"`
	Source  string `json:"source"` // the document that says so
}

// Signature says where the signature stands and how it is written there.
type Signature struct {
	From   string   `json:"from"`             // "header:NAME", "json:a.b", "form:NAME" or "query:NAME"
	Also   []string `json:"also,omitempty"`   // further places, any may match; "header:X-Sig-*" is any number
	Format string   `json:"format"`           // "plain", "list", "kv", "rfc9421" or "jwt"
	Prefix string   `json:"prefix,omitempty"` // plain, list: before each digest
	Sep    string   `json:"sep,omitempty"`    // list, kv: between elements
	KV     string   `json:"kv,omitempty"`     // kv: between key and value
	Field  string   `json:"field,omitempty"`  // kv: the key of the digest; "*": any key; "-": the element without a key
	Multi  bool     `json:"multi,omitempty"`  // any of several digests may match
}

// Timestamp says where the time of signing stands. Its text is signed as received, never printed anew.
type Timestamp struct {
	From            string `json:"from"`                       // "header:NAME", "sig:KEY", "json:a.b", "form:NAME" or "query:NAME"
	Unit            string `json:"unit"`                       // "s", "ms", "rfc3339", "imf" or "iso", which is rfc3339 without a zone, in UTC
	Tolerance       int    `json:"tolerance"`                  // seconds; 0 means that age is not checked
	Future          bool   `json:"future"`                     // the tolerance holds in both directions
	Ahead           *int   `json:"ahead,omitempty"`            // seconds into the future, where they differ from the tolerance
	Below           bool   `json:"below,omitempty"`            // an age of exactly the tolerance is too old
	Number          bool   `json:"number,omitempty"`           // in a JSON body it must be there, as a number
	ToleranceSource string `json:"tolerance_source,omitempty"` // "sdk", "docs", "secondary", or "none": ours
	Quoted          bool   `json:"quoted,omitempty"`           // in a JSON body it is a string
}

// JSONMedia and FormMedia are the content types of [Scheme.Media].
const (
	JSONMedia = "application/json"
	FormMedia = "application/x-www-form-urlencoded"
)

// Media is the content type of what the provider sends: a form where its fields are signed, else JSON.
func (s Scheme) Media() string {
	if uses(s.Template, "form") || slices.Contains(s.Marks, "type:"+FormMedia) {
		return FormMedia
	}
	return JSONMedia
}

// FormFields are the fields of a form that are signed one by one: a body without them cannot be signed.
func (s Scheme) FormFields() (names []string) {
	for _, p := range pieces(s.Template) {
		if name, ok := strings.CutPrefix(p.text, "form:"); ok && p.token {
			names = append(names, name)
		}
	}
	return names
}

// BodyHash names the value of the query that holds the SHA-256 of the body, where the address is signed in place of the body.
func (s Scheme) BodyHash() (name string, ok bool) {
	for _, check := range s.Checks {
		if name, ok = strings.CutPrefix(check, "query-"); ok {
			return name, true
		}
	}
	return "", false
}

func (t Timestamp) tolerance() time.Duration { return time.Duration(t.Tolerance) * time.Second }

// ahead is how far in the future the timestamp may lie; ok is false where nobody looks.
func (t Timestamp) ahead() (d time.Duration, ok bool) {
	if t.Ahead != nil {
		return time.Duration(*t.Ahead) * time.Second, true
	}
	return t.tolerance(), t.Future
}

//go:embed schemes.json
var schemesJSON []byte

// table is the embedded rows, read once.
var table = sync.OnceValue(func() []Scheme {
	var rows []Scheme
	if err := json.Unmarshal(schemesJSON, &rows); err != nil {
		panic("schemes.json: " + err.Error()) // embedded, so a test finds it before anybody else
	}
	return rows
})
