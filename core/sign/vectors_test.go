package sign_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// vector is one row of testdata/signature_vectors.json: a request, a secret, a moment and the verdict. The rows
// keep their source; most are confirmed by the provider's own libraries.
type vector struct {
	ID, Scheme, URL, Method, Secret, Source string
	Headers                                 map[string]string
	Body                                    []byte
	Now                                     int64
	Params                                  map[string]string
	Valid                                   bool
	Why                                     string                 `json:"why_invalid"`
	Signed                                  []byte                 `json:"signed_message_b64"`
	SDK                                     []struct{ SDK string } `json:"sdk_checks"`
}

func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/signature_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vs []vector
	if err := json.Unmarshal(data, &vs); err != nil {
		t.Fatal(err)
	}
	return vs
}

func (v vector) input() sign.Input {
	r := &core.Request{Method: v.Method, Target: v.URL, Body: v.Body}
	names := make([]string, 0, len(v.Headers))
	for name := range v.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		r.Header = append(r.Header, core.Field{Name: name, Value: v.Headers[name]})
	}
	return sign.Input{Request: r, Secrets: []core.Secret{core.Text(v.Secret)}, Now: time.Unix(v.Now, 0), Params: v.Params}
}

// states are the verdicts that a reason for invalidity must give. Reasons that are not here give any verdict but
// verified: they describe how the request was made, not what can be seen in it.
var states = map[string]core.VerdictState{
	"wrong_secret":           core.Mismatch,
	"body_changed":           core.Mismatch,
	"signature_mismatch":     core.Mismatch,
	"id_mismatch":            core.Mismatch,
	"body_hash_mismatch":     core.Mismatch,
	"timestamp_stale":        core.Stale,
	"timestamp_future":       core.Stale,
	"missing_prefix":         core.Malformed,
	"bad_signature_encoding": core.Malformed,
	"signature_truncated":    core.Malformed,
	"missing_timestamp":      core.Missing,
	"missing_signature":      core.Missing,
}

func TestVectors(t *testing.T) {
	seen, valid, signed := map[string]bool{}, 0, 0
	for _, v := range vectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			s, ok := sign.Known().Find(v.Scheme)
			if !ok {
				t.Fatalf("no scheme %q", v.Scheme)
			}
			seen[s.ID] = true
			got := s.Verify(v.input())
			if (got.State == core.Verified) != v.Valid {
				t.Errorf("got %s, want valid=%v %s (%s)\nnotes %q", got.State, v.Valid, v.Why, v.Source, got.Notes)
			}
			if want, ok := states[v.Why]; ok && got.State != want {
				t.Errorf("got %s, want %s for %s\nnotes %q", got.State, want, v.Why, got.Notes)
			}
			if len(v.Signed) > 0 {
				signed++
				if have := joined(got.Parts); !bytes.Equal(have, v.Signed) {
					t.Errorf("signed bytes\n got %q\nwant %q", have, v.Signed)
				}
			}
			if v.Valid {
				valid++
			}
		})
	}
	t.Logf("%d vectors, %d of them valid, %d with their signed bytes; %d of %d schemes", len(vectors(t)), valid, signed, len(seen), len(sign.Known().All()))
}

func joined(parts []core.Part) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p.Bytes...)
	}
	return b
}
