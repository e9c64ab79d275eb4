package sign

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hookglass/core"
)

// Sign makes the signature of a request: the headers to set (signature, timestamp, id and what goes with them) and
// the body, which differs from the request's only where the scheme signs inside the body. id is the message id;
// empty keeps the one that the request has. Where a scheme has room for several signatures, each secret makes one;
// elsewhere the first secret signs.
//
// Signatures and timestamps that the request already carries are replaced. The caller puts the headers in place
// with [core.Header.With].
func (s Scheme) Sign(in Input, id string) (core.Header, []byte, error) {
	d := draft{scheme: s.as(in.Request), in: in}
	r := *in.Request
	d.in.Request, d.in.Cert = &r, nil // a certificate checks; it cannot sign
	if s.Template == "{sns}" {
		d.scheme.Alg = snsAlgorithm(r.Body)
	}
	for _, step := range []func() error{d.ready, func() error { return d.stamp(id) }, d.sign, d.require} {
		if err := step(); err != nil {
			return nil, nil, fmt.Errorf("sign %s: %w", s.ID, err)
		}
	}
	return d.set, d.in.Request.Body, nil
}

// draft is a request on its way to being signed.
type draft struct {
	scheme   Scheme
	in       Input // Request is a copy
	set      core.Header
	keys     []key
	ts       string
	elements map[string]string // kv: what stands beside the digest
}

// ready makes the keys.
func (d *draft) ready() error {
	secrets := d.in.keys(d.scheme)
	if len(secrets) == 0 {
		return &core.Invalid{Field: "secret", Reason: "a secret is needed to sign"}
	}
	secrets = secrets[:min(len(secrets), d.scheme.room())]
	d.scheme.Key = alternatives(d.scheme.Key)[0]
	for _, secret := range secrets {
		k, err := d.scheme.signingKey(secret)
		if err != nil {
			return &core.Invalid{Field: "secret", Reason: err.Error()}
		}
		d.keys = append(d.keys, k)
	}
	return nil
}

// room is how many signatures a request may carry.
func (s Scheme) room() int {
	if s.Sig.Multi || len(s.Sig.Also) > 0 && strings.HasSuffix(s.Sig.Also[0], "*") {
		return 100
	}
	return 1 + len(s.Sig.Also)
}

// place is where the n-th signature stands, from 0.
func (s Scheme) place(n int) string {
	if n == 0 || s.Sig.Multi {
		return s.Sig.From
	}
	if stem, ok := strings.CutSuffix(s.Sig.Also[0], "*"); ok {
		return stem + strconv.Itoa(n+1)
	}
	return s.Sig.Also[n-1]
}

// put sets a header in the draft and remembers it for the caller.
func (d *draft) put(name, value string) {
	d.in.Request.Header = d.in.Request.Header.With(name, value)
	d.set = d.set.With(name, value)
}

// stamp sets what is signed beside the signature: id, timestamp and constant headers.
func (d *draft) stamp(id string) error {
	s := d.scheme
	for _, name := range slices.Sorted(maps.Keys(s.Set)) {
		d.put(name, s.Set[name])
	}
	if err := d.stampID(id); err != nil {
		return err
	}
	if err := d.stampTime(); err != nil {
		return err
	}
	d.listHeaders()
	switch s.Template {
	case "{contentful}":
		d.listContentfulHeaders()
	case "{rfc9421}":
		d.listComponents()
	case "{url}":
		return d.requireBodyHash()
	}
	return nil
}

// require sets the headers that a receiver insists on. Those with a value of their own are given by it.
func (d *draft) require() error {
	s := d.scheme
	for _, name := range slices.Sorted(maps.Keys(s.Require)) {
		parts, err := render(strings.TrimPrefix(s.Require[name], "?"), s.values(d.in, found{ts: d.ts}))
		value := string(message(parts))
		if isNeeds(err) || value == "" {
			value = "hookglass"
			if given := d.in.Request.Header.Get(name); given != "" {
				value = given
			}
		} else if err != nil {
			return err
		}
		d.put(name, value)
	}
	return nil
}

func (d *draft) stampID(id string) error {
	if d.scheme.MsgID == "" {
		return nil
	}
	if id == "" {
		id, _ = first(d.in.Request, d.scheme.MsgID)
	}
	if id == "" {
		return &core.Invalid{Field: "id", Reason: "the message id is signed: give one"}
	}
	return d.putAt(d.scheme.MsgID, id)
}

func (d *draft) stampTime() error {
	s := d.scheme
	if s.TS.From == "" {
		return nil
	}
	d.ts = writeTime(s.TS.Unit, d.in.Now)
	switch kind, name, _ := strings.Cut(s.TS.From, ":"); kind {
	case "form", "query":
		return d.putAt(s.TS.From, d.ts)
	case "header":
		d.put(name, d.ts)
	case "json":
		text := d.ts
		if s.TS.Quoted || s.TS.Unit == "rfc3339" || s.TS.Unit == "imf" {
			text = quoted(d.ts)
		}
		return d.putJSON(name, text)
	}
	return nil
}

func (d *draft) putJSON(path, value string) error {
	body, err := setJSON(d.in.Request.Body, path, []byte(value))
	if err == nil {
		d.in.Request.Body = body
	}
	return err
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

// requireBodyHash refuses an address that does not say the hash of the body: it cannot be added to headers.
func (d *draft) requireBodyHash() error {
	if len(d.scheme.Checks) == 0 {
		return nil
	}
	address := d.scheme.values(d.in, found{}).url
	want := fmt.Sprintf("%x", digest("sha256", nil, one("body", d.in.Request.Body)))
	if got, _ := queryValue(address, "bodySHA256"); got != want {
		return &core.Invalid{Field: "url", Reason: "the address is signed and must carry the hash of the body: add bodySHA256=" + want + " to its query"}
	}
	return nil
}

// listContentfulHeaders names the headers that are signed, unless the request already does.
func (d *draft) listContentfulHeaders() {
	const list = "X-Contentful-Signed-Headers"
	names := "content-type,x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic"
	if given, ok := d.in.Request.Header.Lookup(list); ok {
		names = given
	}
	var present []string
	for name := range strings.SplitSeq(names, ",") {
		if strings.EqualFold(name, list) || d.in.Request.Header.Has(name) {
			present = append(present, name)
		}
	}
	d.put(list, strings.Join(present, ","))
}

// sign computes the signature under every key and puts it where the scheme has it.
func (d *draft) sign() error {
	var elements []string
	for i, k := range d.keys {
		if d.scheme.Sig.Format == "jwt" {
			token, err := d.token(k)
			if err != nil {
				return err
			}
			elements = append(elements, d.scheme.Sig.Prefix+token)
			continue
		}
		sig, err := d.signature(k, i)
		if err != nil {
			return err
		}
		label := signingLabel
		if d.scheme.Sig.Field == "*" {
			label = d.in.Params["public_key"]
		}
		elements = append(elements, d.scheme.element(label, sig))
	}
	s := d.scheme
	if name, ok := strings.CutPrefix(s.TS.From, "sig:"); ok {
		elements = append(d.beside(name), elements...)
	}
	if s.Sig.Sep != "" {
		elements = []string{strings.Join(elements, s.Sig.Sep)}
	}
	for i, e := range elements {
		if err := d.putAt(s.place(i), e); err != nil {
			return err
		}
	}
	return nil
}

// beside are the elements of the signature header that stand before the digests: the time, and what is signed with it.
func (d *draft) beside(ts string) []string {
	s := d.scheme
	out := []string{ts + s.Sig.KV + d.ts}
	for _, name := range sortedKeys(d.elements) {
		out = append(out, name+s.Sig.KV+d.elements[name])
	}
	return out
}

// listHeaders makes the element of the signature header that names further signed headers: the type of the body.
func (d *draft) listHeaders() {
	for _, p := range pieces(d.scheme.Template) {
		if name, ok := strings.CutPrefix(p.text, "headers:"); p.token && ok {
			d.elements = map[string]string{name: ""}
			if d.in.Request.Header.Has("Content-Type") {
				d.elements[name] = "content-type"
			}
		}
	}
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// putAt puts a text at a place of the table.
func (d *draft) putAt(place, value string) error {
	kind, name, _ := strings.Cut(place, ":")
	switch kind {
	case "json":
		return d.putJSON(name, quoted(value))
	case "form":
		body, err := setForm(d.in.Request.Header, d.in.Request.Body, name, value)
		if err == nil {
			d.in.Request.Body = body
		}
		return err
	case "query":
		return &core.Invalid{Field: "url", Reason: "the signature belongs into the query of the address, as " + name + ": it cannot be added to headers"}
	}
	d.put(name, value)
	return nil
}

// signature is the raw signature of the draft under a key, made from the i-th secret.
func (d *draft) signature(k key, i int) ([]byte, error) {
	s := d.scheme
	if s.Alg == "equal" {
		return k.bytes, nil
	}
	v := s.values(d.in, found{ts: d.ts, elements: d.elements})
	v.id, _ = first(d.in.Request, s.MsgID)
	v.secret = d.in.keys(s)[i]
	v.label = signingLabel
	parts, err := render(s.Template, v)
	if err != nil {
		return nil, err
	}
	if public(s.Alg) {
		return signPublic(s.Alg, k.private, message(parts))
	}
	sum := digest(s.Alg, k.bytes, parts)
	if sum == nil {
		return nil, errors.New("no way to sign with " + s.Alg)
	}
	return sum, nil
}

// signingLabel names the one signature that we make in a message of RFC 9421.
const signingLabel = "sig1"

// listComponents says what an RFC 9421 signature covers: method, address, type and the digest of the body, or what the parameter
// components says.
func (d *draft) listComponents() {
	sum := digest("sha256", nil, one("body", d.in.Request.Body))
	d.put("Content-Digest", "sha-256=:"+encodeSignature("base64", sum)+":")
	names := []string{`"@method"`, `"@target-uri"`, `"content-digest"`}
	if d.in.Request.Header.Has("Content-Type") {
		names = append(names, `"content-type"`)
	}
	if chosen := strings.TrimSpace(d.in.Params["components"]); chosen != "" { // what cannot be signed is said when it is
		names = []string{strings.TrimSuffix(strings.TrimPrefix(chosen, "("), ")")}
	}
	keyid := d.in.Params["keyid"]
	if keyid == "" {
		keyid = "hookglass"
	}
	d.put("Signature-Input", fmt.Sprintf(`%s=(%s);created=%d;keyid=%s;alg=%q`,
		signingLabel, strings.Join(names, " "), d.in.Now.Unix(), quoted(keyid), d.scheme.Alg))
}
