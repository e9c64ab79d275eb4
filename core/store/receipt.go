package store

import (
	"bytes"
	"encoding/json"
	"time"

	"hookglass/core"
)

// receiptDoc is a receipt as stored. Outcome and platform stand in columns of their own.
type receiptDoc struct {
	Reason  string       `json:"reason,omitempty"`
	Checks  []core.Check `json:"checks,omitempty"`
	Verdict *verdictDoc  `json:"verdict,omitempty"`
	Faults  []string     `json:"faults,omitempty"`

	Read    time.Duration `json:"read,omitempty"`
	Delayed time.Duration `json:"delayed,omitempty"`
}

type verdictDoc struct {
	*core.Verdict
	Parts []partDoc
}

// partDoc is a part of the signed bytes. The body is not stored a second time.
type partDoc struct {
	Name   string `json:"n"`
	Bytes  []byte `json:"b,omitempty"`
	IsBody bool   `json:"body,omitempty"`
}

// docOf is a verdict as stored, with what the history may keep of it.
func docOf(of *core.Verdict, body []byte) *verdictDoc {
	v := *of
	if v.Algorithm == "equal" { // the signature is the secret itself
		v.Wanted = ""
	}
	doc := &verdictDoc{Verdict: &v}
	for _, p := range v.Parts {
		if p.Name == "secret" { // signed, but not for the history to keep
			p.Bytes = nil
		}
		if len(p.Bytes) > 0 && bytes.Equal(p.Bytes, body) {
			doc.Parts = append(doc.Parts, partDoc{Name: p.Name, IsBody: true})
		} else {
			doc.Parts = append(doc.Parts, partDoc{Name: p.Name, Bytes: p.Bytes})
		}
	}
	return doc
}

func decodeReceipt(text string, r *core.Receipt, body []byte) error {
	var doc receiptDoc
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return err
	}
	r.Reason, r.Checks, r.Faults, r.Read, r.Delayed = doc.Reason, doc.Checks, doc.Faults, doc.Read, doc.Delayed
	if doc.Verdict == nil {
		return nil
	}
	r.Verdict = doc.Verdict.Verdict
	if r.Verdict == nil {
		r.Verdict = &core.Verdict{}
	}
	r.Verdict.Parts = nil
	for _, p := range doc.Verdict.Parts {
		if p.IsBody {
			p.Bytes = body
		}
		r.Verdict.Parts = append(r.Verdict.Parts, core.Part{Name: p.Name, Bytes: p.Bytes})
	}
	return nil
}
