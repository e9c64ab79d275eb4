package sign

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"hookglass/core"
)

// Parse reads a user's own scheme, written like a row of the table. What it cannot use it refuses with a
// *core.Invalid that names the field.
func Parse(data []byte) (Scheme, error) {
	var s Scheme
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return Scheme{}, unreadable(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Scheme{}, &core.Invalid{Field: "scheme", Reason: "want one JSON object and nothing behind it"}
	}
	if err := s.check(); err != nil {
		return Scheme{}, err
	}
	return s, nil
}

func unreadable(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return &core.Invalid{Field: wrong.Field, Reason: "want " + wrong.Type.String() + ", got " + wrong.Value}
	}
	if _, name, ok := strings.Cut(err.Error(), `unknown field "`); ok {
		return &core.Invalid{Field: strings.TrimSuffix(name, `"`), Reason: "no such field in a scheme"}
	}
	return &core.Invalid{Field: "scheme", Reason: "not JSON: " + err.Error()}
}

// check returns the first fault of a row.
func (s *Scheme) check() error {
	for _, look := range []func(*Scheme) error{checkID, checkSig, checkTimestamp, checkMsgID, checkAlg, checkKey, checkTemplate, checkToken, checkRequire} {
		if err := look(s); err != nil {
			return err
		}
	}
	return nil
}

func checkID(s *Scheme) error {
	if s.ID == "" {
		return &core.Invalid{Field: "id", Reason: "want a name for the scheme"}
	}
	return nil
}

func checkSig(s *Scheme) error {
	for _, from := range append([]string{s.Sig.From}, s.Sig.Also...) {
		if err := checkPlace("sig.from", from, "header", "json", "form", "query"); err != nil {
			return err
		}
	}
	switch s.Sig.Format {
	case "plain":
	case "list":
		if s.Sig.Sep == "" {
			return &core.Invalid{Field: "sig.sep", Reason: "a list needs the separator of its elements"}
		}
	case "kv":
		if s.Sig.Sep == "" || s.Sig.KV == "" || s.Sig.Field == "" {
			return &core.Invalid{Field: "sig", Reason: "format kv needs sep, kv and field"}
		}
	case "rfc9421":
		if s.Template != "{rfc9421}" {
			return &core.Invalid{Field: "template", Reason: "format rfc9421 needs the template {rfc9421}"}
		}
	case "jwt":
		if s.Template != "{jwt}" || s.Alg != "jws" || s.Enc != "base64url" {
			return &core.Invalid{Field: "sig.format", Reason: "format jwt goes with the template {jwt}, the algorithm jws and the encoding base64url"}
		}
	default:
		return oneOf("sig.format", s.Sig.Format, "plain", "list", "kv", "rfc9421", "jwt")
	}
	return nil
}

func checkTimestamp(s *Scheme) error {
	t := s.TS
	if t == (Timestamp{}) {
		return nil
	}
	if err := checkPlace("ts.from", t.From, "header", "sig", "json", "form", "query"); err != nil {
		return err
	}
	if strings.HasPrefix(t.From, "sig:") && s.Sig.Format != "kv" {
		return &core.Invalid{Field: "ts.from", Reason: "sig:KEY needs the signature format kv"}
	}
	if t.Tolerance < 0 {
		return &core.Invalid{Field: "ts.tolerance", Reason: "want seconds, 0 or more"}
	}
	if t.Ahead != nil && *t.Ahead < 0 {
		return &core.Invalid{Field: "ts.ahead", Reason: "want seconds, 0 or more"}
	}
	if t.Number && (!strings.HasPrefix(t.From, "json:") || t.Quoted || t.Unit != "s" && t.Unit != "ms") {
		return &core.Invalid{Field: "ts.number", Reason: "only a json: timestamp in s or ms that is not quoted is a number"}
	}
	return oneOf("ts.unit", t.Unit, "s", "ms", "rfc3339", "iso", "imf")
}

func checkMsgID(s *Scheme) error {
	if s.MsgID == "" {
		return nil
	}
	return checkPlace("msg_id", s.MsgID, "header", "json", "form", "query")
}

func checkAlg(s *Scheme) error {
	if err := oneOf("alg", s.Alg, algorithms...); err != nil {
		return err
	}
	if s.Alg == "jws" && s.Sig.Format != "jwt" {
		return &core.Invalid{Field: "alg", Reason: "the algorithm jws goes with the signature format jwt"}
	}
	for i, alg := range s.AlgAlso {
		if size(alg) == 0 || size(alg) == size(s.Alg) {
			return &core.Invalid{Field: fmt.Sprintf("alg_also.%d", i), Reason: "want a hash whose digest has another length than that of alg, by which it is told"}
		}
	}
	return oneOf("enc", s.Enc, "hex", "base64", "base64url", "raw")
}

func checkKey(s *Scheme) error {
	for _, line := range strings.FieldsFunc(strings.NewReplacer(" or ", "\n", " else ", "\n").Replace(s.Key), func(r rune) bool { return r == '\n' }) {
		for step := range strings.SplitSeq(line, "|") {
			if prefix, ok := strings.CutPrefix(step, "need="); strings.HasPrefix(step, "strip=") || ok && prefix != "" {
				continue
			}
			if err := oneOf("key", step, "utf8", "base64", "hex", "sha1", "sha256", "sha512", "nfkd", "pem-cert"); err != nil {
				return err
			}
		}
	}
	if s.Key == "" {
		return &core.Invalid{Field: "key", Reason: "want how the secret becomes key bytes: utf8, base64, hex or strip=PREFIX|base64"}
	}
	return nil
}

// checkToken looks at a row of the format jwt.
func checkToken(s *Scheme) error {
	if s.Sig.Format != "jwt" {
		if s.JWT != nil {
			return &core.Invalid{Field: "jwt", Reason: "goes with the signature format jwt only"}
		}
		return nil
	}
	if s.JWT == nil || len(s.JWT.Algs) == 0 {
		return &core.Invalid{Field: "jwt.algs", Reason: "list the algorithms that a token may say, as HS256: every other is refused"}
	}
	for i, alg := range s.JWT.Algs {
		if err := oneOf(fmt.Sprintf("jwt.algs.%d", i), alg, knownTokenAlgorithms()...); err != nil {
			return err
		}
	}
	for i, c := range s.JWT.Claims {
		if c.Name == "" {
			return &core.Invalid{Field: fmt.Sprintf("jwt.claims.%d.name", i), Reason: "want the name of a claim"}
		}
		for j, template := range c.Is {
			if err := checkPieces(s, fmt.Sprintf("jwt.claims.%d.is.%d", i, j), template); err != nil {
				return err
			}
		}
	}
	for field, n := range map[string]int{"jwt.age": s.JWT.Age, "jwt.life": s.JWT.Life, "jwt.skew": s.JWT.Skew} {
		if n < 0 {
			return &core.Invalid{Field: field, Reason: "want seconds, 0 or more"}
		}
	}
	return nil
}

func checkRequire(s *Scheme) error {
	for _, name := range slices.Sorted(maps.Keys(s.Require)) {
		if err := checkPieces(s, "require."+name, strings.TrimPrefix(s.Require[name], "?")); err != nil {
			return err
		}
	}
	return nil
}

func checkTemplate(s *Scheme) error {
	if s.Template == "" {
		return &core.Invalid{Field: "template", Reason: "want what is signed, as {body} or {ts}.{body}"}
	}
	if err := checkPieces(s, "template", s.Template); err != nil {
		return err
	}
	if s.Alg == "equal" != (s.Template == "{none}") {
		return &core.Invalid{Field: "template", Reason: "the algorithm equal goes with the template {none}, and no other does"}
	}
	return nil
}

// checkPieces looks at the tokens of a template.
func checkPieces(s *Scheme, field, template string) error {
	for _, p := range pieces(template) {
		if !p.token {
			continue
		}
		switch name, arg, _ := strings.Cut(p.text, ":"); {
		case !slices.Contains(tokens, name):
			return &core.Invalid{Field: field, Reason: fmt.Sprintf("{%s} is none of {%s}", p.text, strings.Join(tokens, "} {"))}
		case name == "ts" && s.TS.From == "":
			return &core.Invalid{Field: "ts", Reason: "the template uses {ts}: say where the timestamp stands"}
		case name == "id" && s.MsgID == "":
			return &core.Invalid{Field: "msg_id", Reason: "the template uses {id}: say where the message id stands"}
		case slices.Contains(withArgument, name) && arg == "":
			return &core.Invalid{Field: field, Reason: fmt.Sprintf("{%s} needs a name, as {%s:x}", name, name)}
		case (name == "sig" || name == "headers") && s.Sig.Format != "kv":
			return &core.Invalid{Field: field, Reason: fmt.Sprintf("{%s:KEY} needs the signature format kv", name)}
		case strings.HasPrefix(name, "sha") && (strings.HasPrefix(arg, "sha") || !slices.Contains(tokens, strings.SplitN(arg, ":", 2)[0])):
			return &core.Invalid{Field: field, Reason: fmt.Sprintf("{%s} needs one of {%s} to hash, as {%s:body}", name, strings.Join(tokens, "} {"), name)}
		}
	}
	return nil
}

func checkPlace(field, place string, kinds ...string) error {
	kind, name, ok := strings.Cut(place, ":")
	if !ok || name == "" || !slices.Contains(kinds, kind) {
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("want %s:NAME, got %q", strings.Join(kinds, ":NAME or "), place)}
	}
	return nil
}

func oneOf(field, got string, want ...string) error {
	if slices.Contains(want, got) {
		return nil
	}
	return &core.Invalid{Field: field, Reason: fmt.Sprintf("want one of %s, got %q", strings.Join(want, ", "), got)}
}
