package exchange

import (
	"encoding/base64"
	"fmt"

	"hookglass/core"
	"hookglass/core/sign"
)

// substituteKey is what masked captures are signed with anew: known to everybody, so that it opens nothing.
const substituteKey = "hookglass-substitute-key-of-exports"

// substituteKeys are the forms that schemes want it in.
var substituteKeys = []string{substituteKey, "whsec_" + base64.StdEncoding.EncodeToString([]byte(substituteKey)), base64.StdEncoding.EncodeToString([]byte(substituteKey)),
	fmt.Sprintf("%x", substituteKey)}

// signAnew signs a masked capture as it was signed before, with the substitute key, so that what is shared still verifies.
// It says what it did, or why the signature that came stays.
func signAnew(c *core.Capture, book sign.Book) (said string) {
	v := c.Receipt.Verdict
	if v == nil || v.Scheme == "" {
		return ""
	}
	s, known := book.Find(v.Scheme)
	if !known || s.Alg == "equal" {
		return fmt.Sprintf("not signed anew: %s signs nothing that could be made here", v.Scheme)
	}
	at := v.Timestamp
	if at.IsZero() {
		at = c.At
	}
	id := ""
	for _, p := range v.Parts {
		if p.Name == "id" {
			id = string(p.Bytes)
		}
	}
	for _, key := range substituteKeys {
		r := c.Request
		in := sign.Input{Request: &r, Secrets: []core.Secret{core.Text(key)}, Now: at}
		header, body, err := s.Sign(in, id)
		if err != nil {
			continue
		}
		for _, f := range header {
			r.Header = r.Header.With(f.Name, f.Value)
		}
		r.Head, r.Body, r.Size = nil, body, int64(len(body))
		made := s.Verify(in)
		if made.State != core.Verified {
			continue
		}
		c.Request, c.Receipt.Verdict = r, &made
		return fmt.Sprintf("signed anew as %s with the substitute key %s", s.ID, key)
	}
	return fmt.Sprintf("not signed anew: %s takes no substitute key; its signature no longer fits", s.ID)
}
