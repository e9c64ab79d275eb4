package sign

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"hookglass/core"
)

// found is what a request carries for a scheme, before anything is computed.
type found struct {
	raw        string      // the signature's header or member as it came; several lines joined with ", "
	candidates []candidate // the digests of the version that the scheme asks for
	others     []string    // elements of the signature that were passed over
	ts, id     string
	tsText     bool              // the timestamp is a string in a JSON body
	elements   map[string]string // kv: each element by its key, the first of a name
	has        struct{ signature, ts, id bool }
	problem    string // why there is no candidate although there is a signature
}

// candidate is one digest of a signature.
type candidate struct {
	whole string // as it stands: "sha256=1f2e…", "v1=1f2e…"
	text  string // the digest alone
	bytes []byte
	err   error  // why text could not be decoded
	label string // rfc9421: which signature of the message
}

// as returns the scheme under the header names that the request uses.
func (s Scheme) as(r *core.Request) Scheme {
	ours, other, ok := strings.Cut(s.Alias, "=")
	if !ok {
		return s
	}
	if has(r, s.Sig.From) && !strings.HasPrefix(other, "form:") { // time and id may still come under the other names
		for _, place := range []*string{&s.TS.From, &s.MsgID} {
			if swapped := strings.Replace(*place, ":"+ours, ":"+other, 1); *place != "" && !has(r, *place) && has(r, swapped) {
				*place = swapped
			}
		}
	}
	if has(r, s.Sig.From) {
		return s
	}
	swap := func(place string) string { return strings.Replace(place, ":"+ours, ":"+other, 1) }
	inForm := strings.HasPrefix(other, "form:")
	if inForm { // other places, not other names: the template says them too
		swap = func(place string) string {
			if rest, ok := strings.CutPrefix(place, ours); ok {
				return other + rest
			}
			return place
		}
	}
	if !has(r, swap(s.Sig.From)) && !(inForm && isFormType(r.Header)) {
		return s
	}
	s.Sig.From, s.TS.From, s.MsgID = swap(s.Sig.From), swap(s.TS.From), swap(s.MsgID)
	if inForm {
		s.Template = strings.ReplaceAll(s.Template, "{"+ours, "{"+other)
	}
	return s
}

// isFormType reports whether a body says of itself that it is a form.
func isFormType(h core.Header) bool {
	kind := strings.ToLower(strings.TrimSpace(h.Get("Content-Type")))
	return strings.HasPrefix(kind, "application/x-www-form-urlencoded") || strings.HasPrefix(kind, "multipart/form-data")
}

func has(r *core.Request, place string) bool {
	vs, _ := valuesAt(r, place)
	return len(vs) > 0
}

// find reads signature, timestamp and id from the request.
func (s Scheme) find(r *core.Request) found {
	var f found
	values, err := s.signatures(r)
	f.raw = strings.Join(values, ", ")
	f.has.signature = f.raw != ""
	switch {
	case err != nil:
		f.problem = "the body is not JSON: " + err.Error()
	case !f.has.signature:
	case s.Sig.Format == "kv":
		f.readKV(s, values)
	case s.Sig.Format == "list":
		f.readList(s, values)
	case s.Sig.Format == "rfc9421":
		f.readRFC9421(r)
	case s.Sig.Format == "jwt":
		f.readJWT(s, r, values)
	default:
		f.readPlain(s, values)
	}
	for i := range f.candidates {
		c := &f.candidates[i]
		if c.err == nil {
			c.bytes, c.err = decodeSignature(s.Enc, c.text)
		}
	}
	if !strings.HasPrefix(s.TS.From, "sig:") {
		f.ts, f.has.ts = first(r, s.TS.From)
		if path, ok := strings.CutPrefix(s.TS.From, "json:"); ok && f.has.ts {
			f.tsText = isText(r.Body, path)
		}
	}
	f.id, f.has.id = first(r, s.MsgID)
	return f
}

// signatures returns the values of every place where the scheme's signature may stand.
func (s Scheme) signatures(r *core.Request) ([]string, error) {
	values, err := valuesAt(r, s.Sig.From)
	for _, place := range s.Sig.Also {
		more, _ := valuesAt(r, place)
		for _, v := range more {
			if !contains(values, v) {
				values = append(values, v)
			}
		}
	}
	return values, err
}

func contains(vs []string, v string) bool {
	for _, w := range vs {
		if w == v {
			return true
		}
	}
	return false
}

func first(r *core.Request, place string) (string, bool) {
	if place == "" {
		return "", false
	}
	vs, _ := valuesAt(r, place)
	if len(vs) == 0 || vs[0] == "" {
		return "", false
	}
	return vs[0], true
}

// readPlain takes the value whole. Of repeated lines of one header the first counts, as with Go's Header.Get;
// places that the row lists beside each other are all candidates.
func (f *found) readPlain(s Scheme, values []string) {
	if len(values) > 1 && len(s.Sig.Also) == 0 {
		f.others = values[1:]
		values = values[:1]
	}
	for _, v := range values {
		text, ok := strings.CutPrefix(v, s.Sig.Prefix)
		if !ok {
			f.others = append(f.others, v)
			continue
		}
		f.candidates = append(f.candidates, candidate{whole: v, text: text})
	}
	if len(f.candidates) == 0 {
		f.problem = fmt.Sprintf("the value does not begin with %q", s.Sig.Prefix)
	}
}

// readList splits at the separator and keeps the elements with the scheme's prefix.
func (f *found) readList(s Scheme, values []string) {
	for _, v := range values {
		for e := range strings.SplitSeq(v, s.Sig.Sep) {
			e = strings.Trim(e, " \t")
			text, ok := strings.CutPrefix(e, s.Sig.Prefix)
			switch {
			case e == "":
			case !ok:
				f.others = append(f.others, e)
			default:
				f.candidates = append(f.candidates, candidate{whole: e, text: text})
			}
		}
	}
	if len(f.candidates) == 0 {
		f.problem = fmt.Sprintf("no element begins with %q", s.Sig.Prefix)
	}
}

// readKV splits into key and value. Without multi the first digest counts.
func (f *found) readKV(s Scheme, values []string) {
	stamp, inside := strings.CutPrefix(s.TS.From, "sig:")
	for _, v := range values {
		for e := range strings.SplitSeq(v, s.Sig.Sep) {
			e = strings.Trim(e, " \t")
			name, text, keyed := strings.Cut(e, s.Sig.KV)
			if s.Sig.Field == "-" && !keyed {
				name, text = "-", e
			}
			if _, seen := f.elements[name]; !seen && e != "" {
				if f.elements == nil {
					f.elements = map[string]string{}
				}
				f.elements[name] = text
			}
			switch {
			case e == "":
			case inside && name == stamp && !f.has.ts:
				f.ts, f.has.ts = text, text != ""
			case (name == s.Sig.Field || s.Sig.Field == "*") && (s.Sig.Multi || len(f.candidates) == 0):
				f.candidates = append(f.candidates, candidate{whole: e, text: text})
			default:
				f.others = append(f.others, e)
			}
		}
	}
	if len(f.candidates) == 0 {
		f.problem = fmt.Sprintf("there is no %s%s in the value", s.Sig.Field, s.Sig.KV)
	}
}

// decodeSignature reads a digest strictly: what one receiver would repair and the next refuse is an error.
func decodeSignature(enc, text string) ([]byte, error) {
	if text == "" {
		return nil, errors.New("it is empty")
	}
	var b []byte
	var err error
	switch enc {
	case "hex":
		b, err = hex.DecodeString(text)
	case "base64":
		b, err = decodeStrict(base64.StdEncoding.Strict(), text)
	case "base64url":
		b, err = decodeStrict(base64.RawURLEncoding.Strict(), text)
	default:
		return []byte(text), nil
	}
	if err != nil {
		return nil, fmt.Errorf("it is not %s", enc)
	}
	return b, nil
}

// decodeStrict refuses line breaks, which package base64 skips.
func decodeStrict(e *base64.Encoding, text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("line break")
	}
	return e.DecodeString(text)
}

func encodeSignature(enc string, b []byte) string {
	switch enc {
	case "hex":
		return hex.EncodeToString(b)
	case "base64":
		return base64.StdEncoding.EncodeToString(b)
	case "base64url":
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return string(b)
}

// element writes a digest as it stands in the request: with its prefix, key or label.
func (s Scheme) element(label string, sig []byte) string {
	text := encodeSignature(s.Enc, sig)
	switch s.Sig.Format {
	case "kv":
		if s.Sig.Field == "-" {
			return text
		}
		if s.Sig.Field == "*" {
			return cmp.Or(label, "hookglass") + s.Sig.KV + text
		}
		return s.Sig.Field + s.Sig.KV + text
	case "jwt":
		return s.Sig.Prefix + label + text
	case "rfc9421":
		return label + "=:" + text + ":"
	}
	return s.Sig.Prefix + text
}
